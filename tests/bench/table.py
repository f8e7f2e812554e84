"""Tables of benchmarks: read as lines of JSON, shown as columns of text.

A table is one object {"table": title, "columns": [name, ...]}, then one array
for each row; null where there is nothing to say.
"""
import json
import os
import platform
import sys
import textwrap

LABEL_WIDTH = 32
COLUMN_WIDTH = 9
PAGE_WIDTH = 100


class Damaged(Exception):
    """What was read is no table."""


def machine():
    """What a number was measured on, in one line."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [line.partition(":")[2].strip() for line in lines
                  if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{os.cpu_count()} x {model}, {platform.system()} " \
           f"{platform.release()}"


def load():
    """How busy it was, on average, in the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


class Table:
    """One table.  Rows are shown as they come."""

    def __init__(self, title, columns):
        self.title, self.columns, self.rows = title, columns, []

    def _cells(self, cells):
        label, *numbers = cells
        widths = [max(len(name) + 2, COLUMN_WIDTH)
                  for name in self.columns[1:]]
        return f"{label:<{LABEL_WIDTH}}" + "".join(
            f"{'-' if number is None else number:>{width}}"
            for number, width in zip(numbers, widths))

    def show_head(self):
        print()
        print(textwrap.fill(self.title, PAGE_WIDTH))
        print(self._cells(self.columns), flush=True)

    def add(self, row, show):
        if len(row) != len(self.columns):
            raise Damaged(f"a row of {len(row)} in {self.columns}: {row}")
        self.rows.append(row)
        if show:
            print(self._cells(row), flush=True)

    def show(self):
        self.show_head()
        for row in self.rows:
            print(self._cells(row))

    def as_json(self):
        return {"table": self.title, "columns": self.columns,
                "rows": [[row[0], *map(number_of, row[1:])]
                         for row in self.rows]}


def number_of(text):
    return None if text is None else float(text)


def read(lines, show):
    """The tables of some lines, shown as they come."""
    tables = []
    for line in lines:
        try:
            # Numbers stay as they were written: 1.50 is not 1.5.
            value = json.loads(line, parse_float=str, parse_int=str)
        except json.JSONDecodeError as error:
            raise Damaged(f"{error}: {line!r}") from error
        if isinstance(value, dict):
            tables.append(Table(value["table"], value["columns"]))
            if show:
                tables[-1].show_head()
        elif tables:
            tables[-1].add(value, show)
        else:
            raise Damaged(f"a row without a table: {line!r}")
    return tables


def show_about(about):
    print(f"mayrelay, {about['build']}\n{about['machine']}\n"
          f"load before it began: {about['load before']}")


def print_json(about, tables):
    json.dump({**about, "tables": [table.as_json() for table in tables]},
              sys.stdout, indent=1)
    print()
