#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Old runs are marked, and go when the indexer has taken notice.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

conf
adtspool init
results=$tmp/spool/results
tree=$results/autopkgtest/sid/amd64

put() { # SOURCE RUN_ID STATUS
	local run=$tree/${1:0:1}/$1/$2
	mkdir -p "$run" "$results/by-version/sid/amd64/$1/1.0"
	cat >"$run/result.json" <<-END
	{"package": "$1", "suite": "sid", "arch": "amd64", "version": "1.0",
	"status": "$3", "exit_code": 0}
	END
	echo log >"$run/log.gz"
	ln -s "../../../../../autopkgtest/sid/amd64/${1:0:1}/$1/$2" \
	    "$results/by-version/sid/amd64/$1/1.0/$2"
}

put hello 20200101_000000@ pass
put hello 20200102_000000@ pass
put hello 20200103_000000@ fail
put hello 20200104_000000@ fail
put other 20200101_000000@ tmpfail
put young 20200101_000000@ fail
put young "$(date -u +%Y%m%d_%H%M%S)@" pass

notices() {
	find "$results/.index/notices" -name 'gone,*' -printf '%f\n' \
	    2>/dev/null | cut -d , -f 4,5 | sort
}
gone='hello,20200101_000000@
hello,20200103_000000@
young,20200101_000000@'

like "$(adtspool expire --days 180 --dry-run -v)" \
    'amd64/y/young/20200101_000000@.*3 runs of 2 packages would' \
    'a dry run tells what would go'
is "$(notices)" '' '... and marks nothing'
like "$(adtspool expire --days 180)" '^3 runs of 2 packages are to go' \
    'it tells how many runs go'
is "$(notices)" "$gone" 'the newest and the newest pass are not marked'
like "$(adtspool expire --days 180 2>&1)" \
    '3 runs were to go before, .* adtspool index.*0 runs of' \
    'again it marks nothing, and asks for the indexer'
is "$(notices)" "$gone" '... and what was marked is'
rm "$results"/.index/notices/gone,*
adtspool expire --days 180 >/dev/null 2>&1 &
adtspool expire --days 180 >/dev/null 2>&1 && wait $!
is $? 0 'two at once both succeed'
is "$(notices)" "$gone" '... and mark the same'
ok 'the runs are there until the indexer takes them' \
    test -e "$tree/h/hello/20200101_000000@/log.gz"

if adtspool --help | grep -q '^  index'; then
	conf 'expire-grace: 0s'
	# As often as it takes: the grace begins when the indexes have it.
	removed() {
		adtspool index 2>>"$tmp/index.log" &&
		    ! [ -e "$tree/h/hello/20200101_000000@" ]
	}
	ok 'the indexer removes them' wait_until 40 removed
	is "$(cd "$tree" && echo ?/*/*)" "$(cd "$tree" && echo \
	    h/hello/20200102_000000@ h/hello/20200104_000000@ \
	    o/other/20200101_000000@ y/young/*)" '... and no others'
	is "$(notices)" '' '... and their notices'
	is "$(cd "$results/by-version/sid/amd64" && echo hello/*/*)" \
	    'hello/1.0/20200102_000000@ hello/1.0/20200104_000000@' \
	    '... and their links by version'
	is "$(cat "$results"/manifests/* | grep -c '^- ')" 3 \
	    '... and manifests tell of each'
	like "$(adtspool expire --days 180)" '^0 runs of 0 packages' \
	    'then nothing is left to go'
fi

for wrong in '' '--days' '--days -1' '--days x' '--days 1 --keep-last x' \
    '--days 1 --suite ../x' '--days 1 operand'; do
	# shellcheck disable=SC2086
	adtspool expire $wrong >/dev/null 2>&1
	is $? 64 "expire $wrong is refused"
done
done_testing
