#!/usr/bin/python3
"""The README's C host, compiled and run as the README says.

usage: readme.py README BUILD COMPILER...

The first ```c block is the host, the first ```yaml block its policy, and the
first ```text block behind the host what it prints.  It is built with
pkg-config against an installation of BUILD in a temporary directory, with the
shared library and with the static one.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(text):
    found = {}
    for language, body in BLOCK.findall(text):
        if language == "text" and "c" not in found:
            continue
        found.setdefault(language, body)
    return found


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, encoding="utf-8",
                            **options)
    if result.returncode != 0:
        print(f"{shlex.join(command)}: exit status {result.returncode}\n"
              f"{result.stdout}{result.stderr}")
        sys.exit("0 passed, 1 failed")
    return result.stdout


def install(build, root):
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir", root)
    pc = next(pathlib.Path(root).rglob("mayrelay.pc"))
    return {**os.environ, "PKG_CONFIG_PATH": str(pc.parent),
            "PKG_CONFIG_SYSROOT_DIR": root,
            "LD_LIBRARY_PATH": str(pc.parent.parent)}


def main(readme, build, *compiler):
    parts = blocks(pathlib.Path(readme).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as directory:
        here = pathlib.Path(directory)
        environment = install(os.path.abspath(build), str(here / "root"))
        (here / "host.c").write_text(parts["c"], "utf-8")
        (here / "policy.yaml").write_text(parts["yaml"], "utf-8")
        for wanted, linked in ([], []), (["--static"], ["-static"]):
            flags = shlex.split(run("pkg-config", *wanted, "--cflags", "--libs",
                                    "mayrelay", env=environment))
            run(*compiler, *linked, "-Wall", "-Wextra", "-Werror", "host.c",
                *flags, "-o", "host", cwd=directory)
            printed = run("./host", "policy.yaml", cwd=directory,
                          env=environment)
            if printed != parts["text"]:
                print(f"{linked} printed:\n{printed}\n"
                      f"the README says:\n{parts['text']}")
                sys.exit("0 passed, 1 failed")
    print("2 passed, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
