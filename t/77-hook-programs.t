#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hooks that are in conf/hooks: mail and webhook.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

spool=$tmp/spool
hooks=$tmp/hooks
arch=$(dpkg --print-architecture)
hello=$spool/results/autopkgtest/sid/$arch/h/hello
umask 022
cp -r "$top/conf/hooks" "$hooks"
conf 'suite: sid'
adtspool init

# A sendmail that keeps what it gets, with its arguments before.
mkdir "$tmp/bin" "$tmp/mail"
cat >"$tmp/bin/sendmail" <<END
#!/bin/bash
n=\$(find $tmp/mail -type f | wc -l)
{ echo "arguments: \$*"; cat; } >$tmp/mail/\$n
END
chmod +x "$tmp/bin/sendmail"

# result RUN_ID STATUS: a run of hello, made by hand.
result() {
	local dir=$hello/$1
	mkdir -p "$dir"
	cat >"$dir/result.json" <<END
{
  "id": "aaaaaaaaaaaa",
  "package": "hello",
  "suite": "sid",
  "arch": "$arch",
  "version": "1.0",
  "status": "$2",
  "message": "It was like \\"this\\" $2",
  "exit_code": 0
}
END
}

# tell HOOK EVENT [VARIABLE=VALUE...]: as the worker does, of the last run.
tell() {
	local hook=$1 event=$2
	shift 2
	env -i PATH="$tmp/bin:$PATH" ADTSPOOL_EVENT="$event" \
	    ADTSPOOL_ID=aaaaaaaaaaaa ADTSPOOL_PACKAGE=hello \
	    ADTSPOOL_SUITE=sid ADTSPOOL_ARCH="$arch" \
	    ADTSPOOL_RUN_ID="$run" ADTSPOOL_PROGRAM="$adtspool" \
	    ADTSPOOL_CONF="$tmp/adtspool.yaml" \
	    ADTSPOOL_RUN="$hello/$run" \
	    "$@" "$hooks/$hook" "$event" <"$hello/$run/result.json" 2>&1
}

# came RUN_ID STATUS [VARIABLE=VALUE...]: that is a new run, and is told.
came() {
	run=$1
	result "$1" "$2"
	shift 2
	tell mail published "$@"
}

mails() {
	find "$tmp/mail" -type f | wc -l
}

is "$(came 20261101_000000@ fail) $(mails)" \
    "mail: no mail: from= is not set in $hooks/mail.conf 0" \
    'without a sender there is no mail'
echo 'from=ci@ci.example.org' >"$hooks/mail.conf"
echo 'url=https://ci.example.org/' >>"$hooks/mail.conf"
rm -r "$spool/results/autopkgtest/sid"

came 20261101_000000@ pass >"$tmp/out"
is "$(mails)" 0 'a first result that is good is no news'
came 20261102_000000@ pass >"$tmp/out"
is "$(mails)" 0 '... nor is another good one'
came 20261103_000000@ tmpfail >"$tmp/out"
is "$(mails)" 0 '... nor that a testbed failed'
came 20261104_000000@ fail >"$tmp/out"
is "$(mails) $(cat "$tmp/out")" "1 hello/sid/$arch: fail, was pass: told \
hello@packages.debian.org" 'that it fails is'
is "$(sed '/^$/q' "$tmp/mail/0")" \
    "arguments: -i -f ci@ci.example.org -- hello@packages.debian.org
From: ci@ci.example.org
To: hello@packages.debian.org
Subject: hello on $arch in sid: fail, was pass
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8" 'the maintainer is told'
like "$(cat "$tmp/mail/0")" \
    "https://ci.example.org/autopkgtest/sid/$arch/h/hello/20261104_000000@" \
    '... where to look'
like "$(cat "$tmp/mail/0")" 'It was like .*this.* fail' '... and what it was'
came 20261105_000000@ fail >"$tmp/out"
is "$(mails)" 1 'that it still fails is no news'
echo 'gr* grep@example.org
hello* one@example.org PACKAGE@example.org
* -' >"$hooks/mail.map"
came 20261106_000000@ pass >"$tmp/out"
like "$(mails) $(cat "$tmp/mail/1")" \
    '^2 arguments: .* -- one@example.org hello@example.org' \
    'that it passes again is, to whom the map says'
echo 'h* -' >"$hooks/mail.map"
came 20261107_000000@ fail >"$tmp/out"
is "$(mails)" 2 '... which may be nobody'
tell mail failed >"$tmp/out"
tell mail claimed >"$tmp/out"
is "$(mails)$(cat "$tmp/out")" 2 'other events are passed over'

# Nothing of a stranger's gets into a header.
: >"$hooks/mail.map"
came 20261108_000000@ pass ADTSPOOL_SUITE=$'sid\nBcc: all@example.org' \
    >"$tmp/out"
is "$? $(mails)" '1 2' 'a suite of two lines is refused'
tell mail published ADTSPOOL_PACKAGE=$'hello\r\nX: y' >"$tmp/out"
is "$? $(mails)" '1 2' '... and so is such a package'
echo 'hello -oQ/tmp' >"$hooks/mail.map"
tell mail published >"$tmp/out"
is "$? $(mails)" '1 2' '... and what is no address'

# The webhook.  The listener keeps what it gets: headers, and the body.
cat >"$tmp/listen.py" <<'END'
import http.server, json, os, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/slow":
            return time.sleep(10)
        with open(sys.argv[1] + "/posts", "a") as out:
            out.write(" ".join((self.path, self.headers["Content-Type"],
                self.headers["X-Adtspool-Event"],
                self.headers["X-Adtspool-Id"],
                json.loads(body)["status"])) + "\n")
        self.send_response(500 if self.path == "/broken" else 204)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + "/port.part", "w") as out:
    out.write(str(server.server_port))
os.rename(sys.argv[1] + "/port.part", sys.argv[1] + "/port")
server.serve_forever()
END
python3 "$tmp/listen.py" "$tmp" &
wait_until 40 test -e "$tmp/port"
url=http://127.0.0.1:$(cat "$tmp/port")

is "$(tell webhook published) $?" ' 0' 'without a url nothing is posted'
printf 'url=%s\n' "$url/one?token=a&b=%20c" "$url/two" >"$hooks/webhook.conf"
tell webhook published
is "$(cat "$tmp/posts")" \
    "/one?token=a&b=%20c application/json published aaaaaaaaaaaa pass
/two application/json published aaaaaaaaaaaa pass" 'the result is posted'
echo 'events=failed lost' >>"$hooks/webhook.conf"
tell webhook claimed
tell webhook lost
is "$(tail -n +3 "$tmp/posts" | cut -d ' ' -f 3 | paste -sd ' ')" 'lost lost' \
    '... of those events alone that are chosen'
echo "url=$url/broken" >"$hooks/webhook.conf"
like "$(tell webhook published; echo "$?")" '500.*1$' \
    'what the other end refuses is told'
printf '%s\n' "url=$url/slow" timeout=1 >"$hooks/webhook.conf"
before=$SECONDS
like "$(tell webhook published; echo "$?")" 'timed out.*1$' \
    '... and that it does not answer'
ok '... in time' test $((SECONDS - before)) -lt 5
echo 'url=file:///etc/passwd' >"$hooks/webhook.conf"
like "$(tell webhook published; echo "$?")" 'is none.*1$' \
    'what is no url is refused'

# By a worker, with nothing but its environment.
rm -f "$tmp/mail"/* "$tmp/posts"
rm -r "$spool/results/autopkgtest/sid"
conf 'suite: sid' "hooks: $hooks"
printf '%s\n' from=ci@ci.example.org "sendmail=$tmp/bin/sendmail" \
    >"$hooks/mail.conf"
echo "url=$url/from-worker" >"$hooks/webhook.conf"
echo 'events=published' >>"$hooks/webhook.conf"
: >"$hooks/mail.map"
adtspool submit adtfail >/dev/null
adtspool worker --drain 2>"$tmp/log"
like "$(cat "$tmp/mail/0")" "To: adtfail@packages.debian.org.*\
Subject: adtfail on $arch in sid: fail, was not tested" \
    'a worker has mail sent'
like "$(cat "$tmp/posts")" '^/from-worker .* published .* fail$' \
    '... and the result posted'

done_testing
