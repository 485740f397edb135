#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A testbed of another processor's, which qemu-user stands in for: it is made,
# and a test runs in it.  All that is in a user namespace with a binfmt_misc of
# its own, which Linux has since 6.7: nothing is registered for this host.
#
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=t/lab/virt/servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source=t/lab/virt/runs.sh
. "$(dirname "$0")/runs.sh"
formats=/proc/sys/fs/binfmt_misc
processor=aarch64 foreign=arm64 machine=aarch64
[ "$arch" != arm64 ] || skip_all 'arm64 is no other architecture here'
entry=/usr/lib/binfmt.d/qemu-$processor.conf
[ -e "$entry" ] || skip_all "$entry is not there (t/deps lab-virt)"
lack=$(lacks arch-test mmdebstrap)
[ -z "$lack" ] || skip_all "$lack"

# Once more inside, where there are 65536 users: the next namespace's are 65535
# of them.
if [ -z "${LAB_VIRT_INSIDE-}" ]; then
	within=(unshare --user --map-root-user --map-auto --mount --pid --fork
	    --kill-child --mount-proc)
	why=$("${within[@]}" mount -t binfmt_misc none "$formats" 2>&1) ||
	    skip_all "no binfmt_misc of one's own: $why"
	LAB_VIRT_INSIDE=yes "${within[@]}" "$0"
	exit
fi
mount -t binfmt_misc none "$formats"
echo 'root:1:65535' >"$tmp/subid"
mount --bind "$tmp/subid" /etc/subuid
mount --bind "$tmp/subid" /etc/subgid

made=$beds/foreign
beds_conf
sed "s|^testbeds: .*|testbeds: $made|" "$beds/adtspool.yaml" \
    >"$tmp/beds.yaml"
create() {
	"$adtspool" -c "$tmp/beds.yaml" testbed create --virt unshare \
	    --arch "$foreign" 2>&1
}

like "$(create; echo $?)" \
    "$foreign: this host cannot run its programs: no enabled $formats/.*69" \
    'without an entry nothing is made'
cat "$entry" >"$formats/register"
link=$made/unshare/$suite-$foreign.tar
[ -e "$link" ] || create >"$tmp/made.log"
ok 'with one, a testbed is made' test -e "$link"
[ -e "$link" ] || sed 's/^/# /' "$tmp/made.log"

# shellcheck disable=SC2016
own_package adtforeign \
    'echo it runs on $(uname -m), for $(dpkg --print-architecture)' 'Depends:'
conf "suite: $suite" 'slots: 1' 'attempts: 1' "testbeds: $made" \
    "queues: [$foreign]" "autopkgtest: [$tmp/autopkgtest-here]" \
    "virt-server: [unshare, --tarball, '$made/unshare/{suite}-{arch}.tar']" \
    "expose: [$tmp, $made]"
adtspool init "$foreign"
for package in adtpass adtforeign; do
	[ "$package" = adtforeign ] || cp -R "$top/t/data/adtpass" "$tmp/"
	ask --arch "$foreign" "$package"
	drain
	is "$(field 'd["status"], d["exit_code"], d["arch"]')" \
	    "('pass', 0, '$foreign')" "$package passes in it"
done
like "$(adtspool log "$id")" "it runs on $machine, for $foreign" \
    '... on that processor, for all that it sees'
[ "$failed" -eq 0 ] || sed 's/^/# /' "$tmp/worker.log"
done_testing
