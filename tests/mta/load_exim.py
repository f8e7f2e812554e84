#!/usr/bin/python3
"""How many messages a second Exim takes: with relay control of its own, with
the adapter instead, and with an adapter that the daemon has loaded before; side
by side in one run.  Prints, and asserts nothing but that mail is taken.

usage: load_exim.py BUILD [ROUNDS]

The spool is in memory.  In a connection of its own a message makes Exim fork,
and the adapter open its policy anew.  Exim waits up to 0.2 s for a client to
hang up, hence so many at a time.
"""
import resource
import shutil
import statistics
import subprocess
import sys
import time

import bench
import exim_server
import sandbox
from checks import wait_until
from exim_server import Exim, compile_policy

QUEUE = "queue_only\nsplit_spool_directory\n"
# Name: connections at a time, messages, options of smtp-source, of Exim.
LOADS = {
    "a connection each, and delivered": (100, 1000, [], ""),
    "a connection each, only queued": (150, 2000, [], QUEUE),
    "100 in a connection, only queued": (20, 4000, ["-d"], QUEUE),
}
PRELOAD = ("smtp_accept_max_per_host = "
           "${dlfunc{MAYRELAY_LIBRARY}{mayrelay_preload}{0}}\n")
OWN_ACL = """\
acl_own:
  accept hosts = :
  accept domains = corp.example : mx.corp.example : *.branch.example
  accept hosts = 127.0.2.0/24
  accept authenticated = *
  deny message = relay not permitted
"""


def cpu_seconds():
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def servers(options):
    image = bench.write_policy(rewrites=False).with_suffix(".mrp")
    compile_policy(bench.policy_text(rewrites=False), image)
    settings = f"policy={image} log={exim_server.DECISIONS}"
    return {
        "Exim's own ACL": Exim("", main=options, acl=OWN_ACL, routers="",
                               asked="acl_smtp_rcpt = acl_own\n"),
        "the adapter": Exim(settings, main=options),
        "... preloaded": Exim(settings, main=options + PRELOAD),
    }


def send(load):
    """Messages a second, and the client's own CPU time."""
    at_once, messages, options, _ = LOADS[load]
    start, used = time.monotonic(), cpu_seconds()
    subprocess.run(["smtp-source", *options, "-s", str(at_once), "-m",
                    str(messages), "-l", "1000", "-f", "a@sender.example",
                    "-t", "joe@corp.example", "127.0.0.1:2525"], check=True)
    return messages / (time.monotonic() - start), cpu_seconds() - used


def measure(exim, load):
    """Messages a second, and Exim's CPU time for one, in ms, without that of
    deliveries: they are not the daemon's children."""
    shutil.rmtree(exim_server.SPOOL, ignore_errors=True)
    used = cpu_seconds()
    with exim:
        rate, clients = send(load)
        wait_until(lambda: LOADS[load][3] or exim.is_idle())
    return rate, (cpu_seconds() - used - clients) / LOADS[load][1] * 1000


def compare(load, rounds):
    """Medians; in turns, so that what else the machine does falls on all."""
    seen = {}
    for _ in range(rounds):
        for name, exim in servers(LOADS[load][3]).items():
            seen.setdefault(name, []).append(measure(exim, load))
    return {name: [statistics.median(column) for column in zip(*rows)]
            for name, rows in seen.items()}


def test(checks, rounds):
    for load in LOADS:
        medians = compare(load, rounds)
        base = next(iter(medians.values()))
        print(f"{load}, median of {rounds} rounds: messages a second, CPU")
        for name, (rate, cost) in medians.items():
            print(f"  {name:15} {rate:6.0f}  {rate / base[0]:.2f}x  "
                  f"{cost:6.2f} ms  {cost / base[1]:.2f}x", flush=True)
            checks.expect_true("mail is taken", rate > 0)


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], [*exim_server.PACKAGES, "postfix"],
                  exim_server.USERS)
    ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    sys.exit(bench.main("exim_load", lambda checks: test(checks, ROUNDS)))
