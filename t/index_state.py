# SPDX-License-Identifier: GPL-2.0-or-later
"""
What an indexer has made of a spool's results, for t/50-index.t.

usage: python3 t/index_state.py runs|listed|told|outputs SPOOL
       python3 t/index_state.py check SPOOL... < OUTPUTS

runs prints the published runs, listed those that the manifests have, told those
that debci.json has, by their paths below results/, sorted; outputs what readers
see, but for the times at which it was written.

check says of each spool what is wrong: that a run is not in each index, or one
that is not there is, that something is left of an indexer that was cut off, or
that readers see something else than OUTPUTS, where these are not empty.
One process looks at many spools, since it is the process that takes the time.
"""
import difflib
import glob
import hashlib
import json
import os
import re
import sqlite3
import sys


def read(path):
    with open(path, "rb") as file:
        return file.read()


def published(results):
    return {os.path.relpath(run, results) for run in
        glob.glob(results + "/autopkgtest/*/*/*/*/*@")}


def in_manifests(results):
    known = set()
    for manifest in sorted(glob.glob(results + "/manifests/2*")):
        for line in read(manifest).decode().splitlines():
            sign, run = line.split()[:2]
            (known.add if sign == "+" else known.discard)(run)
    return known


def in_debci(results):
    known = set()
    for path in glob.glob(results + "/britney/*/debci.json"):
        for r in json.loads(read(path))["results"]:
            name = r["package"]
            if r["status"]:
                known.add("/".join(["autopkgtest", r["suite"], r["arch"],
                    name[:4 if name.startswith("lib") else 1], name,
                    r["run_id"]]))
    return known


def in_packages(results):
    known = set()
    for path in glob.glob(results + "/packages/*/*/*/*/history.json"):
        package = os.path.relpath(os.path.dirname(path), results + "/packages")
        known |= {"autopkgtest/%s/%s" % (package, r["run_id"])
            for r in json.loads(read(path))}
    return known


def scraps(results):
    """What an indexer leaves behind when it was cut off."""
    for folder, _, names in os.walk(results + "/.index"):
        for name in names:
            if re.match(r"(out|gone|rest|role)\.|(new|gone),", name):
                yield os.path.join(folder, name)
    for folder, folders, names in os.walk(results + "/by-version"):
        for name in folders + names:
            path = os.path.join(folder, name)
            if os.path.islink(path) and not os.path.exists(path):
                yield path


def database(path):
    """autopkgtest.db, as readers see it; its bytes tell how often it was
    written."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    for row in db.execute("SELECT release, arch, package, run_id, version,"
            " triggers, duration, exitcode, requester, env FROM result JOIN"
            " test ON test.id = test_id ORDER BY 1, 2, 3, 4"):
        yield "|".join(map(str, row))
    sum = read(path + ".sha256")[:64].decode()
    if sum != hashlib.sha256(read(path)).hexdigest():
        yield "damaged"


def texts(results):
    """The lines of all files that readers see, the file's name before them."""
    for folder in "britney", "status", "packages":
        for path, _, names in sorted(os.walk(results + "/" + folder)):
            for name in sorted(names):
                if name == "README" or name.startswith("autopkgtest.db"):
                    continue
                first, *rest = read(path + "/" + name).decode().split("\n")
                yield os.path.relpath(path, results) + "/" + name
                yield re.sub(r'"(until|since)": [0-9]*', "", first)
                yield from rest


def outputs(results):
    yield from texts(results)
    yield from database(results + "/britney/autopkgtest.db")


def problems(results, wanted):
    runs = published(results)
    for name, known in (("manifests", in_manifests(results)),
            ("debci.json", in_debci(results)),
            ("packages", in_packages(results))):
        yield from ("%s lacks %s" % (name, run) for run in runs - known)
        yield from ("%s has %s" % (name, run) for run in known - runs)
    yield from ("left: " + path for path in scraps(results))
    if wanted:
        yield from difflib.unified_diff(wanted, list(outputs(results)),
            lineterm="", n=0)


def main(command, *spools):
    if command == "check":
        wanted = sys.stdin.read().splitlines()
        for spool in spools:
            for problem in problems(spool + "/results", wanted):
                print(spool + ": " + problem)
        return
    tell = {"runs": published, "listed": in_manifests, "told": in_debci}
    results = spools[0] + "/results"
    for line in (outputs(results) if command == "outputs" else
            sorted(tell[command](results))):
        print(line)


main(*sys.argv[1:])
