#!/usr/bin/python3
"""What bash and zsh offer behind `mayrelay`.

usage: completion.py FOLDER PROGRAM

FOLDER has mayrelay.bash and _mayrelay, the functions of both shells.
"""
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

BASH = """
source "$1/mayrelay.bash"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_mayrelay
printf '%s\\n' "${COMPREPLY[@]}"
"""
# zsh compares with what has been typed by itself.
ZSH = """
fpath=($1 $fpath); shift
_describe() { print -rl -- ${${(P)2}%%:*} }
_files() { }
words=("$@") CURRENT=$#
autoload -U _mayrelay
_mayrelay
"""
PATIENCE = 30  # seconds, for what takes less than one


def bash(folder, words):
    return run(["bash", "-c", BASH, "bash", folder, *words])


def zsh(folder, words):
    return {choice for choice in run(["zsh", "-fc", ZSH, "zsh", folder, *words])
            if choice.startswith(words[-1])}


def run(command):
    output = subprocess.run(command, check=True, capture_output=True,
                            encoding="utf-8", timeout=PATIENCE)
    if output.stderr:
        raise AssertionError(output.stderr)
    return set(output.stdout.split())


def typed_into_zsh(folder, program, text, wanted):
    """Whether a real zsh at a terminal writes `wanted` for `text`."""
    with tempfile.TemporaryDirectory() as home:
        (pathlib.Path(home) / ".zshrc").write_text(
            f"PS1='> '; fpath=({folder} $fpath); path=({program.parent} $path)\n"
            f"autoload -U compinit; compinit -D -u\n", "utf-8")
        process, terminal = pty.fork()
        if process == 0:
            os.environ.update(HOME=home, ZDOTDIR=home, TERM="dumb")
            os.execvp("zsh", ["zsh", "-di"])
        try:
            return told(terminal, text, wanted)
        finally:
            os.kill(process, 9)
            os.waitpid(process, 0)
            os.close(terminal)


def told(terminal, text, wanted):
    seen, end, is_typed = "", time.monotonic() + PATIENCE, False
    while time.monotonic() < end and wanted not in seen:
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
        if not is_typed and "> " in seen:
            os.write(terminal, text.encode())
            is_typed, seen = True, ""
    return wanted in seen


class Test:
    def __init__(self, offered, folder, program):
        self.offered, self.folder, self.program = offered, folder, program
        self.passed = self.failed = 0

    def expect(self, words, choices):
        found = self.offered(self.folder, [str(self.program), *words])
        self.count(found == choices,
                   f"{self.offered.__name__} {words}: {found ^ choices}")

    def count(self, good, what):
        self.passed += good
        self.failed += not good
        if not good:
            print(f"not ok - {what}")

    def helped(self, *words):
        return subprocess.run([self.program, *words, "--help"], check=True,
                              capture_output=True, encoding="utf-8",
                              timeout=PATIENCE).stdout

    def all(self):
        commands = set(re.findall(r"^  (\w+) {2,}", self.helped(), re.M))
        expect = self.expect
        expect([""], commands | {"help", "--help", "--version"})
        expect(["ex"], {"explain"})
        expect(["help", ""], commands)
        for command in commands:
            text = self.helped(command)
            long = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.M))
            expect([command, "--"], long)
            expect([command, "policy.yaml", "--he"], {"--help"})
            expect([command, ""], set())
        expect(["compile", "p.yaml", "-"],
               {"-o", "--output", "-h", "--help", "--json", "--require",
                "--trust"})
        expect(["compile", "p.yaml", "-o", ""], set())
        expect(["check", "p.yaml", "--groups", ""], {"none", "tempfail"})
        expect(["check", "p.yaml", "--client-names", "t"], {"tempfail"})
        expect(["check", "p.yaml", "--recipient-exists", ""],
               {"yes", "no", "tempfail"})
        expect(["check", "p.yaml", "--client", ""], set())
        expect(["check", "p.yaml", "--tls", "--cl"],
               {"--client", "--client-name", "--client-names"})
        expect(["nonsense", "--"], set())


def main(folder, program):
    folder, program = pathlib.Path(folder), pathlib.Path(program).resolve()
    tests = [Test(bash, folder, program), Test(zsh, folder, program)]
    for test in tests:
        test.all()
    for text, wanted in ("expl\t", "explain "), ("check p --tls --clie\t", "nt"):
        tests[1].count(typed_into_zsh(folder, program, f"mayrelay {text}",
                                      wanted), f"typed into zsh: {text}")
    passed = sum(test.passed for test in tests)
    failed = sum(test.failed for test in tests)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
