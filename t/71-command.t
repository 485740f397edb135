#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# worker --print-command shows the command that is run, to the last byte, for
# an id, a file, and a path in a queue; and says what is never run.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
conf 'attempts: 1' "queues: [$arch, $arch.huge]" \
    "setup-commands: [\"true; echo it's set up\"]" 'timeout-test: 5m' \
    "policy: $tmp/policy.yaml"
cat >"$tmp/policy.yaml" <<'EOP'
- package: adtpass
  env: ["WHERE=a b $HOME *"]
  long: yes
- queue: "*.huge"
  arguments: [--apt-upgrade]
- package: adtfail
  never: it fails
EOP
adtspool init "$arch" "$arch.huge"

print_command() { # REQUEST
	adtspool worker --print-command "$@"
}

# The words of a printed command, as sh(1) has them, as JSON; and the result's.
words() {
	(eval "printf '%s\\0' $1") | python3 -c 'import json, sys
print(json.dumps(sys.stdin.read().split("\0")[:-1]))'
}

ran() { # PACKAGE
	cat "$tmp/spool/results/autopkgtest/unstable/$arch/a/$1"/*/result.json |
	    python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)["command"]))'
}

# By its id, while it waits, and when it has run.
read -r id _ < <(adtspool submit --trigger adtpass/1.0 --trigger other/2 \
    adtpass)
waits=$(print_command "$id")
is $? 0 'it is shown by its id'
waits_path=$(cd "$tmp/spool" && find "$arch/new" -name "*$id*")
is "$(print_command "$waits_path")" "$waits" "... by its path in the queue"
is "$(cd / && print_command "$tmp/spool/$waits_path")" "$waits" \
    '... and by its whole path'
is "$(find "$tmp/spool/$waits_path" | wc -l)" 1 'it waits as before'
ok 'it runs' adtspool worker --drain
is "$(words "$waits")" "$(ran adtpass)" 'what was shown is what was run'
like "$waits" "'--env=WHERE=a b \\\$HOME \*' " '... with what is quoted'
like "$waits" "'--setup-commands=true; echo it'\\\\''s set up' " '... doubly'
like "$waits" '--timeout-test=1200 --timeout-build=200000 ' \
    "... and the policy's timeouts"
is "$(print_command "$id")" "$waits" 'it is shown when it has run'

# Files, of which nothing becomes a request.
echo 'package: adtskip' >"$tmp/file"
output=$(print_command "$tmp/file")
like "$output" "--output-dir=$tmp/scratch/here/ID.1/output " \
    'a file has no id yet'
like "$output" ' adtskip -- null$' '... and is for this host'
is "$(cd "$tmp" && print_command file)" "$output" 'it may be named from here'
echo adtskip >"$tmp/spool/$arch.huge/new/file"
like "$(print_command "$arch.huge/new/file")" ' --apt-upgrade adtskip ' \
    'the policy knows the queue of a path'
rm "$tmp/spool/$arch.huge/new/file"
printf 'package: adtskip\nclass: huge\n' >"$tmp/file"
like "$(print_command "$tmp/file")" ' --apt-upgrade adtskip ' \
    '... and of a class'
like "$(print_command "$tmp/file" --name there)" \
    "--output-dir=$tmp/scratch/there/" 'another worker has its own place'
is "$(find "$tmp/spool/$arch"*/{new,cur} -type f ! -name README \
    ! -name .bell)" '' 'nothing was asked for'

# The keys of extra sources are there while it runs, and only then.
cat >"$tmp/copies" <<'EOP'
#!/bin/sh
for arg; do
	case $arg in
	--copy=*) arg=${arg#--copy=}; cat "${arg%%:*}"; echo " ${arg#*:}";;
	esac
done
EOP
chmod +x "$tmp/copies"
sed "s|^autopkgtest:.*|autopkgtest: [$tmp/copies]|
    s|^expose:.*|expose: [$tmp]|" "$tmp/adtspool.yaml" >"$tmp/copies.yaml"
printf 'package: keyed\nsigning-keys: [%s, %s]\n' \
    "$(printf -- '-----BEGIN 1' | base64 -w0)" "$(printf two | base64 -w0)" \
    >"$tmp/spool/$arch/new/keyed"
"$adtspool" -c "$tmp/copies.yaml" worker --drain 2>/dev/null
at=/etc/apt/trusted.gpg.d/adtspool-key
is "$(zcat "$tmp/spool/results/autopkgtest/unstable/$arch/k/keyed"/*/log.gz)" \
    "-----BEGIN 1 $at-0.asc
two $at-1.gpg" 'keys of extra sources are copied into the testbed'
is "$(find "$tmp/scratch/here" -mindepth 1)" '' '... and nothing is left'

# What cannot be shown.
fails() { # STATUS REGEX DESCRIPTION ARGUMENT...
	local wanted=$1 regex=$2 description=$3 status
	shift 3
	print_command "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	is "$status $(cat "$tmp/out")" "$wanted " "$description"
	like "$(cat "$tmp/err")" "$regex" '... and it says why'
}

echo adtfail >"$tmp/file"
fails 69 'adtfail is never run here: it fails \(.*policy.yaml:6\)' \
    'what is never run exits with 69' "$tmp/file"
fails 66 'aaaaaaaaaaaa: there is no such request' 'no such id: 66' \
    aaaaaaaaaaaa
fails 66 'nowhere/file: No such file' 'no such file: 66' nowhere/file
echo 'pakage: hello' >"$tmp/file"
fails 65 'file:1: unknown key "pakage"; did you mean "package"' \
    'no request: 65' "$tmp/file"
fails 64 'usage: adtspool worker' 'no queues with it: 64' "$tmp/file" "$arch"
echo '- {package: a, big: maybe}' >"$tmp/policy.yaml"
fails 78 'policy.yaml:1: big: "maybe" is not yes or no' \
    'a broken policy: 78' "$tmp/file"

# A testbed that is made anew now and then is named as it is now.
beds=$tmp/beds/unshare
cat >"$tmp/builder" <<'EOP'
#!/bin/sh
for made; do
	case $made in
	*/made) : >"$made" ;;
	esac
done
EOP
chmod +x "$tmp/builder"
conf "testbeds: $tmp/beds" "mmdebstrap: [$tmp/builder]" \
    "virt-server: [unshare, --tarball, \"$beds/{suite}-{arch}.tar\"]"
adtspool testbed create --virt unshare >/dev/null
version=$(readlink "$beds/unstable-$arch.tar")
like "$version" "^unstable@$arch@[0-9]{8}T[0-9]{6}\\.tar\$" 'a testbed is made'
echo hello >"$tmp/file"
like "$(print_command "$tmp/file")" " --tarball $beds/$version\$" \
    '... and named by its version'

# The example says what it claims to say.
conf "policy: $top/conf/policy.yaml"
echo linux-signed >"$tmp/file"
fails 69 'linux-signed is never run here: they need the very kernel' \
    'the example never runs kernels' "$tmp/file"
for pair in linux-base: node-foo:--needs-internet=skip \
    gcc-12:--timeout-test=40000 libreoffice:--timeout-test=20000; do
	echo "${pair%%:*}" >"$tmp/file"
	like "$(print_command "$tmp/file")" "${pair#*:}.* ${pair%%:*} -- " \
	    "... and runs ${pair%%:*}"
done

done_testing
