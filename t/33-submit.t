#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# submit, show and status, as people type them.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
conf
adtspool init
new=$tmp/spool/$arch/new

id_of() { # first word of submit's answer
	echo "${1%% *}"
}

said=$(adtspool submit -t adtpass/1.0 adtpass)
id=$(id_of "$said")
like "$said" "^[0-9a-z]{12} $arch adtpass\$" 'submit tells id, queue, package'
like "$(adtspool show "$id")" "state: *waiting \\($arch/new/05-" \
    'show finds what waits'
is "$(adtspool submit -t adtpass/1.0 adtpass)" \
    "$id $arch adtpass waits or runs already" \
    'the same request again is not queued twice'
like "$(adtspool submit --force -t adtpass/1.0 adtpass)" \
    "^[0-9a-z]{12} $arch adtpass\$" '... but with --force'
like "$(echo "debci-sid-$arch:adtpass {}" | adtspool submit -f -)" \
    "^[0-9a-z]{12} $arch adtpass\$" 'a request comes from standard input'
printf 'package: adtpass\nenv: [A=b]\n' >"$tmp/request.yaml"
like "$(adtspool submit -f "$tmp/request.yaml")" "$arch adtpass" \
    '... or from a file'
is "$(find "$new" -name 'adtpass,*' | wc -l)" 4 'four requests wait'

said=$(adtspool submit ../../etc 2>&1)
is $? 65 'a bad package name is bad data'
like "$said" 'adtspool: command line:1: package' '... and is named'
said=$(adtspool submit -t nonsense adtpass 2>&1)
is $? 65 'so is a bad trigger'
said=$(adtspool submit -a m68k adtpass 2>&1)
is $? 78 'a queue that is missing is a matter of configuration'
like "$said" 'make it with: adtspool init m68k' '... and the cure is told'
adtspool submit >/dev/null 2>&1
is $? 64 'no package is wrong usage'
adtspool show 000000000000 >/dev/null 2>&1
is $? 66 'a request that is not there is told so'

adtspool submit --not-before 1h adtskip >/dev/null
adtspool submit --priority 9 adtnone >/dev/null
adtspool submit --priority 1 adtbad >/dev/null
is "$(find "$new" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | cut -c1-2 |
    sort -u | tr '\n' ' ')" '01 05 09 ' 'priorities are buckets, urgent first'
adtspool worker --drain 2>"$tmp/worker.log"
is "$(sed -n "s|.*: $arch/\(.*\): started|\1|p" "$tmp/worker.log" |
    sed -n '1p;$p' | tr '\n' ' ')" 'adtnone adtbad ' \
    'the urgent runs first, the other last'
like "$(adtspool status)" "$arch +0 +1 +0 +0 +6" \
    'status counts what waits for later and what is done'
like "$(adtspool show "$id")" 'result: *pass, exit 0 \(All tests passed\)' \
    'show tells the result'
like "$(adtspool show --log "$id")" 'autopkgtest .*summary' \
    'show --log prints the log'
like "$(adtspool show --json "$id")" '"exit_code": 0' 'show speaks JSON'
like "$(adtspool show adtpass)" '@  sid +.*pass .*@  unstable +.*pass' \
    'show tells the results of a package'
ok 'status speaks JSON' sh -c "'$adtspool' -c '$tmp/adtspool.yaml' \
    status --json | python3 -m json.tool"
ADTSPOOL_CLOCK_OFFSET=3700 adtspool worker --drain 2>"$tmp/worker.log"
like "$(cat "$tmp/worker.log")" 'adtskip: started' \
    'what was to wait for an hour runs after an hour'

start_worker
output=$(adtspool submit --wait adtfail 2>/dev/null)
is $? 4 'submit --wait exits with the status of the test'
like "$output" 'FAIL' '... and has printed the log'
adtspool submit --wait -e X=1 adtpass >/dev/null 2>&1
is $? 0 '... also when it passes'
adtspool submit --wait -e X=2 adtpass >"$tmp/log" 2>&1
is "$(grep -c 'starting date and time' "$tmp/log")" 1 \
    '... each part of the log once'
stop_worker
is $? 0 'the worker ends at SIGTERM'

printf 'debci-sid-%s:%s {}\n' "$arch" adtskip "$arch" adtbad "$arch" '*' \
    "$arch" adtskip >"$tmp/lines"
said=$(adtspool import "$tmp/lines" 2>/dev/null)
is $? 65 'import tells that a line is no request'
is "$said" "4 lines: 2 queued, 1 waiting or running already, 0 of an earlier\
 import, 1 bad" '... and what became of the others'
is "$(find "$new"/05-*.[0-9]* -name 'adt*,*' -printf '%f\n' | cut -d, -f1 |
    sort | tr '\n' ' ')" 'adtbad adtskip ' \
    '... which are in a bucket of their own'
is "$(ls "$tmp"/lines* "$tmp"/.lines* 2>/dev/null)" '' \
    '... and the file is gone'

if [ "$(id -u)" = 0 ]; then
	copy_programs "$tmp/bin"
	chmod -R a+rwX "$tmp"
	chmod 600 "$new/.bell"
	silent=$(<"$new/.bell")
	ok 'another user submits' as_nobody "$tmp/bin/adtspool" \
	    -c "$tmp/adtspool.yaml" submit -e X=3 adtpass
	ok '... and rings, whose bell it ever was' \
	    [ "$(<"$new/.bell")" != "$silent" ]
fi

done_testing
