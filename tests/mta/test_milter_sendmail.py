#!/usr/bin/python3
"""mayrelay-milter in sendmail.

usage: test_milter_sendmail.py BUILD
"""
import sys

import bench
import milter
import sandbox
import sendmail_server

# sendmail decides first: so it lets everybody through, and the milter says who
# may.  F=T defers without it.
SETTINGS = f"""\
FEATURE(`promiscuous_relay')dnl
INPUT_MAIL_FILTER(`mayrelay', `S=unix:{milter.SOCKET}, F=T, T=C:5s;S:10s;R:10s')dnl
"""


class Sendmail(sendmail_server.Sendmail):
    name, stages, rewrites = "milter-sendmail", {"mail", "rcpt"}, True


def test(checks):
    milter.check_all(checks, Sendmail(SETTINGS))


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], sendmail_server.PACKAGES, sendmail_server.USERS)
    sys.exit(bench.main("milter-sendmail", test))
