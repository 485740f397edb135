#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose fault a failure is: the package's, the network's, or the host's.  With
# the real autopkgtest and the real apt, where one of them says something.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
packages=$tmp/packages
mkdir "$packages"
cp "$top/t/data/autopkgtest-here" "$packages/"
here="autopkgtest: [$packages/autopkgtest-here]"

# package NAME COMMAND...: one whose only test is that command.
package() {
	local name=$1
	shift
	cp -r "$top/t/data/adtfail" "$packages/$name"
	sed -i "s/adtfail/$name/" "$packages/$name"/debian/{changelog,control}
	printf 'Test-Command: %s\nFeatures: test-name=one\nDepends:\n' "$*" \
	    >"$packages/$name/debian/tests/control"
}

# outcome PACKAGE: "STATUS EXIT-CODE FAILURE ATTEMPT" of its newest result.
outcome() {
	local file key values=()
	file=$(find "$spool/results/autopkgtest" -path "*/$1/*/result.json" |
	    sort | tail -n 1)
	[ -n "$file" ] || return
	for key in status exit_code failure attempt; do
		values+=("$(sed -n "s/^  \"$key\": //p" "$file" |
		    tr -d '",')")
	done
	echo "${values[*]}"
}

message() { # PACKAGE
	find "$spool/results/autopkgtest" -path "*/$1/*/result.json" |
	    sort | tail -n 1 | xargs sed -n 's/^  "message": "\(.*\)",$/\1/p'
}

# Whether COUNT packages that are named like PATTERN have a result.
have_results() {
	[ "$(find "$spool/results/autopkgtest" -path "*/$2/*/result.json" |
	    wc -l)" = "$1" ]
}

shows_problem() { # PATTERN
	adtspool status | grep -q "$1"
}

said() { # COUNT TEXT FILE: as often at least
	[ "$(grep -c "$2" "$3")" -ge "$1" ]
}

waiting() { # PACKAGE: the end of its token's name
	find "$spool/$arch/new" -name "$1,*" | sed 's/.*,p/p/'
}

# What apt says of a mirror that is just being changed, and of one that is away.
mkdir -p "$packages/mirror"
echo 'Package: x' >"$packages/mirror/Packages"
{
	printf 'Suite: x\nDate: Tue, 24 Nov 2026 00:00:00 UTC\nSHA256:\n '
	printf '0%.0s' {1..64}
	echo ' 11 Packages'
} >"$packages/mirror/Release"
cat >"$packages/update" <<'EOT'
d=$(mktemp -d) || exit
mkdir -p "$d/lists/partial" "$d/cache"
echo "deb [trusted=yes] $1 ./" >"$d/list"
apt-get -o Dir::State::lists="$d/lists" -o Dir::Etc::sourcelist="$d/list" \
    -o Dir::Etc::sourceparts=- -o Dir::Cache="$d/cache" \
    -o APT::Update::Error-Mode=any -o Acquire::Retries=0 update 2>&1
EOT
package changes sh "$packages/update" "file:$packages/mirror"
package away sh "$packages/update" http://127.0.0.1:9/
package nameless sh "$packages/update" http://nowhere.invalid/
package full "sh -c 'mkdir: x 2>/dev/null; echo \"mkdir: cannot create" \
    "directory: No space left on device\"; exit 1'"
package says "sh -c 'echo I know: No space left on device; exit 1'"
package plain "sh -c 'exit 1'"

conf "$here" "expose: [$packages]" 'attempts: 2' 'bad-host: 0' \
    "failures: $top/conf/failures.yaml"
adtspool init
adtspool submit changes away full says plain >/dev/null
adtspool worker --drain 2>"$tmp/worker.log"
is "$(outcome changes)" 'tmpfail 16 hash-sum-mismatch 2' \
    'a mirror that changes is a testbed failure, after all attempts'
like "$(cat "$tmp/worker.log")" \
    'changes: .* \(exit 16\): hash-sum-mismatch .*attempt 1 of 2' \
    '... which was tried again'
is "$(message changes)" 'Could not run tests due to a temporary testbed '\
'failure: hash-sum-mismatch (autopkgtest'"'"'s exit status was 4)' \
    '... and says what autopkgtest said'
is "$(outcome away)" 'tmpfail 16 connection-failed 2' 'so is one that is away'
is "$(outcome full)" 'tmpfail 16 dpkg-no-space 2' 'so is a full testbed'
is "$(outcome says)" 'fail 4  1' 'a test that only talks of such things fails'
is "$(outcome plain)" 'fail 4  1' 'so does one that says nothing'
id=$(sed -n 's/.*: \([0-9a-z]*\): .*changes: started/\1/p' "$tmp/worker.log" |
    head -n 1)
like "$(adtspool show --json "$id")" '"failure": ?"hash-sum-mismatch"' \
    'show tells which pattern it was'
like "$(adtspool results --json --package full)" '"failure": ?"dpkg-no-space"' \
    'so does results'
is "$(adtspool results --json --package plain | grep -c failure)" 0 \
    '... where there was one'

# The table is the operator's.
conf "$here" "expose: [$packages]" 'attempts: 1' 'bad-host: 0'
cat >"$tmp/failures.yaml" <<'EOT'
- name: nowhere
  text: "Could not resolve 'nowhere.invalid'"
  exits: [4]
  means: tmpfail
- name: kills
  text: "ERROR: testbed failure: "
  packages: adtl*
  means: fail
EOT
cp -r "$top/t/data/adtlost" "$packages/"
: >"$tmp/worker.log"
start_worker
adtspool submit --wait nameless adtlost >/dev/null 2>&1
is "$(outcome nameless)" 'tmpfail 16 nowhere 1' 'a pattern of its own is found'
is "$(outcome adtlost)" 'fail 4 kills 1' \
    'a testbed failure may be the package'"'"'s own'
echo '- name: [' >"$tmp/failures.yaml"
ok 'the worker tells of a broken table' wait_until 60 \
    grep -q 'failures.yaml:2: .*what was read before stays' "$tmp/worker.log"
adtspool submit --wait -e X=1 nameless >/dev/null 2>&1
is "$(outcome nameless)" 'tmpfail 16 nowhere 1' '... and keeps the old one'
cat >"$tmp/failures.new" <<'EOT'
- name: new
  text: "Could not resolve"
  exits: [4]
  means: tmpfail
EOT
mv "$tmp/failures.new" "$tmp/failures.yaml"
adtspool submit --wait -e X=2 nameless >/dev/null 2>&1
is "$(outcome nameless)" 'tmpfail 16 new 1' 'a new one is read at once'
stop_worker
echo '- name: [' >"$tmp/failures.yaml"
output=$(adtspool worker --drain 2>&1)
is $? 78 'with a broken one no worker starts'
like "$output" 'failures.yaml:2: ' '... and it says where'
rm "$tmp/failures.yaml"

# In the place of autopkgtest: $tmp/how says how it ends.
cat >"$packages/stand-in" <<EOT
#!/bin/bash
. "$tmp/how"
EOT
chmod +x "$packages/stand-in"
cat >"$packages/quick" <<EOT
exec "$top/t/data/autopkgtest-quick" "\$@"
EOT
stand_in="autopkgtest: [$packages/stand-in]"
conf "$stand_in" "expose: [$packages, $tmp/how]" 'attempts: 1' 'bad-host: 0'

# A good end is believed where there is something to show for it: of package
# goodN-FILE, the exit status is N, and that file is missing.
cat >"$tmp/how" <<'EOT'
for a; do
	case $a in
	--output-dir=*) cd "${a#*=}" || exit 20 ;;
	good*) package=${a#good} ;;
	esac
done
echo log >log && echo x 1.0 >testpkg-version && echo '* PASS' >summary
rm -f "${package#*-}"
exit "${package%%-*}"
EOT
for n in 0 2 8; do
	adtspool submit "good$n-testpkg-version" "good$n-summary" \
	    "good$n-nothing" >/dev/null
done
adtspool worker --drain 2>"$tmp/worker.log"
is "$(outcome good0-testpkg-version)" 'tmpfail 16  1' \
    'exit 0 without a version is no pass'
like "$(message good0-testpkg-version)" \
    'no testpkg-version, so nothing was tested .*exit status was 0' \
    '... and says so'
is "$(outcome good2-summary)" 'tmpfail 16  1' \
    'exit 2 without a summary is none'
is "$(outcome good8-testpkg-version) $(outcome good8-summary)" \
    'tmpfail 16  1 tmpfail 16  1' 'exit 8 without them is not neutral'
is "$(for n in 0 2 8; do outcome "good$n-nothing"; done | xargs)" \
    'pass 0 1 pass 2 1 neutral 8 1' 'with them they are what they were'

# A host on which each testbed fails.
fails="echo '<VirtSubproc>: failure: testbed failure: no testbed'; exit 16"
echo "$fails" >"$tmp/how"
conf "$stand_in" "expose: [$packages, $tmp/how]" 'attempts: 2' 'bad-host: 3' \
    'slots: 1' 'backoff: 2s' 'elsewhere: 1s'
adtspool submit b1 b2 b3 b4 b5 >/dev/null
: >"$tmp/worker.log"
start_worker
ok 'a host whose testbeds all fail is bad' wait_until 60 \
    grep -q 'this host is bad, and claims nothing' "$tmp/worker.log"
ok '... which status shows, with the last reason' wait_until 60 \
    shows_problem 'packages failed here.*the last: .*no testbed'
ok '... and it tries again, after a while' wait_until 60 \
    said 3 'so it does not count' "$tmp/worker.log"
is "$(find "$spool/$arch/new" -name 'b?,*' | grep -c ',a[01]$')" 5 \
    'nothing became a result by that'
is "$(find "$spool/$arch/new" -name 'b?,*' | grep -c ',a1$')" 2 \
    '... and no attempt was used up since it is bad'
echo '. "'"$packages/quick"'"' >"$tmp/how"
ok 'when testbeds work again, it is well' wait_until 60 \
    grep -q 'this host is well again' "$tmp/worker.log"
ok '... and all is tested' wait_until 60 have_results 5 'b?'
is "$(adtspool status | grep 'failed here')" '' \
    '... and status shows no problem'
stop_worker

# Three that fail anywhere do not keep it from being found well by a fourth,
# which is less urgent.
cat >"$tmp/how" <<EOT
case " \$* " in *' never'*) $fails ;; esac
. "$packages/quick"
EOT
conf "$stand_in" "expose: [$packages, $tmp/how]" 'attempts: 9' 'bad-host: 3' \
    'slots: 1' 'backoff: 1s' 'elsewhere: 1s'
adtspool submit --priority 9 never1 never2 never3 >/dev/null
adtspool submit --priority 1 well >/dev/null
: >"$tmp/worker.log"
start_worker
ok 'on a bad host others are tried before what failed' \
    wait_until 60 have_results 1 well
ok '... once it was bad' grep -q 'this host is well again' "$tmp/worker.log"
adtspool cancel -p never1 -p never2 -p never3 >/dev/null 2>&1
stop_worker

# One package alone does not make a host bad, however often it fails.
echo "$fails" >"$tmp/how"
conf "$stand_in" "expose: [$packages, $tmp/how]" 'attempts: 5' 'bad-host: 2' \
    'backoff: 0s'
adtspool submit only >/dev/null
adtspool worker --drain 2>"$tmp/worker.log"
is "$(outcome only)" 'tmpfail 16  5' 'one package alone is not the host'

# Another host goes first.
if ! unshare --uts hostname there 2>/dev/null; then
	echo '# no host but this one can be had: unshare --uts fails'
	done_testing
	exit
fi
cat >"$tmp/be" <<'EOT'
#!/bin/sh
hostname "$1" && shift && exec "$@"
EOT
chmod +x "$tmp/be"
# start NAME HOW ELSEWHERE: a worker on a host of that name, for whose testbeds
# HOW, a script, stands.
declare -A pid
start() {
	conf "autopkgtest: [$packages/$2]" "expose: [$packages]" \
	    'attempts: 99' 'bad-host: 0' 'backoff: 2s' "elsewhere: $3" \
	    'slots: 1' 'heartbeat: 1s' 'lease: 60s'
	cp "$tmp/adtspool.yaml" "$tmp/$1.yaml"
	: >"$tmp/$1.log"
	unshare --uts "$tmp/be" "$1" "$adtspool" -c "$tmp/$1.yaml" worker \
	    --name "$1" 2>>"$tmp/$1.log" &
	pid[$1]=$!
	wait_until 60 grep -q "worker $1: 1 slots" "$tmp/$1.log"
}

stop() { # NAME
	kill "${pid[$1]}" && wait "${pid[$1]}"
}

printf '#!/bin/bash\n%s\n' "$fails" >"$packages/fails"
printf '#!/bin/bash\n. "%s"\n' "$packages/quick" >"$packages/passes"
chmod +x "$packages/fails" "$packages/passes"

start one fails 1h
start two passes 1h
adtspool hold "$arch" >/dev/null
for n in 1 2 3 4 5 6; do
	adtspool submit "two$n" >/dev/null
done
adtspool release "$arch" >/dev/null
ok 'what failed on one host runs on another' wait_until 60 \
    have_results 6 'two?'
is "$(grep -hE 'attempt ([2-9]|..) of' "$tmp/one.log")" '' \
    '... and not once more on the first'
stop two

# The first one begins anew, and knows what it did from the spool; what is told
# of the other one is no more than its file.
stop one
start one fails 1h
adtspool submit again >/dev/null
wait_until 60 grep -q 'again: .*attempt 1 of 99' "$tmp/one.log"
stop one
before=$(waiting again)
printf '{"worker":"two","host":"two","state":"running","queues":["%s"],%s}\n' \
    "$arch" "\"beat\":9,\"beat_time\":$(date +%s),\"lease\":60,\
\"life\":\"aaaaaaaaaaaa\",\"heartbeat\":1,\"slots\":1" >"$spool/workers/two"
start one fails 1h
ok 'after a restart it leaves that to others, too' wait_until 60 \
    grep -q 'again: failed on this host; left to another one' "$tmp/one.log"
sleep 3
is "$(grep -c 'left to another one' "$tmp/one.log")" 1 \
    '... and does not take it again and again'
is "$(waiting again | sed 's/.*,//')" "${before##*,}" \
    '... and no attempt is used up'
stop one
start one passes 1s
rm "$spool/workers/two"
ok 'with no other host it runs there all the same' wait_until 60 \
    have_results 1 again
like "$(outcome again)" '^pass 0 ' '... to its end'
stop one
done_testing
