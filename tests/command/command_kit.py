"""cases: what a policy can tell apart, as `test` and `check --batch` read it."""

import copy
import json
import os
import pathlib
import tempfile

from support import (CONFIG, HERE, OK, POLICY, USAGE, expect, expect_in, run)

FAILED = 1
EXAMPLES = sorted((HERE.parents[1] / "examples/policies").glob("*.yaml"))
EVERYTHING = HERE.parents[1] / "tests/policies/everything/everything.yaml"
POLICIES = [*EXAMPLES, EVERYTHING, pathlib.Path(POLICY)]


def kit(policy, *words):
    status, out, err = run("cases", str(policy), *words)
    expect(f"cases {policy}", status, OK)
    return out


def run_kit(policy, text, *words):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kit.yaml")
        pathlib.Path(path).write_text(text)
        return run("test", str(policy), path, *words)


def test_kits_pass_and_cover():
    for policy in POLICIES:
        text = kit(policy)
        expect(f"{policy.name}: the same again", kit(policy), text)
        expect_in(f"{policy.name}", "every combination", text.splitlines()[1])
        status, out, _ = run_kit(policy, text, "--require-coverage", "--json")
        found = json.loads(out)
        expect(f"{policy.name}: passes", (status, found["failed"]), (OK, 0))
        expect(f"{policy.name}: covers", [rule["rule"] for rule
                                          in found["rules"]
                                          if not rule["held"]], [])
        expect(f"{policy.name}: matches", [each["missed"] for each
                                           in found["lists"]
                                           if each["missed"]], [])


def test_kits_as_lines():
    for policy in POLICIES:
        lines = [json.loads(line) for line
                 in kit(policy, "--json").splitlines()]
        summary = lines[0]["summary"]
        cases = lines[1:]
        expect(f"{policy.name}: the summary",
               (summary["cases"], summary["extent"]),
               (len(cases), "combinations"))
        batch = "".join(json.dumps(case["facts"]) + "\n" for case in cases)
        status, out, _ = run("check", str(policy), "--batch", stdin=batch)
        expect(f"{policy.name}: the batch comes to the same",
               (status, [json.loads(line) for line in out.splitlines()]),
               (OK, [case["decision"] for case in cases]))
        expect(f"{policy.name}: as YAML", kit(policy).count("\n  - name: "),
               summary["cases"])


def edits(value, path=()):
    """Paths to every member of a list below rules, lists and domains."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from edits(member, (*path, key))
    elif isinstance(value, list):
        for i, member in enumerate(value):
            yield (*path, i)
            yield from edits(member, (*path, i))


def without(policy, path):
    edited = copy.deepcopy(policy)
    at = edited
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return edited


# Policies each of whose entries and rules matters by itself.
PLACES = {
    "mayrelay": 1,
    "lists": {"branches": ["10.1.0.0/16", "10.2.0.0-10.2.0.9",
                           "2001:db8:1::/48"]},
    "domains": {
        "inbound": ["ours.example", ".sub.ours.example",
                    {"domain": "listed.example", "mailboxes": ["joe", "kim"]},
                    {"domain": "asked.example", "mailboxes": "ask"}],
        "always-relay": ["partner.example", "other.example"],
        "literals": ["192.0.2.25", "192.0.2.99"]},
    "connect": {"deny": [{"clients": ["192.0.2.66", "198.51.100.0/24"]}]},
    "relay": {
        "allow": [{"clients": ["$branches", "mx.example", ".hosts.example"]}],
        "deny": [{"recipients": ["enemy.example", "spam@far.example"]},
                 {"clients": ["10.1.9.66"], "reply": 451}]},
}
PEOPLE = {
    "mayrelay": 1,
    "groups": {"approved": ["ann", "bob"], "staff": "ask"},
    "domains": {"inbound": ["ours.example"]},
    "owners": {"boss@ours.example": ["chef", "cook"]},
    "submit": {"deny": [
        {"authenticated": False, "senders": ["boss@ours.example", "root@"]},
        {"tls": False, "users": ["dora", "emil"]}]},
    "relay": {
        "allow": [
            {"users": ["$approved", "$staff", "/clerk-[0-9]+/"]},
            {"certificates": ["00" * 32, "11" * 32]},
            {"sender-owned": True, "senders": ["boss@ours.example"]}],
        "deny": [{"users": ["mallory"], "reply": 451}]},
}
BRANCHES = PLACES["lists"]["branches"]
# Where, what and how it is after the edit.
CHANGES = [
    (PLACES, ("relay", "deny", 1), "reply", 452),
    (PLACES, ("relay", "deny", 1), "reply", 550),
    (PLACES, ("lists",), "branches", ["10.1.0.0/17", *BRANCHES[1:]]),
    (PLACES, ("lists",), "branches",
     [BRANCHES[0], "10.2.0.0-10.2.0.10", BRANCHES[2]]),
    (PLACES, ("lists",), "branches",
     [BRANCHES[0], "10.2.0.1-10.2.0.9", BRANCHES[2]]),
    (PLACES, (), "replies", {"relay-denied": "554 5.7.1 No"}),
    (PEOPLE, ("submit", "deny", 1), "tls", True),
    (PEOPLE, ("submit", "deny", 0), "authenticated", True),
    (PEOPLE, ("groups",), "staff", ["zed"]),
]


def edited_kit(folder, policy):
    path = os.path.join(folder, "policy.json")
    pathlib.Path(path).write_text(json.dumps(policy))
    return path


def test_kits_find_what_is_taken_away():
    with tempfile.TemporaryDirectory() as folder:
        for policy in (PLACES, PEOPLE):
            path = edited_kit(folder, policy)
            text = kit(path)
            expect("unedited", run_kit(path, text, "--require-coverage")[0],
                   OK)
            tried = 0
            for edit in edits(policy):
                path = edited_kit(folder, without(policy, edit))
                status, out, err = run_kit(path, text)
                if status != CONFIG:
                    tried += 1
                    expect(f"without {edit}: {err}", status, FAILED)
            expect("most can be taken away", tried > 15, True)


def test_kits_find_changes():
    with tempfile.TemporaryDirectory() as folder:
        for policy, where, key, value in CHANGES:
            text = kit(edited_kit(folder, policy))
            edited = copy.deepcopy(policy)
            at = edited
            for step in where:
                at = at[step]
            at[key] = value
            status, out, err = run_kit(edited_kit(folder, edited), text)
            expect(f"{where} {key} {value}: {err}", status, FAILED)


def test_limits_of_kits():
    with tempfile.TemporaryDirectory() as folder:
        path = edited_kit(folder, PLACES)
        text = kit(path, "--limit", "20")
        expect_in("a low limit", "NOT every class", text.splitlines()[1])
        expect("a low limit", text.count("\n  - name: "), 20)
        expect("a low limit passes", run_kit(path, text)[0], OK)
    for words, problem in ((["--limit", "0"], "is not a number from 1"),
                           (["--limit", "x"], "is not a number from 1"),
                           (["--limit", "99999999"], "is not a number"),
                           (["more.yaml"], "one policy is enough")):
        status, out, err = run("cases", POLICY, *words)
        expect(f"{words}", (status, out), (USAGE, ""))
        expect_in(f"{words}", problem, err)
    expect("a bad policy", run("cases", "/dev/null")[0], CONFIG)


def test_kits_in_any_script():
    policy = {"mayrelay": 1, "domains": {"inbound": ["ours.example"]},
              "relay": {"allow": {"users": ["j\u00f6rg", "\U0001f600", "a\"\\b"],
                                  "senders": ["\u00e9\U0001f600@ours.example"]}}}
    with tempfile.TemporaryDirectory() as folder:
        path = edited_kit(folder, policy)
        text = kit(path)
        expect("any script", run_kit(path, text, "--require-coverage")[0], OK)
        expect_in("any script", "\\U0001f600", text)
