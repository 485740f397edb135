# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What t/bench/run measures with: a directory of its own, $work, removed at the
# end with all that was started; spools; samples, which are lines
# "KEY NAME VALUE ROUND" in $samples; and the peers.
set -u

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
adtspool=${ADTSPOOL:-$top/bin/adtspool}
build=$(cd "${B:-$top/build}" && pwd)
bench=$build/t/bench
peers=$build/peers
mkdir -p "${BENCH_DIR:-$build}"
work=$(mktemp -d "${BENCH_DIR:-$build}/bench.XXXXXX")
samples=$work/samples
round=0
declare -A started=()		# what runs in the background: name -> pid

say() {
	printf '%(%H:%M:%S)T %s\n' -1 "$*" >&2
}

stop() { # name
	local pid=${started[$1]-}
	[ -n "$pid" ] || return 0
	unset "started[$1]"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

clean_up() {
	local status=$? name
	trap '' HUP INT TERM
	for name in "${!started[@]}"; do
		stop "$name"
	done
	rm -rf "$work"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

# start NAME COMMAND...: in the background, saying nothing.  Its TERM ends all.
start() {
	local name=$1
	shift
	"$@" >"$work/$name.out" 2>&1 </dev/null &
	started[$name]=$!
}

# sample KEY COMMAND...: what the command prints, "NAME VALUE" lines, is noted.
# A bench that is interrupted stops its command.
sample() {
	local key=$1
	shift
	if "$@" >"$work/sample" 2>"$work/sample.err"; then
		sed "s|^|$key |; s|\$| $round|" "$work/sample" >>"$samples"
	else
		say "$key failed: $(tail -n 1 "$work/sample.err")"
	fi
}

figure() { # name value
	echo "$1 $2"
}

# wait_until SECONDS COMMAND...
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep 0.05
	done
}

# A new directory, $fresh, with the disk at rest.  Nothing is removed before the
# end: ext4 passes over inodes that were freed a moment ago, one by one.
turn=0
begin_fresh() {
	turn=$((turn + 1))
	fresh=$work/$turn
	mkdir "$fresh"
	sync -f "$fresh"
}

# spool DIR [LINE...]: a spool there, and its configuration in DIR.yaml.
spool() {
	local dir=$1
	shift
	{
		echo "spool: $dir"
		echo "scratch: $dir.scratch"
		echo "worker: bench"
		echo "suite: unstable"
		echo "queues: [amd64]"
		echo "expose: [$work, $bench]"
		echo "virt-server: ['null']"
		echo "min-free: 0"
		printf '%s\n' "$@"
	} >"$dir.yaml"
	"$adtspool" -c "$dir.yaml" init
}

listens() { # port
	(exec 3<>"/dev/tcp/127.0.0.1/$1")
}

# A port that nobody listens on, from 20000 up.
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)) && listens "$port"; do
		:
	done 2>/dev/null
	echo "$port"
}

has() { # peer: whether it takes part
	[[ " $taking_part " = *" $1 "* ]]
}

# Its log is synced before each answer: -f0.
start_beanstalkd() {
	mkdir "$work/beanstalkd"
	beanstalkd_port=$(free_port)
	start beanstalkd "$peers/usr/bin/beanstalkd" -l 127.0.0.1 \
	    -p "$beanstalkd_port" -b "$work/beanstalkd" -f0
	wait_until 10 listens "$beanstalkd_port"
}

# With an epmd, a node name, ports and directories of its own.
start_rabbitmq() {
	local dir=$work/rabbitmq epmd_port
	mkdir "$dir"
	epmd_port=$(free_port)
	rabbitmq_port=$(free_port)
	touch "$dir/rabbitmq.conf" "$dir/env.conf"
	echo '[].' >"$dir/plugins"
	local environment=(
	    "PATH=$peers/usr/lib/erlang/bin:$PATH" "HOME=$dir"
	    "ERL_EPMD_PORT=$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1
	    "RABBITMQ_NODENAME=bench$$@localhost"
	    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
	    "RABBITMQ_NODE_PORT=$rabbitmq_port"
	    "RABBITMQ_DIST_PORT=$(free_port)"
	    "RABBITMQ_MNESIA_BASE=$dir/mnesia" "RABBITMQ_LOG_BASE=$dir/log"
	    "RABBITMQ_CONF_ENV_FILE=$dir/env.conf"
	    "RABBITMQ_CONFIG_FILE=$dir/rabbitmq"
	    "RABBITMQ_ENABLED_PLUGINS_FILE=$dir/plugins"
	    "RABBITMQ_PID_FILE=$dir/pid"
	    "RABBITMQ_GENERATED_CONFIG_DIR=$dir/generated"
	    "RABBITMQ_FEATURE_FLAGS_FILE=$dir/flags")
	start epmd env "${environment[@]}" epmd -port "$epmd_port" \
	    -address 127.0.0.1
	start rabbitmq env "${environment[@]}" \
	    "$peers/usr/lib/rabbitmq/bin/rabbitmq-server"
	wait_until 60 listens "$rabbitmq_port"
}

# take_part PEER FILE...: where its files are there, and it starts.
take_part() {
	local peer=$1 file
	shift
	for file; do
		if [ ! -e "$file" ]; then
			say "without $peer: there is no $file"
			return
		fi
	done
	if [ "$(type -t "start_$peer")" = function ] && ! "start_$peer"; then
		say "without $peer: $(tail -n 1 "$work/$peer.out")"
		stop "$peer"
		return
	fi
	taking_part+=" $peer"
}

# Sets $taking_part; says which peers do not, and why.
start_peers() {
	taking_part=
	take_part beanstalkd "$peers/usr/bin/beanstalkd"
	take_part rabbitmq "$peers/usr/lib/rabbitmq/bin/rabbitmq-server" \
	    "$bench/amqp"
	take_part dirq "$peers/usr/lib/python3/dist-packages/dirq"
	take_part nq "$peers/usr/bin/nq"
}
