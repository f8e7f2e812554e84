#!/usr/bin/python3
"""The example hosts, over real sockets, with DNS and reloads under way.

usage: test_hosts.py HOST

Clients come from addresses of their own in 127.0.0.0/8.  Standard library only.
"""
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import dns_server
from dns_server import NO_SUCH_NAME, SERVER_FAILURE, TYPE_A, TYPE_PTR, reverse

LONGEST = 20  # seconds that anything may take that must come

POLICY = """\
mayrelay: 1
domains: {inbound: [example.com]}
connect: {deny: [{clients: [127.0.0.66]}]}
relay:
  allow:
    - {name: office, clients: [127.0.0.2]}
    - {name: trusted, clients: [.trusted.example]}
    - {name: listed, clients: ['file:list.txt']}
"""
OFFICE, LISTED, OTHER, LATER = ("127.0.0.%d" % n for n in range(2, 6))
TRUSTED, LIAR, FAILING, NAMELESS, SLOW, SLOWER, SLOWEST = (
    "127.0.1.%d" % n for n in range(1, 8))
REFUSED = "127.0.0.66"
NOBODY = "192.0.2.1\n"  # as a list

RECORDS = {
    (reverse(TRUSTED), TYPE_PTR): ["other.example", "mx.trusted.example"],
    ("other.example", TYPE_A): ["192.0.2.9"],
    ("mx.trusted.example", TYPE_A): ["192.0.2.9", TRUSTED, SLOW],
    (reverse(LIAR), TYPE_PTR): ["mx.trusted.example"],
    (reverse(FAILING), TYPE_PTR): SERVER_FAILURE,
    (reverse(NAMELESS), TYPE_PTR): NO_SUCH_NAME,
    (reverse(SLOW), TYPE_PTR): ["mx.trusted.example"],
}
DELAYS = {reverse(SLOW): 2.0, reverse(SLOWER): 3.0, reverse(SLOWEST): 3.0}

OURS, FAR = "joe@example.com", "kate@far.example"

# client, recipient, code of the reply
DECISIONS = [
    (OFFICE, OURS, 250), (OFFICE, FAR, 250), (OTHER, "a%b@example.com", 550),
    (LISTED, OURS, 250), (LISTED, FAR, 250),
    (TRUSTED, OURS, 250), (TRUSTED, FAR, 250),
    (LIAR, OURS, 250), (LIAR, FAR, 550),
    (NAMELESS, OURS, 250), (NAMELESS, FAR, 550),
    (OTHER, OURS, 250), (OTHER, FAR, 550), (OTHER, "<x@far.example>", 550),
    (FAILING, OURS, 250), (FAILING, FAR, 451),
]

counts = {True: 0, False: 0}


def expect(name, actual, wanted):
    good = actual == wanted
    counts[good] += 1
    if not good:
        print(f"FAILED {name}\n    got    {actual!r}\n    wanted {wanted!r}")


class Client:
    def __init__(self, port, address):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), LONGEST, source_address=(address, 0))
        self.file = self.socket.makefile("r", encoding="ascii", newline="\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def code(self):
        line = self.file.readline()
        return int(line[:3]) if line else None

    def send(self, *lines):
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode())

    def ask(self, line):
        self.send(line)
        return self.code()


class Host:
    """One of the examples, with its policy in a directory of its own."""

    def __init__(self, program, folder, dns_port):
        self.folder = pathlib.Path(folder)
        self.write("policy.yaml", POLICY)
        self.write("list.txt", LISTED + "\n")
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, str(self.folder / "policy.yaml"), "127.0.0.1:0",
             f"127.0.0.1:{dns_port}"], stdout=subprocess.PIPE,
            stderr=self.log, encoding="utf-8")
        self.port = int(self.process.stdout.readline().split()[1])

    def write(self, name, text):
        """As a good editor does."""
        temporary = self.folder / (name + ".tmp")
        temporary.write_text(text, "utf-8")
        temporary.rename(self.folder / name)

    def client(self, address):
        return Client(self.port, address)

    def decide(self, address, recipient):
        with self.client(address) as client:
            codes = [client.code(), client.ask("EHLO client.example"),
                     client.ask("MAIL FROM:<a@sender.example> SIZE=10")]
            decided = client.ask(f"RCPT TO:{recipient}")
            codes.append(client.ask("QUIT"))
        return decided if codes == [220, 250, 250, 221] else codes

    def says(self, text, times=1):
        """Whether it comes to say so often."""
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            if self.logged().count(text) >= times:
                return True
            time.sleep(0.02)
        return False

    def logged(self):
        return (self.folder / "log").read_text("utf-8")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = fields.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def limit_descriptors(self, more):
        """To those that it has, and some more; None: no longer."""
        has = {int(fd) for fd in os.listdir(f"/proc/{self.process.pid}/fd")}
        free = [fd for fd in range(len(has) + 9) if fd not in has]
        _, most = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE,
                         (most if more is None else free[more], most))

    def end(self):
        self.process.terminate()
        self.process.stdout.close()
        status = self.process.wait(LONGEST)
        self.log.close()
        return status


def test_decisions(host, dns):
    for client, recipient, code in DECISIONS:
        expect(f"{client} to {recipient}", host.decide(client, recipient), code)
    expect("nobody asks for names that cannot matter",
           [name for name in dns.asked
            if name in map(reverse, (OFFICE, LISTED, REFUSED))], [])
    for client in TRUSTED, LIAR, NAMELESS:
        expect(f"one question for the names of {client}",
               dns.asked.count(reverse(client)), 1)


def test_greeting(host):
    with host.client(REFUSED) as client:
        expect("refused at once", client.code(), 554)
        expect("and cut off", client.code(), None)


def test_dialogue(host):
    with host.client(OFFICE) as client:
        expect("greeting", client.code(), 220)
        expect("RCPT first", client.ask(f"RCPT TO:<{FAR}>"), 503)
        expect("nonsense", client.ask("VERIFY"), 502)
        client.send("mail from:<>", f"rcpt to:<{FAR}>", "RSET",
                    f"RCPT TO:<{FAR}>", "MAIL FROM:<x@y.example>",
                    f"RCPT TO:<{OURS}>", "RCPT TO:<>", "DATA")
        expect("lines sent at once", [client.code() for _ in range(8)],
               [250, 250, 250, 503, 250, 250, 501, 503])
        client.socket.sendall(b"RCPT TO:<joe@example.com\0>\r\n")
        expect("a NUL", client.code(), 502)
        client.socket.sendall(b"X" * 2048)
        expect("a line too long", client.code(), 500)
        expect("which ends it", client.code(), None)


def test_waiting(host):
    """Many wait for DNS while others are served, and lines wait their turn."""
    start = time.monotonic()
    slow = [host.client(SLOW) for _ in range(8)]
    for client in slow:
        client.send("MAIL FROM:<>", f"RCPT TO:<{FAR}>", f"RCPT TO:<{OURS}>",
                    "QUIT")
    expect("served meanwhile", host.decide(OFFICE, FAR), 250)
    meanwhile = time.monotonic() - start
    for client in slow:
        with client:
            expect("waited for DNS", [client.code() for _ in range(6)],
                   [220, 250, 250, 250, 221, None])
    expect("before the answer", meanwhile < DELAYS[reverse(SLOW)] <=
           time.monotonic() - start, True)


def test_hang_up(host):
    """Clients go away while they wait, and in the middle of a line."""
    for _ in range(5):
        with host.client(SLOWER) as client:
            client.send("MAIL FROM:<>", f"RCPT TO:<{FAR}>")
            expect("waits", [client.code(), client.code()], [220, 250])
        with host.client(OTHER) as client:
            client.socket.sendall(b"MAIL FR")
    expect("and others are served", host.decide(OFFICE, FAR), 250)


def test_too_many_clients(host, waits):
    """Descriptors run out: nothing spins, and those that have one are served."""
    served = [host.client(OFFICE)]
    expect("the host is up", served[0].code(), 220)
    host.limit_descriptors(2)
    served += [host.client(OFFICE), host.client(OFFICE)]
    expect("those that fit", [client.code() for client in served[1:]],
           [220, 220])
    others = [host.client(OFFICE) for _ in range(5)]
    if not waits:
        expect("the others", [
            [client.code(), client.code()] for client in others],
               [[421, None]] * 5)
    before = host.cpu_seconds()
    time.sleep(1)
    expect("it does not spin", host.cpu_seconds() - before < 0.3, True)
    expect("and goes on", served[0].ask("MAIL FROM:<>"), 250)
    for client in served:
        with client:  # its end is read: the host has its descriptor back
            expect("goodbye", [client.ask("QUIT"), client.code()], [221, None])
    for client in others:
        with client:
            pass
    expect("for new ones again", host.decide(OFFICE, FAR), 250)
    host.limit_descriptors(None)


def test_reload(host):
    with host.client(LATER) as old:
        expect("under the first policy",
               [old.code(), old.ask("MAIL FROM:<>"), old.ask(f"RCPT TO:{FAR}")],
               [220, 250, 550])
        host.write("list.txt", f"{LISTED}\n{LATER}\n")
        expect("the list is noticed", host.says("a new policy is in force"),
               True)
        expect("for new clients", host.decide(LATER, FAR), 250)
        expect("not for old ones", old.ask(f"RCPT TO:{FAR}"), 550)
        host.write("policy.yaml", POLICY + "nonsense\n")
        expect("an error is noticed",
               host.says("the old policy stays in force"), True)
        expect("and said", "policy.yaml:9" in host.logged(), True)
        expect("the policy stays", host.decide(LATER, FAR), 250)
        host.process.send_signal(signal.SIGHUP)
        expect("SIGHUP reloads",
               host.says("the old policy stays in force", 2), True)
        expect("and the policy stays", host.decide(LATER, FAR), 250)
        host.write("list.txt", NOBODY)
        host.write("policy.yaml", POLICY)
        expect("the end of the error is noticed",
               host.says("a new policy is in force", 2), True)
        expect("for new clients again", host.decide(LATER, FAR), 550)
        expect("not for old ones again", old.ask(f"RCPT TO:{FAR}"), 550)


def test_reload_under_load(host):
    """Policies come and go while clients do: each is judged by one of them."""
    over, wrong, served = threading.Event(), [], []

    def decide_often():
        while not over.is_set():
            with host.client(LATER) as client:
                client.send(*["MAIL FROM:<>"] + [f"RCPT TO:{FAR}"] * 10)
                codes = [client.code() for _ in range(12)]
            served.append(codes[-1])
            if codes[:2] != [220, 250] or len(set(codes[2:])) != 1:
                wrong.append(codes)

    threads = [threading.Thread(target=decide_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    before = host.logged().count("a new policy is in force")
    for i in range(6):
        host.write("list.txt", NOBODY if i % 2 else f"{LATER}\n")
        host.says("a new policy is in force", before + i + 1)
    over.set()
    for thread in threads:
        thread.join()
    expect("every client had one policy", wrong, [])
    expect("and some had each", set(served), {250, 550})


def test_usage(program, folder):
    def status(*arguments):
        return subprocess.run([program, *arguments], capture_output=True,
                              timeout=LONGEST).returncode
    policy = f"{folder}/policy.yaml"
    expect("usage", [status(), status(policy)], [1, 1])
    expect("no policy", status(f"{folder}/none", "127.0.0.1:0"), 1)
    expect("no place", status(policy, "nonsense"), 1)
    expect("no servers", status(policy, "127.0.0.1:0", "nonsense"), 1)


def test_end(host):
    with host.client(OTHER) as client, host.client(SLOWEST) as waiting:
        waiting.send("MAIL FROM:<>", f"RCPT TO:{FAR}")
        expect("one reads, one waits", [
            client.code(), waiting.code(), waiting.code()], [220, 220, 250])
        expect("ends well, clients or not", host.end(), 0)
    expect("says nothing else", [
        line for line in host.logged().splitlines()
        if not any(known in line for known in
                   ("in force", "policy.yaml:9", "write 'key: value'"))], [])


def test_all(program, folder):
    dns = dns_server.Server(RECORDS, DELAYS)
    host = Host(program, folder, dns.port)
    try:
        test_too_many_clients(host, "threaded" in program)
        test_decisions(host, dns)
        test_greeting(host)
        test_dialogue(host)
        test_waiting(host)
        test_hang_up(host)
        test_reload(host)
        test_reload_under_load(host)
        test_end(host)
    finally:
        host.process.kill()
    test_usage(program, folder)


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        test_all(program, folder)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
