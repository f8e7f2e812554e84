#!/usr/bin/python3
"""The bench itself: a Postfix that keeps its relay shut passes the tests of
open_relay.py, and one that is open does not.

usage: test_bench.py BUILD
"""
import sys

import bench
import open_relay
import postfix_server
import sandbox
from checks import Checks

SHUT = """\
mynetworks = 127.0.2.0/24
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""
OPEN = "mynetworks = 127.0.0.0/8"


class Plain(postfix_server.Postfix):
    """Without any adapter: what Postfix makes of odd addresses itself."""
    shapes_taken_as_local = dict.fromkeys(
        ["imcea-1", "imcea-2", "imcea-4", "prop-colon-route", "prop-space-dom",
         "prop-quoted-empty", "prop-slash"],
        "a strange local part, and no route to Postfix")


def failures(check, server):
    seen = Checks(quiet=True)
    check(seen, server)
    return seen.failed


def test(checks):
    server = Plain(SHUT)
    server.start()
    open_relay.check(checks, server)
    server.command("postconf", "-e", OPEN)
    server.command("postfix", "reload")
    checks.expect("nmap sees that it is open",
                  failures(open_relay.check_nmap, server), 1)
    checks.expect_true("so do the shapes",
                       failures(open_relay.check_shapes, server) > 50)
    open_relay.check_routes(checks, server)
    checks.expect("and what they lead to",
                  failures(open_relay.check_destinations, server), 1)
    server.stop()


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], postfix_server.PACKAGES, postfix_server.USERS)
    sys.exit(bench.main("bench", test))
