"""A sendmail that listens on 127.0.0.1:2532, for whoever decides in it."""
import pathlib
import re
import subprocess

import bench
import sandbox
from checks import wait_until

PACKAGES = ["sendmail-bin", "sendmail-base", "sendmail-cf"]
USERS = ["smmta", "smmsp"]
HERE = pathlib.Path(__file__).resolve().parent
ETC = bench.WORK / "sendmail"
QUEUE = ETC / "mqueue"
CF = ETC / "sendmail.cf"
MACROS = pathlib.Path("/usr/share/sendmail/cf")
PROGRAM = "/usr/libexec/sendmail/sendmail"
RECIPIENT = re.compile(r"^R[^:\n]*:(.*)$", re.M)
RESOLVED = re.compile(r"deliverable: mailer (\S+),(?: host (\S+),)? user (.*)$")


class Sendmail(bench.Mta):
    name, port = "sendmail", 2532

    def __init__(self, settings, traffic=True):
        """Lines for sendmail.mc, and whether all that is said is logged."""
        self.server = None
        self.traffic = ["-X", bench.WORK / "sendmail.traffic"] if traffic \
            else []
        ETC.mkdir()
        QUEUE.mkdir(mode=0o700)
        for name, text in [("aliases", ""), ("statistics", ""),
                           ("service.switch", "hosts files\naliases files\n")]:
            (ETC / name).write_text(text, "ascii")
        self.write_configuration(settings)
        self.set_up_sasl()

    def write_configuration(self, settings):
        text = (HERE / "sendmail/sendmail.mc").read_text("utf-8")
        for name, value in [("WORK", bench.WORK), ("PORT", self.port),
                            ("SETTINGS", settings)]:
            text = text.replace(f"@{name}@", str(value))
        CF.write_text(subprocess.run(
            ["m4", f"-D_CF_DIR_={MACROS}/", MACROS / "m4/cf.m4", "-"],
            input=text, stdout=subprocess.PIPE, text=True, check=True).stdout)

    @staticmethod
    def set_up_sasl():
        """sendmail clears its environment: so libsasl2 has to find this where
        it looks first."""
        folder = ETC / "sasl"
        folder.mkdir()
        bench.make_password_file(ETC / "sasldb2", "root")
        (ETC / "sasldb2").chmod(0o600)
        configuration = folder / "Sendmail.conf"
        configuration.write_text(
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
            f"sasldb_path: {ETC}/sasldb2\nmech_list: PLAIN LOGIN\n")
        configuration.chmod(0o640)
        sandbox.run("mount", "--bind", folder, "/usr/lib/sasl2")

    def start(self):
        self.server = bench.Program("sendmail", [
            PROGRAM, "-bD", "-C", CF, *self.traffic])
        if not wait_until(lambda: bench.listens(self.port)):
            raise RuntimeError(f"sendmail does not start: {self.server.said()}")

    def stop(self):
        return self.server.stop()

    @staticmethod
    def queued():
        """Recipients as they stand in the queue."""
        return [address.strip("<> ") for path in QUEUE.glob("qf*")
                for address in RECIPIENT.findall(path.read_text("latin-1"))]

    @staticmethod
    def resolve(address):
        """Where sendmail would send it; what it keeps, as it stands there."""
        said = subprocess.run([PROGRAM, "-C", CF, "-bv", address],
                              capture_output=True, text=True, timeout=60,
                              check=False).stdout
        mailer, _, user = RESOLVED.search(said).groups()
        return address if mailer == "local" else user.strip()

    def destinations(self):
        return [self.resolve(address) for address in self.queued()]

    def is_idle(self):
        """Nothing leaves the queue."""
        return True
