"""Prints coverage by folder of lib/, from gcovr's or llvm-cov's JSON.

coverage_table.py gcov JSON UNREACHED FOLDER...   lines, branches, what is left
coverage_table.py mcdc JSON                       conditions

UNREACHED names code that no test can reach, by its text and why; a line of it
that is reached after all is an error.
"""

import collections
import json
import pathlib
import re
import sys

BODY_LINES = 2  # from a line to what is run only behind it


def folder_of(path):
    found = re.search(r"(?:^|/)lib/([a-z]+)/[^/]+$", path)
    return found and found.group(1)


def row(name, *pairs):
    cells = (f"{done:6d}/{all_:<6d}{100 * done / all_ if all_ else 100:6.1f} %"
             for done, all_ in pairs)
    print(f"{name:10s}", *cells)


def print_table(heads, table):
    print(f"{'':10s}", *(f"{head:21s}" for head in heads))
    for name in sorted(table):
        row(name, *table[name])
    row("all", *([sum(column) for column in zip(*cell)]
                 for cell in zip(*table.values())))


class Unreached:
    """The lines `FILE: TEXT -- WHY` of the file, matched by their text,
    so that they stay right when lines move."""

    def __init__(self, path):
        self.last = None  # excused: file, line number, why
        self.reasons = {}
        self.used = collections.Counter()
        for line in pathlib.Path(path).read_text().splitlines():
            if line and not line.startswith("#"):
                where, _, reason = line.rpartition(" -- ")
                self.reasons[where] = reason

    def reason(self, path, line, text):
        where = f"{path}: {text.strip()}"
        reason, number = self.reasons.get(where), line["line_number"]
        if reason:
            self.used[where] += 1
        elif not line["count"] and self.last and self.last[0] == path \
                and number - self.last[1] <= BODY_LINES:
            reason = self.last[2]
        if reason:
            self.last = path, number, reason
        return reason

    def stale(self):
        return [where for where in self.reasons if where not in self.used]


def is_line(line):
    return not line.get("gcovr/noncode") and not line.get("gcovr/excluded")


def gcov(path, unreached_path, *core):
    files = json.loads(pathlib.Path(path).read_text())["files"]
    table = collections.defaultdict(lambda: [[0, 0], [0, 0]])
    left, unreached = [], Unreached(unreached_path)
    excused = collections.Counter()
    for file in files:
        folder = folder_of(file["file"])
        source = pathlib.Path(file["file"]).read_text().splitlines()
        for line in filter(is_line, file["lines"]):
            branches = line["branches"]
            taken = sum(branch["count"] > 0 for branch in branches)
            lines, all_branches = table[folder]
            lines[0] += line["count"] > 0
            lines[1] += 1
            all_branches[0] += taken
            all_branches[1] += len(branches)
            if folder not in core:
                continue
            if line["count"] and taken == len(branches):
                continue
            text = source[line["line_number"] - 1]
            reason = unreached.reason(file["file"], line, text)
            if reason:
                excused[reason, "lines"] += line["count"] == 0
                excused[reason, "branches"] += len(branches) - taken
            else:
                left.append(f"  {file['file']}:{line['line_number']}: "
                            + ("not run" if not line["count"] else
                               f"{taken} of {len(branches)} branches")
                            + f": {text.strip()}")
    print_table(["lines", "branches"], table)
    reasons = sorted({reason for reason, _ in excused})
    if reasons:
        print("\nUnreachable, for a reason:")
    for reason in reasons:
        print(f"  {excused[reason, 'lines']:3d} lines, "
              f"{excused[reason, 'branches']:3d} branches: {reason}")
    print(f"\nNot reached in {' '.join(core)}: {len(left)} lines")
    print("\n".join(left))
    for where in unreached.stale():
        print(f"{unreached_path}: reached, or gone: {where}")
    return 1 if unreached.stale() else 0


def mcdc(path):
    data = json.loads(pathlib.Path(path).read_text())["data"][0]
    table = collections.defaultdict(lambda: [[0, 0]])
    for file in data["files"]:
        folder = folder_of(file["filename"])
        if folder:
            covered = file["summary"]["mcdc"]
            table[folder][0][0] += covered["covered"]
            table[folder][0][1] += covered["count"]
    print_table(["conditions (MC/DC)"], table)
    return 0


if __name__ == "__main__":
    sys.exit({"gcov": gcov, "mcdc": mcdc}[sys.argv[1]](*sys.argv[2:]))
