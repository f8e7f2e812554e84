"""What the tests of the command share: running it, and counting."""

import itertools
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
POLICY = str(HERE / "policy.yaml")
KEYS = ["id", "verdict", "code", "enhanced", "text", "reason", "kind", "rule",
        "source", "connector", "recipient", "relay", "needs"]
OK, USAGE, DATA, NO_INPUT, CANNOT_CREATE, IO, DEFER, REJECT, CONFIG = (
    0, 64, 65, 66, 73, 74, 75, 77, 78)
OUTSIDE = ["--client", "203.0.113.9", "--client-names", "none"]
FINGERPRINT = "00112233445566778899AABBCCDDEEFF" * 2

binary = ""  # set by test_command.py
counts = {True: 0, False: 0}
# In a build with AddressSanitizer: looking for leaks takes longer than all
# else, so one run of four does it.
leaks = itertools.cycle(["", *["detect_leaks=0"] * 3])


def expect(name, actual, wanted):
    good = actual == wanted
    counts[good] += 1
    if not good:
        print(f"FAILED {name}\n    got    {actual!r}\n    wanted {wanted!r}")
    return good


def expect_in(name, part, whole):
    expect(f"{name}: {part!r} in {whole!r}", part in whole, True)


def run(*arguments, stdin=b""):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    environment = os.environ | {"ASAN_OPTIONS": next(leaks)}
    result = subprocess.run([binary, *arguments], input=stdin, timeout=60,
                            env=environment, capture_output=True)
    return (result.returncode, result.stdout.decode(),
            result.stderr.decode(errors="replace"))


def batch(*lines, policy=POLICY):
    """Status and answers; a line is text, bytes or a value to be dumped."""
    def octets(line):
        if isinstance(line, bytes):
            return line
        return (line if isinstance(line, str) else json.dumps(line)).encode()
    data = b"".join(octets(line) + b"\n" for line in lines)
    status, out, _ = run("check", policy, "--batch", stdin=data)
    return status, [json.loads(line) for line in out.splitlines()]


def facts(**changes):
    known = {"id": "x", "client": "203.0.113.9", "client_names": [],
             "sender": "a@b.example", "recipient": "c@d.example"}
    known.update(changes)
    return {key: value for key, value in known.items() if value is not ...}


def decide(**changes):
    return batch(facts(**changes))[1][0]
