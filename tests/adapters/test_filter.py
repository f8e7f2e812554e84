#!/usr/bin/python3
"""filter-mayrelay, by an smtpd that is played: what it makes of lines, AUTH and
TLS included, which Debian 12's OpenSMTPD cannot show (tests/mta has the rest).

usage: test_filter.py FILTER-MAYRELAY
"""
import itertools
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

import adapter
from adapter import (DELAYS, FAILING, LONGEST, NAMELESS, RECORDS, SLOW, TRUSTED,
                     comes, expect, status_of)
import dns_server
from dns_server import reverse

POLICY = """\
mayrelay: 1
domains:
  inbound: [example.com]
  reroute: {old.example: example.com}
connect: {deny: [{clients: [127.0.0.66]}]}
submit: {deny: [{senders: [bad.example]}]}
relay:
  allow:
    - {name: office, clients: [127.0.0.2, 2001:db8::2]}
    - {name: listed, clients: ['file:list.txt']}
    - {name: staff, users: [joe, '/j\\|pass/', '/corp\\\\jim/', ann lee]}
    - {name: encrypted, clients: [127.0.0.7], tls: true}
    - {name: inside, listeners: ['10.0.0.25:587', '[2001:db8::25]:587'],
       clients: [127.0.0.8]}
    - {name: trusted, clients: [.trusted.example]}
"""
OFFICE, OFFICE6, LISTED, OTHER, REFUSED = (
    "127.0.0.2", "[2001:db8::2]", "127.0.0.3", "127.0.0.4", "127.0.0.66")
OURS, FAR = "joe@example.com", "kate@far.example"

PROCEED = "proceed"
DENIED = "reject|550 5.7.1 Unable to relay for kate@far.example"
ERROR = "reject|451 4.3.0 Internal error, try again later"
AT_CONNECT = "disconnect|421 4.3.0 Internal error, try again later"
UNKNOWN = "reject|451 4.4.3"
REGISTERED = [
    "register|report|smtp-in|link-connect", "register|report|smtp-in|link-tls",
    "register|report|smtp-in|link-auth",
    "register|report|smtp-in|link-disconnect",
    "register|filter|smtp-in|connect", "register|filter|smtp-in|mail-from",
    "register|filter|smtp-in|rcpt-to", "register|ready"]


class Filter(adapter.Adapter):
    def __init__(self, program, folder, *options):
        super().__init__(program, folder, POLICY, *options)
        self.write("list.txt", LISTED + "\n")
        self.numbers = itertools.count(0x10c8779000000001)

    def start(self, **how):
        super().start(stdin=subprocess.PIPE, stdout=subprocess.PIPE, **how)
        self.received = b""
        self.version = "0.6"
        self.send("config|smtpd-version|7.4.0", "config|protocol|0.6",
                  "config|subsystem|smtp-in", "config|ready")

    def send(self, *lines):
        self.process.stdin.write(
            "".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()

    def line(self, timeout=LONGEST):
        """The next line it says; None: nothing came."""
        end = time.monotonic() + timeout
        while b"\n" not in self.received:
            out = self.process.stdout.fileno()
            if not select.select([out], [], [],
                                 max(end - time.monotonic(), 0))[0]:
                return None
            more = os.read(out, 65536)
            if not more:
                return None
            self.received += more
        line, self.received = self.received.split(b"\n", 1)
        return line.decode()


class Session:
    """A client of smtpd."""

    def __init__(self, filter_, client, listener="127.0.0.1:25",
                 rdns="client.example", fcrdns="pass"):
        self.filter = filter_
        self.id = f"{next(filter_.numbers):016x}"
        self.tokens = itertools.count(1)
        self.report("link-connect", rdns, fcrdns, f"{client}:4711", listener)

    def report(self, event, *fields):
        self.filter.send("|".join(
            ["report", self.filter.version, "1700000000.000001", "smtp-in",
             event, self.id, *fields]))

    def query(self, phase, *fields):
        """Sends it, and gives how the answer has to begin."""
        token = f"{next(self.tokens):016x}"
        self.filter.send("|".join(
            ["filter", self.filter.version, "1700000000.000002", "smtp-in",
             phase, self.id, token, *fields]))
        return f"filter-result|{self.id}|{token}|"

    def ask(self, phase, *fields):
        begin = self.query(phase, *fields)
        line = self.filter.line() or ""
        return line[len(begin):] if line.startswith(begin) else line

    def connect(self):
        return self.ask("connect", "client.example", "127.0.0.1")

    def mail(self, sender="a@sender.example"):
        return self.ask("mail-from", sender)

    def rcpt(self, recipient):
        return self.ask("rcpt-to", recipient)

    def decide(self, recipient=FAR):
        """The first answer that is not to proceed."""
        answers = [self.connect(), self.mail(), self.rcpt(recipient)]
        return next((said for said in answers if said != PROCEED), PROCEED)


def test_register(filter_):
    expect("it registers", [filter_.line() for _ in REGISTERED], REGISTERED)


def test_decisions(filter_):
    for client, recipient, wanted in [
            (OFFICE, OURS, PROCEED), (OFFICE, FAR, PROCEED),
            (OFFICE6, FAR, PROCEED), ("[::ffff:127.0.0.2]", FAR, PROCEED),
            (OTHER, OURS, PROCEED), (OTHER, FAR, DENIED),
            ("[2001:db8::3]", FAR, DENIED), (LISTED, FAR, PROCEED),
            (OTHER, "a|b%c@example.com",
             "reject|550 5.7.1 Source routing is refused: a|b%c@example.com"),
            (OTHER, "x@old.example", "rewrite|<x@example.com>"),
            (OTHER, "x@OLD.example", "rewrite|<x@example.com>"),
            (OTHER, "postmaster", PROCEED), (OTHER, "", "reject|501 5.1.3"),
            (OFFICE, "@example.com:x@FAR.example", PROCEED)]:
        said = Session(filter_, client).decide(recipient)
        expect(f"{client} to {recipient}", said[:len(wanted)], wanted)
    expect("refused at once", Session(filter_, REFUSED).connect(),
           "disconnect|554 5.7.1 Connection from 127.0.0.66 refused")
    session = Session(filter_, OFFICE)
    expect("senders", [session.connect(), session.mail("x@bad.example"),
                       session.mail("")],
           [PROCEED, "reject|550 5.7.1 You may not submit mail here as x@bad.example",
            PROCEED])
    expect("every decision is logged", filter_.logs("kate@far.example"), True)


def test_sign_in(filter_):
    """The order of name and result has changed, and names are the client's."""
    for version, fields, wanted in [
            ("0.6", ("joe", "pass"), PROCEED), ("0.6", ("joe", "fail"), DENIED),
            ("0.6", ("joe", "error"), DENIED), ("0.6", ("jim", "pass"), DENIED),
            ("0.6", ("pass", "joe"), DENIED),
            ("0.6", ("joe|pass", "fail"), DENIED),
            ("0.6", ("j|pass", "pass"), PROCEED),
            ("0.6", ("corp\\\\jim", "pass"), PROCEED),
            ("0.6", ("corp\\jim", "pass"), AT_CONNECT),
            ("0.6", ("ann\\040lee", "pass"), PROCEED),
            ("0.6", ("ann\\04", "pass"), AT_CONNECT),
            ("0.6", ("joe\\000", "pass"), AT_CONNECT),
            ("0.6", ("jo\\M-e", "pass"), AT_CONNECT),
            ("0.5", ("joe", "pass"), PROCEED),
            ("0.7", ("pass", "joe"), PROCEED), ("0.7", ("fail", "joe"), DENIED),
            ("0.7", ("joe", "pass"), DENIED),
            ("0.7", ("fail", "x|pass|joe"), DENIED),
            ("0.7", ("pass", "j|pass"), PROCEED),
            ("0.10", ("pass", "joe"), PROCEED),
            ("0.10", ("joe", "pass"), DENIED)]:
        filter_.version = version
        session = Session(filter_, OTHER)
        session.report("link-auth", *fields)
        expect(f"{version}: {fields}", session.decide(), wanted)
    filter_.version = "0.6"
    session = Session(filter_, OTHER)
    session.report("link-auth", "joe", "pass")
    session.report("link-tls", "TLSv1.3:TLS_AES_256_GCM_SHA384:256")
    expect("behind STARTTLS nobody is signed in", session.decide(), DENIED)


def test_tls(filter_):
    session = Session(filter_, "127.0.0.7")
    expect("in the clear", session.decide(), DENIED)
    session.report("link-tls", "TLSv1.3:TLS_AES_256_GCM_SHA384:256")
    expect("encrypted", [session.mail(), session.rcpt(FAR)], [PROCEED] * 2)


def test_listener(filter_):
    for listener, wanted in [("10.0.0.25:587", PROCEED),
                             ("10.0.0.25:25", DENIED),
                             ("[2001:db8::25]:587", PROCEED)]:
        expect(listener, Session(filter_, "127.0.0.8", listener).decide(),
               wanted)
    expect("a local socket", Session(
        filter_, "unix", "unix:/run/smtpd.sock").decide(),
           "disconnect|421 4.3.0 Internal error, try again later")


def test_host_names(filter_):
    """smtpd's word for the name is not taken, and what a client's DNS says
    moves nothing else."""
    for rdns in ["mx.trusted.example", f"x|pass|{OFFICE}:1|127.0.0.1:25",
                 f"x|pass|{OFFICE}:1", ""]:
        expect(f"named {rdns!r}",
               Session(filter_, OTHER, rdns=rdns).decide(), DENIED)


def test_strangers(filter_):
    """What smtpd never does."""
    session = Session(filter_, OFFICE)
    session.report("link-disconnect")
    expect("nobody is there any more", [session.mail(), session.rcpt(FAR)],
           [ERROR, ERROR])
    session.report("link-disconnect")
    session.report("link-auth", "joe", "pass")
    session.report("link-tls", "x")
    session.report("link-connect")
    expect("no address", session.decide(), AT_CONNECT)
    session = Session(filter_, OFFICE)
    expect("RCPT first", session.rcpt(FAR), ERROR)
    filter_.send("", "|||||||||", "nonsense", "filter", "report|0.6",
                 "filter|0.6|1|smtp-in|data-line|x|y|z")
    session.id = "7" * 100
    expect("an id that is none", session.rcpt(FAR), ERROR)
    expect("no empty line in the log",
           [line for line in filter_.read("log").splitlines() if not line], [])
    expect("a long line", Session(filter_, OTHER).decide("x" * 65535)[:10],
           "reject|501")
    expect("and it goes on", Session(filter_, OFFICE).decide(), PROCEED)


def test_dns(filter_):
    for client, wanted in [(TRUSTED, PROCEED), (NAMELESS, DENIED)]:
        expect(f"{client} by name", Session(filter_, client).decide(), wanted)
    expect("DNS has failed",
           Session(filter_, FAILING).decide()[:len(UNKNOWN)], UNKNOWN)
    expect("and does not matter", Session(filter_, FAILING).decide(OURS),
           PROCEED)


def test_waiting(filter_):
    """Many wait for DNS, some go away, and others are served meanwhile."""
    start = time.monotonic()
    waiting, gone = set(), []
    for i in range(10):
        session = Session(filter_, SLOW)
        expect("let in", [session.connect(), session.mail()], [PROCEED] * 2)
        begin = session.query("rcpt-to", FAR)
        if i % 3:
            waiting.add(begin + PROCEED)
        else:
            gone.append(session)
    for session in gone:
        session.report("link-disconnect")
    expect("others are served", Session(filter_, OFFICE).decide(), PROCEED)
    meanwhile = time.monotonic() - start
    expect("all that are there are answered",
           {filter_.line() for _ in waiting}, waiting)
    expect("in time", meanwhile < DELAYS[reverse(SLOW)] <=
           time.monotonic() - start, True)
    expect("and nobody else", filter_.line(0.5), None)


def test_slow_reader(filter_):
    """smtpd reads no answers for a while: nothing is lost, nothing blocks."""
    session = Session(filter_, OFFICE)
    expect("let in", [session.connect(), session.mail()], [PROCEED] * 2)
    begins = [session.query("rcpt-to", FAR) for _ in range(5000)]
    expect("every answer comes, in order",
           [filter_.line() for _ in begins], [b + PROCEED for b in begins])


def test_reload(filter_):
    old = Session(filter_, OTHER)
    expect("under the first policy", old.decide(), DENIED)
    filter_.write("list.txt", f"{LISTED}\n{OTHER}\n")
    expect("the list is noticed", filter_.says("a new policy is in force"),
           True)
    expect("for new clients", Session(filter_, OTHER).decide(), PROCEED)
    expect("not for old ones", old.rcpt(FAR), DENIED)
    filter_.write("policy.yaml", POLICY + "nonsense\n")
    expect("an error is noticed", filter_.says("the old policy stays in force"),
           True)
    filter_.hang_up()
    expect("SIGHUP reloads", filter_.says("the old policy stays in force", 2),
           True)
    expect("and the policy stays", Session(filter_, OTHER).decide(), PROCEED)
    filter_.write("list.txt", LISTED + "\n")
    filter_.write("policy.yaml", POLICY)
    expect("the end of the error is noticed",
           filter_.says("a new policy is in force", 2), True)
    expect("for new clients again", Session(filter_, OTHER).decide(), DENIED)


def test_log_rotation(filter_):
    (filter_.folder / "log").rename(filter_.folder / "log.1")
    filter_.hang_up()
    expect("the log is opened anew", comes((filter_.folder / "log").exists),
           True)
    expect("decided", Session(filter_, OTHER).decide("new@far.example")[:10],
           "reject|550")
    expect("and written", filter_.logs("new@far.example"), True)
    adapter.check_spoilt_log(filter_)


def test_end(filter_):
    """OpenSMTPD goes on, and waits, if a filter ends as if all were well."""
    filter_.process.stdin.close()
    expect("it ends with smtpd, and not as if all were well",
           filter_.process.wait(LONGEST), 69)
    filter_.start()
    expect("SIGTERM", filter_.end(), -15)


def test_usage(program, folder):
    policy = f"--policy={folder}/policy.yaml"
    for name, arguments, wanted in [
            ("help", ["--help"], 0), ("nothing", [], 64),
            ("a place", [policy, "--listen", "unix:x"], 64),
            ("check", [policy, "--check"], 0),
            ("check of none", ["--policy", f"{folder}/none", "--check"], 78),
            ("not an image", [policy, "--require-closed"], 78),
            ("check of one", [policy, "--require-closed", "--check"], 78),
            ("a missing policy", ["--policy", f"{folder}/none"], 78),
            ("servers", [policy, "--dns=x"], 78)]:
        expect(f"usage: {name}", status_of(program, *arguments), wanted)


def test_without_dns(program, folder):
    filter_ = Filter(program, folder)
    filter_.start()
    test_register(filter_)
    expect("by name", Session(filter_, TRUSTED).decide()[:len(UNKNOWN)],
           UNKNOWN)
    expect("by address", Session(filter_, OFFICE).decide(), PROCEED)
    expect("it has warned", filter_.says("there are host names, and no --dns"),
           True)
    filter_.kill()


def main(program):
    dns = dns_server.Server(RECORDS, DELAYS)
    with tempfile.TemporaryDirectory() as folder:
        filter_ = Filter(program, folder, f"--dns=127.0.0.1:{dns.port}")
        filter_.start()
        try:
            for test in (test_register, test_decisions, test_sign_in, test_tls,
                         test_listener, test_host_names, test_strangers,
                         test_dns, test_waiting, test_slow_reader, test_reload,
                         test_log_rotation, test_end):
                test(filter_)
        finally:
            filter_.process.kill()
        test_usage(program, folder)
    with tempfile.TemporaryDirectory() as folder:
        test_without_dns(program, folder)
    return adapter.finish()


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
