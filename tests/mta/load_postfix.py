#!/usr/bin/python3
"""What mayrelay-policyd costs: alone, beside a service that does nothing, and
in Postfix, beside Postfix without it.  Prints; asserts nothing of times.

usage: load_postfix.py BUILD [--quick]
"""
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time

import bench
import policyd
import postfix_server
import sandbox

QUICK = "--quick" in sys.argv
ROUNDS = 3 if QUICK else 7
REQUESTS = 20_000 if QUICK else 200_000
MANY = 100_000 if QUICK else 1_000_000
MESSAGES = 200 if QUICK else 2_000
CONNECTIONS, KEPT_OPEN = 100, 5_000
PROGRAMS = sandbox.BUILD / "tests/adapters"
BARE = bench.WORK / "bare"

WITHOUT, WITH = 2529, policyd.PATIENT
SERVICES = policyd.SERVICES + f"""\
127.0.0.1:{WITHOUT} inet  n  -  n  -  -  smtpd
    -o smtpd_delay_reject=yes
    -o smtpd_client_restrictions=
    -o smtpd_sender_restrictions=
    -o {{ smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination }}
"""
MAIL = ["-l", "200", "-f", "a@sender.example", "-t", "joe@corp.example"]


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


def compare_services():
    print(f"\n{REQUESTS} requests over {CONNECTIONS} connections, in turns:")
    bare = bench.Program("bare", [PROGRAMS / "bare_policyd", BARE])
    bench.wait_until(lambda: accepts(BARE))
    ratios = []
    for _ in range(ROUNDS):
        nothing, fast = ask(BARE, CONNECTIONS, REQUESTS)
        ours, rate = ask(policyd.UNIX, CONNECTIONS, REQUESTS)
        print(f"  does nothing      {nothing}\n  mayrelay-policyd  {ours}")
        ratios.append(rate / fast)
    bare.stop()
    print(f"  ratio, median: {statistics.median(ratios):.2f}")


def show_memory(daemon):
    pid = daemon.program.process.pid
    print(f"\nresident memory of mayrelay-policyd\n"
          f"  before                       {resident_kib(pid)} KiB")
    said, _ = ask(policyd.UNIX, CONNECTIONS, MANY)
    print(f"  after {MANY} more requests  {resident_kib(pid)} KiB  ({said})")
    said, _ = ask(policyd.UNIX, KEPT_OPEN, MANY)
    print(f"  {KEPT_OPEN} connections at once     "
          f"{resident_kib(pid)} KiB  ({said})")


def cpu_ticks():
    """Of all processes here, and of those that Postfix's master has seen end;
    not of ourselves and our children."""
    total = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text("utf-8", "replace")
        except FileNotFoundError:
            continue
        name, fields = text.split("(", 1)[1].rsplit(")", 1)
        times = fields.split()[11:15]
        if name != "python3":
            total += sum(map(int, times if name == "master" else times[:2]))
    return total


def send(port, *options):
    """Messages a second, and CPU time a message in ms."""
    start, ticks = time.monotonic(), cpu_ticks()
    subprocess.run(["smtp-source", "-s", "10", "-m", str(MESSAGES), *options,
                    *MAIL, f"127.0.0.1:{port}"], check=True,
                   capture_output=True)
    seconds = time.monotonic() - start
    bench.wait_until(lambda: not postfix_server.Postfix.queued())
    ms = (cpu_ticks() - ticks) * 1000 / os.sysconf("SC_CLK_TCK")
    return MESSAGES / seconds, ms / MESSAGES


def compare_postfix(name, *options):
    print(f"\n{MESSAGES} messages through Postfix, {name}, in turns:\n"
          "  messages/s         CPU ms a message\n"
          "  without   with     without   with")
    send(WITHOUT, *options), send(WITH, *options)  # starts processes
    ratios = []
    for _ in range(ROUNDS):
        (without, cpu), (ours, our_cpu) = (send(port, *options)
                                           for port in (WITHOUT, WITH))
        print(f"  {without:7.0f}{ours:7.0f}{cpu:12.2f}{our_cpu:7.2f}")
        ratios.append((ours / without, cpu / our_cpu))
    for name, values in zip(("messages/s", "messages a CPU second"),
                            zip(*ratios)):
        print(f"  {name} with the service, per one without: median "
              f"{statistics.median(values):.2f}")


def main():
    bench.start_dns()
    path = bench.write_policy(rewrites=False)
    # No look-ups: they would be the cost of DNS.
    bench.write(path, "".join(
        line + "\n" for line in path.read_text("utf-8").splitlines()
        if "name: by-name" not in line))
    server = postfix_server.Postfix(policyd.SETTINGS, SERVICES)
    daemon = policyd.Policyd()
    daemon.start(path)
    server.start()
    compare_services()
    show_memory(daemon)
    compare_postfix("a connection each")
    compare_postfix("10 kept-open connections", "-d")
    server.stop()
    daemon.stop()


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], policyd.PACKAGES, policyd.USERS)
    main()
