#!/usr/bin/python3
"""Everything that mayrelay's own benchmarks say, as one report.

usage: report.py [--quick] [--json] [--programs DIRECTORY] [--build TEXT]
                 [--without SECTION] [SECTION...]

Sections, each a program that prints tables as lines of JSON (see table.py):

  memory_floor  what memory itself costs
  sets          the four kinds of sets bare
  decisions     steps of a session and the one-shot check, by size and rules
  images        build, save, open, bytes, private memory
  audits        time and memory of audits and diffs of large policies
  resolver      look-ups of names beside bare c-ares, and cache hits
  threads       one thread and two, beside the machine's ceiling
  instructions  instructions per step, by callgrind

`meson test --benchmark` runs it over a build; so does, for one section,
report.py --programs build/tests/bench decisions.
"""
import argparse
import pathlib
import subprocess
import sys
import time

import table

HERE = pathlib.Path(__file__).resolve().parent
SECTIONS = ["memory_floor", "sets", "decisions", "images", "audits",
            "resolver", "threads", "instructions"]


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter,
        usage=argparse.SUPPRESS)
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--programs", default="build/tests/bench",
                        type=pathlib.Path)
    parser.add_argument("--build", default="a build that was not named")
    parser.add_argument("--without", action="append", default=[])
    chosen = parser.parse_args()
    unknown = set(chosen.sections + chosen.without) - set(SECTIONS)
    if unknown:
        parser.error(f"no section is called {', '.join(sorted(unknown))}")
    return chosen


def command(section, chosen):
    quick = ["--quick"] if chosen.quick else []
    if section == "instructions":
        return [HERE / "instructions.sh", *quick,
                chosen.programs / "bench_decisions"]
    return [chosen.programs / f"bench_{section}", *quick]


def run(section, chosen):
    """Its tables; what the program complains of goes where ours does."""
    with subprocess.Popen(command(section, chosen), text=True,
                          stdout=subprocess.PIPE) as program:
        tables = table.read(program.stdout, show=not chosen.json)
    if program.returncode:
        raise table.Damaged(f"{section} ended with {program.returncode}")
    if not tables or not all(each.rows for each in tables):
        raise table.Damaged(f"{section} says nothing")
    return tables


def main():
    chosen = options()
    start = time.monotonic()
    about = {"machine": table.machine(), "build": chosen.build,
             "load before": table.load()}
    if not chosen.json:
        table.show_about(about)
    tables = []
    try:
        for section in chosen.sections or SECTIONS:
            if section not in chosen.without:
                tables += run(section, chosen)
    except (table.Damaged, OSError) as error:
        sys.exit(f"report.py: {error}")
    if chosen.json:
        table.print_json(about, tables)
    else:
        print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
