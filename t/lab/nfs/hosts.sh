# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The hosts inside a guest.  The guest itself is the NFS server, and exports
# $share, an ext4.  The clients a and b are network, mount and UTS namespaces
# and a control group each, with rpcbind and rpc.statd of their own: the kernel
# keeps their caches, client ids and locks apart.  Each has the export at
# $mount, and nothing else of the server but its network.

share=/srv/share
mount=/mnt/share
clients=(a b)
declare -A host_pid=() host_number=([a]=1 [b]=2)
hosts_sh=${BASH_SOURCE[0]}

# Users whom daemons want to become, and names, so that nobody asks a network.
name_all() {
	local user client n
	for user in _rpc statd; do
		grep -q "^$user:" /etc/passwd ||
		    echo "$user:x:65533:65534::/run:/bin/false" >>/etc/passwd
	done
	for client in "${clients[@]}"; do
		n=${host_number[$client]}
		echo "10.0.$n.1 server" >>/etc/hosts
		echo "10.0.$n.2 $client" >>/etc/hosts
	done
	: >/etc/resolv.conf
	: >/etc/exports
}

# What servers and clients need: the port mapper, and locks for NFSv3.
rpc_start() {
	mkdir -p /run/rpcbind /run/rpc_pipefs
	mount -t rpc_pipefs rpc /run/rpc_pipefs
	rpcbind -w && rpc.statd --no-notify
}

share_start() {
	mkfs.ext4 -q -E lazy_itable_init=1,lazy_journal_init=1 /dev/vda &&
	    mkdir -p "$share" && mount /dev/vda "$share" &&
	    chmod 1777 "$share"
}

# fsid=0: the root of NFSv4; the guest's own root cannot be exported.
nfsd_start() {
	local options=rw,no_root_squash,no_subtree_check,fsid=0,insecure
	mount -t nfsd nfsd /proc/fs/nfsd &&
	    exportfs -o "$options,${export_as:-sync}" "10.0.0.0/8:$share" &&
	    rpc.mountd && nfsdcld_start && rpc.nfsd -G 10 -L 10 4
}

# It has to watch before nfsd makes what it watches for.
nfsdcld_start() {
	nfsdcld -p /run/rpc_pipefs || return
	until find "/proc/$(pgrep -x nfsdcld)/fd" -lname '*inotify' |
	    grep -q .; do
		sleep 0.02
	done
}

# For when nobody was there before who could want something back.
grace_end() {
	echo Y >/proc/fs/nfsd/v4_end_grace
	echo Y >/proc/fs/lockd/nlm_end_grace
} 2>/dev/null

server_start() {
	mkdir -p /var/lib/nfs/{nfsdcld,sm,sm.bak}
	share_start && rpc_start && nfsd_start || return
	grace_end
}

client_start() { # CLIENT
	local n=${host_number[$1]}
	unshare --net --uts --mount sleep inf &
	host_pid[$1]=$!
	until [ "$(<"/proc/$!/comm")" = sleep ]; do sleep 0.01; done
	ip link add "s$n" type veth peer name c0 netns "$!"
	ip addr add "10.0.$n.1/24" dev "s$n"
	ip link set "s$n" up
	# shellcheck disable=SC2016
	nsenter -t "$!" -n -u -m bash -c '. "$1" && client_set_up "$2" "$3"' - \
	    "$hosts_sh" "$1" "$n" &&
	    mkdir "/sys/fs/cgroup/$1"
}

client_set_up() { # CLIENT NUMBER
	hostname "$1"
	ip link set lo up
	ip addr add "10.0.$2.2/24" dev c0
	ip link set c0 up
	mount -t tmpfs run /run
	mount -t tmpfs var /var/lib/nfs
	mkdir -p /var/lib/nfs/{sm,sm.bak} "$mount"
	rpc_start
}

hosts_start() {
	local client
	modprobe -a nfsd nfs nfsv3 nfsv4 veth sch_netem
	name_all
	for client in "${clients[@]}"; do
		client_start "$client" || return
	done
	server_start
}

# move_to CLIENT COMMAND...: this shell becomes the command, on that client and
# in its group; on CLIENT COMMAND...: runs it there.
move_to() {
	local pid=${host_pid[$1]}
	echo "$BASHPID" >"/sys/fs/cgroup/$1/cgroup.procs"
	shift
	exec nsenter -t "$pid" -n -u -m "$@"
}

on() {
	(move_to "$@")
}

# mount_on CLIENT OPTIONS: such as vers=3; hard, and cached as is usual.
mount_on() {
	local path=/
	[[ $2 != *vers=3* ]] || path=$share
	on "$1" mount.nfs "10.0.${host_number[$1]}.1:$path" "$mount" -o "$2"
}

umount_on() { # CLIENT
	on "$1" umount "$mount"
}
