#!/usr/bin/python3
"""Who may include whom, and what the library may not use.

usage: layers.py [ROOT]

Prints every violation as file:line: text, and counts the files looked at.
Standard library only, so that it can run before anything is built.
"""
import pathlib
import re
import sys

# A folder of lib/ and the folders it may include besides itself.
FLOORS = {
    "base": set(),
    "net": {"base"},
    "mail": {"base", "net"},
    "set": {"base", "net", "mail"},
    "policy": {"base", "net", "mail"},
    "image": {"base", "net", "mail", "set", "policy"},
    "decide": {"base", "net", "mail", "set", "image"},
    "session": {"base", "net", "mail", "set", "policy", "image", "decide"},
    "audit": {"base", "net", "mail", "set", "policy", "image", "decide",
              "session"},
    "cases": {"base", "net", "mail", "set", "policy", "image", "decide",
              "session", "audit"},
    "diff": {"base", "net", "mail", "set", "policy", "image", "decide",
             "session", "audit"},
    "advise": {"base", "net", "mail", "set", "policy", "image", "decide",
               "session", "audit", "diff"},
    "watch": {"base", "image"},
    "dns": {"base", "net", "mail"},
}

# One file per dependency.
ONLY_IN = {
    "pcre2.h": "lib/set/pattern_set.c",
    "yaml.h": "lib/policy/yaml.c",
    "idn2.h": "lib/mail/domain.c",
    "sys/inotify.h": "lib/watch/spots.c",
    "pthread.h": "lib/watch/watch.c",
    "ares.h": "lib/dns/cares.c",
}

STANDARD_HEADERS_ONLY = {"stdbool.h", "stddef.h", "stdint.h"}

# The allocator itself; everybody else goes through base/memory.h.
ALLOCATOR = "lib/base/memory.c"

FORBIDDEN_HEADERS = {"ctype.h", "locale.h", "setjmp.h", "alloca.h", "wctype.h",
                     "threads.h", "signal.h"}
FORBIDDEN_CALLS = """
    strtok strtok_r atoi atol atoll atof sscanf scanf fscanf gets strcpy strcat
    sprintf vsprintf printf vprintf fprintf vfprintf puts putchar fputs perror
    exit _exit _Exit quick_exit abort assert atexit system popen fork signal
    sigaction setjmp longjmp alloca setlocale getenv srand rand strdup strndup
    localtime gmtime""".split()
FORBIDDEN_ALLOCATION = "malloc calloc realloc reallocarray free".split()

MOST_LINES = 600
TOP_LEVEL = {"lib", "include", "examples", "tests", "meson.build",
             "meson_options.txt", "README.md", "LICENSE"}
CATCH_ALL = {"internal.h", "common.h", "util.h", "utils.h", "misc.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
NOT_CODE = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""",
    re.DOTALL | re.VERBOSE)
DEFINITION = re.compile(r"^(\w[^\n;()]*)\n(\w+)\(", re.M)
FLOOR_CALLS = re.compile(r"\b(%s)\s*\(" % "|".join(FORBIDDEN_CALLS))
HEAP_CALLS = re.compile(r"\b(%s)\s*\(" % "|".join(FORBIDDEN_ALLOCATION))
STANDARD_STREAM = re.compile(r"\b(stdout|stderr|stdin)\b")


class Report:
    def __init__(self, root):
        self.root = root
        self.bad_files = set()
        self.files = 0

    def add(self, path, line, text):
        self.bad_files.add(path)
        print(f"{path.relative_to(self.root)}:{line}: {text}")

    def finish(self):
        failed = len(self.bad_files)
        print(f"{self.files - failed} passed, {failed} failed")
        return 1 if failed else 0


def without_comments(text):
    """The code alone; every line keeps its number."""
    def blank(match):
        return "\n" * match.group().count("\n") or " "
    return NOT_CODE.sub(blank, text)


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def check_library_include(report, path, number, quoted, name):
    floor = path.parent.name
    place = path.relative_to(report.root).as_posix()
    if name in FORBIDDEN_HEADERS:
        report.add(path, number, f"<{name}> is not used in lib/")
    if ONLY_IN.get(name, place) != place:
        report.add(path, number, f"<{name}> belongs to {ONLY_IN[name]} alone")
    folder, slash, _ = name.partition("/")
    ours = slash and (folder in FLOORS or folder == "mayrelay")
    if quoted != bool(ours):
        report.add(path, number,
                   f'own headers are "folder/name.h", others <name.h>: {name}')
    elif ours and folder not in FLOORS[floor] | {floor, "mayrelay"}:
        report.add(path, number, f"{floor} may not include {folder}: {name}")
    elif ours and folder != "mayrelay" \
            and not (report.root / "lib" / name).is_file():
        report.add(path, number, f"there is no lib/{name}")


def check_calls(report, path, text):
    place = path.relative_to(report.root).as_posix()
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        found = FLOOR_CALLS.search(line)
        if found and not line.lstrip().startswith("#"):
            report.add(path, number, f"{found.group(1)} is not used in lib/")
        found = HEAP_CALLS.search(line)
        if found and place != ALLOCATOR:
            report.add(path, number,
                       f"{found.group(1)}: memory comes from base/memory.h")
        found = STANDARD_STREAM.search(line)
        if found:
            report.add(path, number, f"{found.group(1)}: the library is mute")


def defined(text):
    """The functions that others may call."""
    for lines in DEFINITION.finditer(without_comments(text)):
        if not lines.group(1).startswith("static"):
            yield lines.group(2)


def check_own_header(report, path, text):
    """A source file has a header of its own name beside it; or shares one of
    its folder, or a public one, that declares what it defines."""
    if path.suffix != ".c" or path.with_suffix(".h").is_file():
        return
    public = report.root / "include" / "mayrelay"
    shared = "".join(without_comments(header.read_text("utf-8")) for header
                     in [*path.parent.glob("*.h"), *public.glob("*.h")])
    hidden = [name for name in defined(text)
              if not re.search(rf"\b{name}\s*\(", shared)]
    if hidden or not list(defined(text)):
        report.add(path, 1, f"no header declares {', '.join(hidden)}")


def check_library(report):
    for path in sorted((report.root / "lib").rglob("*.[ch]")):
        text = path.read_text("utf-8")
        if path.parent.name not in FLOORS:
            report.add(path, 1, f"{path.parent.name} is not a floor of lib/")
            continue
        for number, quoted, name in includes(text):
            check_library_include(report, path, number, quoted, name)
        check_calls(report, path, text)
        check_own_header(report, path, text)
        if path.name in CATCH_ALL:
            report.add(path, 1, "no catch-all headers")


def check_public(report):
    for path in sorted((report.root / "include").rglob("*.h")):
        for number, quoted, name in includes(path.read_text("utf-8")):
            if quoted and not name.startswith("mayrelay/"):
                report.add(path, number, f'only "mayrelay/...": {name}')
            if not quoted and name not in STANDARD_HEADERS_ONLY:
                report.add(path, number, f"not among the headers of C: {name}")


def check_examples(report):
    for path in sorted((report.root / "examples").rglob("*.[ch]")):
        for number, quoted, name in includes(path.read_text("utf-8")):
            shared = name.startswith("adapter/")
            folder = report.root / "examples" if shared else path.parent
            if quoted and not (folder / name).is_file():
                report.add(path, number, f"not a file of its own: {name}")
            if not quoted and name.split("/")[0] in FLOORS:
                report.add(path, number, f"only the public headers: {name}")


def check_sizes(report):
    for folder in ("lib", "include", "examples", "tests"):
        for path in sorted((report.root / folder).rglob("*")):
            if path.suffix not in {".c", ".h", ".py", ".sh", ".lua", ".cpp"}:
                continue
            report.files += 1
            lines = path.read_text("utf-8").count("\n")
            if lines > MOST_LINES:
                report.add(path, lines, f"more than {MOST_LINES} lines")


def check_top_level(report):
    for path in sorted(report.root.iterdir()):
        if path.name.startswith((".", "build")):
            continue
        if path.name not in TOP_LEVEL:
            report.add(path, 1, "not a top-level entry")
    for name in sorted(TOP_LEVEL):
        if not (report.root / name).exists():
            report.add(report.root / name, 1, "missing")


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(arguments[1]).resolve() if arguments[1:] else here
    report = Report(root)
    check_sizes(report)
    check_library(report)
    check_public(report)
    check_examples(report)
    check_top_level(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
