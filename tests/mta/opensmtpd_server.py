"""An OpenSMTPD that listens on 127.0.0.1:2540, for whoever filters it."""
import pathlib
import re
import shutil

import bench
from checks import wait_until

PACKAGES, USERS = ["opensmtpd"], ["opensmtpd", "opensmtpq"]
HERE = pathlib.Path(__file__).resolve().parent
QUEUE = pathlib.Path("/var/spool/smtpd/queue")
DESTINATION = re.compile(r"^dest: (.*)$", re.M)


class OpenSmtpd(bench.Mta):
    """Debian 12's cannot do TLS, and has no AUTH without."""
    name, port, has_auth = "opensmtpd", 2540, False

    def __init__(self, filter_command):
        self.configuration = bench.WORK / "smtpd.conf"
        self.server = None
        QUEUE.parent.mkdir(mode=0o711, exist_ok=True)
        pathlib.Path("/etc/mailname").write_text("mx.corp.example\n", "ascii")
        self.configure(filter_command)

    def configure(self, filter_command):
        """For the next start; without a command there is no filter."""
        text = (HERE / "opensmtpd/smtpd.conf").read_text("utf-8")
        program = f'filter "it" proc-exec "{filter_command}"'
        for name, value in [
                ("PORT", self.port),
                ("PROGRAM", program if filter_command else ""),
                ("FILTER", 'filter "it"' if filter_command else "")]:
            text = text.replace(f"@{name}@", str(value))
        self.configuration.write_text(text, "utf-8")
        self.configuration.chmod(0o600)

    def start(self):
        """Waits until it listens, or has ended."""
        pathlib.Path("/run/smtpd.sock").unlink(missing_ok=True)
        self.server = bench.Program("opensmtpd", [
            shutil.which("smtpd", path="/usr/sbin"), "-d", "-P", "mta", "-f",
            self.configuration])
        wait_until(lambda: bench.listens(self.port) or self.has_ended())

    def says(self, text, times=1):
        """What filters say comes this way, too."""
        return self.server.says(text, times)

    def has_ended(self):
        return self.server.process.poll() is not None

    def stop(self):
        return self.server.stop()

    def destinations(self):
        """Nothing leaves the queue; a file may while it is looked at."""
        found = []
        for path in QUEUE.glob("*/*/*"):
            try:
                found += DESTINATION.findall(path.read_text("utf-8"))
            except (FileNotFoundError, UnicodeDecodeError):
                pass  # the message itself, or an envelope that is rewritten
        return found

    def is_idle(self):
        return True
