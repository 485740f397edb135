#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# adtspool serve: britney's queries, files, and clients that mean no good.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
results=$tmp/spool/results
tree=$results/autopkgtest
conf 'serve-listen: 127.0.0.1:0' 'suite: kali-rolling' 'attempts: 1'
adtspool init

# What the worker makes of a pass, a failure, no test and a lost testbed.
for package in adtpass adtfail adtnone adtlost; do
	adtspool submit -t "$package/1.0" -t other/2 "$package" >/dev/null
done
adtspool worker --drain 2>"$tmp/worker.log"

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
	wait_until 20 grep -q ' at http' "$log" || cat "$log"
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

run sid hello 20261101_000000@
run sid hello 20261101_000001@
run sid hello 20261102_000000@
run sid hello-x 20261101_000000@
run sid libc++ 20261101_000000@

# Clients who send a request without an end, more of them than may come: those
# that are let in are there for a while, and it is looked at in the end.
conf 'serve-listen: 127.0.0.1:0' 'serve-clients: 4'
serve few
few=$server few_url=$url
python3 - "$url" <<'END' &
import select, socket, sys, time
host, port = sys.argv[1].split('//')[1].split(':')
there = [socket.create_connection((host, int(port))) for i in range(8)]
begun = last = time.monotonic()
for s in there:
    s.sendall(b'GET / HTTP/1.1\r\n')
while there:
    for s in select.select(there, [], [], 1)[0]:
        try:
            s.recv(1)
        except OSError:
            pass
        there.remove(s)
        last = time.monotonic()
    for s in there:
        try:
            s.sendall(b'X: y\r\n')
        except OSError:
            pass
    if time.monotonic() > begun + 100:
        sys.exit('still there')
sys.exit(not 15 < last - begun < 100)
END
hostile=$!
sleep 1
is "$(code / -m 10)" 200 'when all places are taken, one makes room'

conf 'serve-listen: 127.0.0.1:0' 'suite: kali-rolling' 'attempts: 1'
serve serve

# The three britneys.
triggers() {
	echo "$1/1.0 other/2"
}
for slash in '' /; do
	while read -r package exit; do
		like "$(britney "$slash" kali-rolling "$package")" \
		    "^[0-9]{8}_[0-9]{6}@ 1\\.0 $exit $(triggers "$package")\$" \
		    "britney reads of $package, with \"$slash?\", $exit"
	done <<<$'adtpass 0\nadtfail 4\nadtnone 8'
	is "$(britney "$slash" kali-rolling adtlost)" '204 0' \
	    '... and nothing where the testbed was lost'
	is "$(britney "$slash" sid hello)" \
"20261101_000000@ 1:1.0~1 0 hello/1:1.0~1
20261101_000001@ 1:1.0~1 0 hello/1:1.0~1
20261102_000000@ 1:1.0~1 0 hello/1:1.0~1" '... and all runs of a package'
	is "$(britney "$slash" sid hello 20261101_000000@ | cut -d ' ' -f 1)" \
	    $'20261101_000001@\n20261102_000000@' \
	    '... or those that it does not know'
	is "$(britney "$slash" sid hello 20261102_000000@)" '204 0' \
	    '... and 204 where it knows all'
	is "$(britney "$slash" sid nothing)" '204 0' \
	    '... and for a package that was never tested'
	is "$(britney "$slash" sid libc++ | cut -d ' ' -f 4)" 'libc++/1:1.0~1' \
	    "... and of libc++"
	is "$(britney "$slash" jammy hello)" 401 \
	    '... and 401 for a container that is not there'
done

# The rest of Swift.
q='/autopkgtest-sid?prefix=sid/'$arch
is "$(get "$q/h/&delimiter=/")" \
    "sid/$arch/h/hello-x/"$'\n'"sid/$arch/h/hello/" 'a delimiter may be /'
is "$(get "$q/h/&delimiter=@&limit=1")" "sid/$arch/h/hello-x/20261101_000000@" \
    'a limit limits'
is "$(get "$q/h/hello/&delimiter=@&end_marker=sid/$arch/h/hello/20261101_00000$(
    )1")" "sid/$arch/h/hello/20261101_000000@" 'an end is before the end marker'
is "$(get "$q/h/hello/20261102" | sed 's/.*@//')" \
    $'/artifacts.tar.gz\n/log.gz\n/result.json\n/result.tar' \
    'without a delimiter there are objects'
is "$(get '/v1/AUTH_x/autopkgtest-sid?delimiter=/')" sid/ \
    'an account before the container is fine'
is "$(get "$q/l&format=json&limit=1" | python3 -c 'import json, sys
x, = json.load(sys.stdin)
print(x["name"].split("@")[1], x["bytes"], x["content_type"])')" \
    '/artifacts.tar.gz 1000 application/gzip' 'JSON tells of objects'
is "$(get "$q/&format=json&delimiter=/" | python3 -c 'import json, sys
print([x["subdir"].split("/")[2] for x in json.load(sys.stdin)])')" \
    "['h', 'libc']" '... and of prefixes'
is "$(code "$q&limit=10001") $(code "$q&delimiter=ab") $(code "$q&limit=0")" \
    '412 412 204' 'limits and delimiters are those of Swift'
is "$(code "$q" -I) $(get "$q" -I | grep -ci '^sid')" '200 0' \
    'HEAD has no body'
version=$(basename "$tree/kali-rolling/$arch/a/adtpass"/*)
object=kali-rolling/$arch/a/adtpass/$version/log.gz
is "$(code "/autopkgtest-sid/$object") $(
    code "/autopkgtest-kali-rolling/$object")" '404 200' \
    "a container has no other suite's objects"
is "$(code "/autopkgtest-no/no/$arch/h/hello/20261101_000000@/log.gz")" 401 \
    'nor has one that is not there'

# Files.
run=sid/$arch/h/hello/20261101_000000@
file=$tree/$run/artifacts.tar.gz
for path in "/data/autopkgtest/$run" "/autopkgtest/$run" \
    "/autopkgtest-sid/$run" "/results/autopkgtest-sid/$run" \
    "/v1/x/autopkgtest-sid/$run"; do
	ok "$path has its files" cmp "$file" <(get "$path/artifacts.tar.gz")
done
base=/data/autopkgtest/$run
is "$(get "$base/log.gz" --compressed)" 'log of <hello>' 'log.gz is a text'
is "$(header content-type "$base/log.gz"), $(header content-encoding \
    "$base/log.gz")" 'text/plain; charset=UTF-8, gzip' '... and says so'
is "$(header content-type "$base/artifacts.tar.gz"), $(header \
    content-encoding "$base/artifacts.tar.gz")" 'application/gzip, ' \
    'artifacts.tar.gz is none'
is "$(header x-content-type-options "$base/log.gz")" nosniff \
    'nobody is to guess'
like "$(get "$base/log.gz" -I)" 'sandbox' 'nor to run it'
is "$(get "$base/artifacts.tar.gz" -r 10-19 | od -c)" \
    "$(tail -c +11 "$file" | head -c 10 | od -c)" 'a range is sent'
is "$(header content-range "$base/artifacts.tar.gz" -r 990-2000)" \
    'bytes 990-999/1000' '... and told'
is "$(code "$base/artifacts.tar.gz" -r 1000-) $(header content-range \
    "$base/artifacts.tar.gz" -r 1000-)" '416 bytes */1000' \
    '... and refused where there is nothing'
head -c 300 "$file" >"$tmp/part"
get "$base/artifacts.tar.gz" -C - -o "$tmp/part"
ok 'a download goes on' cmp "$file" "$tmp/part"
etag=$(header etag "$base/log.gz")
like "$etag" '^".{12}"$' 'there is a strong ETag'
is "$(header etag "/autopkgtest-sid/$run/log.gz")" "$etag" \
    '... the same under each path'
touch -d 2000-01-01 "$tree/$run/log.gz"
is "$(header etag "$base/log.gz")" "$etag" '... and on a mirror'
is "$(code "$base/log.gz" -H "If-None-Match: $etag") $(get "$base/log.gz" \
    -H "If-None-Match: $etag" | wc -c)" '304 0' '... and it is known again'
is "$(code "$base/log.gz" -H 'If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT'
    )" 304 'so is a time'
is "$(code "$base/log.gz" -H 'If-Modified-Since: Fri, 31 Dec 1999 00:00:00 GMT'
    )" 200 '... and an earlier one is not'
is "$(get "$base/log.gz" -I | tr -d '\r' | sed -n 's/^Content-Length: //p')" \
    "$(stat -c %s "$tree/$run/log.gz")" 'HEAD tells the size'
is "$(code "$base/log.gz" -X POST -d x) $(code "$base/log.gz" -X DELETE) $(
    header allow "$base/log.gz" -X PUT -d x)" '405 405 GET, HEAD' \
    'nothing else is done'
is "$(get / -o /dev/null "$url/" -o /dev/null -w '%{num_connects} ')" '1 0 ' \
    'a connection is used again'

# The other folders, and those who link to them.
mkdir -p "$results/britney/sid" "$results/manifests" "$results/.index"
echo '+ x' | tee "$results/manifests/20261124T10" >"$results/.index/secret"
echo db >"$results/britney/autopkgtest.db"
is "$(get /manifests/20261124T10) $(get /britney/autopkgtest.db)" '+ x db' \
    'what the indexer writes is there'
like "$(header etag /manifests/20261124T10)" '^W/"' '... with a weak ETag'
link=/by-version/kali-rolling/$arch/adtpass/1.0/$version
ok 'a link by version leads to its run' cmp \
    "$tree/kali-rolling/$arch/a/adtpass/$version/result.json" \
    <(get "$link/result.json")
like "$(get "$link/")" 'href="./log.gz"' '... and is a page'
is "$(code "/data/autopkgtest") $(header location /data/autopkgtest)" \
    '301 ./autopkgtest/' 'a folder gets its slash'
is "$(code "/packages/h/hello/sid/$arch" -L) $(code "/packages/h/nothing/") $(
    code '/packages/x/hello/')" '200 404 404' "britney's link is a page"
mkdir "$results/manifests/<i>&\"'#"
for page in / /data/manifests/ "/manifests/%3ci%3e%26%22'%23/" \
    /data/autopkgtest/ "/packages/h/hello/" \
    "/packages/h/hello/sid/$arch/" "/data/autopkgtest/$run/"; do
	ok "$page is well-formed" python3 -c 'import sys
import xml.dom.minidom
xml.dom.minidom.parse(sys.stdin)' < <(get "$page")
done
links=$(get "/packages/h/hello/sid/$arch/" | grep -o 'href="[^"]*"' |
    cut -d '"' -f 2)
is "$(for link in $links; do
	code "/packages/h/hello/sid/$arch/$link" --no-path-as-is
    done)" 200200200200200200200200200 '... and all its links lead somewhere'
like "$(get /status/pending)" "^QUEUE.*$arch" 'what waits is told'

# debci's API: the run that is there for a minute, and the request that waits.
adtspool submit -s sid -t waits/1 waits >/dev/null
api() { # QUERY
	get "/api/v1/test?$1" | python3 -c 'import json, sys
print(*sorted((r["package"], r["status"]) for r in
    json.load(sys.stdin)["results"]))'
}
is "$(api "since=$(($(date +%s) - 3600))")" \
    "('adtfail', 'fail') ('adtlost', 'tmpfail') ('adtnone', 'neutral')$(
    ) ('adtpass', 'pass') ('waits', None)" 'the API tells of all suites'
is "$(api "since=$(($(date +%s) - 3600))&suite=sid")" "('waits', None)" \
    '... or of one'
is "$(code '/api/v1/test?since=x') $(code '/api/v1/test?suite=no')" \
    '400 404' '... and of nothing else'

is "$(raw "HEAD /api/v1/test HTTP/1.1\r\n$end")" 'HTTP/1.1 200 OK' \
    '... to HEAD, too'
is "$(raw "HEAD /api/v1/test HTTP/1.1\r\n$end" \
    'len(x.split("\r\n\r\n")[1])')" 0 \
    '... which has no body'

# Nothing but the tree.
mkdir -p "$tmp/secret"
echo secret | tee "$tmp/secret/file" >"$tree/$run/.hidden"
ln -s "$tmp/secret" "$tree/sid/out"
ln -s "$tmp/secret/file" "$tree/$run/link"
ln -s "../../../../../../../secret/file" "$tree/$run/link2"
mkfifo "$tree/$run/fifo"
escapes="/../../secret/file
/data/../../../secret/file
/data/%2e%2e/%2e%2e/secret/file
/data/autopkgtest/..%2f..%2f..%2f..%2fsecret/file
$base/../20261101_000001@/log.gz
//etc/passwd
/data//autopkgtest
/%2fetc/passwd
$base/log.gz%00
$base/log.gz%00.html
/data/autopkgtest/sid/out/file
$base/link
$base/link2
$base/link/
$base/fifo
$base/.hidden
$base/log.gz/
/.staging/
/data/.index/secret
/.index/secret
/README
/$(printf '%5000s' '' | tr ' ' a)
/data/autopkgtest/$(printf '%300s' '' | tr ' ' a)/x
/autopkgtest-sid/../../../secret/file
/autopkgtest-..%2f..%2fsecret/file
/autopkgtest-../../secret/file
/results/../../secret/file
/packages/../../secret
/api/v1/test?suite=../../secret"
is "$(while read -r path; do
	[[ $(code "$path" -m 5) = 40[014] ]] || echo "${path::100}"
    done <<<"$escapes")" '' 'nothing else is answered'
is "$(get "$base/" | grep -cE 'hidden|link|fifo'; get /data/autopkgtest/sid/ |
    grep -c out)" $'0\n0' '... nor listed'
is "$(get '/data/<script>' | grep -c '<script>')" 0 'nothing is echoed'
like "$(tail -n 1 "$tmp/serve.log")" \
    '127.0.0.1 "GET /data/<script>" 404 [0-9]+ [0-9]+ ms$' \
    'each request is logged'

# Broken requests, and the end.
is "$(raw "GET http://x/ HTTP/1.1\r\n$end")" \
    'HTTP/1.1 400 Bad Request' 'nothing is got from others'
like "$(raw 'GET / HTTP/1.1\r\nHost: x\r\nX: '"$(printf '%40000s' '' |
    tr ' ' a)")" '431|^shut' 'a large header is refused'
like "$(raw 'GET /\x1b[31m\x07"x HTTP/1.1\r\n'"$end"; tail -n 1 \
    "$tmp/serve.log")" '^HTTP/1.1 400 .*"GET /\\x1b\[31m\\x07\\x22x" 400' \
    'what is odd is escaped in the log'
ok 'it has lived through all that' kill -0 "$server"
head -c 30000000 /dev/zero >"$tree/$run/artifacts.tar.gz"
get "$base/artifacts.tar.gz" --limit-rate 15M -o "$tmp/slow" &
loading=$!
wait_until 10 test -s "$tmp/slow"
kill "$server"
wait "$server"
is $? 0 'SIGTERM ends it'
wait "$loading"
is "$(stat -c %s "$tmp/slow")" 30000000 '... when it has sent what it sends'

# What is read for britney: the package's folder, and runs behind the marker.
serve traced strace -f -y -o "$tmp/trace" -e trace=openat,getdents64
is "$(britney '' sid hello 20261101_000001@ | cut -d ' ' -f 1)" \
    20261102_000000@ 'a traced server answers'
pkill -P "$server" && wait "$server"
listed=$(grep getdents64 "$tmp/trace" | sed -n "s|.*<$tree/\([^>]*\)>.*|\1|p" |
    sort -u)
is "$listed" "sid/$arch/h/hello
sid/$arch/h/hello/20261102_000000@" '... and lists those two folders'
is "$(grep -c 'hello-x\|20261101_00000' "$tmp/trace")" 0 \
    '... and opens no others'

# A disk that is slow for one client.
serve slow strace -f -o /dev/null -P "$tree/$run/log.gz" -e trace=pread64 \
    -e inject=pread64:delay_enter=5s
get "$base/log.gz" -o "$tmp/slow" &
loading=$!
sleep 0.5
is "$(code "$base/result.json" -m 3)" 200 'others do not wait for a slow disk'
ok '... on which somebody waits' kill -0 "$loading"
wait "$loading"
ok '... and gets what he waits for' cmp "$tree/$run/log.gz" "$tmp/slow"
pkill -P "$server" && wait "$server"

# Those who never end a request were too slow meanwhile.
url=$few_url
is "$(code / -m 10)" 200 'who sends no end makes room for others'
wait "$hostile"
is $? 0 'who is slow is shut out in the end'
like "$(cat "$tmp/few.log")" '[1-4] too slow, shut out' '... as the log tells'
kill "$few"
wait "$few"

# Behind nginx, with the example, where there is one.
free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
start_nginx() { # its port
	local d=$tmp/nginx

	mkdir -p "$d"
	sed -e "s/127.0.0.1:8080/${url#http://}/" \
	    -e "s/listen 80;/listen 127.0.0.1:$1;/" "$top/conf/nginx.conf" \
	    >"$d/site"
	cat >"$d/conf" <<-END
		daemon off;
		master_process off;
		pid $d/pid;
		error_log $d/log;
		events {}
		http {
			access_log off;
			client_body_temp_path $d/body;
			proxy_temp_path $d/proxy;
			fastcgi_temp_path $d/fastcgi;
			uwsgi_temp_path $d/uwsgi;
			scgi_temp_path $d/scgi;
			include $d/site;
		}
	END
	nginx -p "$d" -c "$d/conf" -e "$d/log" &
	nginx=$!
}
conf 'serve-listen: 127.0.0.1:0' 'suite: kali-rolling'
serve inner
if PATH=$PATH:/usr/sbin type nginx >/dev/null 2>&1; then
	PATH=$PATH:/usr/sbin
	port=$(free_port)
	start_nginx "$port"
	inner=$url url=http://127.0.0.1:$port
	wait_until 20 get / -f
	for slash in '' /; do
		is "$(britney "$slash" sid hello 20261101_000000@ |
		    cut -d ' ' -f 1)" $'20261101_000001@\n20261102_000000@' \
		    "nginx: britney reads of a package, with \"$slash?\""
		is "$(britney "$slash" sid libc++ | cut -d ' ' -f 4)" \
		    'libc++/1:1.0~1' '... and of libc++'
		is "$(britney "$slash" jammy hello), $(britney "$slash" sid x1
		    )" '401, 204 0' '... and that there is nothing'
	done
	is "$(get "$base/log.gz" --compressed), $(header etag "$base/log.gz")" \
	    "log of <hello>, $etag" 'nginx: log.gz is as it was'
	is "$(get "$base/artifacts.tar.gz" -r 10-19 | wc -c) $(code \
	    "$base/log.gz" -H "If-None-Match: $etag")" '10 304' \
	    '... and so are ranges and ETags'
	is "$(code "$base/log.gz" -X POST -d x) $(code '/data/../../x') $(code \
	    '/packages/h/hello' -L)" '405 400 200' \
	    '... and what is refused, and where one is sent to'
	is "$(grep -cE 'emerg|alert|crit|error' "$tmp/nginx/log")" 0 \
	    '... with which nginx is content'
	url=$inner
	kill "$nginx"
	wait "$nginx"
fi
kill "$server"
wait "$server"

# A mirror has no spool.
cp -r "$results" "$tmp/mirror"
conf 'serve-listen: 127.0.0.1:0' "spool: $tmp/none"
serve_options=(--results "$tmp/mirror")
serve mirror
is "$(britney / sid hello 20261101_000001@ | cut -d ' ' -f 1)" \
    20261102_000000@ 'a mirror answers britney'
is "$(header etag "$base/log.gz")" "$etag" '... with the same ETags'
kill "$server"
wait "$server"
is "$(adtspool serve --results "$tmp" --listen x:y 2>&1; echo $?)" \
    'adtspool: serve-listen: "x:y" is no address and port, like 127.0.0.1:8080
78' 'an address is an address'
done_testing
