"""How many messages a second a mail server takes at two ports of its own, with
an adapter and without, side by side in one run.  Asserts nothing but that mail
is taken: machines differ, and so do the rounds on one that is shared.
"""
import operator
import pathlib
import statistics
import subprocess
import time

# Connections at a time, and options of smtp-source.
LOADS = {"a connection each": (10, []), "10 connections kept": (10, ["-d"])}


def rate(port, load, messages):
    at_once, options = LOADS[load]
    start = time.monotonic()
    subprocess.run(["smtp-source", *options, "-s", str(at_once), "-m",
                    str(messages), "-l", "1000", "-f", "a@sender.example",
                    "-t", "joe@corp.example", f"127.0.0.1:{port}"], check=True)
    return messages / (time.monotonic() - start)


def cpu_ms(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text("ascii")
    user, system = fields.rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) * 10


def compare(checks, ports, messages, rounds, adapter_pid):
    """ports: name -> port, the one without the adapter first, the one with it
    among the others.  In turns, so that what else the machine does falls on
    all."""
    for load in LOADS:
        seen = {name: [] for name in ports}
        before = cpu_ms(adapter_pid)
        for _ in range(rounds):
            for name, port in ports.items():
                seen[name].append(rate(port, load, messages))
        used = (cpu_ms(adapter_pid) - before) / (rounds * messages)
        print(f"{load}: messages a second, and the ratio to the first, both "
              f"the median of {rounds} rounds")
        first = next(iter(seen.values()))
        for name, rates in seen.items():
            ratio = statistics.median(map(operator.truediv, rates, first))
            print(f"  {name:14} {statistics.median(rates):6.0f}  {ratio:.2f}x")
            checks.expect_true("mail is taken", min(rates) > 0)
        print(f"  the adapter itself takes {used:.3f} ms of CPU a message",
              flush=True)
