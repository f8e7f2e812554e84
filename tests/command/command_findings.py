"""The findings of the audit: each on a policy that has it, and not on one that
differs in what the finding is about."""

import json
import pathlib
import tempfile

from support import OK, expect, expect_in, run

HEAD = """mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}]}
submit: {deny: [{senders: [$inbound], authenticated: false}]}
"""

# id, the line it stands in, a policy that has it, one that has it not
PAIRS = [
    ("MR301", 6, HEAD + """relay:
  allow:
    - {clients: [$all, not 10.9.0.0/16], open-relay: true}
""", HEAD + "relay: {allow: [{clients: [192.0.2.7]}]}\n"),
    ("MR302", 4, HEAD + "relay: {allow: [{clients: [198.51.100.0/23]}]}\n",
     HEAD + "relay: {allow: [{clients: [198.51.100.0/24]}]}\n"),
    ("MR302", 4, HEAD + "relay: {allow: [{clients: ['2001:db8::/63']}]}\n",
     HEAD + "relay: {allow: [{clients: ['2001:db8::/64']}]}\n"),
    ("MR303", 4, HEAD + "relay: {allow: [{clients: [172.17.0.0/16]}]}\n",
     HEAD + "connectors: [{name: in, listen: ['10.0.0.1:25'],\n"
     "  relay: {allow: [{clients: [172.17.0.0/16]}]}}]\n"),
    ("MR304", 4, HEAD + "relay: {allow: [{clients: [127.0.0.1]}]}\n",
     HEAD + "relay: {allow: [{clients: [192.0.2.1]}]}\n"),
    ("MR304", 5, HEAD + "connectors: [{name: in, listen: ['192.0.2.25:25'],\n"
     "  relay: {allow: [{clients: [192.0.2.0/24]}]}}]\n",
     HEAD + "connectors: [{name: in, listen: ['192.0.2.25:25'],\n"
     "  relay: {allow: [{clients: [198.51.100.0/24]}]}}]\n"),
    # Of listeners that the policy cannot tell apart, each counts.
    ("MR304", 6, HEAD + "connectors: [{name: in, listen: ['192.0.2.25:25',\n"
     "  '192.0.2.26:25'],\n  relay: {allow: [{clients: [192.0.2.26]}]}}]\n",
     HEAD + "connectors: [{name: in, listen: ['192.0.2.25:25',\n"
     "  '192.0.2.26:25'],\n  relay: {allow: [{clients: [192.0.2.27]}]}}]\n"),
    ("MR303", 6, HEAD + "connectors: [{name: in, listen: ['10.0.0.1:25',\n"
     "  '192.0.2.26:25'],\n  relay: {allow: [{clients: [10.9.0.0/16]}]}}]\n",
     HEAD + "connectors: [{name: in, listen: ['10.0.0.1:25',\n"
     "  '10.0.0.2:25'],\n  relay: {allow: [{clients: [10.9.0.0/16]}]}}]\n"),
    ("MR305", 4, HEAD + "relay: {allow: [{authenticated: true}]}\n",
     HEAD + "relay: {allow: [{users: [joe]}]}\n"),
    ("MR305", 4, HEAD + "relay: {allow: [{authenticated: true}]}\n",
     HEAD + "relay: {allow: [{authenticated: true, clients: [192.0.2.9]}]}\n"),
    ("MR306", 1, HEAD + "relay: {allow: [{users: [joe]}]}\n",
     HEAD + "relay: {allow: [{users: [joe], tls: true}]}\n"),
    ("MR307", 4, HEAD + "relay: {allow: [{clients: [.branch.example]}]}\n",
     HEAD + "relay: {allow: [{clients: [.branch.example], users: [joe]}]}\n"),
    ("MR308", 5, HEAD + "relay: {allow: [{users: [joe]}],\n"
     "  deny: [{clients: [.dialup.example]}]}\n",
     HEAD + "relay: {allow: [{users: [joe]}],\n"
     "  deny: [{clients: [192.0.2.0/24, not .dialup.example]}]}\n"),
    ("MR310", 5, HEAD + "relay: {allow: [{clients: [192.0.2.0/28]},\n"
     "  {clients: [192.0.2.7]}]}\n",
     HEAD + "relay: {allow: [{clients: [192.0.2.0/28]},\n"
     "  {clients: [192.0.2.17]}]}\n"),
    ("MR310", 4, HEAD + "relay: {allow: [{clients: [192.0.2.7]}]}\n"
     "never-route: [192.0.2.0/24]\n",
     HEAD + "relay: {allow: [{clients: [192.0.2.7]}]}\n"
     "never-route: [192.0.2.0/29, not 192.0.2.7]\n"),
    ("MR311", 5, HEAD + "relay: {allow: [{clients: [192.0.2.0/28,\n"
     "  192.0.2.7]}]}\n",
     HEAD + "relay: {allow: [{clients: [192.0.2.0/28,\n  192.0.2.17]}]}\n"),
    ("MR312", 5, HEAD + "relay: {allow: [{clients: [192.0.2.64/28,\n"
     "  192.0.2.7]}]}\nnever-route: [192.0.2.0/29]\n",
     HEAD + "relay: {allow: [{clients: [192.0.2.64/28,\n"
     "  192.0.2.7]}]}\nnever-route: [192.0.2.0/30]\n"),
    ("MR313", 5, HEAD + "connectors: [{name: a, clients: [10.0.0.0/8]},\n"
     "  {name: b, listen: ['192.0.2.1:25'], clients: [10.1.0.0/16]},\n"
     "  {name: c, listen: ['192.0.2.1:25'], clients: [10.1.0.0/17]},\n"
     "  {name: d, listen: ['192.0.2.1:25'], clients: [10.1.128.0/17]}]\n",
     HEAD + "connectors: [{name: a, clients: [10.0.0.0/8]},\n"
     "  {name: b, listen: ['192.0.2.1:25'], clients: [10.1.0.0/16]},\n"
     "  {name: c, listen: ['192.0.2.1:25'], clients: [10.1.0.0/17]}]\n"),
    ("MR314", 1, HEAD + "relay: {allow: [{users: [joe, ann], tls: true}],\n"
     "  deny: [{users: [joe]}]}\n",
     HEAD + "relay: {allow: [{users: [joe, ann], tls: true}],\n"
     "  deny: [{users: [joe], clients: [192.0.2.1]}]}\n"),
    ("MR315", 5, HEAD + "relay: {allow: [{users: [joe,\n"
     "  Guest], tls: true}]}\n",
     HEAD + "relay: {allow: [{users: [joe,\n  Guests], tls: true}]}\n"),
    ("MR320", 2, HEAD.replace(", mailboxes: ask", ""), HEAD),
    ("MR321", 4, HEAD.replace("domains: {", "domains: {\n reroute: {\n"
                              "  old.example: far.example}, "),
     HEAD.replace("domains: {", "domains: {\n reroute: {\n"
                  "  old.example: example.com}, ")),
    ("MR322", 2, HEAD.replace("submit", "connect").replace(
        "senders: [$inbound], authenticated: false", "clients: [192.0.2.1]"),
     HEAD),
    ("MR323", 2, HEAD.replace("]}\nsubmit", "], always-relay: [.p.example]}\n"
                              "submit"),
     HEAD.replace("]}\nsubmit", "], always-relay: [p.example]}\nsubmit")),
    ("MR325", 2, HEAD.replace("example.com,", ".example.com,"), HEAD),
    ("MR324", 4, HEAD + "connect: {deny: [{clients: [192.0.2.1], "
     "reply: 451}]}\n",
     HEAD + "connect: {deny: [{clients: [192.0.2.1], reply: 554}]}\n"),
]


def findings(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy.yaml"
        path.write_text(text)
        status, out, err = run("audit", str(path), "--json", "--fail-on",
                               "never")
    expect(f"audit of {text!r}: {err}", status, OK)
    return json.loads(out)["findings"] if out else []


def test_pairs():
    for number, line, bad, good in PAIRS:
        found = [finding for finding in findings(bad)
                 if finding["id"] == number]
        expect(f"{number} in {bad!r}", (len(found) > 0, {
            finding["line"] for finding in found}), (True, {line}))
        found = [finding["text"] for finding in findings(good)
                 if finding["id"] == number]
        expect(f"{number} in {good!r}", found, [])


def test_witnesses():
    for number, _, bad, _ in PAIRS:
        if number not in ("MR301", "MR305", "MR307", "MR322"):
            continue
        for finding in findings(bad):
            if finding["id"] == number:
                expect_in(f"witness of {number}", "S: 250 ",
                          finding["witness"] or "")


def test_acceptance():
    accept = 'audit: {accept: [{id: MR301, reason: "a honeypot"}]}\n'
    _, _, bad, good = PAIRS[0]
    accepted = {finding["id"]: finding for finding in findings(bad + accept)}
    expect("accepted", accepted["MR301"]["severity"], "note")
    expect_in("accepted", "(accepted: a honeypot)", accepted["MR301"]["text"])
    ids = [finding["id"] for finding in findings(good + accept)]
    expect("accepted in vain", "MR339" in ids, True)
    expect("not accepted in vain", "MR339" in accepted, False)


def test_exit_status():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy.yaml"
        accept = 'audit: {accept: [{id: MR301, reason: "a honeypot"}]}\n'
        for text, options, status in (
                (PAIRS[0][2], [], 1), (PAIRS[0][2] + accept, [], 0),
                (PAIRS[1][2], [], 0),
                (PAIRS[1][2], ["--fail-on", "warning"], 1),
                (PAIRS[1][3], ["--fail-on", "warning"], 0)):
            path.write_text(text)
            expect(f"exit status with {options}",
                   run("audit", str(path), *options)[0], status)
