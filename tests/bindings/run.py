#!/usr/bin/python3
"""The bindings in examples/, each against the C library.

usage: run.py [--sessions N] [--decisions N] [--bench] [--preload LIBRARY]
              BUILD [LANGUAGE...]

BUILD is a build folder of meson with the library, the command and the tests.
Everything is made in BUILD/../bindings.  Every language replays the same
dialogues (README.md), runs the example of its README, and its own tests.

  --sessions N   how many sessions the tests of memory make (20,000; a long run
                 has 1,000,000)
  --decisions N  how many decisions are compared (100,000)
  --bench        only measures: a call of ours beside a bare one of that shape
  --preload LIBRARY
                 for their own tests: that of the sanitizer BUILD was made with
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

import languages
import tables

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
SUMMARY = re.compile(r"(\d+) (passed|failed|errors?)\b")
DECISION = ("code", "line", "needs", "relay", "verdict", "enhanced", "text",
            "reply", "reason", "kind", "rule", "file", "connector",
            "recipient", "explanation")
FACTS = {1: "client-name", 2: "groups", 4: "recipient"}
PROCESSES = 2
LIMIT = 600  # seconds, for what takes a few


class Count:
    """Of one language, which is told as a whole: two are run at a time."""

    def __init__(self):
        self.passed = self.failed = 0
        self.lines = []

    def add(self, name, good, said="", tests=None):
        passed, failed = tests or (int(good), int(not good))
        self.passed += passed
        self.failed += failed
        self.lines.append(f"{'ok' if good else 'FAILED'}: {name}")
        if not good:
            self.lines.append(said)

    def tell(self):
        if self.lines:
            print(*self.lines, sep="\n", flush=True)
        return self.passed, self.failed


def run(command, **options):
    options = {"capture_output": True, "timeout": LIMIT, **options}
    return subprocess.run([str(word) for word in command], **options)


def output_of(result):
    return (result.stdout + result.stderr).decode(errors="replace")


# -- the dialogues ------------------------------------------------------------

def make_generated(place, build, decisions):
    folder = place / "policies"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with open(place / "generated", "wb") as out:
        subprocess.run([build / "tests/bindings/binding_dialogues", folder,
                        str(decisions)], check=True, stdout=out)


def make_tables(place):
    wanted = []
    with open(place / "tables", "w", encoding="utf-8") as out:
        for text, fields in tables.tables(ROOT):
            out.write(text)
            wanted += fields
    with open(place / "learned", "w", encoding="utf-8") as out:
        out.writelines(tables.learned(ROOT))
    return wanted


def make_expected(place, build):
    for name in languages.DIALOGUES:
        with open(place / name, "rb") as dialogue, \
                open(place / f"{name}.expected", "wb") as out:
            subprocess.run([build / "tests/bindings/binding_replay"],
                           check=True, stdin=dialogue, stdout=out)


def decoded(word):
    if word == "-":
        return None
    return re.sub("%(..)", lambda code: chr(int(code[1], 16)), word)


def fits(fields, line):
    """Whether a line of the replay is what the table wants."""
    if fields is None:
        return True
    said = dict(zip(DECISION, map(decoded, line.split("\t"))))
    said |= {"code": int(said["code"]), "relay": said["relay"] == "1",
             "needs": [name for fact, name in FACTS.items()
                       if fact & int(said["needs"])]}
    return all(said[key] == value for key, value in fields.items()
               if key in said)


def check_tables(count, place, wanted):
    """The C library itself says what the tables want."""
    lines = (place / "tables.expected").read_text("utf-8").splitlines()
    wrong = [json.dumps(fields) + "\n" + line
             for fields, line in zip(wanted, lines) if not fits(fields, line)]
    count.add(f"{len(wanted)} decisions of the tables",
              not wrong and len(wanted) == len(lines) > 0, "\n".join(wrong[:3]))


# -- one language -------------------------------------------------------------

def first_difference(expected, said):
    for number, (want, got) in enumerate(zip(expected, said), 1):
        if want != got:
            return f"line {number}:\n want {want!r}\n got  {got!r}"
    return f"{len(said)} lines, not {len(expected)}"


def replay(count, language, place, name):
    """Octet by octet what the C library says."""
    began = time.monotonic()
    with open(place / name, "rb") as dialogue:
        result = run(language.replay, stdin=dialogue, env=language.environment)
    expected = (place / f"{name}.expected").read_bytes()
    good = result.returncode == 0 and result.stdout == expected
    said = "" if good else "\n".join(
        [f"exit status {result.returncode}", result.stderr.decode()[-2000:],
         first_difference(expected.splitlines(), result.stdout.splitlines())])
    lines = expected.count(b"\n")
    count.add(f"{language.name}: {lines} lines of {name} "
              f"({time.monotonic() - began:.1f} s)", good, said)


def blocks(readme):
    """The example of a README: the first block of code, the text behind it,
    which is what it prints, and its policy, if that is a file."""
    found = BLOCK.findall(readme.read_text("utf-8"))
    code = next(index for index, (kind, _) in enumerate(found)
                if kind not in ("text", "yaml"))
    text = next(body for kind, body in found[code:] if kind == "text")
    policy = next((body for kind, body in found if kind == "yaml"), "")
    return found[code][1], text, policy


def example(count, language):
    code, expected, policy = blocks(language.source / "README.md")
    (language.work / language.example_file).write_text(code, "utf-8")
    (language.work / "policy.yaml").write_text(policy, "utf-8")
    for command in language.example:
        result = run(command, cwd=language.work, env=language.environment)
        if result.returncode:
            break
    said = result.stdout.decode()
    good = result.returncode == 0 and said == expected
    count.add(f"{language.name}: the README's example", good,
              output_of(result))


def summary(said):
    """(passed, failed) of its last line, pytest's or one of ours."""
    last = said.strip().rpartition("\n")[2]
    numbers = {word: int(number) for number, word in SUMMARY.findall(last)}
    passed = numbers.pop("passed", 0)
    return passed, sum(numbers.values())


def own_test(count, language, command, options):
    began = time.monotonic()
    environment = {**language.environment, "LD_PRELOAD": options.preload,
                   "MAYRELAY_SESSIONS": str(options.sessions)}
    result = run(command, env=environment, cwd=language.work)
    said = output_of(result)
    passed, failed = summary(said)
    failed = failed or int(result.returncode != 0 or not passed)
    words = shlex.join(map(str, command))
    count.add(f"{words}: {passed} passed, {failed} failed "
              f"({time.monotonic() - began:.1f} s)", not failed, said,
              (passed, failed))


def prepare(count, language, *more):
    shutil.rmtree(language.work, ignore_errors=True)
    language.work.mkdir(parents=True)
    for command in [*language.build, *more]:
        result = run(command, env=language.environment, cwd=language.work)
        if result.returncode:
            count.add(f"{language.name}: {shlex.join(map(str, command))}",
                      False, output_of(result))
            return False
    return True


def check(language, place, options):
    count = Count()
    try:
        check_parts(count, language, place, options)
    except (OSError, subprocess.SubprocessError) as error:
        count.add(f"{language.name}: {error}", False)
    return count


def check_parts(count, language, place, options):
    if not prepare(count, language):
        return
    for name in language.dialogues:
        replay(count, language, place, name)
    example(count, language)
    for command in language.tests:
        own_test(count, language, command, options)


def measure(language):
    """What it costs, alone on the machine; whether that went well."""
    count = Count()
    more = [language.measured] if language.measured else []
    if not language.bench or not prepare(count, language, *more):
        return count
    result = run(language.bench, env=language.environment, cwd=language.work)
    print(result.stdout.decode(), end="", flush=True)
    if result.returncode:
        count.add(f"{language.name}: benchmark", False, output_of(result))
    return count


# -- all of it ----------------------------------------------------------------

def install(build, root):
    shutil.rmtree(root, ignore_errors=True)
    run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", root],
        check=True)


def parse_options(names):
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--sessions", type=int, default=20000)
    parser.add_argument("--decisions", type=int, default=100000)
    parser.add_argument("--bench", action="store_true")
    parser.add_argument("--preload", default="")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("languages", nargs="*", choices=[*names, []])
    return parser.parse_args()


def main():
    options = parse_options(languages.NAMES)
    build = options.build.resolve()
    place = build.parent / "bindings"
    install(build, place / "root")
    chosen = [languages.make(name, ROOT, place, build)
              for name in options.languages or languages.NAMES]
    if options.bench:
        told = [measure(language).tell() for language in chosen]
        return int(any(failed for _, failed in told))
    make_generated(place, build, options.decisions)
    wanted = make_tables(place)
    make_expected(place, build)
    count = Count()
    check_tables(count, place, wanted)
    told = [count.tell()]
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        told += [each.tell() for each in pool.map(
            lambda language: check(language, place, options), chosen)]
    passed, failed = map(sum, zip(*told))
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0 or not passed)


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main())
