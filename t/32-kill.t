#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at every call that changes something, found by strace: after a
# restart each request has one result, and nothing else is left.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null ||
    skip_all 'strace cannot trace here (ptrace is not permitted)'
arch=$(dpkg --print-architecture)
conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'attempts: 9'
adtspool init
spool=$tmp/spool
requests=0

run=("$adtspool" -c "$tmp/adtspool.yaml")

# changes OPTIONS COMMAND...: what changes_of finds when it is run to its end.
changes() {
	local options=$1
	shift
	rm -f "$tmp/trace"*
	# shellcheck disable=SC2086
	strace $options -o "$tmp/trace" -e "trace=$changing" "$@" \
	    >/dev/null 2>&1
	changes_of "$tmp/trace"*
}

results() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

incomplete() {
	find "$spool/results/autopkgtest" -type d -name '*@' \
	    -exec sh -c '[ "$(ls "$1" | wc -l)" = 4 ] || echo "$1"' - {} \;
}

links() {
	find "$spool/results/by-version" -xtype d -name '*@' | wc -l
}

left() {
	find "$spool/$arch"/{cur,bad,tmp} -type f ! -name README
	find "$spool/$arch/new" -type f ! -name README ! -name .bell
	find "$spool/results/.staging" -mindepth 1
	find "$tmp/scratch" -mindepth 2
}

check() { # what was killed
	is "$(results) $(links) $(incomplete)$(left)" \
	    "$requests $requests " \
	    "$1: one whole result a request, nothing left"
}

request() {
	requests=$((requests + 1))
	adtspool submit --env "N=$requests" adtpass >/dev/null
}

# At each call in turn; what is there after a call is there before the next.
worker=("${run[@]}" worker --drain)

# The worker itself, at every change it makes for one request.
request
mapfile -t calls < <(changes '' "${worker[@]}")
killed=0
for call in "${calls[@]}"; do
	request
	killed_at "$call" '' "${worker[@]}" && killed=$((killed + 1))
	adtspool worker --drain 2>>"$tmp/worker.log"
done
ok 'the worker makes many changes' [ $killed -gt 20 ]
check "the worker, at each of $killed calls"

# The runner, or what it started, at every change of theirs.
request
mapfile -t calls < <(changes '-ff' "${worker[@]}")
killed=0
for call in "${calls[@]}"; do
	request
	killed_at "$call" -f "${worker[@]}" && killed=$((killed + 1))
	adtspool worker --drain 2>>"$tmp/worker.log"
done
check "the worker or a runner, at each of $killed calls"

# The recovery after a kill is killed, too: of a request that ran, and of one
# that was committed.  (The renames are the claim, the commit, the publishing.)
for rename in 2 3; do
	request
	killed_at "renameat $rename" '' "${worker[@]}"
	mapfile -t calls < <(changes '' "${worker[@]}")
	killed=0
	for call in "${calls[@]}"; do
		request
		killed_at "renameat $rename" '' "${worker[@]}"
		killed_at "$call" '' "${worker[@]}" && killed=$((killed + 1))
		adtspool worker --drain 2>>"$tmp/worker.log"
	done
	check "the recovery, at each of $killed calls"
done

# submit: what it did not acknowledge may be there or not, what it did, must.
n=0
mapfile -t calls < <(changes '' "${run[@]}" submit --env S=0 adtpass)
requests=$((requests + 1))
killed=0
for call in "${calls[@]}"; do
	n=$((n + 1))
	killed_at "$call" '' "${run[@]}" submit --env "S=$n" adtpass &&
	    killed=$((killed + 1))
done
adtspool submit --env "S=$((n + 1))" adtpass >/dev/null
adtspool worker --drain 2>>"$tmp/worker.log"
before=$(results)
ok 'of submits cut off at each call, at most one result each' \
    [ "$before" -le $((requests + n + 1)) ]
ok 'the one that was acknowledged has one' [ "$before" -gt "$requests" ]
rm -f "$spool/$arch"/tmp/adtpass,*
requests=$before
check "submit, at each of $killed calls"

# import: cut off at every call, each line runs once in the end.
lines=3
requests_file() { # NUMBER
	local i
	for ((i = 0; i < lines; i++)); do
		echo "debci-unstable-$arch:adtpass {\"triggers\": [\"a$1/$i\"]}"
	done >"$tmp/requests"
	requests=$((requests + lines))
}
n=0
requests_file 0
mapfile -t calls < <(changes '' "${run[@]}" import "$tmp/requests")
killed=0
for call in "${calls[@]}"; do
	n=$((n + 1))
	requests_file $n
	killed_at "$call" '' "${run[@]}" import "$tmp/requests" &&
	    killed=$((killed + 1))
	# What is queued runs, and is out of sight, before it goes on.
	adtspool worker --drain 2>>"$tmp/worker.log"
	adtspool import "$tmp/requests" >/dev/null 2>&1
done
ok 'import leaves no file behind' sh -c "! ls '$tmp'/requests*"
is "$(find "$spool/$arch/tmp" -mindepth 1 -type d)" '' \
    '... and no directory'
find "$spool/$arch/tmp" -type f -name '.*' -delete
adtspool worker --drain 2>>"$tmp/worker.log"
check "import, at each of $killed calls"

done_testing
