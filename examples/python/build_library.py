"""Builds mayrelay._library, the C library as Python sees it (cffi, API mode).

Which calls there are is read from the installed headers, as pkg-config finds
them, so nothing is declared twice; the C compiler checks every call.
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

from cffi import FFI

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import declarations  # noqa: E402  (beside this file, wherever it is run)


def pkg_config(*options):
    said = subprocess.run(["pkg-config", *options, "mayrelay"], check=True,
                          capture_output=True, encoding="utf-8").stdout
    return shlex.split(said)


def without_option(words, option):
    return [word.removeprefix(option) for word in words
            if word.startswith(option)]


def header_folders():
    folders = without_option(pkg_config("--cflags-only-I"), "-I")
    return folders or pkg_config("--variable=includedir")


def declared(include):
    compiler = shlex.split(os.environ.get("CC", "cc"))
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "declarations.h")
        declarations.main(str(output), include, *compiler)
        return output.read_text("utf-8")


def make_ffi():
    folders = header_folders()
    ffi = FFI()
    ffi.cdef(declared(folders[0]))
    ffi.set_source(
        "mayrelay._library", "#include <mayrelay.h>", include_dirs=folders,
        libraries=without_option(pkg_config("--libs-only-l"), "-l"),
        library_dirs=without_option(pkg_config("--libs-only-L"), "-L"))
    return ffi


ffi = make_ffi()
