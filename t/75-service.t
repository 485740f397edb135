#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As a service: units, what the manager is told, reload, and upgrade in place.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
base=("$quick" 'slots: 2' 'poll: 1s' 'heartbeat: 1s' 'lease: 60s')
conf "${base[@]}"
adtspool init "$arch" "$arch.huge"
long=75.$$	# seconds, and what tells this test's sleeps from others

# manager NAME: a stand-in for systemd in the background, $manager, at
# $NOTIFY_SOCKET; what it is told goes to $tmp/NAME, a line a variable.
manager() {
	export NOTIFY_SOCKET=$tmp/$1.socket
	: >"$tmp/$1"
	python3 -uc 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(65536).decode())' "$NOTIFY_SOCKET" >>"$tmp/$1" &
	manager=$!
	wait_until 20 test -S "$NOTIFY_SOCKET"
}

told() { # NAME REGEX: the manager was told such a line
	grep -qE "$2" "$tmp/$1"
}

logged() { # REGEX
	grep -qE "$1" "$tmp/worker.log"
}

running() { # N: so many of this test's long tests run
	[ "$(pgrep -cfx "sleep $long")" = "$1" ]
}

end_tests() {
	local pids
	mapfile -t pids < <(pgrep -fx "sleep $long")
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}"
}

results() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

has() { # N results
	[ "$(results)" = "$1" ]
}

state() { # WORKER KEY
	sed -n "s/^  \"$2\": \"*\\([^\"]*\\)\"*,\$/\\1/p" "$spool/workers/$1"
}

in_state() { # WORKER STATE
	[ "$(state "$1" state)" = "$2" ]
}

# The units.
make -s -C "$top" install DESTDIR="$tmp/root" PREFIX=/usr PROG="$adtspool" \
    >/dev/null 2>&1
units=$tmp/root/usr/lib/systemd/system
is "$(cd "$units" && echo adtspool-*)" \
    'adtspool-index.service adtspool-serve.service adtspool-worker@.service' \
    'make install installs the units'
like "$(cat "$units"/*)" 'ExecStart=/usr/bin/adtspool worker' \
    '... which start the program that it installs'
installed=$tmp/root/usr/bin
like "$("$installed/adtspool" top --once --bla 2>&1)" 'usage: adtspool top' \
    '... with those that it starts for some commands'
rm "$installed/adtspool-top"
like "$("$installed/adtspool" top 2>&1; echo $?)" \
    "adtspool: $installed/adtspool-top: No such file.*installed\?.72" \
    '... and says which one is missing'
sed -i "s|/usr/bin/adtspool|$adtspool|" "$units"/*
for unit in "$units"/*; do
	is "$(systemd-analyze verify --man=no "$unit" 2>&1)" '' \
	    "${unit##*/} is right"
done
# After a target that nobody wants is after nothing.
for unit in "$units"/*; do
	like "$(grep -E '^(Wants|After)=' "$unit")" \
	    'Wants=network-online.target.After=network-online.target' \
	    "${unit##*/} wants the network"
done
for unit in index serve; do
	ok "adtspool-$unit.service is confined" systemd-analyze security \
	    --offline=true --threshold=20 "$units/adtspool-$unit.service"
done

# What the manager is told.
manager one
export QUICK_SLEEP=$long
WATCHDOG_USEC=4000000 start_worker
ok 'a worker tells that it is ready' wait_until 40 told one '^READY=1$'
is "$(state here life | wc -w)" 1 '... when it has its name'
ok '... and how it goes' wait_until 40 told one '^STATUS=running 0/2$'
ok '... that it lives' told one '^WATCHDOG=1$'
ok '... and to wait for its lease' told one '^WATCHDOG_USEC=60000000$'
adtspool submit -e A=1 adtpass >/dev/null
ok '... what runs' wait_until 40 told one '^STATUS=running 1/2$'
ok 'a test runs' wait_until 40 running 1
pid=$(pgrep -fx "sleep $long")
is "$(tr '\0' '\n' <"/proc/$pid/environ" | grep -cE 'NOTIFY_|WATCHDOG_')" 0 \
    '... which does not know of the manager'
unset NOTIFY_SOCKET

# A reload changes what can be changed; what runs is left in peace.
conf "${base[@]}" 'slots: 3' "queues: [$arch, $arch.huge]" 'timeout: 1s'
kill -HUP "$worker"
ok 'the manager is told of a reload' wait_until 40 told one '^RELOADING=1$'
ok '... and its time' told one '^MONOTONIC_USEC=[0-9]{6,}$'
ok '... and its end' wait_until 40 \
    bash -c "sed '1,/RELOADING/d' '$tmp/one' | grep -q READY=1"
ok 'the log tells' wait_until 20 logged 'adtspool.yaml: reloaded, 3 slots$'
ok '... and so does the state' wait_until 20 \
    grep -q '"slots": 3' "$spool/workers/here"
ok 'what runs, runs with its own time limit' running 1
adtspool submit -q "$arch.huge" -e B=1 adtpass >/dev/null
ok 'a queue that was added is served' wait_until 40 has 1
like "$(find "$spool/results" -name result.json -exec cat {} +)" \
    'the run took longer' '... and a new time limit holds'

# A queue that is taken away is served no more, but what runs there is.
end_tests
ok 'what ran is published' wait_until 40 has 2
conf "${base[@]}" "queues: [$arch, $arch.huge]"
kill -HUP "$worker"
ok 'slots are fewer' wait_until 40 grep -q '"slots": 2' "$spool/workers/here"
adtspool submit -q "$arch.huge" -e C=1 adtpass >/dev/null
ok 'a test runs in the other queue' wait_until 40 running 1
conf "${base[@]}" "queues: [$arch]" 'slots: 3'
kill -HUP "$worker"
ok 'that queue is taken away' wait_until 40 \
    bash -c "! grep -A4 queues '$spool/workers/here' | grep -q huge"
adtspool submit -q "$arch.huge" -e D=1 adtpass >/dev/null
adtspool submit -e E=1 adtpass >/dev/null
ok '... and the one that is left goes on' wait_until 40 running 2
sleep 3		# polls, in which it might have been claimed
is "$(find "$spool/$arch.huge/new" -name 'adtpass,*' | wc -l)" 1 \
    '... but nothing new is claimed in the other, with a slot free'
end_tests
ok '... where what ran is published, too' wait_until 40 has 4

# A broken file changes nothing.
echo 'slotz: 4' >>"$tmp/adtspool.yaml"
kill -HUP "$worker"
ok 'a broken file is told in the log' wait_until 40 logged \
    'not reloaded, the configuration from before holds: .*slotz'
ok '... in the worker'"'"'s state' wait_until 20 \
    grep -q '"warning": "not reloaded' "$spool/workers/here"
ok '... and to the manager' wait_until 20 told one 'STATUS=running 0/3; not re'
conf "${base[@]}" 'lease: 90s' "scratch: $tmp/elsewhere"
like "$(adtspool status)" 'here .* not reloaded' '... and by status'
kill -HUP "$worker"
ok 'what needs a restart is named' wait_until 40 logged \
    'restart the worker for what changed in scratch, .*lease'
is "$(grep '"lease"' "$spool/workers/here")" '  "lease": 60,' \
    '... and is as it was'
conf "${base[@]}"
kill -HUP "$worker"
ok 'a file that is whole again ends the warning' wait_until 40 \
    bash -c "! grep -q '\"warning\": \"' '$spool/workers/here'"

# Upgrade in place: the old one has a test, and the new one starts beside it.
ok 'the worker has its queues again' wait_until 40 running 1
old=$worker
is "$(state here state)" running 'the old worker runs'
manager two
"$adtspool" -c "$tmp/adtspool.yaml" worker --replace 2>"$tmp/new.log" &
new=$!
ok 'the new one is ready' wait_until 40 told two '^READY=1$'
ok '... under the other name of the pair' \
    grep -q '"worker": "here.2"' "$spool/workers/here.2"
ok 'the old one is told to stop' wait_until 40 in_state here stopping
ok '... as the manager is' wait_until 20 told one '^STOPPING=1$'
ok '... which is to wait' wait_until 20 \
    told one '^EXTEND_TIMEOUT_USEC=60000000$'
ok '... and it goes on with its test' running 1
ok 'the new one leaves it a slot' wait_until 20 told two '^STATUS=running 0/1$'
output=$(adtspool worker --replace --drain 2>&1)
is $? 75 'a third one does not start'
like "$output" 'here and here.2 both run; wait' '... and says why'
adtspool submit -e F=1 adtpass >/dev/null
ok 'the new one claims' wait_until 40 running 2
ok '... which its state shows' grep -q '"slots": 1' "$spool/workers/here.2"
end_tests
wait "$old"
is $? 0 'the old one ends when its test has'
ok 'both tests are published' wait_until 40 has 6
ok 'the new one has all slots then' wait_until 40 \
    grep -q '"slots": 2' "$spool/workers/here.2"
is "$(find "$spool" \( -path '*/cur/*' -o -path '*/bad/*' \) \
    -name 'adtpass*')" '' 'nothing is left, nothing was refused'
is "$(find "$spool/results/autopkgtest" -name result.json -exec grep -h '"id"' \
    {} + | sort -u | wc -l)" 6 '... and each has one result'
kill "$manager"

# The next one has the first name again, and another host's is left alone.
export QUICK_SLEEP=0
: >"$tmp/worker.log"
"$adtspool" -c "$tmp/adtspool.yaml" worker --replace 2>"$tmp/worker.log" &
worker=$!
ok 'the next one has the first name again' wait_until 40 in_state here running
wait "$new"
is $? 0 '... and the one before stops'
kill "$worker"
wait "$worker"
adtspool worker --replace --drain 2>"$tmp/worker.log"
ok 'where none runs it is the first, too' logged 'worker here: stopped'

# What the other of the pair left, when it was killed, is removed: here.2 has
# ended, and other.2 never was.
leave() { # WORKER
	mkdir -p "$tmp/scratch/$1/aaaaaaaaaaaa.1/tmp"
	echo 'podman adtspool-aaaaaaaaaaaa-1' \
	    >"$tmp/scratch/$1/aaaaaaaaaaaa.1/virt"
}
mkdir "$tmp/bin"
cat >"$tmp/bin/podman" <<EOF
#!/bin/sh
flock -n $spool/workers/here.2 true || held=held
echo "\$* \$held" >>$tmp/podman
EOF
chmod +x "$tmp/bin/podman"
leave here.2
flock "$spool/workers/here.2" sleep 60 &
holder=$!
ok 'somebody has the other name' wait_until 10 \
    bash -c "! flock -n '$spool/workers/here.2' true"
PATH=$tmp/bin:$PATH adtspool worker --drain 2>"$tmp/worker.log"
is "$? $(ls "$tmp/scratch")" '0 here.2' '... and what it has is left alone'
kill "$holder" "$(pgrep -P "$holder")"
wait "$holder"
leave other.2
PATH=$tmp/bin:$PATH adtspool worker --drain 2>"$tmp/worker.log"
is "$? $(ls "$tmp/scratch")" '0 other.2' '... and removed when nobody has'
like "$(cat "$tmp/podman")" '^rm --force .* adtspool-aaaaaaaaaaaa-1 held$' \
    '... with its testbed, while the name is held'
ok '... as the log says' logged 'worker here: removed what here.2 left here'
leave here
PATH=$tmp/bin:$PATH adtspool worker --drain --name here.2 2>"$tmp/worker.log"
is "$? $(ls "$tmp/scratch")" '0 other.2' 'the second does so for the first'
PATH=$tmp/bin:$PATH adtspool worker --drain --name other 2>"$tmp/worker.log"
is "$? $(ls "$tmp/scratch")" '0 other.2' \
    'a name that no worker of this spool had is left alone'
rm -rf "$tmp/scratch/other.2"

# The others.
manager three
"$adtspool" -c "$tmp/adtspool.yaml" index --follow 2>"$tmp/index.log" &
index=$!
ok 'an indexer tells that it is ready' wait_until 40 told three '^READY=1$'
ok '... that it has the role' wait_until 20 told three '^STATUS=has the role$'
echo 'slotz: 4' >>"$tmp/adtspool.yaml"
kill -HUP "$index"
ok '... goes on where a file is broken' wait_until 40 \
    grep -q 'not reloaded, .*slotz' "$tmp/index.log"
conf "${base[@]}" 'britney-window: 20d'
kill -HUP "$index"
ok '... and reads one that is not' wait_until 40 \
    grep -q 'adtspool.yaml: reloaded' "$tmp/index.log"
kill "$index"
wait "$index"
is $? 0 '... and stops'
ok '... as it tells' wait_until 20 told three '^STOPPING=1$'

unset NOTIFY_SOCKET
manager four
conf "${base[@]}" 'serve-listen: 127.0.0.1:0'
WATCHDOG_USEC=2000000 "$adtspool" -c "$tmp/adtspool.yaml" serve \
    2>"$tmp/serve.log" &
serve=$!
ok 'a server tells that it is ready' wait_until 40 told four '^READY=1$'
url=$(sed -n 's|.* at \(http://.*\)/$|\1|p' "$tmp/serve.log")
is "$(curl -s -o /dev/null -w '%{http_code}' "$url/")" 200 '... when it is'
ok '... and lives' wait_until 20 told four '^WATCHDOG=1$'
echo 'serve-each-client: 7' >>"$tmp/adtspool.yaml"
kill -HUP "$serve"
ok '... reloads' wait_until 40 grep -q 'each-client is 7' "$tmp/serve.log"
is "$(curl -s -o /dev/null -w '%{http_code}' "$url/")" 200 '... and goes on'
kill "$serve"
wait "$serve"
is $? 0 '... and stops'
ok '... as it tells' wait_until 20 told four '^STOPPING=1$'
done_testing
