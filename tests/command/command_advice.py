"""mayrelay explain --want accept: each edit is made in the file, as the patch
says, and the policy judges again."""

import json
import pathlib
import re
import shutil
import tempfile

from support import (CONFIG, DEFER, HERE, NO_INPUT, OK, REJECT, USAGE, expect,
                     expect_in, run)

EXAMPLES = HERE.parent.parent / "examples" / "policies"
CASES = HERE.parent / "policies-cases"
HUNK = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n")
NO_END = "\\ No newline at end of file\n"


def patched(lines, hunk, body):
    """The lines of a file with one hunk applied; what is taken must be there."""
    start, taken = int(hunk[1]), int(hunk[2])
    at = start - 1 if taken else start
    old, new = [], []
    for line in body:
        if line == NO_END:
            last = new if new_was_last else old
            last[-1] = last[-1][:-1]
            continue
        new_was_last = line[0] == "+"
        (new if new_was_last else old).append(line[1:])
    if lines[at:at + taken] != old or len(new) != int(hunk[4]):
        raise ValueError(f"the patch does not fit: {lines[at:at + taken]}")
    return lines[:at] + new + lines[at + taken:]


def apply_patch(patch):
    """As `patch` does; octets that are no UTF-8 are none of ours."""
    lines = patch.splitlines(keepends=True)
    while lines:
        name = lines[0].removeprefix("--- ").rstrip("\n")
        hunk = HUNK.fullmatch(lines[2])
        end = 3
        while end < len(lines) and not (
                lines[end].startswith("--- ") and HUNK.fullmatch(
                    lines[min(end + 2, len(lines) - 1)])):
            end += 1
        path = pathlib.Path(name)
        text = path.read_bytes().decode()
        whole = patched(re.findall(r"[^\n]*\n|[^\n]+", text), hunk,
                        lines[3:end])
        path.write_bytes("".join(whole).encode())
        lines = lines[end:]


def as_options(facts):
    """A line of the batch as options."""
    words = []
    for key, value in facts.items():
        name = key.replace("_", "-")
        if key in ("id", "rewrites"):
            continue
        if key == "client_names" and isinstance(value, list):
            words += [f"--client-name={name}" for name in value] or [
                "--client-names=none"]
        elif key == "groups" and isinstance(value, list):
            words += [f"--group={name}" for name in value] or ["--groups=none"]
        elif key == "recipient_exists":
            words.append("--recipient-exists=" + (
                value if isinstance(value, str) else "yes" if value else "no"))
        elif key == "tls":
            words += ["--tls"] if value else []
        else:
            words.append(f"--{name}={value}")
    return words


def advice_of(policy, words):
    status, out, err = run("explain", str(policy), "--want", "accept",
                           "--json", *words)
    expect(f"explain {words}: {err}", status in (OK, DEFER, REJECT), True)
    return status, json.loads(out)["advice"]


def verify(name, policy, words, advice):
    """Every edit, made in a fresh copy of the folder, gives an accept."""
    folder = pathlib.Path(policy).parent
    for edit in advice["edits"]:
        with tempfile.TemporaryDirectory() as copy:
            for file in folder.iterdir():
                if file.is_file():
                    shutil.copy(file, copy)
            patch = edit["patch"].replace(str(folder) + "/", copy + "/")
            apply_patch(patch)
            path = str(pathlib.Path(copy) / pathlib.Path(policy).name)
            status, out, err = run("check", path, *words)
            expect(f"{name}: {edit['text']}: {out}{err}", status, OK)
            status, _, err = run("lint", path)
            expect(f"{name}: {edit['text']} loads: {err}", status, OK)


# The smallest policies for each kind of refusal, facts besides those of an
# anonymous client, and what has to be among the edits.
FOREIGN = ["--sender=a@b.example", "--recipient=c@d.example"]
STRANGER = ["--client=203.0.113.9", "--client-names=none"]
DOMAINS = "mayrelay: 1\ndomains: {inbound: [ours.example]}\n"
TABLE = [
    ("one address for a list",
     DOMAINS + "relay: {allow: [{name: office, clients: [192.0.2.1]}]}\n",
     STRANGER + FOREIGN, "add 203.0.113.9 to `clients` of office"),
    ("a list of one", DOMAINS + "relay: {allow: {clients: 192.0.2.1}}\n",
     STRANGER + FOREIGN, "add 203.0.113.9 to `clients` of relay.allow[1]"),
    ("a block list", DOMAINS +
     "relay:\n  allow:\n  - clients:\n    - 192.0.2.1  # one\n    # two\n",
     STRANGER + FOREIGN, "add 203.0.113.9 to `clients` of relay.allow[1]"),
    ("a named list", DOMAINS + "lists:\n  office: 192.0.2.1\n"
     "relay:\n  allow:\n    clients: $office\n",
     STRANGER + FOREIGN, "add 203.0.113.9 to $office"),
    ("an anchor", DOMAINS + "lists: {office: &o [192.0.2.1]}\n"
     "relay: {allow: [{clients: *o, senders: [a@b.example]},"
     " {clients: $office, users: [joe]}]}\n",
     STRANGER + FOREIGN, "add 203.0.113.9 to `clients` of relay.allow[1]"),
    ("nobody relays", DOMAINS, STRANGER + FOREIGN,
     "add a rule to `relay: allow`: clients: [203.0.113.9]"),
    ("nobody relays yet", DOMAINS + "relay:\n", STRANGER + FOREIGN,
     "add a rule to `relay: allow`: clients: [203.0.113.9]"),
    ("nobody relays at all", DOMAINS + "relay: {}\n", STRANGER + FOREIGN,
     "add a rule to `relay: allow`: clients: [203.0.113.9]"),
    ("only denies", DOMAINS + "relay:\n  deny:\n    - clients: [192.0.2.1]\n",
     STRANGER + FOREIGN,
     "add a rule to `relay: allow`: clients: [203.0.113.9]"),
    ("JSON", '{"mayrelay": 1, "domains": {"inbound": ["ours.example"]}, '
     '"relay": {"allow": [{"clients": ["192.0.2.1"]}]}}', STRANGER + FOREIGN,
     "add 203.0.113.9 to `clients` of relay.allow[1]"),
    ("IPv6", DOMAINS + "relay: {allow: [{clients: [192.0.2.1]}]}\n",
     ["--client=2001:db8::9", "--client-names=none"] + FOREIGN,
     "add 2001:db8::9 to `clients` of relay.allow[1]"),
    ("an account", DOMAINS +
     "groups: {Staff: [joe]}\nrelay: {allow: [{users: [$Staff]}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"], "add mary to $Staff"),
    ("accounts", DOMAINS + "relay: {allow: [{users: [joe]}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"],
     "add a rule to `relay: allow`: authenticated: true"),
    ("an exclusion", DOMAINS +
     "relay: {allow: [{users: [$all, not joe, not mary]}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"],
     "take not mary out of `users` of relay.allow[1]"),
    ("encrypted only", DOMAINS +
     "relay:\n  allow:\n    - clients: [203.0.113.0/28]\n      tls: true\n",
     STRANGER + FOREIGN, "remove `tls` from relay.allow[1]"),
    ("an owner", DOMAINS + "owners: {a@b.example: [joe]}\n"
     "relay: {allow: [{sender-owned: true}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"],
     "add mary to the owners of a@b.example"),
    ("no owner", DOMAINS + "relay: {allow: [{sender-owned: true}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"],
     "add `a@b.example: [mary]` to `owners`"),
    ("never routed", DOMAINS + "never-route: [203.0.113.9, 192.0.2.1]\n"
     "relay: {allow: [{clients: [203.0.113.0/28]}]}\n",
     STRANGER + FOREIGN, "take 203.0.113.9 out of `clients` of never-route"),
    ("inside what is never routed", DOMAINS + "never-route: [203.0.113.0/29]\n"
     "relay: {allow: [{clients: [203.0.113.0/28]}]}\n",
     ["--client=203.0.113.2", "--client-names=none"] + FOREIGN,
     "add not 203.0.113.2 to `clients` of never-route"),
    ("refused", DOMAINS + "connect: {deny: [{clients: [203.0.113.0/24]}]}\n",
     STRANGER, "add not 203.0.113.9 to `clients` of connect.deny[1]"),
    ("spoofed", DOMAINS +
     "submit: {deny: [{senders: [$inbound], authenticated: false}]}\n",
     STRANGER + ["--sender=joe@ours.example", "--recipient=m@ours.example"],
     "add `clients: [$all, not 203.0.113.9]` to submit.deny[1]"),
    ("not one of those who submit", DOMAINS +
     "submit: {allow: [{clients: [192.0.2.1]}]}\n",
     STRANGER + ["--sender=<>", "--recipient=m@ours.example"],
     "add 203.0.113.9 to `clients` of submit.allow[1]"),
    ("no mailbox", "mayrelay: 1\ndomains:\n  inbound:\n"
     "    - domain: ours.example\n      mailboxes: [joe]\n",
     STRANGER + ["--sender=<>", "--recipient=mary+tag@ours.example"],
     "add mary@ours.example to `mailboxes` of ours.example"),
    ("no connector", DOMAINS + "connectors: [{name: inside, clients: "
     "[10.0.0.0/8], relay: {}}]\n",
     STRANGER + ["--sender=<>", "--recipient=m@ours.example"],
     "add 203.0.113.9 to `clients` of the connector inside"),
    ("two steps", DOMAINS + "never-route: [203.0.113.9, 192.0.2.1]\n"
     "relay: {allow: [{name: office, clients: [192.0.2.8]}]}\n",
     STRANGER + FOREIGN, "take 203.0.113.9 out of `clients` of never-route; "
     "then add 203.0.113.9 to `clients` of office"),
    ("two conditions", DOMAINS + "relay: {allow: [{name: office, clients: "
     "[192.0.2.8], senders: [joe@ours.example]}]}\n"
     "submit: {deny: [{senders: [a@b.example], clients: [203.0.113.9]}]}\n",
     STRANGER + FOREIGN, "take 203.0.113.9 out"),
    ("routing", DOMAINS + "relay: {allow: [{clients: [192.0.2.1]}]}\n",
     STRANGER + ["--sender=<>", "--recipient=a%b.example@ours.example"],
     "add 203.0.113.9 to `clients` of relay.allow[1]"),
]


def test_table():
    for name, text, words, wanted in TABLE:
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder) / "policy.yaml"
            policy.write_text(text)
            status, advice = advice_of(policy, words)
            expect(f"{name} is refused", status, REJECT)
            texts = [edit["text"] for edit in advice["edits"]]
            expect(f"{name}: {wanted!r} in {texts} {advice['note']}",
                   any(wanted in text for text in texts), True)
            verify(name, policy, words, advice)


# What edits open, word by word.
ANY = "anybody × any foreign recipient"
EVERY_BUT_1 = "every address but 1 × anybody × recipients like someone@d.example"
RADII = [
    ("an address, a domain", DOMAINS +
     "relay: {allow: [{name: a, clients: [192.0.2.1]}]}\n",
     STRANGER + FOREIGN, {
         "add 203.0.113.9 to `clients` of a": f"opens 1 address × {ANY}",
         "add d.example to `domains: always-relay`": f"opens {EVERY_BUT_1}",
         "add d.example to `domains: inbound`":
             f"opens {EVERY_BUT_1}; moves mail of 1 address × anybody × "
             "recipients like someone@d.example"}),
    ("networks", DOMAINS + "never-route: [203.0.113.0/29, 192.0.2.1]\n"
     "relay: {allow: [{name: a, clients: [203.0.113.0/28]}]}\n",
     ["--client=203.0.113.2", "--client-names=none"] + FOREIGN, {
         "take 203.0.113.0/29 out of `clients` of never-route":
             f"opens 8 addresses × {ANY}",
         "add not 203.0.113.2 to `clients` of never-route":
             f"opens 1 address × {ANY}"}),
    ("IPv6", DOMAINS + "relay: {allow: [{name: a, clients: ['2001:db8:1::/48', "
     "192.0.2.0/24], users: [joe]}]}\n",
     ["--client=2001:db8:1::9", "--client-names=none"] + FOREIGN, {
         'add a rule to `relay: allow`: clients: ["2001:db8:1::9"]':
             f"opens 1 address × {ANY}",
         "remove `users` from a":
             f"opens 256 addresses and 65536 IPv6 /64 × {ANY}"}),
    ("TLS", DOMAINS + "relay: {allow: [{clients: [203.0.113.0/28], tls: true, "
     "users: [joe]}]}\n", STRANGER + FOREIGN + ["--tls"], {
         "remove `users` from relay.allow[1]":
             f"opens 16 addresses × {ANY} (with conditions: tls)"}),
    ("senders", DOMAINS + "relay: {allow: [{clients: [203.0.113.0/28], "
     "senders: [x@y.example]}]}\n", STRANGER + FOREIGN, {
         "add b.example to `senders` of relay.allow[1]":
             f"opens 16 addresses × {ANY} × senders like someone@b.example",
         "remove `senders` from relay.allow[1]":
             f"opens 16 addresses × {ANY}"}),
    ("accounts", DOMAINS + "relay: {allow: [{users: [joe]}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"], {
         "add mary to `users` of relay.allow[1]":
             "opens every address × 1 account (mary) × any foreign recipient",
         "add a rule to `relay: allow`: authenticated: true":
             "opens every address × every account × any foreign recipient",
         "add d.example to `domains: inbound`":
             "opens every address × anybody × recipients like "
             "someone@d.example; moves mail of every address × 1 account "
             "(joe) × recipients like someone@d.example"}),
    ("some accounts", DOMAINS +
     "relay: {allow: [{users: [$all, not joe, not mary, not ann]}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"], {
         "add a rule to `relay: allow`: authenticated: true":
             "opens every address × 3 accounts (ann, mary, joe) × "
             "any foreign recipient",
         "add d.example to `domains: always-relay`":
             "opens every address × anonymous and 3 accounts (ann, mary, joe) "
             "× recipients like someone@d.example"}),
    ("owners", DOMAINS + "owners: {a@b.example: [joe]}\n"
     "relay: {allow: [{sender-owned: true}]}\n",
     STRANGER + FOREIGN + ["--identity=mary"], {
         "add mary to the owners of a@b.example":
             "opens every address × every account × any foreign recipient "
             "(with conditions: sender-owned)"}),
    ("names", DOMAINS + "relay: {allow: [{clients: [.in.example], "
     "users: [joe]}]}\n",
     ["--client=203.0.113.9", "--client-name=a.in.example"] + FOREIGN, {
         "remove `users` from relay.allow[1]":
             f"opens every address × {ANY} (with conditions: client-name)"}),
    ("patterns", DOMAINS + "relay: {allow: [{clients: [203.0.113.0/28], "
     "senders: [/ann-.*/], users: [joe]}]}\n",
     STRANGER + ["--sender=ann-1@b.example", "--recipient=c@d.example"], {
         "remove `users` from relay.allow[1]":
             f"opens 16 addresses × {ANY} (with conditions: sender)"}),
    ("recipients of ours", DOMAINS +
     "submit: {deny: [{senders: [$inbound], authenticated: false}]}\n",
     STRANGER + ["--sender=joe@ours.example", "--recipient=m@ours.example"], {
         "add `clients: [$all, not 203.0.113.9]` to submit.deny[1]":
             "opens 1 address × anonymous × recipients like "
             "someone@ours.example, like someone@[our address] × senders like "
             "someone@ours.example, like someone@[our address]"}),
    ("all of them", DOMAINS + "connect: {deny: [{clients: [203.0.113.0/24]}]}\n"
     "relay: {allow: [{clients: [203.0.113.0/24]}]}\n",
     STRANGER, {
         "take 203.0.113.0/24 out of `clients` of connect.deny[1]":
             f"opens 256 addresses × {ANY} and like someone@ours.example, "
             "like someone@[our address]"}),
]


def test_radii():
    for name, text, words, wanted in RADII:
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder) / "policy.yaml"
            policy.write_text(text)
            _, advice = advice_of(policy, words)
            radii = {edit["text"]: edit["radius"] for edit in advice["edits"]}
            expect(f"radii: {name}: {radii}",
                   {edit: radii.get(edit) for edit in wanted}, wanted)


def test_too_large():
    """More host names than a diff looks at: what is not known is not told as
    if it were nothing."""
    rules = ", ".join(f"{{clients: [n{i}.example]}}" for i in range(2100))
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "policy.yaml"
        policy.write_text(DOMAINS + "relay: {allow: [{name: a, clients: "
                          f"[192.0.2.1]}}, {rules}]}}\n")
        _, advice = advice_of(policy, STRANGER + FOREIGN)
        expect(f"there are edits: {advice['note']}", len(advice["edits"]) > 2,
               True)
        expect("what each opens", {(edit["radius"], edit["warning"])
                                   for edit in advice["edits"]},
               {("too large to compare", "what else it opens is not known")})


# What no edit helps with, or none is told for, and what is said instead.
NOTES = [
    ("accepted", DOMAINS, STRANGER + ["--sender=<>",
                                      "--recipient=joe@ours.example"],
     OK, "accepted as it is"),
    ("malformed", DOMAINS, STRANGER + ["--sender=<>", "--recipient=joe"],
     REJECT, "malformed"),
    ("not looked up", DOMAINS + "relay: {allow: [{clients: [.in.example]}]}\n",
     ["--client=203.0.113.9"] + FOREIGN, DEFER,
     "nobody has looked up client-name"),
    ("failed", DOMAINS + "relay: {allow: [{clients: [.in.example]}]}\n",
     ["--client=203.0.113.9", "--client-names=tempfail"] + FOREIGN, DEFER,
     "a look-up has failed"),
    ("no client", DOMAINS, FOREIGN, DEFER, "did not say"),
]


def test_notes():
    for name, text, words, wanted, note in NOTES:
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder) / "policy.yaml"
            policy.write_text(text)
            status, advice = advice_of(policy, words)
            expect(f"{name}: status, edits", (status, advice["edits"]),
                   (wanted, []))
            expect_in(name, note, advice["note"])


def test_open_relays_are_not_told():
    """Without its accounts this rule would be for a large part of IPv4."""
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "policy.yaml"
        words = ["--client=198.51.100.9", "--client-names=none"] + FOREIGN
        policy.write_text(DOMAINS + "relay:\n  allow:\n"
                          "    - clients: [192.0.0.0/4]\n"
                          "      users: [joe]\n")
        _, advice = advice_of(policy, words)
        texts = [edit["text"] for edit in advice["edits"]]
        expect(f"not told: {texts}",
               any("remove `users`" in text for text in texts), False)
        expect_in("said", "would open the relay to strangers", advice["note"])
        words.append("--identity=mary")
        _, advice = advice_of(policy, words)
        warned = {edit["text"]: edit["warning"] for edit in advice["edits"]}
        last = list(warned)[-1]
        expect(f"accounts come last: {warned}",
               ("authenticated: true" in last or "$all" in last,
                bool(warned[last])), (True, True))


def refused_of(example):
    for line in (CASES / f"{example}.tx.jsonl").read_text().splitlines():
        facts = json.loads(line)
        yield facts.get("id"), as_options(facts)


def test_examples():
    """Whatever the examples refuse: all that is advised does what it says."""
    tried = edits = 0
    for policy in sorted(EXAMPLES.glob("*.yaml")):
        if not (CASES / f"{policy.stem}.tx.jsonl").exists():
            continue
        for name, words in list(refused_of(policy.stem))[::3]:
            status, advice = advice_of(policy, words)
            tried += status == REJECT
            edits += len(advice["edits"])
            verify(f"{policy.stem} {name}", policy, words, advice)
    expect("there is something to advise", tried > 20 and edits > 60, True)


def test_log():
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "policy.yaml"
        policy.write_text(DOMAINS + "relay: {allow: [{clients: [192.0.2.1]}]}\n")
        line = ("mayrelay=1 verdict=reject client=203.0.113.9 client_names=[] "
                "sender=a@b.example recipient=c@d.example")
        status, out, err = run("explain", str(policy), "--want=accept",
                               "--log", line)
        expect(f"--log: {err}", status, REJECT)
        expect_in("--log", "add 203.0.113.9 to `clients`", out)
        status, out, _ = run("explain", str(policy), "--want=accept", "--json",
                             "--log", line)
        whole = json.loads(out)
        expect("--log --json", (status, "recorded" in whole,
                                "advice" in whole), (REJECT, True, True))


def test_misuse():
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "policy.yaml"
        image = pathlib.Path(folder) / "policy.mrp"
        policy.write_text(DOMAINS)
        words = ["--client=::1", "--sender=<>", "--recipient=a@b.example"]
        for more, text in ((["--want=reject"], "'reject' is not accept"),
                           (["--want=accept", "--smtp"], "one decision")):
            status, _, err = run("explain", str(policy), *more, *words[:1])
            expect(f"{more}", status, USAGE)
            expect_in(f"{more}", text, err)
        run("compile", str(policy), "-o", str(image))
        status, out, err = run("explain", str(image), "--want=accept", *words)
        expect("an image", status, CONFIG)
        expect_in("an image", "has no text to edit", err)
        expect_in("an image is explained all the same", "relay-denied", out)
