#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run gets no more than its share, and leaves nothing: no process, no cgroup,
# no scratch.
#
# Cgroups of version 2 with their controllers are not to be had on every
# machine; t/lab/nfs/80-limits.t runs this where they are.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

# A stand-in for autopkgtest: what it does depends on the package.
cat >"$tmp/program" <<'EOF'
#!/bin/bash
for argument; do
	case $argument in
	--output-dir=*) cd "${argument#*=}" || exit 20 ;;
	--) break ;;
	esac
	last=$argument
done
echo "$last 1.0" >testpkg-version
echo 'one                  PASS' >summary
exec >>log 2>&1
cgroup=$CG$(sed -n 's/^0:://p' /proc/self/cgroup)
echo "cgroup: $cgroup"
case $last in
hog)
	head -c 300m /dev/zero | tail -c 250m | wc -c
	echo 'one                  FAIL non-zero exit status 1' >summary
	exit 4 ;;
bomb)
	echo 'one                  FAIL non-zero exit status 1' >summary
	perl -e '$0 = shift; for (1 .. 400) { my $pid = fork;
		defined $pid or die "fork: $!\n"; $pid or sleep 1000 }' \
	    "s $MARK"
	exit 4 ;;
busy)
	timeout 1 bash -c 'while :; do :; done'
	cat "$cgroup/cpu.stat" ;;
daemon)
	(setsid bash -c "trap '' HUP TERM; setsid sleep $MARK & sleep $MARK" &)
	mkdir "$cgroup/below" "$cgroup/below/below"
	(echo "$BASHPID" >"$cgroup/below/cgroup.procs" &&
	    exec sleep "$MARK") & ;;
forks)	# never the same process for long
	(setsid perl -e '$0 = shift; for (;;) { fork and exit }' "s $MARK" &)
	perl -e '$0 = shift; for (1 .. 9) { fork } sleep 1000' "s $MARK" & ;;
flood)	# 64 MiB, in lines with their numbers
	echo 'the beginning'
	seq -f '%015.0f' 4194304
	sleep 1.5	# for the runner to look
	echo 'blocks:' $(($(stat -c '%b / 2048' log)))
	echo 'the end' ;;
limits)
	echo "limits: $(ulimit -Hd) $(ulimit -Ht)" ;;
data)
	python3 -c 'import mmap
mmap.mmap(-1, 1 << 30, mmap.MAP_PRIVATE, mmap.PROT_READ)
print("not counted")
try: print(len(bytearray(200 << 20)))
except MemoryError: print("no more")' ;;
spin)
	bash -c 'while :; do :; done'
	echo "ended: $?" ;;
large)
	mkdir artifacts
	head -c 2M /dev/zero >artifacts/a-large
	echo small >artifacts/b-small ;;
owners)	# as a testbed in a user namespace does
	unshare --map-auto --map-root-user sh -c "
		mkdir -p $TMPDIR/a/b && touch $TMPDIR/a/b/file &&
		    chown -R 5:5 $TMPDIR/a/b"
	stat -c 'own: %u:%g' "$TMPDIR/a/b" ;;
waits)
	(setsid sleep "$MARK" &)
	exec sleep "$MARK" ;;
esac
sleep 0.2
EOF
chmod +x "$tmp/program"

MARK=$((100000 + RANDOM))	# who is left is known by it
CG=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
export MARK CG
base=$CG/adtspool-t.$$

left() { # how many processes have the mark
	pgrep -cf "(sleep|s) $MARK\$"
}

nobody_is_left() {
	[ "$(left)" = 0 ]
}

result_of() { # PACKAGE: its newest run
	find "$tmp/spool/results/autopkgtest" -path "*/$1/*" -name result.json |
	    sort | tail -n 1
}

log_of() { # PACKAGE
	zcat "$(dirname "$(result_of "$1")")/log.gz"
}

message_of() { # PACKAGE
	sed -n 's/^  "message": "\(.*\)",$/\1/p' "$(result_of "$1")"
}

# One that hangs fails.
drain() {
	timeout -k 10 60 "$@" "$adtspool" -c "$tmp/adtspool.yaml" worker \
	    --drain 2>"$tmp/worker.log"
}

run() { # PACKAGE: with this configuration
	adtspool submit -e "NONCE=$RANDOM" "$1" >/dev/null
	drain
}

run_conf() { # 'KEY: VALUE'...
	conf "autopkgtest: [$tmp/program]" "expose: [$tmp/program]" "$@"
}

# What the tests below leave is nobody else's.
end_cgroups() {
	local status=$?
	[ ! -d "$base" ] || {
		echo 1 >"$base/cgroup.kill"
		sleep 0.2
		find "$base" -depth -type d -exec rmdir {} +
	} 2>/dev/null
	rm -rf "$tmp/scratch"
	(exit "$status")
	clean_up
}
trap end_cgroups EXIT

# What is too long is cut in its middle, on the disk as well.
followed() { # whether the followed log has come to its end
	cat "$tmp"/spool/results/.staging/*/log | tee "$tmp/followed" |
	    grep -q 'this is more than log-max'
}

run_conf 'cgroup: never' 'log-max: 1M' 'artifacts-max: 1M'
adtspool init
adtspool submit flood >/dev/null
drain & drainer=$!
ok 'a log that is too long is followed to a line that says so' \
    wait_until 30 followed
wait "$drainer"
status=$?
notice=$(tail -n 1 "$tmp/followed")
is "$status $(stat -c %s "$tmp/followed")" "0 $((1048576 + ${#notice} + 2))" \
    '... and no further'
log=$(log_of flood)
like "$log" '^cgroup: .*the beginning.*000000000000001.*the end$' \
    '... the result has its beginning and its end'
like "$log" '000004194304.*blocks: [0-4]'$'\n' \
    '... its middle took no room on the disk for long'
like "$log" '\[\.\.\. 660[0-9]* bytes left out \.\.\.\]' \
    '... and a line tells how much is missing'
like "$(cat "$(result_of flood)")" '"log_cut": true' '... as does result.json'
run large
artifacts=$(dirname "$(result_of large)")/artifacts.tar.gz
is "$(tar xzOf "$artifacts" artifacts/b-small adtspool-left-out.txt)" \
    'small
artifacts/a-large: 2097152 bytes, above the limit' \
    'artifacts that are too large are left out, by name'
rm -rf "$tmp/spool"

# Without a cgroup there are limits for each process, where they are asked for.
run_conf 'cgroup: never'
adtspool init
run limits
like "$(log_of limits)" "limits: $(ulimit -Hd) $(ulimit -Ht)" \
    'what is not configured is not limited'
run_conf 'cgroup: never' 'memory-max: 64M' 'cpu-max: 5%' 'timeout: 40s'
run limits
is "$?" 0 'without cgroups, runs go on'
like "$(cat "$tmp/worker.log")" \
    'no cgroups \(cgroup: never\); .* process alone: memory-max 64 MiB, cpu' \
    '... and the log says what is kept for each process alone'
like "$(log_of limits)" 'limits: 65536 3' '... for good'
run data
like "$(log_of data)" 'not counted.*no more' \
    'memory-max bounds the data of a process, not what it reserves'
run spin
like "$(log_of spin)" "ended: $((128 + $(kill -l XCPU)))" \
    'cpu-max bounds its CPU time over the whole run'
run_conf 'cgroup: always'
run pass
is "$?" 78 'where cgroups must be and cannot, the worker does not start'
like "$(cat "$tmp/worker.log")" \
    'cgroup: always, but no cgroup is delegated' '... and says why'
run_conf "cgroup: $tmp/nowhere"
run pass
like "$? $(cat "$tmp/worker.log")" '^78 .*not on a cgroup2 filesystem' \
    'a folder that is no cgroup is refused'
rm -rf "$tmp"/spool/*/new/*-*T*

# A user's worker has neither namespaces nor, here, cgroups.
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
if [ "$(id -u)" = 0 ] && "${nobody[@]}" true 2>/dev/null &&
    chmod 711 "$tmp"; then
	mkdir "$tmp/home" && chown 65534:65534 "$tmp/home"
	run_conf 'cgroup: never' "spool: $tmp/home/spool" "slots: 1" \
	    "scratch: $tmp/home/scratch" 'processes-max: 150'
	"${nobody[@]}" "$adtspool" -c "$tmp/adtspool.yaml" init
	[ -z "${LAB_GUEST-}" ] || echo '65534:100000:65536' |
	    tee -a /etc/subuid >>/etc/subgid
	packages=(daemon forks bomb)
	if "${nobody[@]}" unshare --map-auto --map-root-user true 2>/dev/null
	then
		packages+=(owners)
	else
		report ok 'subordinate ids # SKIP the user nobody has none'
	fi
	for package in "${packages[@]}"; do
		"${nobody[@]}" "$adtspool" -c "$tmp/adtspool.yaml" submit \
		    "$package" >/dev/null
	done
	drain "${nobody[@]}"
	is "$? $(left)" '0 0' "a user's worker kills what was left, too"
	log=$(zcat "$tmp"/home/spool/results/autopkgtest/*/*/b/bomb/*/log.gz)
	like "$log" 'fork: .*Resource temporarily unavailable' \
	    "... and processes-max bounds the user's processes"
	is "$(ls -A "$tmp/home/scratch/here" 2>/dev/null)" '' \
	    '... and nothing stays in scratch'
	[[ ${packages[*]} != *owners ]] ||
	    like "$(zcat "$tmp"/home/spool/results/*/*/*/o/owners/*/log.gz)" \
	    'own: 100004:100004' '... of the subordinate ids neither'
else
	report ok "a user's worker # SKIP cannot become another user"
fi

if ! { [ -n "$CG" ] && mkdir "$base"; } 2>/dev/null; then
	report ok 'what cgroups do # SKIP no cgroup2 that may be written to'
	done_testing
	exit
fi
# In a guest of our own they are ours to give; elsewhere they are or are not.
for controller in memory cpu pids; do
	[ -z "${LAB_GUEST-}" ] ||
	    echo "+$controller" >"$CG/cgroup.subtree_control"
done

has() { # CONTROLLER
	grep -qw "$1" "$base/cgroup.controllers"
}

lacks() { # CONTROLLER DESCRIPTION
	report ok "$2 # SKIP cgroup2 has no $1 controller here"
}

run_conf "cgroup: $base" 'memory-max: 64M' 'cpu-max: 20%' \
    'processes-max: 100'
run pass
is "$?" 0 'with cgroups, runs go on'
like "$(cat "$tmp/worker.log")" "cgroups below $base/runs-here" \
    '... and the log says so'
like "$(log_of pass)" "cgroup: $base/runs-here/[0-9a-z]+\.1" \
    '... each in a cgroup of its own'

if has memory; then
	run hog
	is "$?" 0 'what uses too much memory has a result'
	like "$(message_of hog)" \
	    'Out of memory: .* killed 1 of .* memory-max, 64 MiB' \
	    '... that says so'
	like "$(cat "$tmp/worker.log")" 'hog: Out of memory' \
	    '... as does the log'
else
	lacks memory 'memory-max'
fi
if has pids; then
	run bomb
	like "$(cat "$tmp/worker.log")" 'processes-max \(100\) was reached' \
	    'processes-max bounds who forks without end'
	like "$(log_of bomb)" 'fork: .*Resource temporarily unavailable' \
	    '... who is told'
else
	lacks pids 'processes-max'
fi
if has cpu; then
	run busy
	like "$(log_of busy)" 'nr_throttled [1-9]' \
	    'cpu-max slows down who is busy'
else
	lacks cpu 'cpu-max'
fi

# As systemd starts a unit that has Delegate=yes.
in_unit() {
	echo "$BASHPID" >"$base/unit/cgroup.procs" && drain
}

mkdir "$base/unit"
run_conf 'cgroup: always' 'processes-max: 100'
adtspool submit -e UNIT=1 pass >/dev/null
(in_unit)
like "$? $(cat "$tmp/worker.log")" '^78 .*no cgroup is delegated' \
    'a cgroup that systemd has not delegated is left alone'
if python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.delegate", b"1")
    ' "$base/unit" 2>/dev/null; then
	(in_unit)
	like "$? $(cat "$tmp/worker.log")" \
	    "^0 .*cgroups below $base/unit/runs-here" \
	    '... and one that it has is divided'
	! has pids || like "$(cat "$tmp/worker.log")" \
	    'kept for each run: processes-max 100' '... with its controllers'
	is "$(ls -d "$base"/unit/worker)" "$base/unit/worker" \
	    '... for which the worker moved down'
else
	report ok 'a delegated cgroup # SKIP no extended attributes there'
fi

isolates=(never)
unshare -m true 2>/dev/null && isolates+=(always)
for isolate in "${isolates[@]}"; do
	run_conf "cgroup: $base" "isolate: $isolate"
	run daemon
	is "$? $(left)" '0 0' "isolate: $isolate: what a run left is killed"
	is "$(find "$base/runs-here" -mindepth 1 -type d)" '' \
	    '... with the cgroups that it made'

	# As a power cut does, but for the power.
	adtspool submit -e "NONCE=$RANDOM" waits >/dev/null
	start_worker
	ok "... the worker is killed while one runs" \
	    wait_until 20 pgrep -f "sleep $MARK\$"
	run=$(find "$base/runs-here" -mindepth 1 -type d)
	pids=$(pgrep -P "$worker")
	# shellcheck disable=SC2086
	kill -9 "$worker" $pids 2>/dev/null
	wait "$worker" 2>/dev/null
	(echo "$BASHPID" >"$run/cgroup.procs" && exec setsid sleep "$MARK") &
	disown
	ok '... some of its run is left' wait_until 5 pgrep -f "sleep $MARK\$"
	run_conf "cgroup: $base" "isolate: $isolate" 'attempts: 1'
	drain
	ok '... and the next one kills that' nobody_is_left
	like "$(cat "$tmp/worker.log")" '1 runs of an earlier life' \
	    '... and says so'
	is "$(ls -d "$tmp/scratch/here" "$run" 2>/dev/null)" \
	    '' '... and leaves neither scratch nor cgroup'
done
done_testing
