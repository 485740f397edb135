# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the tests in this folder, each of which begins with
#     . "$(dirname "$0")/lib.sh"
# That starts it again in a guest, where it finds t/lib.sh, the hosts of
# hosts.sh, and what is here: a spool on the share, and workers of both clients.
# A test does its work for each of $versions.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${LAB_GUEST-}" ] || exec "$lab/guest" "$(readlink -f "$0")"
# shellcheck source=t/lib.sh
. "$lab/../../lib.sh"
# shellcheck source=t/lab/nfs/faults.sh
. "$lab/faults.sh"

# shellcheck disable=SC2034
versions=(3 4.2)
arch=$(dpkg --print-architecture)
spool=$share/spool	# as the server sees it
declare -A worker_pid=()

diag() {
	printf '# %s\n' "$@"
}

# Where something went wrong, what the workers said.
diag_logs() {
	local client
	for client in "${clients[@]}"; do
		[ "$failed" -eq 0 ] || sed "s/^/# $client: /" "$tmp/$client.log"
	done
}

# client_conf CLIENT ['KEY: VALUE'...]: as conf does it for one host.
client_conf() {
	local client=$1
	shift
	conf "spool: $mount/spool" "worker: $client" \
	    "scratch: $tmp/scratch-$client" "$@"
	mv "$tmp/adtspool.yaml" "$tmp/$client.yaml"
}

quick="autopkgtest: [$top/t/data/autopkgtest-quick]"

# The program on a client, with that configuration.
adtspool_on() { # CLIENT ARGUMENT...
	local client=$1
	shift
	on "$client" "$adtspool" -c "$tmp/$client.yaml" "$@"
}

worker_on() { # CLIENT
	move_to "$1" "$adtspool" -c "$tmp/$1.yaml" worker 2>>"$tmp/$1.log" &
	worker_pid[$1]=$!
}

stop_worker_on() { # CLIENT
	kill "${worker_pid[$1]}" && wait "${worker_pid[$1]}"
}

# A new spool, mounted by both clients, who are to work as configured.
spool_start() { # VERSION ['KEY: VALUE'...]
	local client version=$1
	shift
	for client in "${clients[@]}"; do
		mount_on "$client" "vers=$version" || return
		client_conf "$client" "$quick" "$@"
		: >"$tmp/$client.log"
	done
	adtspool_on a init
}

spool_stop() {
	local client
	for client in "${clients[@]}"; do
		umount_on "$client" || return
		rm -rf "$tmp/scratch-$client"
	done
	rm -rf "$spool"
}

# has_results COUNT: on the server.
has_results() {
	local found=("$spool"/results/autopkgtest/*/*/*/*/*@/result.json)
	[ -e "${found[0]}" ] && [ "${#found[@]}" -ge "$1" ]
}

ids_with_result() {
	find "$spool/results/autopkgtest" -name result.json -exec \
	    sed -n 's/^  "id": "\(.*\)",$/\1/p' {} +
} 2>/dev/null

results() {
	ids_with_result | wc -l
}

# What there should be nothing of when all requests are done.
left() {
	find "$spool/$arch"/{new,cur,bad,tmp,tries} -type f ! -name README \
	    ! -name .bell
	find "$spool/results/.staging" -mindepth 1
	find "$tmp"/scratch-* -mindepth 2
} 2>/dev/null

nothing_left() {
	! compgen -G "$spool/$arch/cur/*@*" && [ -z "$(left)" ]
} >/dev/null

hosts_start || { diag 'the hosts do not start'; exit 99; }
