"""mayrelay-milter, and an MTA that has it as its filter at SOCKET: what must
not happen when something is wrong with it."""
import signal
import socket
import stat

import bench
import faults
import sandbox
from checks import wait_until
from faults import AWAY, FAR, OURS, STRANGER, WELL, Session, codes

PROGRAM = sandbox.BUILD / "examples/milter/mayrelay-milter"
SOCKET = bench.WORK / "milter/socket"


class Milter:
    """One after the other, all at the same place."""

    def __init__(self):
        SOCKET.parent.mkdir()
        self.program = None

    def start(self, policy, dns="127.0.0.1:53"):
        """Waits until it listens, or has ended."""
        self.program = bench.Program("milter", [
            PROGRAM, "--policy", policy, "--listen", f"unix:{SOCKET}",
            f"--dns={dns}", "--dns-deadline", "2", "--log",
            bench.WORK / "decisions"], umask=0)
        wait_until(lambda: self.listens() or self.has_ended())

    def has_ended(self):
        return self.program.process.poll() is not None

    @staticmethod
    def listens():
        if not SOCKET.exists() or not stat.S_ISSOCK(SOCKET.stat().st_mode):
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(SOCKET)) == 0

    def says(self, text, times=1):
        return self.program.says(text, times)

    def stop(self):
        return self.program.stop()


def check_no_policy(checks, mta, milter, path):
    for name in faults.spoilt_policies(path):
        milter.start(path)
        checks.expect(f"{mta.name}: policy {name}: the filter ends",
                      milter.program.process.wait(), faults.NO_POLICY)
        checks.expect(f"{mta.name}: policy {name}: all is deferred",
                      codes(mta), AWAY)


def check_killed(checks, mta, milter, path):
    with Session(mta) as office, Session(mta, STRANGER) as stranger:
        checks.expect(f"{mta.name}: both are there",
                      [office.mail.code, stranger.mail.code], [250, 250])
        milter.program.stop(signal.SIGKILL)
        checks.expect(f"{mta.name}: killed in the middle",
                      [office.rcpt(FAR).code, stranger.rcpt(FAR).code,
                       stranger.rcpt(OURS).code], AWAY)
        checks.expect(f"{mta.name}: and for those who come now", codes(mta),
                      AWAY)
        milter.start(path)
        checks.expect(f"{mta.name}: restarted, old sessions stay deferred",
                      [office.rcpt(FAR).code, stranger.rcpt(FAR).code],
                      [451, 451])
        checks.expect(f"{mta.name}: and new ones are served", codes(mta), WELL)


def check_stopped(checks, mta, milter):
    """It is there and says nothing, until the MTA's patience ends."""
    with Session(mta, STRANGER) as stranger:
        milter.program.send_signal(signal.SIGSTOP)
        checks.expect(f"{mta.name}: hangs in the middle",
                      stranger.rcpt(FAR).code, 451)
    checks.expect(f"{mta.name}: hangs", codes(mta), AWAY)
    milter.program.send_signal(signal.SIGCONT)
    checks.expect_true(f"{mta.name}: goes on",
                       wait_until(lambda: codes(mta) == WELL))


def check_full(checks, mta, milter):
    """No descriptors are left for those who come."""
    pid = milter.program.process.pid
    with Session(mta) as office:
        checks.expect(f"{mta.name}: one is there", office.mail.code, 250)
        faults.limit_descriptors(pid, 0)
        checks.expect(f"{mta.name}: no room for others", codes(mta), AWAY)
        checks.expect(f"{mta.name}: the one is served", office.rcpt(FAR).code,
                      250)
        faults.limit_descriptors(pid, None)
        checks.expect_true(f"{mta.name}: room again",
                           wait_until(lambda: codes(mta) == WELL))


def check_reroute(checks, mta):
    """What the policy reroutes goes there, and nowhere else."""
    with Session(mta, STRANGER) as stranger:
        for recipient in "kate@old.example", OURS:
            checks.expect(f"{mta.name}: {recipient} is accepted",
                          stranger.rcpt(recipient).code, 250)
        checks.expect(f"{mta.name}: so is the message",
                      stranger.message().code, 250)
    wait_until(lambda: "kate@corp.example" in mta.destinations() and
               mta.is_idle())
    found = mta.destinations()
    checks.expect_true(f"{mta.name}: it goes where the policy says",
                       "kate@corp.example" in found and OURS in found)
    checks.expect(f"{mta.name}: and not where the client said",
                  [address for address in found
                   if address.endswith("@old.example")], [])


def check_faults(checks, mta, milter, path):
    """The milter is away when this begins, and when it ends."""
    checks.expect(f"{mta.name}: without a filter all is deferred", codes(mta),
                  AWAY)
    check_no_policy(checks, mta, milter, path)
    faults.check_unreadable(checks, mta, path, [
        PROGRAM, "--policy", path, "--listen", f"unix:{bench.WORK}/other"])
    faults.compile_image(path)
    milter.start(faults.IMAGE)
    faults.check_image(checks, mta, milter.says, path)
    milter.stop()
    faults.check_silent_dns(checks, mta, lambda: milter.start(
        path, f"127.0.0.1:{faults.SILENT_DNS}"))
    milter.stop()
    milter.start(path)
    checks.expect(f"{mta.name}: all is well", codes(mta), WELL)
    faults.check_spoilt_while_running(checks, mta, milter.says, path)
    check_full(checks, mta, milter)
    check_stopped(checks, mta, milter)
    check_killed(checks, mta, milter, path)
    checks.expect(f"{mta.name}: it ends", milter.stop(), 0)


def check_all(checks, mta):
    """All of it, of an MTA that is not running yet."""
    path = bench.write_policy()
    bench.start_dns()
    milter = Milter()
    milter.start(path)
    mta.start()
    bench.check_all(checks, mta)
    check_reroute(checks, mta)
    milter.stop()
    check_faults(checks, mta, milter, path)
    mta.stop()
