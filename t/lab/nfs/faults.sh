# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What goes wrong between the hosts of hosts.sh.  A reply is lost for good when
# it is late first, is cut off once the server's own view of $share shows that
# the request was executed, and the server then crashes: so nobody sends the
# reply again, and nobody remembers that the request was answered.

# shellcheck source=t/lab/nfs/hosts.sh
. "$(dirname "${BASH_SOURCE[0]}")/hosts.sh"

# One tc for all that is to come: to start one takes longer than a reply.
exec {tc}> >(exec tc -force -batch - >/dev/null)

# What the server sends to a client is late, is lost, or is as usual again.
replies_late() { # CLIENT MILLISECONDS
	echo "qdisc replace dev s${host_number[$1]} root netem delay $2ms"
} >&"$tc"

replies_cut() { # CLIENT
	echo "qdisc replace dev s${host_number[$1]} root blackhole"
} >&"$tc"

replies_mend() { # CLIENT
	echo "qdisc del dev s${host_number[$1]} root"
} >&"$tc"

server_stop() {
	# Locks of NFSv3 hold files open, and the disk with them.
	echo "$share" >/proc/fs/nfsd/unlock_filesystem
	rpc.nfsd 0
	kill "$(pgrep -x rpc.mountd)" "$(pgrep -x nfsdcld)"
	exportfs -au
	umount /proc/fs/nfsd
}

# All that nfsd had in memory goes: connections without a word (no socket
# outlives it to send once more), answers, clients, locks.  Who had locks of
# NFSv3 is not taken leave of.
server_crash() {
	local orphans=/proc/sys/net/ipv4/tcp_max_orphans
	cp -r /var/lib/nfs/sm /run/
	echo -1 >"$orphans"
	server_stop
	modprobe -r nfsd
	echo 8192 >"$orphans"
	modprobe nfsd
	cp -rT /run/sm /var/lib/nfs/sm
}

# That, and of what is on the disk all that was not synced.
server_power_cut() {
	# EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
	# shellcheck disable=SC2016
	perl -e 'open my $dir, "<", shift or die "$!\n"; my $how = pack "L", 2;
	    ioctl $dir, 0x8004587d, $how or die "$!\n"' "$share"
	server_crash
	umount "$share" && mount /dev/vda "$share"
}

# As after a boot, with what NFSv3 does about locks then.
server_again() {
	nfsd_start && sm-notify -f
}
