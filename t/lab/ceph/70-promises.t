#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What CephFS must keep of what it has said: what submit and a worker have
# acknowledged outlives the client and the MDS, even if both die at once; and a
# lock holds on every host.
limit=120
# shellcheck source=t/lab/ceph/lib.sh
. "$(dirname "$0")/lib.sh"
lab_up 'slots: 4'

# The MDS writes its journal as seldom as it comes.
cat >>"$CEPH_CONF" <<-END
	mds tick interval = 5
	mds reconnect timeout = 2
END
ok "an MDS with Ceph's own tick" mds_restart

# At the same time: each alone would save what the other one forgets.
crash() {
	daemon_kill client-a mds
	client_kill a && mds_start && client_start a
}

for ((i = 1; i <= 2; i++)); do
	: >"$ceph/a/draft$i"
	said=$(on a submit -e "N=$i" adtpass)
	mv "$ceph/a/draft$i" "$ceph/a/moved$i"
	ok 'the MDS and a client crash' crash
	ok "... right after submit $i, which holds" on b show "${said%% *}"
	[ -e "$ceph/b/moved$i" ] && kept=kept || kept=lost
	note "a rename after it that nobody has synced is $kept"
done

QUICK_SLEEP=0 on a worker --drain 2>"$tmp/a.log"
is $? 0 'a worker runs them'
ok '... and then its client and the MDS crash' crash
is "$(numbers | paste -sd ' ')" '1 2' '... but the results hold'

flock "$ceph/a/lock" sleep 2 &
wait_until 5 test -e "$ceph/a/lock"
sleep 0.5
flock -n "$ceph/b/lock" true
is $? 1 'a lock on one host keeps the other out'
ok '... until it is given up' flock -w 10 "$ceph/b/lock" true
done_testing
