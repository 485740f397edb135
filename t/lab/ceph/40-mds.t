#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The MDS is killed again and again while two hosts ask and two hosts work:
# what was acknowledged has one result each.
limit=120
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
export QUICK_SLEEP=0.2
lab_up 'slots: 4'
start a b

# Asks until $tmp/enough is there, and notes what was acknowledged.
ask() { # a|b FIRST-NUMBER
	local n=$2

	until [ -e "$tmp/enough" ]; do
		if [ "$1" = a ]; then
			on a submit -e "N=$n" adtpass >/dev/null
		else
			printf 'package: adtpass\nenv: [N=%s]\n' "$n" \
			    >"$ceph/b/draft" &&
			    mv "$ceph/b/draft" "$ceph/b/spool/$arch/new/d$n"
		fi && echo "$n" >>"$tmp/asked.$1"
		n=$((n + 1))
		sleep 0.3
	done 2>>"$tmp/asks.log"
}

ask a 1000 &
asks=$!
ask b 2000 &
asks="$asks $!"
times=()
for ((i = 0; i < 5; i++)); do
	sleep 2.$RANDOM
	begin=$(now_ms)
	daemon_kill mds
	[ $((i % 2)) = 0 ] || sleep 1
	mds_start
	times+=($(($(now_ms) - begin)))
done
sleep 2
touch "$tmp/enough"
# shellcheck disable=SC2086
wait $asks
tell_times 'the MDS was gone for' "${times[@]}"
mapfile -t asked < <(cat "$tmp"/asked.?)
is "$(cat "$tmp/asks.log")" '' "no request was refused, of ${#asked[@]}"
ok 'many requests were acknowledged' [ "${#asked[@]}" -gt 20 ]
ok '... and have results' wait_until 40 published "${#asked[@]}"
stop a b
is $? 0 'the workers stop'
exactly_once 'over deaths of the MDS' "${asked[@]}"
is "$(grep -hvE 'started$|published as|worker [ab]:|stopping:' \
    "$tmp"/[ab].log)" '' 'the workers saw no error'
done_testing
