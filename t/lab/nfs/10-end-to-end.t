#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is asked for on one host runs on another, and its result is seen by both.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "$0")/lib.sh"

drop() { # COMMAND: runs it on client a, in new/
	on a sh -c "cd $mount/spool/$arch/new && $1"
}

has_env() { # NAME=VALUE: a result is of a request with it
	grep -qr --include=result.json -F "\"$1\"" "$spool/results/autopkgtest"
}

asked_for_on_a() { # VERSION
	local said id

	said=$(adtspool_on a submit --wait -t adtpass/1.0 adtpass 2>&1)
	is $? 0 "v$1: submit --wait on a ends when b has run it"
	like "$said" 'nothing was run' '... and has printed its log'
	id=${said%%[: ]*}
	like "$(adtspool_on a show "$id")" 'result: *pass, exit 0' \
	    '... and show on a tells the result'
	like "$(adtspool_on a status)" 'b +running +0/2' \
	    '... and status on a shows the worker of b'
	like "$(adtspool_on a export debci --suite unstable)" \
	    '"trigger": "adtpass/1.0"' '... and so does britney'
}

dropped_on_a() { # VERSION
	drop 'echo "{package: adtpass, env: [BY=mv]}" >../tmp/x &&
	    mv ../tmp/x .'
	ok "v$1: what is moved into new/ on a runs on b" \
	    wait_until 20 has_env BY=mv
	echo '{package: adtpass, env: [BY=cp]}' >"$tmp/request"
	drop "cp $tmp/request by-cp.yaml"
	ok '... and what is copied' wait_until 20 has_env BY=cp
	drop '(echo "package: adtpass"; sleep 3; echo "env: [BY=hand]") >slow'
	ok '... and what is written slowly, whole' wait_until 20 has_env BY=hand
}

really_run() { # VERSION
	client_conf b
	worker_on b
	adtspool_on a submit --wait adtfail >"$tmp/said" 2>&1
	is $? 4 "v$1: the real autopkgtest fails on b, and a is told"
	like "$(cat "$tmp/said")" 'FAIL non-zero exit status' \
	    '... and has its log'
	stop_worker_on b
}

for version in "${versions[@]}"; do
	ok "v$version: a makes a spool" spool_start "$version"
	worker_on b
	asked_for_on_a "$version"
	dropped_on_a "$version"
	stop_worker_on b
	is $? 0 '... and b stops when it is told to'
	really_run "$version"
	is "$(results) $(left)" '5 ' '... and five results are all that is left'
	diag_log b
	ok '... and both let go of the mount' spool_stop
done
done_testing
