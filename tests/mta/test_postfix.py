#!/usr/bin/python3
"""mayrelay-policyd and Postfix: the shared tests through a Unix and an inet
socket, and what must not happen when something is wrong with the daemon.

usage: test_postfix.py BUILD
"""
import contextlib
import signal
import sys

import bench
import faults
import policyd
import sandbox
import table
from checks import wait_until
from faults import AWAY, FAR, OURS, STRANGER, WELL, Session, codes


def check_no_policy(checks, mta, daemon, path):
    for name in faults.spoilt_policies(path):
        daemon.start(path)
        checks.expect(f"policy {name}: the daemon ends",
                      daemon.program.process.wait(), faults.NO_POLICY)
        checks.expect(f"policy {name}: all is deferred", codes(mta), AWAY)


def check_image(checks, mta, daemon, path):
    """It runs with an image, which is replaced under it."""
    good = path.read_text("utf-8")
    with Session(mta) as office:
        checks.expect("under the first image", office.rcpt(FAR).code, 250)
        bench.write(path, good.replace("file:offices.txt", "127.0.9.9"))
        faults.compile_image(path)
        checks.expect_true("the second image is noticed",
                           daemon.says("a new policy is in force"))
        checks.expect("for those who come now", codes(mta), [250, 550, 550])
        checks.expect("and for the next recipient of those who are there",
                      office.rcpt(FAR).code, 550)
    bench.write(path, good)


def check_killed(checks, mta, daemon, path):
    with Session(mta) as office, Session(mta, STRANGER) as stranger:
        checks.expect("both are there",
                      [office.rcpt(FAR).code, stranger.rcpt(OURS).code],
                      [250, 250])
        daemon.stop(signal.SIGKILL)
        checks.expect("killed in the middle",
                      [office.rcpt(FAR).code, stranger.rcpt(FAR).code,
                       stranger.rcpt(OURS).code], AWAY)
        checks.expect("and for those who come now", codes(mta), AWAY)
        daemon.start(path)
        checks.expect("restarted, all go on",
                      [office.rcpt(FAR).code, stranger.rcpt(OURS).code,
                       stranger.rcpt(FAR).code], [250, 250, 550])
        checks.expect("and new ones are served", codes(mta), WELL)


def check_hanging(checks, mta, daemon):
    """It is there and says nothing, until Postfix's patience ends."""
    with Session(mta, STRANGER) as stranger:
        daemon.program.send_signal(signal.SIGSTOP)
        checks.expect("hangs in the middle", stranger.rcpt(FAR).code, 451)
        daemon.program.send_signal(signal.SIGCONT)
        checks.expect_true("goes on", wait_until(
            lambda: stranger.rcpt(FAR).code == 550))


def crowd(checks, mta):
    """More and more clients at once: sooner or later one gets a process of
    Postfix's that has no connection yet."""
    with contextlib.ExitStack() as sessions:
        seen = {sessions.enter_context(Session(mta, STRANGER)).rcpt(OURS).code
                for _ in range(20)}
    checks.expect("some cannot be asked about", seen - {250}, {451})


def check_full(checks, mta, daemon):
    """No descriptor is left for those who come."""
    with Session(mta) as office:
        checks.expect("one is there", office.rcpt(FAR).code, 250)
        faults.limit_descriptors(daemon.program.process.pid, 0)
        crowd(checks, mta)
        checks.expect("the one is served", office.rcpt(FAR).code, 250)
        checks.expect_true("it says so",
                           daemon.says("no descriptor is left"))
        faults.limit_descriptors(daemon.program.process.pid, None)
    checks.expect("room again", codes(mta), WELL)


def check_reroute(checks, mta, daemon, path):
    """Refused at start, and while it runs."""
    good = path.read_text("utf-8")
    bench.write(path, bench.policy_text(rewrites=True))
    checks.expect_true("reroute is refused", daemon.says("there is 'reroute'"))
    checks.expect("the old policy stays", codes(mta), WELL)
    daemon.stop()
    daemon.start(path)
    checks.expect("reroute: it does not start",
                  daemon.program.process.wait(), faults.NO_POLICY)
    checks.expect("reroute: all is deferred", codes(mta), AWAY)
    bench.write(path, good)


def check_faults(checks, server, daemon, path):
    """The daemon is away when this begins, and when it ends."""
    once, patient, hasty = (policyd.AtRcptOnly(server, port) for port in
                            (policyd.ONCE, policyd.PATIENT, policyd.HASTY))
    checks.expect("without a daemon all is deferred, at connect too",
                  [codes(server), codes(once)], [AWAY, AWAY])
    check_no_policy(checks, once, daemon, path)
    faults.check_unreadable(checks, once, path, [
        policyd.PROGRAM, "--policy", path, "--listen", "inet:127.0.0.1:0"])
    faults.compile_image(path)
    daemon.start(faults.IMAGE)
    check_image(checks, patient, daemon, path)
    daemon.stop()
    faults.check_silent_dns(checks, patient, lambda: daemon.start(
        path, f"127.0.0.1:{faults.SILENT_DNS}"))
    daemon.stop()
    daemon.start(path)
    checks.expect("all is well", codes(patient), WELL)
    faults.check_spoilt_while_running(checks, patient, daemon.says, path)
    check_full(checks, once, daemon)
    check_hanging(checks, hasty, daemon)
    check_killed(checks, patient, daemon, path)
    check_reroute(checks, once, daemon, path)


def test(checks):
    bench.start_dns()
    path = bench.write_policy(rewrites=False)
    server = policyd.Server()
    daemon = policyd.Policyd()
    daemon.start(path)
    server.start()
    bench.check_all(checks, server)
    table.check(checks, policyd.AtRcptOnly(server, policyd.PATIENT))
    checks.expect("the daemon ends", daemon.stop(), 0)
    check_faults(checks, server, daemon, path)
    server.stop()


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], policyd.PACKAGES, policyd.USERS)
    sys.exit(bench.main("postfix", test))
