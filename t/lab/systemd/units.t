#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The units below a real systemd: ready, reload, upgrade, watchdog, journal.
if [ "${1-}" != inside ]; then
	boot=$(dirname "$0")/boot
	if [ "$(id -u)" -ne 0 ] || ! "$boot" /bin/true; then
		echo '1..0 # SKIP no systemd can be started here'
		exit 0
	fi
	exec "$boot" "$(realpath "$0")" inside
fi
export TMPDIR=/srv
# shellcheck source=t/lib.sh
. "$(dirname "$0")/../../lib.sh"

arch=$(dpkg --print-architecture)
spool=$tmp/spool
chmod 755 "$tmp"
copy_programs /srv
cp "$top/t/data/autopkgtest-quick" /srv/quick
cat >/srv/slow <<'END'
#!/bin/sh
QUICK_SLEEP=$(cat /srv/seconds) exec /srv/quick "$@"
END
chmod 755 /srv/slow
echo 0 >/srv/seconds
conf 'autopkgtest: [/srv/slow]' 'heartbeat: 1s' 'lease: 6s' 'expose: []' \
    'serve-listen: 127.0.0.1:18999' "scratch: /srv/scratch"
chmod 644 "$tmp/adtspool.yaml"
adtspool init "$arch"
for unit in worker@ index serve; do
	sed "s|/usr/local/bin/adtspool|/srv/adtspool -c $tmp/adtspool.yaml|
	    s|^\[Unit\]|&\nDefaultDependencies=no|
	    /network-online/d" "$top/conf/systemd/adtspool-$unit.service" \
	    >"/run/systemd/system/adtspool-$unit.service"
done
mkdir /run/systemd/system/adtspool-worker@.service.d
printf '[Service]\nWatchdogSec=3s\nRestartSec=1s\n' \
    >/run/systemd/system/adtspool-worker@.service.d/test.conf
systemctl daemon-reload

property() { # UNIT PROPERTY
	systemctl show --value -p "$2" "adtspool-$1"
}

has() { # UNIT PROPERTY VALUE
	[ "$(property "$1" "$2")" = "$3" ]
}

results() {
	find "$spool/results/autopkgtest" -name result.json 2>/dev/null | wc -l
}

published() { # N
	[ "$(results)" = "$1" ]
}

for unit in worker@a index serve; do
	ok "adtspool-$unit starts" timeout 60 systemctl start "adtspool-$unit"
	is "$(property "$unit" SubState)" running '... and is ready'
done
is "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:18999/)" 200 \
    'the server serves'
ok 'the worker tells how it goes' has worker@a StatusText 'running 0/2'
ok 'the indexer has the role' has index StatusText 'has the role'

# A test, reload, and an upgrade while it runs.
echo 10 >/srv/seconds
adtspool submit -e A=1 hello >/dev/null
ok 'a test runs' wait_until 20 has worker@a StatusText 'running 1/2'
for unit in worker@a index serve; do
	ok "adtspool-$unit reloads" timeout 20 systemctl reload \
	    "adtspool-$unit"
done
ok 'the next worker is ready beside it' timeout 20 \
    systemctl start adtspool-worker@b
ok '... and the one before stops' wait_until 20 \
    has worker@a ActiveState deactivating
adtspool submit -e B=1 hello >/dev/null
ok '... while the next one works' wait_until 20 \
    has worker@b StatusText 'running 1/1'
ok '... and ends well' wait_until 60 has worker@a ActiveState inactive
is "$(property worker@a Result)" success '... by itself'
ok 'both tests have a result' wait_until 40 published 2

# To stop it takes as long as what runs.
adtspool submit -e C=1 hello >/dev/null
wait_until 20 has worker@b StatusText 'running 1/2'
ok 'a stop waits for what runs' timeout 60 systemctl stop adtspool-worker@b
is "$(property worker@b Result) $(results)" 'success 3' '... and is one'

# The journal.
like "$(journalctl -o json ADTSPOOL_PACKAGE=hello ADTSPOOL_SUITE=unstable \
    "ADTSPOOL_ARCH=$arch" _SYSTEMD_UNIT=adtspool-worker@b.service)" \
    'hello: exit 0, pass' 'the journal knows what an entry is about'
is "$(journalctl -o cat -u adtspool-worker@b --grep '^<[36]>' | wc -l)" 0 \
    '... and has no lines that are none'

# A worker that hangs in itself is replaced, but not before its lease is over.
echo 0 >/srv/seconds
timeout 60 systemctl start adtspool-worker@a
pid=$(property worker@a MainPID)
kill -STOP "$pid"
sleep 4		# longer than the unit's watchdog, shorter than the lease
is "$(property worker@a MainPID) $(property worker@a SubState)" \
    "$pid running" 'a worker that hangs is left alone for its lease'
ok '... and started anew then' wait_until 40 has worker@a NRestarts 1
ok '... to work' wait_until 40 has worker@a StatusText 'running 0/2'
adtspool submit -e D=1 hello >/dev/null
ok '... as ever' wait_until 40 published 4
systemctl stop adtspool-worker@a adtspool-index adtspool-serve
for unit in index serve; do
	is "$(property "$unit" Result) $(property "$unit" NRestarts)" \
	    'success 0' "adtspool-$unit was well all the time"
done
done_testing
