#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The real autopkgtest, ended from outside in the middle of a test: nothing of
# it is left, and another host reads its log until then.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
long=64.$$	# seconds, and what tells this test's sleeps from others
mkdir "$tmp/data"
cp -r "$top/t/data/autopkgtest-here" "$top/t/data/adtpass" "$tmp/data"
printf 'Test-Command: sleep %s\nDepends:\n' "$long" \
    >"$tmp/data/adtpass/debian/tests/control"
conf 'slots: 1' 'attempts: 2' 'backoff: 1h' "expose: [$tmp]" \
    "autopkgtest: [$tmp/data/autopkgtest-here]"
adtspool init
start_worker

runs() {
	pgrep -fx "sleep $long"
}

shows() { # ID: its log tells what runs
	adtspool log "$1" | grep -q "test command1: sleep $long"
}

left() { # what is left of an attempt
	runs
	find "$tmp/scratch" -mindepth 2
	ls -A "$spool/results/.staging"
	find "$spool/$arch/cur" -name '*@*'
	find "$spool/control" -type f ! -name README
}

nothing_left() {
	[ -z "$(left)" ]
}

for how in cancel kill; do
	id=$(adtspool submit -e "A=$how" adtpass | cut -d ' ' -f 1)
	ok "$how: a test runs" wait_until 40 runs
	ok "$how: its log is there while it runs" wait_until 40 shows "$id"
	ok "$how: it is ended" adtspool "$how" --wait "$id"
	ok "$how: nothing of it is left" wait_until 40 nothing_left
	output=$(adtspool log "$id" 2>&1)
	is $? 66 "$how: there is no log any more"
done
like "$(find "$spool/$arch"/{new,bad} -name 'adtpass,*' ! -name '*.why' |
    sort | tr '\n' ' ')" "bad/adtpass,.*,a0@here .*new/.*/adtpass,.*,a1 \$" \
    'one was refused, and one waits for its second attempt'
is "$(find "$spool/results/autopkgtest" -name result.json 2>/dev/null)" '' \
    'neither has a result'
stop_worker
done_testing
