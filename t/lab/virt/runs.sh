# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Runs on the virt servers of servers.sh, for the tests beside table.t.
tmp=${tmp:?by t/lib.sh}
top=${top:?by t/lib.sh}

# own_package NAME TEST-COMMAND [LINE...]: a copy of adtpass in $tmp, with this
# test and these lines of its control file.
own_package() {
	local name=$1 command=$2
	shift 2
	[ -e "$tmp/autopkgtest-here" ] ||
	    cp "$top/t/data/autopkgtest-here" "$tmp/"
	cp -R "$top/t/data/adtpass" "$tmp/$name"
	sed -i "s/adtpass/$name/" "$tmp/$name/debian/control" \
	    "$tmp/$name/debian/changelog"
	printf '%s\n' "Test-Command: $command" 'Features: test-name=one' \
	    "$@" >"$tmp/$name/debian/tests/control"
}

# ask FILE-OF-YAML: the request, and $id of it.
ask() {
	id=$(adtspool submit --force "$@" | grep -oE '[a-z0-9]{12}' |
	    head -n 1)
}

drain() {
	adtspool worker --drain 2>>"$tmp/worker.log"
}

# field EXPRESSION: of $id's result.json, which is d.
field() {
	find "$tmp/spool/results/autopkgtest" -name result.json -print0 |
	    xargs -0 python3 -c 'import json, sys
for file in sys.argv[3:]:
    d = json.load(open(file))
    if d["id"] == sys.argv[1]:
        print(eval(sys.argv[2]))' "$id" "$1"
}
