#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A day in the life of three workers and 200 real runs, or $DAY_REQUESTS: one
# worker is killed, one is drained and upgraded, one has no space left, the
# policy changes, people cancel and retry.
# In the evening every request is accounted for, with exactly one result.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all 'a small disk takes root to mount'
arch=$(dpkg --print-architecture)
day=${DAY_REQUESTS:-200} tenth=$((${DAY_REQUESTS:-200} / 10))
spool=$tmp/spool
common=('lease: 12s' 'heartbeat: 1s' 'attempts: 2'
    "policy: $tmp/policy.yaml")
echo '- { package: linux*, big: yes }' >"$tmp/policy.yaml"
conf "${common[@]}"
adtspool init

disk=$tmp/disk		# where c has its scratch directory
mkdir "$disk"
mount -t tmpfs -o size=64m tmpfs "$disk" || skip_all 'no tmpfs can be mounted'
trap 'umount -l "$disk"; clean_up' EXIT

# start NAME PROGRAM ['KEY: VALUE'...]: a worker.
declare -A pid
start() {
	local name=$1 program=$2
	shift 2
	conf "${common[@]}" "worker: $name" "$@"
	mv "$tmp/adtspool.yaml" "$tmp/$name.yaml"
	conf "${common[@]}"
	"$program" -c "$tmp/$name.yaml" worker 2>>"$tmp/$name.log" &
	pid[$name]=$!
}

count() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

has() { # at least COUNT results
	[ "$(count)" -ge "$1" ]
}

runs_one() { # NAME
	[ -n "$(find "$spool/$arch/cur" -name "*@$1")" ]
}

claims() { # NAME: how many it has begun
	grep -c ': started' "$tmp/$1.log"
}

goes_on() { # NAME COUNT: it has begun more than so many
	[ "$(claims "$1")" -gt "$2" ]
}

idle() {
	[ -z "$(find "$spool/$arch/new" "$spool/$arch/cur" -type f \
	    ! -name README ! -name .bell)" ]
}

# Requests come in three ways; their trigger tells each from all others.
packages=(adtpass adtskip adtfail adtfailskip adtnone adtbad adtpass adtlost
    adtpass adtcrash)
for ((n = 0; n < 4 * tenth; n++)); do
	adtspool submit -t "day/$n" "${packages[n % 10]}" >/dev/null
done
for ((; n < 7 * tenth; n++)); do
	echo "${packages[n % 10]} {\"triggers\": [\"day/$n\"]}" >"$tmp/$n"
	mv "$tmp/$n" "$spool/$arch/new/"
done
for ((; n < day; n++)); do
	printf 'debci-unstable-%s:%s {"triggers": ["day/%s"]}\n' "$arch" \
	    "${packages[n % 10]}" "$n"
done >"$tmp/britney"
ok "in the morning there are $day requests" adtspool import "$tmp/britney"

start a "$adtspool"
start b "$adtspool"
start c "$adtspool" "scratch: $disk/scratch" 'min-free: 16M' 'slots: 1'

ok 'by nine there are results' wait_until 300 has "$tenth"
wait_until 60 runs_one a
kill -9 "${pid[a]}"
wait "${pid[a]}" 2>/dev/null
ok 'one worker is killed, and the others go on' wait_until 300 \
    has $((2 * tenth))

first=$((day - tenth)) last=$((day - tenth + 4))
adtspool cancel --reason 'superseded' --matching \
    "^day/($(seq -s '|' "$first" "$last"))\$" >"$tmp/cancelled"
is "$(grep -c ': cancelled$' "$tmp/cancelled")" 5 'five are cancelled'
start a "$adtspool"

copy_programs "$tmp/newer"
ok 'one worker is drained' adtspool drain --wait --reason upgrade b
kill "${pid[b]}"
wait "${pid[b]}"
is $? 0 '... and stopped'
adtspool release b >/dev/null
before=$(claims b)
start b "$tmp/newer/adtspool"
ok '... and its newer version goes on' wait_until 60 goes_on b "$before"

# From now on it is not run any more, and published all the same.
echo '- { package: adtnone, never: nobody looks after it }' >"$tmp/policy"
mv "$tmp/policy" "$tmp/policy.yaml"
rejected() {
	grep -rq --include=result.json "nobody looks after it" \
	    "$spool/results/autopkgtest"
}
ok 'the policy changes, and is heeded' wait_until 120 rejected

head -c 60M /dev/zero >"$disk/full" 2>/dev/null
no_space() {
	adtspool status | grep -E '^ *c ' | grep -q 'free'
}
ok 'a worker without space says so' wait_until 60 no_space
before=$(claims c) now=$(count)
wait_until 300 has $((now + tenth))
is "$(claims c)" "$before" '... and claims nothing, while the others go on'
rm "$disk/full"
ok '... until there is space again' wait_until 60 goes_on c "$before"

# Three that have failed are tried again.
find "$spool/results/autopkgtest" -path '*/adtfail/*' -name result.json \
    -printf '%P\n' | sed 's|/result.json||;3q' >"$tmp/failed"
mapfile -t failed_runs <"$tmp/failed"
is "$(adtspool retry "${failed_runs[@]}" | grep -c .)" 3 \
    'three that failed are tried again'
again=$(cd "$spool/results/autopkgtest" &&
    cat "${failed_runs[@]/%//result.json}" | grep -o 'day/[0-9]*' |
    sort -u | cut -d / -f 2 | paste -sd ,)

ok 'in the evening nothing waits or runs' wait_until 600 idle
for name in a b c; do
	kill "${pid[$name]}"
	wait "${pid[$name]}"
	is $? 0 "$name ends well"
done

# The books: what each request became.
account() {
	python3 - "$spool" "$arch" "$again" "$day" <<-'END'
	import collections, glob, json, os, re, sys
	spool, arch, again, day = sys.argv[1:]
	wanted = dict(adtpass='pass', adtskip='pass', adtfail='fail',
	    adtfailskip='fail', adtnone='neutral', adtbad='fail',
	    adtlost='tmpfail', adtcrash='tmpfail')
	runs, results = collections.Counter(), collections.Counter()
	tree = spool + '/results/autopkgtest/'
	for name in glob.glob(tree + '*/*/*/*/*/result.json'):
	    with open(name) as f:
	        r = json.load(f)
	    runs[r['id']] += 1
	    results[int(r['triggers'][0][len('day/'):])] += 1
	    if r['status'] != ('fail' if r.get('rejected') else
	        wanted[r['package']]):
	        print(name, 'has', r['status'])
	def ids(folder):
	    for base, _, files in os.walk('%s/%s/%s' % (spool, arch, folder)):
	        for name in files:
	            if re.match(r'[^,]+,[^,]+,p', name) and \
	                not name.endswith('.why'):
	                yield name.split(',')[1]
	done, bad = list(ids('done')), list(ids('bad'))
	print('more than one result of a request:',
	    [i for i in runs if runs[i] > 1])
	print('twice in done:', len(done) - len(set(done)))
	print('done without result:', sorted(set(done) - set(runs)))
	print('results without request:', sorted(set(runs) - set(done)))
	print('cancelled:', len(bad))
	again = set(map(int, again.split(',')))
	gone = [n for n in range(int(day)) if not results[n]]
	print('without result:', gone)
	print('with more than was asked for:', [n for n in results
	    if results[n] != (2 if n in again else 1)])
	END
}
is "$(account)" 'more than one result of a request: []
twice in done: 0
done without result: []
results without request: []
cancelled: 5
without result: ['"$(seq -s ', ' "$first" "$last")"']
with more than was asked for: []' \
    'every request is accounted for, with exactly one result'
ok 'fsck finds nothing' adtspool fsck --deep
is "$(find "$spool/results/.staging" "$spool/$arch"/{cur,tmp,pending} \
    -mindepth 1 ! -type d ! -name README; find "$tmp/scratch" "$disk" \
    -mindepth 3)" '' 'nothing is left on the way'
adtspool index >/dev/null
is "$(python3 -c 'import json, sys
print(len(json.load(open(sys.argv[1]))["results"]))' \
    "$(find "$spool/results" -name debci.json)")" "$(count)" \
    "britney sees all of them"

done_testing
