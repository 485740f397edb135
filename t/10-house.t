#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The house rules of doc/HACKING that a script can check.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit

shopt -s nullglob
lib=(lib/*.[ch])
code=(lib/*.[ch] bin/*.[ch] t/*.[ch] t/sim/*.[ch] t/bench/*.[ch])
scripts=(Makefile .ci/run t/*.t t/*.sh t/deps t/demo t/data/autopkgtest-here
    t/lab/ceph/* t/lab/nfs/* t/lab/systemd/* t/lab/virt/*
    t/model/*.pml t/model/check
    t/bench/run t/bench/peers t/bench/*.sh t/bench/*.py conf/hooks/*)

# nothing DESCRIPTION COMMAND...: it prints nothing, for each line is a finding.
nothing() {
	local description=$1
	shift
	is "$("$@" 2>&1)" "" "$description"
}

# Shown as FILE:LINE: module.  lib/X_y.c belongs to module X.
broken_floors() {
	awk '
	function module(path) {
		sub(/.*\//, "", path)
		sub(/\.[ch]$/, "", path)
		if (!(path in floor))
			sub(/_.*/, "", path)
		return path
	}
	FILENAME == "lib/ORDER" {
		if (!/^#/)
			for (i = 1; i <= NF; i++)
				floor[$i] = FNR
		next
	}
	FNR == 1 {
		self = module(FILENAME)
		if (!(self in floor))
			print FILENAME ": not in lib/ORDER"
	}
	/^#include "/ && self in floor {
		split($0, part, "\"")
		other = module(part[2])
		if (other in floor && floor[other] > floor[self])
			print FILENAME ":" FNR ": " part[2] " is above"
	}' lib/ORDER "${lib[@]}"
}

modules_without_file() {
	local module
	sed '/^#/d' lib/ORDER | tr -s ' ' '\n' | while read -r module; do
		[ -e "lib/$module.h" ] || echo "$module"
	done
}

# Shown where a library has more than one door.
doors() { # regex of its headers
	local found
	mapfile -t found < <(grep -lE "^#include <($1)>" lib/*.[ch] bin/*.c)
	[ "${#found[@]}" -le 1 ] || printf '%s\n' "${found[@]}"
}

# Where a function is called; not where a longer name ends like it, nor where
# a comment refers to a page of the manual, like link(2).
calls() { # names with | between, file...
	local names=$1
	shift
	grep -nE "(^|[^A-Za-z0-9_])($names)\((\$|[^0-9])" "$@"
}

long_functions() {
	awk '
	/^\{/ { start = FNR }
	/^\}/ && start {
		if (FNR - start > 100)
			print FILENAME ":" start ": " FNR - start " lines"
		start = 0
	}
	FNR == 1 { start = 0 }' lib/*.c bin/*.c
}

wide_lines() {
	local file
	for file in "${code[@]}" "${scripts[@]}" lib/ORDER; do
		expand "$file" | awk -v file="$file" \
		    'length > 80 { print file ":" FNR }'
	done
}

# lib/fs.c is the one door to what changes the spool.  To let another file call
# one of these, take it out of "others" and say why here.
mutating='rename|renameat|renameat2|unlink|unlinkat|mkdir|mkdirat|rmdir'
mutating+='|symlink|symlinkat|link|linkat|fsync|fdatasync|ftruncate|truncate'
others=()
for file in "${lib[@]}" bin/*.c; do
	[ "$file" = lib/fs.c ] || others+=("$file")
done

nothing 'a file includes its own floor or lower ones' broken_floors
nothing 'every module of lib/ORDER exists' modules_without_file
for library in 'yaml\.h' 'archive(_entry)?\.h' 'inotifytools/.*' 'jansson\.h' \
    'sha2\.h' 'sqlite3\.h' 'microhttpd\.h' 'ncurses\.h|term\.h'; do
	nothing "one door to $library" doors "$library"
done
nothing 'no call that overruns or forgets' \
    calls 'strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|gets' \
    "${code[@]}"
nothing 'only lib/fs.c changes files' calls "$mutating" "${others[@]}"
nothing 'no function over 100 lines' long_functions
nothing 'no line over 80 columns' wide_lines
nothing 'every file says its licence' \
    grep -L 'SPDX-License-Identifier: GPL-2.0-or-later' \
    "${code[@]}" "${scripts[@]}"
done_testing
