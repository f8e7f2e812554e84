#!/usr/bin/python3
"""How far we are ahead of what mail servers look lists up with, or not.

usage: peers.py [--quick] [--json] --programs DIRECTORY --peers DIRECTORY
                [--build TEXT] [PEER...]

peers.sh fetches what this needs and runs it.  Every peer gets the same keys
and queries as we do, in the same run, and must find the same number of them.

Times are CPU time, user and system.  Of the mail servers it is that of their
own testers (`postmap -q -`, `exim4 -be`) over a file of queries, start-up
taken off: the difference to a run without queries.  What they need to read a
query and print an answer is the row "input and output", and is taken off
before anything is compared, so the ratios are of the look-ups alone:

  bare      our set alone, of parsed addresses and clean names
  decision  mayrelay_check: all of a decision, from texts to the reply

build: what has to be done when the list has changed; start: what each process
does before its first look-up.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import table

REPETITIONS = 3
KINDS = {"IPv4": 0, "IPv6": 1, "recipients": 4}
LOOK_UPS = ["look-ups", "peer ns", "bare ns", "decision ns", "to bare",
            "to decision"]
STARTS = ["getting ready", "build ms", "our build ms", "start us",
          "our start us"]


class Places:
    """Where things are."""

    def __init__(self, programs, peers, work):
        self.programs, self.peers, self.work = programs, peers, work
        self.postmap = peers / "usr/sbin/postmap"
        self.exim = peers / "usr/sbin/exim4"

    def environment(self):
        """Their libraries; and their users, whom only an installation has."""
        return {"PATH": os.environ["PATH"], "LC_ALL": "C",
                "LD_LIBRARY_PATH": str(self.peers / "usr/lib/postfix"),
                "LD_PRELOAD": "libnss_wrapper.so",
                "NSS_WRAPPER_PASSWD": str(self.work / "passwd"),
                "NSS_WRAPPER_GROUP": str(self.work / "group")}

    def prepare(self):
        users = {"root": 0, "postfix": 7001, "nobody": 7002,
                 "Debian-exim": 7003}
        groups = users | {"postdrop": 7004, "nogroup": 7002}
        (self.work / "passwd").write_text("".join(
            f"{name}:x:{number}:{number}::/:/bin/false\n"
            for name, number in users.items()))
        (self.work / "group").write_text("".join(
            f"{name}:x:{number}:\n" for name, number in groups.items()))
        (self.work / "main.cf").write_text(
            f"compatibility_level = 3.6\n"
            f"shlib_directory = {self.peers}/usr/lib/postfix\n"
            f"meta_directory = {self.work}\n")
        (self.work / "dynamicmaps.cf").write_text(
            "cdb postfix-cdb.so dict_cdb_open mkmap_cdb_open\n")


def cpu_ns(command, places, source, output):
    """CPU time of a command that reads a file and writes to another."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(source, "rb") as lines, open(output, "wb") as answers:
        done = subprocess.run(command, stdin=lines, stdout=answers,
                              stderr=subprocess.PIPE, check=False,
                              env=places.environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1) or done.stderr:
        # postmap ends with 1 if it finds nothing.
        raise table.Damaged(f"{command[0]}: {done.stderr.decode()[:300]}")
    return 1e9 * (after.ru_utime + after.ru_stime
                  - before.ru_utime - before.ru_stime)


def timed(command, places, queries):
    """Nanoseconds a query, and of starting up and the first one."""
    output, one = places.work / "answers", places.work / "one"
    lines = queries.read_bytes().splitlines(keepends=True)
    one.write_bytes(lines[0])
    first, all_of_them = [], []
    for _ in range(REPETITIONS):
        first.append(cpu_ns(command, places, one, output))
        all_of_them.append(cpu_ns(command, places, queries, output))
    start = statistics.median(first)
    return ((statistics.median(all_of_them) - start) / (len(lines) - 1), start)


class Postfix:
    """A table of Postfix, through postmap."""

    def __init__(self, kind, table_type, queries):
        self.kind, self.type, self.queries = kind, table_type, queries
        self.name = f"Postfix {table_type}:"

    def postmap(self, places, *arguments):
        return [places.postmap, "-c", places.work, *arguments]

    def make(self, places):
        """Nanoseconds of making the table; None where there is nothing to."""
        with open(places.work / "keys", encoding="ascii") as keys, \
                open(places.work / "table", "w", encoding="ascii") as out:
            out.writelines(line.rstrip("\n") + " y\n" for line in keys)
        if self.type == "cidr":
            return None
        command = self.postmap(places, f"{self.type}:{places.work}/table")
        return cpu_ns(command, places, "/dev/null", places.work / "answers")

    def floor(self, places):
        command = self.postmap(places, "-q", "-", "inline:{x=y}")
        return timed(command, places, places.work / "queries")[0]

    def run(self, places):
        command = self.postmap(places, "-q", "-",
                               f"{self.type}:{places.work}/table")
        each, start = timed(command, places, places.work / "queries")
        answers = (places.work / "answers").read_bytes()
        return each, start, answers.count(b"\n")


class Exim:
    """match_ip of Exim, over a named list of hosts."""

    kind, name = "IPv4", "Exim match_ip"

    def __init__(self, queries):
        self.queries = queries

    def make(self, places):
        keys = (places.work / "keys").read_text().split()
        (places.work / "exim.conf").write_text(
            "hostlist mine = " + " : ".join(keys) + "\n")
        # Exim believes no configuration that others may write.
        (places.work / "exim.conf").chmod(0o644)

    def expanded(self, places, condition):
        """Each query as an expansion."""
        expansions = places.work / "expansions"
        with open(places.work / "queries", encoding="ascii") as queries, \
                open(expansions, "w", encoding="ascii") as out:
            out.writelines("${if %s{yes}{no}}\n" % (condition % line.strip())
                           for line in queries)
        command = [places.exim, "-C", places.work / "exim.conf", "-be"]
        return timed(command, places, expansions)

    def floor(self, places):
        return self.expanded(places, "eq{%s}{x}")[0]

    def run(self, places):
        each, start = self.expanded(places, "match_ip{%s}{+mine}")
        return each, start, (places.work / "answers").read_text().count("yes")


class Tinycdb:
    """The library, without a mail server around it."""

    kind, name = "recipients", "tinycdb"

    def __init__(self, queries):
        self.queries = queries
        self.said = {}

    def make(self, places):
        output = subprocess.run([places.peers / "peer_cdb", places.work],
                                check=True, capture_output=True).stdout
        self.said = json.loads(output)
        return self.said["build"]

    def floor(self, _):
        return 0

    def run(self, _):
        return self.said["peer"], self.said["start"], self.said["hits"]


# So many queries that a run takes a second or two: by the number of entries.
PEERS = {
    "cidr": Postfix("IPv4", "cidr",
                    {10: 200000, 1000: 100000, 100000: 1000, 1000000: 100}),
    "cidr6": Postfix("IPv6", "cidr",
                     {10: 200000, 1000: 100000, 100000: 1000, 1000000: 100}),
    "exim": Exim({10: 20000, 1000: 500, 10000: 40, 100000: 4}),
    "hash": Postfix("recipients", "hash",
                    {1000: 200000, 100000: 200000, 1000000: 200000}),
    "cdb": Postfix("recipients", "cdb",
                   {1000: 200000, 100000: 200000, 1000000: 200000}),
    "tinycdb": Tinycdb({1000: 262144, 100000: 262144, 1000000: 262144}),
}


def ours(places, peer, entries, queries):
    """Our side, which also leaves the keys and the queries of both."""
    command = [places.programs / "bench_one_list", "--kind",
               str(KINDS[peer.kind]), "--entries", str(entries), "--queries",
               str(queries), "--write", places.work]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)


def in_units(nanoseconds, unit):
    return None if nanoseconds is None else f"{nanoseconds / unit:.0f}"


def ratio(theirs, mine):
    return f"{theirs / mine:.{2 if theirs < 10 * mine else 0}f}"


def compare(places, peer, entries, floor):
    """A row of look-ups, and one of getting ready."""
    queries = peer.queries[entries]
    we = ours(places, peer, entries, queries)
    build = peer.make(places)
    each, start, hits = peer.run(places)
    if hits != we["hits"]:
        raise table.Damaged(f"{peer.name}: {hits} hits of {queries}, "
                            f"we have {we['hits']}")
    alone = max(each - floor, 1)
    label = f"{peer.name} {entries} {peer.kind}"
    return ([label, f"{alone:.0f}", f"{we['bare']:.0f}",
             f"{we['decision']:.0f}", ratio(alone, we["bare"]),
             ratio(alone, we["decision"])],
            [label, in_units(build, 1e6), in_units(we["build"], 1e6),
             in_units(start, 1e3), in_units(we["start"], 1e3)])


def floor_of(places, peer):
    """Of many queries, for they are short."""
    fewest = min(peer.queries)
    ours(places, peer, fewest, peer.queries[fewest])
    peer.make(places)
    return peer.floor(places)


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter,
        usage=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="PEER",
                        help=" ".join(PEERS))
    parser.add_argument("--quick", action="store_true",
                        help="lists of at most 1000")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--peers", type=pathlib.Path, required=True)
    parser.add_argument("--build", default="a build that was not named")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(PEERS)
    if unknown:
        parser.error(f"no peer is called {', '.join(sorted(unknown))}")
    return chosen


def measure_all(places, chosen):
    show = not chosen.json
    look_ups = table.Table(
        "ns per look-up: theirs alone, our set alone, our whole decision; and "
        "how many times as long theirs takes as each of ours", LOOK_UPS)
    starts = table.Table("what comes before, CPU time; - : no such step",
                         STARTS)
    floors = table.Table("input and output of a query, taken off above",
                         ["of the tester", "ns"])
    if show:
        look_ups.show_head()
    for name in chosen.names or PEERS:
        peer = PEERS[name]
        floor = floor_of(places, peer)
        for entries in peer.queries:
            if chosen.quick and entries > 1000:
                continue
            row, start = compare(places, peer, entries, floor)
            look_ups.add(row, show)
            starts.add(start, False)
        floors.add([f"{peer.name} {peer.kind}", f"{floor:.0f}"], False)
    for later in (starts, floors):
        if show:
            later.show()
    return [look_ups, starts, floors]


def main():
    chosen = options()
    begin = time.monotonic()
    about = {"machine": table.machine(), "build": chosen.build,
             "load before": table.load()}
    if not chosen.json:
        table.show_about(about)
    work = pathlib.Path(tempfile.mkdtemp(prefix="mayrelay-peers-"))
    try:
        places = Places(chosen.programs.resolve(), chosen.peers.resolve(), work)
        places.prepare()
        tables = measure_all(places, chosen)
    except (table.Damaged, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"peers.py: {error}")
    finally:
        shutil.rmtree(work)
    if chosen.json:
        table.print_json(about, tables)
    else:
        print(f"\n{time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
