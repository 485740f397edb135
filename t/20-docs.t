#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The documentation names what there is, and all of it.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit

# Commands are the indented words that adtspool --help explains.
commands=$("$adtspool" --help | sed -nE 's/^ +([a-z][a-z-]*) {2,}.*/\1/p')
pages=$(find doc -maxdepth 1 -name '*.[1-8]' | sort)

has_page() { # command
	[ -n "$(find doc -name "adtspool-$1.[18]")" ]
}

# adtspool.1 or the tour in adtspool.7 refers to it; they are where one starts.
is_referred_to() { # file
	local name=${1##*/}
	[ "${name%.*}" = adtspool ] || cat doc/adtspool.[17] |
	    grep -qE "^\.Xr ${name%.*} ${name##*.}( |\$)"
}

# The targets of "make X" in README.md, where it is marked as code.
readme_targets() {
	grep -oE '(^(    |\$ )|`)make [a-z-]+' README.md | sed 's/.*make //' |
	    sort -u
}

like "$commands" worker 'adtspool --help lists commands'
for command in $commands; do
	ok "$command has a manual page" has_page "$command"
done
for page in $pages; do
	ok "$page is clean" mandoc -T lint -W warning "$page"
	ok "$page is referred to" is_referred_to "$page"
done
for target in $(readme_targets); do
	ok "README's make $target exists" grep -qE "^$target:" Makefile
done
done_testing
