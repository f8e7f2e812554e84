#!/usr/bin/python3
"""The example policies decide as their case tables say.

usage: examples.py MAYRELAY POLICIES CASES

POLICIES/NAME.yaml is run over the transactions of CASES/NAME.tx.jsonl; each
answer must agree with its line of CASES/NAME.expected.jsonl in the fields that
are there.  Every policy has a table, and lints without an error.  The cases in
POLICIES/cases/NAME.yaml pass, and leave no rule of NAME.yaml out.
"""
import json
import pathlib
import subprocess
import sys

MINIMUM = 10        # cases a table must have, of all three verdicts
TIMEOUT = 60


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, good, name, why=""):
        if good:
            self.passed += 1
            return
        self.failed += 1
        print(f"not ok - {name}: {why}")


def run(command, text=""):
    return subprocess.run(command, input=text, capture_output=True, text=True,
                          encoding="utf-8", timeout=TIMEOUT)


def read_lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def differences(wanted, got):
    return ", ".join(f"{key} is {got.get(key, 'missing')!r}, not {value!r}"
                     for key, value in wanted.items()
                     if key not in got or got[key] != value)


def check_lint(results, binary, policy):
    lint = run([binary, "lint", str(policy)])
    results.check(lint.returncode == 0, f"{policy.name} lints",
                  f"exit {lint.returncode}: {lint.stdout}{lint.stderr}")


def check_table(results, name, wanted):
    verdicts = {line["verdict"] for line in wanted}
    results.check(len(wanted) >= MINIMUM, f"{name} has enough cases",
                  f"{len(wanted)} of {MINIMUM}")
    results.check(verdicts == {"accept", "defer", "reject"},
                  f"{name} has every verdict", f"only {sorted(verdicts)}")


def check_decisions(results, binary, policy, cases):
    facts = cases / f"{policy.stem}.tx.jsonl"
    wanted = read_lines(cases / f"{policy.stem}.expected.jsonl")
    check_table(results, policy.name, wanted)
    answer = run([binary, "check", str(policy), "--batch"],
                 facts.read_text("utf-8"))
    got = [json.loads(line) for line in answer.stdout.splitlines()]
    results.check(answer.returncode == 0, f"{policy.name} runs",
                  f"exit {answer.returncode}: {answer.stderr}")
    results.check(len(got) == len(wanted), f"{policy.name} answers all",
                  f"{len(got)} of {len(wanted)}")
    for want, have in zip(wanted, got):
        wrong = differences(want, have)
        results.check(not wrong, f"{policy.name} {want['id']}", wrong)


def check_cases(results, binary, policies):
    for cases in sorted((policies / "cases").glob("*.yaml")):
        test = run([binary, "test", str(policies / cases.name), str(cases),
                    "--require-coverage"])
        results.check(test.returncode == 0, f"{cases.name} passes",
                      f"exit {test.returncode}: {test.stdout}{test.stderr}")
        results.check("\nok 10 - " in test.stdout,
                      f"{cases.name} has enough cases", test.stdout)


def main(arguments):
    if len(arguments) != 4:
        sys.exit(__doc__)
    binary, policies, cases = arguments[1], *map(pathlib.Path, arguments[2:])
    results = Results()
    for policy in sorted(policies.glob("*.yaml")):
        check_lint(results, binary, policy)
        check_decisions(results, binary, policy, cases)
    check_cases(results, binary, policies)
    results.check(results.passed > 0, "examples", f"no policy in {policies}")
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
