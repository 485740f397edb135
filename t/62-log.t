#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Logs of what runs and of what ran; what status tells of time; once more.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool

# A test that says a word now and then, with what a terminal would obey.
cat >"$tmp/slow" <<'END'
#!/bin/bash
for argument; do
	case $argument in
	--output-dir=*) cd "${argument#*=}" || exit 20 ;;
	esac
done
printf 'first \033[31m\n' >>log
while [ ! -e "$GO" ]; do
	sleep 0.2
done
sleep 1
echo 'last' >>log
echo 'adtpass 1.0' >testpkg-version
echo '{"virt_server": "autopkgtest-virt-null"}' >testinfo.json
echo "one ${VERDICT:-PASS}" >summary
[ "${VERDICT:-PASS}" = PASS ] || exit 4
END
chmod +x "$tmp/slow"
export GO=$tmp/go
conf "autopkgtest: [$tmp/slow]" "expose: [$tmp]" 'slots: 1'
adtspool init

submit() { # ARGUMENT...: prints the id
	adtspool submit "$@" | cut -d ' ' -f 1
}

run_of() { # ID: its path, as show tells it
	adtspool show "$1" | sed -n 's/^run: *//p'
}

begun() { # FILE
	grep -q first "$1"
}

a=$(submit -t glibc/2.42-1 -e A=1 adtpass)
output=$(adtspool log "$a" 2>&1)
is "$? $output" "66 adtspool: $a: no log yet: it is waiting" \
    'what waits has no log yet'
timeout 60 "$adtspool" -c "$tmp/adtspool.yaml" log -f "$a" \
    >"$tmp/followed" 2>"$tmp/news" &
follow=$!
wait_until 40 grep -q "$a: waiting" "$tmp/news"
start_worker
ok 'a log is followed while it grows' wait_until 40 begun "$tmp/followed"
like "$(adtspool log "$a")" 'first' '... and shown as far as it has come'
ok '... with the changes of state' \
    wait_until 40 grep -q "$a: running in $arch/cur/" "$tmp/news"
like "$(adtspool status)" "$a adtpass +$arch +here +[0-9]+s +-" \
    'status tells for how long it has run'
touch "$GO"
wait "$follow"
is "$? $(tr -d '\033' <"$tmp/followed")" '0 first [31m
last' 'the log is followed to its end, each byte once'
stop_worker
is "$(adtspool log "$a" | tail -n 1)" last 'the published log is shown'
run=$(run_of "$a")
is "$(adtspool log "$run")" "$(adtspool log "$a")" '... by its run, too'
is "$(adtspool log "$spool/results/$run/log.gz")" \
    "$(adtspool log "unstable/$arch/adtpass/${run##*/}")" \
    '... by its path or the end of it'
adtspool log nonsense 2>/dev/null
is $? 64 'what is neither id nor run is told'
adtspool log "unstable/$arch/adtpass/20000101_000000@" 2>/dev/null
is $? 66 '... and a run that is not there'

# What a terminal gets.  script(1) gives one.
like "$(script -qc "$adtspool -c $tmp/adtspool.yaml log $a" /dev/null \
    </dev/null)" 'first \^\[\[31m' 'a terminal gets no escape sequences'
like "$(script -qc "$adtspool -c $tmp/adtspool.yaml log --raw $a" /dev/null \
    </dev/null)" $'first \033\\[31m' '... unless they are wanted'

# Once more.
like "$(adtspool retry "$a")" "^[0-9a-z]{12} $arch adtpass\$" \
    'a request is asked for once more'
b=$(adtspool retry --json "$run" | sed -n 's/.*"id": "\(.*\)",/\1/p')
like "$(adtspool retry "$run")" "^$b $arch adtpass waits or runs already\$" \
    '... but not while it waits'
like "$(adtspool retry "$b")" "^$b $arch adtpass waits or runs already\$" \
    '... by its own id either'
is "$(cd "$spool/$arch/new" && find . -name 'adtpass,*' | wc -l)" 1 \
    '... so there is one'
like "$(cat "$spool/$arch/new"/*/adtpass,"$b",*)" \
    'glibc/2.42-1.*A=1' 'it asks for the same'
rm "$GO"
start_worker
wait_until 40 grep -q "$b: .*started" "$tmp/worker.log"
like "$(adtspool status)" \
    "$b adtpass +$arch +here +[0-9]+s +([0-9]+s|overdue)" \
    'status tells when it should end, by how long it took before'
like "$(adtspool status --json)" '"expected_end": [0-9]+' \
    '... to programs, too'
touch "$GO"
stop_worker

# By trigger: what failed last.
output=$(adtspool retry --trigger glibc/2.42-1 2>&1)
is "$? ${output#adtspool: }" "66 glibc/2.42-1: nothing in unstable with this\
 trigger has failed last" 'what passed is not asked for once more'
c=$(submit -t glibc/2.42-1 -e A=2 adtfail)
d=$(submit -t glibc/2.42-1 -e A=3 -e VERDICT=FAIL adtskip)
VERDICT=FAIL adtspool worker --drain 2>/dev/null
is "$(adtspool retry --dry-run -t glibc/2.42-1 | sort)" \
    "- $arch adtfail would be asked for
- $arch adtskip would be asked for" 'what failed with the trigger is chosen'
is "$(adtspool retry -t glibc/2.42-1 -p adtfail | cut -d ' ' -f 2-)" \
    "$arch adtfail" '... of one package'
adtspool cancel -p adtfail >/dev/null
is "$(adtspool retry "$c" | cut -d ' ' -f 2-)" "$arch adtfail" \
    'what was cancelled can be asked for again'
is "$(adtspool retry "$d" "$run" --priority 9 | cut -d ' ' -f 2-)" \
    "$arch adtskip
$arch adtpass" 'several are'
like "$(ls "$spool/$arch/new")" '01-' '... with another priority'
adtspool retry 000000000000 2>/dev/null
is $? 66 'what is not there is told'
done_testing
