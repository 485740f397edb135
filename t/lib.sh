# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# TAP for the shell tests, each of which begins with
#     . "$(dirname "$0")/lib.sh"
# and ends with done_testing.  They work in $tmp, which is removed at the end,
# and what they started in the background is killed.
set -u

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
adtspool=${ADTSPOOL:-$top/bin/adtspool}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/adtspool-t.XXXXXX")
tests=0 failed=0

clean_up() {
	local status=$? pids

	pids=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$pids" ] || { kill $pids; wait $pids; } 2>/dev/null
	rm -rf "$tmp"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP INT TERM

report() { # ok|not ok, description
	tests=$((tests + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $tests - $2"
}

# Where prove shows it, too.
explain() {
	sed "s|^|# ${0##*/} $tests: |" >&2
}

# ok DESCRIPTION COMMAND...: the command succeeds.
ok() {
	local description=$1 output
	shift
	if output=$("$@" 2>&1); then
		report ok "$description"
	else
		report 'not ok' "$description"
		printf '%s\n' "$*" "$output" | explain
	fi
}

# is GOT WANTED DESCRIPTION
is() {
	if [ "$1" = "$2" ]; then
		report ok "$3"
	else
		report 'not ok' "$3"
		printf 'got:\n%s\nwanted:\n%s\n' "$1" "$2" | explain
	fi
}

# like GOT REGEX DESCRIPTION
like() {
	if [[ $1 =~ $2 ]]; then
		report ok "$3"
	else
		report 'not ok' "$3"
		printf 'got:\n%s\nwanted a match of:\n%s\n' "$1" "$2" | explain
	fi
}

done_testing() {
	echo "1..$tests"
}

skip_all() { # reason
	echo "1..0 # SKIP $1"
	exit 0
}

# Where a process is dear, many who wait can be all that a machine does.  So
# there is none in this, which nothing is ever read from.
exec {never}<> <(:)
pause() { # SECONDS
	read -rt "$1" -u "$never" || :
}

# wait_until SECONDS COMMAND...: looks until the command succeeds, or fails; all
# the more seldom, the longer that takes.
wait_until() {
	local end=$((SECONDS + $1)) tenths=0
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -le "$end" ] || return 1
		[ "$tenths" -ge 5 ] || tenths=$((tenths + 1))
		pause "0.$tenths"
	done
}

# The programs, in a directory of their own: where another user may enter it, or
# as another version of them.
copy_programs() { # DIRECTORY
	mkdir -p "$1"
	cp "$adtspool" "$adtspool"-* "$1"
}

as_nobody() { # COMMAND...: by root alone
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# conf ['KEY: VALUE'...]: writes $tmp/adtspool.yaml, for quick runs of t/data's
# packages; the arguments change or add keys.
conf() {
	local pair key
	local -A value=(
		[spool]=$tmp/spool
		[suite]=unstable
		[worker]=here
		[slots]=2
		[scratch]=$tmp/scratch
		[expose]="[$top/t/data]"
		[autopkgtest]="[$top/t/data/autopkgtest-here]"
		[virt-server]='["null"]'
		[backoff]=0s
		[poll]=1s
		[settle]=1s
		[min-free]=0
	)

	for pair; do
		value[${pair%%: *}]=${pair#*: }
	done
	for key in "${!value[@]}"; do
		echo "$key: ${value[$key]}"
	done >"$tmp/adtspool.yaml"
}

# The program with that configuration.
adtspool() {
	"$adtspool" -c "$tmp/adtspool.yaml" "$@"
}

# A worker in the background, $worker, which says what it does in
# $tmp/worker.log; and its end by SIGTERM, with its status.
start_worker() {
	"$adtspool" -c "$tmp/adtspool.yaml" worker 2>>"$tmp/worker.log" &
	worker=$!
}

stop_worker() {
	kill "$worker" && wait "$worker"
}

# What strace is to trace for changes_of.  There are no syncs: a process that is
# killed before one leaves what it leaves before its next call.
changing=rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat
changing+=,symlink,symlinkat,open,openat,creat,truncate,ftruncate
changing+=,write,pwrite64,utimensat,fchmodat,fchmod

# changes_of TRACE...: "CALL N" for each call in strace's output, a file a
# process, that changes files: the Nth call of that name in its process.  What
# strace injects counts in the same way.
changes_of() {
	awk -F '(' '
	FNR == 1 { split("", n) }
	/^[a-z0-9]+\(/ {
		n[$1]++
		if ($1 ~ /^(open|openat)$/ && !/O_CREAT/)
			next
		if ($1 ~ /^(write|pwrite64)$/ && $2 ~ /^[12],/)
			next
		print $1, n[$1]
	}' "$@" | sort -u
}

# killed_at "CALL N" STRACE'S-OPTIONS COMMAND...: runs it until that call, which
# kill -9 comes before; fails if there was no such call.
killed_at() {
	local call=${1% *} n=${1#* } options=$2
	shift 2
	# shellcheck disable=SC2086
	{ strace $options -o /dev/null -e "trace=$call" \
	    -e "inject=$call:signal=SIGKILL:when=$n" "$@"; } >/dev/null 2>&1
	[ $? -gt 128 ]
}
