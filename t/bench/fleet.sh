#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench-scale [REQUESTS=N]: a fleet in simulated time, by t/bench/scale.c,
# on a tmpfs.  Prints its figures, and draws doc/scale.svg of a million.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
requests=${REQUESTS:-1000000}
work=$(mktemp -d "${BENCH_DIR:-/dev/shm}/adtspool-fleet.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

echo "spool: $work/spool" >"$work/conf.yaml"
"${ADTSPOOL:-$top/bin/adtspool}" -c "$work/conf.yaml" init amd64 i386 \
    amd64.huge arm64 armhf ppc64el riscv64 s390x >"$work/init"
"${B:-$top/build}/t/bench/scale" "$work/spool" "$requests" >"$work/hours"
grep -v '^hour' "$work/hours"
svg=$top/doc/scale.svg
[ "$requests" -eq 1000000 ] || svg=${B:-$top/build}/scale.svg
python3 "$top/t/bench/plot.py" "$work/hours" "$svg"
echo "$svg"
