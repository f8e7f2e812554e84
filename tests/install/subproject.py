#!/usr/bin/python3
"""A project that has mayrelay under subprojects/ builds with it, and runs.

usage: subproject.py SOURCE

Once with the shared library and once with the static one; the host and its
policy are those of README.md.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MESON_BUILD = """
project('server', 'c', version: '1.0', default_options: ['c_std=c11'])
mayrelay = dependency('mayrelay', fallback: 'mayrelay',
  default_options: ['tests=false', 'examples=false', 'buildtype=plain'])
executable('host', 'host.c', dependencies: mayrelay)
"""
TOP = ["lib", "include", "examples", "tests", "meson.build",
       "meson_options.txt"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def run(*command, **options):
    result = subprocess.run(command, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, encoding="utf-8",
                            check=False, **options)
    if result.returncode:
        print(f"{' '.join(map(str, command))}:\n{result.stdout}")
        sys.exit("0 passed, 1 failed")
    return result.stdout


def blocks(readme):
    """The policy, the host, and what it prints."""
    found = BLOCK.findall(readme)
    host = next(i for i, (language, _) in enumerate(found) if language == "c")
    policy = next(text for language, text in found if language == "yaml")
    said = next(text for language, text in found[host:] if language == "text")
    return policy, found[host][1], said


def write_project(source, folder):
    policy, host, said = blocks((source / "README.md").read_text("utf-8"))
    (folder / "meson.build").write_text(MESON_BUILD, "utf-8")
    (folder / "host.c").write_text(host, "utf-8")
    (folder / "policy.yaml").write_text(policy, "utf-8")
    below = folder / "subprojects" / "mayrelay"
    below.mkdir(parents=True)
    for name in TOP:
        (below / name).symlink_to(source / name)
    return said


def needs_library(host):
    return "libmayrelay.so" in run("objdump", "-p", host)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    source = pathlib.Path(arguments[1]).resolve()
    # A project of its own, whatever this one is built with.
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("DESTDIR", "LD_LIBRARY_PATH")}
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        said = write_project(source, folder)
        run("meson", "setup", "build", cwd=folder, env=environment)
        for kind in ("shared", "static"):
            run("meson", "configure", "build",
                f"-Dmayrelay:default_library={kind}", cwd=folder,
                env=environment)
            run("ninja", "-C", "build", "-j", "2", "host", cwd=folder,
                env=environment)
            printed = run("build/host", "policy.yaml", cwd=folder,
                          env=environment)
            if printed != said:
                failed += 1
                print(f"not ok - {kind}: {printed}")
            if needs_library(folder / "build/host") != (kind == "shared"):
                failed += 1
                print(f"not ok - {kind}: that is not what it is linked with")
    print(f"{4 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
