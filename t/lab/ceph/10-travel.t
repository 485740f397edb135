#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is asked for on one host runs on another, and each sees it.
limit=60
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
lab_up 'settle: 2s'
new=$ceph/b/spool/$arch/new

has_result() { # PACKAGE, as b sees it
	on b show "$1"
}

id=$(submit_on a -t adtpass/1.0 adtpass)
like "$(on b show "$id")" "state: *waiting \\($arch/new/05-" \
    'what a submits waits for b'
start b
ok 'b runs it' wait_until 20 published 1
like "$(on a show "$id")" 'result: *pass, exit 0.*on b, attempt 1' \
    'a shows the result'
like "$(on a show --log "$id")" 'nothing was run' '... and the log'
like "$(on a export debci -s unstable)" \
    "\"package\": \"adtpass\".*\"trigger\": \"adtpass/1.0\".*\"pass\"" \
    '... and exports it for britney'
wait_until 5 sh -c "grep -q adtpass '$spool/workers/b'"
like "$(on a status)" 'b +running +0/2.*unstable/.*/adtpass/' \
    '... and status shows b and what it did'

start a
echo adtskip >"$ceph/b/draft" && mv "$ceph/b/draft" "$new/"
ok 'what is dropped on b with mv runs' wait_until 20 has_result adtskip
echo adtnone >"$tmp/draft" && cp "$tmp/draft" "$new/copy"
ok '... and what is copied' wait_until 20 has_result adtnone
stop b
(printf 'package: ad'; sleep 0.7; printf 'tfail\ntriggers: [adtfail/1.0]\n') \
    >"$new/slow"
ok '... and what is written slowly' wait_until 20 has_result adtfail
like "$(cat "$results"/*/*/a/adtfail/*/result.json)" 'adtfail/1.0' \
    '... which is read to its end'
like "$(cat "$results"/*/*/a/adtfail/*/result.json)" '"worker": "a"' \
    '... by a, where b has stopped'
stop a
is $? 0 'the workers stop'

# One run of the real thing.
conf_on b "autopkgtest: [$top/t/data/autopkgtest-here]"
start b
on a submit --wait -t adtpass/2.0 adtpass >"$tmp/log" 2>"$tmp/said"
is $? 0 'a waits for a real run on b'
like "$(cat "$tmp/log")" 'autopkgtest .*starting.*summary' \
    '... and sees its log'
like "$(cat "$tmp/said")" 'pass, exit 0' '... and its end'
stop b

is "$(left)" '' 'nothing is left in cur, new, tmp and .staging'
done_testing
