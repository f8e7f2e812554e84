#!/usr/bin/python3
"""Decisions that must come out.

    run.py MAYRELAY FOLDER

Runs every policy-X.json with tx-X.jsonl below FOLDER through the batch, and
compares the fields that expected-X.jsonl states, line by line; every
refused-*.json must not load.  Cases named in disputed.txt are listed, and not
counted.
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = 78  # EX_CONFIG: the policy has errors


def run(*arguments, stdin=b""):
    return subprocess.run(arguments, input=stdin, capture_output=True,
                          timeout=120)


def read_disputed():
    lines = (HERE / "disputed.txt").read_text().splitlines()
    return {line.strip() for line in lines
            if line.strip() and not line.startswith("#")}


def differences(expected, actual):
    return [f"{key}: expected {json.dumps(value)}, got "
            f"{json.dumps(actual.get(key, '(nothing)'))}"
            for key, value in expected.items()
            if key not in actual or type(actual[key]) is not type(value)
            or actual[key] != value]


def check_triple(binary, policy, root):
    """Yields (case, differences) for every line of a triple."""
    stem = policy.stem.removeprefix("policy-")
    name = f"{policy.parent.relative_to(root)}/{stem}"
    facts = policy.with_name(f"tx-{stem}.jsonl").read_bytes()
    lines = policy.with_name(f"expected-{stem}.jsonl").read_text().splitlines()
    result = run(binary, "check", str(policy), "--batch", stdin=facts)
    answers = result.stdout.decode().splitlines()
    if result.returncode != 0 or len(answers) != len(lines):
        said = result.stderr.decode(errors="replace").strip()
        yield name, [f"exit {result.returncode}, {len(answers)} answers for "
                     f"{len(lines)} lines: {said}"]
        return
    for expected, answer in zip(map(json.loads, lines), answers):
        yield (f"{name} {expected['id']}",
               differences(expected, json.loads(answer)))


def check_refused(binary, policy, root):
    result = run(binary, "lint", str(policy))
    good = result.returncode == CONFIG
    yield (str(policy.relative_to(root)),
           [] if good else [f"loads: exit {result.returncode}"])


def cases(binary, root):
    for policy in sorted(root.rglob("policy-*.json")):
        yield from check_triple(binary, policy, root)
    for policy in sorted(root.rglob("refused-*.json")):
        yield from check_refused(binary, policy, root)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: run.py MAYRELAY FOLDER")
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    disputed = read_disputed()
    passed = failed = 0
    for case, found in cases(binary, root):
        if case in disputed:
            print(f"disputed {case}: {'; '.join(found) or 'as expected'}")
            continue
        passed += not found
        failed += bool(found)
        if found:
            print(f"FAILED {case}")
            for difference in found:
                print(f"    {difference}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
