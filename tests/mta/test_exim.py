#!/usr/bin/python3
"""Exim with the adapter: the shared tests.

usage: test_exim.py BUILD
"""
import sys

import bench
import exim_server
import sandbox


def test(checks):
    bench.start_dns()
    image = bench.write_policy().with_suffix(".mrp")
    exim_server.compile_policy(bench.policy_text(), image)
    settings = f"policy={image} log={exim_server.DECISIONS} reroute=router"
    with exim_server.Exim(settings) as exim:
        bench.check_all(checks, exim)


if __name__ == "__main__":
    sandbox.enter(sys.argv[1], exim_server.PACKAGES, exim_server.USERS)
    sys.exit(bench.main("exim", test))
