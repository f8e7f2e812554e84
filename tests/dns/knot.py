#!/usr/bin/python3
"""A real authoritative server (Knot) on loopback, and what the resolver makes
of its zones.

usage: knot.py NAMES POLLING

POLLING is the same program as on a system without epoll.
"""
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ZONES = pathlib.Path(__file__).resolve().parent / "zones"
CONFIGURATION = """
server:
    rundir: {work}/run
    listen: [ 127.0.0.1@{port}, ::1@{port} ]
    udp-workers: 1
    tcp-workers: 2
    background-workers: 1
log:
  - target: {work}/knot.log
    any: info
database:
    storage: {work}/db
template:
  - id: default
    storage: {zones}
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: client.test
  - domain: 2.0.192.in-addr.arpa
  - domain: 8.b.d.0.1.0.0.2.ip6.arpa
  # Every answer over UDP is truncated.
  - domain: 113.0.203.in-addr.arpa
    module: mod-noudp
  # Its file is not there: SERVFAIL.
  - domain: 100.51.198.in-addr.arpa
"""
EXPECTED = {
    "192.0.2.10": "known one.client.test",
    "192.0.2.11": "known also.client.test several.client.test",
    "192.0.2.12": "known cname.client.test",
    "192.0.2.13": "known",
    "192.0.2.14": "known",
    "192.0.2.15": "known",
    "192.0.2.16": "known alias.client.test",
    "192.0.2.17": "known six.client.test",
    "192.0.2.18": "known",
    "192.0.2.19": "known",
    "::ffff:192.0.2.10": "known one.client.test",
    "198.51.100.1": "unknown",
    "203.0.113.20": "known tcp.client.test",
    "2001:db8::10": "known six.client.test",
    "2001:db8::11": "known",
    "2001:db8::12": "known",
    # Of no zone: refused.
    "10.0.0.1": "unknown",
}


def free_port():
    """Free for UDP and TCP, on both loopbacks."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        try:
            with socket.socket(socket.AF_INET6) as six, \
                    socket.socket(type=socket.SOCK_DGRAM) as udp:
                six.bind(("::1", port))
                udp.bind(("127.0.0.1", port))
                return port
        except OSError:
            pass
    raise OSError("no free port")


class Knot:
    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.port = free_port()
        for folder in ("run", "db"):
            (self.work / folder).mkdir()
        shutil.copytree(ZONES, self.work / "zones")
        (self.work / "knot.conf").write_text(CONFIGURATION.format(
            work=work, zones=self.work / "zones", port=self.port))
        self.start()

    def start(self):
        program = shutil.which("knotd", path="/usr/sbin:/usr/bin:/sbin")
        with open(self.work / "knotd.out", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [program, "-c", self.work / "knot.conf"], stdout=log,
                stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise OSError((self.work / "knotd.out").read_text())

    def stop(self):
        self.process.kill()
        self.process.wait()


class Relay:
    """Hands UDP on to Knot after a while, or not at all."""

    def __init__(self, port, seconds=None):
        self.port, self.seconds = port, seconds
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            packet, who = self.socket.recvfrom(4096)
            if self.seconds is not None:
                threading.Thread(target=self.hand_on, args=(packet, who),
                                 daemon=True).start()

    def hand_on(self, packet, who):
        time.sleep(self.seconds)
        with socket.socket(type=socket.SOCK_DGRAM) as out:
            out.settimeout(2)
            out.sendto(packet, ("127.0.0.1", self.port))
            self.socket.sendto(out.recv(4096), who)


class Names:
    """The program under test, asked line by line."""

    def __init__(self, program, servers, deadline_ms):
        self.process = subprocess.Popen(
            [program, servers, str(deadline_ms)], encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, client):
        self.process.stdin.write(client + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip().partition(" ")[2]

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def equal(self, what, got, expected):
        right = got == expected
        self.passed += right
        self.failed += not right
        if not right:
            print(f"not ok - {what}: {got!r}, not {expected!r}")


def ask_all(results, program, servers, deadline_ms, clients):
    names = Names(program, servers, deadline_ms)
    for client in clients:
        results.equal(f"{client} from {servers}", names.ask(client),
                      EXPECTED[client])
    results.equal("exit status", names.close(), 0)


def outage(results, program, knot, server):
    """The server dies and comes back, under one resolver."""
    names = Names(program, server, 1000)
    some = ["192.0.2.10", "203.0.113.20"]
    for client in some:
        results.equal("before", names.ask(client), EXPECTED[client])
    knot.stop()
    for client in some:
        results.equal("while it is dead", names.ask(client), "unknown")
    knot.start()
    for client in some:
        results.equal("afterwards", names.ask(client), EXPECTED[client])
    results.equal("exit status", names.close(), 0)


def run(results, program, polling, work):
    knot = Knot(work)
    try:
        server = f"127.0.0.1:{knot.port}"
        slow, silent = Relay(knot.port, 0.2), Relay(knot.port)
        some = ["192.0.2.10", "192.0.2.14", "192.0.2.15"]
        ask_all(results, program, server, 5000, EXPECTED)
        ask_all(results, polling, server, 5000, EXPECTED)
        ask_all(results, program, f"[::1]:{knot.port}", 5000, some)
        ask_all(results, program, slow.address, 5000, some)
        ask_all(results, program, f"{silent.address},{server}", 2000, some)
        ask_all(results, program, f"127.0.0.1:1,{server}", 2000, some)
        names = Names(program, silent.address, 300)
        results.equal("silent", names.ask("192.0.2.10"), "unknown")
        results.equal("exit status", names.close(), 0)
        outage(results, program, knot, server)
    finally:
        knot.stop()


def main(program, polling):
    results = Results()
    with tempfile.TemporaryDirectory() as work:
        run(results, program, polling, work)
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
