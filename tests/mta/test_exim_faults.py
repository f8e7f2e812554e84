#!/usr/bin/python3
"""Exim when something fails: it defers, and never accepts a relay.

usage: test_exim_faults.py BUILD
"""
import socket
import sys
import threading
import time

import bench
import exim_server
import sandbox
import smtp
from checks import LONGEST
from exim_server import Exim, compile_policy

STRANGER, OFFICE = "127.0.0.1", "127.0.2.1"
OURS, FAR = "joe@corp.example", "victim@external.test"
OPEN = """\
mayrelay: 1
domains: {inbound: [corp.example]}
relay: {allow: [{name: open, clients: [$all], open-relay: true}]}
"""
SHUT = """\
mayrelay: 1
domains: {inbound: [corp.example]}
"""


def settings(policy, more=""):
    return f"policy={policy} log={exim_server.DECISIONS} {more}"


def codes(exim, client=OFFICE):
    """What a client is told of our recipient and of a far one; for a
    connection that is turned down, that, twice.  The client is one that may
    relay: whatever is accepted has been decided."""
    with smtp.Client(exim.port, client) as session:
        if session.greeting.code != 220:
            return [session.greeting.code] * 2
        session.hello()
        session.ask("MAIL FROM:<a@sender.example>")
        return [session.ask(f"RCPT TO:<{recipient}>").code
                for recipient in (OURS, FAR)]


def check_deferring(checks, what, said, exim):
    """And that the panic log tells the administrator why."""
    with exim:
        checks.expect(f"{what}: Exim defers", codes(exim), [451, 451])
    checks.expect_true(f"{what}: and says why: {said}\n{exim.log('panic')}",
                       said in exim.log("panic"))


# -- what never worked -------------------------------------------------------

def policies(image):
    """Name, policy, and what is said of it."""
    folder = bench.WORK / "broken"
    folder.mkdir()
    octets = image.read_bytes()

    def make(name, content):
        (folder / name).write_bytes(content)
        return folder / name
    unreadable = make("unreadable", octets)
    unreadable.chmod(0o600)
    return [
        ("policy missing", folder / "none", "No such file"),
        ("policy is a folder", folder, "cannot load"),
        ("policy empty", make("empty", b""), "cannot load"),
        ("image cut off", make("cut", octets[:-100]), "damaged or cut off"),
        ("image of another kind", make("other", octets[:8] + b"\xff" * 8
                                       + octets[16:]), "cannot load"),
        ("policy with an error", make("error.yaml", b"mayrelay: 1\nfoo: 2\n"),
         "unknown key 'foo'"),
        ("policy unreadable", unreadable, "Permission denied"),
    ]


def check_policies(checks, image):
    for name, policy, said in policies(image):
        check_deferring(checks, name, said, Exim(settings(policy)))


def check_configurations(checks, image):
    shared = bench.POLICY / "policy.yaml"
    acl = (exim_server.FRAGMENTS / "acl/01_mayrelay").read_text("utf-8")
    rcpt = "{mayrelay_rcpt}\\\n                                  "\
           "{MAYRELAY_SETTINGS}"
    checks.expect("the place in the ACL", acl.count(rcpt), 1)
    for name, said, exim in [
            ("library missing", "cannot open shared object file",
             Exim(settings(image), library="/mnt/nothing.so")),
            ("not a library", "invalid ELF header",
             Exim(settings(image), library=image)),
            ("function missing", 'dlsym "mayrelay_decide"',
             Exim(settings(image),
                  acl=acl.replace("{mayrelay_rcpt}", "{mayrelay_decide}"))),
            ("argument unknown", "argument not understood: group=staff",
             Exim(settings(image), acl=acl.replace(rcpt, rcpt
                                                   + "{group=staff}"))),
            ("arguments forgotten", "wrong number of arguments",
             Exim(settings(image),
                  acl=acl.replace(rcpt, "{mayrelay_rcpt}"))),
            ("setting unknown", 'there is no setting "polcy"',
             Exim(f"polcy={image}")),
            ("setting wrong", "wanted is yes or no",
             Exim(settings(image, "token=perhaps"))),
            ("image not stamped", "the image is not stamped as closed",
             Exim(settings(image, "require-closed=yes"))),
            ("setting out of range", "dns-deadline=61: wanted is 1 to 60",
             Exim(settings(image, "dns-deadline=61"))),
            ("setting twice", "log= is there twice",
             Exim(settings(image, "log=none"))),
            ("log not writable", "cannot write /proc/decisions",
             Exim(f"policy={image} log=/proc/decisions")),
            ("reroute without the router", 'has "reroute"',
             Exim(settings(shared)))]:
        check_deferring(checks, name, said, exim)


# Exim takes a `fail` in an expansion for "leave this `set` out".
def check_silent_failure(checks, image):
    acl = (exim_server.FRAGMENTS / "acl/01_mayrelay").read_text("utf-8")
    groups = "{groups=${if eq{$local_part}{joe}{staff}fail}}"
    head, rcpt = acl.split("acl_mayrelay_rcpt:")
    rcpt = rcpt.replace("{MAYRELAY_SETTINGS}", "{MAYRELAY_SETTINGS}" + groups)
    with Exim(settings(image), acl=f"{head}acl_mayrelay_rcpt:{rcpt}") as exim:
        checks.expect("an argument that fails silently: the reply of the "
                      "recipient before does not count",
                      codes(exim), [250, 451])


# -- what stops working ------------------------------------------------------

def check_lost_policy(checks, image):
    """A session that runs keeps its policy; the next one has none."""
    lost = bench.POLICY / "lost.mrp"
    lost.write_bytes(image.read_bytes())
    with Exim(settings(lost)) as exim:
        with smtp.Client(exim.port, OFFICE) as session:
            session.hello()
            session.ask("MAIL FROM:<a@sender.example>")
            lost.unlink()
            checks.expect("a session that has begun goes on",
                          [session.ask(f"RCPT TO:<{to}>").code
                           for to in (OURS, FAR)], [250, 250])
        checks.expect("without its policy Exim defers", codes(exim),
                      [451, 451])
        lost.write_bytes(image.read_bytes())
        checks.expect("and decides when it is back", codes(exim), [250, 250])


def check_replaced_image(checks):
    """Two images take turns, one that lets everything through and one that
    lets nothing; whoever is connected keeps the one he came under."""
    texts = {250: OPEN, 550: SHUT}
    image = bench.POLICY / "current.mrp"
    compile_policy(OPEN, image)
    with Exim(settings(image)) as exim:
        sessions = []
        for turn in range(10):
            code = [250, 550][turn % 2]
            compile_policy(texts[code], image)
            session = smtp.Client(exim.port, STRANGER)
            session.hello()
            session.ask("MAIL FROM:<a@sender.example>")
            sessions.append((code, session))
        for code, session in sessions:
            checks.expect("a session keeps the image that it began with",
                          [session.ask(f"RCPT TO:<{FAR}>").code
                           for _ in range(3)], [code] * 3)
            session.__exit__()
    check_replacing_while_deciding(checks, image, texts)


def check_replacing_while_deciding(checks, image, texts):
    stop = threading.Event()
    kept = {}
    for code, text in texts.items():
        kept[code] = bench.POLICY / f"{code}.mrp"
        compile_policy(text, kept[code])

    def replace():
        while not stop.is_set():
            for path in kept.values():
                fresh = image.with_suffix(".fresh")
                fresh.write_bytes(path.read_bytes())
                fresh.rename(image)
    replacing = threading.Thread(target=replace)
    with Exim(settings(image)) as exim:
        replacing.start()
        seen = [codes(exim, STRANGER) for _ in range(100)]
        stop.set()
        replacing.join()
    checks.expect("an image that is replaced all the time: every decision is "
                  "of one or the other",
                  [pair for pair in seen
                   if pair not in ([250, 250], [250, 550])], [])


# -- DNS ---------------------------------------------------------------------

def check_silent_dns(checks, image):
    """Relaying by name is in the policy, so that a stranger's far recipient
    waits for DNS: once in a session, and not longer than we say."""
    timeout = 2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 5353))
        with Exim(settings(image, "dns-servers=127.0.0.1:5353 "
                           f"dns-deadline={timeout}")) as exim:
            start = time.monotonic()
            checks.expect("DNS silent: a relay request is deferred",
                          codes(exim, STRANGER), [250, 451])
            waited = time.monotonic() - start
            checks.expect_true(f"DNS silent: that took {waited} s",
                               waited < timeout + LONGEST)
            checks.expect("DNS silent: who needs no name does not wait",
                          codes(exim, OFFICE), [250, 250])
            check_waiting_once(checks, exim, timeout)


def check_waiting_once(checks, exim, timeout):
    with smtp.Client(exim.port, STRANGER) as session:
        session.hello()
        session.ask("MAIL FROM:<a@sender.example>")
        start = time.monotonic()
        recipients = 20
        checks.expect("DNS silent: one after another is deferred",
                      {session.ask(f"RCPT TO:<{FAR}>").code
                       for _ in range(recipients)}, {451})
        waited = time.monotonic() - start
        checks.expect_true(f"DNS silent: {recipients} took {waited} s",
                           waited < timeout * recipients / 2)


def test(checks):
    image = bench.POLICY / "policy.mrp"
    bench.write_policy()
    compile_policy(bench.policy_text(rewrites=False), image)
    with Exim(settings(image, "names=none")) as exim:
        checks.expect("all is well", codes(exim), [250, 250])
    check_policies(checks, image)
    check_configurations(checks, image)
    check_silent_failure(checks, image)
    check_lost_policy(checks, image)
    check_replaced_image(checks)
    check_silent_dns(checks, image)


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], exim_server.PACKAGES, exim_server.USERS)
    sys.exit(bench.main("exim_faults", test))
