#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab leaves nothing running, however it ends, and so nothing mounted: not
# even a call that no signal ends, because the FUSE client that it waits for
# hangs itself.
limit=60
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"

# A lab in this one, where a call hangs.
# shellcheck disable=SC2016
script='. "$0/lib.sh"
	lab_up "poll: 1s"
	touch "$ceph/b/file"
	kill -STOP "$(cat "$ceph/client-a.pid")"
	exec cat "$ceph/a/file"'

hangs() {
	grep -qs fuse /proc/[0-9]*/stack
}

nothing_runs() {
	! hangs && ! pgrep -f '^ceph'
}

"$lab/apart" 50 bash -c "$script" "$lab" >"$tmp/out" 2>&1 &
ok 'a call hangs' wait_until 30 hangs
ok '... and Ceph runs' pgrep -x ceph-mds
{ kill -9 $! && wait $!; } 2>/dev/null
ok 'kill -9 ends it, and Ceph' wait_until 10 nothing_runs

"$lab/apart" 6 bash -c "$script" "$lab" >"$tmp/out" 2>&1
is $? 124 'what hangs for too long is ended'
ok '... with all of it' nothing_runs
like "$(cat "$tmp/out")" 'cat [0-9/a-z]* is in system call .*fuse' \
    '... and the call is told'
"$lab/apart" 6 sh -c 'exit 7'
is $? 7 'otherwise the status is that of the command'
done_testing
