#!/usr/bin/python3
"""What the adapters cost real mail servers: the tables of README.md, all of
them.  For numbers worth keeping: an idle machine, a release build.

usage: load.py BUILD [ROUNDS [MESSAGES]]

The scripts load_*.py, which this runs one after the other, share what follows.
A mail server listens at several ports: without any adapter, with one that asks
in the same way and permits everything ("bare": what asking costs that server,
whoever is asked), and with ours.  They are sent the same mail in turns, in many
short rounds, and it is the ratios within a round that are compared: what else
the machine does falls on all of them.

The CPU time is that of all processes but ours and the client's.  On a machine
that is shared its ratios tell more than the messages a second.

Asserts nothing but that mail is taken.
"""
import operator
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

import bench
import sandbox

SERVERS = "policyd", "postfix", "sendmail", "exim", "opensmtpd"
ROUNDS = 15
MAIL = ["-l", "1000", "-f", "a@sender.example", "-t", "joe@corp.example"]
HEADINGS = ["", "messages/s", "of without", "(quartiles)", "of bare",
            "CPU ms a message", "of without", "of bare"]


class Way(NamedTuple):
    """Into a server; `bare` names the way that asks as this one does."""
    name: str
    port: int
    bare: str = ""


class Load(NamedTuple):
    name: str
    at_once: int
    messages: int
    options: list  # of smtp-source


def loads(at_once, messages, kept_messages=None):
    return [Load("a connection each", at_once, messages, []),
            Load(f"{at_once} connections kept", at_once,
                 kept_messages or messages, ["-d"])]


def write_policy():
    """The one of all tests, but for host names: they would be the cost of DNS,
    and without reroute, which Postfix's policy service cannot do."""
    path = bench.write_policy(rewrites=False)
    bench.write(path, "".join(
        line + "\n" for line in path.read_text("utf-8").splitlines()
        if "name: by-name" not in line))
    return path


def cpu_seconds():
    """Of all processes and of the children that they have waited for, without
    ourselves and ours."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_bytes().rsplit(b")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if stat.parent.name != str(os.getpid()):
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def lost_connections():
    """How often a listener had no room, and the client came a second later:
    then seconds tell nothing of the server."""
    text = pathlib.Path("/proc/net/netstat").read_text("ascii")
    names, values = re.findall(r"^TcpExt: (.*)$", text, re.M)
    return int(dict(zip(names.split(), values.split()))["ListenOverflows"])


def send(way, load, messages, settle):
    """Messages a second, and CPU seconds a message."""
    used, start = cpu_seconds(), time.monotonic()
    subprocess.run(["smtp-source", *load.options, "-s", str(load.at_once),
                    "-m", str(messages), *MAIL, f"127.0.0.1:{way.port}"],
                   check=True)
    seconds = time.monotonic() - start
    settle()
    return messages / seconds, (cpu_seconds() - used) / messages


def row(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def ratio_of(seen, way, other):
    """In each round: messages a second of the one for one of the other."""
    return [one[0] / two[0] for one, two in zip(seen[way], seen[other])]


def cost(rounds):
    return sum(cpu for _, cpu in rounds) / len(rounds)


def cells_of(seen, way, first):
    """What HEADINGS say."""
    rates = [rate for rate, _ in seen[way.name]]
    cells = [way.name, f"{statistics.median(rates):.0f}"]
    ratios = ratio_of(seen, way.name, first)
    low, _, high = statistics.quantiles(ratios * 2, n=4)
    cells += [f"{statistics.median(ratios):.2f}", f"{low:.2f} to {high:.2f}"]
    cells += [f"{statistics.median(ratio_of(seen, way.name, way.bare)):.2f}"
              if way.bare else ""]
    spent = cost(seen[way.name])
    cells += [f"{spent * 1000:.2f}"]
    # Few messages may take less than a tick of the clock.
    others = [cost(seen[other]) if other else 0 for other in (first, way.bare)]
    return cells + [f"{spent / other:.2f}" if other else ""
                    for other in others]


class Run:
    """One run of a script: how long, and what is counted."""

    def __init__(self, checks, rounds=ROUNDS, messages=None):
        self.checks, self.rounds, self.messages = checks, rounds, messages

    def compare(self, server, ways, load, settle=lambda: None):
        """The first of the ways is the one without an adapter; settle() is
        called behind each run, to wait for the rest of its work."""
        messages = self.messages or load.messages
        seen = {way.name: [] for way in ways}
        lost = lost_connections()
        for way in ways:  # starts processes, fills caches
            send(way, load, min(load.at_once, messages), settle)
        for turn in range(self.rounds):
            first = turn % len(ways)
            for way in ways[first:] + ways[:first]:
                seen[way.name].append(send(way, load, messages, settle))
        self.show(f"{server}, {load.name}, {messages} messages", ways, seen)
        lost = lost_connections() - lost
        if lost:
            print(f"{lost} connections had to be tried again")

    def show(self, title, ways, seen):
        print(f"\n{title}, median of {self.rounds} rounds:\n")
        row(HEADINGS)
        row(["---"] * len(HEADINGS))
        for way in ways:
            row(cells_of(seen, way, ways[0].name))
            rates = [rate for rate, _ in seen[way.name]]
            self.checks.expect_true(f"{title}: mail is taken by {way.name}",
                                    min(rates) > 0)


def main(name, packages, users, test):
    """Runs test(run) in a sandbox; the arguments are those of this script."""
    sandbox.enter(sys.argv[1], list(dict.fromkeys([*packages, "postfix"])), users)
    sys.exit(bench.main("load_" + name, lambda checks: test(
        Run(checks, *map(int, sys.argv[2:4])))))


def run_all():
    here = pathlib.Path(__file__).resolve().parent
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors, load "
          f"{os.getloadavg()[0]:.1f} at the start", flush=True)
    return max(subprocess.run([here / f"load_{server}.py", *sys.argv[1:]],
                              check=False).returncode for server in SERVERS)


if __name__ == "__main__":
    sys.exit(run_all())
