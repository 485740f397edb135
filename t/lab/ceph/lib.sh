# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the tests on CephFS, each of which begins with
#     limit=SECONDS
#     . "$(dirname "$0")/lib.sh"
# and then has a spool on a filesystem that two clients mounted, $ceph/a and
# $ceph/b, and a configuration for each, as if they were two hosts.  What does
# not end within the limit, or hangs, is ended with all of it (see apart).

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
quick="autopkgtest: [$lab/../../data/autopkgtest-quick]"

# Says why this machine cannot mount a CephFS of its own.
cannot() {
	local program
	[ "$(id -u)" -eq 0 ] || { echo 'only root can mount'; return; }
	(: <>/dev/fuse) 2>/dev/null || { echo 'no /dev/fuse'; return; }
	unshare --mount --pid --net --fork --mount-proc true 2>/dev/null ||
	    { echo 'no namespaces can be made'; return; }
	for program in ceph ceph-mon ceph-osd ceph-mds ceph-fuse ip setfattr
	do
		command -v $program >/dev/null ||
		    echo "$program is not installed (t/deps lab-ceph)"
	done
}

if [ "${LAB_CEPH-}" != apart ]; then
	reasons=$(cannot)
	[ -z "$reasons" ] || { echo "1..0 # SKIP $reasons"; exit 0; }
	LAB_CEPH=apart exec "$lab/apart" "${limit:?}" "$0" "$@"
fi

# shellcheck source=t/lib.sh
. "$lab/../../lib.sh"
# shellcheck source=t/lab/ceph/cluster.sh
. "$lab/cluster.sh"
trap - EXIT	# what was made here goes with the namespaces
arch=$(dpkg --print-architecture)
declare -A workers

note() {
	printf '# %s\n' "$*"
}

# lab_up ['KEY: VALUE'...]: the filesystem, the configurations of a and b, and
# the spool.
lab_up() {
	cluster_up "$tmp/ceph" >"$tmp/why" || {
		report 'not ok' 'there is a CephFS'
		sed 's/^/# /' "$tmp/why"
		done_testing
		exit 1
	}
	spool=$ceph/b/spool
	results=$spool/results/autopkgtest
	conf_on a "$@"
	conf_on b "$@"
	ok "adtspool init on a" on a init
}

# conf_on a|b ['KEY: VALUE'...]: writes $tmp/a.yaml, or $tmp/b.yaml.
conf_on() {
	local client=$1
	shift
	conf "spool: $ceph/$client/spool" "worker: $client" \
	    "scratch: $tmp/scratch-$client" "$quick" 'heartbeat: 1s' "$@"
	mv "$tmp/adtspool.yaml" "$tmp/$client.yaml"
}

# on a|b ARGUMENTS...: the program as that host runs it.
on() {
	local client=$1
	shift
	"$adtspool" -c "$tmp/$client.yaml" "$@"
}

# start a|b...: workers in the background, on hosts of other names than this
# one's, who log to $tmp/a.log and b.log.
start() {
	local client
	for client; do
		# shellcheck disable=SC2016
		unshare --uts sh -c 'hostname "host-$0" && exec "$@"' \
		    "$client" "$adtspool" -c "$tmp/$client.yaml" worker \
		    2>>"$tmp/$client.log" &
		workers[$client]=$!
		wait_until 20 beats "$client"
	done
}

beats() { # a|b: this life of the worker has shown itself
	grep -q "\"pid\": ${workers[$1]}," "$spool/workers/$1" &&
	    grep -q '"state": "running"' "$spool/workers/$1"
}

# stop a|b...: and waits until they have.
stop() {
	local client
	for client; do
		kill "${workers[$client]}"
	done
	for client; do
		wait "${workers[$client]}" || return
	done
}

# lose a|b: its host is gone: the worker, its tests and the client at once.
lose() {
	kill -9 "${workers[$1]}"
	client_kill "$1"
	wait "${workers[$1]}"
} 2>/dev/null

says() { # a|b TEXT: in its worker's log
	grep -q "$2" "$tmp/$1.log"
}

# submit_on a|b ARGUMENTS...: prints the id.
submit_on() {
	local said
	said=$(on "$1" submit "${@:2}") && echo "${said%% *}"
}

# The N of --env N=... of all results, each as often as there is one.
numbers() {
	find "$results" -name result.json -exec \
	    sed -n 's/^    "--env=N=\(.*\)",$/\1/p' {} + 2>/dev/null | sort -n
}

# published COUNT: so many requests have a result, by what is quick to list.
published() {
	[ "$(find "$spool/$arch/done" -name '*@*' | wc -l)" -ge "$1" ] &&
	    [ -z "$(find "$spool/results/.staging" -mindepth 1 -print -quit)" ]
}

# What there must not be when all is done: a line each.
left() {
	find "$spool/$arch"/{cur,bad,tmp} -type f ! -name README
	find "$spool/$arch/new" -type f ! -name README ! -name .bell
	find "$spool/results/.staging" -mindepth 1
	find "$tmp"/scratch-? -mindepth 2 2>/dev/null
}

# exactly_once DESCRIPTION N...: these requests, and no others, have a result.
exactly_once() {
	local description=$1
	shift
	is "$(numbers)" "$(printf '%s\n' "$@" | sort -n)" \
	    "$description: exactly one result each"
	is "$(left)" '' '... and nothing is left in cur, new, tmp and .staging'
}

# tell_times WHAT MILLISECONDS...: median and worst, as a diagnostic; the worst
# is in $worst.
tell_times() {
	local what=$1 sorted
	shift
	mapfile -t sorted < <(printf '%s\n' "$@" | sort -n)
	worst=${sorted[-1]}
	note "$what: median ${sorted[$# / 2]} ms, worst $worst ms, of $#"
}

now_ms() {
	echo "${EPOCHREALTIME%[.,]*}$(printf %.3s "${EPOCHREALTIME#*[.,]}")"
}
