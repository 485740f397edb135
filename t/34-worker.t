#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The worker's manners: it stops, gives back, tries again, and gives up.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
conf "$quick"
adtspool init

runs() { # a test is running
	[ -n "$(find "$spool/$arch/cur" -name '*@*')" ] &&
	    grep -q 'started' "$tmp/worker.log"
}

results() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

field() { # KEY: from the newest result
	find "$spool/results/autopkgtest" -name result.json -printf '%T@ %p\n' |
	    sort -n | tail -n 1 | cut -d ' ' -f 2 |
	    xargs sed -n "s/^  \"$1\": \(.*\),\$/\1/p"
}

gone() { # nothing of a long run is left
	! pgrep -fx "sleep $long"
}

long=100.$$	# seconds, and what tells this test's sleeps from others

# A stop in the middle.
export QUICK_SLEEP=2
adtspool submit adtpass >/dev/null
start_worker
ok 'the test runs' wait_until 60 runs
like "$(adtspool status)" 'here +running +1/2' 'status shows the worker'
like "$(adtspool status)" "adtpass +$arch +here" '... and what it runs'
stop_worker
is "$? $(results)" '0 1' 'SIGTERM finishes what runs'

conf "$quick" 'on-stop: give-back'
QUICK_SLEEP=$long start_worker
: >"$tmp/worker.log"
adtspool submit -e A=1 adtpass >/dev/null
wait_until 60 pgrep -fx "sleep $long"
stop_worker
is "$? $(results)" '0 1' 'on-stop: give-back ends at once'
like "$(find "$spool/$arch/new" -name 'adtpass,*')" ',p5,e2,a0$' \
    '... and the request waits again, no attempt used up'
ok '... nothing of it runs any more' gone
is "$(find "$tmp/scratch" -mindepth 2; ls "$spool/results/.staging")" '' \
    '... and nothing of it is left'

# A worker that is killed takes its tests along, and the next one takes over.
: >"$tmp/worker.log"
QUICK_SLEEP=$long start_worker
wait_until 60 pgrep -fx "sleep $long"
kill -9 "$worker"
wait "$worker" 2>/dev/null
ok 'kill -9 of the worker ends its tests' wait_until 60 gone
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
is "$(results)" 2 '... and after a restart the request runs again'
like "$(cat "$tmp/worker.log")" 'its worker ended while it ran; goes back' \
    '... which the log tells'
like "$(field attempt)" '^2$' '... as the second attempt'

# A name is used once.
: >"$tmp/worker.log"
start_worker
ok 'the worker is there' wait_until 60 \
    grep -q 'worker here: 2 slots' "$tmp/worker.log"
output=$(adtspool worker --drain 2>&1)
is $? 75 'a second worker of the same name does not start'
like "$output" 'a worker of this name runs already' '... and says why'
ok 'one of another name does' adtspool worker --drain --name there
stop_worker

# Testbed failures are tried again, later, until the budget is used up.
conf 'attempts: 2' 'backoff: 1h'
adtspool submit adtlost >/dev/null
: >"$tmp/worker.log"
adtspool worker --drain 2>"$tmp/worker.log"
like "$(cat "$tmp/worker.log")" \
    'failure \(exit 16\): .*; attempt 1 of 2, goes back for 3600 s' \
    'a testbed failure goes back'
like "$(find "$spool/$arch/new" -name 'adtlost,*')" ',e2,a1$' \
    '... with one attempt used up'
is "$(results)" 2 '... and is not published'
ADTSPOOL_CLOCK_OFFSET=3700 adtspool worker --drain 2>"$tmp/worker.log"
is "$(results)" 3 'the last attempt is published'
like "$(field status) $(field exit_code)" '^"tmpfail" 16$' '... as tmpfail'

# A whole run has a limit.
conf "$quick" 'timeout: 1s' 'attempts: 1'
QUICK_SLEEP=$long adtspool submit -e B=1 adtpass >/dev/null
QUICK_SLEEP=$long adtspool worker --drain 2>"$tmp/worker.log"
like "$(field exit_code) $(field message)" '^16 "Killed: the run took longer' \
    'a run that takes too long is killed'

# A request that kills its workers is buried, with its history.
conf "$quick" 'attempts: 2'
adtspool submit -e C=1 adtpass >/dev/null
for _ in 1 2; do
	: >"$tmp/worker.log"
	QUICK_SLEEP=$long start_worker
	wait_until 60 pgrep -fx "sleep $long"
	kill -9 "$worker"
	wait "$worker" 2>/dev/null
	wait_until 60 gone	# or the next round would see it
done
adtspool worker --drain 2>"$tmp/worker.log"
like "$(cat "$spool/$arch"/bad/*.why)" \
    'its worker ended while it ran, and 2 attempts are used up' \
    'what kills its workers ends in bad/'
mv "$spool/$arch"/bad/adtpass,*@here "$spool/$arch/new/"
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
is "$(results)" 5 'moved back to new/ by hand, it runs'

# A host that cannot run anything leaves the requests to others.
conf 'autopkgtest: [/nonexistent/autopkgtest]'
adtspool submit -e D=1 adtpass >/dev/null
output=$(adtspool worker --drain 2>&1)
is "$? $(results)" '75 5' 'a host without autopkgtest publishes nothing'
like "$output" '/nonexistent/autopkgtest: No such file' '... and says why'
like "$(find "$spool/$arch/new" -name 'adtpass,*')" ',e2,a0$' \
    '... and uses no attempt up'
like "$(adtspool status)" 'this host cannot run tests' '... and status tells'
conf "$quick"
QUICK_SLEEP=0 adtspool worker --drain 2>"$tmp/worker.log"
is "$(results)" 6 '... and another one can run it'

# What is dropped wakes the worker at once.
unset QUICK_SLEEP
conf "$quick" 'poll: 60s'
: >"$tmp/worker.log"
start_worker
wait_until 60 grep -q 'worker here' "$tmp/worker.log"
echo 'adtskip' >"$tmp/x" && mv "$tmp/x" "$spool/$arch/new/"
ok 'a drop is noticed long before the next poll' wait_until 30 \
    grep -q 'adtskip: started' "$tmp/worker.log"
stop_worker

done_testing
