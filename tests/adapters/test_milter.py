#!/usr/bin/python3
"""mayrelay-milter, by a mail server that is played: what it makes of macros,
and what only threads, signals and files that change can show.  The real mail
servers are in tests/mta.

usage: test_milter.py MAYRELAY-MILTER
"""
import pathlib
import signal
import sys
import tempfile
import threading
import time

import adapter
from adapter import (DELAYS, FAILING, LONGEST, NAMELESS, RECORDS, SLOW, TRUSTED,
                     comes, expect, status_of)
import dns_server
from dns_server import reverse
import milter_client
from milter_client import CONTINUE, POSTFIX, REJECT, SENDMAIL, TEMPFAIL

PRINT = ":".join(["AB"] * 32)
POLICY = f"""\
mayrelay: 1
domains:
  inbound: [example.com]
  always-relay: [new.example]
  reroute: {{old.example: new.example, older.example: example.com}}
connect: {{deny: [{{clients: [127.0.0.66]}}]}}
relay:
  allow:
    - {{name: office, clients: [127.0.0.2, 2001:db8::2]}}
    - {{name: listed, clients: ['file:list.txt']}}
    - {{name: staff, users: [joe, a+b, a+2Bb]}}
    - {{name: encrypted, clients: [127.0.0.7], tls: true}}
    - {{name: certified, certificates: ['{PRINT}']}}
    - {{name: inside, listeners: [192.0.2.25, '10.0.0.25:587', '2001:db8::25'],
       clients: [127.0.0.8]}}
    - {{name: trusted, clients: [.trusted.example]}}
"""
OFFICE, OFFICE6, LISTED, OTHER, REFUSED = (
    "127.0.0.2", "2001:db8::2", "127.0.0.3", "127.0.0.4", "127.0.0.66")
NOBODY = "192.0.2.1\n"  # as a list
OURS, FAR = "<joe@example.com>", "<kate@far.example>"

DENIED = "550 5.7.1 Unable to relay for kate@far.example"
UNKNOWN, ERROR = "451 4.4.3", "451 4.3.0 Internal error, try again later"


class Milter(adapter.Adapter):
    def __init__(self, program, folder, *options):
        self.path = f"{folder}/socket"
        super().__init__(program, folder, POLICY, "--listen",
                         f"unix:{self.path}", *options)
        self.write("list.txt", LISTED + "\n")

    def start(self, **how):
        super().start(**how)
        return comes(lambda: self.is_up() or self.process.poll() is not None)

    def is_up(self):
        try:
            with self.connect():
                return True
        except OSError:
            return False

    def connect(self, **how):
        return milter_client.Connection(self.path, LONGEST, **how)

    def decide(self, client, recipient, macros=None, mail=None, **route):
        with self.connect() as mta:
            first = [mta.connect(client, macros), mta.mail(**mail or {})]
            return (mta.rcpt(recipient, **route)
                    if first == [CONTINUE, CONTINUE] else first)


def test_negotiation(milter):
    with milter.connect() as mta:
        for macro in (b"{auth_authen}", b"{rcpt_addr}", b"{daemon_port}"):
            expect(f"it asks for {macro}", macro in mta.negotiated, True)
    with milter.connect(actions=milter_client.ADD_RECIPIENT) as mta:
        expect("a mail server without macros is not served",
               mta.negotiated, None)
    with milter.connect() as mta:
        expect("nobody waits at connect", mta.waits_for_connect(), False)
    steps = milter_client.ALL_STEPS & ~milter_client.SILENT_CONNECT
    with milter.connect(steps=steps) as mta:
        expect("who has to is answered", [
            mta.waits_for_connect(), mta.connect(OFFICE), mta.mail(),
            mta.rcpt(FAR)], [True, CONTINUE, CONTINUE, CONTINUE])


def test_decisions(milter):
    for client, recipient, wanted in [
            (OFFICE, OURS, CONTINUE), (OFFICE, FAR, CONTINUE),
            (OFFICE6, FAR, CONTINUE), ("::ffff:127.0.0.2", FAR, CONTINUE),
            (OTHER, OURS, CONTINUE), (OTHER, FAR, DENIED),
            ("2001:db8::3", FAR, DENIED), (LISTED, FAR, CONTINUE)]:
        expect(f"{client} to {recipient}", milter.decide(client, recipient),
               wanted)
    expect("refused at MAIL", milter.decide(REFUSED, OURS), [
        CONTINUE, "554 5.7.1 Connection from 127.0.0.66 refused"])
    expect("a client without an address", milter.decide(None, OURS),
           [CONTINUE, ERROR])
    expect("every decision is logged", milter.logs("kate@far.example"), True)


def test_replies(milter):
    """libmilter's MTAs take replies for formats."""
    expect("percent signs are doubled", milter.decide(
        OTHER, "<a%b%c@example.com>"),
           "550 5.7.1 Source routing is refused: a%%b%%c@example.com")


def test_identity(milter):
    def decide(macros, **mail):
        return milter.decide(OTHER, FAR, macros, mail)
    expect("who has signed in", decide(POSTFIX, auth_authen="joe"), CONTINUE)
    expect("another", decide(POSTFIX, auth_authen="jim"), DENIED)
    expect("Postfix says it as it is",
           [decide(POSTFIX, auth_authen=user) for user in
            ("a+b", "a+2Bb", "a+2Bc")], [CONTINUE, CONTINUE, DENIED])
    expect("sendmail says it in xtext",
           [decide(SENDMAIL, auth_authen=user) for user in
            ("a+2Bb", "a+2B2Bb", "+6Aoe")], [CONTINUE, CONTINUE, CONTINUE])
    expect("xtext that is none", [
        decide(SENDMAIL, auth_authen=user) for user in
        ("joe+", "joe+2", "joe+2b", "joe+00", "x" * 5000)],
           [[CONTINUE, TEMPFAIL]] * 5)
    with milter.connect() as mta:
        expect("signed in", [mta.connect(OTHER), mta.mail(auth_authen="joe"),
                             mta.rcpt(FAR)], [CONTINUE] * 3)
        mta.abort()
        expect("and no longer, as behind STARTTLS",
               [mta.mail(), mta.rcpt(FAR)], [CONTINUE, DENIED])


def test_tls(milter):
    def decide(client, **mail):
        return milter.decide(client, FAR, SENDMAIL, mail)
    expect("in the clear", decide("127.0.0.7"), DENIED)
    expect("encrypted", decide("127.0.0.7", tls_version="TLSv1.3"), CONTINUE)
    for name, mail, wanted in [
            ("verified", {"cert_fp": PRINT, "verify": "OK"}, CONTINUE),
            ("not verified", {"cert_fp": PRINT, "verify": "FAIL"}, DENIED),
            ("not said", {"cert_fp": PRINT}, DENIED),
            ("another", {"cert_fp": PRINT.replace("AB", "AC"),
                         "verify": "OK"}, DENIED),
            ("MD5", {"cert_fp": PRINT[:47], "verify": "OK"}, DENIED)]:
        expect(f"a certificate, {name}",
               decide(OTHER, tls_version="TLSv1.3", **mail), wanted)
    expect("a certificate, in the clear",
           decide(OTHER, cert_fp=PRINT, verify="OK"), DENIED)


def test_listener(milter):
    def decide(address, port, more=()):
        macros = {"v": "x", "{daemon_addr}": address, "{daemon_port}": port}
        return milter.decide("127.0.0.8", FAR, {**macros, **dict(more)})
    expect("by address", decide("192.0.2.25", "25"), CONTINUE)
    expect("by port", [decide("10.0.0.25", "587"), decide("10.0.0.25", "25")],
           [CONTINUE, DENIED])
    expect("IPv6", [decide("2001:db8::25", "25"),
                    decide("IPv6:2001:db8::25", "25")], [CONTINUE, CONTINUE])
    expect("sendmail's", decide("0.0.0.0", "25", SENDMAIL.items()), CONTINUE)
    expect("without port", milter.decide(
        "127.0.0.8", FAR, {"{daemon_addr}": "192.0.2.25"}), CONTINUE)
    expect("not said", milter.decide("127.0.0.8", FAR, {"v": "x"}),
           [CONTINUE, ERROR])


def test_route(milter):
    """Where the mail server will send it counts as much as what it is told."""
    def decide(recipient, route, **how):
        return milter.decide(OTHER, recipient, route=route, **how)
    expect("as it is told", decide(OURS, "joe@example.com"), CONTINUE)
    expect("elsewhere", decide(OURS, "kate@far.example"), DENIED)
    expect("elsewhere, with a final dot", decide(OURS, "kate@far.example."),
           DENIED)
    expect("elsewhere, user and host apart",
           decide(OURS, "kate", host="far.example", mailer="uucp"), DENIED)
    expect("kept here", [
        decide(OURS, "joe", host="", mailer="local"),
        decide(OURS, "joe", host="x", mailer="local"),
        decide(OURS, "joe", host="localhost", mailer="cyrus")], [CONTINUE] * 3)
    expect("kept here, and refused", decide(FAR, "kate", mailer="local"),
           DENIED)
    expect("not said", decide(OURS, ""), TEMPFAIL)
    expect("too long", decide(OURS, "x" * 1100 + "@example.com"), TEMPFAIL)
    expect("for whom may relay", milter.decide(
        OFFICE, OURS, route="kate@far.example"), CONTINUE)


def test_reroute(milter):
    with milter.connect() as mta:
        expect("accepted", [
            mta.connect(OTHER), mta.mail(), mta.rcpt("<a@OLD.example>"),
            mta.rcpt(OURS), mta.rcpt(FAR), mta.rcpt("<b@older.example>"),
            mta.rcpt(OURS, route="c@old.example")],
               [CONTINUE] * 4 + [DENIED] + [CONTINUE] * 2)
        expect("replaced", mta.message(), ([
            ("delete", OURS), ("add", "<c@new.example>"),
            ("delete", "<b@older.example>"), ("add", "<b@example.com>"),
            ("delete", "<a@OLD.example>"), ("add", "<a@new.example>")],
                                           CONTINUE))
        expect("the next message", [
            mta.mail(), mta.rcpt("<a@old.example>")], [CONTINUE] * 2)
        mta.abort()
        expect("has nothing of one that was dropped", [
            mta.mail(), mta.rcpt(OURS), mta.message()],
               [CONTINUE, CONTINUE, ([], CONTINUE)])
        mta.next_client()
        expect("nor has the next client", [
            mta.connect(OFFICE), mta.mail(), mta.rcpt(FAR), mta.message()],
               [CONTINUE, CONTINUE, CONTINUE, ([], CONTINUE)])


def test_dns(milter):
    for client, wanted in [(TRUSTED, CONTINUE), (NAMELESS, DENIED)]:
        expect(f"{client} by name", milter.decide(client, FAR), wanted)
    expect("DNS has failed", milter.decide(FAILING, FAR)[:9], UNKNOWN)
    expect("and does not matter", milter.decide(FAILING, OURS), CONTINUE)
    answers = []

    def decide():
        answers.append(milter.decide(SLOW, FAR))

    start = time.monotonic()
    waiting = [threading.Thread(target=decide) for _ in range(8)]
    for thread in waiting:
        thread.start()
    expect("others are served", milter.decide(OFFICE, FAR), CONTINUE)
    meanwhile = time.monotonic() - start
    for thread in waiting:
        thread.join()
    expect("all have waited", answers, [CONTINUE] * 8)
    expect("and not the others", meanwhile < DELAYS[reverse(SLOW)] <=
           time.monotonic() - start, True)


def test_reload(milter):
    with milter.connect() as mta:
        expect("under the first policy", [
            mta.connect(OTHER), mta.mail(), mta.rcpt(FAR)],
               [CONTINUE, CONTINUE, DENIED])
        milter.write("list.txt", f"{LISTED}\n{OTHER}\n")
        expect("the list is noticed", milter.says("a new policy is in force"),
               True)
        expect("for new clients", milter.decide(OTHER, FAR), CONTINUE)
        expect("not for old ones", mta.rcpt(FAR), DENIED)
    milter.write("policy.yaml", POLICY + "nonsense\n")
    expect("an error is noticed", milter.says("the old policy stays in force"),
           True)
    milter.hang_up()
    expect("SIGHUP reloads", milter.says("the old policy stays in force", 2),
           True)
    expect("and the policy stays", milter.decide(OTHER, FAR), CONTINUE)
    milter.write("list.txt", LISTED + "\n")
    milter.write("policy.yaml", POLICY)
    expect("the end of the error is noticed",
           milter.says("a new policy is in force", 2), True)
    expect("for new clients again", milter.decide(OTHER, FAR), DENIED)


def test_log_rotation(milter):
    (milter.folder / "log").rename(milter.folder / "log.1")
    milter.hang_up()
    expect("the log is opened anew", comes((milter.folder / "log").exists),
           True)
    expect("decided", milter.decide(OTHER, "<new@far.example>")[:3], "550")
    expect("and written", milter.logs("new@far.example"), True)
    adapter.check_spoilt_log(milter)


def test_many(milter):
    """Threads that decide, wait for DNS and come and go, under policies that
    come and go: each client is judged by one of them."""
    over, wrong, served = threading.Event(), [], set()

    def decide_often():
        while not over.is_set():
            with milter.connect() as mta:
                got = [mta.connect(OTHER), mta.mail()]
                codes = {mta.rcpt(FAR) for _ in range(5)}
                mta.abort()
                mta.next_client()
                got += [mta.connect(TRUSTED), mta.mail(), mta.rcpt(FAR), mta.rcpt("<x@old.example>")]
                mta.message()
            served.update(codes)
            if got != [CONTINUE] * 6 or len(codes) != 1:
                wrong.append((got, codes))

    threads = [threading.Thread(target=decide_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    before = milter.read("said").count("a new policy is in force")
    for i in range(6):
        milter.write("list.txt", NOBODY if i % 2 else f"{OTHER}\n")
        milter.says("a new policy is in force", before + i + 1)
        milter.hang_up()
    over.set()
    for thread in threads:
        thread.join()
    expect("every client had one policy", wrong, [])
    expect("and some had each", served, {CONTINUE, DENIED})
    milter.write("list.txt", LISTED + "\n")
    expect("the last one", milter.says("a new policy is in force", before + 7),
           True)


def test_killed(milter):
    with milter.connect() as mta:
        expect("a client", [mta.connect(OFFICE), mta.mail()], [CONTINUE] * 2)
        expect("killed", milter.kill(), -signal.SIGKILL)
        expect("says nothing", mta.answer(), None)
    expect("restarted where it was", milter.start(), True)
    expect("it serves", milter.decide(OFFICE, FAR), CONTINUE)


def test_descriptors(milter):
    """Clients leave nothing behind, and there were more than these."""
    held = [milter.connect() for _ in range(30)]
    for mta in held:
        mta.connect(OTHER)
    expect("thirty are there", milter.descriptors() >= 30, True)
    for mta in held:
        with mta:
            pass
    expect("and gone", comes(lambda: milter.descriptors() < 20), True)


def test_usage(program, folder):
    policy, place = f"--policy={folder}/policy.yaml", f"unix:{folder}/usage"
    for name, arguments, wanted in [
            ("help", ["--help"], 0), ("nothing", [], 64),
            ("no policy", ["--listen", place], 64),
            ("no place", [policy], 64), ("an operand", [policy, "x"], 64),
            ("an unknown option", [policy, "--nonsense"], 64),
            ("a deadline", [policy, "--dns-deadline", "0"], 64),
            ("a deadline with more", [policy, "--dns-deadline", "1s"], 64),
            ("a format", [policy, "--log-format", "xml"], 64),
            ("check", [policy, "--check"], 0),
            ("check of none", ["--policy", f"{folder}/none", "--check"], 78),
            ("check of a text", [policy, "--require-closed",
                                "--check"], 78),
            ("a missing policy",
             ["--policy", f"{folder}/none", "--listen", place], 78),
            ("servers", [policy, "--listen", place, "--dns=x"], 78),
            ("a place that is none", [policy, "--listen", "unix:/none/x"], 69)]:
        expect(f"usage: {name}", status_of(program, *arguments), wanted)


def test_without_dns(program, folder):
    milter = Milter(program, folder)
    expect("it starts", milter.start(), True)
    expect("by name", milter.decide(TRUSTED, FAR)[:9], UNKNOWN)
    expect("by address", milter.decide(OFFICE, FAR), CONTINUE)
    expect("it has warned", milter.says("there are host names, and no --dns"),
           True)
    expect("it ends", milter.end(), 0)


def main(program):
    dns = dns_server.Server(RECORDS, DELAYS)
    with tempfile.TemporaryDirectory() as folder:
        milter = Milter(program, folder, f"--dns=127.0.0.1:{dns.port}")
        expect("it starts", milter.start(), True)
        try:
            for test in (test_negotiation, test_decisions, test_replies,
                         test_identity, test_tls, test_listener, test_route,
                         test_reroute, test_dns, test_reload,
                         test_log_rotation, test_many, test_killed,
                         test_descriptors):
                test(milter)
            expect("SIGTERM ends it", milter.end(), 0)
        finally:
            milter.process.kill()
        test_usage(program, folder)
    with tempfile.TemporaryDirectory() as folder:
        test_without_dns(program, folder)
    return adapter.finish()


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
