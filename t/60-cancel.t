#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requests and attempts are ended from outside, whatever they are doing.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
conf "$quick" 'slots: 1' 'attempts: 2' 'backoff: 1h'
adtspool init
long=62.$$	# seconds, and what tells this test's sleeps from others

submit() { # ARGUMENT...: prints the id
	adtspool submit "$@" | cut -d ' ' -f 1
}

runs() { # a long test is running
	pgrep -fx "sleep $long"
}

gone() {
	! runs
}

tokens() { # ID: where it is, below the queue
	(cd "$spool/$arch" && find new cur 'done' bad -name "*,$1,*" \
	    ! -name '*.why')
}

running() { # the id of what runs
	find "$spool/$arch/cur" -name '*@*' | cut -d , -f 2
}

why() { # ID
	cat "$spool/$arch"/bad/*,"$1",*.why
}

left() { # what is left of control
	find "$spool/control" -type f ! -name README
}

links() {
	find "$spool/$arch/pending" -type l | wc -l
}

results() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

# Nothing runs yet: the command itself does it.
a=$(submit -e A=1 adtpass)
b=$(submit -e A=2 -t glibc/2.42-1 adtpass)
c=$(submit -e A=3 -s testing adtskip)
d=$(submit -e A=4 adtfail)
is "$(adtspool cancel --dry-run --matching '^glibc/')" \
    "$b $arch adtpass waiting: chosen" 'a trigger chooses'
is "$(links)" 4 '... and a dry run does nothing'
is "$(adtspool cancel --reason 'a typo' "$a")" \
    "$a $arch adtpass waiting: cancelled" 'what waits is cancelled at once'
like "$(tokens "$a") $(why "$a")" \
    "^bad/adtpass,$a,.* cancelled by $(id -un): a typo\. To try again: mv " \
    '... and is in bad, with who and why'
is "$(links) $(left)" '3 ' '... and nothing waits for it or asks for it'
like "$(adtspool cancel --json -p adtskip -s testing)" \
    '"outcome": "cancelled"' 'a package and a suite choose'
is "$(adtspool cancel -p adtskip -s testing 2>&1; echo $?)" \
    'adtspool: nothing that is meant waits or runs
66' 'what is not there is told'
is "$(adtspool cancel "$a" 2>&1; echo $?)" "adtspool: $a: is bad in $arch
66" '... and what has ended'
adtspool cancel >/dev/null 2>&1
is $? 64 'nothing is chosen by saying nothing'
adtspool cancel --matching '(' 2>/dev/null
is $? 64 '... or by what is no expression'
mv "$spool/$arch/$(tokens "$c")" "$spool/$arch/new/adtskip"
like "$(tokens "$d")" "^new/" 'the others wait'

adtspool cancel "$d" >/dev/null

# Running: its worker does it, long before its next poll.
conf "$quick" 'slots: 1' 'attempts: 2' 'backoff: 1h' 'poll: 60s'
QUICK_SLEEP=$long start_worker
ok 'a test runs' wait_until 40 runs
adtspool submit -e A=5 adtpass >/dev/null
x=$(running)
is "$(adtspool cancel --wait "$x" | cut -d ' ' -f 4-)" 'running: cancelled' \
    'what runs is cancelled'
like "$(tokens "$x") $(why "$x")" \
    "^bad/[a-z]+,$x,p5,e[0-9]+,a0@here .*cancelled by" \
    '... and is in bad, once'
ok '... and the next one runs' wait_until 40 runs

# A killed attempt is one that failed.
x=$(running)
is "$(adtspool kill --wait --reason stuck "$x" | cut -d ' ' -f 4-)" \
    'running: ended' 'an attempt is killed'
like "$(tokens "$x")" "^new/.*,p5,e[0-9]+,a1\$" \
    '... and waits for the next one, with one used up'
like "$(cat "$spool/$arch/tries/$x.a0")" \
    "attempt 1, on here: killed by $(id -un): stuck" '... which is told'
ok '... and another one runs' wait_until 40 runs
is "$(adtspool kill "$x" 2>&1; echo $?)" \
    "adtspool: $x: is waiting in $arch
66" 'what waits cannot be killed'

# By hand, without the program.
x=$(running)
touch "$spool/control/cancel,$x"
ok 'touch(1) cancels' wait_until 40 why "$x"
like "$(why "$x")" "cancelled by $(id -un)\. To" '... as its owner'
ok '... and the worker removes the file' wait_until 40 \
    sh -c "[ ! -e '$spool/control/cancel,$x' ]"
adtspool cancel --wait --matching . >/dev/null
is "$(find "$spool/$arch"/{new,cur} -name '*,*') $(left) $(results)" '  0' \
    'all are cancelled, and there was no result in all of this'
ok '... and none is left running' wait_until 40 gone
stop_worker

# Its worker dies instead: whoever has it next sees to it.
conf "$quick" 'slots: 1' 'attempts: 2' 'lease: 6s' 'heartbeat: 1s' \
    'backoff: 0s'
f=$(submit -e A=6 adtpass)
QUICK_SLEEP=$long start_worker
ok 'one more runs' wait_until 40 runs
kill -STOP "$worker"
is "$(adtspool cancel "$f" | cut -d ' ' -f 4-)" 'running: asked' \
    'of a worker that hangs it is asked'
kill -9 "$worker"
wait "$worker" 2>/dev/null
wait_until 40 gone
is "$(tokens "$f")" "cur/adtpass,$f,p5,e1,a0@here" '... which dies'
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
like "$(tokens "$f") $(why "$f")" \
    "^bad/.*,$f,p5,e[0-9]+,a1@here .*cancelled by .*its worker ended" \
    '... and the next one refuses it'
is "$(results) $(left)" '0 ' '... without a result'

# A result that is there already stays.
g=$(submit -e A=7 adtpass)
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
touch "$spool/control/cancel,$g"
is "$(adtspool cancel "$g" 2>&1; echo $?)" "adtspool: $g: is done in $arch
66" 'what has a result is not cancelled'
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
is "$(results) $(left)" '1 ' '... and the file goes'
touch "$spool/control/kill,adtpass,$g,p5,e1,a0@there"
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
is "$(left)" '' '... as does that of an attempt which is over'

# An attempt that was the last is refused.
conf "$quick" 'slots: 1' 'attempts: 1'
h=$(submit -e A=8 adtpass)
QUICK_SLEEP=$long start_worker
wait_until 40 runs
adtspool kill --wait "$h" >/dev/null
like "$(tokens "$h") $(why "$h")" \
    "^bad/.*,$h,.* killed by .*, 1 times" \
    'what is killed in its last attempt is refused'
stop_worker
ok 'nothing of it runs any more' gone

# Who may: by the modes of the folders alone.
if [ "$(id -u)" = 0 ]; then
	copy_programs "$tmp/bin"
	chmod 755 "$tmp"
	k=$(submit -e A=9 adtpass)
	as_nobody "$tmp/bin/adtspool" -c "$tmp/adtspool.yaml" cancel "$k" \
	    >"$tmp/output"
	is "$?" 77 'who may not write to control may not cancel'
	like "$(cat "$tmp/output") $(tokens "$k")" \
	    'control: .*Permission denied new/' '... and is told'
	chmod 777 "$spool/control"
	is "$(as_nobody "$tmp/bin/adtspool" -c "$tmp/adtspool.yaml" \
	    cancel "$k" | cut -d ' ' -f 4-)" 'waiting: asked' \
	    'who may only do that may ask'
	QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
	like "$(tokens "$k") $(why "$k")" \
	    "^bad/.* cancelled by (nobody|uid-65534)\." \
	    '... and a worker does it, with his name'
	is "$(left)" '' '... and removes the file'
fi

# A spool of before that folder.
rm -r "$spool/control"
x=$(submit -e A=10 adtpass)
output=$(adtspool cancel "$x" 2>&1)
like "$? $output" '^78 .*control is missing; make it with: adtspool init' \
    'without the folder nobody can ask'
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
like "$(cat "$tmp/worker.log") $(tokens "$x")" \
    'control: No such file.* done/' '... but tests run, and the worker says so'
done_testing
