#!/usr/bin/python3
"""sendmail with mayrelay-milter and without: see load.py.

usage: load_sendmail.py BUILD [ROUNDS [MESSAGES]]
"""
import bench
import load
import milter
import sandbox
import sendmail_server
from checks import wait_until
from load import Way

BARE = bench.WORK / "milter/bare"
WAYS = [Way("without", sendmail_server.Sendmail.port),
        Way("bare milter", 2533),
        Way("mayrelay-milter", 2534, "bare milter")]
FILTERS = {"bare milter": ("bare", BARE),
           "mayrelay-milter": ("ours", milter.SOCKET)}
SETTINGS = "FEATURE(`promiscuous_relay')dnl\n" + "".join(
    f"MAIL_FILTER(`{FILTERS[way.name][0]}', "
    f"`S=unix:{FILTERS[way.name][1]}, F=T')dnl\n"
    f"DAEMON_OPTIONS(`Name={FILTERS[way.name][0]}, Addr=127.0.0.1, "
    f"Port={way.port}, InputMailFilters={FILTERS[way.name][0]}')dnl\n"
    for way in WAYS if way.name in FILTERS)


def empty_queue():
    for file in sendmail_server.QUEUE.iterdir():
        file.unlink(missing_ok=True)


def test(run):
    adapter = milter.Milter()
    adapter.start(load.write_policy())
    bare = bench.Program(
        "bare-milter", [sandbox.BUILD / "tests/adapters/bare_milter",
                        f"unix:{BARE}"], umask=0)
    server = sendmail_server.Sendmail(SETTINGS, traffic=False)
    server.start()
    wait_until(lambda: all(bench.listens(way.port) for way in WAYS))
    for kind in load.loads(10, 200, 400):
        run.compare("sendmail", WAYS, kind, empty_queue)
    for program in server, adapter, bare:
        program.stop()


if __name__ == "__main__":
    load.main("sendmail", sendmail_server.PACKAGES, sendmail_server.USERS,
              test)
