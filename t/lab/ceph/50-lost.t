#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host is lost, sleeps, or is cut off: the other one takes over what it had,
# once, and takes no harm.
limit=180
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
lab_up 'slots: 4' 'lease: 6s' 'attempts: 9'
# A client that does not give back what it holds is thrown out after this time;
# without it after 60 seconds, for which the other one hangs.
ok 'the MDS has little patience with lost clients' \
    ceph daemon mds.a config set mds_cap_revoke_eviction_timeout 1

cur_has() { # REGEX
	[ -n "$(find "$spool/$arch/cur" -regex ".*/$1")" ]
}

runs_on() { # a|b COUNT
	[ "$(find "$spool/$arch/cur" -name "*,e[1-9]*@$1" | wc -l)" = "$2" ]
}

done_by() { # a|b COUNT
	[ "$(find "$spool/$arch/done" -name "*@$1" | wc -l)" -ge "$2" ]
}

# The worker and all that it has started, but not the client.
tree() { # PID
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do
		tree "$child"
	done
}

signal() { # SIGNAL PID...
	kill -s "$@" 2>/dev/null
	:
}

asked=0
ask() { # COUNT
	local until=$((asked + $1))
	for ((asked++; asked <= until; asked++)); do
		on b submit -e "N=$asked" adtpass >/dev/null
	done
	asked=$until
}

all_once() { # DESCRIPTION
	local all
	mapfile -t all < <(seq 1 $asked)
	exactly_once "$1" "${all[@]}"
}

# Nothing is lost: each sees the other's heartbeat, and leaves it alone.
QUICK_SLEEP=12 start a
ask 1
ok 'a runs a test that takes two leases' wait_until 20 runs_on a 1
start b
ok '... to its end, and b leaves it alone' wait_until 30 published 1
like "$(find "$spool/$arch/done" -name 'adtpass,*')" ',e1,a0@a$' \
    '... so that it is the first attempt'
stop a b

# The host of a is lost, with two tests and a file that has not settled.
conf_on a 'slots: 4' 'lease: 6s' 'attempts: 9' 'settle: 60s'
QUICK_SLEEP=1000 start a
ask 2
ok 'a runs two tests' wait_until 20 runs_on a 2
asked=$((asked + 1))
printf 'package: adtpass\nenv: [N=%s]\n' $asked >"$spool/$arch/new/drop"
ok '... and has claimed a dropped file' wait_until 20 cur_has 'drop,.*,e0,.*@a'
start b
begin=$(now_ms)
lose a
ask 1
ok 'a is lost, and b goes on' wait_until 30 done_by b 1
note "and does the next request within $(($(now_ms) - begin)) ms"
ok '... and takes over what a had' wait_until 60 published $asked
note "and has done it within $(($(now_ms) - begin)) ms"
all_once 'a lost host'

# It comes back.
ok 'a comes back' client_start a
conf_on a 'slots: 4' 'lease: 6s' 'attempts: 9'
stop b
QUICK_SLEEP=1 start a
ask 1
ok '... and works' wait_until 20 published $asked

# The worker alone stops for longer than its lease, and goes on.
ask 1
ok 'a runs a test' wait_until 20 runs_on a 1
signal STOP "${workers[a]}"
start b
ok '... and is stopped: b runs it' wait_until 40 published $asked
signal CONT "${workers[a]}"
ok '... and a finds that out' wait_until 20 says a 'was taken away meanwhile'
ask 4
ok '... and both go on' wait_until 20 published $asked
all_once 'a stopped worker'

# All that the host runs stops, as when a virtual machine is paused.
stop b
ask 1
ok 'a runs a test' wait_until 20 runs_on a 1
mapfile -t frozen < <(tree "${workers[a]}")
signal STOP "${frozen[@]}" "$(cat "$ceph/client-a.pid")"
start b
ok '... and its host sleeps: b runs it' wait_until 40 published $asked
signal CONT "${frozen[@]}" "$(cat "$ceph/client-a.pid")"
ask 2
ok '... and goes on when a wakes up' wait_until 20 published $asked
all_once 'a host that slept'
ok '... but has lost its mount, and says so' wait_until 20 says a \
    'taken no heartbeat of this worker'
like "$(on b status)" 'a +silent' '... and the others see that it is silent'

# Somebody mounts it again, and the same worker goes on.
stop b
client_kill a
ok 'a is mounted again' client_start a
ask 1
ok '... and works, where b has stopped' wait_until 20 published $asked
stop a
is $? 0 '... and stops'
all_once 'in the end'
done_testing
