#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# adtspool top on a terminal of 80 by 24, and smaller, beside a worker.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
conf "autopkgtest: [$top/t/data/autopkgtest-here]" 'attempts: 1'
adtspool init "$arch" "$arch.huge"
unset LINES COLUMNS

# A result of each kind, of which one is bad; then two that run.
adtspool submit adtpass adtfail >/dev/null
adtspool worker --drain 2>/dev/null
conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'on-stop: give-back'
adtspool submit adtpass hello >/dev/null
export QUICK_SLEEP=73.$$
start_worker
claimed() { # COUNT
	[ "$(find "$tmp/spool/$arch/cur" -name '*@*' | wc -l)" = "$1" ]
}
wait_until 60 claimed 2
for ((i = 0; i < 30; i++)); do
	echo "waits-with-a-name-$i"
done >"$tmp/names"
mapfile -t names <"$tmp/names"
adtspool submit "${names[@]}" >/dev/null

# The terminal: a server of our own, without anybody's settings.
terminals=0
screen() {
	tmux -S "$tmp/tmux$terminals" -f /dev/null "$@"
}
trap 'screen kill-server 2>/dev/null || :; clean_up' EXIT
start_top() { # [VARIABLE=VALUE...]
	terminals=$((terminals + 1))
	screen new-session -d -x 80 -y 24 "env LC_ALL=C.UTF-8 $* \
	    '$adtspool' -c '$tmp/adtspool.yaml' top; echo ended \$?; sleep 99"
}
shown() {
	screen capture-pane -p
}
shows() { # REGEX
	shown | grep -qE -- "$1"
}
lacks() { # REGEX
	! shows "$1"
}
press() {
	screen send-keys "$@"
}
end_top() {
	press q
	wait_until 60 shows 'ended 0' && screen kill-server
}

start_top
wait_until 60 shows '^RUNNING'
frame=$(shown)
is "$(wc -l <<<"$frame") $(expand <<<"$frame" | awk 'length > 80' | wc -l)" \
    '24 0' 'it fills 80 by 24'
like "$frame" '[0-9]:[0-9]{2}Z, a look every 2s \(took [0-9]+ ms\)' \
    'it says how often it looks'
like "$frame" \
    'waiting 30, later 0, refused 0; running 2 in 2 slots; workers 1' \
    '... and how much there is'
like "$frame" "$arch +30 +0 +2" 'it has queues'
like "$frame" 'here[^ ]* +running +2/2 +[0-9]+s' '... workers'
like "$frame" '[a-z0-9]{12} adtpass +[a-z0-9]+ +here +[0-9ms ]+s +[0-9ms ]+s' \
    '... what runs, for how long, and how long it takes'
like "$frame" "fail +4 +unstable/$arch/adtfail/" '... and what failed'
ok '... and nothing else' lacks "$arch/adtpass/"
like "$frame" '\? help' '... and its keys'

# It goes on by itself.
adtspool hold --reason test "$arch.huge"
ok 'it sees what changes' wait_until 60 shows "$arch.huge .* held"
press r
ok 'it looks when it is asked to' wait_until 60 shows 'a look every'
press s
ok 'what runs can be sorted' wait_until 60 shows 's by: excess'
press n
press n
ok 'a queue can be chosen' wait_until 60 shows "queue: $arch.huge"
ok '... and is alone then' lacks hello
press n
ok '... or all' wait_until 60 shows 'queue: all'
press '?'
ok 'it helps' wait_until 60 shows 'PgUp, PgDn'
press '?'
ok '... and goes back' wait_until 60 shows '^RUNNING'

# Smaller.
screen resize-window -x 60 -y 10
ok 'it fits another size' wait_until 60 shows '^ +[0-9]+ more'
like "$(shown | wc -l) $(shown | tail -n 1)" '^10 q quit' '... wholly'
press Tab
press Tab
press Tab
press End
ok 'the rest can be scrolled to' wait_until 60 shows "here@"
screen resize-window -x 20 -y 3
small() {
	[ "$(shown | wc -l)" = 3 ] && shows '^q quit'
}
ok 'it bears the smallest' wait_until 60 small
screen resize-window -x 80 -y 24
ok '... and is whole again' wait_until 60 shows '^RUNNING'
ok 'q ends it' end_top

start_top TERM=screen-256color
ok 'another terminal will do' wait_until 60 shows '^RUNNING'
end_top
start_top TERM=dumb
ok 'one that cannot is told so' \
    wait_until 60 shows 'TERM=dumb. cannot show'
ok '... with the status of a wrong command line' \
    wait_until 60 shows 'ended 64'
screen kill-server

like "$(adtspool top </dev/null 2>&1; echo "$?")" 'no terminal.*--once.*64$' \
    'without a terminal it says what will do'
once=$(adtspool top --once)
like "$once" "^$tmp/spool" 'one screen can be printed'
like "$once" "$arch +30 +0 +2" '... with all that is on it'
like "$(COLUMNS=30 LINES=8 adtspool top --once | expand |
    awk '{ n++ } length > 30 { w++ } END { print n, w + 0 }')" '^[67] 0$' \
    '... of any size'
adtspool top --twice 2>/dev/null
is "$?" 64 'a wrong option is refused'

# What a worker says of itself is strangers' text.
stop_worker
sed -i 's/"problem": null/"problem": "\\u001b[2Jbad \\u009b31m"/' \
    "$tmp/spool/workers/here"
like "$(adtspool top --once)" 'stopped .*\^\[\[2Jbad' \
    'what a terminal would obey is shown'
is "$(adtspool top --once | grep -cP '\x1b|\xc2\x9b')" 0 \
    '... and not passed on'

done_testing
