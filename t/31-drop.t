#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What becomes of everything that anybody may drop into new/.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
conf 'attempts: 1'
adtspool init
new=$tmp/spool/$arch/new
bad=$tmp/spool/$arch/bad

start_worker

why() { # LABEL: the reason why the file was refused
	wait_until 40 sh -c "cat '$bad/$1',*.why" && cat "$bad/$1",*.why
}

has_result() { # PACKAGE
	[ -n "$(find "$tmp/spool/results/autopkgtest" -path "*/$1/*" \
	    -name result.json 2>/dev/null)" ]
}

# Refused, each with a reason that names file, line, and cure.
echo 'package: ../../etc' >"$tmp/x" && mv "$tmp/x" "$new/traversal"
like "$(why traversal)" "^adtspool: $arch/new/traversal:1: .*\.\./\.\./etc" \
    'a package name of ../../etc is refused'
truncate -s 1G "$tmp/huge" && mv "$tmp/huge" "$new/huge"
like "$(why huge)" '1073741824 bytes are too many' \
    'a request of 1 GiB is refused unread'
ln -s /etc/passwd "$new/link"
like "$(why link)" 'symbolic link is not followed' 'a symlink is refused'
mkfifo "$new/fifo"
like "$(why fifo)" 'not a regular file' 'a FIFO is refused and blocks nothing'
echo hello >"$tmp/twin" && ln "$tmp/twin" "$new/hardlink"
like "$(why hardlink)" 'hard link' 'a hard link is refused'
cat >"$tmp/x" <<'END' && mv "$tmp/x" "$new/bomb"
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
package: [*b, *b, *b, *b, *b, *b, *b, *b, *b]
END
like "$(why bomb)" "$arch/new/bomb:1: .*anchor" 'a YAML bomb is refused'
printf 'package: hel\0lo\n' >"$tmp/x" && mv "$tmp/x" "$new/nul"
like "$(why nul)" "$arch/new/nul:1: .*NUL" 'a NUL byte is refused'
printf 'package: hello\ntrigers: [a/1]\n' >"$tmp/x" && mv "$tmp/x" "$new/typo"
like "$(why typo)" \
    'typo:2: unknown key "trigers"; did you mean "triggers"' \
    'an unknown key is told with its line and the nearest one'
echo 'package: hello
arch: other' >"$tmp/x" && mv "$tmp/x" "$new/arch"
like "$(why arch)" 'arch other does not belong' \
    'a request for another architecture is refused'
: >"$new/empty"
like "$(why empty)" 'empty' 'an empty file is refused after a while'
printf 'adtcrash\n' >"$tmp/x" && mv "$tmp/x" "$new/$(printf 'e\033[31m\nvil')"
ok 'a name with an escape sequence and a newline harms nobody' \
    wait_until 40 has_result adtcrash
ok 'the log has no escape sequence' sh -c \
    "! grep -q \"\$(printf '\\033')\" '$tmp/worker.log'"

# Taken.
printf 'adtpass' >"$tmp/x" && mv "$tmp/x" "$new/no-newline"
ok 'a file without end of line is a request' wait_until 40 has_result adtpass
echo 'test adtskip_1.0' >"$new/echoed"
ok 'echo into new/ is a request' wait_until 40 has_result adtskip
echo "debci-unstable-$arch:adtnone {\"triggers\": [\"adtnone/1.0\"]}" \
    >"$tmp/copied" && cp "$tmp/copied" "$new/"
ok "britney's line is a request" wait_until 40 has_result adtnone
(printf 'package: ad'; sleep 3; printf 'tfail\ntriggers: [adtfail/1.0]\n') \
    >"$new/slow"
ok 'a file that is written slowly is given time' \
    wait_until 40 has_result adtfail
like "$(cat "$tmp"/spool/results/autopkgtest/*/*/a/adtfail/*/result.json)" \
    'adtfail/1.0' '... and read to its end'

(printf 'package: adtlost\n'; sleep 2; printf 'triggers: [adtlost/1.0]\n') \
    >"$new/cut-off" &
writer=$!
wait_until 40 sh -c "ls '$tmp/spool/$arch/cur' | grep -q cut-off"
stop_worker
is "$?" 0 'the worker stops while a file is being written'
like "$(ls "$new")" 'cut-off,[0-9a-z]*,p5,e0,a0' '... which waits as a file'
wait "$writer"
start_worker
ok '... and is read to its end after a restart' wait_until 40 sh -c \
    "cat '$tmp'/spool/results/autopkgtest/*/*/a/adtlost/*/result.json |
    grep -q adtlost/1.0"

# Left alone.
touch "$new/.hidden" "$new/x~" "$new/.x.swp" "$new/4913" "$new/x.part" \
    "$new/.x.yaml.AbC123"
mkdir "$new/folder"
printf 'adtfailskip\n' >"$tmp/x" && mv "$tmp/x" "$new/last"
ok 'the queue goes on' wait_until 40 has_result adtfailskip
for name in .hidden x~ .x.swp 4913 x.part .x.yaml.AbC123 folder README; do
	ok "$name is left alone" test -e "$new/$name"
done

# A second drop of what is pending is refused, and does not replace the first.
adtspool submit --not-before 1h adtbad >/dev/null
printf 'package: adtbad\nrequester: me\n' >"$tmp/x" && mv "$tmp/x" "$new/again"
like "$(why again)" 'waits or runs already' 'the same request again is refused'

stop_worker
is $? 0 'the worker ends at SIGTERM'
is "$(find "$tmp/spool/$arch/cur" -type f ! -name README)" '' \
    'nothing is left in cur/'

done_testing
