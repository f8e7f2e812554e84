"""mayrelay audit: verdicts, witnesses, the closure, exit statuses."""

import json
import pathlib
import tempfile

from support import CONFIG, OK, POLICY, USAGE, expect, expect_in, run

FINDINGS = 1

OPEN = """mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: but-one, clients: [$all, not 10.9.0.0/16], open-relay: true}
"""
CLOSED = """mayrelay: 1
domains: {inbound: [example.com], always-relay: [partner.example]}
relay:
  allow:
    - {name: office, clients: [192.0.2.0/28, 10.0.0.0/24]}
  deny:
    - {clients: [192.0.2.7]}
"""
BY_NAME = """mayrelay: 1
domains: {inbound: [example.com]}
relay: {allow: [{name: branches, clients: [.branch.example]}]}
"""


def audit(text, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy.yaml"
        path.write_text(text)
        status, out, _ = run("audit", str(path), "--json", *options)
    whole = json.loads(out) if out else None
    return status, whole


def verdicts(whole):
    return {name: verdict["verdict"]
            for name, verdict in whole["audit"]["verdicts"].items()}


def test_verdicts():
    expect("open", verdicts(audit(OPEN)[1]),
           {"stranger": "OPEN", "account": "OPEN", "dns": "OPEN",
            "host": "CLOSED"})
    expect("closed", verdicts(audit(CLOSED)[1]),
           {"stranger": "CLOSED", "account": "CLOSED", "dns": "CLOSED",
            "host": "CLOSED"})
    expect("by name", verdicts(audit(BY_NAME)[1]),
           {"stranger": "CLOSED", "account": "CLOSED", "dns": "CONDITIONAL",
            "host": "CLOSED"})


def test_witnesses():
    witness = audit(BY_NAME)[1]["audit"]["verdicts"]["dns"]["witness"]
    expect_in("dns witness", ".branch.example", witness)
    expect_in("dns witness", "S: 250 2.1.5 Recipient OK", witness)
    witness = audit(CLOSED)[1]["audit"]["verdicts"]["stranger"]["witness"]
    expect("closed has none", witness, None)


def test_closure():
    grants = audit(CLOSED)[1]["audit"]["grants"]
    office = [grant for grant in grants
              if grant["ways"][0]["rule"] == "office"]
    networks = [network[0] for grant in office
                for network in grant["networks"]]
    expect("networks without the denied address", networks,
           ["10.0.0.0/24", "192.0.2.0/30", "192.0.2.4/31", "192.0.2.6",
            "192.0.2.8/29"])
    places = {network[1].rsplit(":", 1)[1] for grant in office
              for network in grant["networks"]}
    expect("where they stand", places, {"5"})
    expect("counts", [office[0][key] for key in (
        "ipv4_public", "ipv4_internal")], [15, 256])


def test_trust():
    for network, verdict in (("192.0.2.0/24", "CLOSED"),
                             ("192.0.2.0/29", "OPEN"),
                             ("192.0.2.0-192.0.2.15", "CLOSED")):
        whole = audit(CLOSED, "--trust", network)[1]
        expect(f"--trust {network}", verdicts(whole)["stranger"], verdict)
    witness = audit(CLOSED, "--trust", "192.0.2.0/29")[1]["audit"][
        "verdicts"]["stranger"]["witness"]
    expect_in("an address that is not trusted", "from 192.0.2.9\n", witness)
    expect("--trust nonsense", audit(CLOSED, "--trust", "nonsense")[0], USAGE)


def test_exit_status():
    for text, options, status in (
            (OPEN, ["--fail-on", "never"], OK),
            (OPEN, ["--require", "closed"], FINDINGS),
            (CLOSED, ["--require", "closed"], OK),
            (BY_NAME, ["--require", "closed"], FINDINGS),
            (CLOSED, ["--require", "open"], USAGE),
            (CLOSED, ["--fail-on", "anything"], USAGE),
            ("mayrelay: 2\n", [], CONFIG)):
        expect(f"audit {options}", audit(text, *options)[0], status)


def test_text():
    status, out, _ = run("audit", POLICY)
    expect("audit", status, OK)
    for part in ("stranger  CLOSED", "dns       CONDITIONAL", "assumed:",
                 "look-ups  CLOSED       proven: no look-up",
                 "connector default", "by staff (", "group        staff",
                 ".inside.example", "not .inside.example"):
        expect_in("audit", part, out)
