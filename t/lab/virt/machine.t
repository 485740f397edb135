#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What wants a machine of its own is skipped in a schroot, and so runs again in
# a real one, by qemu; what wants none stays where it is.
#
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../../lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'only root has schroots'
# shellcheck source=t/lab/virt/servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source=t/lab/virt/runs.sh
. "$(dirname "$0")/runs.sh"
for virt in schroot qemu; do
	why=$(cannot_"$virt")
	[ -z "$why" ] || skip_all "$virt: $why"
	"cannot_$virt" >/dev/null	# for what it exports
done

# shellcheck disable=SC2016
own_package adtmachine 'echo its kernel is $(uname -r); systemctl --version' \
    'Restrictions: isolation-machine' 'Depends:'
# shellcheck disable=SC2016
own_package adtplain 'echo its kernel is $(uname -r)' 'Depends:'
conf "suite: $suite" 'slots: 1' 'attempts: 1' \
    "autopkgtest: [$tmp/autopkgtest-here]" "expose: [$tmp, $beds, $lab]" \
    "testbeds: $beds" "virt-server: $(words_schroot)" \
    "virt-servers: {machine: $(words_qemu)}" 'machine-virt-server: machine'
adtspool init

kernel() {
	adtspool log "$id" | sed -n 's/^its kernel is //p'
}

ask adtmachine
drain
is "$(field 'd["status"], d["exit_code"], d["virt_server"][0]')" \
    "('pass', 0, 'qemu')" 'what wants a machine passes, in qemu'
is "$(field 'd["attempt"]')" 1 '... in the first attempt'
ok '... with a kernel of its own' [ "$(kernel)" != "$(uname -r)" ]
like "$(cat "$tmp/worker.log")" \
    "$id: .*tests were skipped that want a machine of their own; again, on" \
    "... and the worker's log says why"
ask adtplain
drain
is "$(field 'd["status"], d["exit_code"], d["virt_server"][0]')" \
    "('pass', 0, 'schroot')" 'what wants none passes, in a schroot'
is "$(kernel)" "$(uname -r)" "... with this host's kernel"
[ "$failed" -eq 0 ] || sed 's/^/# /' "$tmp/worker.log"
done_testing
