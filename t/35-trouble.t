#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Full disks, lost replies and files that never settle cost no request.

# What is mounted here goes with this process, however it ends.
if [ "${1-}" != apart ] && unshare -m true 2>/dev/null; then
	exec unshare -m "$0" apart
fi
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
results=$tmp/results
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
conf "$quick" "results: $results"
mkdir "$results"
mounted=false
[ "${1-}" = apart ] && mount -t tmpfs -o size=1m results "$results" \
    2>/dev/null && mounted=true
adtspool init --results "$results"

unmount_and_clean_up() {
	local status=$?

	! $mounted || umount -l "$results"
	(exit "$status")
	clean_up
}
trap unmount_and_clean_up EXIT

count() { # of published runs
	find "$results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

has() { # COUNT runs
	[ "$(count)" = "$1" ]
}

field() { # KEY: from the newest result
	find "$results/autopkgtest" -name result.json -printf '%T@ %p\n' |
	    sort -n | tail -n 1 | cut -d ' ' -f 2 |
	    xargs sed -n "s/^  \"$1\": \(.*\),\$/\1/p"
}

in_cur() { # COUNT tokens
	[ "$(find "$spool/$arch/cur" -name '*@*' | wc -l)" = "$1" ]
}

runs=0

# The results disk is full.
if $mounted; then
	adtspool submit -e FULL=1 adtpass >/dev/null
	head -c 2M /dev/zero >"$results/filler" 2>/dev/null
	output=$(adtspool worker --drain 2>&1)
	is "$? $(count)" '75 0' 'on a full disk nothing is published'
	like "$output" 'no result could be made: log.gz: .*No space left' \
	    '... and the log says where'
	like "$(find "$spool/$arch" -name 'adtpass,*')" \
	    '/new/[^ ]*,e2,a0$' '... and no attempt is used up'
	like "$(adtspool status)" 'this host cannot run tests' \
	    '... and status tells'
	rm "$results/filler"
	adtspool worker --drain 2>"$tmp/worker.log"
	runs=$((runs + 1))
	is "$(count) $(field attempt)" "$runs 1" \
	    'with space again the request is run, once'
	is "$(ls -A "$results/.staging")" '' '... and nothing is left over'
else
	report ok 'on a full disk nothing is lost # SKIP cannot mount here'
fi

# The reply of the rename into cur/ is lost: done, and answered with ENOENT.
cat >"$tmp/lost.c" <<'EOF'
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	static int lost;
	int rc = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);

	if (rc != 0 || lost || !strchr(to, '@') || strchr(to, '/'))
		return rc;
	lost = 1;
	errno = ENOENT;
	return -1;
}
EOF
"${CC:-gcc}" -D_GNU_SOURCE -shared -fPIC -o "$tmp/lost.so" "$tmp/lost.c"
adtspool submit -e LOST=1 adtpass >/dev/null
LD_PRELOAD=$tmp/lost.so \
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
    adtspool worker --drain 2>"$tmp/worker.log"
runs=$((runs + 1))
is "$? $(count)" "0 $runs" 'a claim whose reply was lost is run, once'
is "$(field attempt)" 1 '... as the first attempt'
like "$(cat "$tmp/worker.log")" 'was claimed, though the answer was lost' \
    '... and the log tells'
ok '... and nothing stays claimed' in_cur 0

# 33 dropped files that somebody never finishes.
for ((i = 0; i < 33; i++)); do
	echo 'package: adtpass' >"$tmp/held$i"
done
(
	cd "$tmp" || exit
	for ((i = 0; i < 33; i++)); do
		# shellcheck disable=SC2034
		exec {fd}>>"held$i"
	done
	mv held* "$spool/$arch/new/"
	exec sleep 100
) &
: >"$tmp/worker.log"
start_worker
ok '33 files are held open, and all that may settle do' \
    wait_until 40 in_cur 32
adtspool submit -e HELD=1 adtpass >/dev/null
runs=$((runs + 1))
ok '... which does not keep a request from running' \
    wait_until 40 has "$runs"
stop_worker
is "$? $(find "$spool/$arch/new" -maxdepth 1 -name 'held*' | wc -l)" '0 33' \
    '... and at the end all of them wait again'
rm "$spool/$arch"/new/held*

# An editor's dropping in the bucket that is served first.
mkdir "$spool/$arch/new/00-20200101T0000"
touch "$spool/$arch/new/00-20200101T0000/.hello.swp"
adtspool submit -e SWP=1 adtpass >/dev/null
adtspool worker --drain 2>"$tmp/worker.log"
runs=$((runs + 1))
is "$? $(count)" "0 $runs" 'a dropping in a bucket does not hide later ones'
ok '... and stays' [ -e "$spool/$arch/new/00-20200101T0000/.hello.swp" ]

done_testing
