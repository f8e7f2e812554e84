#!/usr/bin/python3
"""mayrelay-milter in Postfix.

usage: test_milter_postfix.py BUILD
"""
import sys

import bench
import milter
import postfix_server
import sandbox

# Postfix decides first: so it lets everybody through who may ever relay, and
# the milter says who may.  Its patience is short, for this test.
SETTINGS = f"""\
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_milters = unix:{milter.SOCKET}
milter_default_action = tempfail
milter_connect_timeout = 5s
milter_command_timeout = 10s
"""


class Postfix(postfix_server.Postfix):
    name, stages, rewrites = "milter-postfix", {"mail", "rcpt"}, True


def test(checks):
    milter.check_all(checks, Postfix(SETTINGS))


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], postfix_server.PACKAGES, postfix_server.USERS)
    sys.exit(bench.main("milter-postfix", test))
