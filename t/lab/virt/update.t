#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A testbed is made anew while a test runs in it: that one ends well in the
# version with which it began, which is held, and goes with the first update
# after it; the next run has the new one.  VIRT=schroot chooses some.
#
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../../lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'only root makes all of these testbeds'
# shellcheck source=t/lab/virt/servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source=t/lab/virt/runs.sh
. "$(dirname "$0")/runs.sh"

# It sleeps until it is killed or, in a machine of its own, a port is open here.
nap=7152.$$
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
own_package adtnap "echo it begins in \$(cat /etc/lab-brand); \
if [ \"\${ADT_WAKE-}\" ]; then until bash -c \": \
</dev/tcp/10.0.2.2/\$ADT_WAKE\"; do sleep 1; done; \
else sleep \"\${ADT_SLEEP-$nap}\" || true; fi; \
echo it ends in \$(cat /etc/lab-brand)" 'Restrictions: allow-stderr' 'Depends:'

testbed() {
	"$adtspool" -c "$beds/adtspool.yaml" testbed "$@" --virt "$virt"
}

update() { # DESCRIPTION
	ok "$virt: $1" testbed update
}

newest() {
	readlink -f "$(echo "$beds/$virt/$suite-$arch"*)"
}

older() {
	testbed list --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["older"])'
}

says() { # begins|ends
	adtspool log "$id" 2>/dev/null | sed -n "s/^it $1 in //p"
}

begins() {
	[ -n "$(says begins)" ]
}

wake() {
	local pid
	if [ "$virt" = qemu ]; then
		python3 -m http.server --bind 127.0.0.1 "$port" \
		    >/dev/null 2>&1 &
	else
		pid=$(pgrep -xf "sleep $nap") && kill "$pid"
	fi
}

runs_on() {
	if [ "$virt" = qemu ]; then
		begins && [ -z "$(says ends)" ]
	else
		[ -n "$(pgrep -xf "sleep $nap")" ]
	fi
}

run_updates() {
	local first second old
	old=$(newest)
	[ "$virt" != qemu ] || own_conf "env: [ADT_WAKE=$port]"
	start_worker
	ask adtnap
	wait_until 400 begins
	first=$(says begins)
	ok "$virt: a test runs" runs_on

	update 'an update meanwhile'
	ok "$virt: the test still runs" runs_on
	ok "$virt: another version is the newest" [ "$(newest)" != "$old" ]
	is "$(older)" 1 "$virt: the old one is there"
	wake
	wait_until 120 is_judged
	is "$(field 'd["status"], d["exit_code"]')" "('pass', 0)" \
	    "$virt: the test ends well"
	is "$(says ends)" "$first" "$virt: ... in the version it began with"
	stop_worker

	own_conf 'env: [ADT_SLEEP=0]'
	ask adtnap
	drain
	second=$(says ends)
	like "$second" '^[0-9a-f-]{36}$' "$virt: the next run passes"
	ok "$virt: ... in another version" [ "$second" != "$first" ]
	ok "$virt: the old one is still there" [ -e "$old" ]
	update 'an update when nothing runs'
	ok "$virt: the old one is gone" [ ! -e "$old" ]
	is "$(older)" 0 "$virt: ... and so are all others"
}

is_judged() {
	[ -n "$(field 1)" ]
}

own_conf() {
	conf "suite: $suite" 'slots: 1' 'attempts: 1' \
	    "virt-server: $(words_"$virt")" "testbeds: $beds" \
	    "expose: [$tmp, $beds, $lab]" \
	    "autopkgtest: [$tmp/autopkgtest-here]" "$@"
}

for virt in ${VIRT:-schroot unshare qemu}; do
	why=$(cannot_"$virt")
	if [ -n "$why" ]; then
		report ok "$virt # SKIP $why"
		continue
	fi
	rm -rf "$tmp/spool" "$tmp/scratch"
	own_conf
	adtspool init
	run_updates
done
[ "$failed" -eq 0 ] || sed 's/^/# /' "$tmp/worker.log"
done_testing
