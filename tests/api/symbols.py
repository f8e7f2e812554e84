#!/usr/bin/python3
"""What the library exports is what the headers declare, and nothing else.

usage: symbols.py INCLUDE MAP SHARED STATIC

The functions of the public headers must be those of the version script, those
that the shared library exports, each with its version, and those that a static
host sees.  And the library holds no data that can be written to.
"""
import pathlib
import re
import subprocess
import sys

NODE = "MAYRELAY_0.1"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"MAYRELAY_API[^;(]*?\b(mayrelay_\w+)\s*\(")
# Constants that hold addresses are written once by the dynamic linker, which
# then takes the right to write away.
WRITABLE = re.compile(r"^\.(data(?!\.rel\.ro)|bss|tdata|tbss)|^\*COM\*$")


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          encoding="utf-8").stdout


def declared(include):
    names = set()
    for header in pathlib.Path(include).rglob("*.h"):
        names |= set(DECLARATION.findall(
            COMMENT.sub(" ", header.read_text("utf-8"))))
    return names


def listed(version_map):
    return re.findall(r"^\s+(mayrelay_\w+);$",
                      pathlib.Path(version_map).read_text("utf-8"), re.M)


def exported(shared):
    lines = tool("nm", "-D", "--defined-only", "--with-symbol-versions", shared)
    symbols = [line.split()[1:] for line in lines.splitlines()]
    return {name for kind, name in symbols if kind != "A"}


def visible(static):
    lines = tool("nm", "-g", "--defined-only", static).splitlines()
    return {line.split()[2] for line in lines if len(line.split()) == 3}


def writable(static):
    for line in tool("objdump", "-t", static).splitlines():
        fields = line.split()
        if len(fields) >= 4 and " O " in line and WRITABLE.match(fields[-3]):
            yield fields[-1]


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def equal(self, what, left, right):
        if left == right:
            self.passed += 1
            return
        self.failed += 1
        print(f"not ok - {what}: {sorted(set(left) ^ set(right))}")


def main(arguments):
    if len(arguments) != 5:
        sys.exit(__doc__)
    include, version_map, shared, static = arguments[1:]
    public, mapped = declared(include), listed(version_map)
    results = Results()
    results.equal("the map is sorted", mapped, sorted(set(mapped)))
    results.equal("the map is what the headers declare", set(mapped), public)
    results.equal("the library exports what the headers declare",
                  exported(shared), {f"{name}@@{NODE}" for name in public})
    results.equal("the archive shows what the headers declare",
                  visible(static), public)
    results.equal("no data can be written to", set(writable(static)), set())
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
