"""mayrelay-policyd, as a user of its own, and the Postfix that asks it."""
import shutil
import signal

import bench
import postfix_server
import sandbox
from checks import wait_until

PROGRAM = sandbox.BUILD / "examples/postfix/mayrelay-policyd"
PACKAGES = postfix_server.PACKAGES
USER = "mayrelay"
USERS = [*postfix_server.USERS, USER]
FOLDER = bench.WORK / "run"
UNIX, PORT = FOLDER / "policyd", 10040
LISTEN = f"unix:{UNIX}", f"inet:127.0.0.1:{PORT}"

BY_UNIX = f"check_policy_service unix:{UNIX}"
BY_INET = f"check_policy_service inet:127.0.0.1:{PORT}"
SETTINGS = f"""\
smtpd_delay_reject = no
smtpd_client_restrictions = {BY_UNIX}
smtpd_sender_restrictions = {BY_UNIX}
smtpd_relay_restrictions = {BY_UNIX}, reject_unauth_destination
"""
# The least that does: asked at RCPT only, and over TCP; with patience, without
# a second try, and with little patience.
PATIENT, ONCE, HASTY = 2526, 2527, 2528
AT_RCPT = f"""\
    -o smtpd_delay_reject=yes
    -o smtpd_client_restrictions=
    -o smtpd_sender_restrictions=
    -o {{ smtpd_relay_restrictions = {BY_INET}, reject_unauth_destination }}
"""
SERVICES = "".join(
    f"127.0.0.1:{port} inet  n  -  n  -  -  smtpd\n{AT_RCPT}    -o {more}\n"
    for port, more in [(PATIENT, "smtpd_policy_service_timeout=100s"),
                       (ONCE, "smtpd_policy_service_try_limit=1"),
                       (HASTY, "smtpd_policy_service_timeout=1s")])


class Policyd:
    """One after the other, all at the same places."""

    def __init__(self):
        FOLDER.mkdir()
        shutil.chown(FOLDER, USER, USER)
        self.program = None

    def start(self, policy, dns="127.0.0.1:53", **how):
        """Waits until it listens, or has ended."""
        self.program = bench.Program("policyd", [
            PROGRAM, "--policy", policy, "--listen", f"unix:{UNIX}",
            "--listen", f"inet:127.0.0.1:{PORT}", f"--dns={dns}",
            "--dns-deadline", "2", "--log", FOLDER / "decisions"],
            user=USER, **how)
        wait_until(lambda: bench.listens(PORT) or self.has_ended())

    def has_ended(self):
        return self.program.process.poll() is not None

    def says(self, text, times=1):
        return self.program.says(text, times)

    def stop(self, number=signal.SIGTERM):
        return self.program.stop(number)


class Server(postfix_server.Postfix):
    """Asks at connect, MAIL and RCPT."""
    stages = {"connect", "mail", "rcpt"}
    shapes_taken_as_local = {
        "prop-space-dom": "Postfix takes the blank away before it asks",
        "prop-colon-route": "Postfix takes it for a local part with a colon",
    }

    def __init__(self):
        super().__init__(SETTINGS, SERVICES)


class AtRcptOnly:
    """The same Postfix, through one of its other ports."""
    stages = {"rcpt"}

    def __init__(self, server, port):
        self.server, self.port = server, port

    def __getattr__(self, name):
        return getattr(self.server, name)
