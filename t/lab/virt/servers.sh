# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
#
# The virt servers, for table.t: whether this machine has what one needs
# (cannot_X says why not), its testbed (made by adtspool testbed, once, into
# build/virt), and the words for virt-server.
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=${top:?by t/lib.sh}
tmp=${tmp:?by t/lib.sh}
adtspool=${adtspool:?by t/lib.sh}
beds=${LAB_VIRT_BEDS:-$top/build/virt}
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-unstable}")
arch=$(dpkg --print-architecture)

# Of subordinate ids root often has none: then the test sees other files there,
# and the system stays as it is.
if [ "$(id -u)" -eq 0 ] && ! grep -qE '^(root|0):' /etc/subuid; then
	echo root:2000000000:65536 >"$tmp/subids"
	unshare --mount sh -c 'mount --bind "$1" /etc/subuid &&
	    mount --bind "$1" /etc/subgid && exec "$0"' "$0" "$tmp/subids"
	exit
fi

# Versions are told apart by a brand.
brand='cat /proc/sys/kernel/random/uuid >'
export AUTOPKGTEST_SETUP_VM_POST_COMMAND="$brand/etc/lab-brand"	# qemu

# archive: the address of this host's own.
archive() {
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
	    "Release: $suite" 'Component: main' | head -n 1
}

# beds_conf [MMDEBSTRAP'S-WORD...]: what testbeds are made with; an old
# snapshot of the archive is no error here.
beds_conf() {
	local word
	mkdir -p "$beds"
	{
		echo "spool: $beds/spool"
		echo "suite: $suite"
		echo "testbeds: $beds"
		echo "mirror: $(archive)"
		echo 'mmdebstrap:'
		for word in mmdebstrap \
		    '--aptopt=Acquire::Check-Valid-Until "false"' \
		    '--aptopt=Acquire::Check-Date "false"' \
		    "--customize-hook=$brand\"\$1/etc/lab-brand\"" "$@"; do
			echo "  - '$word'"
		done
	} >"$beds/adtspool.yaml"
}

# make_bed VIRT [MMDEBSTRAP'S-WORD...]
make_bed() {
	local virt=$1
	shift
	beds_conf "$@"
	[ -e "$(echo "$beds/$virt/$suite-$arch"*)" ] ||
	    "$adtspool" -c "$beds/adtspool.yaml" testbed create \
		--virt "$virt" >"$beds/$virt.log" 2>&1
}

lacks() { # PROGRAM...
	local program
	for program; do
		command -v "$program" >/dev/null || {
			echo "$program is not installed (t/deps lab-virt)"
			return
		}
	done
}

why_no_bed() {
	echo "its testbed was not made: $(tail -n 1 "$beds/$1.log")"
}

cannot_null() { :; }
words_null() { echo '["null"]'; }

cannot_chroot() {
	lacks mmdebstrap
	make_bed chroot || why_no_bed chroot
}
words_chroot() { echo "[chroot, '$beds/chroot/{suite}-{arch}']"; }

cannot_schroot() {
	local lack
	lack=$(lacks mmdebstrap schroot)
	[ -z "$lack" ] || { echo "$lack"; return; }
	make_bed schroot || why_no_bed schroot
}
words_schroot() { echo '[schroot, "adtspool-{suite}-{arch}"]'; }

cannot_unshare() {
	grep -q "^$(id -un):" /etc/subuid /etc/subgid || {
		echo "no line for $(id -un) in /etc/subuid or /etc/subgid"
		return
	}
	make_bed unshare || why_no_bed unshare
}
words_unshare() {
	echo "[unshare, --tarball, '$beds/unshare/{suite}-{arch}.tar']"
}

# With no bridge of this host's, containers share its network; and there may be
# no systemd here that theirs could ask for a cgroup.
cannot_lxc() {
	local lack
	lack=$(lacks mmdebstrap lxc-copy)
	[ -z "$lack" ] || { echo "$lack"; return; }
	mkdir -p "$beds/lxc"
	printf '%s\n' 'lxc.net.0.type = none' 'lxc.signal.halt = SIGKILL' \
	    'lxc.apparmor.profile = unconfined' >"$beds/lxc/config"
	make_bed lxc --include=sysvinit-core || why_no_bed lxc
}
words_lxc() { echo '[lxc, --ephemeral, "adtspool-{suite}-{arch}"]'; }

# Limits that a container can have where this machine has hard ones of its own;
# and autopkgtest takes any word on standard error for a failure, warnings too.
cannot_podman() {
	local lack
	lack=$(lacks mmdebstrap podman runc)
	[ -z "$lack" ] || { echo "$lack"; return; }
	mkdir -p "$beds"
	cat >"$beds/containers.conf" <<-'EOF'
	[containers]
	default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
	[engine]
	runtime = "runc"
	cgroup_manager = "cgroupfs"
	events_logger = "file"
	EOF
	mkdir -p "$beds/bin"
	printf '#!/bin/sh\nexec %s --log-level=error "$@"\n' \
	    "$(PATH=/usr/bin:/bin command -v podman)" >"$beds/bin/podman"
	chmod +x "$beds/bin/podman"
	[[ $PATH = "$beds/bin:"* ]] || PATH=$beds/bin:$PATH
	export CONTAINERS_CONF=$beds/containers.conf
	make_bed podman || why_no_bed podman
}
words_podman() { echo '[podman, "localhost/adtspool/{suite}-{arch}"]'; }

# autopkgtest-build-qemu finds a kpartx that needs no device mapper where the
# kernel has none, and a blkid that does what udev would.
cannot_qemu() {
	local lack
	lack=$(lacks vmdb2 zerofree kpartx qemu-system-x86_64 qemu-img)
	[ -z "$lack" ] || { echo "$lack"; return; }
	[ "$arch" = amd64 ] || { echo 'only on amd64'; return; }
	[ "$(id -u)" -eq 0 ] || { echo 'only root has loop devices'; return; }
	mkdir -p "$beds/bin"
	dmsetup ls >/dev/null 2>&1 ||
	    ln -sfn "$lab/kpartx" "$beds/bin/kpartx"
	[ -e /run/udev/control ] || ln -sfn "$lab/blkid" "$beds/bin/blkid"
	[[ $PATH = "$beds/bin:"* ]] || PATH=$beds/bin:$PATH
	make_bed qemu || why_no_bed qemu
}
words_qemu() {
	echo "[qemu, --qemu-command=$lab/qemu-tcg, --timeout-reboot=300," \
	    "--ram-size=1024, '$beds/qemu/{suite}-{arch}.img']"
}
