#!/usr/bin/python3
"""What bash offers behind `mayrelay`.

usage: completion.py COMPLETION PROGRAM
"""
import pathlib
import re
import subprocess
import sys

SCRIPT = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_mayrelay
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(completion, *words):
    output = subprocess.run(["bash", "-c", SCRIPT, "bash", completion, *words],
                            check=True, capture_output=True, encoding="utf-8")
    if output.stderr:
        raise AssertionError(output.stderr)
    return set(output.stdout.split())


def main(completion, program):
    folder = pathlib.Path(program).parent
    results = {True: 0, False: 0}

    def expect(words, choices):
        found = offered(completion, program, *words)
        results[found == choices] += 1
        if found != choices:
            print(f"not ok - {words}: {found ^ choices} in {folder}")

    def helped(*words):
        return subprocess.run([program, *words, "--help"], check=True,
                              capture_output=True, encoding="utf-8").stdout

    commands = set(re.findall(r"^  (\w+) {2,}", helped(), re.M))
    expect([""], commands | {"help", "--help", "--version"})
    expect(["ex"], {"explain"})
    expect(["help", ""], commands)
    for command in commands:
        text = helped(command)
        long = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.M))
        expect([command, "--"], long)
        expect([command, "policy.yaml", "--he"], {"--help"})
        expect([command, ""], set())
    expect(["compile", "p.yaml", "-"],
           {"-o", "--output", "-h", "--help", "--json", "--require", "--trust"})
    expect(["compile", "p.yaml", "-o", ""], set())
    expect(["check", "p.yaml", "--groups", ""], {"none", "tempfail"})
    expect(["check", "p.yaml", "--client-names", "t"], {"tempfail"})
    expect(["check", "p.yaml", "--recipient-exists", ""],
           {"yes", "no", "tempfail"})
    expect(["check", "p.yaml", "--client", ""], set())
    expect(["check", "p.yaml", "--tls", "--cl"],
           {"--client", "--client-name", "--client-names"})
    expect(["nonsense", "--"], set())
    print(f"{results[True]} passed, {results[False]} failed")
    return 1 if results[False] else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
