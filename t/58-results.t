#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What results lists of runs that a worker made.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
conf 'attempts: 1'
adtspool init

is "$(adtspool results; echo $?)" 1 'an empty tree has no results: status 1'
is "$(adtspool results --json)" '[]' '... which is an empty array'

adtspool submit --trigger glibc/2.41-1 adtpass >/dev/null
adtspool submit --trigger perl/5.40-1 adtfail >/dev/null
adtspool submit --suite kali-rolling adtnone >/dev/null
adtspool worker --drain 2>/dev/null

list() { # the packages, sorted
	adtspool results --json "$@" |
	    python3 -c 'import json, sys
print(*sorted(r["package"] for r in json.load(sys.stdin)))'
}

is "$(list)" 'adtfail adtnone adtpass' 'all results are listed'
is "$(list -p adtpass)" adtpass '... of a package'
is "$(list -s kali-rolling)" adtnone '... of a suite'
is "$(list -a "$arch")" 'adtfail adtnone adtpass' '... of an architecture'
is "$(list -a other)" '' '... of one that has none'
is "$(list -t glibc)" adtpass '... by the source of a trigger'
is "$(list -t perl/5.40-1)" adtfail '... by a trigger'
is "$(list --status pass,fail)" 'adtfail adtpass' '... by status'
is "$(list --status neutral --status pass)" 'adtnone adtpass' \
    '... by several'
is "$(list --since 1h)" 'adtfail adtnone adtpass' '... of the last hour'
is "$(list --since 2100-01-01)" '' '... and none of the time to come'
is "$(list --limit 1 | wc -w)" 1 '... at most so many'

like "$(adtspool results -p adtpass)" \
    "^RUN +STATUS  SUITE     ARCH .*
[0-9_]{15}@  pass    unstable  $arch  adtpass  1\.0" 'people get a table'
adtspool results -p adtpass >/dev/null
is $? 0 'something was found: status 0'
adtspool results -p adtpass --status fail >"$tmp/out"
is $? 1 'nothing was found: status 1'
is "$(cat "$tmp/out")" '' '... and no table'

path=$(adtspool results --json -p adtpass |
    python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["path"])')
ok 'a path leads to the run' test -e "$tmp/spool/results/$path/log.gz"

# On a terminal of 80 columns.
wide=$(script -qec "stty cols 80; '$adtspool' \
    -c '$tmp/adtspool.yaml' results" /dev/null | tr -d '\r' |
    awk 'length > 80')
is "$wide" '' 'no line is wider than the terminal'

for wrong in '-p ../x' '-s .x' '-a AMD64' '-t /' '--since yesterday' \
    '--status passed' '--limit x' '--since 0s --nonsense' 'operand'; do
	# shellcheck disable=SC2086
	adtspool results $wrong >/dev/null 2>&1
	is $? 64 "results $wrong is refused"
done
done_testing
