#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fsck on a spool that real commands have made, cut off or at work.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
conf "autopkgtest: [$top/t/data/autopkgtest-quick]" 'lease: 60s' \
    'heartbeat: 1s' 'attempts: 9'
adtspool init
requests=0

submit() { # COUNT
	local i

	for ((i = 0; i < $1; i++)); do
		requests=$((requests + 1))
		adtspool submit -e "N=$requests" adtpass >/dev/null
	done
}

results() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

has() { # COUNT results
	[ "$(results)" = "$1" ]
}

# The kinds of what fsck finds, sorted, a blank behind each.
kinds() { # fsck's arguments
	adtspool fsck --json "$@" | sed -n 's/^ *"kind": "\(.*\)",$/\1/p' |
	    sort | tr '\n' ' '
}

# All names and texts of the spool.
picture() {
	find "$spool" -printf '%p %i %s %l\n' | sort
	find "$spool" -type f -print0 | sort -z | xargs -0 cksum
}

# What it says where nothing is wrong.
submit 3
output=$(adtspool fsck --deep)
is "$? $output" "0 Nothing wrong: 1 queue, 3 tokens" \
    'a spool with requests is clean'
adtspool worker --drain 2>"$tmp/worker.log"
output=$(adtspool fsck --deep)
is "$? $output" "0 Nothing wrong: 1 queue, 3 tokens, 3 runs" \
    '... and so it is with results'
like "$(adtspool fsck nowhere 2>&1; echo " $?")" 'no queue "nowhere".* 78$' \
    'a queue that is not there is no clean one'
like "$(adtspool fsck --dead ../x 2>&1; echo " $?")" 'usage: .* 64$' \
    'what is no worker is not taken for one'

# Somebody removed control/, or never made it.
mv "$spool/control" "$tmp/control"
is "$(kinds)" 'control-missing ' 'a missing control/ is told'
like "$(adtspool fsck)" 'adtspool init makes what is missing' \
    '... with its cure'
mv "$tmp/control" "$spool/control"

# A spool in which a lot is wrong.
done=$(cd "$spool/$arch/done" && echo */adtpass,* | cut -d ' ' -f 1)
token=${done##*/}
mkdir "$spool/$arch/new/05-20200101T0000"
cp "$spool/$arch/done/$done" "$spool/$arch/new/05-20200101T0000/${token%@*}"
mkdir "$spool/$arch/new/05-20200101T0001"
touch -d '2 days ago' "$spool/$arch/tmp/adtpass,aaaaaaaaaaaa,p5,e1,a0"
ln -s aaaaaaaaaaaa "$spool/$arch/pending/zzzzzzzzzzzz"
echo adtpass >"$spool/$arch/bad/adtpass,bbbbbbbbbbbb,p5,e1,a0@here"
touch "$spool/$arch/tries/cccccccccccc.a0"
rm -r "$spool/results/by-version"
all='bucket-empty link-stale tmp-old try-old twice-behind version-missing'
all="$all version-missing version-missing why-missing "
before=$(picture)
is "$(kinds --deep)" "$all" 'all that is wrong is found'
is "$(picture)" "$before" '... and nothing is changed'
output=$(adtspool fsck --deep)
is $? 65 '... and the exit status tells'
like "$output" "adtspool fsck --repair removes it" '... and the text'
like "$output" '9 found, 0 repaired, 9 problems left: 1 queue, 5 tokens' \
    '... and the sum'
output=$(adtspool fsck --deep --repair)
is $? 0 'with --repair all is mended'
like "$output" '9 found, 9 repaired, 0 problems left' '... and told'
like "$(cat "$spool/$arch"/bad/*@fsck.why)" \
    "is the same request as $arch/done" \
    '... and what was taken away has its reason'
is "$(adtspool fsck --deep)" \
    'Nothing wrong: 1 queue, 5 tokens, 3 runs' \
    '... and then nothing is wrong'
rm "$spool/$arch"/bad/adtpass,*

# A worker is killed before each call that changes something; for each it is
# another worker.
drain() { # NAME [strace's options]
	local name=$1
	shift
	"$@" "$adtspool" -c "$tmp/adtspool.yaml" worker --drain --name "$name"
}

if strace -o /dev/null true 2>/dev/null; then
	submit 1
	drain live strace -o "$tmp/trace" -e "trace=$changing" \
	    2>"$tmp/worker.log"
	mapfile -t calls < <(changes_of "$tmp/trace")
	dead=()
	for i in "${!calls[@]}"; do
		submit 1
		killed_at "${calls[i]}" '' "$adtspool" \
		    -c "$tmp/adtspool.yaml" worker --drain --name "dead$i"
		dead+=(--dead "dead$i")
	done
	ok "a worker is killed at each of ${#calls[@]} calls" \
	    [ "${#calls[@]}" -gt 20 ]
	like "$(kinds "${dead[@]}")" 'claim-dead.* stage-committed' \
	    '... which leaves claims, and results'
	adtspool fsck --repair "${dead[@]}" >"$tmp/fsck.log"
	is "$?" 0 '... and all that is mended'
	is "$(find "$spool/$arch/cur" "$spool/results/.staging" -name '*@*')" \
	    '' '... so that no claim and no stage is left'
	drain live 2>>"$tmp/worker.log"
	is "$(results)" "$requests" '... and each request has one result'
	is "$(adtspool fsck --deep --repair >/dev/null; kinds --deep)" '' \
	    '... and nothing is wrong'
else
	report ok 'a killed worker is mended # SKIP strace cannot trace here'
fi

# A worker that lives is not dead, whatever the operator says.
QUICK_SLEEP=60 "$adtspool" -c "$tmp/adtspool.yaml" worker \
    2>>"$tmp/worker.log" &
worker=$!
submit 1
in_cur() {
	[ -n "$(find "$spool/$arch/cur" -name '*@here')" ]
}
ok 'a worker runs a test' wait_until 40 in_cur
output=$(adtspool fsck --repair --dead here 2>&1)
is "$? $output" "64 adtspool: here: is not dead: its heartbeat has just \
changed; stop it first" 'fsck sees that it lives'
ok '... and takes nothing away from it' in_cur
is "$(kinds)" '' '... in which nothing is wrong'
{ kill -9 "$worker" && wait "$worker"; } 2>/dev/null
ok 'when it has been killed, it is dead' adtspool fsck --repair --dead here
ok '... and its claim is given back' wait_until 40 eval '! in_cur'
like "$(cat "$spool/$arch"/tries/*)" \
    'attempt 1, on here: its worker here ended' '... with a note'

# Two workers at work, and fsck --repair all the time.
start() { # NAME
	"$adtspool" -c "$tmp/adtspool.yaml" worker --name "$1" \
	    2>>"$tmp/$1.log" &
}
start one
one=$!
start two
two=$!
(
	while [ ! -e "$tmp/enough" ]; do
		adtspool fsck --repair --deep || echo "exit $?"
	done >"$tmp/fsck.log" 2>&1
) &
fsck=$!
submit 40
ok 'beside fsck --repair two workers run 41 requests' \
    wait_until 120 has "$requests"
touch "$tmp/enough"
wait "$fsck"
kill "$one" "$two"
wait "$one" "$two"
is "$? $(results)" "0 $requests" '... each of them once'
ok '... while fsck looked more than once' \
    [ "$(grep -c 'queue' "$tmp/fsck.log")" -gt 1 ]
is "$(grep -vE '^Nothing wrong: 1 queue, [0-9]+ tokens, [0-9]+ runs$' \
    "$tmp/fsck.log")" '' '... and never found anything'
is "$(kinds --deep)" '' '... nor does it in the end'
is "$(find "$spool/$arch"/{cur,bad,tmp,tries,pending} ! -type d \
    ! -name README)" '' '... and nothing is left over'
done_testing
