#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each virt server, and each end that a run can have: what result.json says,
# and that nothing is left behind.  VIRT="null schroot" chooses some.
# shellcheck disable=SC2016
#
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../../lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'only root has all of the virt servers'
# shellcheck source=t/lab/virt/servers.sh
. "$(dirname "$0")/servers.sh"
servers=${VIRT:-null chroot schroot unshare lxc podman qemu}
ends='pass fail skip bad lost timeout cancel killed killed-all'
mark=LAB_VIRT_MARK=$$.$RANDOM
id=none
declare -A cell

# Seconds until a test has begun at the latest, and a run's limit.
patience() {
	case $virt in
	qemu) echo 400 ;;
	*) echo 120 ;;
	esac
}

limit() {
	case $virt in
	qemu) echo 150s ;;
	podman | lxc | unshare) echo 40s ;;
	*) echo 15s ;;
	esac
}

# own_conf ['KEY: VALUE'...]: with this virt server, one attempt to a request.
own_conf() {
	conf "suite: $suite" 'slots: 1' 'attempts: 2' \
	    "virt-server: $(words_"$virt")" "testbeds: $beds" \
	    "expose: [$top/t/data, $beds, $lab]" "$@"
}

marked() {
	env "$mark" "$adtspool" -c "$tmp/adtspool.yaml" "$@"
}

# What there is on this host that a run may leave, a line each.  lxc's cgroup
# lxc.pivot and podman's bridge podman0 are made once, for all that come.
traces() {
	local pid
	for pid in /proc/[0-9]*; do
		{ tr '\0' '\n' <"$pid/environ" | grep -qxF "$mark" ||
		    tr '\0' ' ' <"$pid/cmdline" | grep -q '^sleep 7151'; } \
		    2>/dev/null && echo "process $(tr '\0' ' ' \
			<"$pid/cmdline")"
	done | grep -v ' worker $'
	cut -d ' ' -f 5 /proc/self/mountinfo | sed 's/^/mount /' |
	    grep -E -e schroot -e lxc -e containers -e netns -e "$tmp" \
	    -e "$beds" -e autopkgtest
	find /sys/fs/cgroup -type d 2>/dev/null |
	    grep -E "libpod-|lxc|${id:-none}" | grep -v 'lxc\.pivot$'
	ls -d /tmp/autopkgtest* /var/tmp/autopkgtest* /run/netns/* \
	    /var/lib/schroot/session/* /var/lib/schroot/union/*/* \
	    /var/lib/schroot/unpack/* /run/schroot/mount/* /var/lib/lxc/* \
	    /var/lib/containers/storage/overlay-containers/*/ \
	    "$beds"/chroot/*@*/tmp/* 2>/dev/null
	podman ps --all --quiet 2>/dev/null | sed 's/^/podman /'
	lxc-ls 2>/dev/null | tr -s ' ' '\n' | sed 's/^/lxc /'
	schroot --list --all-sessions 2>/dev/null
	ip -o link 2>/dev/null | sed -E 's/^[0-9]+: ([^:@]*).*/link \1/' |
	    grep -vx 'link podman0'
	find "$tmp/scratch" -mindepth 2 -maxdepth 2 2>/dev/null
}

left() {
	comm -13 "$tmp/before" <(traces | sort)
}

# The kernel may take a moment to end a namespace.
nothing_left() { # DESCRIPTION
	wait_until 20 eval '[ -z "$(left)" ]'
	is "$(left)" '' "$1"
}

ask() { # PACKAGE
	id=$(adtspool submit --force "$1" | grep -oE '[a-z0-9]{12}' |
	    head -n 1)
}

said() { # of the newest result: its status and exit code, or none
	local result
	result=$(find "$tmp/spool/results/autopkgtest" -name result.json \
	    -newer "$tmp/before" | sort | tail -n 1)
	if [ -n "$result" ]; then
		python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(d["status"], d["exit_code"])' "$result"
	else
		echo none
	fi
}

# settle END WANTED: what was said, and what is left.
settle() {
	local got
	got=$(said)
	is "$got" "$2" "$virt: $1: result.json says $2"
	nothing_left "$virt: $1: nothing is left"
	cell[$virt,$1]="$got"
	[ -z "$(left)" ] || cell[$virt,$1]+=' (left)'
}

ends_by_itself() { # END PACKAGE WANTED
	ask "$2"
	marked worker --drain 2>>"$tmp/worker.log"
	settle "$1" "$3"
}

# A worker whose test has begun.
begin() {
	ask adtsleep
	env "$mark" "$adtspool" -c "$tmp/adtspool.yaml" worker \
	    2>>"$tmp/worker.log" &
	worker=$!
	wait_until "$(patience)" eval \
	    'adtspool log "$id" 2>/dev/null | grep -q "^it sleeps"'
	ok "$virt: $1: a test runs" eval \
	    'adtspool log "$id" | grep -q "^it sleeps"'
}

# The same request, with a test that passes.
again() {
	own_conf 'env: [ADT_SLEEP=0]'
	marked worker --drain 2>>"$tmp/worker.log"
}

is_ended() {
	! kill -0 "$1" 2>/dev/null
}

run_end() {
	local runner
	own_conf
	traces | sort >"$tmp/before"
	case $1 in
	pass) ends_by_itself pass adtpass 'pass 0' ;;
	fail) ends_by_itself fail adtfail 'fail 4' ;;
	skip) ends_by_itself skip adtskip 'pass 2' ;;
	bad) ends_by_itself bad adtbad 'fail 12' ;;
	lost)
		own_conf 'setup-commands: ["false"]' 'attempts: 1'
		ends_by_itself lost adtpass 'tmpfail 16'
		;;
	timeout)
		own_conf "timeout: $(limit)" 'attempts: 1'
		ends_by_itself timeout adtsleep 'tmpfail 16'
		;;
	cancel)
		begin cancel
		adtspool cancel --wait "$id" >/dev/null 2>&1
		nothing_left "$virt: cancel: nothing is left while it goes on"
		kill "$worker"
		wait "$worker"
		settle cancel none
		;;
	killed)
		begin killed
		runner=$(pgrep -P "$worker" | head -n 1)
		kill -9 "$worker"
		wait "$worker" 2>/dev/null
		wait_until 60 is_ended "$runner"
		nothing_left "$virt: killed: nothing is left"
		again
		settle killed 'pass 0'
		;;
	killed-all)
		begin killed-all
		mapfile -t runners < <(pgrep -P "$worker")
		kill -9 "$worker" "${runners[@]}"
		wait "$worker" 2>/dev/null
		sleep 1
		left | sed 's/^/# until a worker starts: /'
		again
		settle killed-all 'pass 0'
		;;
	esac
}

for virt in $servers; do
	why=$(cannot_"$virt")
	if [ -n "$why" ]; then
		tests=$((tests + 1))
		echo "ok $tests - $virt # SKIP $why"
		continue
	fi
	"cannot_$virt" >/dev/null	# for what it exports
	rm -rf "$tmp/spool" "$tmp/scratch"
	own_conf
	adtspool init
	for end in ${ENDS:-$ends}; do
		SECONDS=0
		run_end "$end"
		cell[$virt,$end]+=" ${SECONDS}s"
	done
done

printf '# %-8s' ''
for end in $ends; do
	printf ' %-18s' "$end"
done
echo
for virt in $servers; do
	printf '# %-8s' "$virt"
	for end in $ends; do
		printf ' %-18s' "${cell[$virt,$end]:--}"
	done
	echo
done
[ "$failed" -eq 0 ] || sed 's/^/# /' "$tmp/worker.log"
done_testing
