# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The test that 40-lost-*.t make for one version of NFS: workers on both clients
# are at work; again and again the server does what it is asked for, its reply
# is lost, and it forgets that it ever was asked.  In the end each request that
# was acknowledged has one result, and nothing is left.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

late_ms=60	# a reply's way, long enough to cut it off

# A testbed fails now and then, so that requests go back, too.
make_flaky() {
	cat >"$tmp/flaky" <<-END
	#!/bin/bash
	[ \$((RANDOM % 4)) -gt 0 ] || exit 16
	exec '$top/t/data/autopkgtest-quick' "\$@"
	END
	chmod +x "$tmp/flaky"
}

# One more request, and what becomes of it.
submit_on() { # CLIENT
	local said
	if said=$(adtspool_on "$1" submit -e "N=$EPOCHREALTIME" adtpass 2>&1)
	then
		echo "${said%% *}" >>"$tmp/acknowledged"
	else
		echo "$1: $said" >>"$tmp/refused"
	fi
}

# Until the server has a name of the pattern that it had not when this began.
wait_for_new() { # SECONDS PATTERN
	local end=$((SECONDS + $1)) name before
	before=" $(compgen -G "$2" | tr '\n' ' ') "
	while [ "$SECONDS" -lt "$end" ]; do
		for name in $2; do
			[[ $name = "$2" || $before = *" $name "* ]] || return 0
		done
		pause 0.02
	done
	return 1
}

drop_on() { # CLIENT: the same by mv
	local at=$EPOCHREALTIME queue=$mount/spool/$arch
	on "$1" sh -c "
	echo '{package: adtskip, env: [N=$at]}' >$queue/tmp/drop-$at &&
	    mv $queue/tmp/drop-$at $queue/new/" 2>/dev/null &&
	    echo "N=$at" >>"$tmp/dropped"
}

each() { # COMMAND [ARGUMENT]: for each client
	local client
	for client in "${clients[@]}"; do
		"$1" "$client" "${@:2}"
	done
}

# Something to do for both workers, from both clients.
feed() {
	submit_on b &
	submit_on a
	drop_on a
	wait $!
}

# Loses the reply to what makes the new name, and all others that are on their
# way; then the server's memory.
lose_reply() { # server_crash|server_power_cut PATTERN DESCRIPTION
	local feeder round came=false
	each replies_late $late_ms
	for ((round = 0; round < 8; round++)); do
		feed &
		feeder=$!
		wait_for_new 15 "$2" && came=true && break
		wait "$feeder"
	done
	if $came; then
		report ok "$3"
	else
		report 'not ok' "$3: it did not come to that"
	fi
	each replies_cut
	pause 0.2
	"$1"
	server_again
	each replies_mend
	wait "$feeder"
}

# Each change of a request's state, and what is made on the way.
lose_all() {
	local staging=$spool/results/.staging q=$spool/$arch
	local published="$spool/results/autopkgtest/*/*/*/*/*@"
	lose_reply server_power_cut "$q/new/*/*,e1,*" 'submit'
	lose_reply server_power_cut "$q/cur/*,e[1-9]*" 'claim'
	lose_reply server_crash "$q/cur/drop-*" 'claim of a dropped file'
	lose_reply server_crash "$staging/*" 'making a stage'
	lose_reply server_crash "$staging/*/plan" 'sealing a stage'
	lose_reply server_power_cut "$q/done/*/*" 'commit'
	lose_reply server_crash "$staging/.gone.*" 'dropping a stage'
	lose_reply server_power_cut "$published" 'publication'
	lose_reply server_crash "$q/cur/*,e[1-9]*" 'another claim'
	lose_reply server_crash "$q/done/*/*" 'another commit'
	lose_reply server_crash "$published" 'another publication'
	lose_reply server_crash "$q/new/*/*,e[2-9]*,*" 'way back'
}

# Calls that were sent more than once, as "NAME COUNT" lines.
repeated() {
	local client
	for client in "${clients[@]}"; do
		on "$client" sed -n "\\|mounted on $mount |,\$p" \
		    /proc/self/mountstats
	done | awk '$1 ~ /^[A-Z_]*:$/ && $3 > $2 { count[$1] += $3 - $2 }
		END { for (name in count) print name, count[name] }' | sort
}

# What a submit that was refused had begun may stay in tmp/.
nothing_moves() {
	! compgen -G "$spool/$arch/cur/*@*" >/dev/null &&
	    ! left | grep -qv "^$spool/$arch/tmp/"
}

dropped_without_result() {
	local name
	while read -r name; do
		grep -qrF "\"$name\"" --include=result.json \
		    "$spool/results/autopkgtest" || echo "$name"
	done <"$tmp/dropped"
}

check() {
	local q=$spool/$arch
	ok 'all come to their end' wait_until 90 nothing_moves
	is "$(left | grep -v "^$q/tmp/")" '' '... nothing is left'
	is "$(ids_with_result | sort | uniq -d)" '' \
	    '... no request has two results'
	is "$(ids_with_result | sort | comm -13 - \
	    <(sort "$tmp/acknowledged"))" '' \
	    '... each that was acknowledged has one'
	is "$(dropped_without_result)" '' '... and each that mv has dropped'
	is "$(find "$q/tmp" -type f ! -name README | wc -l)" \
	    "$(wc -l <"$tmp/refused")" '... tmp/ has what was refused'
}

# That a rename was sent again although the server had done it.
check_faults() {
	repeated >"$tmp/repeated"
	diag "sent again: $(paste -sd ' ' "$tmp/repeated")"
	# shellcheck disable=SC2016
	ok 'renames were answered, and the answer lost' \
	    awk '$1 == "RENAME:" && $2 >= 6 { found = 1 } END { exit !found }' \
	    "$tmp/repeated"
	diag "refused: $(paste -sd " " "$tmp/refused")" \
	    "$(cat "$tmp/acknowledged" "$tmp/dropped" | wc -l) acknowledged," \
	    "$(results) results"
}

make_flaky
: >"$tmp/refused"
: >"$tmp/dropped"
spool_start "$version" "autopkgtest: [$tmp/flaky]" 'attempts: 99' \
    "expose: [$tmp/flaky, $top/t/data]"
each worker_on
lose_all
check
check_faults
for client in "${clients[@]}"; do
	stop_worker_on "$client"
	is $? 0 "the worker on $client has lived through all that"
done
diag_logs
done_testing
