#!/usr/bin/python3
"""Postfix with mayrelay-milter and without: see load.py.

usage: load_milter.py BUILD [ROUNDS]
"""
import sys

import bench
import load
import milter
import postfix_server
import sandbox
import test_milter_postfix
from checks import wait_until

WITHOUT = 2526
SERVICE = f"127.0.0.1:{WITHOUT} inet  n  -  n  -  -  smtpd\n" \
          "    -o smtpd_milters=\n"


def test(checks, rounds):
    path = bench.write_policy()
    bench.start_dns()
    filter_ = milter.Milter()
    filter_.start(path)
    server = postfix_server.Postfix(test_milter_postfix.SETTINGS, SERVICE)
    server.start()
    wait_until(lambda: bench.listens(WITHOUT))
    load.compare(checks, {"without": WITHOUT, "with milter": server.port},
                 1000, rounds, filter_.program.process.pid)
    server.stop()
    filter_.stop()


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], postfix_server.PACKAGES, postfix_server.USERS)
    ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    sys.exit(bench.main("load_milter", lambda checks: test(checks, ROUNDS)))
