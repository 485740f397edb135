#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a request says of apt and of git, in a real testbed with a real archive:
# which versions were installed, and which source was tested.  The testbed is
# that of unshare and knows the archive's suite lab, which has version 1.
#
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=t/lab/virt/servers.sh
. "$(dirname "$0")/servers.sh"
# shellcheck source=t/lab/virt/runs.sh
. "$(dirname "$0")/runs.sh"
# shellcheck source=t/lab/virt/archive.sh
. "$(dirname "$0")/archive.sh"
lack=$(lacks apt-ftparchive gpg git)
[ -z "$lack" ] || skip_all "$lack"
why=$(cannot_unshare)
[ -z "$why" ] || skip_all "unshare: $why"

make_key old && make_key other
add_suite lab 1 old
add_suite lab-next 2 old
add_suite lab-proposed 3 old
add_suite elsewhere 4 other
serve_archive
archive=${archive:?by serve_archive}

# autopkgtest looks for its default in sources.list, which has to be there, and
# takes the first line.
mkdir -p "$tmp/add/etc/apt/trusted.gpg.d" "$tmp/add/etc/apt/sources.list.d"
printf '%s\n' "deb $archive lab main" "deb-src $archive lab main" \
    >"$tmp/add/etc/apt/sources.list"
# In this form it takes the suite's own archive for none that has pockets.
printf '%s\n' 'Types: deb' "URIs: $(archive)" "Suites: $suite" \
    'Components: main' >"$tmp/add/etc/apt/sources.list.d/host.sources"
cp "$keys/old.asc" "$tmp/add/etc/apt/trusted.gpg.d/"
cp "$(readlink -f "$beds/unshare/$suite-$arch.tar")" "$tmp/lab-$arch.tar"
tar --owner=0 --group=0 -C "$tmp/add" -rf "$tmp/lab-$arch.tar" \
    ./etc/apt/sources.list ./etc/apt/sources.list.d/host.sources \
    ./etc/apt/trusted.gpg.d/old.asc

own_conf() {
	conf 'suite: lab' 'slots: 1' 'attempts: 1' 'autopkgtest: autopkgtest' \
	    "virt-server: [unshare, --tarball, '$tmp/lab-{arch}.tar']" \
	    "expose: [$tmp/lab-$arch.tar]" 'setup-commands: '\
'["apt-get -q update -o Dir::Etc::sourcelist=/etc/apt/sources.list '\
'-o Dir::Etc::sourceparts=/dev/null --no-list-cleanup"]' "$@"
}

# comes_out WANTED DESCRIPTION [LINE-OF-THE-REQUEST...]: how it ended, the
# version in result.json, and what the test says.
comes_out() {
	local wanted=$1 description=$2
	shift 2
	printf '%s\n' 'package: lab' "$@" >"$tmp/request.yaml"
	ask --file "$tmp/request.yaml"
	drain
	is "$(field 'd["status"], d["version"]'
	    adtspool log "$id" | grep -E '^(tests of|lab.* is) ')" "$wanted" \
	    "$description"
	[ "$(field 'd["status"]')" = "$(expr "$wanted" : "('\([a-z]*\)'")" ] ||
	    adtspool log "$id" | tail -n 40 | sed 's/^/# /'
}

own_conf
adtspool init
comes_out "('pass', '1')
tests of 1
lab is 1
lab-too is 1" 'what the testbed knows'

elsewhere="extra-apt-sources: ['deb $archive elsewhere main', \
'deb-src $archive elsewhere main']"
comes_out "('pass', '4')
tests of 4
lab is 4
lab-too is 4" 'an extra source, with its key' "$elsewhere" \
    "signing-keys: [$(base64 -w0 "$keys/other.asc")]"
gpg --dearmor <"$keys/other.asc" >"$keys/other.gpg"
comes_out "('pass', '4')
tests of 4
lab is 4
lab-too is 4" '... with the key in its binary form' "$elsewhere" \
    "signing-keys: [$(base64 -w0 "$keys/other.gpg")]"
comes_out "('tmpfail', None)" '... with the key of another' "$elsewhere" \
    "signing-keys: [$(base64 -w0 "$keys/old.asc")]"
like "$(adtspool log "$id")" 'elsewhere InRelease.* is not signed|NO_PUBKEY' \
    '... and the log says why'

comes_out "('pass', '2')
tests of 2
lab is 2
lab-too is 1" 'a package from another release, and no more than that' \
    'pin-packages: ["lab-next=src:lab"]'
comes_out "('pass', '1')
tests of 1
lab is 1
lab-too is 2" 'another one' 'pin-packages: ["lab-next=src:lab-too"]'
is "$(field '[w for w in d["command"] if w.startswith("--add-apt")]')" \
    "['--add-apt-release=lab-next']" '... for which a release is added'

comes_out "('pass', '3')
tests of 3
lab is 3
lab-too is 3" 'all of the proposed pocket' 'all-proposed: yes'
own_conf 'apt-pocket: proposed'
comes_out "('pass', '3')
tests of 3
lab is 3
lab-too is 1" 'the trigger alone from the pocket' 'triggers: [lab/3]'
comes_out "('pass', '1')
tests of 1
lab is 1
lab-too is 3" 'another trigger' 'triggers: [lab-too/3]'

# A repository, over the protocol of git, with tests of its own in a branch.
own_conf
serve_git
git=${git:?by serve_git}
comes_out "('pass', '1')
tests of git
lab is 1
lab-too is 1" 'tests from a branch in git' "test-git: $git/lab.git#own"
[ "$failed" -eq 0 ] || sed 's/^/# /' "$tmp/worker.log"
done_testing
