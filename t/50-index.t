#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The indexer: what was published comes into the manifests and into what readers
# read, whoever is killed, stopped or late, and however often.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null ||
    skip_all 'strace cannot trace here (ptrace is not permitted)'
arch=$(dpkg --print-architecture)
side_by_side=24

make_conf() { # DIRECTORY KEYS...: one whose paths move with it
	local dir=$1
	shift
	conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'lease: 6s' \
	    'heartbeat: 1s' 'expire-grace: 0s' 'spool: spool' \
	    'scratch: scratch' 'index-store: store' "$@"
	mkdir -p "$dir" && mv "$tmp/adtspool.yaml" "$dir"
}

in_dir() { # DIRECTORY, arguments: adtspool, on the spool there
	local dir=$1
	shift
	"$adtspool" -c "$dir/adtspool.yaml" "$@"
}

# See t/index_state.py.
state() { # COMMAND DIRECTORY
	python3 "$top/t/index_state.py" "$1" "$2/spool"
}

runs() { # DIRECTORY
	state runs "$1"
}

listed() { # DIRECTORY
	state listed "$1"
}

outputs() { # DIRECTORY
	state outputs "$1"
}

equals_rebuild() { # DIRECTORY
	rm -rf "$1.again"
	cp -a "$1" "$1.again"
	in_dir "$1.again" index --rebuild --name again || return
	diff <(outputs "$1") <(outputs "$1.again") &&
	    [ "$(listed "$1")" = "$(listed "$1.again")" ]
}

# All is taken in, and nothing is left.
is_whole() { # DIRECTORY
	local problems
	problems=$(state check "$1" </dev/null) && [ -z "$problems" ]
}

remove() { # DIRECTORY RUN: as adtspool expire wants it removed
	local suite on source id
	IFS=/ read -r _ suite on _ source id <<<"$2"
	: >"$1/spool/results/.index/notices/gone,$suite,$on,$source,$id"
}

# Some results, of real workers; one indexed that is to go, others that are new.
base=$tmp/base
make_conf "$base"
in_dir "$base" init
in_dir "$base" submit -t adtpass/1.0 adtpass >/dev/null
in_dir "$base" submit -s kali-rolling adtfail >/dev/null
ok 'a worker runs' in_dir "$base" worker --drain
is "$(find "$base/spool/results/.index/notices" -name 'new,*' | wc -l)" 2 \
    '... and leaves a notice of each result'
ok 'the indexer takes them in' in_dir "$base" index
ok '... all of them' is_whole "$base"
everything() { # DIRECTORY: the outputs and the manifests
	outputs "$1"
	cat "$1"/spool/results/manifests/2*
}
before=$(everything "$base")
ok 'it may run again' in_dir "$base" index
is "$(everything "$base")" "$before" '... and changes nothing'
ok 'a rebuild comes to the same' equals_rebuild "$base"

# What readers see of a run that is to go.
first=$(runs "$base" | head -n 1)
cp -a "$base" "$tmp/gone"
remove "$tmp/gone" "$first"
ok 'a run is removed' in_dir "$tmp/gone" index
is "$(runs "$tmp/gone")" "$(runs "$base" | tail -n 1)" '... it alone'
ok '... and is in no index' is_whole "$tmp/gone"
like "$(cat "$tmp"/gone/spool/results/manifests/2*)" "- $first" \
    '... but in the manifest, for mirrors'
ok '... as in those of a rebuild' equals_rebuild "$tmp/gone"

# With a grace it leaves the indexes before it goes.
cp -a "$base" "$tmp/grace"
make_conf "$tmp/grace" 'expire-grace: 1h'
remove "$tmp/grace" "$first"
ok 'a run with a grace leaves' in_dir "$tmp/grace" index
is "$(listed "$tmp/grace") $(runs "$tmp/grace" | wc -l)" \
    "$(state told "$tmp/grace") 2" '... the indexes, and is there still'
rm -r "$tmp/grace/store"
ok '... also for one that has to read the tree' in_dir "$tmp/grace" index
is "$(listed "$tmp/grace") $(state told "$tmp/grace" | wc -l)" \
    "$(state told "$tmp/grace") 1" '... which does not take it in again'
ADTSPOOL_CLOCK_OFFSET=4000 in_dir "$tmp/grace" index
is "$(runs "$tmp/grace")" "$(state told "$tmp/grace")" '... and goes after it'

# Notices that come twice, too early, or are none.
cp -a "$base" "$tmp/odd"
notices=$tmp/odd/spool/results/.index/notices
touch "$notices/new,kali-rolling,$arch,adtfail,$(basename "$first")" \
    "$notices/new,unstable,$arch,adtpass,20200101_000000@" "$notices/hello"
in_dir "$tmp/odd" index 2>/dev/null
is "$(ls "$notices")" \
    "README
hello
new,unstable,$arch,adtpass,20200101_000000@" \
    'a notice of what cannot be seen stays, and a stranger'
is "$(everything "$tmp/odd")" "$before" \
    '... one that came twice changes nothing'

# The manifests are the log: a rebuild goes on with them, whatever was lost.
cp -a "$base" "$tmp/lost"
sed -i 1d "$tmp"/lost/spool/results/manifests/2*
rm -rf "$tmp/lost/spool/results/$first"
ok 'a rebuild checks the manifests' in_dir "$tmp/lost" index --rebuild
is "$(listed "$tmp/lost")" "$(runs "$tmp/lost")" \
    '... which have what is there'
cp -a "$base" "$tmp/lost2"
rm -r "$tmp/lost2/spool/results/$first"
in_dir "$tmp/lost2" index --rebuild
is "$(listed "$tmp/lost2")" "$(runs "$tmp/lost2")" '... and lose what is not'
cp -a "$base" "$tmp/none"
rm "$tmp"/none/spool/results/manifests/2*
ok 'without any they are made' in_dir "$tmp/none" index
ok '... for all that is there' is_whole "$tmp/none"

# Killed at each change: something to take in, something to remove.
dead=$tmp/dead
cp -a "$base" "$dead"
in_dir "$dead" submit -e A=1 adtpass >/dev/null
in_dir "$dead" submit -e A=2 adtpass >/dev/null
in_dir "$dead" worker --drain 2>/dev/null
remove "$dead" "$first"
cp -a "$dead" "$tmp/whole"
strace -f -o "$tmp/trace" -e "trace=$changing" "$adtspool" \
    -c "$tmp/whole/adtspool.yaml" index
ok 'what is new is taken in' is_whole "$tmp/whole"
outputs "$tmp/whole" >"$tmp/whole.outputs"
ok '... as in a rebuild' equals_rebuild "$tmp/whole"
# What the store does on its own disk is a transaction: one call in ten.
mapfile -t calls < <(sed 's/^[0-9]* *//' "$tmp/trace" | changes_of /dev/stdin |
    awk '/^pwrite64 / && ++n % 10 { next } { print }')

# The same indexer starts again, or another waits for its lease.
kill_at() { # "CALL N" DIRECTORY NAME
	cp -a "$dead" "$2"
	killed_at "$1" -f "$adtspool" -c "$2/adtspool.yaml" index &&
	    : >"$2/killed"
	in_dir "$2" index --name "$3" 2>"$2/log" ||
	    { echo "exit $?"; cat "$2/log"; } >"$2/failed"
}

n=0
for call in "${calls[@]}"; do
	n=$((n + 1))
	kill_at "$call" "$tmp/$n.here" here 2>/dev/null &
	[[ $call != @(renameat|mkdirat|unlinkat)\ * ]] ||
		kill_at "$call" "$tmp/$n.other" other 2>/dev/null &
	[ $((n % side_by_side)) -ne 0 ] || wait
done
wait
kills=$(find "$tmp" -maxdepth 2 -name killed | wc -l)
problems() { # NAME: by the number of the call
	grep -s . "$tmp"/*."$1"/failed
	python3 "$top/t/index_state.py" check "$tmp"/*."$1"/spool \
	    <"$tmp/whole.outputs" || echo 'not all was looked at'
}
ok 'indexing makes many changes' [ "$kills" -gt 80 ]
is "$(problems here)" '' "killed at each, it goes on where it was"
is "$(problems other)" '' "... and so does another, after its lease"

done_testing
