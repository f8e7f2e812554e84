#!/usr/bin/python3
"""Postfix with mayrelay-policyd, with mayrelay-milter, and without: see
load.py.

usage: load_postfix.py BUILD [ROUNDS [MESSAGES]]
"""
import bench
import load
import milter
import policyd
import postfix_server
import sandbox
from checks import wait_until
from load import Way

PROGRAMS = sandbox.BUILD / "tests/adapters"
BARE_SERVICE = bench.WORK / "bare-policyd"
BARE_MILTER = bench.WORK / "milter/bare"
SETTINGS = """\
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
milter_default_action = tempfail
"""


def asks(socket):
    return (f"{{ smtpd_relay_restrictions = check_policy_service unix:{socket},"
            " reject_unauth_destination }")


WITHOUT = 2530
# What a service of master.cf sets, as the READMEs have it.
WAYS = {
    Way("without", WITHOUT): "syslog_name=postfix",
    Way("bare policy service", 2531): asks(BARE_SERVICE),
    Way("mayrelay-policyd", 2532, "bare policy service"): asks(policyd.UNIX),
    Way("bare milter", 2533): f"smtpd_milters=unix:{BARE_MILTER}",
    Way("mayrelay-milter", 2534, "bare milter"):
        f"smtpd_milters=unix:{milter.SOCKET}",
}
SERVICES = "".join(f"127.0.0.1:{way.port} inet  n  -  n  -  -  smtpd\n"
                   f"    -o {setting}\n" for way, setting in WAYS.items())


def test(run):
    path = load.write_policy()
    adapters = policyd.Policyd(), milter.Milter()
    for adapter in adapters:
        adapter.start(path)
    bare = [bench.Program("bare-policyd",
                          [PROGRAMS / "bare_policyd", BARE_SERVICE], umask=0),
            bench.Program("bare-milter",
                          [PROGRAMS / "bare_milter", f"unix:{BARE_MILTER}"],
                          umask=0)]
    server = postfix_server.Postfix(SETTINGS, SERVICES)
    server.start()
    wait_until(lambda: all(bench.listens(way.port) for way in WAYS))
    for kind in load.loads(10, 500):
        run.compare("Postfix", list(WAYS), kind,
                    lambda: wait_until(lambda: not server.queued()))
    server.stop()
    for program in *adapters, *bare:
        program.stop()


if __name__ == "__main__":
    load.main("postfix", policyd.PACKAGES, policyd.USERS, test)
