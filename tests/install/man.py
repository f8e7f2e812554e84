#!/usr/bin/python3
"""The man pages: linted, and true.

usage: man.py SOURCE BUILD PROGRAM...

PROGRAM is the mayrelay command first, then those that have no commands.  Pages
that are made are in BUILD, those written by hand in SOURCE.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

HAND_WRITTEN = ["mayrelay.3", "mayrelay-policy.5"]
# Pages of others need not be installed where this runs; ours are checked here.
NOT_INSTALLED = re.compile(r"referenced manual not found: Xr (\S+ \d)|outdated")
OPTION = re.compile(r"^  (?:-\w, )?(--[\w-]+)", re.M)
FOREIGN = {"fork 2", "pcre2pattern 3"}


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, is_true, what):
        self.passed += bool(is_true)
        self.failed += not is_true
        if not is_true:
            print(f"not ok - {what}")


def output_of(*command):
    return subprocess.run(command, capture_output=True, check=False,
                          encoding="utf-8").stdout


def rendered(page):
    """The page as it is read, a line a paragraph."""
    text = output_of("mandoc", "-Tutf8", "-O", "width=900", page)
    return re.sub(r".\x08", "", text)


def lint(results, page):
    found = []
    for line in output_of("mandoc", "-Tlint", page).splitlines():
        if not NOT_INSTALLED.search(line):
            found.append(line)
    results.expect(not found, "\n".join(found))


def references(results, pages):
    """Whatever a page refers to is a page of ours, or one that is known."""
    ours = {page.stem + " " + page.suffix[1:] for page in pages.values()}
    for page in pages.values():
        named = re.findall(r"\bXr (\S+ \d)", page.read_text("ascii"))
        missing = set(named) - ours - FOREIGN
        results.expect(not missing, f"{page.name} refers to {missing}")


def options(results, page, helped):
    """Every option stands in the page, with what is said of it."""
    text = rendered(page)
    listed = OPTION.findall(helped)
    results.expect(listed, f"{page.name}: --help lists no option")
    for option in listed:
        results.expect(re.search(rf"^ .*{option}(?![\w-])", text, re.M),
                       f"{page.name} lacks {option}")


def command_pages(results, pages, program):
    overview = rendered(pages["mayrelay.1"])
    commands = re.findall(r"^  (\w+) {2,}", output_of(program, "--help"), re.M)
    results.expect(commands, "--help lists no command")
    for command in commands:
        name = f"mayrelay-{command}"
        page = pages.get(f"{name}.1")
        results.expect(page, f"{name}.1 is missing: see command_names in "
                             "examples/command/meson.build")
        results.expect(f"{name}(1)" in overview, f"mayrelay.1 lacks {name}")
        if page:
            options(results, page, output_of(program, command, "--help"))


def functions(results, pages, source):
    """Every function of the headers has a page that says more than its name."""
    for header in (source / "include/mayrelay").glob("*.h"):
        page = pages.get(f"mayrelay_{header.stem}.3")
        results.expect(page, f"{header.name} has no page")
        if not page:
            continue
        text = rendered(page)
        named = re.findall(r"MAYRELAY_API[^;(]*?\b(mayrelay_\w+)\s*\(",
                           header.read_text("utf-8"))
        for name in named:
            results.expect(re.search(rf"^ +{name}\(\)", text, re.M) or
                           re.search(rf"\), {name}\(\)", text),
                           f"{page.name} lacks {name}")


def policy_page(results, page, source, program):
    """It has every key and every reason, and its policies load."""
    text = rendered(page)
    keys = (source / "lib/policy/keys.def").read_text("utf-8")
    for key in re.findall(r'^KEY\(\w+, \w+, "(.*)"\)', keys, re.M):
        results.expect(re.search(rf"(?<![\w-]){key}(?![\w-])", text),
                       f"{page.name} lacks the key {key}")
    reasons = (source / "lib/base/reason.def").read_text("utf-8")
    for name, code, subject, detail in re.findall(
            r'^REASON\(\w+, "(.*?)", \w+, (\d+), (\d), (\d+),', reasons, re.M):
        row = rf"^ +{name} +{code} {code[0]}\.{subject}\.{detail} "
        results.expect(re.search(row, text, re.M),
                       f"{page.name} lacks {name} with its reply")
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed",
                        page.read_text("ascii"), re.M | re.S)
    results.expect(len(blocks) >= 2, f"{page.name} has no examples")
    for block in blocks:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as policy:
            policy.write(block)
            policy.flush()
            lint_of = subprocess.run([program, "lint", policy.name],
                                     capture_output=True, encoding="utf-8",
                                     check=False)
        results.expect(lint_of.stdout.endswith(": ok\n"),
                       f"{page.name}: {lint_of.stderr}")


def main(arguments):
    if len(arguments) < 4:
        sys.exit(__doc__)
    source, build = map(pathlib.Path, arguments[1:3])
    program, daemons = arguments[3], arguments[4:]
    found = [source / "lib/man" / name for name in HAND_WRITTEN]
    found += [path for folder in ("lib/man", "examples")
              for path in (build / folder).rglob("*.[138]")]
    pages = {page.name: page for page in found}
    results = Results()
    for page in pages.values():
        lint(results, page)
    references(results, pages)
    command_pages(results, pages, program)
    for daemon in daemons:
        name = pathlib.Path(daemon).name + ".8"
        results.expect(name in pages, f"{name} is missing")
        if name in pages:
            options(results, pages[name], output_of(daemon, "--help"))
    functions(results, pages, source)
    policy_page(results, pages["mayrelay-policy.5"], source, program)
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
