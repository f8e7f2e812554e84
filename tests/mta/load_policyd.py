#!/usr/bin/python3
"""mayrelay-policyd alone, beside a service that does nothing: requests a
second, how long they take, and what memory it takes.  See load.py.

usage: load_policyd.py BUILD [ROUNDS [MESSAGES]]

MESSAGES is the number of requests here; the last of the measurements asks five
times as many.
"""
import re
import socket
import statistics
import subprocess

import bench
import load
import policyd
import sandbox

REQUESTS, MORE = 200_000, 5
CONNECTIONS, KEPT_OPEN = 100, 5_000
PROGRAMS = sandbox.BUILD / "tests/adapters"
BARE = bench.WORK / "bare"


def ask(place, connections, requests):
    """What policy_load says, and its number of requests a second."""
    said = subprocess.run(
        [PROGRAMS / "policy_load", place, str(connections), str(requests)],
        check=True, capture_output=True, text=True).stdout.strip()
    return said, float(re.match(r"(\d+) requests/s", said).group(1))


def accepts(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"^VmRSS:\s*(\d+) kB", status.read(),
                             re.M).group(1))


def compare_services(run, requests):
    print(f"\n{requests} requests over {CONNECTIONS} connections, in turns:")
    bare = bench.Program("bare", [PROGRAMS / "bare_policyd", BARE])
    bench.wait_until(lambda: accepts(BARE))
    ratios = []
    for _ in range(run.rounds):
        nothing, fast = ask(BARE, CONNECTIONS, requests)
        ours, rate = ask(policyd.UNIX, CONNECTIONS, requests)
        print(f"  does nothing      {nothing}\n  mayrelay-policyd  {ours}")
        run.checks.expect_true("requests are answered", rate > 0)
        ratios.append(rate / fast)
    bare.stop()
    print(f"  ratio, median: {statistics.median(ratios):.2f}")


def show_memory(run, daemon, requests):
    pid = daemon.program.process.pid
    print(f"\nresident memory of mayrelay-policyd\n"
          f"  before                       {resident_kib(pid)} KiB")
    said, _ = ask(policyd.UNIX, CONNECTIONS, requests)
    print(f"  after {requests} more requests  {resident_kib(pid)} KiB  ({said})")
    many = min(KEPT_OPEN, requests)
    said, rate = ask(policyd.UNIX, many, requests)
    print(f"  {many} connections at once     "
          f"{resident_kib(pid)} KiB  ({said})", flush=True)
    run.checks.expect_true("requests are answered", rate > 0)


def test(run):
    requests = run.messages or REQUESTS
    daemon = policyd.Policyd()
    daemon.start(load.write_policy())
    compare_services(run, requests)
    show_memory(run, daemon, MORE * requests)
    daemon.stop()


if __name__ == "__main__":
    load.main("policyd", policyd.PACKAGES, policyd.USERS, test)
