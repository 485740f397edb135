#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# adtspool serve: britney's queries, files and pages.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=t/serve.sh
. "$(dirname "$0")/serve.sh"

conf 'serve-listen: 127.0.0.1:0' 'suite: kali-rolling' 'attempts: 1'
adtspool init

# What the worker makes of a pass, a failure, no test and a lost testbed.
for package in adtpass adtfail adtnone adtlost; do
	adtspool submit -t "$package/1.0" -t other/2 "$package" >/dev/null
done
adtspool worker --drain 2>"$tmp/worker.log"

run sid hello 20261101_000000@
run sid hello 20261101_000001@
run sid hello 20261102_000000@
run sid hello-x 20261101_000000@
run sid libc++ 20261101_000000@
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

kill "$server"
wait "$server"

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
done_testing
