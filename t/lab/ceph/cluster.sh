# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A Ceph of one monitor, one OSD that keeps its data in memory and one MDS, on
# the loopback alone, and its filesystem mounted twice, by two ceph-fuse
# clients that know nothing of each other: $ceph/a and $ceph/b.  To be used
# within t/lab/ceph/apart, which ends all of it.

# cluster_up DIRECTORY: sets $ceph.  Says what failed.
cluster_up() {
	ceph=$1
	export CEPH_CONF=$ceph/ceph.conf
	mkdir -p "$ceph"/{a,b,log,mon,osd} || return
	cluster_conf >"$CEPH_CONF"
	cluster_start >"$ceph/log/up" 2>&1 && return
	tail -n 20 "$ceph/log/up"
	return 1
}

# Without a manager and without keys.  The MDS writes its journal every tenth
# of a second: with Ceph's own tick, 5, a client waits up to that long for its
# first look at what another has just made.
cluster_conf() {
	cat <<-END
		[global]
		fsid = $(cat /proc/sys/kernel/random/uuid)
		mon initial members = a
		mon host = 127.0.0.1
		public addr = 127.0.0.1
		cluster addr = 127.0.0.1
		auth cluster required = none
		auth service required = none
		auth client required = none
		keyring = /dev/null
		run dir = $ceph
		admin socket = $ceph/\$name.asok
		log file = $ceph/log/\$name
		crash dir = $ceph/log
		osd pool default size = 1
		osd pool default pg autoscale mode = off
		osd crush chooseleaf type = 0
		paxos propose interval = 0.01
		[mon]
		mon data = $ceph/mon
		mon cluster log file = $ceph/log/cluster
		mon allow pool size one = true
		[osd]
		osd data = $ceph/osd
		osd objectstore = memstore
		[mds]
		mds tick interval = 0.1
	END
}

cluster_start() {
	local osd

	osd=$(cat /proc/sys/kernel/random/uuid)
	ceph-mon -i a --mkfs || return
	daemon mon ceph-mon -i a
	printf '%s\n' "osd new $osd 0" 'osd pool create meta 4' \
	    'osd pool create data 4' 'fs new lab meta data' |
	    ceph --connect-timeout 20 || return
	ceph-osd -i 0 --mkfs --osd-uuid "$osd" || return
	daemon osd ceph-osd -i 0
	mds_start && client_start a && client_start b
}

# daemon NAME COMMAND...: in a session of its own; its id is in $ceph/NAME.pid.
daemon() {
	local name=$1
	shift
	setsid "$@" -f >>"$ceph/log/$name.out" 2>&1 </dev/null &
	echo $! >"$ceph/$name.pid"
	disown
}

# daemon_kill NAME...: all at once, as a loss of power does, without farewell.
daemon_kill() {
	local name pids=()
	for name; do
		pids+=("$(cat "$ceph/$name.pid")")
	done
	kill -9 "${pids[@]}" 2>/dev/null
	wait_until 20 are_gone "${pids[@]}"
}

are_gone() { # PID...
	! kill -0 "$@"
}

# A new MDS is active when the monitor knows its global id as such, and not
# only that of the one before it.
mds_is_active() {
	local status
	status=$(ceph daemon mds.a status 2>/dev/null) &&
	    [[ $status = *'"state": "up:active"'* ]]
}

mds_start() {
	daemon mds ceph-mds -i a
	wait_until 60 mds_is_active
}

mds_restart() {
	daemon_kill mds && mds_start
}

is_mounted() {
	grep -q " $ceph/$1 fuse.ceph-fuse " /proc/self/mounts
}

client_start() { # a|b
	daemon "client-$1" ceph-fuse -n client.admin \
	    --log-file="$ceph/log/client-$1" \
	    --admin-socket="$ceph/client-$1.asok" "$ceph/$1"
	wait_until 30 is_mounted "$1"
}

# What a client that is lost has mounted is a mount without a server.
client_kill() {
	daemon_kill "client-$1"
	umount -l "$ceph/$1"
}
