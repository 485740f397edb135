#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server is away for a while; a client is, until the server has forgotten
# it.  Workers wait, and go on by themselves.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "$0")/lib.sh"

submit_some() { # COUNT
	local i
	for ((i = 0; i < $1; i++)); do
		adtspool_on b submit -e "N=$EPOCHREALTIME" adtpass >/dev/null
	done
	wanted=$((wanted + $1))
}

are_all_there() {
	has_results "$wanted" && nothing_left
}

beat() { # CLIENT: the number of its heartbeat
	sed -n 's/^  "beat": \(.*\),$/\1/p' "$spool/workers/$1"
}

beats_on() { # CLIENT BEAT: it has gone on from there
	[ "$(beat "$1")" -gt "$2" ]
}

server_away() {
	submit_some 6
	wait_until 20 compgen -G "$spool/$arch/cur/*@a"
	server_stop
	pause 12
	server_again
	ok "v$version: the server is away for a while; all is done afterwards" \
	    wait_until 60 are_all_there
	last=$(beat a)
	ok '... and the worker beats again' wait_until 20 beats_on a "$last"
}

# NFSv4 has leases of 10 s here: what their end does, the server does at once.
forget_clients() {
	local client
	for client in /proc/fs/nfsd/clients/*/ctl; do
		[ ! -e "$client" ] || echo expire >"$client"
	done
} 2>/dev/null

client_away() {
	local link=s${host_number[a]}
	submit_some 4
	wait_until 20 compgen -G "$spool/$arch/cur/*@a"
	ip link set "$link" down
	pause 8
	forget_clients
	submit_some 2
	pause 3
	ip link set "$link" up
	ok "v$version: a is away and forgotten; all is done afterwards" \
	    wait_until 60 are_all_there
	last=$(beat a)
	ok '... and its worker beats again' wait_until 20 beats_on a "$last"
	stop_worker_on b
	submit_some 1
	ok '... and takes the next request' wait_until 30 are_all_there
}

export QUICK_SLEEP=2
for version in "${versions[@]}"; do
	wanted=0
	spool_start "$version" 'heartbeat: 2s' 'lease: 60s'
	worker_on a
	worker_on b
	server_away
	client_away
	is "$(results) $(ids_with_result | sort -u | wc -l)" \
	    "$wanted $wanted" '... and each request has one result'
	stop_worker_on a
	is $? 0 '... and the worker stops when it is told to'
	is "$(left)" '' '... and nothing is left'
	diag_logs
	spool_stop
done
done_testing
