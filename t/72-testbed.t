#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Testbeds are made beside what tests use, and take its place at once; what
# fails or is killed changes nothing.  A builder in PATH stands in for
# mmdebstrap, which takes minutes; one real testbed is made where that can be.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

host=$(dpkg --print-architecture)
beds=$tmp/beds
mkdir -p "$tmp/bin"
PATH=$tmp/bin:$PATH
export BUILD=$tmp/build
mkdir "$BUILD"

# Says how it was called; makes what the file "makes" has in it, a tarball or,
# with --format=directory, a folder.  Waits while there is a file "wait".
cat >"$tmp/bin/mmdebstrap" <<'EOF'
#!/bin/bash
printf '%s\n' "$@" >"$BUILD/called"
echo "${TMPDIR-}" >"$BUILD/tmpdir"
echo half >"$TMPDIR/half"
for ((i = 1; i <= $#; i++)); do
	case ${!i} in
	--format=directory) folder=yes ;;
	*.part/made) target=${!i} ;;
	esac
done
[ -z "${folder-}" ] || { mkdir "$target"; target=$target/content; }
cat "$BUILD/makes" >"$target"
touch "$BUILD/began"
while [ -e "$BUILD/wait" ]; do sleep 0.05; done
[ ! -e "$BUILD/fails" ] || { echo no such suite >&2; exit 25; }
EOF
# An image with the arguments that it was made with, and of its environment.
cat >"$tmp/bin/autopkgtest-build-qemu" <<'EOF'
#!/bin/sh
for image; do :; done
printf '%s\n' "$*" "$PATH" "$TMPDIR" "${AUTOPKGTEST_APT_SOURCES-}" >"$image"
EOF
chmod +x "$tmp"/bin/*
conf "testbeds: $beds" 'virt-server: [unshare, -t, x]'

testbed() {
	adtspool testbed "$@" 2>&1
}

made() { # what the next one will be
	echo "$1" >"$BUILD/makes"
}

versions() { # VIRT: how many, whole or not
	find "$beds/$1" -mindepth 1 -maxdepth 1 -name '*@*' \
	    ! -name '*.lock' | wc -l
}

link=$beds/unshare/unstable-$host.tar
made first
is "$(testbed update; echo $?)" "adtspool: $beds: no such testbed to update; \
adtspool testbed create makes one
66" 'where there is none, nothing is updated'
is "$(testbed list)" '' 'and nothing is listed'
is "$(testbed create)" "unshare unstable $host: made
virt-server: unshare --tarball $beds/unshare/{suite}-{arch}.tar" 'one is made'
is "$(cat "$link")" first '... and is there'
like "$(readlink "$link")" "^unstable@$host@[0-9]{8}T[0-9]{6}\.tar\$" \
    '... by a link to a version'
is "$(versions unshare)" 1 '... beside which nothing is left'
is "$(find "$beds" -name '*[,: ]*')" '' \
    '... without what autopkgtest or qemu would split a path at'
like "$(tr '\n' ' ' <"$BUILD/called")" \
    "--architectures=$host --format=tar .* unstable $beds/[^ ]*/made " \
    'mmdebstrap is told what to make'
is "$(cat "$BUILD/tmpdir")" "$beds/unshare/unstable@$host.part/tmp" \
    '... and where its temporary files go'
like "$(testbed create; echo $?)" 'is there; adtspool testbed update.*73' \
    'it is not created twice'
like "$(testbed list)" \
    "unshare +unstable +$host +[0-9]+s +0 +unshare --tarball $beds/" \
    'it is listed, with the words for virt-server'
is "$(testbed list --json | python3 -c 'import json, sys
x, = json.load(sys.stdin)
print(x["virt"], x["suite"], x["older"], x["virt_server"][2])')" \
    "unshare unstable 0 $beds/unshare/{suite}-{arch}.tar" '... for programs'

# While one is made, and when that fails or is killed, the old one is there.
touch "$BUILD/wait"
rm "$BUILD/began"
made second
"$adtspool" -c "$tmp/adtspool.yaml" testbed update >"$tmp/said" 2>&1 &
update=$!
wait_until 10 test -e "$BUILD/began"
is "$(cat "$link")" first 'while the next is made, there is the old one'
like "$(testbed update; echo $?)" 'another adtspool testbed is making it.*75' \
    '... and a second update says who is at work'
{ kill -9 "$update"; wait "$update"; } 2>/dev/null
is "$(cat "$link")" first 'a killed update leaves the old one'
rm "$BUILD/wait"
touch "$BUILD/fails"
like "$(testbed update; echo $?)" \
    'no such suite.adtspool: mmdebstrap: ended with 25; what it said.*75' \
    'one that fails says so'
is "$(cat "$link")" first '... and leaves the old one'
is "$(versions unshare)" 1 '... and nothing else, neither of the killed one'
rm "$BUILD/fails"
is "$(testbed update)" "unshare unstable $host: made" 'the next one works'
is "$(cat "$link")" second '... and takes its place'
is "$(versions unshare)" 1 '... and the old one is gone'

# A run keeps what it began with.
long=72.$$
mkdir -p "$tmp/long/debian/tests"
cp -r "$top"/t/data/adtpass/debian/{changelog,control,copyright,rules,source} \
    "$tmp/long/debian/"
printf 'Test-Command: echo it runs; sleep %s\nDepends:\n' "$long" \
    >"$tmp/long/debian/tests/control"
# The words of unshare, the testbed of null: it is not looked into.
cat >"$tmp/apt" <<EOF
#!/bin/bash
while [ "\$1" != -- ]; do args+=("\$1"); shift; done
echo "testbed: \$3 \$4"
exec autopkgtest --no-built-binaries "\${args[@]:0:\${#args[@]}-1}" \
    $tmp/long/ -- null
EOF
chmod +x "$tmp/apt"
conf "testbeds: $beds" "virt-server: [unshare, -t, $link]" \
    "autopkgtest: [$tmp/apt]" "expose: [$tmp]"
adtspool init >/dev/null
start_worker
id=$(adtspool submit adtpass | grep -oE '[a-z0-9]{12}' | head -n 1)
begun() {
	find "$tmp/scratch" -name console -exec cat {} + | grep -q 'it runs'
}
ok 'a test runs' wait_until 30 begun
held=$(readlink -f "$link")
like "$(find "$tmp/scratch" -name console -exec cat {} +)" \
    "testbed: -t $held" '... in the version, not in what the link leads to'
made third
is "$(export ADTSPOOL_CLOCK_OFFSET=-86400; testbed update)" \
    "unshare unstable $host: made" 'an update meanwhile, by a clock set back'
is "$(cat "$link" "$held")" 'third
second' '... leaves the run its own'
like "$(testbed list)" '1 older' '... which is told'
made fourth
testbed update >/dev/null
is "$(versions unshare)" 3 'what is newer than a held one stays, too'
adtspool cancel --wait "$id" >/dev/null
stop_worker
made fifth
testbed update >/dev/null
is "$(versions unshare)/$(cat "$link")" 1/fifth \
    'when the run has ended, they go'

# Folders, for other virt servers; and what a schroot is told.
made folder
conf "testbeds: $beds" 'mirror: ["http://a.example/debian"]'
if [ "$(id -u)" -eq 0 ]; then
	is "$(testbed create --virt chroot --suite sid)" \
	    "chroot sid $host: made
virt-server: chroot $beds/chroot/{suite}-{arch}" 'a folder is made'
	is "$(cat "$beds/chroot/sid-$host/content")" folder '... and is there'
	like "$(tr '\n' ' ' <"$BUILD/called")" \
	    'deb http://a.example/debian sid main deb-src http://a.ex' \
	    '... from the mirror, sources and all'
	conf "testbeds: $beds" 'mirror: ["deb http://{suite}.test {suite} x"]'
	testbed update --virt chroot --suite sid >/dev/null
	is "$(tail -n 1 "$BUILD/called")" 'deb http://sid.test sid x' \
	    "... or a line's, with its suite wherever that stands"
	conf "testbeds: $beds" 'mirror: ["http://a.example/debian"]'
	mkdir "$beds/chroot/sid-$host/mounted"
	mount --bind "$beds/unshare" "$beds/chroot/sid-$host/mounted"
	old=$(readlink -f "$beds/chroot/sid-$host")
	like "$(testbed update --virt chroot; echo $?)" \
	    "$old/mounted: is mounted and not removed; umount it.*75" \
	    'one in which something is mounted is not removed'
	is "$(cat "$link")" fifth '... nor what is mounted there'
	umount "$old/mounted"
	testbed update --virt chroot >/dev/null
	is "$(versions chroot)" 1 '... until it is no more'

	# The kernel's list of mounts has neither symlinks nor blanks.
	mkdir -p "$tmp/a blank/beds" "$tmp/precious"
	ln -s "a blank" "$tmp/by"
	echo precious >"$tmp/precious/file"
	conf "testbeds: $tmp/by/beds"
	testbed create --virt chroot --suite sid >/dev/null
	old=$(readlink -f "$tmp/by/beds/chroot/sid-$host")
	mkdir "$old/mounted"
	mount --bind "$tmp/precious" "$old/mounted"
	like "$(testbed update --virt chroot; echo $?)" \
	    "$old/mounted: is mounted and not removed; umount it.*75" \
	    'nor is one below a symlink and a blank'
	is "$(cat "$tmp/precious/file" "$old/content")" 'precious
folder' '... of which all stays'
	umount "$old/mounted"
	conf "testbeds: $beds" 'mirror: ["http://a.example/debian"]'
fi
is "$(PATH=$tmp/bin:/usr/bin:/bin testbed create --virt qemu -s sid)" \
    "qemu sid $host: made
virt-server: qemu $beds/qemu/{suite}-{arch}.img" 'an image'
like "$(cat "$beds/qemu/sid-$host.img")" \
    "^--architecture=$host --mirror=http://a.example/debian sid " \
    '... is made by autopkgtest-build-qemu'
is "$(tail -n 2 "$beds/qemu/sid-$host.img")" \
    'deb http://a.example/debian sid main
deb-src http://a.example/debian sid main' '... with the sources of both kinds'
like "$(sed -n 2p "$beds/qemu/sid-$host.img")" ':/usr/sbin:/sbin$' \
    '... which finds what is for root, as from cron'
is "$(sed -n 3p "$beds/qemu/sid-$host.img")" /tmp \
    '... and works where the image has a folder, too'

is "$(testbed create --virt null; echo $?)" "adtspool: null: its testbed is \
this host, so that there is none to make
64" 'null needs none'
like "$(testbed create --virt docker; echo $?)" 'no testbeds are made.*64' \
    'others are not known'
like "$(testbed create -s ../x; echo $?)" '"../x" is no name of a suite.*64' \
    'a suite has a name'
like "$(testbed create --virt qemu -a hurd-none; echo $?)" \
    "hurd-none: this host cannot run its programs: no enabled .*; install.*69" \
    'what this host cannot run is said'
rm "$tmp/bin/mmdebstrap"
if ! command -v mmdebstrap >/dev/null; then
	like "$(testbed create --virt unshare -s x; echo $?)" \
	    'mmdebstrap: cannot be started; install.*69' 'so is what is missing'
fi

# A real one, of this host's own archive.
real() {
	local list
	list=$(ls /etc/apt/sources.list.d/debian.sources 2>/dev/null ||
	    ls /etc/apt/sources.list)
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	conf "testbeds: $beds" "suite: $suite" "mirror: $list" 'mmdebstrap: '\
'[mmdebstrap, --variant=extract, --include=base-passwd, '\
'--aptopt=Acquire::Check-Valid-Until "false", '\
'--aptopt=Acquire::Check-Date "false"]'
	timeout 60 "$adtspool" -c "$tmp/adtspool.yaml" testbed create \
	    --virt unshare >"$tmp/said" 2>&1
}
if ! command -v mmdebstrap >/dev/null; then
	report ok 'a real testbed # SKIP mmdebstrap is not installed'
elif ! real; then
	report ok "a real testbed # SKIP not within a minute: $(tail -n 1 \
	    "$tmp/said")"
else
	like "$(tar -tf "$beds/unshare/$suite-$host.tar")" \
	    './usr/share/base-passwd/passwd.master' 'a real testbed is one'
fi
done_testing
