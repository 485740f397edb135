#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The spool in numbers: the command, a worker's file, /metrics.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
conf "$quick" 'slots: 1' "metrics-file: $tmp/worker.prom" 'heartbeat: 1s' \
    'lease: 6s' 'serve-listen: 127.0.0.1:0'
adtspool init "$arch"
export QUICK_SLEEP=0

# value SAMPLE [FILE]: of what was printed last, or of a file.
value() {
	awk -v name="$1" '$1 == name { print $2 }' "${2-$tmp/metrics}"
}

print() {
	adtspool metrics >"$tmp/metrics"
}

# Each sample's metric has HELP and TYPE right before it, once; names, labels
# and numbers are as the format wants them; no sample stands twice.
is_well_formed() { # FILE
	awk -v labels='[a-z_]+="[^"\\\\]*"' '
	/^# HELP adtspool_[a-z_]+ [A-Z].*\.$/ { help = $3; next }
	/^# TYPE adtspool_[a-z_]+ (gauge|counter)$/ {
		if ($3 != help || seen[$3]++)
			bad = bad "TYPE " $3 "\n"
		if (($4 == "counter") != ($3 ~ /_total$/))
			bad = bad "name of " $3 "\n"
		type = $3
		next
	}
	$0 ~ "^adtspool_[a-z_]+(\\{" labels "(," labels ")*\\})? [0-9]+$" {
		name = $1
		sub(/\{.*/, "", name)
		if (name != type || samples[$1]++)
			bad = bad "sample " $1 "\n"
		next
	}
	{ bad = bad "line " $0 "\n" }
	END { printf "%s", bad; exit bad != "" }' "$1"
}

q="queue=\"$arch\""

# What waits.
adtspool submit adtpass adtfail adtskip >/dev/null
adtspool submit --not-before 2h -e A=1 adtpass >/dev/null
ADTSPOOL_CLOCK_OFFSET=100 adtspool metrics >"$tmp/metrics"
is "$(value "adtspool_queue_requests{$q,state=\"waiting\"}")" 3 \
    'what waits is counted'
is "$(value "adtspool_queue_requests{$q,state=\"later\"}")" 1 \
    '... apart from what is for later'
like "$(value "adtspool_queue_oldest_age_seconds{$q}")" '^(1[0-5][0-9])$' \
    '... and how long it has waited'
is "$(value adtspool_index_held)" 0 'nobody indexes'
adtspool hold "$arch"
print
is "$(value "adtspool_queue_held{$q}")" 1 'a held queue is told'
adtspool release "$arch"

# What a worker did.
adtspool worker --drain 2>/dev/null
print
for sample in 'claims_total{worker="here"} 3' \
    'results_total{worker="here",status="pass"} 3' \
    'results_total{worker="here",status="tmpfail"} 0' \
    'host_failures_total{worker="here"} 0' \
    'lease_losses_total{worker="here"} 0' \
    "queue_requests{$q,state=\"waiting\"} 0" 'index_notices 3'; do
	is "$(value "adtspool_${sample% *}")" "${sample##* }" "${sample% *}"
done
info='worker_info\{worker="here",host="[^"]+",version="[^"]+",'
like "$(cat "$tmp/metrics")" "${info}state=\"stopped\"\} 1" \
    'the worker is told of'
is "$(grep -c '^adtspool_worker_heartbeat_age' "$tmp/metrics")" 0 \
    '... but no heartbeat of one that has stopped'
ok 'all is well-formed' is_well_formed "$tmp/metrics"
ADTSPOOL_CLOCK_OFFSET=100 adtspool metrics >"$tmp/metrics"
like "$(value adtspool_index_lag_seconds)" '^1[0-5][0-9]$' \
    'what the indexer has not taken in is told by its age'
adtspool index
print
is "$(value adtspool_index_notices) $(value adtspool_index_lag_seconds)" \
    '0 0' '... and nothing is behind when it has'

# Its own file, through its lives.
is "$(value 'adtspool_claims_total{worker="here"}' "$tmp/worker.prom")" 3 \
    'the worker leaves its own numbers in a file'
ok '... which is well-formed' is_well_formed "$tmp/worker.prom"
is "$(grep -c queue "$tmp/worker.prom")" 0 '... without the queues'
conf 'autopkgtest: [/nonexistent/autopkgtest]' \
    "metrics-file: $tmp/worker.prom"
adtspool submit -e B=1 adtpass >/dev/null
adtspool worker --drain 2>/dev/null
is "$(value 'adtspool_host_failures_total{worker="here"}' \
    "$tmp/worker.prom")" 1 'a host that cannot run a test is counted'
is "$(value 'adtspool_claims_total{worker="here"}' "$tmp/worker.prom")" 4 \
    '... with what was counted in the life before'
# The second package whose testbed fails makes it bad.
printf '%s\n' '#!/bin/sh' 'for a; do case $a in' \
    '--output-dir=*) cd "${a#*=}" && echo a log >log ;;' 'esac; done' \
    'exit 16' >"$tmp/fails"
chmod +x "$tmp/fails"
conf "autopkgtest: [$tmp/fails]" "expose: [$tmp]" 'slots: 1' 'bad-host: 2' \
    'attempts: 9' "metrics-file: $tmp/worker.prom" 'heartbeat: 1s' 'lease: 6s'
adtspool submit -e B=2 adtfail adtskip >/dev/null
start_worker
counts_bad() {
	[ "$(value 'adtspool_host_failures_total{worker="here"}' \
	    "$tmp/worker.prom")" = 2 ]
}
ok '... and so is one whose testbeds all fail' wait_until 40 counts_bad
ok '... which is bad' grep -q 'this host is bad, so' "$tmp/worker.log"
stop_worker
adtspool cancel -p adtfail -p adtskip >/dev/null
conf "$quick" "metrics-file: $tmp/nonexistent/x" 'serve-listen: 127.0.0.1:0'
output=$(adtspool worker --drain 2>&1)
is $? 0 'a file that cannot be written does not stop the worker'
like "$output" "$tmp/nonexistent/x: No such file" '... which says so'
print
is "$(value 'adtspool_results_total{worker="here",status="pass"}')" 4 \
    '... and runs tests'

# A file by hand.
ok 'the command replaces a file' adtspool metrics -o "$tmp/all.prom"
ok '... by all of that' is_well_formed "$tmp/all.prom"
adtspool metrics --nonsense 2>/dev/null
is $? 64 'an option that there is not is refused'
adtspool metrics -o "$tmp/nonexistent/x" 2>/dev/null
is $? 66 'so is a file that cannot be made'

# Over HTTP, made now and then.
"$adtspool" -c "$tmp/adtspool.yaml" serve 2>"$tmp/serve.log" &
server=$!
wait_until 40 grep -q ' at http' "$tmp/serve.log"
url=$(sed -n 's|.* at \(http://.*\)/$|\1|p' "$tmp/serve.log")
curl -s -D "$tmp/headers" "$url/metrics" >"$tmp/served"
like "$(cat "$tmp/headers")" 'text/plain; version=0.0.4' \
    '/metrics has the type of the format'
ok '... and is well-formed' is_well_formed "$tmp/served"
is "$(value "adtspool_queue_requests{$q,state=\"waiting\"}" "$tmp/served")" \
    0 '... with what waits'
adtspool submit -e C=1 adtpass >/dev/null
is "$(curl -s "$url/metrics")" "$(cat "$tmp/served")" \
    'soon after it is the same, however much happens'
waits() {
	curl -s "$url/metrics" >"$tmp/served"
	[ "$(value "adtspool_queue_requests{$q,state=\"waiting\"}" \
	    "$tmp/served")" = 1 ]
}
ok '... and later it is not' wait_until 40 waits
kill "$server"
wait "$server"
"$adtspool" -c "$tmp/adtspool.yaml" serve --results "$spool/results" \
    2>"$tmp/mirror.log" &
server=$!
wait_until 40 grep -q ' at http' "$tmp/mirror.log"
url=$(sed -n 's|.* at \(http://.*\)/$|\1|p' "$tmp/mirror.log")
is "$(curl -s -o /dev/null -w '%{http_code}' "$url/metrics")" 404 \
    'where there are results alone, there are no metrics'
kill "$server"
done_testing
