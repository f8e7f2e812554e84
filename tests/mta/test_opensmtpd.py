#!/usr/bin/python3
"""filter-mayrelay in OpenSMTPD.

usage: test_opensmtpd.py BUILD
"""
import os
import pathlib
import signal
import socket
import sys

import bench
import faults
import opensmtpd_server
import sandbox
from checks import wait_until
from faults import FAR, NAMED, OFFICE, OURS, STRANGER, WELL, Session, codes

PROGRAM = sandbox.BUILD / "examples/opensmtpd/filter-mayrelay"
DECISIONS = bench.WORK / "decisions"
NOBODY_THERE = [0, 0, 0]  # of codes()


def command(policy, dns="127.0.0.1:53"):
    return (f"{PROGRAM} --policy {policy} --dns={dns} --dns-deadline 2 "
            f"--log {DECISIONS}")


class OpenSmtpd(opensmtpd_server.OpenSmtpd):
    stages, rewrites = {"connect", "mail", "rcpt"}, True

    def run(self, *how):
        """With a filter of command(*how)."""
        if self.server and not self.has_ended():
            self.stop()
        self.configure(command(*how))
        self.start()

    @staticmethod
    def filter_pids():
        return [int(path.parent.name)
                for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")
                if path.read_bytes().startswith(str(PROGRAM).encode())]

    def filter_pid(self):
        """smtpd can be reached before it has started its filter."""
        return wait_until(self.filter_pids)[0]


def check_reroute(checks, server):
    with Session(server, STRANGER) as stranger:
        for recipient in "kate@old.example", OURS:
            checks.expect(f"{recipient} is accepted",
                          stranger.rcpt(recipient).code, 250)
        checks.expect("so is the message", stranger.message().code, 250)
    found = server.destinations()
    checks.expect("it goes where the policy says",
                  [address for address in found if address.startswith("kate@")
                   and address.endswith((".example"))][-1:],
                  ["kate@corp.example"])


def check_no_policy(checks, server, path):
    """OpenSMTPD ends with its filter."""
    for name in faults.spoilt_policies(path):
        server.run(path)
        checks.expect_true(f"policy {name}: it ends",
                           wait_until(server.has_ended))
        checks.expect(f"policy {name}: nobody is there", codes(server),
                      NOBODY_THERE)
    server.configure("/none/filter-mayrelay")
    server.start()
    checks.expect_true("no filter: it ends", wait_until(server.has_ended))
    faults.check_unreadable(checks, server, path, [PROGRAM, "--policy", path])


def check_killed(checks, server, path):
    for number in signal.SIGKILL, signal.SIGTERM:
        with Session(server) as office, Session(server, STRANGER) as stranger:
            checks.expect("both are there",
                          [office.mail.code, stranger.mail.code], [250, 250])
            os.kill(server.filter_pid(), number)
            checks.expect(f"{number.name} in the middle", [
                session.rcpt(FAR).code // 100 in (0, 4)
                for session in (office, stranger)], [True, True])
        checks.expect_true("it ends", wait_until(server.has_ended))
        checks.expect("nobody is there", codes(server), NOBODY_THERE)
        server.run(path)
        checks.expect("restarted", codes(server), WELL)


def check_stopped(checks, server):
    """A filter that says nothing: nobody gets through, nor is refused."""
    with Session(server, STRANGER) as stranger:
        pid = server.filter_pid()
        os.kill(pid, signal.SIGSTOP)
        stranger.send(f"RCPT TO:<{FAR}>")
        stranger.socket.settimeout(2)
        try:
            answer = stranger.socket.recv(1)
        except socket.timeout:
            answer = None
        checks.expect("it hangs, and nobody gets an answer", answer, None)
        os.kill(pid, signal.SIGCONT)
        stranger.socket.settimeout(30)
        checks.expect("it goes on", stranger.socket.recv(3), b"550")


def check_full(checks, server, path):
    """No descriptors are left to ask DNS with, as nobody has asked yet."""
    server.run(path)
    checks.expect("somebody who does not need DNS is served",
                  faults.attempt(server, OFFICE, FAR), 250)
    faults.limit_descriptors(server.filter_pid(), 0)
    checks.expect("no descriptors", [
        faults.attempt(server, NAMED, FAR), faults.attempt(server, NAMED, OURS),
        faults.attempt(server, OFFICE, FAR)], [451, 250, 250])
    faults.limit_descriptors(server.filter_pid(), None)
    checks.expect_true("descriptors", wait_until(
        lambda: faults.attempt(server, NAMED, FAR) == 250))


def check_faults(checks, server, path):
    check_no_policy(checks, server, path)
    faults.compile_image(path)
    server.run(faults.IMAGE)
    faults.check_image(checks, server, server.says, path)
    faults.check_silent_dns(checks, server, lambda: server.run(
        path, f"127.0.0.1:{faults.SILENT_DNS}"))
    server.run(path)
    checks.expect("all is well", codes(server), WELL)
    faults.check_spoilt_while_running(checks, server, server.says, path)
    check_full(checks, server, path)
    check_stopped(checks, server)
    check_killed(checks, server, path)


def test(checks):
    path = bench.write_policy()
    bench.start_dns()
    DECISIONS.touch()
    DECISIONS.chmod(0o666)
    server = OpenSmtpd(command(path))
    server.start()
    bench.check_all(checks, server)
    check_reroute(checks, server)
    check_faults(checks, server, path)
    server.stop()


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], opensmtpd_server.PACKAGES,
                  opensmtpd_server.USERS)
    sys.exit(bench.main("opensmtpd", test))
