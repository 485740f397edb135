#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks are told what happens, and are in nobody's way.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
hooks=$tmp/hooks
told=$tmp/told
quick="autopkgtest: [$top/t/data/autopkgtest-quick]"
mkdir -m 755 "$hooks" "$told"
conf "hooks: $hooks" 'attempts: 2' 'hook-timeout: 1s' "$quick"
adtspool init

# hook NAME: a hook, from standard input.
hook() {
	{ echo '#!/bin/bash'; cat; } >"$hooks/$1"
	chmod 755 "$hooks/$1"
}

# Keeps what each event says: EVENT.PACKAGE.N, and .json.
hook keep <<END
n=\$(find $told -name "\$1.\$ADTSPOOL_PACKAGE.*.env" | wc -l)
cat >$told/\$1.\$ADTSPOOL_PACKAGE.\$n.json
env >$told/.\$1.\$\$
mv $told/.\$1.\$\$ $told/\$1.\$ADTSPOOL_PACKAGE.\$n.env
END

value() { # FILE VARIABLE
	sed -n "s/^ADTSPOOL_$2=//p" "$told/$1.env"
}

in_json() { # FILE KEY...
	python3 - "$told/$1.json" "${@:2}" <<-'END'
	import json, sys
	result = json.load(open(sys.argv[1]))
	print(*(result[key] for key in sys.argv[2:]))
	END
}

# One run: claimed, published.
id=$(adtspool submit adtpass | grep -oE '[0-9a-z]{12}' | head -n 1)
LEAK=1 adtspool worker --drain 2>"$tmp/log"
is "$(cd "$told" && ls -d -- *.env)" \
    'claimed.adtpass.0.env
published.adtpass.0.env' 'a run is claimed, and published'
claimed=claimed.adtpass.0 published=published.adtpass.0
is "$(for key in EVENT ID SUITE ARCH QUEUE WORKER ATTEMPT; do
	value $claimed $key; done | paste -sd ' ')" \
    "claimed $id unstable $arch $arch here 1" 'a hook is told of what'
is "$(in_json $claimed id package status exit_code)" \
    "$id adtpass None None" '... and gets a result without a status'
is "$(in_json $published id package status exit_code)" \
    "$id adtpass pass 0" '... or with one'
ok 'it is told where the run is' cmp "$told/$published.json" \
    "$(value $published RUN)/result.json"
is "$(cut -d = -f 1 "$told/$claimed.env" | grep -v ADTSPOOL_ | sort |
    paste -sd ' ')" 'HOME LANG PATH PWD SHLVL _' \
    'nothing of the worker'"'"'s environment is passed on'
rm "$told"/*

# What fails goes back, and then is refused.
conf "hooks: $hooks" 'attempts: 2' 'autopkgtest: [sh, -c, "exit 16"]'
adtspool submit adtpass >/dev/null
adtspool worker --drain 2>"$tmp/log"
like "$(value failed.adtpass.0 NEXT) $(value failed.adtpass.0 WHY)" \
    '^back testbed failure' 'a testbed failure that is tried again is told'
is "$(in_json failed.adtpass.0 status exit_code attempt)" 'tmpfail 16 1' \
    '... with its own result, which is published nowhere'
is "$(find "$told" -name 'claimed.*.env' | wc -l)" 2 '... and each attempt'
rm -f "$told"/*

# A hook may fail, print anything, or hang.
conf "hooks: $hooks" 'hook-timeout: 1s' "$quick"
hook bad <<'END'
printf 'first\n\033[31mred\033]0;title\007\rthen\n'
seq 1000
exit 3
END
adtspool submit adtskip >/dev/null
adtspool worker --drain 2>"$tmp/log"
ok 'a hook that fails ends nothing' grep -q 'published as' "$tmp/log"
ok '... and is told' grep -q 'hook bad, claimed: failed: exit 3' "$tmp/log"
ok 'what a hook prints is in the log' \
    grep -q 'hook bad, claimed: first$' "$tmp/log"
ok '... harmless' grep -qF '^[[31mred^[]0;title^G' "$tmp/log"
is "$(grep -c 'hook bad, claimed: [0-9]*$' "$tmp/log") $(grep -o \
    'claimed: [0-9]* more lines' "$tmp/log")" '47 claimed: 953 more lines' \
    '... and bounded'
rm "$hooks/bad" "$told"/*

hook hang <<END
[ "\$1" = claimed ] || exit 0
sleep 71.$$ & sleep 71.$$
END
adtspool submit adtfail >/dev/null
before=$(date +%s%N)
adtspool worker --drain 2>"$tmp/log"
took=$(($(date +%s%N) - before))
ok 'a hook that hangs is killed' \
    grep -q 'hook hang, claimed: had not ended after 1 s' "$tmp/log"
ok '... with what it started' bash -c "! pgrep -fx 'sleep 71.$$'"
ok '... and the next event is told all the same' \
    test -e "$told/published.adtfail.0.env"
ok '... the worker has not waited for longer' test "$took" -lt 9000000000
rm "$told"/*

# A worker's end is not put off by hooks, and theirs is not by it.
conf "hooks: $hooks" 'hook-timeout: 1h' "$quick"
adtspool submit adtfail >/dev/null
before=$SECONDS
adtspool worker --drain 2>"$tmp/log"
took=$((SECONDS - before))
ok 'a worker that stops waits for hooks for a while' test "$took" -ge 9
ok '... and no longer' test "$took" -le 14
ok '... and ends them' bash -c "! pgrep -fx 'sleep 71.$$'"
ok '... and tells' grep -q '2 events were not told to the end' "$tmp/log"
ok 'the test was run meanwhile' grep -q 'published as' "$tmp/log"
rm -f "$hooks/hang" "$told"/*

# Who may write to a hook would be the worker.
conf "hooks: $hooks" "$quick"
hook loose </dev/null
hook name.conf </dev/null
hook "name~" </dev/null
hook others </dev/null
# shellcheck disable=SC2016 # it is the hook's own
echo 'touch "$0".was-run' | tee -a "$hooks/loose" "$hooks/name.conf" \
    "$hooks/name~" "$hooks/others" >/dev/null
chmod g+w "$hooks/loose"
chown nobody "$hooks/others" 2>/dev/null || rm "$hooks/others"
adtspool submit adtnone >/dev/null
adtspool worker --drain 2>"$tmp/log"
ok 'a hook that others may write to is not run' \
    grep -q 'loose: not run: others may write' "$tmp/log"
[ ! -e "$hooks/others" ] || ok '... nor one of another user' \
    grep -q 'others: not run: belongs to neither' "$tmp/log"
is "$(find "$hooks" -name '*.was-run')" '' \
    '... nor what has no name of run-parts'
ok '... but the others are' test -e "$told/published.adtnone.0.env"
chmod 777 "$hooks"
rm "$told"/*
adtspool submit adtbad >/dev/null
adtspool worker --drain 2>"$tmp/log"
ok 'nor is anything in a folder that others may write to' \
    grep -q 'no hook is run: others may write' "$tmp/log"
is "$(ls "$told")" '' '... at all'
chmod 755 "$hooks"
rm -f "$hooks"/{loose,others} "$hooks"/name*

# More than can be told.
conf "hooks: $hooks" 'hook-timeout: 1h' "$quick" 'slots: 8'
hook hang <<END
sleep 71.$$
END
for ((i = 0; i < 200; i++)); do
	echo "x$i"
done >"$tmp/requests"
mapfile -t packages <"$tmp/requests"
adtspool submit "${packages[@]}" >/dev/null
adtspool worker --drain 2>"$tmp/log"
like "$(grep -o '[0-9]* events were not told, as 256' "$tmp/log")" \
    '^140 ' 'what is more than can wait is counted'
is "$(grep -c 'published as' "$tmp/log")" 200 '... and all tests were run'
rm -f "$hooks/hang" "$told"/*

# A worker that died while its test ran.
conf "hooks: $hooks" "$quick" 'attempts: 2' 'lease: 6s' 'heartbeat: 1s'
adtspool submit adtlost >/dev/null
QUICK_SLEEP=72.$$ "$adtspool" -c "$tmp/adtspool.yaml" worker --name dead \
    2>>"$tmp/dead.log" &
dead=$!
wait_until 40 test -e "$told/claimed.adtlost.0.env"
kill -9 "$dead"
wait "$dead" 2>/dev/null
start_worker
wait_until 60 test -e "$told/published.adtlost.0.env"
is "$(for key in EVENT NEXT WORKER ATTEMPT; do value lost.adtlost.0 $key
    done | paste -sd ' ')" 'lost back dead 1' \
    'the loss of a worker is told by who sees it'
is "$(in_json lost.adtlost.0 package worker attempt status)" \
    'adtlost dead 1 None' '... with what is known of it'
is "$(value published.adtlost.0 WORKER)" here '... and where it was run then'
# The keeper may die, too.
keeper=$(pgrep -P "$worker" -x adtspool-hooks)
kill -9 "$keeper"
rm "$told"/*
adtspool submit adtcrash >/dev/null
wait_until 40 test -e "$told/published.adtcrash.0.env"
ok 'a keeper that has died is followed by another' \
    test -e "$told/published.adtcrash.0.env"
stop_worker
rm -f "$told"/*

done_testing
