# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
#
# The virt servers, for table.t: whether this machine has what one needs
# (cannot_X says why not), its testbed (made by adtspool testbed, once, into
# build/virt), and the words for virt-server.
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=${top:?by t/lib.sh}
adtspool=${adtspool:?by t/lib.sh}
beds=${LAB_VIRT_BEDS:-$top/build/virt}
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-unstable}")
arch=$(dpkg --print-architecture)

# beds_conf [MMDEBSTRAP'S-WORD...]: what testbeds are made with: this host's
# own archive, for an old snapshot of it is no error here.
beds_conf() {
	local word
	mkdir -p "$beds/lxc"
	cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources \
	    2>/dev/null | sed -E 's/^Types: deb$/Types: deb deb-src/
	    s/^deb (.*)/&\ndeb-src \1/' >"$beds/debian.sources"
	[ -s /etc/apt/sources.list ] &&
	    mv "$beds/debian.sources" "$beds/debian.list"
	{
		echo "spool: $beds/spool"
		echo "suite: $suite"
		echo "testbeds: $beds"
		echo "mirror: $(ls "$beds"/debian.*)"
		echo 'mmdebstrap:'
		for word in mmdebstrap \
		    '--aptopt=Acquire::Check-Valid-Until "false"' \
		    '--aptopt=Acquire::Check-Date "false"' "$@"; do
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

# Where autopkgtest-build-qemu has no device mapper to write a boot loader with,
# the image is a bare filesystem, and its kernel lies beside it.
make_qemu_bare() {
	local root=$beds/qemu/root
	local setup=/usr/share/autopkgtest/setup-commands/setup-testbed
	rm -rf "$root"
	AUTOPKGTEST_KEEP_APT_SOURCES=yes mmdebstrap --variant=apt \
	    --aptopt='Acquire::Check-Valid-Until "false"' \
	    --aptopt='Acquire::Check-Date "false"' \
	    --include=dpkg-dev,procps,ca-certificates,linux-image-"$arch",init \
	    --include=systemd-sysv,udev,ifupdown,isc-dhcp-client,iproute2 \
	    --include=passwd --skip=cleanup/apt/lists \
	    --customize-hook='echo 127.0.0.1 localhost >"$1/etc/hosts"' \
	    --customize-hook=': >"$1/etc/network/interfaces"' \
	    --customize-hook='chroot "$1" passwd -d root' \
	    --customize-hook="$setup" \
	    "$suite" "$root" "$(ls "$beds"/debian.*)" &&
	    cp "$root"/boot/vmlinuz-* "$beds/qemu/kernel" &&
	    cp "$root"/boot/initrd.img-* "$beds/qemu/initrd" &&
	    mke2fs -q -t ext4 -d "$root" "$beds/qemu/raw" 3G &&
	    qemu-img convert -O qcow2 "$beds/qemu/raw" \
		"$beds/qemu/$suite-$arch.img"
	rm -rf "$root" "$beds/qemu/raw"
}

cannot_qemu() {
	local lack
	lack=$(lacks mmdebstrap qemu-system-x86_64 qemu-img mke2fs)
	[ -z "$lack" ] || { echo "$lack"; return; }
	[ "$arch" = amd64 ] || { echo 'only on amd64'; return; }
	export LAB_VIRT_BOOT=$beds/qemu
	make_bed qemu || make_qemu_bare >>"$beds/qemu.log" 2>&1 ||
	    why_no_bed qemu
}
words_qemu() {
	echo "[qemu, --qemu-command=$lab/qemu-tcg, --timeout-reboot=300," \
	    "--ram-size=1024, '$beds/qemu/{suite}-{arch}.img']"
}
