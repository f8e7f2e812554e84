#!/usr/bin/python3
"""OpenSMTPD with filter-mayrelay and without: see load.py.

smtpd sends whatever it filters through another of its processes, whoever does
it: so one of its own filters, which does nothing, stands beside ours.

usage: load_opensmtpd.py BUILD [ROUNDS]
"""
import sys

import bench
import load
import opensmtpd_server
import sandbox
import test_opensmtpd
from checks import wait_until

WITHOUT, BARE = 2541, 2542
MORE = f"""
filter "bare" phase rcpt-to match src 192.0.2.1 reject "550 none"
listen on 127.0.0.1 port {WITHOUT}
listen on 127.0.0.1 port {BARE} filter "bare"
"""
MESSAGES = 400  # it takes 100 in a connection


def test(checks, rounds):
    path = bench.write_policy()
    bench.start_dns()
    test_opensmtpd.DECISIONS.touch()
    test_opensmtpd.DECISIONS.chmod(0o666)
    server = test_opensmtpd.OpenSmtpd(test_opensmtpd.command(path))
    with open(server.configuration, "a", encoding="utf-8") as more:
        more.write(MORE)
    server.start()
    wait_until(lambda: bench.listens(WITHOUT))
    load.compare(checks, {"without": WITHOUT, "built-in": BARE,
                           "filter": server.port},
                 MESSAGES, rounds, server.filter_pid())
    server.stop()


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], [*opensmtpd_server.PACKAGES, "postfix"],
                  opensmtpd_server.USERS)
    ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    sys.exit(bench.main("load_opensmtpd", lambda checks: test(checks, ROUNDS)))
