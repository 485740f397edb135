#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# adtspool serve, and clients that are slow or mean no good; nginx; a mirror.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=t/serve.sh
. "$(dirname "$0")/serve.sh"

conf 'serve-listen: 127.0.0.1:0'
adtspool init
run sid hello 20261101_000000@
run sid hello 20261101_000001@
run sid hello 20261102_000000@
run sid hello-x 20261101_000000@
run sid libc++ 20261101_000000@
run=sid/$arch/h/hello/20261101_000000@
base=/data/autopkgtest/$run

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

conf 'serve-listen: 127.0.0.1:0'
serve serve
etag=$(header etag "$base/log.gz")

# Nothing but the tree.
mkdir -p "$tmp/secret" "$results/.index"
echo secret | tee "$results/.index/secret" "$tmp/secret/file" \
    >"$tree/$run/.hidden"
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
wait_until 40 test -s "$tmp/slow"
kill "$server"
wait "$server"
is $? 0 'SIGTERM ends it'
wait "$loading"
is "$(stat -c %s "$tmp/slow")" 30000000 '... when it has sent what it sends'

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
conf 'serve-listen: 127.0.0.1:0'
serve inner
if PATH=$PATH:/usr/sbin type nginx >/dev/null 2>&1; then
	PATH=$PATH:/usr/sbin
	port=$(free_port)
	start_nginx "$port"
	inner=$url url=http://127.0.0.1:$port
	wait_until 40 get / -f
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
else
	report ok 'nginx # SKIP there is none'
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
