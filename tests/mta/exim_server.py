"""An Exim that listens on 127.0.0.1:2525, with the adapter in its ACLs."""
import pathlib
import shutil
import signal
import subprocess

import bench
import sandbox
import table
from checks import wait_until

# For sandbox.enter.
PACKAGES, USERS = ["exim4-daemon-heavy", "exim4-base"], ["Debian-exim"]
LIBRARY = sandbox.BUILD / "examples/exim/mayrelay-exim.so"
FRAGMENTS = pathlib.Path("/mnt/source/examples/exim/conf.d")
CONFIGURATION = pathlib.Path("/etc/exim4/exim4.conf")  # what Debian's reads
SPOOL = bench.WORK / "spool"
DELIVERED = bench.WORK / "delivered"  # its transport writes the recipients here
DECISIONS = bench.WORK / "decisions.log"

TEXT = """\
MAYRELAY_LIBRARY = {library}
MAYRELAY_SETTINGS = {settings}

primary_hostname = mx.corp.example
qualify_domain = corp.example
local_interfaces = <; 127.0.0.1; ::1
daemon_smtp_ports = {ports}
spool_directory = {spool}
log_file_path = {work}/exim.%slog
pid_file_path = {work}/exim.pid
deliver_drop_privilege
keep_environment =
# No look-ups of Exim's own, and no limits that a scanner runs into.
host_lookup =
rfc1413_query_timeout = 0s
allow_domain_literals
smtp_accept_max = 200
smtp_connect_backlog = 200
smtp_accept_max_nonmail = 1000
smtp_accept_max_per_connection = 10000
smtp_max_synprot_errors = 1000
smtp_max_unknown_commands = 1000
{main}

{asked}

begin acl
{acl}

begin routers
{routers}
everything:
  driver = accept
  caseful_local_part
  transport = delivered

begin transports
delivered:
  driver = appendfile
  file = {delivered}
  user = Debian-exim
  message_prefix = "${{quote_local_part:$local_part}}@$domain\\n"
  message_suffix =
  headers_only
  headers_remove = *

begin rewrite
{rewrite}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{inlist{{$auth2}}{{{users}}}}}\\
                                {{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""
ASKED = "".join(f"acl_smtp_{stage} = acl_mayrelay_{stage}\n"
                for stage in ("connect", "mail", "rcpt"))
ACL = f".include {FRAGMENTS}/acl/01_mayrelay\n"
ROUTERS = f".include {FRAGMENTS}.reroute/router/01_mayrelay\n"


def compile_policy(text, image):
    """As an administrator does: list files stand beside it."""
    source = bench.POLICY / "source.yaml"
    source.write_text(text, "utf-8")
    subprocess.run([sandbox.BUILD / "examples/command/mayrelay", "compile",
                    source, "-o", image], check=True,
                   stdout=subprocess.DEVNULL)


def route(recipient):
    """What Exim says of where it would send that."""
    return subprocess.run(["exim4", "-bt", recipient], capture_output=True,
                          text=True).stdout


class Exim(bench.Mta):
    name = "exim"
    port = 2525
    stages = {"connect", "mail", "rcpt"}
    rewrites = True

    def __init__(self, settings, library=LIBRARY, ports="2525", asked=ASKED,
                 acl=ACL, routers=ROUTERS, main="", rewrite=""):
        """`settings` are the adapter's; the others are parts of TEXT."""
        self.text = TEXT.format(
            library=library, settings=settings, ports=ports, spool=SPOOL,
            work=bench.WORK, delivered=DELIVERED, asked=asked, acl=acl,
            routers=routers, main=main, rewrite=rewrite,
            users=" : ".join(table.USERS), password=table.PASSWORD)
        self.program = None

    def prepare(self):
        """Files as this Exim wants them, and no logs of an earlier one."""
        for folder in SPOOL, CONFIGURATION.parent:
            folder.mkdir(exist_ok=True)
        for file in DELIVERED, DECISIONS:
            file.write_text("")
        for file in bench.WORK.glob("exim.*log"):
            file.unlink()
        for path in SPOOL, bench.WORK, DELIVERED, DECISIONS:
            shutil.chown(path, "Debian-exim")
        bench.write(CONFIGURATION, self.text)

    def __enter__(self):
        self.prepare()
        self.program = bench.Program("exim", ["exim4", "-bdf"])
        if not wait_until(lambda: "listening for SMTP" in self.log("main")):
            raise RuntimeError(f"Exim does not start: {self.program.said()}")
        return self

    def __exit__(self, *_):
        """A process that has just been forked still listens with the daemon:
        the next one has to wait for it."""
        self.program.stop()
        wait_until(lambda: not bench.listens(self.port))

    @staticmethod
    def log(name):
        """"main", "reject" or "panic"."""
        file = bench.WORK / f"exim.{name}log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def destinations(self):
        return [line for line in DELIVERED.read_text("utf-8").splitlines()
                if line]

    def is_idle(self):
        count = subprocess.run(["exim4", "-bpc"], stdout=subprocess.PIPE,
                               text=True, check=True).stdout
        return count.strip() == "0"
