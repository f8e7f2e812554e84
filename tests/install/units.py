#!/usr/bin/python3
"""What systemd says of the units.

usage: units.py UNIT... -- PROGRAM...

The units are for the programs once they are installed; here they are looked at
with those that have been built.  That they do what they are for is seen where
the packages are installed, under a systemd of its own: package.sh.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def main(arguments):
    if "--" not in arguments[1:]:
        sys.exit(__doc__)
    split = arguments.index("--")
    units = [pathlib.Path(unit) for unit in arguments[1:split]]
    programs = {pathlib.Path(program).name: str(pathlib.Path(program).resolve())
                for program in arguments[split + 1:]}
    with tempfile.TemporaryDirectory() as folder:
        for unit in units:
            text = re.sub(r"(?<==)/\S*/(mayrelay-\w+)",
                          lambda found: programs[found[1]],
                          unit.read_text("utf-8"))
            (pathlib.Path(folder) / unit.name).write_text(text, "utf-8")
        result = subprocess.run(
            ["systemd-analyze", "verify", "--man=no",
             *(f"{folder}/{unit.name}" for unit in units)],
            capture_output=True, encoding="utf-8", check=False)
    # It warns of keys that it does not know, and is content.
    said = result.stdout + result.stderr
    is_well = result.returncode == 0 and not said and len(units) > 0
    print(said + ("1 passed, 0 failed" if is_well else "0 passed, 1 failed"))
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
