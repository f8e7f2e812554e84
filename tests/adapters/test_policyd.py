#!/usr/bin/python3
"""mayrelay-policyd, by a Postfix that is played: what it makes of requests, and
what only signals, sockets and files that change can show.  The real Postfix is
in tests/mta.

usage: test_policyd.py MAYRELAY-POLICYD POLICY-LOAD [FAILING-ACCEPT]
"""
import os
import pathlib
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

import adapter
from adapter import LONGEST, comes, expect, status_of
import dns_server
from dns_server import NO_SUCH_NAME, SERVER_FAILURE, TYPE_A, TYPE_PTR, reverse
import policy_client
from policy_client import CLOSED, request

PRINT = ":".join(["AB"] * 32)
POLICY = f"""\
mayrelay: 1
groups: {{admins: ask}}
domains:
  inbound: [corp.example, {{domain: asked.example, mailboxes: ask}}]
  always-relay: [partner.example]
connect:
  deny:
    - {{clients: [127.0.0.66]}}
    - {{clients: [127.0.0.67], reply: 450 4.7.1 Come again}}
submit: {{deny: [{{senders: [bad@sender.example]}}]}}
relay:
  allow:
    - {{name: office, clients: [127.0.0.2, 2001:db8::2]}}
    - {{name: listed, clients: ['file:list.txt']}}
    - {{name: staff, users: [joe, $admins]}}
    - {{name: encrypted, clients: [127.0.0.7], tls: true}}
    - {{name: certified, certificates: ['{PRINT}']}}
    - {{name: inside, listeners: ['10.0.0.25:587', '[2001:db8::25]:25'],
       clients: [127.0.0.8]}}
    - {{name: trusted, clients: [.trusted.example]}}
"""
OFFICE, OFFICE6, LISTED, OTHER = ("127.0.0.2", "2001:db8::2", "127.0.0.3",
                                  "127.0.0.4")
TRUSTED, FAILING, NAMELESS, SLOW, SLOWEST = (
    "127.0.1.%d" % n for n in range(1, 6))
NOBODY = "192.0.2.1\n"  # as a list
OURS, FAR = "joe@corp.example", "kate@far.example"
RECORDS = {
    (reverse(TRUSTED), TYPE_PTR): ["mx.trusted.example"],
    (reverse(SLOW), TYPE_PTR): ["mx.trusted.example"],
    (reverse(SLOWEST), TYPE_PTR): ["mx.trusted.example"],
    ("mx.trusted.example", TYPE_A): [TRUSTED, SLOW, SLOWEST],
    (reverse(FAILING), TYPE_PTR): SERVER_FAILURE,
    (reverse(NAMELESS), TYPE_PTR): NO_SUCH_NAME,
}
DELAYS = {reverse(SLOW): 1.0, reverse(SLOWEST): 60.0}

DENIED = f"550 5.7.1 Unable to relay for {FAR}"
ROUTED = "550 5.7.1 Source routing is refused: "
LOOK_UP = "451 4.4.3 A look-up failed, try again later"
INTERNAL = "451 4.3.0 Internal error, try again later"

# What a request differs in, and the action.
DECISIONS = [
    # DUNNO for our own domains, OK for what may be relayed
    ({"recipient": OURS}, "DUNNO"),
    ({"recipient": OURS, "client_address": OFFICE}, "DUNNO"),
    ({"recipient": "postmaster"}, "DUNNO"),
    ({"recipient": FAR, "client_address": OFFICE}, "OK"),
    ({"recipient": FAR, "client_address": OFFICE6}, "OK"),
    ({"recipient": FAR, "client_address": LISTED}, "OK"),
    ({"recipient": FAR, "sasl_username": "joe"}, "OK"),
    ({"recipient": "x@partner.example"}, "OK"),
    ({"recipient": FAR}, DENIED),
    ({"recipient": FAR, "sender": ""}, DENIED),
    # Postfix looks whether it is there
    ({"recipient": "x@asked.example"}, "DUNNO"),
    # nobody to ask for groups
    ({"recipient": FAR, "sasl_username": "kate"}, LOOK_UP),
    ({"recipient": OURS, "sasl_username": "kate"}, "DUNNO"),
    # encryption, certificates, listeners
    ({"recipient": FAR, "client_address": "127.0.0.7"}, DENIED),
    ({"recipient": FAR, "client_address": "127.0.0.7",
      "encryption_protocol": "TLSv1.3"}, "OK"),
    ({"recipient": FAR, "encryption_protocol": "TLSv1.3",
      "ccert_fingerprint": PRINT}, "OK"),
    ({"recipient": FAR, "encryption_protocol": "TLSv1.3",
      "ccert_fingerprint": PRINT.replace("AB", "AC")}, DENIED),
    ({"recipient": FAR, "encryption_protocol": "TLSv1.3",
      "ccert_fingerprint": "AB:AB"}, INTERNAL),
    ({"recipient": FAR, "client_address": "127.0.0.8"}, DENIED),
    ({"recipient": FAR, "client_address": "127.0.0.8",
      "server_address": "10.0.0.25", "server_port": "587"}, "OK"),
    ({"recipient": FAR, "client_address": "127.0.0.8",
      "server_address": "2001:db8::25"}, "OK"),
    # what Postfix before 3.2 does not say: the policy looks at listeners
    ({"server_address": None, "server_port": None}, INTERNAL),
    # client names
    ({"recipient": FAR, "client_address": TRUSTED}, "OK"),
    ({"recipient": FAR, "client_address": NAMELESS}, DENIED),
    ({"recipient": FAR, "client_address": FAILING}, LOOK_UP),
    ({"recipient": OURS, "client_address": FAILING}, "DUNNO"),
    # addresses without their quotes
    ({"recipient": "a@b@corp.example"}, ROUTED + '"a@b"@corp.example'),
    ({"recipient": 'a b"c\\d@corp.example'}, "DUNNO"),
    ({"recipient": "a b@far.example"},
     '550 5.7.1 Unable to relay for "a b"@far.example'),
    ({"recipient": "a.@corp.example"}, "DUNNO"),
    ({"recipient": "a..b@corp.example"}, "DUNNO"),
    ({"recipient": "@a.example:b@corp.example"},
     ROUTED + '"@a.example:b"@corp.example'),
    ({"recipient": "x%far.example@corp.example"},
     ROUTED + "x%far.example@corp.example"),
    ({"recipient": "far.example!x@corp.example"},
     ROUTED + "far.example!x@corp.example"),
    ({"recipient": "x%far.example@corp.example", "client_address": OFFICE},
     "OK"),
    ({"recipient": "@corp.example"},
     "501 5.1.3 Bad recipient address syntax"),
    ({"recipient": ""}, "501 5.1.3 Bad recipient address syntax"),
    ({"recipient": "x" * 600 + "@corp.example"},
     "501 5.1.3 Bad recipient address syntax"),
    ({"recipient": " " * 300 + '"' * 200 + "@corp.example"},
     "501 5.1.3 Bad recipient address syntax"),
    ({"sender": "a b@sender.example"}, "DUNNO"),
    ({"sender": "a@b@"}, "501 5.1.7 Bad sender address syntax"),
    # what cannot be
    ({"client_address": "unknown"}, INTERNAL),
    ({"client_address": None}, INTERNAL),
    ({"sasl_username": "x" * 5000, "recipient": FAR}, INTERNAL),
    # the rest of the dialogue
    ({"protocol_state": "CONNECT"}, "DUNNO"),
    ({"protocol_state": "CONNECT", "client_address": "127.0.0.66"},
     "554 5.7.1 Connection from 127.0.0.66 refused"),
    ({"protocol_state": "CONNECT", "client_address": "127.0.0.67"},
     "421 4.7.1 Come again"),
    ({"client_address": "127.0.0.67"}, "450 4.7.1 Come again"),
    ({"protocol_state": "MAIL", "recipient": ""}, "DUNNO"),
    ({"protocol_state": "MAIL", "client_address": FAILING}, "DUNNO"),
    ({"protocol_state": "MAIL", "sender": "bad@sender.example"},
     "550 5.7.1 You may not submit mail here as bad@sender.example"),
    ({"protocol_state": "DATA", "recipient": FAR}, "DUNNO"),
    ({"protocol_state": "END-OF-MESSAGE", "recipient": FAR}, "DUNNO"),
    ({"protocol_state": "VRFY", "recipient": FAR}, "DUNNO"),
]

# What is no request: the connection is closed without an answer.
MALFORMED = [
    ("nothing", b"\n\n"),
    ("nonsense", b"GET / HTTP/1.0\n\n"),
    ("another kind", request(request="junk_mail")),
    ("no kind", request(request=None)),
    ("a name twice", request()[:-1] + b"recipient=x@partner.example\n\n"),
    ("a NUL", request(recipient="x@partner.example\0")),
    ("a NUL in a name", request()[:-1] + b"a\0=b\n\n"),
    ("a line without =", request()[:-1] + b"recipient\n\n"),
    ("too long", b"x=" + b"y" * 20000 + b"\n\n"),
    ("endless", b"x=y\n" * 10000),
]


class Policyd(adapter.Adapter):
    def __init__(self, program, folder, dns_port, *options):
        self.path = os.path.join(folder, "socket")
        super().__init__(program, folder, POLICY, "--listen",
                         f"unix:{self.path}", "--listen", "inet:127.0.0.1:0",
                         f"--dns=127.0.0.1:{dns_port}", "--dns-deadline", "5",
                         *options)
        self.write("list.txt", LISTED + "\n")
        self.start()

    def start(self, **how):
        super().start(**how)
        if not comes(lambda: self.ports() and os.path.exists(self.path)):
            raise RuntimeError(f"it does not start: {self.read('said')}")

    def ports(self):
        return re.findall(r"listening at inet:127.0.0.1 port (\d+)\n",
                          self.read("said"))

    def connect(self, inet=False):
        return policy_client.Connection(
            int(self.ports()[-1]) if inet else self.path, LONGEST)

    def ask(self, **attributes):
        with self.connect() as connection:
            return connection.ask(**attributes)


def test_decisions(daemon):
    for inet in False, True:
        with daemon.connect(inet) as connection:
            for attributes, action in DECISIONS:
                expect(f"{attributes}", connection.ask(**attributes), action)


def test_malformed(daemon):
    for name, octets in MALFORMED:
        with daemon.connect() as connection:
            expect("a request before", connection.ask(), "DUNNO")
            connection.send(octets)
            expect(name, connection.answer(), CLOSED)
    expect_said = "connection closed without a reply"
    expect("which is said", daemon.says(expect_said, len(MALFORMED)), True)
    expect("others are served", daemon.ask(), "DUNNO")


def test_pieces(daemon):
    """Requests that come in pieces, several at once, and never to an end."""
    with daemon.connect() as connection:
        for octet in request(recipient=FAR):
            connection.send(bytes([octet]))
        expect("octet by octet", connection.answer(), DENIED)
        connection.send(request() + request(recipient=FAR) +
                        request(recipient=FAR, client_address=TRUSTED) +
                        request()[:-1])
        expect("several at once", [connection.answer() for _ in range(3)],
               ["DUNNO", DENIED, "OK"])
        expect("others meanwhile", daemon.ask(), "DUNNO")
        connection.send(b"\n")
        expect("and its end", connection.answer(), "DUNNO")


def test_waiting(daemon):
    """Who waits for DNS holds nobody up, and may hang up."""
    with daemon.connect() as slow, daemon.connect() as hangs_up:
        slow.send(request(recipient=FAR, client_address=SLOW) * 2 + request())
        hangs_up.send(request(recipient=FAR, client_address=SLOW))
        expect("others are served", daemon.ask(), "DUNNO")
        hangs_up.socket.close()
        expect("in their order", [slow.answer() for _ in range(3)],
               ["OK", "OK", "DUNNO"])
    start = time.monotonic()
    expect("DNS is silent: deferred when the deadline is over",
           daemon.ask(recipient=FAR, client_address=SLOWEST), LOOK_UP)
    expect("in time", time.monotonic() - start < 20, True)


def test_many(daemon, count):
    """Connections that are kept open, each with its requests."""
    connections = [daemon.connect(i % 2 == 0) for i in range(count)]
    for _ in range(2):
        for connection in connections:
            connection.send(request())
        expect(f"{count} connections", {connection.answer()
                                        for connection in connections},
               {"DUNNO"})
    for connection in connections:
        with connection:
            pass


def limit_descriptors(process, more):
    """To those that it has, and some more; None: no longer."""
    has = {int(fd) for fd in os.listdir(f"/proc/{process.pid}/fd")}
    free = [fd for fd in range(len(has) + 9) if fd not in has]
    _, most = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE,
                     (most if more is None else free[more], most))


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text("ascii")
    user, system = fields.rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_no_descriptor_left(daemon):
    idle = daemon.descriptors()
    with daemon.connect() as served:
        expect("served", served.ask(), "DUNNO")
        limit_descriptors(daemon.process, 1)
        with daemon.connect() as last:
            expect("the last one", last.ask(), "DUNNO")
            for _ in range(3):
                expect("others are turned away", daemon.ask(), CLOSED)
            before = cpu_seconds(daemon.process)
            time.sleep(1)  # long enough to see it spin
            expect("it does not spin",
                   cpu_seconds(daemon.process) - before < 0.3, True)
            expect("and goes on", served.ask(recipient=FAR), DENIED)
    limit_descriptors(daemon.process, None)
    expect("for new ones again", daemon.ask(), "DUNNO")
    expect("nothing is left open", comes(lambda: daemon.descriptors() <= idle),
           True)


def test_no_memory_to_accept(program, folder, dns_port, failing_accept):
    """The system refuses a connection, and so the listener stays readable."""
    lasts = pathlib.Path(folder) / "it_lasts"
    os.environ.update(LD_PRELOAD=failing_accept, FAILING_ACCEPT=str(lasts))
    daemon = Policyd(program, folder, dns_port)
    del os.environ["LD_PRELOAD"], os.environ["FAILING_ACCEPT"]
    with daemon.connect() as served:
        expect("served", served.ask(), "DUNNO")
        lasts.touch()
        with daemon.connect() as waiting:
            waiting.send(request())
            expect("it is told of", daemon.says("connections are turned away, "
                                                "or wait"), True)
            before = cpu_seconds(daemon.process)
            time.sleep(1)  # long enough to see it spin
            expect("it does not spin without memory",
                   cpu_seconds(daemon.process) - before < 0.3, True)
            expect("others are served", served.ask(recipient=FAR), DENIED)
            lasts.unlink()
            expect("who waited is served then", waiting.answer(), "DUNNO")
    expect("it was told of once", daemon.read("said").count("are turned away"),
           1)
    expect("it ends", daemon.end(), 0)


def test_stuck_log(program, folder, dns_port):
    """Nobody reads the pipe that the log goes to."""
    count = 6000
    log = pathlib.Path(folder) / "log"
    os.mkfifo(log)
    pipe = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    daemon = Policyd(program, folder, dns_port)
    with daemon.connect() as connection:
        expect("a log that is stuck holds nobody up",
               {connection.ask(recipient=FAR) for _ in range(count)}, {DENIED})
    read = b""

    def is_whole():
        nonlocal read
        try:
            while block := os.read(pipe, 1 << 16):
                read += block
        except BlockingIOError:
            pass
        return b" lost=" in read and read.endswith(b"\n")
    expect("what was lost is told", comes(is_whole), True)
    lines = read.decode().splitlines()
    lost = [int(line.split("=")[-1]) for line in lines if " lost=" in line]
    expect("and nothing else is lost", len(lines) - len(lost) + sum(lost),
           count)
    expect("some was", len(lost) == 1 and 0 < lost[0] < count, True)
    with daemon.connect() as connection:
        connection.ask(recipient="later@far.example")
    expect("later lines come again", comes(
        lambda: is_whole() and b"later@far.example" in read), True)
    with daemon.connect() as connection:
        for _ in range(count):
            connection.ask(recipient=FAR)
    expect("it ends, though the log is stuck", daemon.end(), 0)
    os.close(pipe)


def resident_kib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text("ascii")
    return int(re.search(r"^VmRSS:\s*(\d+) kB", status, re.M).group(1))


def test_memory(daemon, load):
    """As much at the end as at the beginning."""
    def ask(requests):
        subprocess.run([load, daemon.path, "100", str(requests)], check=True,
                       stdout=subprocess.DEVNULL, timeout=120)
        return resident_kib(daemon.process)

    first = ask(10_000)
    grown = ask(50_000) - first
    expect(f"{grown} KiB more are no more than noise", grown < 512, True)


def test_reload(daemon):
    with daemon.connect() as connection:
        later = {"recipient": FAR, "client_address": OTHER}
        expect("under the first policy", connection.ask(**later), DENIED)
        daemon.write("list.txt", OTHER + "\n")
        expect("the list is noticed", daemon.says("a new policy is in force"),
               True)
        expect("from the next request on", connection.ask(**later), "OK")
        daemon.write("policy.yaml", POLICY + "nonsense\n")
        expect("an error is noticed",
               daemon.says("the old policy stays in force"), True)
        daemon.write("list.txt", NOBODY)
        daemon.write("policy.yaml", POLICY.replace(
            "  always-relay", "  reroute: {old.example: corp.example}\n"
            "  always-relay"))
        expect("reroute is refused", daemon.says("there is 'reroute'"), True)
        expect("the policy stays", [connection.ask(**later),
                                    connection.ask(recipient="x@old.example")],
               ["OK", "550 5.7.1 Unable to relay for x@old.example"])
        refusals = daemon.read("said").count("there is 'reroute'")
        daemon.hang_up()
        expect("SIGHUP too", daemon.says("there is 'reroute'", refusals + 1),
               True)
        expect("the policy stays again", connection.ask(**later), "OK")
        (daemon.folder / "policy.yaml").unlink()
        daemon.hang_up()
        expect("a policy that is gone is noticed",
               daemon.says("the old policy stays in force", refusals + 3), True)
        expect("and stays", connection.ask(**later), "OK")
        daemon.write("policy.yaml", POLICY)
        expect("what is well again is noticed",
               daemon.says("a new policy is in force", 2), True)
        expect("for the same connection", connection.ask(**later), DENIED)
    daemon.write("list.txt", LISTED + "\n")
    expect("as before", daemon.says("a new policy is in force", 3), True)


def test_log(daemon):
    daemon.ask(recipient="logged@corp.example")
    expect("a line of the log", daemon.logs("logged@corp.example"), True)
    (daemon.folder / "log").rename(daemon.folder / "log.1")
    daemon.hang_up()
    daemon.ask(recipient="moved@corp.example")
    expect("the log is opened anew", comes(
        lambda: (daemon.folder / "log").exists()), True)
    daemon.ask(recipient="anew@corp.example")
    expect("and written", daemon.logs("anew@corp.example"), True)
    adapter.check_spoilt_log(daemon)


def test_token(program, folder, dns_port):
    """However long the text of a reply is, the id is whole, and the line is one
    of SMTP's."""
    daemon = Policyd(program, folder, dns_port, "--token")
    daemon.write("policy.yaml", POLICY + f"""\
  deny: [{{clients: [{OTHER}], reply: '550 5.7.1 %{{recipient}}, %{{sender}}'}}]
""")
    daemon.hang_up()
    expect("the policy is read",
           daemon.says("a new policy is in force"), True)
    for size in 1, 100, 150, 180, 190:
        labels = ".".join(["d" * 60] * (size // 61) + ["d" * (size % 61 or 1)])
        action = daemon.ask(client_address=OTHER,
                            sender=f"{'s' * 60}@{labels}.example",
                            recipient=f"{'r' * 60}@{labels}.example")
        expect(f"{size} octets of domain: the reply",
               bool(re.fullmatch(r"550 5\.7\.1 r+@.* \[[0-9A-Z]{26}\]", action)),
               True)
        expect("its size", len(action) <= 510, True)
        expect("it is in the log", daemon.logs(f"id={action[-27:-1]} "), True)
    daemon.kill()


def test_killed(daemon):
    """Its socket stays behind, and the next one takes its place."""
    with daemon.connect() as connection:
        expect("before", connection.ask(), "DUNNO")
        daemon.kill()
        connection.send(request())
        expect("killed: no answer", connection.answer(), CLOSED)
    expect("the socket is left", stat.S_ISSOCK(os.stat(daemon.path).st_mode),
           True)
    before = len(daemon.ports())
    daemon.start()
    expect("another one starts", comes(
        lambda: len(daemon.ports()) == before + 1), True)
    expect("and serves", daemon.ask(), "DUNNO")


def test_end(daemon):
    with daemon.connect() as waits, daemon.connect() as idle:
        expect("idle", idle.ask(), "DUNNO")
        waits.send(request(recipient=FAR, client_address=SLOWEST) + request())
        with daemon.connect() as other:  # waits has been read by then
            expect("another", other.ask(), "DUNNO")
            daemon.process.send_signal(signal.SIGTERM)
            expect("who waits for nothing is let go",
                   [idle.answer(), other.answer()], [CLOSED, CLOSED])
        expect("who waits is answered", [waits.answer() for _ in range(3)],
               [LOOK_UP, "DUNNO", CLOSED])
    expect("it ends well", daemon.process.wait(LONGEST), 0)
    expect("and takes its socket away", os.path.exists(daemon.path), False)


def test_inherited(daemon):
    """As systemd hands sockets over: from descriptor 3 on, with LISTEN_PID."""
    path = str(daemon.folder / "inherited")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        process = subprocess.Popen(
            ["/bin/sh", "-c",
             f"exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ "
             'exec "$0" "$@"', daemon.program, "--policy",
             str(daemon.folder / "policy.yaml"), "--log", "/dev/null"],
            pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL)
        with policy_client.Connection(path, LONGEST) as connection:
            expect("served", connection.ask(), "DUNNO")
            process.terminate()
            expect("ends well", process.wait(LONGEST), 0)
    expect("the socket is systemd's", os.path.exists(path), True)


def test_usage(program, folder):
    policy, nowhere = f"{folder}/policy.yaml", f"{folder}/none"
    place = f"unix:{folder}/socket"
    rerouting = pathlib.Path(folder, "rerouting.yaml")
    rerouting.write_text("mayrelay: 1\ndomains:\n  inbound: [example.com]\n"
                         "  reroute: {old.example: corp.example}\n", "utf-8")
    for name, status, arguments in [
            ("help", 0, ["--help"]),
            ("a policy that is well", 0, ["--policy", policy, "--check"]),
            ("no policy", 64, ["--listen", place]),
            ("nonsense", 64, ["--policy", policy, "--nonsense"]),
            ("DNS servers", 64, ["--policy", policy, "--listen", place,
                                 "--dns=nonsense"]),
            ("nowhere to listen", 69, ["--policy", policy]),
            ("no such place", 69, ["--policy", policy, "--listen", "nonsense"]),
            ("no such address", 69, ["--policy", policy, "--listen",
                                     "inet:nonsense:1"]),
            ("no such folder", 69, ["--policy", policy, "--listen",
                                    f"unix:{folder}/none/socket"]),
            ("a file in its place", 69, ["--policy", policy, "--listen",
                                         f"unix:{policy}"]),
            ("a name too long", 69, ["--policy", policy, "--listen",
                                     "unix:/" + "x" * 200]),
            ("no log", 73, ["--policy", policy, "--listen", place, "--log",
                            f"{folder}/none/log"]),
            ("a policy that is not there", 78, ["--policy", nowhere,
                                                "--listen", place]),
            ("... to check", 78, ["--policy", nowhere, "--check"]),
            ("not an image", 78, ["--policy", policy, "--listen", place,
                                  "--require-closed"]),
            ("... to check", 78, ["--policy", policy, "--check",
                                  "--require-closed"]),
            ("reroute", 78, ["--policy", str(rerouting), "--listen", place]),
            ("... to check", 78, ["--policy", str(rerouting), "--check"])]:
        expect(f"usage: {name}", status_of(program, *arguments), status)


def test_taken(daemon):
    expect("a place where somebody listens", status_of(
        daemon.program, "--policy", str(daemon.folder / "policy.yaml"),
        "--listen", f"unix:{daemon.path}"), 69)
    expect("who still does", daemon.ask(), "DUNNO")


def main(program, load, failing_accept=None):
    # AddressSanitizer keeps what is freed, and test_memory shall not see that.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + (
        ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64")
    dns = dns_server.Server(RECORDS, DELAYS)
    with tempfile.TemporaryDirectory() as folder:
        daemon = Policyd(program, folder, dns.port)
        test_usage(program, folder)
        test_taken(daemon)
        test_decisions(daemon)
        test_malformed(daemon)
        test_pieces(daemon)
        test_waiting(daemon)
        test_many(daemon, 400)
        test_no_descriptor_left(daemon)
        test_memory(daemon, load)
        test_reload(daemon)
        test_log(daemon)
        test_killed(daemon)
        test_inherited(daemon)
        test_end(daemon)
        said = daemon.read("said")
        expect("it has said that groups stay unknown",
               "there is a group to 'ask' for" in said, True)
    with tempfile.TemporaryDirectory() as folder:
        test_token(program, folder, dns.port)
    with tempfile.TemporaryDirectory() as folder:
        test_stuck_log(program, folder, dns.port)
    if failing_accept:
        with tempfile.TemporaryDirectory() as folder:
            test_no_memory_to_accept(program, folder, dns.port, failing_accept)
    return adapter.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
