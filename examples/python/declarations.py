#!/usr/bin/python3
"""mayrelay.h behind the preprocessor, as foreign function interfaces read it.

usage: declarations.py OUTPUT INCLUDE COMPILER...

Only what the headers of mayrelay themselves say is kept: the types of the C
library (size_t, uint32_t, bool) are known to every such interface.  An OUTPUT
that ends in .lua is a module that hands it to LuaJIT's.
"""
import re
import subprocess
import sys

LINE_MARKER = re.compile(r'^# \d+ "([^"]*)"')


def ours(preprocessed):
    keep = False
    for line in preprocessed.splitlines():
        marker = LINE_MARKER.match(line)
        if marker:
            keep = "mayrelay" in marker.group(1).rsplit("include", 1)[-1]
        elif keep and line.strip():
            yield line


def main(output, include, *compiler):
    # An empty MAYRELAY_API: attributes are no business of a binding.
    command = [*compiler, "-E", "-DMAYRELAY_API=", "-I" + include,
               include + "/mayrelay.h"]
    text = subprocess.run(command, check=True, capture_output=True,
                          encoding="utf-8").stdout
    declared = "\n".join(ours(text)) + "\n"
    if output.endswith(".lua"):
        declared = f"require('ffi').cdef [==[\n{declared}]==]\n"
    with open(output, "w", encoding="utf-8") as file:
        file.write(declared)


if __name__ == "__main__":
    main(*sys.argv[1:])
