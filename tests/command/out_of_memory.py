#!/usr/bin/python3
"""The command without memory: each of its allocations fails, one at a time, and
from there on all; also those of the libraries underneath.

    out_of_memory.py MAYRELAY-WITH-FAILING-MALLOC

It ends with a status, never by a signal; what is decided is what is decided
with memory, or deferred, or not said at all.
"""

import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from support import (CANNOT_CREATE, CONFIG, DATA, DEFER, FINGERPRINT, IO,
                     NO_INPUT, OK, POLICY, REJECT, counts, expect)

SOFTWARE = 70
SECONDS = 60  # for one run
CLIENT = ["--client", "203.0.113.9", "--client-name", "a.b\u00fccher.example",
          "--certificate", FINGERPRINT[:-1] + "0", "--sender", "<>"]
LINES = [
    {"id": "accepted", "client": "10.1.2.3", "client_names": [],
     "sender": "a@b.example", "recipient": "c@d.example"},
    {"id": "refused", "client": "203.0.113.9", "groups": ["x"] * 9,
     "client_names": ["h.example"], "identity": "joe", "sender": "<>",
     "recipient": "c@b\u00fccher.example"},
    {"id": "deferred", "client": "203.0.113.9", "identity": "joe",
     "sender": "a@b.example", "recipient": "c@d.example"},
    {"id": "wrong", "oops": 1},
]
VERDICTS = {"accepted": "accept", "refused": "reject", "deferred": "defer"}
BATCH = "".join(json.dumps(line) + "\n" for line in LINES).encode()
DIALOGUE = (b"EHLO x\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\n"
            b"RSET\nMAIL FROM:<>\nRCPT TO:<joe@ours.example>\nQUIT\n")
TRAFFIC = (BATCH + b"mayrelay=1 verdict=accept client=10.1.2.3 groups=a groups=b "
           b'sender="<>" recipient=c@d.example\n'
           b'{"mayrelay":1,"verdict":"accept","client":"10.1.2.3",'
           b'"identity":"joe","sender":"","recipient":"c@d.example"}\n')
CHANGED = 1
CASES = """\
defaults: {client: 10.1.2.3, sender: a@b.example, client_names: []}
cases:
  - {recipient: c@d.example, expect: {verdict: accept, needs: []}}
  - {identity: joe, groups: [x], recipient: c@d.example, expect: reject}
"""
FAILURES = {OK, DATA, SOFTWARE, NO_INPUT, CONFIG, IO, CANNOT_CREATE, DEFER}

binary = ""


class Command:
    """A command that is run again and again (failing_main.c)."""

    def __init__(self, words, stdin):
        self.output, self.errors = (tempfile.TemporaryFile() for _ in "12")
        self.control, far = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self.control.settimeout(SECONDS)
        with tempfile.TemporaryFile() as data:
            data.write(stdin)
            data.flush()
            self.process = subprocess.Popen(
                [binary, *words], stdin=data, stdout=self.output,
                stderr=self.errors, pass_fds=(far.fileno(),),
                env=dict(os.environ, FAIL_CONTROL=str(far.fileno())))
        far.close()

    def run(self, at, failures):
        """(status, output, whether allocation number `at` was asked for)"""
        self.control.send(struct.pack("=QQ", at, failures))
        status, calls = struct.unpack("=qQ", self.control.recv(16))
        return (os.waitstatus_to_exitcode(status), whole(self.output),
                calls == 0 or calls >= at)

    def end(self):
        self.control.close()
        expect("the command's process ends", self.process.wait(SECONDS), 0)


def whole(file):
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def check_batch(name, output):
    """What is said of a line is right, or deferred."""
    for line in output.splitlines():
        if not line.endswith(b"}"):
            continue  # where the output broke off
        answer = json.loads(line)
        verdict = answer.get("verdict")
        good = (verdict in (None, "defer") or
                verdict == VERDICTS.get(answer["id"]))
        if not good:
            expect(name, answer, "as with memory")


def check_dialogue(name, output):
    accepted = [line for line in output.splitlines()
                if line.startswith(b"250 2.1.5")]
    if len(accepted) > 1:
        expect(name, accepted, "joe only")


def check_replay(name, output):
    """Never fewer changes than there are without a word on it: a line is
    judged, or counted as one that is not."""
    if not output.endswith(b"}\n"):
        return
    found = json.loads(output)
    lines = found["transactions"] + found["not_understood"]
    expect(f"{name}: every line is told", lines, TRAFFIC.count(b"\n"))
    known = {change["change"] for change in found["changes"]}
    if not found["not_understood"]:
        expect(f"{name}: the changes", "lost" in known, True)


def check_test(name, output):
    """The second case never passes."""
    if b"\nok 2" in output or b'"passed":2' in output:
        expect(name, output, "a failure")


def check_audit(name, output):
    """An open relay is never said to be closed for want of memory."""
    if b"stranger  CLOSED" in output:
        expect(name, output, "OPEN, or nothing")


def check_diff(name, output):
    """A network less is never said to be nothing, nor is one more."""
    if output and not output.startswith(b"STRICTER:"):
        expect(name, output, "STRICTER, or nothing")


def check_nothing(name, output):
    del name, output


def fail_each(name, words, stdin=b"", also=(), check=check_nothing):
    command = Command(words, stdin)
    for failures in (1, 1 << 40):
        at, reached = 1, True
        while reached:
            status, output, reached = command.run(at, failures)
            here = f"{name}, {at} of {failures}"
            if status not in FAILURES | set(also):
                expect(here, (status, whole(command.errors)), FAILURES)
            check(here, output)
            at += 1
        expect(f"{name}: memory is taken", at > 20, True)
        expect(f"{name}: with memory", status in {OK, DATA, *also}, True)
    command.end()


def main():
    global binary
    if len(sys.argv) != 2:
        sys.exit("usage: out_of_memory.py MAYRELAY-WITH-FAILING-MALLOC")
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "policy.mrp")
        bad = os.path.join(folder, "bad.yaml")
        pathlib.Path(bad).write_text("mayrelay: 1\nlist: {}\nlists: [}\n")
        wide = os.path.join(folder, "open.yaml")
        pathlib.Path(wide).write_text(
            "mayrelay: 1\nrelay: {allow: [{clients: [$all, not 10.9.0.0/16],\n"
            "  open-relay: true}]}\n")
        fail_each("audit", ["audit", wide, "--fail-on", "never"],
                  check=check_audit)
        closed = os.path.join(folder, "closed.yaml")
        pathlib.Path(closed).write_text(
            "mayrelay: 1\nrelay: {allow: [{clients: [10.0.0.0/8]}]}\n")
        for policy, also in ((wide, [CHANGED]), (closed, [])):
            expect("no image of what is open", os.path.exists(image), False)
            fail_each("compile closed", ["compile", "--require", "closed",
                                         policy, "-o", image], also=also)
        fail_each("cases", ["cases", closed, "--limit", "1"])
        os.remove(closed)
        fail_each("lint stamped", ["lint", image])
        fail_each("compile", ["compile", POLICY, "-o", image])
        fail_each("lint", ["lint", bad], also=[CONFIG])
        fail_each("check", ["check", image, *CLIENT, "--recipient",
                            "c@d.example"], also=[REJECT])
        fail_each("explain", ["explain", image, *CLIENT, "--recipient",
                              "c@d.example", "--json"], also=[REJECT])
        fail_each("batch", ["check", image, "--batch"], BATCH,
                  check=check_batch)
        cases = os.path.join(folder, "cases.yaml")
        pathlib.Path(cases).write_text(CASES)
        for style in ([], ["--json"]):
            fail_each(f"test {style}", ["test", image, cases, *style],
                      check=check_test, also=[CHANGED])
        os.remove(cases)
        stricter = os.path.join(folder, "stricter.yaml")
        pathlib.Path(stricter).write_text(
            pathlib.Path(POLICY).read_text().replace("10.0.0.0/8, ", ""))
        fail_each("replay", ["replay", image, stricter, "--json"], TRAFFIC,
                  check=check_replay, also=[CHANGED])
        fail_each("diff", ["diff", image, stricter, "--limit", "2"],
                  check=check_diff, also=[CHANGED])
        fail_each("dialogue", ["explain", image, "--smtp", *CLIENT[:4]],
                  DIALOGUE, check=check_dialogue, also=[REJECT])
        expect("no temporary file", sorted(os.listdir(folder)),
               ["bad.yaml", "open.yaml", "policy.mrp", "stricter.yaml"])
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
