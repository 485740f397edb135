#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The doctor finds a good spool fine, and each thing that is wrong.

# What is mounted here goes with this process, however it ends.
if [ "${1-}" != apart ] && unshare -m true 2>/dev/null; then
	exec unshare -m "$0" apart
fi
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

spool=$tmp/spool
queue=$spool/amd64
umask 022
chmod 755 "$tmp"
conf 'queues: [amd64]'
adtspool init amd64
adtspool status >/dev/null

doctor() {
	adtspool doctor --volatile "$@"
}

# Another user, with whose eyes root can look, too.
as_other() {
	if [ "$(id -u)" -eq 0 ]; then
		as_nobody "$adtspool" -c "$tmp/adtspool.yaml" "$@"
	else
		"$adtspool" -c "$tmp/adtspool.yaml" "$@"
	fi
}

lines() { # GRADE: the findings of it, each on one line
	awk -v grade="$1" '
	/^ / { if (on) { sub(/^ +/, " "); printf "%s", $0 }; next }
	{ if (on) print ""; on = $1 == grade; if (on) printf "%s", $0 }
	END { if (on) print "" }'
}

found() { # GRADE REGEX DESCRIPTION, in $output
	like "$(lines "$1" <<<"$output" | tr -s ' ')" "$2" "$3"
}

tree() {
	find "$spool" | sort
}

# A good spool.
before=$(tree)
output=$(doctor)
is "$? $(lines bad <<<"$output")$(lines unseen <<<"$output")" '0 ' \
    'a good spool is fine'
is "$(tree)" "$before" '... and is left as it was'
is "$(awk 'length > 80' <<<"$output")" '' '... which is told in 80 columns'
like "${output##*$'\n'}" '^[0-9]+ ok, .* 0 unseen, 0 bad$' '... and summed up'
output=$(doctor --json)
is "$?" 0 '--json is fine, too'
is "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["grade"] in ("ok", "note", "warn"),
    {tuple(sorted(x)) for x in d["findings"]},
    {x["grade"] for x in d["findings"]} <= {"ok", "note", "warn"})' \
    <<<"$output")" "True {('check', 'cure', 'grade', 'text')} True" \
    '... and says the same'
adtspool doctor x 2>/dev/null
is $? 64 'an argument is too much'
adtspool doctor --timeout soon 2>/dev/null
is $? 64 'a time is a time'

# What is missing.
mv "$queue/done" "$tmp/done"
output=$(doctor)
is $? 78 'a missing folder is bad'
found bad 'amd64/done: No such file .*cure: .*adtspool init' \
    '... and how to make it is told'
mv "$tmp/done" "$queue/done"
conf "spool: $tmp/nothing"
output=$(doctor)
is $? 78 'no spool is bad'
found bad 'spool: No such file .*cure: .*adtspool init' '... and named'
conf 'queues: [arm64]'
output=$(doctor)
is $? 78 'a queue that is not there is bad'
found bad 'arm64: there is no such queue' '... and named'

# What a worker needs.
conf 'autopkgtest: /nonexistent/autopkgtest' 'queues: [amd64]'
output=$(doctor)
is $? 0 'a host without autopkgtest breaks nothing'
found warn '/nonexistent/autopkgtest: not there' '... but is told'
conf "scratch: $tmp/open" 'queues: [amd64]'
mkdir -m 777 "$tmp/open"
output=$(doctor)
found warn "$tmp/open: is not this user's alone" 'an open scratch is told'
conf 'queues: [amd64]'

# Who may do what.  As root nothing is forbidden, so it looks as another.
if [ "$(id -u)" -ne 0 ] || as_other --version >/dev/null 2>&1; then
	chmod -R a+rwX "$spool"
	chmod 555 "$queue/cur"
	output=$(as_other doctor --volatile)
	is $? 78 'a folder that cannot be written to is bad'
	found bad 'amd64/cur: files cannot be made: Permission denied' \
	    '... and named'
	chmod 333 "$queue/cur"
	output=$(as_other doctor --volatile)
	found bad 'amd64/cur: Permission denied' \
	    'one that cannot be read is bad'
	chmod 777 "$queue/cur"
	output=$(as_other doctor --volatile)
	found bad 'amd64/new: has mode 0777, .*cure: .*umask 000' \
	    'a umask that keeps others out is bad'
	(umask 0; as_other doctor --volatile >/dev/null)
	is $? 0 '... and one that does not is fine'
	chmod 1777 "$queue/new"
	output=$(umask 0; as_other doctor --volatile)
	if [ "$(id -u)" -eq 0 ]; then
		found bad 'amd64/new: sticky' "another's sticky new/ is bad"
	else
		found warn 'amd64/new: sticky' 'a sticky new/ is told'
	fi
	chmod 777 "$queue/new"
	chmod -R go-w "$spool"
else
	report ok 'who may do what # SKIP the program is hidden from others'
fi

# What lies between the folders.
if [ "${1-}" = apart ] && mount -t tmpfs -o size=1m cur "$queue/cur" \
    2>/dev/null; then
	output=$(doctor)
	is $? 78 'a folder of another filesystem is bad'
	found bad 'amd64/new to amd64/cur: .* two filesystems' '... and named'
	umount "$queue/cur"
	mount --bind "$queue/cur" "$queue/cur"
	output=$(doctor)
	is $? 78 'a bind mount between the folders is bad'
	found bad 'amd64/cur to amd64/done: Invalid .* link: a mount or' \
	    '... and named'
	umount "$queue/cur"
	mount --bind "$spool" "$spool"
	mount -o remount,bind,ro "$spool"
	output=$(doctor)
	is $? 78 'a spool that is mounted read-only is bad'
	found bad 'mounted read-only' '... which is said'
	found bad 'amd64/cur: files cannot be made: Read-only' '... and seen'
	umount "$spool"

	mount -t tmpfs -o size=64k,nr_inodes=9 results "$spool/results"
	conf 'queues: [amd64]' 'min-free: 1M'
	output=$(doctor)
	is $? 78 'a results disk without room is bad'
	found bad 'results: 0 MiB are free' '... of bytes'
	conf 'queues: [amd64]'
	found bad 'results: [0-9]+ files can be made' '... and of inodes'
	output=$(adtspool doctor)
	found bad 'results: tmpfs from results .* gone after a reboot' \
	    'results in memory are bad'
	touch "$spool/results"/{1..9} 2>/dev/null
	output=$(doctor)
	found bad 'results: files cannot be made: No space left' \
	    'results that are full are bad'
	umount "$spool/results"

	mkdir "$tmp/scratch"
	mount -t tmpfs -o noexec scratch "$tmp/scratch"
	output=$(doctor)
	found warn 'scratch: noexec' 'a scratch without exec is told'
	umount "$tmp/scratch"
else
	report ok 'what lies between the folders # SKIP cannot mount here'
fi

# Filesystems that this machine does not have, played by a library.
cat >"$tmp/odd.c" <<'END'
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
is(const char *oddity)
{
	const char *e = getenv("ODDITY");

	return e && strcmp(e, oddity) == 0;
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	int rc = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);

	return rc != 0 && errno == ENOENT && is("all-win") ? 0 : rc;
}

int
fsync(int fd)
{
	struct stat st;

	if (is("no-dir-sync") && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int
flock(int fd, int operation)
{
	return is("no-locks") ? 0 : (int)syscall(SYS_flock, fd, operation);
}

int
openat(int dir, const char *name, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	errno = is("short-names") && strlen(name) > 143 ? ENAMETOOLONG :
	    is("one-case") && strncmp(name, ".DOCTOR-", 8) == 0 ? EEXIST : 0;
	return errno ? -1 : (int)syscall(SYS_openat, dir, name, flags, mode);
}
END
"${CC:-gcc}" -D_GNU_SOURCE -shared -fPIC -o "$tmp/odd.so" "$tmp/odd.c"

odd() { # ODDITY, arguments of doctor
	ODDITY=$1 LD_PRELOAD=$tmp/odd.so \
	    ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
	    "$adtspool" -c "$tmp/adtspool.yaml" doctor --volatile "${@:2}"
}

while read -r oddity text; do
	output=$(odd "$oddity")
	is $? 78 "$oddity: is bad"
	found bad "$text" '... and named'
done <<'END'
all-win a second rename of one file succeeds
no-dir-sync fsync of a folder: Invalid argument
no-locks two processes hold one lock
short-names names of 202 bytes: File name too long
one-case names that differ in case alone are one
END
odd none >/dev/null
is $? 0 'without an oddity all is well'

# A mount that hangs: here it is the doctor that is held.
if strace -o /dev/null true 2>/dev/null; then
	output=$(ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 \
	    strace -f -o /dev/null -e trace=mkdirat \
	    -e inject=mkdirat:delay_enter=2000000:when=1 \
	    "$adtspool" -c "$tmp/adtspool.yaml" doctor --volatile --timeout 1s \
	    2>/dev/null)
	is $? 75 'a mount that hangs is not waited for'
	found unseen 'a call does not return; the last that was seen is: ' \
	    '... and what was seen before it is told'
	rm -rf "$queue"/*/.doctor-* "$spool"/{workers,bad,results}/.doctor-*
else
	report ok 'a mount that hangs # SKIP strace cannot trace here'
fi

# Two hosts, which are one here.
output=$(doctor --peer --timeout 1s)
is $? 75 'alone there is no test of two'
found unseen 'nobody came in 1s' '... which is said'
"$adtspool" -c "$tmp/adtspool.yaml" doctor --peer >"$tmp/stopped" &
peer=$!
wait_until 40 ls "$spool/.doctor"
kill "$peer"
wait "$peer"
is $? 75 'a signal ends the waiting'
ok '... and nothing of it is left' [ ! -e "$spool/.doctor" ]

two() { # ODDITY: $status and $output of one, $other's of the other
	odd "$1" --peer --timeout 30s >"$tmp/other" &
	peer=$!
	output=$(odd "$1" --peer --timeout 30s)
	status=$?
	wait "$peer"
	status="$status $?"
	other=$(cat "$tmp/other")
}

won() { # on how many of the files
	sed -nE 's/.* ([0-9]+) went here.*/\1/p' | tr -d ' '
}

two none
is "$status" '0 0' 'two find each other, and all is well'
for check in seen members race fresh locks; do
	like "$output" $'\n'"ok +$check " "... $check"
done
is "$(($(lines ok <<<"$output" | won) + $(lines ok <<<"$other" | won)))" 100 \
    '... and each file went to one of them'
ok '... and nothing of it is left' [ ! -e "$spool/.doctor" ]
two all-win
is "$status" '78 78' 'where both win, it is bad'
found bad '100 of 100 files were renamed by both' '... which is said'
two no-locks
is "$status" '78 78' 'where both hold a lock, it is bad'
like "$output$other" 'both hold one lock' '... which is said'

# Somebody was there before, and somebody comes too much.
mkdir "$spool/.doctor"
touch "$spool/.doctor/0000000000aa,0,7" "$spool/.doctor/0000000000aa,1,b"
peers=()
for i in 1 2 3; do
	doctor --peer --timeout 5s >"$tmp/peer$i" &
	peers+=($!)
done
statuses=()
for peer in "${peers[@]}"; do
	wait "$peer"
	statuses+=($?)
done
is "$(printf '%s\n' "${statuses[@]}" | sort | tr '\n' ' ')" '0 0 75 ' \
    'of three, two find each other'
is "$(ls "$spool/.doctor")" $'0000000000aa,0,7\n0000000000aa,1,b' \
    '... and what was there before stays'
rm -r "$spool/.doctor"

if [ "$(id -u)" -eq 0 ] && as_other --version >/dev/null 2>&1; then
	mkdir -m 777 "$spool/.doctor"
	doctor --peer --timeout 30s >"$tmp/other" &
	output=$(as_other doctor --peer --timeout 30s)
	status=$?
	wait $!
	is "$status $?" '78 78' 'where one may not rename what the other made'
	found bad 'what the other one made cannot be renamed: Permission' \
	    '... it says so'
	output=$(cat "$tmp/other")
	found bad 'the other side found what is bad' '... and so does root'
	chmod 755 "$spool/.doctor"
	output=$(as_other doctor --peer --timeout 30s)
	is $? 78 'where one may not even come in, it is bad'
	found bad 'Permission denied .*cure: .*umask 002' '... and named'
fi

done_testing
