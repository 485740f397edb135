#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Quotas: what cannot be written is said, nothing is lost, and when there is
# room again, all goes on by itself.
limit=120
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
lab_up 'slots: 4' 'min-free: 200M'
asked=0

# quota DIRECTORY bytes|files NUMBER: set on a, until b knows; 0 is none.
quota() {
	setfattr -n "ceph.quota.max_$2" -v "$3" "$ceph/a/$1"
	wait_until 10 has_quota "$@"
}

has_quota() {
	[ "$(getfattr --only-values -n "ceph.quota.max_$2" \
	    "$ceph/b/$1" 2>/dev/null || echo 0)" = "$3" ]
}

ask() {
	asked=$((asked + 1))
	on a submit -e "N=$asked" adtpass >"$tmp/said" 2>&1
}

waits() { # the last request, no attempt used up
	[ -n "$(find "$spool/$arch/new" -name 'adtpass,*,e*,a0')" ]
}

# drain DESCRIPTION: worker b is refused something.
drain() {
	local said
	said=$(on b worker --drain 2>&1)
	is $? 75 "$1: worker --drain fails"
	like "$said" "$2" '... and says why'
	ok '... and the request waits' waits
}

goes_on() {
	on b worker --drain 2>>"$tmp/b.log"
	is "$?,$(numbers | wc -l)" "0,$asked" 'without it the request runs'
}

tells() { # REGEX: status, of b
	on a status | grep -qE "^b +$1"
}

blocks() { # of the whole mount, as statvfs(3) has them
	stat -f -c 'f_blocks %b, f_bavail %a, f_files %c, f_favail %d' "$1"
}

# For the results, and a worker that stays.
note "statvfs: $(blocks "$ceph/b")"
like "$(blocks "$ceph/b")" 'f_blocks 0, f_bavail 0,' \
    'where Ceph has no manager, there are no blocks'
start b
ask
ok '... which does not keep a worker from claiming' wait_until 20 published 1
quota spool/results bytes 1000
ask
ok 'a result is over the quota, and the worker says so' \
    wait_until 20 says b 'Disk quota exceeded'
ok '... and the request waits' wait_until 5 waits
ok '... and status tells' wait_until 5 tells 'running .*the log tells why'
quota spool/results bytes 0
ok '... and runs by itself when the quota is lifted' wait_until 60 published 2
stop b

# For the number of files, where not even a directory can be made.
quota spool/results files 5
ask
drain 'too many files' 'Disk quota exceeded'
quota spool/results files 0
goes_on

# For the queue: what is not acknowledged is not there.
quota "spool/$arch" bytes 1000
ask
like "$? $(cat "$tmp/said")" '^7[0-9] .*Disk quota exceeded' \
    'a submit over the quota fails, and says why'
asked=$((asked - 1))
is "$(left)" '' '... and leaves nothing behind'
quota "spool/$arch" bytes 0
ask
goes_on

# For the whole mount: then statvfs(3) has blocks.
quota . bytes 104857600
note "statvfs with a quota of 100 MiB on what is mounted: $(blocks "$ceph/b")"
like "$(blocks "$ceph/b")" 'f_blocks 25, f_bavail 2[0-9],' \
    'a quota on what is mounted makes it a size'
ask
drain 'less room than min-free' 'less than min-free, 200 MiB'
quota . bytes 0
goes_on

mapfile -t all < <(seq 1 $asked)
exactly_once 'in the end' "${all[@]}"
done_testing
