#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A testbed that takes long to remove keeps its worker from nothing.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

spool=$tmp/spool
arch=$(dpkg --print-architecture)

# A podman whose removal of a container takes $SLOW seconds.
mkdir "$tmp/bin"
cat >"$tmp/bin/podman" <<'EOF'
#!/bin/sh
touch "$TOLD/begun"
sleep "$SLOW"
echo "$*" >>"$TOLD/removed"
EOF
chmod +x "$tmp/bin/podman"
export PATH=$tmp/bin:$PATH TOLD=$tmp SLOW=4 QUICK_SLEEP=64.$$

slow_conf() {
	conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'heartbeat: 1s' \
	    'lease: 6s' 'virt-server: [podman, image]' 'on-stop: give-back' "$@"
}

state() { # KEY
	sed -n "s/^  \"$1\": \"*\\([^\"]*\\)\"*,\$/\\1/p" "$spool/workers/here"
}

beats_beyond() { # N
	[ "$(state beat)" -gt "$1" ]
}

runs() {
	pgrep -fx "sleep $QUICK_SLEEP"
}

waiting() { # names of tokens
	find "$spool/$arch/new" -name 'adtpass,*' -printf '%f\n'
}

# beats_meanwhile DESCRIPTION: from the removal's begin to its end.
beats_meanwhile() {
	local beat
	ok "$1: a removal has begun" wait_until 20 test -e "$tmp/begun"
	beat=$(state beat)
	ok '... the worker beats' wait_until 3 beats_beyond "$beat"
	ok '... while that goes on' test ! -e "$tmp/removed"
	ok '... and it ends' wait_until 20 test -e "$tmp/removed"
	rm -f "$tmp/begun" "$tmp/removed"
}

slow_conf 'attempts: 2'
adtspool init "$arch"
mkdir -p "$tmp/scratch/here/aaaaaaaaaaaa.1"
echo 'podman adtspool-aaaaaaaaaaaa-1' >"$tmp/scratch/here/aaaaaaaaaaaa.1/virt"
start_worker
beats_meanwhile 'an earlier life has left a testbed'
ok '... with its scratch' wait_until 20 test ! -e "$tmp/scratch/here"

adtspool submit adtpass >/dev/null
ok 'a test runs' wait_until 20 runs
runner=
for pid in $(pgrep -P "$worker"); do	# the guard is none
	[ -z "$(pgrep -P "$pid")" ] || runner=$pid
done
slow_conf 'attempts: 2' 'slots: 1'	# so that it is not tried at once
kill -HUP "$worker"
ok '... in the only slot' wait_until 20 grep -q '"slots": 1' \
    "$spool/workers/here"
kill -9 "$runner"
beats_meanwhile 'its runner is killed'
ok '... and the scratch is gone' wait_until 20 \
    bash -c "! ls -d '$tmp'/scratch/here/*.1"

# What is given back is waited for, for as long as its removal takes.
ok 'a test runs again' wait_until 60 runs
stop_worker
is $? 0 'the worker stops'
like "$(waiting)" ',a1$' '... what ran is back, with one attempt used up'
rm -f "$tmp/begun" "$tmp/removed"
SLOW=33 start_worker
ok 'a test runs once more' wait_until 60 runs
stop_worker
is $? 0 'a worker stops whose testbed takes longer than 30 s to remove'
like "$(waiting)" ',a1$' '... and no more attempt is used up by that'
is "$(find "$spool/$arch/cur" "$tmp/scratch" -name '*,*' -o -name '*.[0-9]')" \
    '' '... and nothing is left'
done_testing
