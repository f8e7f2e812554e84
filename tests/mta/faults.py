"""What must not happen when something is wrong with an adapter that runs on
its own: whoever may not relay is never let through.

`says(text, times=1)` is whether the adapter comes to say that so often, on its
standard error.
"""
import os
import pathlib
import re
import socket
import subprocess

import bench
import sandbox
import smtp

MAYRELAY = sandbox.BUILD / "examples/command/mayrelay"
IMAGE = bench.POLICY / "policy.mrp"
SILENT_DNS = 5353  # somebody listens there, and says nothing
STRANGER, OFFICE, NAMED = "127.0.0.1", "127.0.2.1", "127.0.5.1"
OURS, FAR = "joe@corp.example", "victim@external.test"
WELL, AWAY = [250, 550, 250], [451, 451, 451]  # of codes()
NO_POLICY = 78  # the exit status


class Session(smtp.Client):
    """As far as MAIL, from a client that may relay unless said otherwise."""

    def __init__(self, mta, client=OFFICE):
        super().__init__(mta.port, client)
        self.hello()
        self.mail = self.ask("MAIL FROM:<a@sender.example>")

    def rcpt(self, recipient):
        return self.ask(f"RCPT TO:<{recipient}>")


def attempt(mta, client, recipient):
    """The code of the first refusal, or of RCPT; 0: nobody is there."""
    try:
        with smtp.Client(mta.port, client) as session:
            reply = session.greeting
            for line in ("EHLO client.example",
                         "MAIL FROM:<a@sender.example>",
                         f"RCPT TO:<{recipient}>"):
                if reply.code // 100 != 2:
                    break
                reply = session.ask(line)
            return reply.code
    except ConnectionRefusedError:
        return 0


def codes(mta):
    """A stranger to us, the same elsewhere, an office elsewhere."""
    return [attempt(mta, STRANGER, OURS), attempt(mta, STRANGER, FAR),
            attempt(mta, OFFICE, FAR)]


def spoilt_policies(path):
    """Leaves in its place, one after the other, what is no policy; gives each
    its name.  In the end the policy is back."""
    def spoil_with(text):
        bench.write(path, text)

    good = path.read_text("utf-8")
    for name, spoil in [("missing", path.unlink),
                        ("broken", lambda: spoil_with(good + "nonsense\n")),
                        ("a folder", path.mkdir),
                        ("empty", lambda: spoil_with("")),
                        ("half an image", lambda: spoil_with("mayrelay\0"))]:
        path.unlink(missing_ok=True)
        spoil() if name != "missing" else None
        yield name
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    spoil_with(good)


def check_unreadable(checks, mta, path, command):
    """Root can read everything: so this is for another user."""
    path.chmod(0o600)
    ended = subprocess.run(command, user="nobody", stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=60, check=False)
    checks.expect(f"{mta.name}: a policy that cannot be read",
                  ended.returncode, NO_POLICY)
    path.chmod(0o644)


def check_spoilt_while_running(checks, mta, says, path):
    """The policy in force stays."""
    good = path.read_text("utf-8")
    for times, spoil in enumerate(
            (path.unlink, lambda: bench.write(path, "nonsense\n")), 1):
        spoil()
        checks.expect_true(f"{mta.name}: that it is spoilt is noticed",
                           says("the old policy stays in force", times))
        checks.expect(f"{mta.name}: spoilt while it runs", codes(mta), WELL)
    bench.write(path, good)


def compile_image(policy):
    temporary = IMAGE.with_suffix(".new")
    subprocess.run([MAYRELAY, "compile", policy, "-o", temporary], check=True,
                   capture_output=True)
    temporary.rename(IMAGE)


def check_image(checks, mta, says, path):
    """It runs with IMAGE, which is replaced under it: whoever is connected
    keeps the policy he came under."""
    good = path.read_text("utf-8")
    with Session(mta) as office:
        checks.expect(f"{mta.name}: under the first image",
                      office.rcpt(FAR).code, 250)
        bench.write(path, good.replace("file:offices.txt", "127.0.9.9"))
        compile_image(path)
        checks.expect_true(f"{mta.name}: the second image is noticed",
                           says("a new policy is in force"))
        checks.expect(f"{mta.name}: for those who come now", codes(mta),
                      [250, 550, 550])
        checks.expect(f"{mta.name}: not for those who are there",
                      office.rcpt(FAR).code, 250)
    bench.write(path, good)


def check_silent_dns(checks, mta, start):
    """start() makes it run with the DNS of SILENT_DNS."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", SILENT_DNS))
        start()
        with Session(mta, NAMED) as named:
            named.send(f"RCPT TO:<{FAR}>")
            checks.expect(f"{mta.name}: DNS is silent, others are served",
                          [attempt(mta, OFFICE, FAR),
                           attempt(mta, NAMED, OURS)], [250, 250])
            checks.expect(f"{mta.name}: DNS is silent, who needs it waits",
                          str(named.read())[:9], "451 4.4.3")


def limit_descriptors(pid, more):
    """To those that it has, and some more; None: no longer.  As its user: root
    may not everywhere."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text("ascii")
    user, group = (int(re.search(rf"^{name}:\t(\d+)", status, re.M).group(1))
                   for name in ("Uid", "Gid"))
    has = {int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}
    limit = "" if more is None else [
        fd for fd in range(len(has) + more + 1) if fd not in has][more]
    most = re.search(r"^Max open files +\d+ +(\d+)", pathlib.Path(
        f"/proc/{pid}/limits").read_text("ascii"), re.M).group(1)
    subprocess.run(["prlimit", "--pid", str(pid),
                    f"--nofile={limit or most}:"], user=user, group=group,
                   check=True)
