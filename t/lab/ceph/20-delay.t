#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long until one host claims what was dropped on another.
limit=120
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
export QUICK_SLEEP=100	# no test ends, for then the worker would look again
lab_up 'slots: 80' 'on-stop: give-back'
new=$ceph/a/spool/$arch/new

# Notes when a name in cur is first seen, on the host that put it there.
watch_claims() {
	local path name
	local -A seen=()

	while :; do
		for path in "$ceph/b/spool/$arch"/cur/*@b; do
			name=${path##*/}
			[ -z "${seen[$name]-}" ] || continue
			seen[$name]=yes
			echo "$(now_ms) $name"
		done
		sleep 0.02
	done >"$tmp/seen"
}

# Drops and submits on a, at times that have nothing to do with b's polls, and
# notes when each had returned.
ask() { # COUNT
	local i

	rm -f "$tmp/dropped" "$tmp/submitted"
	for ((i = 0; i < $1; i++)); do
		echo "package: adtpass
env: [D=$SECONDS.$i]" >"$ceph/a/draft"
		mv "$ceph/a/draft" "$new/drop$i"
		echo "$(now_ms) drop$i," >>"$tmp/dropped"
		sleep 0.1$((RANDOM % 1000))
		id=$(submit_on a -e "S=$SECONDS.$i" adtpass)
		echo "$(now_ms) ,$id," >>"$tmp/submitted"
		sleep 0.1$((RANDOM % 1000))
	done
}

# From what was asked for to what was seen, in milliseconds, a line each.
delays() { # dropped|submitted
	local ms name seen

	while read -r ms name; do
		seen=$(grep -m 1 -F "$name" "$tmp/seen")
		[ -z "$seen" ] || echo $((${seen%% *} - ms))
	done <"$tmp/$1"
}

all_claimed() { # COUNT
	[ "$(delays dropped | wc -l)$(delays submitted | wc -l)" = "$1$1" ]
}

# measure POLL COUNT SECONDS WHAT: the worst is to be within so many seconds.
measure() {
	local what times

	conf_on b "poll: $1s" 'slots: 80' 'on-stop: give-back'
	start b
	watch_claims &
	ask "$2"
	ok "$4: all is claimed" wait_until 60 all_claimed "$2"
	kill $!
	for what in dropped submitted; do
		mapfile -t times < <(delays $what)
		tell_times "$4, $what" "${times[@]}"
		ok "... $what: within $3 s" [ "$worst" -lt "$3"000 ]
	done
	stop b
	rm -rf "${new:?}"/*
}

measure 1 14 12 'poll: 1s'
measure 5 20 20 'poll: 5s'
ok "with Ceph's own tick of the MDS" \
    ceph daemon mds.a config set mds_tick_interval 5
measure 1 14 60 'poll: 1s, tick 5 s'
done_testing
