#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Workers that share a spool take over from one another, and do no harm when
# they come back.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'lease: 6s' \
    'heartbeat: 1s' 'attempts: 2'
adtspool init
long=61.$$	# seconds, and what tells this test's sleeps from others
results=0

# start NAME SECONDS: a worker of that name, whose tests take so long.
declare -A pid
start() {
	QUICK_SLEEP=$2 "$adtspool" -c "$tmp/adtspool.yaml" worker --name "$1" \
	    2>>"$tmp/$1.log" &
	pid[$1]=$!
	wait_until 40 grep -qz "\"state\": \"running\".*\"pid\": ${pid[$1]}," \
	    "$spool/workers/$1"
}

stop() { # NAME
	kill "${pid[$1]}" && wait "${pid[$1]}"
}

end() { # NAME: at once, as a power cut would
	kill -9 "${pid[$1]}"
	wait "${pid[$1]}" 2>/dev/null
}

runs() { # a long test is running
	pgrep -fx "sleep $long"
}

gone() {
	! runs
}

count() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

has() { # COUNT results
	[ "$(count)" = "$1" ]
}

field() { # KEY: from the newest result
	find "$spool/results/autopkgtest" -name result.json -printf '%T@ %p\n' |
	    sort -n | tail -n 1 | cut -d ' ' -f 2 |
	    xargs sed -n "s/^  \"$1\": \(.*\),\$/\1/p"
}

left() {
	find "$spool/$arch"/{cur,bad,tmp,tries} -type f ! -name README
	find "$spool/results/.staging" -mindepth 1
	find "$tmp/scratch" -mindepth 2
}

nothing_left() {
	[ -z "$(left)" ]
}

says() { # NAME TEXT
	grep -q "$2" "$tmp/$1.log"
}

# A host dies in the middle of a test.
start a "$long"
adtspool submit -e A=1 adtpass >/dev/null
ok 'the first worker runs a test' wait_until 40 runs
start b 0
end a
results=$((results + 1))
ok 'a second one takes it over when the first has died' \
    wait_until 40 has $results
is "$(field attempt) $(field worker)" '2 "b"' '... as the second attempt'
ok '... and says why' says b 'its worker a ended, or showed no heartbeat'
ok '... and nothing of it is left' wait_until 40 gone
is "$(find "$spool/$arch/cur" "$spool/results/.staging" -name '*@*')" '' \
    '... in cur/ or in staging'
stop b

# A worker sleeps for longer than its lease, and wakes up.
start a "$long"
adtspool submit -e A=2 adtpass >/dev/null
wait_until 40 runs
start b 0
kill -STOP "${pid[a]}"
ok 'a worker that is stopped has its test ended' wait_until 40 gone
is "$(count)" "$results" '... at half of its lease, before anybody takes over'
results=$((results + 1))
ok '... and after all of it another worker runs it' wait_until 40 has $results
: >"$tmp/a.log"
kill -CONT "${pid[a]}"
ok 'woken up, it finds that its request was taken away' \
    wait_until 40 says a 'was taken away meanwhile'
stop b
adtspool submit -e A=3 adtpass >/dev/null
ok '... and goes on with the next' wait_until 40 runs
is "$(count)" "$results" '... while there is one result of each before'
end a
ok 'its test ends with it' wait_until 40 gone
start b 0
results=$((results + 1))
ok '... and is taken over' wait_until 40 has $results
ok '... and nothing is left of all this' wait_until 40 nothing_left
stop b

# What is claimed under a name without a heartbeat is taken over, too.
token=adtpass,aaaaaaaaaaaa,p5,e1,a0
echo adtpass >"$spool/$arch/cur/$token@ghost"
start b 0
results=$((results + 1))
ok "a claim of nobody's is taken over" wait_until 40 has $results
stop b

# A request that kills each of its workers.
adtspool submit -e A=4 adtpass >/dev/null
start a "$long"
wait_until 40 runs
end a
wait_until 40 gone
start b "$long"
ok 'a request that killed its worker runs on another one' wait_until 40 runs
end b
wait_until 40 gone
start a 0
buried() {
	[ -n "$(find "$spool/$arch/bad" -name 'adtpass,*.why')" ]
}
ok '... and when it killed that as well, it is buried' wait_until 40 buried
why=$(cat "$spool/$arch"/bad/adtpass,*.why)
like "$why" 'its worker b ended, or .* 2 attempts are used up' \
    '... with its reason'
like "$why" 'attempt 1, on a: its worker a ended' '... and its history'
rm "$spool/$arch"/bad/adtpass,*

# Two processes under one name, as without locks: the first finds out.
sed -i 's/"life": "[^"]*"/"life": "zzzzzzzzzzzz"/' "$spool/workers/a"
wait "${pid[a]}"
is $? 75 'a worker whose name somebody else has taken ends'
ok '... and says so' says a 'another worker of this name has started'
is "$(left)$(count)" "$results" '... and leaves nothing behind'

done_testing
