# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An archive over HTTP, $archive, for apt.t: suites that are signed with keys
# made here, in which lab and its companion lab-too have one version each.
tmp=${tmp:?by t/lib.sh}
arch=${arch:?by servers.sh}
# shellcheck disable=SC2034
keys=$tmp/keys

# make_key NAME: signs from now on, and $tmp/keys/NAME.asc is its public half.
make_key() {
	local home=$tmp/gnupg-$1
	mkdir -p "$keys"
	install -d -m 700 "$home"
	gpg --homedir "$home" --batch --quiet --passphrase '' \
	    --quick-generate-key "$1" ed25519 sign never &&
	    gpg --homedir "$home" --batch --armor --export >"$keys/$1.asc"
	gpgconf --homedir "$home" --kill gpg-agent
}

# make_tree NAME VERSION FOLDER: a source whose test tells what is installed.
make_tree() {
	mkdir -p "$3/debian/source" "$3/debian/tests"
	cat >"$3/debian/control" <<-EOC
	Source: $1
	Section: misc
	Priority: optional
	Maintainer: nobody <nobody@example.org>
	Standards-Version: 4.6.2
	Testsuite: autopkgtest

	Package: $1
	Architecture: all
	Description: for a test
	EOC
	cat >"$3/debian/changelog" <<-EOC
	$1 ($2) unstable; urgency=low

	  * One.

	 -- nobody <nobody@example.org>  Mon, 24 Nov 2025 12:00:00 +0000
	EOC
	printf '#!/usr/bin/make -f\n%%:\n\t@true\n' >"$3/debian/rules"
	chmod +x "$3/debian/rules"
	echo '3.0 (native)' >"$3/debian/source/format"
	# shellcheck disable=SC2016
	printf '%s\n' 'Test-Command: echo "tests of '"$2"'"; dpkg-query' \
	    " -f '\${Package} is \${Version}\\n' -W lab lab-too" \
	    'Features: test-name=one' 'Depends: lab, lab-too' \
	    >"$3/debian/tests/control"
}

# add_package NAME VERSION POOL: its source and binary package.
add_package() {
	local tree=$tmp/trees/$1-$2 deb=$tmp/trees/$1-$2-deb
	make_tree "$1" "$2" "$tree"
	mkdir -p "$deb/DEBIAN" "$3"
	printf '%s\n' "Package: $1" "Version: $2" 'Architecture: all' \
	    'Maintainer: nobody <nobody@example.org>' \
	    'Description: for a test' >"$deb/DEBIAN/control"
	dpkg-deb --build "$deb" "$3/$1_$2_all.deb" >/dev/null &&
	    (cd "$3" && dpkg-source -b "$tree" >/dev/null 2>&1)
}

# add_suite SUITE VERSION KEY
add_suite() {
	local top=$tmp/archive dist=dists/$1 ftp=APT::FTPArchive::Release
	(
		mkdir -p "$top/$dist/main/binary-$arch" \
		    "$top/$dist/main/source" && cd "$top" &&
		    add_package lab "$2" "$top/pool/$1" &&
		    add_package lab-too "$2" "$top/pool/$1" &&
		    apt-ftparchive packages "pool/$1" \
			>"$dist/main/binary-$arch/Packages" &&
		    apt-ftparchive sources "pool/$1" \
			>"$dist/main/source/Sources" 2>/dev/null &&
		    apt-ftparchive -o "$ftp::Suite=$1" -o "$ftp::Codename=$1" \
			-o "$ftp::Components=main" \
			-o "$ftp::Architectures=$arch" \
			release "$dist" >"$tmp/Release" &&
		    gpg --homedir "$tmp/gnupg-$3" --batch --quiet --clearsign \
			--output "$dist/InRelease" "$tmp/Release"
	)
	gpgconf --homedir "$tmp/gnupg-$3" --kill gpg-agent
}

# On a port that is free.
serve_archive() {
	python3 -u -c 'import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler,
    directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port)
server.serve_forever()' "$tmp/archive" >"$tmp/port" 2>"$tmp/http.log" &
	wait_until 10 test -s "$tmp/port"
	# shellcheck disable=SC2034
	archive=http://127.0.0.1:$(cat "$tmp/port")
}

# A repository $git/lab.git, whose branch "own" has tests of its own.
serve_git() {
	local tree=$tmp/trees/git port
	make_tree lab 1 "$tree"
	git -C "$tree" init --quiet --initial-branch=main
	git -C "$tree" add .
	commit "$tree" one
	git -C "$tree" checkout --quiet -b own
	sed -i 's/tests of 1/tests of git/' "$tree/debian/tests/control"
	commit "$tree" two
	git -C "$tree" checkout --quiet main
	git clone --quiet --bare "$tree" "$tmp/git/lab.git"
	port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
	"$(git --exec-path)/git-daemon" --listen=127.0.0.1 --port="$port" \
	    --export-all --base-path="$tmp/git" >"$tmp/git.log" 2>&1 &
	# shellcheck disable=SC2034
	git=git://127.0.0.1:$port
	wait_until 10 git ls-remote "$git/lab.git"
}

commit() { # TREE MESSAGE
	git -C "$1" -c user.name=nobody -c user.email=nobody@example.org \
	    -c commit.gpgsign=false commit --quiet --all -m "$2"
}
