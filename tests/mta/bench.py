"""What every MTA is tested with: programs that are started and stopped, the
policy, a DNS server, and the whole of the shared tests."""
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import traceback

import open_relay
import sandbox
import table
from checks import LONGEST, Checks, wait_until

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "hosts"))
import dns_server  # noqa: E402
from dns_server import SERVER_FAILURE, TYPE_A, TYPE_PTR, reverse  # noqa: E402

WORK = sandbox.WORK
POLICY = WORK / "policy"  # a folder: the policy and its lists

# Clients of transactions.txt: one named well, a liar, one that DNS fails for.
RECORDS = {
    (reverse("127.0.5.1"), TYPE_PTR): ["mx.inside.example"],
    (reverse("127.0.5.2"), TYPE_PTR): ["mx.inside.example"],
    ("mx.inside.example", TYPE_A): ["127.0.5.1"],
    (reverse("127.0.5.3"), TYPE_PTR): SERVER_FAILURE,
}


def listens(port, address="127.0.0.1"):
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


class Program:
    """Runs until it is stopped; all that it says goes to WORK/NAME.log."""

    def __init__(self, name, command, **options):
        self.log = WORK / (name + ".log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, **options)

    def says(self, text, times=1):
        return wait_until(lambda: self.said().count(text) >= times)

    def said(self):
        return self.log.read_text("utf-8", "replace")

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Its exit status; kills what does not end."""
        self.process.send_signal(number)
        try:
            return self.process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "had to be killed"


def write(path, text):
    """As a good editor does: readers see the old file or the new one."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, "utf-8")
    temporary.chmod(0o644)
    temporary.rename(path)


def policy_text(rewrites=True):
    """policy.yaml; for an MTA that cannot rewrite recipients, without
    reroute."""
    lines = (HERE / "policy.yaml").read_text("utf-8").splitlines()
    return "".join(line + "\n" for line in lines
                   if rewrites or not line.lstrip().startswith("reroute:"))


def write_policy(rewrites=True):
    """Into POLICY, with its lists; returns the policy's path."""
    POLICY.mkdir(exist_ok=True)
    for path in HERE.glob("*.txt"):
        shutil.copy(path, POLICY)
    write(POLICY / "policy.yaml", policy_text(rewrites))
    return POLICY / "policy.yaml"


def start_dns():
    """The system's name server: see RECORDS."""
    return dns_server.Server(RECORDS, port=53)


def make_password_file(path, owner):
    """A sasldb of table.USERS, for MTAs that use Cyrus SASL."""
    for user in table.USERS:
        name, realm = user.split("@")
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", str(path), "-u",
                        realm, name], input=table.PASSWORD.encode(), check=True)
    shutil.chown(path, owner)
    path.chmod(0o640)


class Mta:
    """What the shared tests have to know of an MTA that runs."""
    name = ""                      # as in the exceptions of transactions.txt
    port = 0                       # on 127.0.0.1
    stages = {"rcpt"}              # where its adapter judges
    rewrites = False               # whether the adapter can
    has_auth = True
    says_enhanced_of_accept = True
    shapes_taken_as_local = {}     # id of open_relay.shapes() -> why

    def destinations(self):
        """The recipients of all messages it has accepted so far, as the MTA
        has resolved them, from its log or its queue."""
        raise NotImplementedError

    def is_idle(self):
        """Whether destinations() is all there is to come."""
        raise NotImplementedError


def check_all(checks, mta):
    """The shared tests.  The MTA runs with write_policy(mta.rewrites)."""
    table.check(checks, mta)
    open_relay.check(checks, mta)


def save_logs(name):
    """What the sandbox would take with it, to build/mta/NAME."""
    folder = sandbox.BUILD / "mta" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in WORK.glob("*"):
        if path.is_file():
            shutil.copy(path, folder)


def main(name, test):
    """Runs test(checks), tells the outcome; the script's exit status."""
    checks = Checks()
    try:
        test(checks)
    except Exception as error:  # a test that breaks off has failed
        traceback.print_exc(file=sys.stdout)
        checks.expect(f"{name} runs to its end", repr(error), None)
    finally:
        save_logs(name)
    return checks.end()
