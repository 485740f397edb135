#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A mirror by a real rsync daemon, again and again, while workers publish, the
# indexer follows and expire removes: whoever reads it at any moment finds all
# files of each entry of each index.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

command -v rsync >/dev/null || skip_all 'rsync is not installed'

conf 'slots: 4' "autopkgtest: [$top/t/data/autopkgtest-quick]" \
    'expire-grace: 3s' "index-store: $tmp/store" 'poll: 1s'
adtspool init
results=$tmp/spool/results
dest=$tmp/dest

# The daemon of conf/, for this user and at some free port.
port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -e "s|^uid = .*|uid = $(id -un)|; s|^gid = .*|gid = $(id -gn)|" \
    -e "s|/var/spool/adtspool/results|$results|" \
    -e 's|^use chroot = .*|use chroot = no|' \
    -e "s|^lock file = .*|lock file = $tmp/rsyncd.lock|" \
    "$top/conf/rsyncd.conf" >"$tmp/rsyncd.conf"
rsync --daemon --no-detach --address=127.0.0.1 --port="$port" \
    --config="$tmp/rsyncd.conf" --log-file="$tmp/rsyncd.log" </dev/null &
source=rsync://127.0.0.1:$port/results
ok 'the daemon of conf/rsyncd.conf serves' wait_until 40 rsync "$source/"

mirror() {
	"$adtspool" mirror "$@" "$source" "$dest"
}

mirror >/dev/null 2>"$tmp/err"
is $? 69 'a tree that was never indexed is no source'
like "$(cat "$tmp/err")" 'has no manifests' '... and it says why'

# Reads all indexes of a tree over and over until a file `stop` is there.  What
# is missing counts where the index that names it is still in its place then.
cat >"$tmp/checker" <<'END'
import glob, json, os, sqlite3, sys
dest, stop = sys.argv[1:]
entries = rounds = 0
problems = []

def same(path, st):
    try:
        now = os.stat(path)
    except FileNotFoundError:
        return False
    return (now.st_ino, now.st_mtime_ns) == (st.st_ino, st.st_mtime_ns)

def run_path(r):
    h = r['package'][:4] if r['package'].startswith('lib') else r['package'][0]
    return '/'.join(('autopkgtest', r['suite'], r['arch'], h, r['package'],
        r['run_id']))

def of_json(path):
    with open(path) as f:
        data = json.load(f)
    data = data if isinstance(data, list) else data.get('results', [data])
    return [run_path(r) for r in data if r.get('status') and r.get('run_id')]

def of_db(path):
    db = sqlite3.connect('file:' + path + '?immutable=1', uri=True)
    rows = db.execute('SELECT release, arch, package, run_id FROM test, result '
        'WHERE test.id = test_id').fetchall()
    db.close()
    return [run_path(dict(zip(('suite', 'arch', 'package', 'run_id'), r)))
        for r in rows]

def of_manifests(folder):
    last = {}
    for path in sorted(glob.glob(folder + '/2*')):
        for line in open(path):
            last[line[2:-1]] = line[0]
    return [path for path, sign in last.items() if sign == '+']

def check(path, read):
    global entries
    for _ in range(50):
        try:
            st = os.stat(path)
            names = read(path)
        except FileNotFoundError:
            return
        missing = [n for n in names for file in ('result.json', 'log.gz',
            'artifacts.tar.gz', 'result.tar')
            if not os.path.exists(dest + '/' + n + '/' + file)]
        entries += len(names)
        if not missing:
            return
        if same(path, st):
            problems.append(path + ' names ' + missing[0])
            return

while not problems and (not os.path.exists(stop) or not rounds):
    rounds += 1
    for path in glob.glob(dest + '/britney/*/debci.json'):
        check(path, of_json)
    check(dest + '/britney/autopkgtest.db', of_db)
    for path in glob.glob(dest + '/packages/*/*/*/*/*.json') + \
            glob.glob(dest + '/status/*/*/packages.json'):
        check(path, of_json)
    # A folder does not change with its files, the newest of which does.
    newest = max(glob.glob(dest + '/manifests/2*'), default=None)
    if newest:
        check(newest, lambda path: of_manifests(dest + '/manifests'))
print(rounds, entries)
for problem in problems:
    print(problem)
END

feed() {
	local n=0
	until [ -e "$tmp/stop" ]; do
		adtspool submit --force -t "xx/$n" "adt$((n % 7))"
		n=$((n + 1))
		sleep 0.1
	done
}
expire() {
	until [ -e "$tmp/stop" ]; do
		adtspool expire --days 0
		sleep 1
	done
}

start_worker
"$adtspool" -c "$tmp/adtspool.yaml" index --follow \
    2>"$tmp/index.log" &
indexer=$!
feed >/dev/null 2>&1 &
feeder=$!
expire >"$tmp/expire.log" 2>&1 &
expirer=$!
ok 'there are manifests' wait_until 40 sh -c "ls '$results'/manifests/2*"
ok 'the first time it compares everything' mirror --grace 0s
python3 "$tmp/checker" "$dest" "$tmp/stop" >"$tmp/checked" &
checker=$!
python3 "$tmp/checker" "$results" "$tmp/stop" >"$tmp/checked-source" &
source_checker=$!

# Mirrors for a while, and until runs went, which takes the source a minute;
# every other one is killed at some moment.
came=0 went=0 killed=0 ended=0
end=$((SECONDS + ${MIRROR_SECONDS:-25}))
until [ $SECONDS -ge $((end + 300)) ] ||
    { [ $SECONDS -ge $end ] && [ $went -gt 5 ]; }; do
	if [ $((RANDOM % 2)) = 0 ]; then
		"$adtspool" mirror --grace 0s "$source" "$dest" \
		    >/dev/null 2>&1 &
		sleep "0.$(printf %03d $((RANDOM % 600)))"
		{ kill -9 $! && killed=$((killed + 1)); wait $!; } 2>/dev/null
		# What it started ends with it, and lets go of the lock.
		wait_until 40 flock -n "$dest/.mirror/lock" true
	elif mirror --grace 0s >"$tmp/out" 2>>"$tmp/mirror.log"; then
		read -r c _ _ w _ <"$tmp/out"
		came=$((came + c)) went=$((went + w)) ended=$((ended + 1))
	fi
done
touch "$tmp/stop"
wait $feeder $expirer
wait $checker $source_checker
read -r rounds entries <"$tmp/checked"
echo "# $ended mirrored, $killed killed, $came runs came, $went went"
echo "# $rounds rounds of the checker, $entries entries"
is "$(tail -n +2 "$tmp/checked")" '' 'no index entry was ever without its files'
is "$(tail -n +2 "$tmp/checked-source")" '' '... nor at the source'
ok 'entries were looked at' test "$entries" -gt 1000
ok 'mirrors were killed' test "$killed" -gt 3
ok 'mirrors came to their end' test "$ended" -gt 3
ok 'runs came' test "$came" -gt 20
ok 'runs went' test "$went" -gt 5

# When all is quiet, the mirror is the same.
wait_until 60 sh -c "! ls '$tmp'/spool/*/new/* '$tmp'/spool/*/cur/* |
    grep -q ,p"
stop_worker
adtspool expire --days 0 >/dev/null 2>&1
quiet() {
	! ls "$results"/.index/leaving/2* "$results"/.index/notices/*,* \
	    >/dev/null 2>&1
}
ok 'the indexer takes away what is to go' wait_until 40 quiet
sleep 2
kill "$indexer"
wait "$indexer"
adtspool index 2>/dev/null
mirror --grace 0s >/dev/null 2>&1
ok 'it mirrors again' mirror --grace 0s

tree() { # FOLDER
	(cd "$1" && find . -name '.?*' -prune -o -print | sort)
}
content() { # FOLDER
	(cd "$1" && find . -name '.?*' -prune -o -type f -print0 | sort -z |
	    xargs -0 sha256sum)
}
is "$(diff <(tree "$results") <(tree "$dest"))" '' 'it has the same names'
is "$(diff <(content "$results") <(content "$dest"))" '' '... and contents'
is "$(find "$dest/by-version" -xtype l)" '' '... and no link dangles'
is "$(cd "$dest/.mirror" && echo *)" \
    'base gone list lock mark old pages tmp' 'no rubbish is left'
is "$(rsync -an --omit-link-times --delete --exclude='.*' \
    --out-format='%i %n' "$source/" "$dest/" | grep -v '/$')" '' \
    'plain rsync finds no difference'

# The commands of adtspool-mirror(8), as they stand there.
by_hand() {
	local -x SOURCE=$source DEST=$tmp/by-hand
	mkdir -p "$DEST"
	eval "$(sed -n '/^rsync -rt --exclude/,/^\.Ed/p' \
	    "$top/doc/adtspool-mirror.8" | sed '/^\.Ed/d; s/\\e/\\/g')"
}
ok 'by hand it can be done, too' by_hand
ok '... and again' by_hand
is "$(diff <(content "$results") <(content "$tmp/by-hand"))" '' \
    '... with the same contents'

# --full mends what somebody broke.
run=$(cd "$dest" && echo autopkgtest/*/*/*/adt1/2* | cut -d ' ' -f 1)
rm "$dest/$run/log.gz"
echo x >"$dest/$run/result.json"
mirror >/dev/null
is "$(cat "$dest/$run/result.json")" x 'what is there is not looked at'
like "$(mirror --full)" 'all was compared' '... but by --full'
is "$(diff <(content "$results") <(content "$dest"))" '' '... which mends it'

# Two at once.
(flock 9; sleep 5) 9<"$dest/.mirror/lock" &
holder=$!
sleep 0.5
mirror >/dev/null 2>"$tmp/err"
is $? 75 'two do not mirror to one place'
like "$(cat "$tmp/err")" 'another one mirrors' '... and it says so'
kill $holder

for wrong in '' 'source' 'source dest more' '--grace x source dest' \
    '--rsync x source dest' '--nonsense source dest'; do
	# shellcheck disable=SC2086
	adtspool mirror $wrong >/dev/null 2>&1
	is $? 64 "mirror $wrong is refused"
done
done_testing
