#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a worker takes to see what another client has dropped or submitted,
# and what its looking costs the server while there is nothing to do.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "$0")/lib.sh"

samples=9
# What the bound allows beside the poll: the guest is slow.  It is for half of
# them, since beside others a guest may stand still for some seconds.
slack_ms=4000
calls_most=15	# a second
export QUICK_SLEEP=1	# so that no claim comes and goes unseen

# Moves files into new/ on a, each at another point of b's round; each tells
# its time by its name.
drop_all() {
	# shellcheck disable=SC2016
	on a perl -MTime::HiRes=time,sleep -e '
	my ($from, $to, $count, $most_s) = @ARGV;
	for (1 .. $count) {
		open my $file, ">", $from or die "$from: $!\n";
		print $file "{package: adtskip, env: [N=$_]}\n" and
		    close $file or die "$!\n";
		sleep rand $most_s;
		rename $from, sprintf "$to/t%d", time * 1e6 or die "$!\n";
	}' "$mount/spool/$arch/tmp/x" "$mount/spool/$arch/new" "$samples" \
	    $(((poll + 1) / 2))
}

submit_all() {
	local i said
	for ((i = 0; i < samples; i++)); do
		pause "$((RANDOM % poll / 2)).$((RANDOM % 10))"
		said=$(adtspool_on a submit -e "N=$i" adtpass)
		echo "${said%% *} ${EPOCHREALTIME/[.,]/}"
	done >"$tmp/submitted"
}

# Notes when the server first has each of b's claims: its label, its id, and
# the time in microseconds; without a process, which could make it late.
watch_claims() {
	local name id seen=' '
	while :; do
		for name in "$spool/$arch"/cur/*@b; do
			name=${name##*/}
			id=${name#*,}
			id=${id%%,*}
			[[ $seen = *" $id "* || $name = '*@b' ]] && continue
			seen+="$id "
			echo "${name%%,*} $id ${EPOCHREALTIME/[.,]/}"
		done
		pause 0.05
	done >"$tmp/claims"
}

are_all_claimed() {
	[ "$(wc -l <"$tmp/claims")" -eq $((2 * samples)) ]
}

# From a's doing to b's claim, in milliseconds, sorted.
delays() { # mv|submit
	awk -v how="$1" '
	FILENAME ~ /submitted$/ { submitted[$1] = $2; next }
	how == "mv" && $1 ~ /^t[0-9]*$/ { start = substr($1, 2) }
	how == "submit" { start = submitted[$2] }
	start { printf "%d\n", ($3 - start) / 1000; start = 0 }
	' "$tmp/submitted" "$tmp/claims" | sort -n
}

tell_delays() { # VERSION HOW
	local ms median
	mapfile -t ms < <(delays "$2")
	median=${ms[samples / 2]-999999}
	is "${#ms[@]}" $samples "v$1, poll ${poll}s: b sees each $2 on a"
	diag "median $median ms, worst ${ms[*]: -1} ms"
	ok '... in the time of a poll, and some' \
	    [ "$median" -lt $((poll * 1000 + slack_ms)) ]
}

measure_delays() { # VERSION
	local watcher dropper
	watch_claims &
	watcher=$!
	drop_all &
	dropper=$!
	submit_all
	wait "$dropper"
	wait_until 30 are_all_claimed
	kill "$watcher"
	tell_delays "$1" mv
	tell_delays "$1" submit
}

# The calls of b's mount so far, as "NAME COUNT" lines.
calls() {
	on b sed -n "\\|mounted on $mount |,\$p" /proc/self/mountstats |
	    sed -n 's/^\t *\([A-Z_]*\): \([0-9]*\) .*/\1 \2/p' | sort
}

count_calls() { # VERSION
	local seconds=8
	calls >"$tmp/before"
	pause "$seconds"
	calls | join "$tmp/before" - | awk -v s="$seconds" '
	$3 > $2 { printf "%s %.1f\n", $1, ($3 - $2) / s; all += $3 - $2 }
	END { printf "all %.1f\n", all / s }' >"$tmp/rates"
	like "$(tail -n 1 "$tmp/rates")" '^all [0-9]' \
	    "v$1, poll ${poll}s: the calls of an idle worker are counted"
	diag "a second: $(paste -sd ' ' "$tmp/rates")"
	# shellcheck disable=SC2016
	ok '... and are few' awk -v most=$calls_most \
	    '$1 == "all" && $2 > most { exit 1 }' "$tmp/rates"
}

for version in "${versions[@]}"; do
	for poll in 1 5; do
		spool_start "$version" "poll: ${poll}s" \
		    "slots: $((2 * samples))" 'settle: 3s'
		worker_on b
		wait_until 20 grep -q running "$spool/workers/b"
		count_calls "$version"
		measure_delays "$version"
		stop_worker_on b
		spool_stop
	done
done
done_testing
