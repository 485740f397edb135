#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at every call that changes something, found by strace: after a
# restart each request has one result, and nothing else is left.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null ||
    skip_all 'strace cannot trace here (ptrace is not permitted)'
arch=$(dpkg --print-architecture)
changes=rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,symlinkat
changes=$changes,fsync,openat,pwrite64,ftruncate,clone,clone3,fork
conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'attempts: 9'
adtspool init
spool=$tmp/spool
requests=0

# Runs the program, killed at its Nth change (-f: or one of its children's).
killed_at() { # N, strace's options, arguments
	local n=$1 options=$2
	shift 2
	# shellcheck disable=SC2086
	{ strace $options -o /dev/null -e "trace=$changes" \
	    -e "inject=$changes:signal=SIGKILL:when=$n" \
	    "$adtspool" -c "$tmp/adtspool.yaml" "$@"; } >/dev/null 2>&1
	[ $? -gt 128 ]
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

# The worker itself, at every change it makes for one request.
n=0
while n=$((n + 1)) && request && killed_at $n '' worker --drain; do
	adtspool worker --drain 2>>"$tmp/worker.log"
done
ok 'the worker makes many changes' [ $n -gt 25 ]
check "the worker, at each of $n calls"

# The worker or its runner, whoever comes first to its Nth change.
n=0
while n=$((n + 1)) && [ $n -le 60 ]; do
	request
	killed_at $n -f worker --drain
	adtspool worker --drain 2>>"$tmp/worker.log"
done
check "the worker or a runner, at each of $n calls"

# The recovery after a kill is killed, too.
n=0
while n=$((n + 1)) && [ $n -le 30 ]; do
	request
	killed_at 26 '' worker --drain
	killed_at $n '' worker --drain
	adtspool worker --drain 2>>"$tmp/worker.log"
done
check "the recovery, at each of $n calls"

# submit: what it did not acknowledge may be there or not, what it did, must.
n=0
while n=$((n + 1)) && killed_at $n '' submit --env "S=$n" adtpass; do
	:
done
adtspool worker --drain 2>>"$tmp/worker.log"
before=$(results)
ok 'of submits cut off at each call, at most one result each' \
    [ "$before" -le $((requests + n)) ]
ok 'the one that was acknowledged has one' [ "$before" -gt "$requests" ]
rm -f "$spool/$arch"/tmp/adtpass,*
requests=$before
check "submit, at each of $n calls"

# import: cut off at every call, each line runs once in the end.
lines=5
n=0
more=true
while $more; do
	n=$((n + 1))
	for ((i = 0; i < lines; i++)); do
		echo "debci-unstable-$arch:adtpass {\"triggers\": [\"a$n/$i\"]}"
	done >"$tmp/requests"
	killed_at $n '' import "$tmp/requests" || more=false
	adtspool import "$tmp/requests" >/dev/null 2>&1
	requests=$((requests + lines))
done
ok 'import leaves no file behind' sh -c "! ls '$tmp'/requests*"
rm -f "$spool/$arch"/tmp/adtpass,*
adtspool worker --drain 2>>"$tmp/worker.log"
check "import, at each of $n calls"

done_testing
