"""test: cases that a policy must decide as expected, against `check --batch`."""

import json
import os
import pathlib
import re
import tempfile

import yaml

from support import (CONFIG, DATA, NO_INPUT, OK, POLICY, USAGE, batch, expect,
                     expect_in, run)

FAILED = 1
EXPECTED = ["verdict", "code", "enhanced", "text", "reason", "kind", "rule",
            "source", "connector", "recipient", "relay", "needs"]
FACTS = {"client": "203.0.113.9", "client_names": [], "sender": "<>",
         "recipient": "c@d.example"}


def on_cases(text, *words, policy=POLICY):
    if not isinstance(text, (str, bytes)):
        text = json.dumps(text)  # which is YAML
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.yaml")
        pathlib.Path(path).write_bytes(text if isinstance(text, bytes)
                                       else text.encode())
        status, out, err = run("test", policy, path, *words)
    return status, out.replace(path, "CASES"), err.replace(path, "CASES")


def case(expected, **changes):
    return {**FACTS, **changes, "expect": expected}


def some_facts():
    for client in ("203.0.113.9", "10.1.2.3", "192.0.2.66", "192.0.2.67",
                   "192.0.2.99"):
        for recipient in ("joe@ours.example", "c@d.example", "x@asked.example",
                          "x@old.example", "a%b@ours.example", "-"):
            for more in ({}, {"identity": "steven", "groups": ["staff"]},
                         {"client_names": "tempfail"}, {"tls": True}):
                yield {**FACTS, "client": client, "recipient": recipient,
                       **more}


def test_cases_agree_with_the_batch():
    """All that is true is expected, and then one thing that is not."""
    facts = list(some_facts())
    _, decisions = batch(*facts)
    good = [{**known, "name": f"case {i}",
             "expect": {key: decision[key] for key in EXPECTED}}
            for i, (known, decision) in enumerate(zip(facts, decisions))]
    for each in good:  # numbers may be quoted, a list may be its only member
        needs = each["expect"]["needs"]
        each["expect"]["code"] = str(each["expect"]["code"])
        if len(needs) == 1:
            each["expect"]["needs"] = needs[0]
    status, out, err = on_cases({"cases": good}, "--json")
    found = json.loads(out)
    expect("all as expected", (status, err, found["passed"], found["failed"]),
           (OK, "", len(good), 0))
    expect("the decisions", [each["decision"] for each in found["cases"]],
           [{key: decision[key] for key in EXPECTED}
            for decision in decisions])
    decided = [decision["rule"] for decision in decisions]
    expect("what decided", {rule["rule"]: rule["decided"]
                            for rule in found["rules"] if rule["decided"]},
           {rule: decided.count(rule) for rule in set(decided) if rule})
    for key in EXPECTED:
        other = {"relay": not good[0]["expect"]["relay"],
                 "verdict": "defer", "reason": "proceed", "kind": "malformed",
                 "needs": ["groups", "recipient"]}.get(key, "551")
        bad = [{**good[0], "expect": {**good[0]["expect"], key: other}}]
        status, out, _ = on_cases({"cases": bad}, "--json")
        wrong = json.loads(out)["cases"][0]["wrong"]
        expect(f"another {key}", (status, wrong), (FAILED, {
            key: {"wanted": other, "got": decisions[0][key]}}))


def tap_of(text):
    """[(good, number, name, diagnostics)], and the comments."""
    lines = text.splitlines()
    expect("TAP", lines[0], "TAP version 14")
    points, comments, block = [], [], None
    for line in lines[2:]:
        point = re.fullmatch(r"(not )?ok (\d+) - (.*)", line)
        if block is not None:
            if line == "  ...":
                points[-1][3] = yaml.safe_load("\n".join(block))
                block = None
            else:
                block.append(line)
        elif point:
            points.append([not point[1], int(point[2]), point[3], None])
        elif line == "  ---":
            block = []
        else:
            expect(f"a comment: {line}", line[:2], "# ")
            comments.append(line[2:])
    expect("the plan", lines[1], f"1..{len(points)}")
    return points, comments


TABLE = """\
defaults: {client: 203.0.113.9, sender: "<>", client_names: [], tls: true}
cases:
  - name: 'a \\ b # c'
    recipient: joe@ours.example
    expect: accept
  - recipient: "c d@d.example"
    expect: {verdict: accept, code: 250, rule: inside}
  - {name: no names, client_names: null, recipient: c@d.example, expect: defer}
  - {name: anonymous, identity: ~, recipient: c@d.example, expect: reject}
"""


def test_cases_as_tap():
    status, out, err = on_cases(TABLE)
    points, comments = tap_of(out)
    expect("status", (status, err), (FAILED, ""))
    expect("points", [point[:3] for point in points],
           [[True, 1, r"a \\ b \# c"], [False, 2, "without a name"],
            [True, 3, "no names"], [True, 4, "anonymous"]])
    why = points[1][3]
    expect("why", {key: why[key] for key in ("at", "wrong", "reply")}, {
        "at": "CASES:6:5",
        "wrong": {"verdict": {"wanted": "accept", "got": "reject"},
                  "code": {"wanted": "250", "got": 501},
                  "rule": {"wanted": "inside", "got": None}},
        "reply": "501 5.1.3 Bad recipient address syntax"})
    expect_in("why", "--recipient 'c d@d.example'", why["arguments"])
    expect_in("why", "bad-recipient", why["explanation"])
    expect("comments", comments[:2], ["passed: 3, failed: 1",
                                      "rules that held in some case: 0 of 9"])
    expect("which rules", len(comments[2:11]), 9)
    expect_in("entries", "list entries that matched in some case: ",
              comments[11])


def test_cases_and_coverage():
    held = [
        case("reject", client="192.0.2.66"),
        case("defer", client="192.0.2.67"),
        case("reject", sender="forged@ours.example"),
        case("accept", identity="steven", groups=[]),
        case("accept", client="10.1.2.3"),
        case("accept", client_names=["a.inside.example"]),
        case("accept", certificate="00112233445566778899aabbccddeeff" * 2),
        case("accept", client="192.0.2.99", tls=True),
        case("accept", recipient="x@partner.example"),
    ]
    for missing in range(-1, len(held)):
        some = [each for i, each in enumerate(held) if i != missing]
        status, out, _ = on_cases({"cases": some}, "--json",
                                  "--require-coverage")
        found = json.loads(out)
        never = [rule for rule in found["rules"] if not rule["held"]]
        expect(f"without {missing}", (status, found["failed"], len(never)),
               (OK, 0, 0) if missing < 0 else (FAILED, 0, 1))
        for rule in found["rules"]:
            expect("the place", (rule["file"], rule["line"] > 10),
                   (POLICY, True))
        expect("it is no failure by itself",
               on_cases({"cases": some})[0], OK)
    both = case("accept", client="10.1.2.3", identity="steven", groups=[])
    _, out, _ = on_cases({"cases": [both]})
    expect_in("held, but never decided",
              f"\n# held, but never decided: inside ({POLICY}:23)\n", out)
    expect("of a rule that decided nothing is said", "staff" in out, False)


LISTS = """\
mayrelay: 1
lists:
  nets:
    - 10.0.0.0/8
    - 192.0.2.1-192.0.2.9
    - 2001:db8::/32
    - .hosts.example
domains:
  inbound:
    - ours.example
    - domain: listed.example
      mailboxes:
        - joe
        - kim@listed.example
  reroute:
    old.example: ours.example
relay:
  allow:
    - clients: [$nets]
      senders:
        - boss@ours.example
        - root@
        - <>
    - users:
        - ann
        - /clerk-[0-9]+/
      recipients:
        - partner.example
        - .partner.example
"""
# Facts of one case, and the lines of LISTS whose entries it matches.
MATCHED = [
    ({"client": "203.0.113.9", "sender": "a@b.example"}, []),
    ({"client": "10.255.255.255"}, [4]), ({"client": "192.0.2.1"}, [5]),
    ({"client": "192.0.2.9"}, [5]), ({"client": "192.0.2.10"}, []),
    ({"client": "2001:db8::1"}, [6]),
    ({"client_names": ["a.b.hosts.example", "x.example"]}, [7]),
    ({"client_names": ["hosts.example"]}, []),
    ({"recipient": "Joe+tag@listed.example"}, [11, 13]),
    ({"recipient": "kim@listed.example"}, [11, 14]),
    ({"recipient": "joe@ours.example"}, [10]),
    ({"recipient": "joe@old.example"}, [10, 16]),
    ({"sender": "BOSS@ours.example"}, [21]), ({"sender": "root@x.example"}, [22]),
    ({"sender": "<>"}, [23]), ({"identity": "Ann"}, [25]),
    ({"identity": "clerk-7"}, [26]), ({"identity": "clerk-"}, []),
    ({"recipient": "c@partner.example"}, [28]),
    ({"recipient": "c@x.partner.example"}, [29]),
    ({"recipient": "c d"}, []),
]


def test_coverage_of_entries():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "policy.yaml")
        pathlib.Path(path).write_text(LISTS)
        usual = {"client": "203.0.113.9", "client_names": [],
                 "sender": "a@b.example", "recipient": "c@d.example"}
        for facts, lines in MATCHED:
            cases = [{**usual, **facts, "expect": {"kind": "granted"}}]
            _, out, _ = on_cases({"cases": cases}, "--json", policy=path)
            found = json.loads(out)["lists"]
            missed = [place for each in found for place in each["missed"]]
            every = [4, 5, 6, 7, 10, 11, 13, 14, 16, 21, 22, 23, 25, 26, 28,
                     29]
            expect(f"{facts}", sorted(missed), sorted(
                f"{path}:{line}" for line in every if line not in lines))
            expect(f"{facts}: counts", [
                (each["entries"], each["matched"] + len(each["missed"]))
                for each in found], [(each["entries"], each["entries"])
                                     for each in found])
            expect("a list", [(each["line"], each["entries"]) for each in found
                              if each["list"] == "$nets"], [(4, 4)])
        _, out, _ = on_cases({"cases": cases}, policy=path)
        expect_in("as text", "\n# list entries that matched in some case: 0 of "
                  "16\n# never matched: ", out)
        expect_in("as text", f"\n# never matched: {path}:4 ($nets)\n", out)


# CASES, and what must be said of it; @ stands for a case that is good.
WRONG = [
    ("", "CASES:1:1: error: there are no cases"),
    ("[]", "CASES:1:1: error: cases: a mapping was expected"),
    ("{}", "there are no cases"), ("cases: []", "there are no cases"),
    ("cases: {}", "CASES:1:8: error: cases: a list was expected"),
    ("case: [@]", "CASES:1:1: error: unknown key 'case'"),
    ("cases: [@]\ncases: [@]", "CASES:2:1: error: 'cases' stands here twice"),
    ("cases: [@]\n---\ncases: [@]", "CASES:3:1: error: several documents"),
    ("cases: [@]\n---\n[", "CASES:"),
    ("cases: [@, x]", "a case: a mapping was expected"),
    ("cases: [@]\ndefaults: x", "CASES:2:11: error: defaults: a mapping"),
    ("cases: [@]\ndefaults: {name: x}", "unknown key 'name'"),
    ("cases: [@]\ndefaults: {clinet: x}", "did you mean 'client'?"),
    ("cases:\n  - {client: 10.0.0.1}", "CASES:2:5: error: this case expects"),
    ("cases: [{expect: {}}]", "this case expects nothing"),
    ("cases: [{expect: {verdict: acept}}]", "did you mean 'accept'?"),
    ("cases: [{expect: acept}]", "did you mean 'accept'?"),
    ("cases: [{expect: [accept]}]", "expect: verdict: expected a text"),
    ("cases: [{expect: {reason: relay-denyed}}]",
     "CASES:1:27: error: reason: there is no 'relay-denyed'; did you mean "
     "'relay-denied'?"),
    ("cases: [{expect: {reasn: x}}]", "did you mean 'reason'?"),
    ("cases: [{expect: {kind: x}}]", "kind: there is no 'x'"),
    ("cases: [{expect: {needs: [client-nam]}}]", "did you mean 'client-name'?"),
    ("cases: [{expect: {relay: 1}}]", "relay: expected true or false"),
    ("cases: [{expect: {code: [250]}}]", "code: expected a text"),
    ("cases: [{expect: {code: {}}}]", "a text or a list of texts"),
    ("cases: [{exepct: accept}]", "did you mean 'expect'?"),
    ("cases: [{recipent: x, expect: accept}]", "did you mean 'recipient'?"),
    ("cases: [{tls: yes, expect: accept}]",
     "CASES:1:15: error: tls: expected true or false"),
    ("cases: [{tls: true, tls: true, expect: accept}]", "stands here twice"),
    ("cases: [{groups: staff, expect: accept}]", "groups: expected a list"),
    ("cases: [{groups: [[]], expect: accept}]", "a list of texts was"),
    ("cases: [{[]: 1, expect: accept}]", "a key was expected"),
    ("cases: [{\"client\\0\": x, expect: accept}]", "a key was expected"),
    ("cases: [{name: [], expect: accept}]", "name: a text was expected"),
    ("cases: [{client: 10.0.0, expect: accept}]", "client is not an IP"),
    ("cases: [{client: \"10.0.0.1\\0\", expect: accept}]", "client is not"),
    ("cases: [{listener: x, expect: accept}]", "listener is not IP"),
    ("cases: [{certificate: 00, expect: accept}]", "certificate is not 64"),
    ("cases: [@", "CASES:2:1"), ("cases: [*x]", "undefined alias"),
    ("\x1b[31m", "control characters"), (b"\xff", "UTF-8"),
    ("a: &a [*a]\ncases: [*a]", "CASES:"),
    ("[" * 20000, "CASES:"), ("cases: " + "{a: " * 20000, "CASES:"),
]


def test_wrong_cases():
    good = json.dumps(case("reject"))
    for text, problem in WRONG:
        if isinstance(text, str):
            text = text.replace("@", good)
        status, out, err = on_cases(text)
        expect(f"{text[:60]!r}", (status, out), (DATA, ""))
        expect_in(f"{text[:60]!r}", problem, err)
        expect(f"{text[:60]!r}: printable", re.sub(r"[ -~\n]", "", err), "")
    _, _, err = on_cases("cases:\n  - {a: 1}\n  - {b: 1, expect: x}\n")
    expect("all errors at once", len(err.splitlines()), 3)


def test_calls_of_cases():
    for words, problem in (
            (["test", POLICY], "which file of cases?"),
            (["test", POLICY, "x", "y"], "'y': one file of cases is enough"),
            (["check", POLICY, "--require-coverage"], "unknown option")):
        status, out, err = run(*words)
        expect(f"{words}", (status, out), (USAGE, ""))
        expect_in(f"{words}", problem, err)
    for path in ("/nowhere/cases", "/"):
        status, out, err = run("test", POLICY, path)
        expect(path, (status, out), (NO_INPUT, ""))
        expect_in(path, f"mayrelay: {path}: ", err)
    expect("a bad policy", on_cases(TABLE, policy="/dev/null")[0], CONFIG)
