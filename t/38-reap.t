#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of a worker at every change that it makes while it takes over from a
# dead one (what is there before a call is what is there after the one before).
# Each kill has a spool of its own, so that they wait for leases side by side.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null ||
    skip_all 'strace cannot trace here (ptrace is not permitted)'
arch=$(dpkg --print-architecture)
requests=3
side_by_side=36

in_dir() { # DIRECTORY, arguments: adtspool, on the spool there
	local dir=$1
	shift
	"$adtspool" -c "$dir/adtspool.yaml" "$@"
}

# What a worker named a leaves that dies with a result committed and not yet
# published, a test running, and a dropped file that it had not judged.
make_dead() { # DIRECTORY
	local spool=$1/spool token commit=3	# claim, commit, publish
	conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'attempts: 9' \
	    'lease: 6s' 'heartbeat: 1s' 'spool: spool' 'scratch: scratch'
	mv "$tmp/adtspool.yaml" "$1"
	in_dir "$1" init
	in_dir "$1" submit -e N=1 adtpass >/dev/null
	{ strace -o /dev/null -e trace=renameat \
	    -e "inject=renameat:signal=SIGKILL:when=$commit" \
	    "$adtspool" -c "$1/adtspool.yaml" worker --name a; } >/dev/null 2>&1
	in_dir "$1" submit -e N=2 adtpass >/dev/null
	token=$(cd "$spool/$arch/new" && echo */adtpass,*)
	mv "$spool/$arch/new/$token" "$spool/$arch/cur/${token#*/}@a"
	mkdir -p "$spool/results/.staging/${token#*/}@a/making"
	echo half >"$spool/results/.staging/${token#*/}@a/log"
	echo adtpass >"$spool/$arch/cur/drop,aaaaaaaaaaaa,p5,e0,a0@a"
}

# Results, one a line, and what should not be left.
state() { # DIRECTORY
	local queue=$1/spool/$arch results=$1/spool/results
	find "$results/autopkgtest" -name result.json -printf 'result\n'
	find "$queue"/{new,cur,bad,tmp,tries} -type f ! -name README \
	    ! -name .bell
	find "$results/.staging" -mindepth 1
} 2>/dev/null

# Whether there are all results and nothing else; without a process, since many
# look at the same time.
is_done() { # DIRECTORY
	local queue=$1/spool/$arch results=$1/spool/results name
	local got=("$results"/autopkgtest/*/*/*/*/*@/result.json)
	[ "${#got[@]}" -eq "$requests" ] || return
	for name in "$queue"/{cur,bad,tmp,tries}/[!R]* "$queue"/new/*/* \
	    "$queue"/{cur,bad,tmp,tries}/.[!.]* "$results"/.staging/{*,.[!.]*}
	do
		[ ! -e "$name" ] || return
	done
}

# Runs a worker of that name until all is done, or it has ended; the status is
# the worker's.
work_until_done() { # DIRECTORY NAME COMMAND-BEFORE...
	local dir=$1 name=$2 worker
	shift 2
	"$@" "$adtspool" -c "$dir/adtspool.yaml" worker --name "$name" \
	    >/dev/null 2>>"$dir/$name.log" &
	worker=$!
	wait_until 40 eval "is_done '$dir' || ! kill -0 $worker"
	kill "$worker"
	wait "$worker"
}

# A worker b, killed at that call; then one named c, until all is done.
take_over() { # "CALL N" DIRECTORY
	local call=${1% *} n=${1#* } dir=$2
	cp -a "$tmp/dead" "$dir"
	work_until_done "$dir" b strace -D -o /dev/null -e "trace=$call" \
	    -e "inject=$call:signal=SIGKILL:when=$n"
	[ $? -ne 137 ] || : >"$dir/killed"
	work_until_done "$dir" c
	[ "$(find "$dir/spool/results/by-version" -xtype d -name '*@' |
	    wc -l)" = $requests ] && is_done "$dir" &&
	    [ "$(state "$dir" | sort -u)" = result ] && : >"$dir/done"
}

mkdir "$tmp/dead"
make_dead "$tmp/dead" 2>/dev/null
is "$(find "$tmp/dead/spool/$arch/done" -name '*@a' | wc -l) $(state \
    "$tmp/dead" | grep -c '^result$')" '1 0' \
    'a worker died with a result that is not published'

# What it changes when nobody kills it: not its beats, which go on for ever.
cp -a "$tmp/dead" "$tmp/whole"
work_until_done "$tmp/whole" b strace -D -o "$tmp/whole/trace" \
    -e "trace=$changing"
wait_until 20 grep -q '^+++ exited' "$tmp/whole/trace"
mapfile -t calls < <(changes_of "$tmp/whole/trace" |
    grep -vE '^(openat|write|ftruncate) ')

n=0
for call in "${calls[@]}"; do
	n=$((n + 1))
	take_over "$call" "$tmp/$n" 2>/dev/null &
	[ $((n % side_by_side)) -ne 0 ] || wait
done
wait
kills=$(find "$tmp" -maxdepth 2 -name killed | wc -l)
unfinished=$(for ((i = 1; i <= n; i++)); do
	[ -e "$tmp/$i/done" ] ||
	    echo "$i ${calls[i - 1]}: $(state "$tmp/$i")"
done)
ok 'taking over makes many changes' [ "$kills" -gt 40 ]
is "$unfinished" '' "killed at each of $kills, every request has one result"

done_testing
