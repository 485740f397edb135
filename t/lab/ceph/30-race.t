#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Workers on two hosts want the same requests, and each request has one result.
limit=120
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
lab_up 'slots: 4'

# start_counted a|b...: strace notes the renames that fail, and nothing else.
start_counted() {
	local client
	for client; do
		strace -f --seccomp-bpf -qq -e signal=none -e trace=renameat \
		    -e status=failed -o "$tmp/$client.lost" \
		    "$adtspool" -c "$tmp/$client.yaml" worker --drain \
		    2>>"$tmp/$client.log" &
		workers[$client]=$!
	done
}

# Each in a bucket of its own, the oldest first: all want the same name.
for ((i = 0; i < 100; i++)); do
	ADTSPOOL_CLOCK_OFFSET=-$((i * 60 + 300)) \
	    on a submit -e "N=$i" adtpass >>"$tmp/ids"
done
is "$(on b status | sed -n "s/^$arch *\([0-9]*\) .*/\1/p")" 100 \
    '100 requests wait, in as many buckets'
begin=$(now_ms)
start_counted a b
for ((i = 100; i < 150; i++)); do
	printf 'package: adtpass\nenv: [N=%s]\n' $i >"$ceph/a/draft"
	mv "$ceph/a/draft" "$ceph/a/spool/$arch/new/drop$i"
done
wait "${workers[a]}" && wait "${workers[b]}"
is $? 0 'both drain'
start a b
ok '150 requests have results' wait_until 60 published 150
note "in $(($(now_ms) - begin)) ms; claims that the other host was faster" \
    "with: $(cat "$tmp"/?.lost | grep -c '@[ab]") .*ENOENT')"
ok 'there were races' grep -q '@[ab]") .*ENOENT' "$tmp/a.lost" "$tmp/b.lost"
ok '... and both won some' \
    [ "$(grep -lE 'published as' "$tmp/a.log" "$tmp/b.log" | wc -l)" = 2 ]
stop a b
mapfile -t all < <(seq 0 149)
exactly_once '150 requests' "${all[@]}"
done_testing
