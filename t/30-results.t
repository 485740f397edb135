#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The real autopkgtest ends in each of its exit codes: from the dropped file
# to result.json, result.tar and debci.json.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
conf 'attempts: 1'
adtspool init

# package, exit code, result.json's status, debci.json's status
table='adtpass 0 pass
adtskip 2 pass
adtfail 4 fail
adtfailskip 6 fail
adtnone 8 neutral
adtbad 12 fail
adtlost 16 tmpfail
adtcrash 20 tmpfail'

while read -r package _; do
	printf 'package: %s\ntriggers: [%s/1.0, other/2]\n' "$package" \
	    "$package" >"$tmp/$package.yaml"
	mv "$tmp/$package.yaml" "$tmp/spool/$arch/new/"
done <<<"$table"
ok 'the worker drains the queue' adtspool worker --drain
adtspool export debci --suite unstable -o "$tmp/debci.json"

json() { # FILE EXPRESSION: prints what a Python expression makes of d
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

while read -r package code status; do
	base=$tmp/spool/results/autopkgtest/unstable/$arch/a/$package
	run=$(find "$base" -mindepth 1 -maxdepth 1)
	like "${run##*/}" '^[0-9]{8}_[0-9]{6}@$' "$package: one run, well named"
	is "$(json "$run/result.json" \
	    'd["exit_code"], d["status"], d["package"], d["triggers"]')" \
	    "($code, '$status', '$package', ['$package/1.0', 'other/2'])" \
	    "$package: result.json says $code, $status"
	members=$(tar -tf "$run/result.tar" | sort | tr '\n' ' ')
	like "$members" \
	    'duration exitcode requester .*testinfo.json testpkg-version ' \
	    "$package: result.tar has its members"
	is "$(tar -xOf "$run/result.tar" exitcode)" "$code" \
	    "$package: result.tar says $code"
	like "$(tar -xOf "$run/result.tar" testinfo.json)" \
	    "ADT_TEST_TRIGGERS=$package/1.0 other/2" \
	    "$package: result.tar tells the triggers"
	like "$(tar -xOf "$run/result.tar" testpkg-version)" \
	    "^$package (1.0|unknown)\$" "$package: result.tar tells the version"
	ok "$package: log.gz is a log" sh -c \
	    "zcat '$run/log.gz' | grep -q autopkgtest"
	ok "$package: artifacts.tar.gz can be read" \
	    tar -tzf "$run/artifacts.tar.gz"
	is "$(json "$tmp/debci.json" "[(r['status'], r['trigger'], r['suite'])
	    for r in d['results'] if r['package'] == '$package']")" \
	    "[('$status', '$package/1.0 other/2', 'unstable')]" \
	    "$package: debci.json says $status"
done <<<"$table"

run=$(find "$tmp/spool/results/autopkgtest/unstable/$arch/a/adtpass" \
    -mindepth 1 -maxdepth 1)
link=$tmp/spool/results/by-version/unstable/$arch/adtpass/1.0/${run##*/}
is "$(readlink -f "$link")" "$(readlink -f "$run")" \
    'a by-version link leads to the run'
like "$(tar -tzf "$run/artifacts.tar.gz")" 'artifacts/kept.txt' \
    'what a test keeps is among the artifacts'
is "$(json "$run/result.json" 'd["command"][-2:], d["virt_server"]')" \
    "(['--', 'null'], ['null'])" 'result.json has the command that was run'
is "$(find "$tmp/spool/$arch/done" -type f ! -name README | wc -l)" 8 \
    'every token is in done/'
is "$(find "$tmp/spool/$arch"/{new,cur,bad,tmp,pending} ! -type d \
    ! -name README ! -name .bell; ls "$tmp/spool/results/.staging")" '' \
    'nothing is left on the way'
is "$(find "$tmp/scratch" -mindepth 2)" '' 'nothing is left in the scratch'
is "$(json "$tmp/debci.json" \
    '[r["updated_at"][-5:] for r in d["results"]] == [".000Z"] * 8')" True \
    'updated_at ends as britney cuts it'

done_testing
