#!/usr/bin/python3
"""Exim with relay control of its own, with the adapter, and with an adapter
that the daemon has loaded before: see load.py.

usage: load_exim.py BUILD [ROUNDS [MESSAGES]]

Exim only queues: deliveries would make the differences smaller.  In a
connection of its own a message makes Exim fork, and the adapter open its policy
anew.  Exim waits up to 0.2 s for a client to hang up, hence so many at a time.
"""
import shutil

import bench
import exim_server
import load
import sandbox
from checks import wait_until
from exim_server import Exim, compile_policy
from load import Way

MAIN = "queue_only\nsplit_spool_directory\n"
PRELOAD = ("smtp_accept_max_per_host = "
           "${dlfunc{MAYRELAY_LIBRARY}{mayrelay_preload}{0}}\n")
BARE = sandbox.BUILD / "tests/adapters/bare_exim.so"
OWN_ACL = """\
acl_own:
  accept hosts = :
  accept domains = corp.example : mx.corp.example : *.branch.example
  accept hosts = 127.0.2.0/24
  accept authenticated = *
  deny message = relay not permitted
"""


class Daemon(Exim):
    """One of several that run at the same time."""

    def __init__(self, way, settings, main, **parts):
        super().__init__(settings, ports=str(way.port), main=MAIN + main,
                         routers="", **parts)
        self.port = way.port

    def start(self):
        file = bench.WORK / f"exim.{self.port}.conf"
        bench.write(file, self.text)
        self.program = bench.Program("exim", ["exim4", "-C", file, "-bdf"])
        wait_until(lambda: bench.listens(self.port))


WAYS = [Way("without: Exim's own ACL", 2541), Way("bare", 2542),
        Way("bare, preloaded", 2543), Way("mayrelay-exim.so", 2544, "bare"),
        Way("mayrelay-exim.so, preloaded", 2545, "bare, preloaded")]


def daemons():
    image = load.write_policy().with_suffix(".mrp")
    compile_policy(image.with_suffix(".yaml").read_text("utf-8"), image)
    settings = f"policy={image} log={exim_server.DECISIONS}"
    without, bare, bare_preloaded, ours, preloaded = WAYS
    return [
        Daemon(without, "", "", acl=OWN_ACL,
               asked="acl_smtp_rcpt = acl_own\n"),
        Daemon(bare, settings, "", library=BARE),
        Daemon(bare_preloaded, settings, PRELOAD, library=BARE),
        Daemon(ours, settings, ""),
        Daemon(preloaded, settings, PRELOAD),
    ]


def empty_queue():
    for folder in "input", "msglog":
        shutil.rmtree(exim_server.SPOOL / folder, ignore_errors=True)


def test(run):
    servers = daemons()
    servers[0].prepare()
    for server in servers:
        server.start()
    run.compare("Exim", WAYS, load.Load("a connection each", 100, 500, []),
                empty_queue)
    run.compare("Exim", WAYS, load.Load("20 connections kept", 20, 1000,
                                        ["-d"]), empty_queue)
    for server in servers:
        server.program.stop()


if __name__ == "__main__":
    load.main("exim", exim_server.PACKAGES, exim_server.USERS, test)
