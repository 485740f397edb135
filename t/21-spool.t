#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The checkout's spool/ is what adtspool init makes, and it runs.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

tree() { # of the files that git has, or that a fresh spool consists of
	(cd "$1" && find . -name README | sort | xargs grep -H '')
}

ok 'init makes a spool' "$adtspool" init "$tmp/fresh" amd64
mkdir "$tmp/spool"
git -C "$top" archive HEAD spool 2>/dev/null | tar -x -C "$tmp" ||
    cp -r "$top/spool" "$tmp/"
is "$(tree "$tmp/spool")" "$(tree "$tmp/fresh")" \
    'the spool in the checkout is the same'
for folder in amd64 amd64/{tmp,new,cur,done,bad,pending} workers bad results; do
	ok "$folder says who writes, takes and cleans" \
	    test -s "$tmp/spool/$folder/README"
done

conf "autopkgtest: [$top/t/data/autopkgtest-quick]"
ok 'it can be worked with as it is' adtspool status
echo 'package: adtpass' >"$tmp/x" && mv "$tmp/x" "$tmp/spool/amd64/new/hello"
ok '... and a worker runs what is dropped there' \
    adtspool worker --drain amd64
like "$(find "$tmp/spool/results" -name result.json)" \
    'autopkgtest/unstable/amd64/a/adtpass/[0-9_]*@/result.json' \
    '... and publishes it there'
ok 'init again changes nothing' "$adtspool" init "$tmp/fresh" amd64

done_testing
