#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Indexers that follow: news within seconds, one at a time, and others behind.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null ||
    skip_all 'strace cannot trace here (ptrace is not permitted)'
results=$tmp/spool/results
debci=$results/britney/unstable/debci.json

follow() { # NAME: in the background; its log is $tmp/NAME.log
	"$adtspool" -c "$tmp/adtspool.yaml" index --follow --name "$1" \
	    2>>"$tmp/$1.log" &
}

has_role() { # NAME
	[ -e "$(echo "$results"/.index/role/*@"$1")" ]
}

# How many of that status debci.json has: null is pending.
statuses() { # STATUS
	grep -c "\"status\": $1" "$debci"
}

has() { # NUMBER STATUS
	[ "$(statuses "$2")" = "$1" ]
}

# What readers see, byte by byte.
sums() { # RESULTS
	(cd "$1" && find britney status packages manifests -type f | sort |
	    xargs sha256sum)
}

# Whether the outputs that take longer have so many results, too.
is_written() { # NUMBER
	[ "$(grep -o run_id "$results/packages/unstable"/*/a/adtpass/h* |
	    wc -l)" -eq "$1" ] && python3 - "$results" "$1" <<-'END'
	import sqlite3, sys
	db = sqlite3.connect(sys.argv[1] + "/britney/autopkgtest.db")
	n, = db.execute("SELECT count(*) FROM result").fetchone()
	sys.exit(n != int(sys.argv[2]))
	END
}

conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'lease: 6s' \
    'heartbeat: 1s' "index-store: $tmp/store"
adtspool init
follow a
a=$!
ok 'an indexer takes the role' wait_until 40 has_role a
ok '... and writes what there is' wait_until 40 test -e "$debci"

# From the request to the result.
adtspool submit -t adtpass/1 adtpass >/dev/null
ok 'a request is pending soon' wait_until 40 has 1 null
start_worker
ok '... and a result soon after it was published' wait_until 40 has 1 '"pass"'
ok '... and is not pending any more' wait_until 40 has 0 null
ok 'an indexer that runs once leaves it to the other' \
    [ "$(adtspool index --name once 2>&1; echo $?)" = \
    "adtspool: $results/.index/role: another indexer has the role, and lives
75" ]
like "$(adtspool index --name a 2>&1)" 'runs already' \
    'a name is for one process at a time'

# Standing by: for one that stops, ...
follow b
b=$!
sleep 2		# two looks
has_role a
is "$?" 0 'another stands by'
kill -TERM "$a"
wait "$a"
is "$?" 0 'one that is told to stop does so'
ok '... and is followed at once' wait_until 40 has_role b
adtspool submit -t adtpass/2 adtpass >/dev/null
ok '... by one that goes on' wait_until 40 has 2 '"pass"'

# ... for one that is killed, ...
follow a
a=$!
kill -9 "$b"
wait "$b" 2>/dev/null
ok 'one that was killed is followed after its lease' wait_until 40 has_role a
adtspool submit -t adtpass/3 adtpass >/dev/null
ok '... by one that goes on' wait_until 40 has 3 '"pass"'

# ... and for one that is stopped for long.
kill -STOP "$a"
follow b
b=$!
ok 'one that was stopped is followed after its lease' wait_until 40 has_role b
adtspool submit -t adtpass/4 adtpass >/dev/null
ok '... by one that goes on' wait_until 40 has 4 '"pass"'
stop_worker
wait_until 40 has 0 null
wait_until 40 is_written 4
sum=$(sums "$results")
kill -CONT "$a"
ok '... and finds that when it goes on' \
    wait_until 40 grep -q 'role was lost' "$tmp/a.log"
is "$(sums "$results")" "$sum" '... having written nothing'
kill -TERM "$a" "$b"
wait "$a" "$b"

# A zombie in the middle of writing: each of its renames comes after its lease,
# but the first, which takes the role.  Each has a spool of its own, so that
# they wait side by side.
is_late() { # N TRACE: it is in that call
	[ "$(grep -c '^renameat(' "$2")" -ge "$1" ] && ! grep -q DELAYED "$2"
}
late() { # N: the call
	local dir=$tmp/late.$1 pid
	mkdir "$dir"
	cp -a "$tmp/spool" "$dir"
	sed -e "s|^spool:.*|spool: spool|" -e "s|^index-store:.*|index-store: \
store|" "$tmp/adtspool.yaml" >"$dir/adtspool.yaml"
	strace -o "$dir/trace" -e trace=renameat \
	    -e "inject=renameat:delay_enter=40s:when=$1" \
	    "$adtspool" -c "$dir/adtspool.yaml" index --name a \
	    2>"$dir/a.log" &
	pid=$!
	wait_until 60 is_late "$1" "$dir/trace"
	"$adtspool" -c "$dir/adtspool.yaml" index --name b 2>"$dir/b.log" ||
	    return
	sums "$dir/spool/results" >"$dir/before"
	wait "$pid"
	sums "$dir/spool/results" | diff "$dir/before" - >"$dir/diff" &&
	    : >"$dir/done"
}

rm -r "$results/britney" "$results/status" "$results/packages" "$tmp/store"
adtspool submit -t adtpass/5 adtpass >/dev/null
adtspool worker --drain 2>/dev/null
cp -a "$tmp/spool" "$tmp/copy"
cp -a "$tmp/adtspool.yaml" "$tmp/copy.yaml"
n=$(strace -o /dev/stdout -e trace=renameat "$adtspool" \
    -c "$tmp/adtspool.yaml" index --name a | grep -c '^renameat')
rm -r "$tmp/spool" "$tmp/store" && mv "$tmp/copy" "$tmp/spool"
for ((i = 2; i <= n; i++)); do
	late "$i" 2>/dev/null &
done
wait
ok 'an indexer renames often' [ "$n" -gt 10 ]
is "$(for ((i = 2; i <= n; i++)); do
	[ -e "$tmp/late.$i/done" ] || echo "$i:" "$(cat "$tmp/late.$i"/a.log \
	    "$tmp/late.$i"/b.log "$tmp/late.$i/diff" 2>&1)"
done)" '' "late at each of $n, it changes nothing after another has gone on"

done_testing
