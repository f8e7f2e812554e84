#!/usr/bin/python3
"""How many tests a `meson test` ran.

usage: count.py TESTLOG.json

Prints `N passed, M failed`.  A program that prints TAP counts test by test, a
script whose last line is `N passed, M failed` as it says, everything else as
one; and so does a random run, however many decisions it compares.
"""
import json
import re
import sys

TAP = re.compile(r"^(not )?ok\b(.*)$", re.M)
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed\s*\Z", re.M)


def counted(output):
    summary = SUMMARY.search(output)
    if summary:
        return int(summary.group(1)), int(summary.group(2))
    lines = TAP.findall(output)
    failed = sum(bool(wrong) for wrong, _ in lines)
    return len(lines) - failed, failed


def is_random(test):
    suites = test["name"].partition(" / ")[0]
    return "property" in suites.replace(":", "+").split("+")


def count(test):
    passed, failed = counted(test.get("stdout") or "")
    if is_random(test):
        passed = failed = 0
    good = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
    if not passed + failed:
        return int(good and test["result"] != "SKIP"), int(not good)
    # A program that died has failed, whatever it said before.
    return passed, failed or int(not good)


def main(path):
    passed = failed = 0
    with open(path, encoding="utf-8") as log:
        for line in log:
            more = count(json.loads(line))
            passed, failed = passed + more[0], failed + more[1]
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
