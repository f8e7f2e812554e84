"""--dns: names from a name server on loopback, and only where they matter."""

import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "dns"))

from bad_server import FAULTS, BadServer
from support import DEFER, OK, REJECT, USAGE, expect, expect_in, run

POLICY = """mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{clients: [.good.example]}]}
"""


def client(fault):
    return f"198.18.1.{FAULTS.index(fault) + 1}"


def words(policy, server, fault, recipient):
    return [policy, "--client", client(fault), "--sender", "<>", "--recipient",
            recipient, f"--dns=127.0.0.1:{server.port}"]


def check_decisions(policy, server):
    for fault, recipient, wanted, asks in (
            ("no_fault", "x@far.example", OK, True),
            ("forward_mismatch", "x@far.example", REJECT, True),
            ("servfail", "x@far.example", DEFER, True),
            ("no_fault", "joe@example.com", OK, False),
            ("no_fault", "not an address", REJECT, False)):
        before = server.questions
        status, out, _ = run("check", *words(policy, server, fault, recipient))
        expect(f"--dns {fault} {recipient}", status, wanted)
        expect(f"--dns {fault} {recipient} asks",
               server.questions > before, asks)


def check_explanations(policy, server):
    arguments = words(policy, server, "two_names_one_mismatch", "x@far.example")
    status, out, _ = run("explain", *arguments)
    expect("explain --dns", status, OK)
    expect_in("explain --dns", "host names known: f8.s1.good.example", out)
    expect_in("explain --dns", "\n  A f8.s1.good.example: confirmed\n", out)
    expect_in("explain --dns", "\n  A bad.good.example: mismatch\n", out)
    why = json.loads(run("explain", *arguments, "--json")[1])
    expect("explain --dns --json", why["dns"]["names"], ["f8.s1.good.example"])
    arguments = words(policy, server, "no_fault", "joe@example.com")
    expect("nothing asked", "dns" in json.loads(
        run("explain", *arguments, "--json")[1]), False)


def check_dialogue(policy, server):
    dialogue = "EHLO x\nMAIL FROM:<>\nRCPT TO:<x@far.example>\n"
    arguments = ["explain", policy, "--smtp", "--client", client("no_fault"),
                 f"--dns=127.0.0.1:{server.port}"]
    _, out, _ = run(*arguments, stdin=dialogue)
    expect_in("--smtp --dns", "S: 250 2.1.5", out)
    expect_in("--smtp --dns", "\n      A f1.s1.good.example: confirmed", out)
    steps = [json.loads(line) for line in
             run(*arguments, "--json", stdin=dialogue)[1].splitlines()]
    expect("--smtp --dns --json", steps[-1]["dns"]["known"], True)


def check_errors(policy):
    for arguments, said in ((["--dns=name"], "not a list of"),
                            (["--dns="], "not a list of"),
                            (["--dns", "--client-name", "n.example"],
                             "--dns beside --client-name"),
                            (["--client-names", "none", "--dns"],
                             "--dns beside --client-name")):
        status, _, err = run("check", policy, "--client", "192.0.2.1",
                             *arguments)
        expect(f"{arguments} status", status, USAGE)
        expect_in(f"{arguments}", said, err)


def test_dns():
    server = BadServer()
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(POLICY)
        file.flush()
        if "built without DNS" in run("check", file.name, "--dns")[2]:
            return
        check_decisions(file.name, server)
        check_explanations(file.name, server)
        check_dialogue(file.name, server)
        check_errors(file.name)
