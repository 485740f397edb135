#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A worker whose mounts are full, read-only, away or mounted anew claims
# nothing, says so, and goes on by itself.

# What is mounted here goes with this process, however it ends.
if [ "${1-}" != apart ] && unshare -m true 2>/dev/null; then
	exec unshare -m "$0" apart
fi
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
results=$tmp/results
mkdir "$spool" "$results" "$tmp/other"
mount_one() { # DIRECTORY
	mount -t tmpfs -o size=64m adtspool-t "$1" 2>/dev/null
}
[ "${1-}" = apart ] || skip_all 'cannot mount here'
{ mount_one "$spool" && mount_one "$results"; } ||
    skip_all 'cannot mount here'
unmount_and_clean_up() {
	local status=$?

	umount -l "$spool" "$results" "$tmp/other" 2>/dev/null
	(exit "$status")
	clean_up
}
trap unmount_and_clean_up EXIT

quick=("autopkgtest: [$top/t/data/autopkgtest-quick]" "results: $results"
    'heartbeat: 1s' 'lease: 6s')
conf "${quick[@]}" 'min-free: 40M'
adtspool init --results "$results"

count() {
	find "$results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

has() { # COUNT results
	[ "$(count)" = "$1" ]
}

waits() { # COUNT requests
	[ "$(find "$spool/$arch/new" -name 'adtpass,*' | wc -l)" = "$1" ]
}

says() { # TEXT, in the log
	grep -q "$1" "$tmp/worker.log"
}

shows() { # TEXT, in status
	adtspool status | grep -q "$1"
}

# Too little room.
head -c 32M /dev/zero >"$spool/filler"
start_worker
adtspool submit -e M=1 adtpass >/dev/null
ok 'with too little space the worker says so' \
    wait_until 40 says 'less than min-free, 40 MiB, is free'
ok '... and so does status' wait_until 40 shows 'less than min-free'
ok '... and nothing is claimed' waits 1
rm "$spool/filler"
ok '... until there is space again' wait_until 40 has 1

# Read-only.
mount -o remount,ro "$results"
ok 'on a read-only mount the worker says so' \
    wait_until 40 says 'mounted read-only; nothing is claimed'
mount -o remount,rw "$results"
adtspool submit -e M=2 adtpass >/dev/null
ok '... and goes on when it can write again' wait_until 40 has 2

# Away, and back.
mount --move "$spool" "$tmp/other" 2>/dev/null || {
	mount --make-rprivate / && mount --move "$spool" "$tmp/other"
}
ok 'when the spool is not mounted the worker says so' \
    wait_until 40 says 'No such file or directory; is it mounted?'
mount --move "$tmp/other" "$spool"
adtspool submit -e M=3 adtpass >/dev/null
ok '... and goes on when it is' wait_until 40 has 3

# Another filesystem in its place, as after a server was made anew.
umount -l "$spool"
mount_one "$spool"
adtspool init --results "$results"
adtspool submit -e M=4 adtpass >/dev/null
ok 'when it is mounted anew the worker says so' \
    wait_until 40 says 'was mounted anew; going on there'
ok '... and works there' wait_until 40 has 4
echo adtpass >"$spool/$arch/new/dropped"
ok '... and hears of what is dropped there' wait_until 40 has 5
ok '... and shows there that it lives' \
    wait_until 40 grep -q '"state": "running"' "$spool/workers/here"
stop_worker
is $? 0 '... until it is told to stop'

done_testing
