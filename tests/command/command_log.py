"""explain --log: what a decision log has recorded is judged again."""

import json
import subprocess
import sys

from support import (DEFER, OK, POLICY, REJECT, USAGE, expect, expect_in, run)

DATA = 65
STATUS = {"accept": OK, "defer": DEFER, "reject": REJECT}
PREFIX = "Nov 25 12:00:00 mx mayrelay[42]: "


def lines():
    program = sys.argv[2]
    return subprocess.run([program, POLICY], check=True, capture_output=True,
                          encoding="ascii").stdout.splitlines()


def check_lines():
    """Both forms hold the same, and lead to what was recorded."""
    all_lines = lines()
    expect("lines", len(all_lines) > 40, True)
    verdicts = set()
    for text, form in zip(all_lines[::2], all_lines[1::2]):
        recorded = json.loads(form)
        verdicts.add(recorded["verdict"])
        for line in (text, form, PREFIX + text, PREFIX + form):
            status, out, err = run("explain", POLICY, "--json", "--log", line)
            expect(line, (status, err), (STATUS[recorded["verdict"]], ""))
            why = json.loads(out)
            expect(line, why["same_decision"], True)
            expect(line, why["same_policy"], True)
            expect(line, {key: value
                          for key, value in why["recorded"].items() if value},
                   {key: value for key, value in recorded.items() if value})
    expect("verdicts", verdicts, set(STATUS))


def check_input_and_text():
    refused = lines()[6]
    status, out, _ = run("explain", POLICY, "--log", "-",
                         stdin=(refused + "\nmore\n").encode())
    expect("--log -", status, REJECT)
    expect_in("--log -", "recorded: reject 5.7.0, auth-required, by rule submit.deny[1], at 2026-11-25",
              out)
    expect_in("--log -", "the same decision, the same policy", out)
    other = refused.replace("auth-required", "relay-denied").replace(
        "policy=", "policy=0")
    _, out, _ = run("explain", POLICY, "--log", other)
    expect_in("--log", "ANOTHER decision, another policy", out)


WRONG = [
    ("", "no decision"),
    ("a line of something else", "no decision"),
    ("mayrelay=12 verdict=accept", "no decision"),
    ("mayrelay=1 client=10.0.0.1", "it has no verdict"),
    ("mayrelay=1 verdict=accept client=10.0.0.999", "client is not an IP"),
    ("mayrelay=1 verdict=accept client=10.0.0.1 recipient=\"x",
     "no field that can be read at octet 43"),
    ("mayrelay=1 verdict=accept client=10.0.0.1 client=10.0.0.2",
     "no field that can be read at octet 43"),
    ("mayrelay=1 verdict=accept nothing", "octet 27"),
    ("mayrelay=1 verdict=accept a b=c", "octet 27"),
    ("mayrelay=1 verdict=accept recipient=\"\\x41\"", "octet 27"),
    ("{\"mayrelay\":1,\"verdict\":\"accept\"", "not valid JSON"),
    ("{\"mayrelay\":1,\"verdict\":\"accept\",\"sender\":1}",
     "sender: expected a string"),
    ("mayrelay=1 verdict=accept client_names=a client_names=tempfail "
     "client_names=b", "octet"),
]


def check_errors():
    for line, problem in WRONG:
        status, out, err = run("explain", POLICY, "--log", line)
        expect(line, (status, out), (DATA, ""))
        expect_in(line, problem, err)
    status, _, err = run("explain", POLICY, "--log", "-")
    expect("nothing to read", status, DATA)
    expect_in("nothing to read", "standard input is empty", err)
    for more in (["--client", "10.0.0.1"], ["--smtp"]):
        status, _, err = run("explain", POLICY, "--log", "x", *more)
        expect(f"--log {more}", status, USAGE)
        expect_in(f"--log {more}", "every fact comes from the line", err)


def test_log():
    check_lines()
    check_input_and_text()
    check_errors()
