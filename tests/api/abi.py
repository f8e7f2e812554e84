#!/usr/bin/python3
"""Programs built with the last release run with this library.

usage: abi.py check RELEASED LIBRARY COMPILER...
       abi.py record RELEASED DECLARATIONS

RELEASED are the declarations of the last release, which `record` makes at a
release out of the DECLARATIONS of the build (build/.../declarations.h).  As no
struct is public they are all that an ABI can hang on.  A library of that
interface is built, with nothing in it, and abidiff compares this one with it:
calls and values may be added, nothing may be taken away or changed.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

HEAD = """/* The declarations of mayrelay {}, which its programs were built with.  Made
 * by abi.py. */
/* clang-format off */
"""
INCLUDES = "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
PROTOTYPE = re.compile(r"^(?!typedef)([\w *]+?)\b(mayrelay_\w+)(\([^;{]*\));",
                       re.M)
NODE = "MAYRELAY_0.1 { global: mayrelay_*; local: *; };\n"
SONAME = "libmayrelay.so.0"


def stub(prototype):
    result, name, arguments = prototype.groups()
    body = "{ }" if result.strip() == "void" else "{ return 0; }"
    return f"{result}{name}{arguments} {body}"


def build(released, folder, compiler):
    source, script = folder / "released.c", folder / "released.map"
    library = folder / SONAME
    source.write_text(INCLUDES + PROTOTYPE.sub(stub, released), "utf-8")
    script.write_text(NODE, "utf-8")
    subprocess.run([*compiler, "-g", "-w", "-shared", "-fPIC", "-o", library,
                    source, f"-Wl,-soname,{SONAME}",
                    f"-Wl,--version-script={script}"], check=True)
    return library


def differences(released, library, compiler):
    """What would break programs that were built with these declarations."""
    with tempfile.TemporaryDirectory() as folder:
        old = build(released, pathlib.Path(folder), compiler)
        result = subprocess.run(["abidiff", "--no-added-syms", old, library],
                                capture_output=True, encoding="utf-8",
                                check=False)
    found = result.stdout + result.stderr
    return found or "abidiff failed" if result.returncode else ""


def check(path, library, *compiler):
    released = pathlib.Path(path).read_text("utf-8")
    found = differences(released, library, compiler)
    # It must see what is missing, and what has another value.
    planted = [released + "int mayrelay_gone(void);\n",
               released.replace("MAYRELAY_ACCEPT = 2", "MAYRELAY_ACCEPT = 3"),
               re.sub(r"(mayrelay_session_reset\()", r"\1int more, ", released)]
    overlooked = [text for text in planted
                  if not differences(text, library, compiler)]
    failed = bool(found) + len(overlooked)
    if found:
        print(f"{found}\nnot ok - what was built with {path} may not run")
    if overlooked:
        print(f"not ok - {len(overlooked)} planted changes were overlooked")
    print(f"{1 + len(planted) - failed} passed, {failed} failed")
    return 1 if failed else 0


def record(released, declarations):
    version = re.search(r"version: '(.*?)'", pathlib.Path(
        __file__).parents[2].joinpath("meson.build").read_text("utf-8"))[1]
    text = pathlib.Path(declarations).read_text("utf-8")
    text = re.sub(r"^ +(?=\S.*;$)(?!    )", "", text, flags=re.M)
    pathlib.Path(released).write_text(HEAD.format(version) + text, "utf-8")
    return 0


def main(arguments):
    if arguments[1:2] == ["check"] and len(arguments) > 4:
        return check(*arguments[2:])
    if arguments[1:2] == ["record"] and len(arguments) == 4:
        return record(*arguments[2:])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
