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

# Each line holds one entry, and says how the closure writes it.
LINES = """mayrelay: 1
domains:
  inbound:
    - ours.example # sender inbound ours.example
  always-relay:
    - .partner.example # recipient always-relay .partner.example
groups:
  ldap: ask # group accounts ldap
  crew:
    - Steven # identity accounts steven
    - $ldap
owners:
  shop.example: [eve] # sender owned shop.example
relay:
  allow:
    - name: accounts
      users:
        - $crew
        - /adm.*/ # identity accounts /adm.*/
      recipients:
        - friend@x.example # recipient accounts friend@x.example
        - .y.example # recipient accounts .y.example
        - friend.y.example # recipient accounts friend.y.example
        - /z+@.*/ # recipient accounts /z+@.*/
    - name: inbound
      clients:
        - host.branch.example # client-name inbound host.branch.example
        - .branch.example # client-name inbound .branch.example
      senders:
        - $inbound
        - <> # sender inbound <>
        - boss@ # sender inbound boss@any other domain
    - {name: owned, authenticated: true, sender-owned: true}
    - name: certified
      tls: true
      certificates:
        - %(print)s # tls certified certificate %(print)s
""" % {"print": 32 * "a7"}

# More pairs of an address and a port than the audit looks at.
TOO_LARGE = """mayrelay: 1
domains: {{inbound: [example.com]}}
relay: {{allow: [{{clients: [192.0.2.7], listeners: [{}]}}]}}
""".format(", ".join(f"'198.51.{i // 200}.{1 + i % 200}:{1000 + i}'"
                     for i in range(300)))
SOURCES = ("stranger", "account", "dns", "host")


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


def test_lines():
    """Each entry is told of with its line, and no other has one."""
    wanted = {}
    for number, line in enumerate(LINES.splitlines(), 1):
        if "# " in line:
            dimension, rule, words = line.split("# ")[1].split(" ", 2)
            wanted[dimension, rule, words] = str(number)
    told = {(dimension, way["rule"], words[0]):
            words[1].rsplit(":", 1)[1] if words[1:] else None
            for grant in audit(LINES)[1]["audit"]["grants"]
            for way in grant["ways"] for side in way["where"]
            for dimension, all_words in side.items() for words in all_words}
    for key, number in wanted.items():
        expect(f"the line of {key}", told.get(key), number)
    others = {key: line for key, line in told.items() if key not in wanted}
    boss = wanted["sender", "inbound", "boss@any other domain"]
    expect("other lines", {key: line for key, line in others.items() if line},
           {("client-name", "inbound", ".host.branch.example"):
                wanted["client-name", "inbound", ".branch.example"],
            ("recipient", "accounts", ".friend.y.example"):
                wanted["recipient", "accounts", ".y.example"],
            **{("sender", "inbound", "boss@" + domain): boss for domain in (
                "ours.example", "shop.example", ".partner.example",
                "our own literal")}})


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


def compile_closed(text, *options):
    """Status, complaints, and what became of the image: its stamp, as the
    audit of the image has it, or None."""
    with tempfile.TemporaryDirectory() as folder:
        path, image = (pathlib.Path(folder) / name for name in "pi")
        path.write_text(text)
        status, out, err = run("compile", "--require", "closed", str(path),
                               "-o", str(image), *options)
        expect("something is said", bool(out), status == OK)
        expect("nothing else is left", len(list(pathlib.Path(folder)
                                                .iterdir())),
               2 if status == OK else 1)
        if not image.exists():
            return status, err, None
        plain = pathlib.Path(folder) / "plain"
        expect("without a stamp",
               run("compile", str(path), "-o", str(plain))[1].split()[-1],
               out.split()[-1])
        expect("no stamp", stamp_of(plain), None)
        expect_in("lint of a stamped image", f"{image}: stamped as closed by "
                  "mayrelay ", run("lint", str(image))[1])
        expect_in("audit of a stamped image", f"{image}: stamped as closed by "
                  "mayrelay ", run("audit", str(image))[1])
        return status, err, stamp_of(image)


def stamp_of(image):
    return json.loads(run("audit", str(image), "--json")[1])["stamp"]


def test_stamp():
    status, _, stamp = compile_closed(CLOSED)
    expect("closed", (status, stamp["closed"], stamp["trusted"]),
           (OK, True, []))
    whole = audit(CLOSED)[1]["audit"]
    for key in ("verdicts", "assumptions", "unknown_is_closed"):
        expect(f"the stamp's {key}", stamp[key], whole[key])
    expect("the audit of a text", audit(CLOSED)[1]["stamp"], None)
    status, _, stamp = compile_closed(CLOSED, "--trust", "192.0.2.0/24",
                                      "--trust", "10.0.0.1-10.0.0.9")
    expect("whom it trusts", (status, stamp["trusted"]),
           (OK, ["10.0.0.1-10.0.0.9", "192.0.2.0/24"]))
    for text, options, why in (
            (OPEN, [], "not closed: stranger OPEN: anybody"),
            (BY_NAME, [], "not closed: dns CONDITIONAL: who owns"),
            (CLOSED, ["--trust", "192.0.2.0/29"], "RCPT TO:<")):
        status, err, stamp = compile_closed(text, *options)
        expect(why, (status, stamp), (FINDINGS, None))
        expect_in(why, why, err)
    for options in (["--require", "open"],
                    ["--require", "closed", "--trust", "nonsense"],
                    ["--trust", "192.0.2.0/24"]):
        expect(f"compile {options}",
               run("compile", POLICY, "-o", "/nowhere/image", *options)[0],
               USAGE)


def test_too_large():
    """What was not looked at is never called closed, wherever it is said."""
    status, whole = audit(TOO_LARGE, "--fail-on", "never")
    expect("too large: status", status, OK)
    expect("too large: verdicts", verdicts(whole),
           dict.fromkeys(SOURCES, "INCOMPLETE"))
    expect("too large: complete", whole["audit"]["complete"], False)
    expect("too large: findings",
           [(finding["id"], finding["severity"])
            for finding in whole["findings"]], [("MR330", "error")])
    expect("too large: grants", whole["audit"]["grants"], [])
    for options in ([], ["--require", "closed", "--fail-on", "never"]):
        expect(f"too large: {options}", audit(TOO_LARGE, *options)[0],
               FINDINGS)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "policy.yaml"
        path.write_text(TOO_LARGE)
        out = run("audit", str(path))[1]
    for source in SOURCES:
        expect_in("too large", f"{source:9} INCOMPLETE", out)
    expect("too large: nobody may relay", "nobody may relay" in out, False)


def test_text():
    status, out, _ = run("audit", POLICY)
    expect("audit", status, OK)
    for part in ("stranger  CLOSED", "dns       CONDITIONAL", "assumed:",
                 "look-ups  CLOSED       proven: no look-up",
                 "connector default", "by staff (", "group        staff",
                 ".inside.example", "not .inside.example"):
        expect_in("audit", part, out)
