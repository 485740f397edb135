# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the tests of adtspool serve, behind lib.sh: servers, and clients.
# shellcheck disable=SC2034,SC2154 # what lib.sh sets, and what tests use

arch=$(dpkg --print-architecture)
results=$tmp/spool/results
tree=$results/autopkgtest

# run SUITE SOURCE RUN_ID: a result made by hand.
run() {
	local h=${2:0:1} dir

	[[ $2 != lib?* ]] || h=${2:0:4}
	dir=$tree/$1/$arch/$h/$2/$3
	mkdir -p "$dir"
	printf '{"id": "aaaaaaaaaaaa", "package": "%s", "suite": "%s",
	    "arch": "%s", "version": "1:1.0~1", "triggers": ["%s/1:1.0~1"],
	    "status": "pass"}' "$2" "$1" "$arch" "$2" >"$dir/result.json"
	echo "{\"custom_environment\": [\"ADT_TEST_TRIGGERS=$2/1:1.0~1\"]}" \
	    >"$tmp/testinfo.json"
	echo "$2 1:1.0~1" >"$tmp/testpkg-version"
	echo 0 >"$tmp/exitcode"
	tar -C "$tmp" -cf "$dir/result.tar" exitcode testinfo.json \
	    testpkg-version
	echo "log of <$2>" | gzip -9 >"$dir/log.gz"
	seq 1000 | head -c 1000 >"$dir/artifacts.tar.gz"
}

# serve NAME [COMMAND...]: a server in the background, $server, at $url, which
# logs to $tmp/NAME.log.
serve_options=()
serve() {
	local log=$tmp/$1.log
	shift
	"$@" "$adtspool" -c "$tmp/adtspool.yaml" serve "${serve_options[@]}" \
	    2>"$log" &
	server=$!
	wait_until 40 grep -q ' at http' "$log" || cat "$log"
	url=$(sed -n 's|.* at \(http://.*\)/$|\1|p' "$log")
}

get() { # PATH CURL'S-OPTIONS: the body
	local path=$1
	shift
	curl -s --path-as-is "$@" "$url$path"
}

code() { # PATH CURL'S-OPTIONS: the status
	get "$@" -o /dev/null -w '%{http_code}'
}

header() { # NAME PATH CURL'S-OPTIONS
	local name=$1
	shift
	get "$@" -o /dev/null -D - | tr -d '\r' |
	    sed -n "s/^$name: //Ip" | head -n 1
}

end='Host: x\r\nConnection: close\r\n\r\n'

# raw REQUEST [PART]: what comes back of it, by a Python expression of x.
raw() {
	python3 -c 'import socket, sys
host, port = sys.argv[1].split("//")[1].split(":")
s = socket.create_connection((host, int(port)), 10)
s.settimeout(30)
x = b""
try:
    s.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin1"))
    while got := s.recv(65536):
        x += got
except OSError as e:
    x = x or b"shut"
x = x.decode("latin1")
print(eval(sys.argv[3]))' "$url" "$1" "${2-x.split(\"\\r\\n\")[0]}"
}

# britney SLASH SERIES SOURCE [MARKER]: the query of one of the three (Ubuntu's
# with a slash) and what it reads of each run: id, version, exit code, triggers.
britney() {
	python3 - "$url" "$arch" "$@" <<'END'
import io, json, os, sys, tarfile, time, urllib.error, urllib.parse
from urllib.request import urlopen

url, arch, slash, series, source, *last = sys.argv[1:]
h = source[:4] if source.startswith('lib') else source[0]
query = {'delimiter': '@', 'prefix': f'{series}/{arch}/{h}/{source}/'}
if last:
    query['marker'] = query['prefix'] + last[0]
container = os.path.join(url, 'autopkgtest-' + series)
try:
    f = urlopen(container + slash + '?' + urllib.parse.urlencode(query),
        timeout=30)
except urllib.error.HTTPError as e:
    sys.exit(print(e.code))
if f.getcode() != 200:
    sys.exit(print(f.getcode(), len(f.read())))
for path in f.read().decode().strip().splitlines():
    t = tarfile.open(None, 'r', io.BytesIO(urlopen(
        os.path.join(container, path, 'result.tar'), timeout=30).read()))
    read = lambda name: t.extractfile(name).read().decode().strip()
    run_id = os.path.basename(path)
    time.strptime(run_id, '%Y%m%d_%H%M%S@')
    src, version = read('testpkg-version').split()
    assert src == source
    triggers = [e.split('=', 1)[1] for e in
        json.loads(read('testinfo.json'))['custom_environment']
        if e.startswith('ADT_TEST_TRIGGERS=')]
    print(run_id, version, read('exitcode'), *triggers)
END
}
