#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the three britneys that live read from debci.json and autopkgtest.db, of
# runs that a worker has made; and debci's data files.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
series=kali-rolling
mkdir "$tmp/packages"
cp -R "$top"/t/data/adt* "$tmp/packages"

# package NAME VERSION COMMAND: one whose test is that command.
package() {
	cp -R "$top/t/data/adtpass" "$tmp/packages/$1"
	sed -i "s/adtpass/$1/; s/(1.0)/($2)/" \
	    "$tmp/packages/$1/debian/control" \
	    "$tmp/packages/$1/debian/changelog"
	printf 'Test-Command: %s\nFeatures: test-name=one\nDepends:\n' "$3" \
	    >"$tmp/packages/$1/debian/tests/control"
}
package libadt 1:2.0-1 true
package flip 1.0 "test -e $tmp/packages/flip-passes"

# A PPA cannot be had here; that it was asked for is what matters.
cp "$top/t/data/autopkgtest-here" "$tmp/packages/autopkgtest-local"
cat >"$tmp/packages/autopkgtest-here" <<'EOF'
#!/bin/bash
args=()
for arg; do
	[[ $arg = --add-apt-source=ppa:* ]] || args+=("$arg")
done
exec "$(dirname "$(readlink -f "$0")")/autopkgtest-local" "${args[@]}"
EOF
chmod +x "$tmp/packages/autopkgtest-here"
conf 'attempts: 1' "suite: $series" "queues: [$arch, $arch.ppa]" \
    "expose: [$tmp/packages]" \
    "autopkgtest: [$tmp/packages/autopkgtest-here]"
adtspool init "$arch" "$arch.ppa"
britney=$tmp/spool/results/britney

# The readings.  Each prints what it believes: TRIGGER SOURCE STATUS VERSION,
# sorted, with "pending" where it waits for a result.
cat >"$tmp/read.py" <<'EOF'
import calendar, hashlib, json, sqlite3, subprocess, sys, time

flavour, path, series, arch = sys.argv[1:5]
known, pending = {}, set()
rank = {"pass": 1, "neutral": 2, "fail": 3}


def older(a, b):
    return subprocess.run(
        ["dpkg", "--compare-versions", a, "lt", b],
        stderr=subprocess.DEVNULL).returncode == 0


def add(trigger, src, ver, seen, status):
    trigsrc, trigver = trigger.split("/", 1)
    if trigsrc == src and older(ver, trigver):
        return False
    old = known.get((trigger, src))
    reference = trigger == "migration-reference/0"
    if flavour == "kali":
        better = not old or (seen > old[2] if reference else
            rank[status] < rank[old[0]] or
            (status == old[0] and seen > old[2]))
    else:
        better = not old or reference or status == "pass" or old[0] != "pass"
    if better:
        known[trigger, src] = (status, ver, seen)
    return True


def from_json():
    rejected = "blocked-on-ci-infra" if flavour == "kali" else "blacklisted"
    for res in json.load(open(path))["results"]:
        ver = rejected if res["version"] is None else res["version"]
        seen = calendar.timegm(time.strptime(res["updated_at"][0:-5],
            "%Y-%m-%dT%H:%M:%S"))
        str(res["run_id"])
        if flavour != "debian" and res["suite"] != series:
            continue
        if res["trigger"] is None or res["arch"] != arch:
            continue
        for trigger in res["trigger"].split():
            if res["status"] is None:
                pending.add((trigger, res["package"]))
            elif res["status"] != "tmpfail":
                rank[res["status"]]
                add(trigger, res["package"], ver, seen, res["status"])


def from_database():
    sum = open(path + ".sha256", "rb").read().rstrip().decode()
    if hashlib.sha256(open(path, "rb").read()).hexdigest() != sum:
        sys.exit("the sum is another")
    last = sys.argv[5] if len(sys.argv) > 5 else ""
    db = sqlite3.connect(path)
    for (src,) in db.execute("SELECT DISTINCT package FROM test").fetchall():
        for exitcode, ver, triggers, run_id in db.execute(
                "SELECT r.exitcode,r.version,r.triggers,"
                "       r.run_id FROM test AS t "
                "LEFT JOIN result AS r ON t.id=r.test_id "
                "WHERE t.release=? AND t.arch=? "
                "AND t.package=? AND r.run_id > ?",
                (series, arch, src, last)):
            if not ver:
                sys.exit("damaged: " + src)
            seen = calendar.timegm(
                time.strptime(run_id[:15], "%Y%m%d_%H%M%S"))
            status = {0: "pass", 2: "pass", 8: "neutral"}.get(exitcode,
                "fail")
            for trigger in triggers.split(" "):
                add(trigger, src, ver, seen, status)


from_database() if flavour == "database" else from_json()
for trigger, src in pending:
    print(trigger, src, "pending")
for (trigger, src), (status, ver, _) in known.items():
    print(trigger, src, status, ver)
EOF

reads() { # FLAVOUR FILE [SERIES [LAST RUN ID]]
	python3 "$tmp/read.py" "$1" "$2" "${3-$series}" "$arch" "${@:4}" |
	    sort
}

requests() { # lines of britney's, on standard input
	sed "s/SERIES/$series/; s/ARCH/$arch/" >"$tmp/requests"
	adtspool import --requester britney "$tmp/requests" >/dev/null
}

run_ids() { # SOURCE: of its runs, sorted
	find "$tmp/spool/results/autopkgtest/$series/$arch"/*/"$1" \
	    -mindepth 1 -maxdepth 1 -printf '%f\n' | sort
}

requests <<'EOF'
debci-SERIES-ARCH:libadt {"triggers": ["libadt/1:2.0-1 other/2"]}
debci-SERIES-ARCH:libadt {"triggers": ["other/1:3"]}
debci-SERIES-ARCH:flip {"triggers": ["flip/1.0"]}
debci-SERIES-ARCH:flip {"triggers": ["migration-reference/0"]}
debci-SERIES-ARCH:adtnone {"triggers": ["other/2"]}
debci-SERIES-ARCH:adtlost {"triggers": ["other/2"]}
debci-SERIES-ARCH:adtcrash {"triggers": ["other/2"]}
debci-SERIES-ARCH:adtbad {"triggers": ["other/2"]}
debci-SERIES-ARCH:adtskip {"triggers": ["other/2"]}
debci-SERIES-ARCH:adtfail {"triggers": ["adtfail/9.0"]}
debci-SERIES-ARCH:adtpass {"triggers": []}
debci-ppa-SERIES-ARCH:adtpass {"triggers": ["adtpass/1.0"], "ppas": ["joe/me"]}
debci-other-suite-ARCH:adtpass {"triggers": ["other/2"]}
EOF
adtspool index
is "$(reads debian "$britney/$series/debci.json" | awk '{ print $3 }' |
    uniq -c | tr -s ' ')" ' 11 pending' 'what waits is pending'
is "$(reads kali "$britney/$series/ppa/joe/me/debci.json")" \
    'adtpass/1.0 adtpass pending' '... that with a PPA by itself'
adtspool worker --drain 2>/dev/null
adtspool index
before=$(date -u +%Y%m%d_%H%M%S@)
wait_until 40 test "$(date -u +%Y%m%d_%H%M%S@)" != "$before"

first='flip/1.0 flip fail 1.0
libadt/1:2.0-1 libadt pass 1:2.0-1
migration-reference/0 flip fail 1.0
other/1:3 libadt pass 1:2.0-1
other/2 adtbad fail 1.0
other/2 adtnone neutral 1.0
other/2 adtskip pass 1.0
other/2 libadt pass 1:2.0-1'
for flavour in debian kali ubuntu; do
	is "$(reads $flavour "$britney/$series/debci.json")" "$first" \
	    "$flavour: debci.json has the results"
done
is "$(reads database "$britney/autopkgtest.db")" "$first" \
    'autopkgtest.db has the results'
for flavour in debian kali; do
	is "$(reads $flavour "$britney/$series/ppa/joe/me/debci.json")" \
	    'adtpass/1.0 adtpass pass 1.0' \
	    "$flavour: a result with a PPA is in a list of its own"
done
is "$(reads kali "$britney/other-suite/debci.json" other-suite)" \
    'other/2 adtpass pass 1.0' 'another suite has a list of its own'
is "$(run_ids libadt | sort -u | wc -l)" 2 \
    'two runs have two run ids, however quickly they came'

# A pass after a fail, and a fail after a pass; two requests wait meanwhile.
touch "$tmp/packages/flip-passes"
requests <<'EOF'
debci-SERIES-ARCH:flip {"triggers": ["flip/1.0"]}
debci-SERIES-ARCH:flip {"triggers": ["migration-reference/0"]}
EOF
adtspool worker --drain 2>/dev/null
adtspool index
is "$(reads database "$britney/autopkgtest.db" "$series" "$before")" \
    'flip/1.0 flip pass 1.0
migration-reference/0 flip pass 1.0' \
    'autopkgtest.db has the new results for who knows the old ones'
rm "$tmp/packages/flip-passes"
requests <<'EOF'
debci-SERIES-ARCH:flip {"triggers": ["flip/1.0"]}
debci-SERIES-ARCH:flip {"triggers": ["migration-reference/0"]}
EOF
adtspool worker --drain 2>/dev/null
requests <<'EOF'
debci-SERIES-ARCH:adtfail {"triggers": ["adtfail/9.0 other/3"]}
EOF
printf 'package: adtpass\ntriggers: [other/3, more/4]\n' \
    >"$tmp/spool/$arch/new/dropped"
adtspool index
second="$(echo "$first" | sed '/^flip/s/fail/pass/')
adtfail/9.0 adtfail pending
more/4 adtpass pending
other/3 adtfail pending
other/3 adtpass pending"
for flavour in debian kali ubuntu; do
	is "$(reads $flavour "$britney/$series/debci.json")" \
	    "$(sort <<<"$second")" \
	    "$flavour: a pass stays, but for references, and what waits pends"
done
is "$(reads database "$britney/autopkgtest.db")" \
    "$(sed '/^flip/s/fail/pass/' <<<"$first")" 'so it is for autopkgtest.db'

json() { # FILE EXPRESSION: prints what a Python expression makes of d
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

# What export makes of the tree alone is the same.
adtspool export debci --suite "$series" -o "$tmp/alone.json"
same='sorted(sorted((k, str(v)) for k, v in r.items()
    if r["status"] or k != "updated_at") for r in d["results"])'
is "$(json "$britney/$series/debci.json" "$same")" \
    "$(json "$tmp/alone.json" "$same")" \
    'export debci tells the same, without an index'
adtspool export debci --suite "$series" --ppa joe/me -o "$tmp/alone.json"
is "$(json "$britney/$series/ppa/joe/me/debci.json" "$same")" \
    "$(json "$tmp/alone.json" "$same")" '... and so with a PPA'

# What whoever reads debci's data directory finds.
status=$tmp/spool/results/status/$series/$arch
package=$tmp/spool/results/packages/$series/$arch
is "$(json "$status/packages.json" \
    'sorted((p["package"], p["status"], p["previous_status"]) for p in d
    if p["package"] in ("flip", "libadt", "adtpass"))')" \
    "[('adtpass', 'pass', None), ('flip', 'fail', 'fail'), \
('libadt', 'pass', 'pass')]" 'packages.json has the newest of each package'
is "$(json "$status/status.json" \
    '[d[k] for k in ("pass", "fail", "neutral", "tmpfail", "total")]')" \
    '[3, 3, 1, 2, 9]' 'status.json counts them'
is "$(json "$status/history.json" 'd[-1]["total"], d[-1]["date"][10:11]')" \
    "(9, 'T')" 'history.json ends with the same'
is "$(json "$package/f/flip/history.json" '[r["status"] for r in d]')" \
    "['fail', 'fail', 'pass', 'pass', 'fail', 'fail']" \
    'a package has its history'
is "$(json "$package/liba/libadt/latest.json" \
    'd["run_id"], d["version"], d["last_pass_version"]')" \
    "('$(run_ids libadt | tail -n 1)', '1:2.0-1', '1:2.0-1')" \
    '... and what came last'

# A package that is on a reject list, from the tree alone.
run=$tmp/spool/results/autopkgtest/$series/$arch/n/never
run+=/$(date -u +%Y%m%d_%H%M%S@)
mkdir -p "$run"
cat >"$run/result.json" <<EOF
{"package": "never", "suite": "$series", "arch": "$arch", "status": "fail",
"triggers": ["other/2"], "rejected": "it eats disks"}
EOF
adtspool index --rebuild 2>/dev/null
for flavour in debian kali ubuntu; do
	word=blacklisted
	[ $flavour != kali ] || word=blocked-on-ci-infra
	is "$(reads $flavour "$britney/$series/debci.json" | grep never)" \
	    "other/2 never fail $word" "$flavour: what is rejected has failed"
done
is "$(reads database "$britney/autopkgtest.db" | grep never)" \
    'other/2 never fail blacklisted' '... in autopkgtest.db, too'

done_testing
