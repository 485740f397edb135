#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What NFS promises, and adtspool's documentation with it: locks between
# clients, and what a power cut of the server leaves of what was acknowledged.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "$0")/lib.sh"

b_can_lock() { # FILE
	on b flock -n "$mount/$1" true
}

# A worker's name is used once, whatever locks there are.
locks() { # OPTIONS, whether b is kept out
	local locked=no
	spool_start "$1" 'heartbeat: 1s' 'lease: 30s'
	worker_on a
	wait_until 20 grep -q '"running"' "$spool/workers/a"
	b_can_lock spool/workers/a || locked=yes
	is $locked "$2" "vers=$1: does a's lock keep b out? $2"
	adtspool_on b worker --drain --name a 2>"$tmp/said"
	is $? 75 '... a second worker of this name does not start on b'
	like "$(cat "$tmp/said")" 'a worker of this name runs' \
	    '... and is told why'
	kill -0 "${worker_pid[a]}"
	is $? 0 '... and the first one goes on'
	stop_worker_on a
	spool_stop
}

locks_after_restart() { # VERSION
	local locked=no
	mount_on a "vers=$1"
	mount_on b "vers=$1"
	on a touch "$mount/lock"
	move_to a flock --no-fork "$mount/lock" sleep 60 &
	wait_until 10 eval '! b_can_lock lock'
	server_crash
	server_again
	on a touch "$mount/lock"
	wait_until 15 b_can_lock lock || locked=yes
	is $locked yes "v$1: a lock outlives the server"
	kill $!
	wait $! 2>/dev/null
	umount_on a
	umount_on b
}

count_requests() { # on the server
	find "$spool/$arch/new" -type f -name '*adtpass*' -size +0 | wc -l
}

# Three requests each, and the power is gone the moment after.
power_cut() { # VERSION sync|async
	local i
	export_as=$2
	server_stop
	server_again
	spool_start "$1"
	# The spool itself is not what is looked at; nor is the disk's own habit
	# of writing out what it has every five seconds.
	mount -o remount,commit=300 "$share"
	sync
	for i in 1 2 3; do
		adtspool_on a submit -e "N=$i" adtpass >/dev/null
		on a sh -c "echo adtpass >$mount/spool/$arch/tmp/adtpass$i &&
		    mv $mount/spool/$arch/tmp/adtpass$i $mount/spool/$arch/new/"
	done
	before=$(count_requests)
	each_reply cut
	server_power_cut
	server_again
	each_reply mend
	after=$(count_requests)
	spool_stop
}

each_reply() { # cut|mend
	local client
	for client in "${clients[@]}"; do
		"replies_$1" "$client"
	done
}

for version in "${versions[@]}"; do
	locks "$version" yes
	locks_after_restart "$version"
	power_cut "$version" sync
	is "$before $after" '6 6' "v$version: what was acknowledged outlives a\
 power cut of the server"
	power_cut "$version" async
	diag "v$version: exported as async: $after of $before outlive it"
done
export_as=sync
locks 3,nolock no

spool_start 4.2
for client in "${clients[@]}"; do
	# shellcheck disable=SC2016
	diag "$client: $(on "$client" stat -f -c '%T (0x%t): %b blocks of %S,
%a free; %c inodes, %d free; names of %l' "$mount" | paste -sd ' ')"
done
is "$(on a stat -f -c %t "$mount")" 6969 'statfs tells that it is NFS'
spool_stop
done_testing
