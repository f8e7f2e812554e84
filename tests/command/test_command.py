#!/usr/bin/python3
"""The mayrelay command: exit statuses, forms of input and output, dialogues.

    test_command.py MAYRELAY LOG-LINES
"""

import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import command_advice
import command_audit
import command_batch
import command_cases
import command_dialogue
import command_diff
import command_dns
import command_findings
import command_kit
import command_log
import command_replay
import support
from support import (CANNOT_CREATE, CONFIG, DEFER, FINGERPRINT, IO, NO_INPUT,
                     OK, OUTSIDE, POLICY, REJECT, USAGE, batch, decide,
                     expect, expect_in, facts, run)


COMMANDS = ("check", "explain", "lint", "audit", "diff", "test", "cases",
            "replay", "compile")


def test_help():
    for words in (["help"], ["--help"], ["-h"]):
        status, out, err = run(*words)
        expect(f"{words} status", (status, err), (OK, ""))
        for command in COMMANDS:
            expect_in(f"{words}", command, out)
    for command in COMMANDS:
        status, out, err = run(command, "--help")
        expect(f"{command} --help", (status, err), (OK, ""))
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS",
                        "EXIT STATUS", "EXAMPLES"):
            expect_in(f"{command} --help", section, out)
        expect(f"help {command}", run("help", command), (OK, out, ""))
        expect(f"{command} --help is narrow",
               [line for line in out.splitlines() if len(line) > 80], [])
    status, out, _ = run("--version")
    expect("--version", (status, bool(re.fullmatch(
        r"mayrelay \d+\.\d+\.\d+\n", out))), (OK, True))


# Words, and what standard error must say of them.
USAGE_ERRORS = [
    ([], "Commands:"),
    (["chekc"], "did you mean 'check'?"),
    (["frobnicate"], "unknown command 'frobnicate'"),
    (["help", "lnit"], "did you mean 'lint'?"),
    (["ch\x1b[31meck"], "unknown command 'ch?[31meck'"),
    (["check"], "which policy?"),
    (["check", POLICY, "other.yaml"], "'other.yaml': one policy is enough"),
    (["check", POLICY, "--clinet", "::1"], "did you mean --client?"),
    (["check", POLICY, "--recip", "a@b"], "did you mean --recipient?"),
    (["check", POLICY, "--quux"], "unknown option --quux"),
    (["check", POLICY, "--smtp"], "unknown option --smtp"),
    (["explain", POLICY, "--batch"], "unknown option --batch"),
    (["lint", POLICY, "--client", "::1"], "unknown option --client"),
    (["lint", POLICY, "-o", "x"], "unknown option -o"),
    (["check", POLICY, "--client"], "--client: a value is missing"),
    (["compile", POLICY, "-o"], "-o: a value is missing"),
    (["check", POLICY, "--tls=yes"], "takes no value"),
    (["check", POLICY, "--client", "10.0.0"], "--client is not an IP address"),
    (["check", POLICY, "--client", "010.0.0.1"], "--client is not an IP"),
    (["check", POLICY, "--client="], "--client is not an IP address"),
    (["check", POLICY, "--client", "::1", "--listener", "here:25"],
     "--listener is not"),
    (["check", POLICY, "--client", "::1", "--listener", "192.0.2.25:65536"],
     "--listener is not"),
    (["check", POLICY, "--client", "::1", "--certificate", "abc"],
     "--certificate is not 64 hexadecimal digits"),
    (["check", POLICY, "--client", "::1", "--client", "::2"], "given twice"),
    (["check", POLICY, "--groups", "all"], "'all' is not none or tempfail"),
    (["check", POLICY, "--groups", "none", "--group", "x"], "beside"),
    (["check", POLICY, "--client-name", "x", "--client-names", "none"],
     "beside"),
    (["check", POLICY, "--recipient-exists", "perhaps"],
     "'perhaps' is not yes, no or tempfail"),
    (["check", POLICY, "--batch", "--tls"], "facts come from standard input"),
    (["explain", POLICY, "--smtp", "--client", "::1", "--sender", "<>"],
     "come from the dialogue"),
    (["compile", POLICY], "which image?"),
]


def test_usage_errors():
    for words, text in USAGE_ERRORS:
        status, out, err = run(*words)
        expect(f"{words} status", (status, out), (USAGE, ""))
        expect_in(f"{words}", text, err)


# Options beside those of an anonymous client from outside without names.
DECISIONS = [
    (["--sender", "a@b.example", "--recipient", "joe@ours.example"],
     OK, "250 2.1.5 "),
    (["--sender", "", "--recipient=joe@old.example"], OK, "250 2.1.5 "),
    (["--sender=<>", "--recipient", "c@d.example"], REJECT, "550 5.7.1 "),
    (["--recipient", "c@d.example"], DEFER, "451 4.3.0 "),
    (["--sender", "a@b.example"], OK, "250 2.0.0 "),
    (["--sender", "forged@ours.example"], REJECT, "530 5.7.0 "),
    ([], OK, "250 2.0.0 "),
    (["--sender", "<>", "--recipient", "j@asked.example"], DEFER, "451 4.4.3 "),
    (["--sender", "<>", "--recipient", "j@asked.example",
      "--recipient-exists", "yes"], OK, "250 2.1.5 "),
    (["--sender", "<>", "--recipient", "j@asked.example",
      "--recipient-exists", "no"], REJECT, "550 5.1.1 "),
    (["--sender", "<>", "--recipient", "j@asked.example",
      "--recipient-exists", "tempfail"], DEFER, "451 4.4.3 "),
    (["--sender", "<>", "--recipient", "c@d.example", "--identity", "Steven"],
     OK, "250 2.1.5 "),
    (["--sender", "<>", "--recipient", "c@d.example", "--identity", "mary"],
     DEFER, "451 4.4.3 "),
    (["--sender", "<>", "--recipient", "c@d.example", "--identity", "mary",
      "--groups", "none"], REJECT, "550 5.7.1 "),
    (["--sender", "<>", "--recipient", "c@d.example", "--identity", "mary",
      "--groups", "tempfail"], DEFER, "451 4.4.3 "),
    (["--sender", "<>", "--recipient", "c@d.example", "--identity", "mary",
      "--group", "others", "--group", "staff"], OK, "250 2.1.5 "),
    (["--sender", "<>", "--recipient", "c@d.example", "--certificate",
      FINGERPRINT], OK, "250 2.1.5 "),
]


def test_check():
    for words, wanted, reply in DECISIONS:
        status, out, err = run("check", POLICY, *OUTSIDE, *words)
        expect(f"check {words}", (status, out[:len(reply)], out.count("\n"),
                                  err), (wanted, reply, 1, ""))
    mail = ["--sender", "<>", "--recipient", "c@d.example"]
    for words, wanted in (
            ([], DEFER),
            (["--client-name", "x.example", "--client-name",
              "mx.inside.example"], OK),
            (["--client-names", "tempfail"], DEFER)):
        status, _, _ = run("check", POLICY, "--client=203.0.113.9", *words,
                           *mail)
        expect(f"names {words}", status, wanted)
    for words, wanted in (([], REJECT), (["--tls"], OK)):
        status, _, _ = run("check", POLICY, "--client", "192.0.2.99",
                           "--client-names=none", *words, *mail)
        expect(f"tls {words}", status, wanted)
    after = run("check", *OUTSIDE, *mail, "--", POLICY)
    expect("the policy last", after, run("check", POLICY, *OUTSIDE, *mail))
    status, out, err = run("check", POLICY, *mail)
    expect("no client", (status, out[:10]), (DEFER, "451 4.3.0 "))
    expect_in("no client", "no --client", err)


def test_json():
    mail = ["--sender", "<>", "--recipient", "c@d.example"]
    status, out, _ = run("check", POLICY, *OUTSIDE, *mail, "--json")
    expect("check --json", status, REJECT)
    expect("check --json", json.loads(out), decide(id=..., sender="<>"))
    status, out, err = run("explain", POLICY, *OUTSIDE, *mail, "--json")
    expect("explain --json", (status, type(json.loads(out)), err),
           (REJECT, dict, ""))
    status, out, err = run("explain", POLICY, *OUTSIDE, *mail)
    expect("explain", (status, out[-1:], len(out.splitlines()) > 3, err),
           (REJECT, "\n", True, ""))
    for client, wanted in (("10.0.0.1", OK), ("192.0.2.67", DEFER)):
        status, _, _ = run("explain", POLICY, "--client", client, *mail)
        expect(f"explain {client}", status, wanted)


BAD_POLICY = "mayrelay: 1\nrealy: {}\ndomains: {inbound: [ours.example]}\n"


def test_load():
    with tempfile.TemporaryDirectory() as folder:
        bad = os.path.join(folder, "bad.yaml")
        pathlib.Path(bad).write_text(BAD_POLICY)
        for words in (["check", bad, "--client", "::1"], ["lint", bad],
                      ["check", bad, "--batch"],
                      ["explain", bad, "--client", "::1"],
                      ["compile", bad, "-o", bad + ".mrp"]):
            status, out, err = run(*words)
            expect(f"{words[0]} bad", (status, out), (CONFIG, ""))
            expect(f"{words[0]} bad: {err}", bool(re.match(
                re.escape(bad) + r":2:\d+: error: .* \[MR\d+\]\n", err)), True)
            expect(f"{words[0]} bad", err.splitlines()[-1],
                   "1 error, 0 warnings")
        expect("no image of a bad policy", os.path.exists(bad + ".mrp"), False)
        status, out, err = run("lint", "--json", bad)
        findings = json.loads(out)
        expect("lint --json", (status, len(findings), err), (CONFIG, 1, ""))
        expect("lint --json", (findings[0]["severity"], findings[0]["file"],
                               findings[0]["line"]), ("error", bad, 2))
        missing = os.path.join(folder, "no\x1bne.yaml")
        for words in (["check", missing], ["lint", missing],
                      ["explain", missing], ["check", folder],
                      ["compile", missing, "-o", bad + ".mrp"]):
            status, out, err = run(*words)
            expect(f"{words} status", (status, out), (NO_INPUT, ""))
            expect(f"{words}: something is said", len(err) > 10, True)
            expect(f"{words}: no control character", "\x1b" in err, False)
        warned = os.path.join(folder, "warned.yaml")
        pathlib.Path(warned).write_text(
            "mayrelay: 1\ndomains: {inbound: [localhost]}\n")
        status, out, err = run("lint", warned)
        expect("warning", (status, out), (OK, ""))
        expect_in("warning", ": warning: ", err)
        expect_in("warning", "0 errors, 1 warning\n", err)
        status, out, err = run("check", warned, "--client", "::1")
        expect("check does not warn", (status, err), (OK, ""))
    expect("lint", run("lint", POLICY), (OK, f"{POLICY}: ok\n", ""))
    expect("lint --json", run("lint", POLICY, "--json"), (OK, "[]\n", ""))


MX = str(support.HERE.parents[1] / "examples/policies/internet-mx.yaml")


def test_scope():
    """Boxes of the example of a mail exchanger, and of our own policy."""
    def scope(policy, *words):
        status, out, _ = run("check", policy, "--scope", *words,
                             "--client-names", "none")
        line = out.splitlines()[-1]
        expect_in("explain ends with the scope", line + "\n",
                  run("explain", policy, *words, "--client-names", "none")[1])
        expect("the same status", status,
               run("check", policy, *words, "--client-names", "none")[0])
        return line.split("scope: ")[1].split("; ")

    mail = ["--listener", "192.0.2.25:25", "--sender", "a@b.example",
            "--recipient"]
    sides = scope(MX, "--client", "203.0.113.9", *mail, "joe@far.example")
    expect("a stranger's box", sides[:3] + sides[4:5],
           ["connector default", "client 198.51.101.0-203.0.113.63",
            "any identity", "recipient foreign, not rerouted, "
            "not always-relay"])
    expect_in("a stranger's box", "sender not in senders of no-spoofing (",
              sides[3])
    words = ["--client", "203.0.113.9", *mail, "joe@far.example"]
    whole = json.loads(run("check", MX, "--scope", "--json", *words)[1])
    expect("as JSON", [whole["reason"], whole["scope"]["client"],
                       whole["scope"]["identity"]],
           ["relay-denied", ["198.51.101.0-203.0.113.63"], []])
    lines = [facts(client="203.0.113.9", listener="192.0.2.25:25",
                   sender=f"{name}@b.example", recipient=f"{name}@{domain}")
             for name, domain in (("a", "far.example"), ("b", "else.example"),
                                  ("b", "example.com"))]
    prints = [json.loads(line)["scope"]["fingerprint"] for line in
              run("check", MX, "--batch", "--scope", stdin="".join(
                  json.dumps(line) + "\n" for line in lines))[1].splitlines()]
    expect("fingerprints", [len(prints[0]), prints[0] == prints[1],
                            prints[1] == prints[2]], [16, True, False])
    expect("of an internal error", run("check", MX, "--scope", "--sender",
                                       "<>")[1].splitlines()[-1],
           "scope: this decision alone, an internal error")
    expect("without", "scope" in run("check", MX, "--json", *words)[1], False)


def test_compile():
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "policy.mrp")
        status, out, err = run("compile", POLICY, "-o", image)
        if not expect("compile", (status, err), (OK, "")):
            return
        size = os.path.getsize(image)
        expect("compile says", bool(re.fullmatch(
            re.escape(f"{image}: {size} bytes, digest ") + "[0-9a-f]+\n",
            out)), True)
        digest = out.split()[-1]
        first = pathlib.Path(image).read_bytes()
        status, out, _ = run("compile", POLICY, "--output=" + image, "--json")
        expect("compile --json", (status, json.loads(out)),
               (OK, {"image": image, "bytes": size, "digest": digest}))
        expect("the same bytes", pathlib.Path(image).read_bytes() == first,
               True)
        expect("lint of an image", run("lint", image),
               (OK, f"{image}: ok\n", ""))
        lines = [facts(), facts(client="10.0.0.1"), facts(identity="mary"),
                 facts(recipient="j@old.example"), {"client": "192.0.2.66"}]
        expect("an image decides the same", batch(*lines, policy=image),
               batch(*lines))
        words = ["--client", "10.0.0.1", "--sender", "<>",
                 "--recipient", "c@d.example"]
        expect("an image explains the same", run("explain", image, *words),
               run("explain", POLICY, *words))
        link = os.path.join(folder, "link.mrp")
        os.symlink(image, link)
        for one, other in ((image, image), (image, link)):
            status, _, err = run("compile", one, "-o", other)
            expect("compile over itself", status, USAGE)
            expect_in("compile over itself", "would replace the policy", err)
        status, out, err = run("compile", POLICY, "-o",
                               os.path.join(folder, "none", "x"))
        expect("unwritable image", (status, out), (CANNOT_CREATE, ""))
        expect_in("unwritable image", "cannot write the image", err)
        damaged = os.path.join(folder, "damaged.mrp")
        pathlib.Path(damaged).write_bytes(first[:len(first) // 2])
        expect("half an image", run("lint", damaged)[0], CONFIG)


def test_output_failures():
    many = (json.dumps(facts()) + "\n").encode() * 5000
    for words, stdin in ((["--version"], b""), (["help"], b""),
                         (["check", POLICY, "--client", "::1"], b""),
                         (["lint", POLICY], b""),
                         (["check", POLICY, "--batch"], many)):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([support.binary, *words], input=stdin,
                                    stdout=full, stderr=subprocess.PIPE,
                                    timeout=60)
        expect(f"{words} full", result.returncode, IO)
        expect_in(f"{words} full", b"cannot write", result.stderr)
    closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", support.binary,
                             "check", POLICY, "--client", "::1"],
                            stderr=subprocess.PIPE, timeout=60)
    expect("closed", closed.returncode, IO)
    reader, writer = os.pipe()
    os.close(reader)
    gone = subprocess.run([support.binary, "check", POLICY, "--batch"],
                          input=many, stdout=writer, stderr=subprocess.PIPE,
                          timeout=60)
    os.close(writer)
    expect("reader gone", gone.returncode, IO)
    for words in (["check", POLICY, "--batch"],
                  ["explain", POLICY, "--smtp", "--client", "::1"]):
        folder = os.open("/", os.O_RDONLY)
        unreadable = subprocess.run([support.binary, *words], stdin=folder,
                                    capture_output=True, timeout=60)
        os.close(folder)
        expect(f"{words} unreadable", unreadable.returncode, IO)


def on_terminal(*words, **environment):
    """Standard error as a terminal sees it."""
    ours, theirs = pty.openpty()
    variables = {key: value for key, value in os.environ.items()
                 if key != "NO_COLOR"}
    subprocess.run([support.binary, *words], stderr=theirs,
                   stdout=subprocess.PIPE, env={**variables, **environment},
                   timeout=60)
    os.close(theirs)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    return text


def test_colour():
    with tempfile.NamedTemporaryFile("w", suffix=": error: .yaml") as bad:
        bad.write(BAD_POLICY)
        bad.flush()
        coloured = on_terminal("lint", bad.name)
        plain = on_terminal("lint", bad.name, NO_COLOR="1")
        expect_in("colour", ": \033[1;31merror\033[0m: ", coloured)
        expect("colour", re.sub("\033\\[[0-9;]*m", "", coloured), plain)
        expect("NO_COLOR", "\033" in plain, False)
        expect("no terminal", "\033" in run("lint", bad.name)[2], False)


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: test_command.py MAYRELAY LOG-LINES [WITHOUT...]")
    support.binary = os.path.abspath(sys.argv[1])
    for module in (sys.modules[__name__], command_advice, command_audit,
                   command_batch, command_cases, command_dialogue, command_diff,
                   command_dns, command_findings, command_kit, command_log,
                   command_replay):
        for name, test in list(vars(module).items()):
            if name.startswith("test_") and module.__name__ not in sys.argv:
                test()
    passed, failed = support.counts[True], support.counts[False]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
