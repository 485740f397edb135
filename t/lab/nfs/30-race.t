#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Workers on two clients race for many requests: each is run once.
# shellcheck source=t/lab/nfs/lib.sh
. "$(dirname "$0")/lib.sh"

many=150

import_all() {
	local i
	for ((i = 0; i < many; i++)); do
		echo "debci-unstable-$arch:adtpass" \
		    "{\"triggers\": [\"adtpass/$i\"]}"
	done >"$tmp/requests"
	adtspool_on a import "$tmp/requests" >/dev/null
}

started_on() { # CLIENT: how many tests
	grep -c ': started$' "$tmp/$1.log"
}

are_all_there() {
	[ "$(results)" -ge "$many" ]
}

for version in "${versions[@]}"; do
	spool_start "$version" 'slots: 4'
	ok "v$version: a imports $many requests" import_all
	worker_on a
	worker_on b
	ok '... and workers on a and b run them' wait_until 150 are_all_there
	stop_worker_on a
	stop_worker_on b
	is "$(results) $(ids_with_result | sort -u | wc -l)" "$many $many" \
	    '... each of which has one result'
	on_a=$(started_on a)
	on_b=$(started_on b)
	is $((on_a + on_b)) $many '... and was run once'
	is "$(left)" '' '... and nothing is left'
	diag "a ran $on_a, b ran $on_b"
	ok '... and both have run some' [ $((on_a * on_b)) -gt 0 ]
	spool_stop
done
done_testing
