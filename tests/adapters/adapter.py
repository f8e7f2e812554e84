"""What the tests of the adapters share: an adapter with a policy in a folder of
its own, and a count of what held.

Standard library only.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "hosts"))

from dns_server import NO_SUCH_NAME, SERVER_FAILURE, TYPE_A, TYPE_PTR, reverse

LONGEST = 30  # seconds that anything may take that must come

# Clients by what DNS knows of them.
TRUSTED, FAILING, NAMELESS, SLOW = ("127.0.1.%d" % n for n in range(1, 5))
RECORDS = {
    (reverse(TRUSTED), TYPE_PTR): ["mx.trusted.example"],
    (reverse(SLOW), TYPE_PTR): ["mx.trusted.example"],
    ("mx.trusted.example", TYPE_A): [TRUSTED, SLOW],
    (reverse(FAILING), TYPE_PTR): SERVER_FAILURE,
    (reverse(NAMELESS), TYPE_PTR): NO_SUCH_NAME,
}
DELAYS = {reverse(SLOW): 2.0}

counts = {True: 0, False: 0}


def expect(name, actual, wanted):
    good = actual == wanted
    counts[good] += 1
    if not good:
        print(f"FAILED {name}\n    got    {actual!r}\n    wanted {wanted!r}")


def finish():
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


def comes(condition):
    """Whether it comes to hold."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def status_of(program, *arguments):
    return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=LONGEST,
                          check=False).returncode


class Adapter:
    """It runs in `folder`, which has policy.yaml, the log of its decisions and
    what it says on standard error."""

    def __init__(self, program, folder, policy, *options):
        self.program, self.options = program, options
        self.folder = pathlib.Path(folder)
        self.process = None
        self.write("policy.yaml", policy)

    def start(self, **how):
        with open(self.folder / "said", "a", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [self.program, "--policy", str(self.folder / "policy.yaml"),
                 "--log", str(self.folder / "log"), *self.options],
                stderr=said, **how)

    def write(self, name, text):
        """As a good editor does."""
        temporary = self.folder / (name + ".tmp")
        temporary.write_text(text, "utf-8")
        temporary.rename(self.folder / name)

    def read(self, name):
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""

    def says(self, text, times=1):
        """Whether it comes to say so often."""
        return comes(lambda: self.read("said").count(text) >= times)

    def logs(self, text):
        return comes(lambda: text in self.read("log"))

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        self.process.kill()
        return self.process.wait(LONGEST)

    def end(self):
        self.process.terminate()
        return self.process.wait(LONGEST)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def check_spoilt_log(adapter):
    """Where the log shall be opened anew it cannot."""
    log = adapter.folder / "log"
    log.rename(adapter.folder / "log.old")
    log.mkdir()
    adapter.hang_up()
    expect("a log that cannot be opened is told of",
           adapter.says("log cannot be opened anew: "), True)
    log.rmdir()
    adapter.hang_up()
    expect("it is opened once it can be", comes(log.exists), True)
