#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What holds for some packages: never run, run elsewhere, run otherwise; and
# what britney, debci's readers and Swift's see of what is never run.
# shellcheck source=t/lib.sh
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
mkdir "$tmp/packages"
cp "$top/t/data/autopkgtest-here" "$tmp/packages/"

# autopkgtest's null says that it is a machine of its own; this one does not.
box=$tmp/packages/box
sed "/^    'isolation-machine',\$/d" /usr/bin/autopkgtest-virt-null >"$box"
chmod +x "$box"

package() { # NAME [RESTRICTIONS]...: a test for each word, by its name
	local name=$1 i=0
	shift
	cp -R "$top/t/data/adtpass" "$tmp/packages/$name"
	sed -i "s/adtpass/$name/" "$tmp/packages/$name/debian/control" \
	    "$tmp/packages/$name/debian/changelog"
	for word; do
		i=$((i + 1))
		printf 'Test-Command: %s\nFeatures: test-name=test%d\n' \
		    "echo E=\$E" "$i"
		printf 'Restrictions: %s\nDepends:\n\n' "$word"
	done >"$tmp/packages/$name/debian/tests/control"
}
package plain allow-stderr
package needy allow-stderr isolation-machine
package other allow-stderr

conf 'attempts: 1' "expose: [$tmp/packages]" \
    "autopkgtest: [$tmp/packages/autopkgtest-here]" \
    "virt-server: [$box]" \
    "virt-servers: {vm: ['null'], twin: ['null', --debug]}" \
    'machine-virt-server: vm' \
    "policy: $tmp/policy.yaml" "reject-list: $tmp/reject_list" \
    "never-run: $tmp/never_run"
cat >"$tmp/policy.yaml" <<'EOP'
- package: oth*
  suite: [unst*, sid]
  arguments: [--timeout-test=77]
  env: [E=from-policy]
- package: tw*
  virt-server: twin
EOP
printf '# It eats disks\nrejected\n\n' >"$tmp/reject_list"
printf 'nev*/all/unstable\n' >"$tmp/never_run"
adtspool init

run_of() { # PACKAGE: its newest run
	find "$tmp/spool/results/autopkgtest/unstable/$arch/${1:0:1}/$1" \
	    -mindepth 1 -maxdepth 1 | sort | tail -n 1
}

json() { # FILE EXPRESSION: prints what a Python expression makes of d
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval("(" + sys.argv[2] + ")"))' "$1" "$2"
}

result() { # PACKAGE EXPRESSION
	json "$(run_of "$1")/result.json" "$2"
}

# Never run: nothing is there that could run it.
conf_without() {
	sed 's|^autopkgtest:.*|autopkgtest: [/nowhere/autopkgtest]|' \
	    "$tmp/adtspool.yaml" >"$tmp/without.yaml"
	"$adtspool" -c "$tmp/without.yaml" "$@"
}

echo 'debci-unstable-'"$arch"':rejected {"triggers": ["other/2"]}' \
    >"$tmp/spool/$arch/new/1"
adtspool submit --trigger other/2 never >"$tmp/ids"
ok 'where there is no autopkgtest, the worker drains the queue' \
    conf_without worker --drain
is "$(result rejected 'd["rejected"], d["status"], d["exit_code"],
    d["version"], d["command"], d["virt_server"], d["triggers"]')" \
    "('It eats disks', 'fail', 99, None, [], [], ['other/2'])" \
    'a rejected package has its result, with the reason'
is "$(result never 'd["rejected"], d["exit_code"]')" \
    "('It is in never_run', 99)" '... and so has one of the other list'
like "$(zcat "$(run_of rejected)/log.gz")" \
    'is never run here: It eats disks' 'its log is the reason'
is "$(tar -xOf "$(run_of rejected)/result.tar" exitcode testpkg-version)" \
    $'99\nrejected blacklisted' "Swift's readers find it on a list"
like "$(tar -xOf "$(run_of rejected)/result.tar" testinfo.json)" \
    'ADT_TEST_TRIGGERS=other/2' '... and for whom'
is "$(find "$tmp/spool/$arch/done" -type f ! -name README | wc -l)" 2 \
    'both went through done/'
is "$(find "$tmp/spool/$arch"/{new,cur,bad} ! -type d ! -name README \
    ! -name .bell; ls "$tmp/spool/results/.staging"; \
    find "$tmp/scratch/here" -mindepth 1)" '' 'nothing is left on the way'

adtspool export debci --suite unstable -o "$tmp/debci.json"
is "$(json "$tmp/debci.json" 'sorted((r["package"], r["version"], r["status"],
    r["trigger"], r["message"]) for r in d["results"])')" \
    "[('never', None, 'fail', 'other/2', 'It is in never_run'), \
('rejected', None, 'fail', 'other/2', 'It eats disks')]" \
    'britney reads null for the version of what is rejected'
adtspool index
is "$(json "$tmp/spool/results/britney/unstable/debci.json" \
    'sorted((r["package"], r["version"], r["status"])
    for r in d["results"])')" \
    "[('never', None, 'fail'), ('rejected', None, 'fail')]" \
    '... in the index, too'
is "$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT package, version, exitcode "
    "FROM test JOIN result ON test.id = test_id ORDER BY 1").fetchall())' \
    "$tmp/spool/results/britney/autopkgtest.db")" \
    "[('never', 'blacklisted', 99), ('rejected', 'blacklisted', 99)]" \
    '... and blacklisted, 99, in autopkgtest.db'

# What can be run.
package twin allow-stderr isolation-machine
for name in plain needy other twin; do
	echo "$name" >"$tmp/spool/$arch/new/$name"
done
adtspool worker --drain 2>"$tmp/err"
is $? 0 'the rest is run'
is "$(result plain 'd["exit_code"], d["virt_server"]')" "(0, ['$box'])" \
    'what wants no machine runs where all do'
is "$(result needy 'd["exit_code"], d["virt_server"], d["command"][-2:]')" \
    "(0, ['null'], ['--', 'null'])" 'what wants a machine of its own got one'
like "$(zcat "$(run_of needy)/log.gz")" 'test2 +PASS' 'no test was skipped'
like "$(cat "$tmp/err")" \
    'needy: tests were skipped that want a machine .*; again, on vm' \
    "... and the worker's log tells"
is "$(grep -c 'again, on' "$tmp/err")" 1 'nothing else was run twice'
is "$(result twin 'd["exit_code"], d["virt_server"]')" \
    "(0, ['null', '--debug'])" 'the policy names another virt server'
like "$(result other 'd["command"]')" \
    "'--env=E=from-policy', '--timeout-test=77'" \
    'options come from the policy'
like "$(zcat "$(run_of other)/log.gz")" 'E=from-policy' \
    '... and the environment'
is "$(find "$tmp/scratch/here" -mindepth 1)" '' 'nothing is left of two runs'

# It changes while the worker runs.
reason_now() { # what later's newest result says for a reason
	adtspool submit --wait --force later >/dev/null 2>&1
	result later 'd.get("rejected")'
}

package later allow-stderr
start_worker
is "$(reason_now)" None 'what nothing is said of runs'
printf -- '- package: later\n  never: since now\n' >"$tmp/next"
mv "$tmp/next" "$tmp/policy.yaml"
is "$(reason_now)" 'since now' 'a new policy holds from the next request on'
printf -- '- package: later\n  nevr: since then\n' >"$tmp/policy.yaml"
ok 'a broken one is told' wait_until 10 grep -q \
    'policy.yaml:2: unknown key "nevr"; did you mean "never"?; the policy' \
    "$tmp/worker.log"
before=$(run_of later)
is "$(reason_now)" 'since now' '... and the old one holds'
ok '... for what came after it' [ "$(run_of later)" != "$before" ]
rm "$tmp/policy.yaml"
is "$(reason_now)" 'since now' '... as it does where there is none'
echo '- {package: later, env: [E=now]}' >"$tmp/policy.yaml"
is "$(reason_now)" None 'a good one lets it run again'
stop_worker
echo '- later' >"$tmp/policy.yaml"
adtspool worker --drain 2>"$tmp/err"
is "$? $(grep -c 'policy.yaml:1: not a list of rules' "$tmp/err")" '78 1' \
    'no worker starts with a broken policy'

done_testing
