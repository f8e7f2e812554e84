"""What opens relays: a scanner, published tests, and addresses that carry a
route to somewhere else.

A stranger has to be refused at RCPT at the latest, and whatever was said to
him, nothing may go to a domain that is not ours.  The controls show that an
open relay would be seen.
"""
import json
import pathlib
import re
import subprocess
import time

import smtp
from checks import wait_until

CASES = pathlib.Path(__file__).resolve().parents[1] / "conformance/cases/relay"
STRANGER, OFFICE = "127.0.0.1", "127.0.2.1"
FAR = "external.test"
CONTROL = "control-"
ROUTES = [f"victim%{FAR}@corp.example", f"{FAR}!victim@corp.example",
          f'"victim@{FAR}"@corp.example', f"@corp.example:victim@{FAR}"]


# -- nmap --------------------------------------------------------------------

def scan(mta, *options):
    """from and to are local parts: with whole addresses every test of nmap's
    is malformed, and an open relay is reported as closed."""
    arguments = {"domain": FAR, "ip": "127.0.0.1", "from": "sender",
                 "to": "victim"}
    return subprocess.run(
        ["nmap", "-Pn", "-n", "-sT", "-v", "-p", str(mta.port), "--script",
         "+smtp-open-relay", "--script-args",
         ",".join(f"smtp-open-relay.{key}={value}"
                  for key, value in arguments.items()),
         *options, "127.0.0.1"],
        capture_output=True, text=True, timeout=120).stdout


def check_nmap(checks, mta):
    closed = scan(mta)
    checks.expect_true(
        f"{mta.name}: nmap finds no open relay:\n{closed}",
        "Server doesn't seem to be an open relay, all tests failed" in closed)
    opened = scan(mta, "-e", "lo", "-S", OFFICE)
    found = re.search(r"Server is an open relay \((\d+)/16 tests\)", opened)
    checks.expect_true(f"{mta.name}: nmap's control, from a client that may "
                       f"relay:\n{opened}", found and int(found.group(1)) > 0)


# -- published tests ---------------------------------------------------------

def lines_of(name):
    return [json.loads(line) for line in
            (CASES / name).read_text("utf-8").splitlines()]


def shapes():
    """Pairs that must be refused, raw: (id, MAIL FROM, RCPT TO).  Cases of
    clients with properties of their own are not among them."""
    for facts, wanted in zip(lines_of("tx-corpus.jsonl"),
                             lines_of("expected-corpus.jsonl")):
        if wanted["verdict"] == "reject" and facts["client"] == "203.0.113.9":
            yield (facts["id"],
                   *(facts[key].replace("192.0.2.25", "127.0.0.1")
                     for key in ("sender", "recipient")))


def send(mta, sender, recipient):
    """From a stranger, the message too if it is let in.  A recipient with a
    line end inside is two commands: both replies have to come, unless the MTA
    hangs up upon the first."""
    with smtp.Client(mta.port, STRANGER) as session:
        session.hello()
        mail = session.ask(f"MAIL FROM:{sender}")
        if mail.code != 250:
            return mail
        session.send(f"RCPT TO:{recipient}")
        replies = [session.read() for _ in range(recipient.count("\r\n") + 1)]
        if any(reply.code == 250 for reply in replies):
            session.message()
        return [reply for reply in replies if reply.code or len(replies) == 1][-1]


def check_shapes(checks, mta):
    for name, sender, recipient in shapes():
        reply = send(mta, sender, recipient)
        taken = name in mta.shapes_taken_as_local
        checks.expect(f"{mta.name}: {name}: {recipient} is "
                      f"{'taken as local' if taken else 'refused'} ({reply})",
                      reply.code // 100, 2 if taken else 5)


# -- where it goes -----------------------------------------------------------

def far_addresses(mta):
    """Where it sends messages at FAR, but for the controls."""
    return sorted({address for address in mta.destinations()
                   if address.rpartition("@")[2].rstrip(".").lower() == FAR
                   and not address.startswith(CONTROL)})


def check_routes(checks, mta):
    for recipient in ROUTES:
        send(mta, "<a@sender.example>", f"<{recipient}>")


def check_destinations(checks, mta):
    """Looks when the control has been seen, which has been sent last."""
    control = f"{CONTROL}{time.monotonic_ns()}@{FAR}"
    with smtp.Client(mta.port, OFFICE) as session:
        session.hello()
        session.ask("MAIL FROM:<a@sender.example>")
        checks.expect(f"{mta.name}: the control may relay",
                      session.ask(f"RCPT TO:<{control}>").code, 250)
        checks.expect(f"{mta.name}: and is sent", session.message().code, 250)
    wait_until(lambda: control in mta.destinations() and mta.is_idle())
    checks.expect_true(f"{mta.name}: the control is seen",
                       control in mta.destinations())
    checks.expect(f"{mta.name}: nothing else goes to {FAR}",
                  far_addresses(mta), [])


def check(checks, mta):
    check_nmap(checks, mta)
    check_shapes(checks, mta)
    check_routes(checks, mta)
    check_destinations(checks, mta)
