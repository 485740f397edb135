#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Queues are held, workers drained, and what waits changes its place.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
conf "$quick" 'slots: 1' 'poll: 1s' 'heartbeat: 1s' 'lease: 6s'
adtspool init "$arch" "$arch.huge"
long=63.$$	# seconds, and what tells this test's sleeps from others

runs() { # a long test is running
	pgrep -fx "sleep $long"
}

results() { # PACKAGE
	find "$spool/results/autopkgtest" -path "*/$1/*" -name result.json \
	    2>/dev/null | wc -l
}

has() { # COUNT PACKAGE
	[ "$(results "$2")" = "$1" ]
}

problem() { # WORKER: what it says of itself
	sed -n 's/^  "problem": "\(.*\)",$/\1/p' "$spool/workers/$1"
}

end_tests() {
	local pid
	pid=$(pgrep -fx "sleep $long") && kill "$pid"
}

# A held queue, beside one that is not.
ok 'a queue is held' adtspool hold --reason 'disk swap' "$arch"
adtspool submit -q "$arch" adtpass >/dev/null
adtspool submit -q "$arch.huge" adtskip >/dev/null
QUICK_SLEEP=0 start_worker
ok 'the other queue goes on' wait_until 40 has 1 adtskip
sleep 3		# polls, in which it might have been claimed
is "$(results adtpass)" 0 '... and in the held one nothing is claimed'
status=$(adtspool status)
like "$status" "$arch +1 .* held" 'status shows it'
like "$status" "$(id -un) +hold,$arch: disk swap" '... with who and why'
like "$(adtspool status --json)" '"held": true' '... to programs, too'
ok 'it is released' adtspool release "$arch"
ok '... and what waited is run' wait_until 40 has 1 adtpass
stop_worker

# Between two polls, which are far from one another.
conf "$quick" 'slots: 1' 'poll: 1m'
adtspool hold "$arch"
adtspool submit -q "$arch" adtfail >/dev/null
: >"$tmp/worker.log"
QUICK_SLEEP=0 start_worker
ok 'a worker starts' wait_until 20 grep -q '"state": "running"' \
    "$spool/workers/here"
sleep 1
is "$(results adtfail)" 0 '... and sees at once what is held'
adtspool release "$arch"
ok '... and that it is released' wait_until 20 has 1 adtfail
conf "$quick" 'slots: 1' 'poll: 1s' 'heartbeat: 1s' 'lease: 6s'
adtspool release "$arch" 2>/dev/null
is $? 66 'what is not held cannot be released'
adtspool hold nonsense 2>/dev/null
is $? 78 'a queue that is not there cannot be held'
stop_worker

# A worker is drained: what runs is finished, and then it waits.
QUICK_SLEEP=$long start_worker
adtspool submit -e A=1 adtpass >/dev/null
ok 'a test runs' wait_until 40 runs
timeout 60 "$adtspool" -c "$tmp/adtspool.yaml" drain --wait \
    --reason 'new kernel' here &
drain=$!
ok 'the worker hears of it' wait_until 40 \
    grep -q 'drained by .*: new kernel' "$spool/workers/here"
adtspool submit -e A=2 adtpass >/dev/null
ok '... finishes what runs' runs
ok '... for which the command waits' kill -0 "$drain"
end_tests
wait "$drain"
is $? 0 '... until nothing runs'
is "$(find "$spool/$arch/cur" -name '*@*')" '' '... in cur'
like "$(adtspool status)" "here +running +0/1 .*drained by $(id -un): new" \
    'status says why'
sleep 2
is "$(find "$spool/$arch/cur" -name '*@*')" '' 'nothing more is claimed'
stop_worker
ok 'it stops as always' test $? = 0
output=$(QUICK_SLEEP=0 adtspool worker --drain 2>&1)
is $? 75 'started anew, it is still drained'
like "$output" 'not all could be run: drained by .*: new kernel' \
    '... and says so'
QUICK_SLEEP=0 adtspool worker --drain --name there 2>/dev/null
is "$(results adtpass)" 3 'another worker is not'
ok 'it is released' adtspool release here
adtspool submit -e A=3 adtpass >/dev/null
QUICK_SLEEP=0 adtspool worker --drain 2>/dev/null
is "$(results adtpass)" 4 '... and claims again'

# All of a host.
host=$(sed -n 's/^  "host": "\(.*\)",$/\1/p' "$spool/workers/here")
adtspool drain --host "$host"
adtspool submit -e A=4 adtpass >/dev/null
for name in here there; do
	QUICK_SLEEP=0 adtspool worker --drain --name "$name" 2>/dev/null
	is $? 75 "$name is drained with its host"
	like "$(problem "$name")" '^host drained by ' '... and says so'
done
ok 'the host is released' adtspool release "$host"
adtspool drain nobody 2>/dev/null
is $? 66 'a worker that never was cannot be drained'

# A changed priority is kept on the way back, and served first.
a=$(adtspool submit --priority 2 -e A=5 adtfail | cut -d ' ' -f 1)
is "$(adtspool priority 9 "$a")" "$a $arch adtfail waiting: changed" \
    'a priority is changed'
like "$(find "$spool/$arch/new" -name "adtfail,*")" \
    "/01-[0-9T]+/adtfail,$a,p9,e[2-9],a0\$" '... which its name tells'
adtspool priority 11 "$a" 2>/dev/null
is $? 64 'there is no priority above 10'
QUICK_SLEEP=$long start_worker
wait_until 40 runs
like "$(ls "$spool/$arch/cur")" "adtfail,$a,p9" 'it is served first'
is "$(adtspool priority 3 "$a" 2>&1; echo $?)" \
    "adtspool: $a: is running in $arch
66" 'what runs has no place to change'
adtspool hold "$arch"
adtspool kill --wait "$a" >/dev/null
like "$(find "$spool/$arch/new" -name "adtfail,*")" ",p9,e[0-9]+,a1\$" \
    '... and keeps it when it waits again'
stop_worker
done_testing
