#!/usr/bin/python3
"""Runs a test program beside the bad server.

usage: run.py PROGRAM

The program is given the server's port.  A line `asked: SHAPE...` of its output
says which shapes of client may have been asked for; the server has seen these
and no others.  A line `ports: PORT...` says from which ports some questions
came, which the server has seen too.
"""
import subprocess
import sys

from bad_server import BadServer


def main(program):
    server = BadServer()
    result = subprocess.run([program, str(server.port)], encoding="utf-8",
                            stdout=subprocess.PIPE, check=False)
    print(result.stdout, end="")
    status = result.returncode
    for line in result.stdout.splitlines():
        if line.startswith("asked:"):
            said = {int(shape) for shape in line.split()[1:]}
            if said != server.shapes:
                print(f"the server was asked for {sorted(server.shapes)}")
                status = 1
        if line.startswith("ports:"):
            said = {int(port) for port in line.split()[1:]}
            if not said or said - server.ports:
                print(f"no question came from {sorted(said - server.ports)}")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
