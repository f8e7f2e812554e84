"""A Postfix that listens on 127.0.0.1:2525, for whoever decides in it."""
import json
import pathlib
import re
import shutil
import subprocess
import time

import bench
from checks import wait_until

PACKAGES, USERS = ["postfix"], ["postfix", "postdrop"]  # for sandbox.enter
HERE = pathlib.Path(__file__).resolve().parent
ETC = bench.WORK / "postfix"
MAILLOG = bench.WORK / "maillog"
# A delivery, not what smtpd says of a refused RCPT.
DELIVERED = re.compile(r"postfix/(?:discard|error|qmgr)\[\d+\]: \w+: to=<([^>]*)>")


class Postfix(bench.Mta):
    name = "postfix"
    port = 2525

    def __init__(self, settings, services=""):
        """Lines for main.cf and master.cf."""
        for folder in ETC, ETC / "sasl", ETC / "spool", ETC / "data":
            folder.mkdir()
        shutil.chown(ETC / "data", "postfix")
        main = (HERE / "postfix/main.cf").read_text("utf-8")
        master = (HERE / "postfix/master.cf").read_text("utf-8")
        (ETC / "main.cf").write_text(
            main.replace("@WORK@", str(bench.WORK)) + settings)
        (ETC / "master.cf").write_text(master + services)
        bench.make_password_file(ETC / "sasldb2", "postfix")
        # Debian's looks here, whatever cyrus_sasl_config_path says.
        (ETC / "sasl/smtpd.conf").write_text(
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
            f"sasldb_path: {ETC}/sasldb2\nmech_list: PLAIN LOGIN\n")

    @staticmethod
    def command(program, *arguments):
        """What it says on standard output."""
        return subprocess.run([program, "-c", str(ETC), *arguments],
                              stdout=subprocess.PIPE, text=True, timeout=60
                              ).stdout

    def start(self):
        self.command("postfix", "start")
        if not wait_until(lambda: bench.listens(self.port)):
            raise RuntimeError(f"Postfix does not start: {self.log()}")

    def stop(self):
        self.command("postfix", "stop")

    @staticmethod
    def log():
        return MAILLOG.read_text("utf-8", "replace") if MAILLOG.exists() else ""

    @staticmethod
    def queued():
        """Recipients that wait in the queue."""
        return [recipient["address"]
                for line in Postfix.command("postqueue", "-j").splitlines()
                for recipient in json.loads(line)["recipients"]]

    def destinations(self):
        return DELIVERED.findall(self.log()) + self.queued()

    def is_idle(self):
        """A message has been logged before it leaves the queue; but the log
        itself comes a little later, in the order of what is said."""
        if self.queued():
            return False
        mark = f"mark-{time.monotonic_ns()}"
        self.command("postlog", mark)
        return wait_until(lambda: mark in self.log())
