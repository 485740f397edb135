#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client dies, freezes or loses the network in the middle of a run: the other
# takes over after the lease, and what comes back does no harm.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "$0")/lib.sh"

group=/sys/fs/cgroup/a	# all that runs on a

runs_on() { # CLIENT
	compgen -G "$spool/$arch/cur/*,e[1-9]*@$1"
}

# A run on a, which does not end by itself, and b to take over.
start_run() {
	QUICK_SLEEP=600 worker_on a
	wanted=$((wanted + 1))
	adtspool_on b submit -e "N=$wanted" adtpass >/dev/null
	wait_until 20 runs_on a
	QUICK_SLEEP=0 worker_on b
	pause 2
}

newest() { # KEY: of the newest result
	find "$spool/results/autopkgtest" -name result.json -printf '%T@ %p\n' |
	    sort -n | tail -n 1 | cut -d ' ' -f 2 |
	    xargs sed -n "s/^  \"$1\": \(.*\),\$/\1/p"
}

taken_over() { # WHY
	local start=$SECONDS
	ok "v$version: $1; b takes over" wait_until 40 \
	    has_results "$wanted"
	diag "after $((SECONDS - start)) s"
	is "$(newest worker) $(newest attempt)" '"b" 2' \
	    '... as the second attempt'
}

no_harm() { # after a has come back
	ok '... a comes back and finds it gone' wait_until 40 grep -q \
	    'was taken away meanwhile' "$tmp/a.log"
	ok '... nothing is left' wait_until 20 nothing_left
	is "$(results) $(ids_with_result | sort -u | wc -l)" \
	    "$wanted $wanted" '... and each request has one result'
	stop_worker_on a
	is $? 0 '... and a has gone on'
	stop_worker_on b
	: >"$tmp/a.log"
}

dies() {
	start_run
	echo 1 >"$group/cgroup.kill"
	wait "${worker_pid[a]}" 2>/dev/null
	taken_over 'host a dies'
	stop_worker_on b
	rm -rf "$tmp/scratch-a"
	is "$(left)" '' '... nothing is left'
}

is_stopped() {
	start_run
	kill -STOP "${worker_pid[a]}"
	taken_over 'worker a is stopped'
	kill -CONT "${worker_pid[a]}"
	no_harm
}

is_frozen() {
	start_run
	echo 1 >"$group/cgroup.freeze"
	taken_over 'host a is frozen'
	echo 0 >"$group/cgroup.freeze"
	no_harm
}

is_cut_off() {
	start_run
	ip link set s1 down
	taken_over 'host a loses the network'
	ip link set s1 up
	no_harm
}

for version in "${versions[@]}"; do
	wanted=0
	spool_start "$version" 'lease: 6s' 'heartbeat: 1s'
	dies
	case $version in
	3) is_stopped ;;
	*) is_frozen ;;
	esac
	is_cut_off
	diag_logs
	spool_stop
done
done_testing
