#!/usr/bin/python3
"""OpenSMTPD with filter-mayrelay and without: see load.py.

usage: load_opensmtpd.py BUILD [ROUNDS [MESSAGES]]

Five connections wait to be accepted, no more: hence so few at a time.

smtpd sends whatever it filters through another of its processes, whoever does
it: so one of its own filters, which does nothing, stands beside the others.
"""
import bench
import load
import opensmtpd_server
import sandbox
import test_opensmtpd
from checks import wait_until
from load import Way

WAYS = [Way("without", 2541), Way("built-in filter", 2542),
        Way("bare filter", 2543, "built-in filter"),
        Way("filter-mayrelay", opensmtpd_server.OpenSmtpd.port, "bare filter")]
MORE = f"""
smtp limit max-mails 1000000
filter "built-in" phase rcpt-to match src 192.0.2.1 reject "550 none"
filter "bare" proc-exec "{sandbox.BUILD}/tests/adapters/bare_filter"
listen on 127.0.0.1 port {WAYS[0].port}
listen on 127.0.0.1 port {WAYS[1].port} filter "built-in"
listen on 127.0.0.1 port {WAYS[2].port} filter "bare"
"""


def test(run):
    path = load.write_policy()
    bench.start_dns()  # for smtpd itself
    test_opensmtpd.DECISIONS.touch()
    test_opensmtpd.DECISIONS.chmod(0o666)
    server = test_opensmtpd.OpenSmtpd(test_opensmtpd.command(path))
    with open(server.configuration, "a", encoding="utf-8") as more:
        more.write(MORE)
    server.start()
    wait_until(lambda: all(bench.listens(way.port) for way in WAYS))
    for kind in load.loads(4, 200, 400):
        run.compare("OpenSMTPD", WAYS, kind)
    server.stop()


if __name__ == "__main__":
    load.main("opensmtpd", opensmtpd_server.PACKAGES, opensmtpd_server.USERS,
              test)
