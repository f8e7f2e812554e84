"""replay: old traffic under two policies, against `check --batch` under each."""

import itertools
import json
import os
import pathlib
import random
import subprocess
import tempfile

import support
from command_log import lines as log_lines
from support import (CONFIG, DATA, IO, NO_INPUT, OK, POLICY, USAGE, batch,
                     expect, expect_in, facts, run)

CHANGED = 1
# The order in which changes are told: the most dangerous first.
KINDS = ["gained", "undecided", "recipient", "lost", "refusal", "reply",
         "cause"]
OUTCOME = ["verdict", "code", "enhanced", "reason", "rule", "connector",
           "relay", "needs"]

# What becomes of the policy of the tests: a change of every kind.
EDITS = [
    ("[10.0.0.0/8, ", "[10.128.0.0/9, 203.0.113.0/24, "),  # lost and gained
    ("{old.example: ours.example}", "{old.example: asked.example}"),
    ("450 4.7.1 Come again", "450 4.7.1 Come back"),
    ("{name: by-name, clients: [.inside.example]}",
     "{name: renamed, clients: [.inside.example]}"),
    ("clients: [192.0.2.66]", "clients: [192.0.2.66]\n      reply: 451"),
]
NAMES = [None, [], ["mx.inside.example"], ["mx.far.example"], "tempfail"]


def edited(edits=EDITS):
    text = pathlib.Path(POLICY).read_text()
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


class Policies:
    """The new policy in a file, as long as it is wanted."""

    def __init__(self, text):
        self.folder = tempfile.TemporaryDirectory()
        self.new = os.path.join(self.folder.name, "new.yaml")
        pathlib.Path(self.new).write_text(text)

    def __enter__(self):
        return self.new

    def __exit__(self, *_):
        self.folder.cleanup()


def some_traffic():
    """Every client with every recipient, in a disorder that is ever the same."""
    clients = ["203.0.113.9", "10.1.2.3", "10.200.1.1", "192.0.2.66",
               "192.0.2.67", "192.0.2.99", "2001:db8::7"]
    recipients = ["joe@ours.example", "x@far.example", "x@asked.example",
                  "it's\u00fc@old.example", "x@old.example", "a%b@ours.example", "-x", None]
    traffic = []
    for client, recipient, names, identity in itertools.product(
            clients, recipients, NAMES, (None, "steven", "")):
        known = {"id": len(traffic), "client": client, "sender": "<>",
                 "client_names": names, "identity": identity,
                 "recipient": recipient,
                 "recipient_exists": len(traffic) % 2 == 0 or None}
        traffic.append({key: value for key, value in known.items()
                        if value is not None or key == "identity"})
    random.Random(1).shuffle(traffic)
    return traffic


def is_final(decision):
    return (not decision["needs"] and decision["reason"] != "internal-error")


def kind_of(old, new):
    accepted = [each["verdict"] == "accept" for each in (old, new)]
    if is_final(old) and not is_final(new):
        return "undecided"
    if accepted == [False, True]:
        return "gained"
    if accepted == [True, False]:
        return "lost"
    if all(accepted) and old["recipient"] != new["recipient"]:
        return "recipient"
    if old["code"] != new["code"]:
        return "refusal"
    if any(old[key] != new[key] for key in ("enhanced", "text")):
        return "reply"
    return "cause" if any(old[key] != new[key] for key in OUTCOME) else None


def counted(traffic, new_policy):
    """What replay should say: {(kind, old, new): [ids]}, and the undecided."""
    before = batch(*traffic)[1]
    after = batch(*traffic, policy=new_policy)[1]
    changes, undecided = {}, 0
    for old, new in zip(before, after):
        undecided += not is_final(old) and not is_final(new)
        kind = kind_of(old, new)
        if kind:
            key = (kind, *(json.dumps([each[name] for name in OUTCOME])
                           for each in (old, new)))
            changes.setdefault(key, []).append(old["id"])
    return changes, undecided


def replay(new, traffic, *words, old=POLICY):
    stdin = "".join((line if isinstance(line, str) else json.dumps(line)) +
                    "\n" for line in traffic)
    return run("replay", old, new, *words, stdin=stdin)


def check_arguments(example, change, new):
    """The arguments lead to both decisions, through a shell."""
    for policy, outcome in ((POLICY, change["old"]), (new, change["new"])):
        out = subprocess.run(
            ["bash", "-c", f'"$0" check "$1" --json {example["arguments"]}',
             support.binary, policy], capture_output=True, timeout=60).stdout
        decision = json.loads(out)
        expect(f"arguments {example['arguments']}",
               {key: decision[key] for key in OUTCOME}, outcome)


def check_change(change, ids, traffic, new):
    expect("count", change["count"], len(ids))
    expect("a few examples", len(change["examples"]), min(3, len(ids)))
    for example in change["examples"]:
        known = example["facts"]
        expect("example", (known["id"] in ids, known,
                           example["line"], example["logged"]),
               (True, traffic[example["line"] - 1],
                traffic.index(known) + 1, False))
        check_arguments(example, change, new)


def test_replay_counts():
    traffic = some_traffic()
    with Policies(edited()) as new:
        wanted, undecided = counted(traffic, new)
        expect("every kind occurs", {key[0] for key in wanted}, set(KINDS))
        status, out, err = replay(new, traffic, "--json")
        expect("replay", (status, err), (CHANGED, ""))
        found = json.loads(out)
        expect("totals", [found[key] for key in (
            "transactions", "changed", "undecided", "not_understood")],
            [len(traffic), sum(map(len, wanted.values())), undecided, 0])
        got = {(change["change"], *(json.dumps(list(change[side].values()))
                                    for side in ("old", "new"))): change
               for change in found["changes"]}
        expect("changes", sorted(got), sorted(wanted))
        for key in set(got) & set(wanted):
            check_change(got[key], wanted[key], traffic, new)
        order = [(KINDS.index(change["change"]), not change["new"]["relay"],
                  -change["count"]) for change in found["changes"]]
        expect("the most dangerous first", order, sorted(order))
        expect("order does not matter", json.loads(replay(
            new, reversed(traffic), "--json")[1])["changed"], found["changed"])


TEXT = """\
4 transactions, of which 2 change

newly accepted: 2
  2 relayed: 550 5.7.1 relay-denied on default -> 250 2.1.5 relay-allowed \
by inside on default
      line 1, id "x": --client 203.0.113.9 --client-names none \
--sender a@b.example --recipient c@d.example
      line 3, id [1]: --client 203.0.113.9 --client-names none \
--sender a@b.example --recipient '"c d"@d.example'
"""


def test_replay_text():
    traffic = [facts(), facts(client="10.200.0.1"),
               facts(id=[1], recipient='"c d"@d.example'),
               facts(client="192.0.2.1")]
    with Policies(edited()) as new:
        expect("text", replay(new, traffic), (CHANGED, TEXT, ""))
        status, out, _ = replay(new, [*traffic, *[facts()] * 5])
        expect("many", (status, "  7 relayed:" in out, out.count("line ")),
               (CHANGED, True, 2))
        status, out, err = replay(new, [])
        expect("no traffic", (status, out, err),
               (OK, "0 transactions, of which 0 change\n", ""))
    status, out, err = replay(POLICY, traffic)
    expect("nothing changes", (status, out, err),
           (OK, "4 transactions, of which 0 change\n", ""))


# What is edited, the traffic, and what comes of it: without --require, with
# same, and with stricter.
REQUIRED = [
    ("nothing", [], [facts()], (OK, OK, OK)),
    ("gained", EDITS[:1], [facts()], (CHANGED, CHANGED, CHANGED)),
    ("lost", EDITS[:1], [facts(client="10.1.2.3")], (CHANGED, CHANGED, OK)),
    ("both", EDITS[:1], [facts(), facts(client="10.1.2.3")],
     (CHANGED, CHANGED, CHANGED)),
    ("recipient", EDITS[1:2],
     [facts(recipient="x@old.example", recipient_exists=True)],
     (CHANGED, CHANGED, CHANGED)),
    ("accepted, then undecided", EDITS[1:2], [facts(recipient="x@old.example")],
     (CHANGED, CHANGED, OK)),
    ("refused, then undecided",
     [("allow:\n    - {name: staff",
       "allow:\n    - {name: more, clients: [.more.example]}\n    - {name: staff"),
      ("    - {name: by-name, clients: [.inside.example]}\n", "")],
     [facts(client_names=...)], (CHANGED, CHANGED, CHANGED)),
    ("reply", EDITS[2:3], [facts(client="192.0.2.67")],
     (CHANGED, CHANGED, OK)),
    ("cause", EDITS[3:4], [facts(client_names=["a.inside.example"])],
     (CHANGED, OK, OK)),
    ("refusal", EDITS[4:], [facts(client="192.0.2.66")],
     (CHANGED, CHANGED, OK)),
    ("undecided by both", [], [facts(client_names=...)],
     (OK, CHANGED, CHANGED)),
    ("without a client", [], [facts(client=...)], (OK, CHANGED, CHANGED)),
    ("a line that is none", [], [facts(), "x"], (DATA, DATA, DATA)),
]


def test_replay_require():
    def old_of(name):
        # A client without names is refused for sure where no rule asks.
        return edited([REQUIRED[6][1][1]]) if name.startswith("refused") else \
            edited([])
    for name, edits, traffic, wanted in REQUIRED:
        with Policies(edited(edits)) as new, Policies(old_of(name)) as old:
            got = tuple(replay(new, traffic, *words, old=old)[0] for words in
                        ([], ["--require", "same"], ["--require=stricter"]))
            expect(f"--require: {name}", got, wanted)


def test_replay_logs():
    """Lines of a log, in both forms and behind whatever; and of hosts that do
    not rewrite, which arguments cannot say."""
    logged = log_lines()
    mixed = [("" if i % 3 else "Nov 25 12:00:00 mx mayrelay[42]: ") + line
             for i, line in enumerate(logged)]
    status, out, err = replay(POLICY, mixed, "--require", "same", "--json")
    found = json.loads(out)
    expect("a log", (found["transactions"], found["changed"],
                     found["not_understood"], err), (len(logged), 0, 0, ""))
    with Policies(edited()) as new:
        status, out, err = replay(new, mixed, "--json")
        found = json.loads(out)
        expect("a log", (status, found["not_understood"], err),
               (CHANGED, 0, ""))
        recorded = [json.loads(line) for line in logged[1::2]]
        kinds = 0
        for change in found["changes"]:
            for example in change["examples"]:
                line = recorded[(example["line"] - 1) // 2]
                kinds += 1
                expect("a log's example", (
                    example["logged"], example["arguments"] is not None,
                    {key: line.get(key) for key in example["facts"]}),
                    (True, line.get("rewrites", False), example["facts"]))
                expect("as was recorded", [line[key] for key in (
                    "verdict", "enhanced", "reason")], [
                    change["old"][key] for key in (
                        "verdict", "enhanced", "reason")])
        expect("examples of a log", kinds > 10, True)
        _, text, _ = replay(new, mixed)
        expect_in("a log's id", 'id "01KC0000000000000000000000"', text)
        # A shipper of logs may sort the keys.
        shuffled = [json.dumps(dict(sorted(line.items()))) for line in recorded]
        _, out, _ = replay(new, shuffled, "--json")
        expect("keys in another order", json.loads(out)["changed"] * 2,
               found["changed"])


BAD_LINES = [
    ("", "no decision"), ("x", "no decision"), ("{", "not valid JSON"),
    ("[]", "no decision"), ('{"clint":1}', 'did you mean "client"'),
    ('{"client":"10.0.0.999"}', "client is not an IP address"),
    ('{"client":"10.0.0.1","listener":"x"}', "listener is not"),
    ('{"client":"10.0.0.1","client":"10.0.0.1"}', "not valid JSON"),
    ("mayrelay=1 verdict=accept client=10.0.0.999", "client is not an IP"),
    ("mayrelay=1 client=10.0.0.1", "it has no verdict"),
    ('{"mayrelay":2,"verdict":"accept"}', "no version that is known"),
    ('{"mayrelay":1,"client":"10.0.0.1"}', "it has no verdict"),
    ('{"mayrelay":1,"verdict":"accept","tls":1}', "tls: expected"),
    ('{"a\x1b":1}', "not valid JSON"), ("\x00\x1b[31m", "no decision"),
]


def test_replay_logs_without_reroute():
    """Where nothing is rerouted arguments say all."""
    edits = [("  reroute: {old.example: ours.example}\n", "")]
    with Policies(edited(edits)) as old, \
            Policies(edited([*edits, *EDITS[:1]])) as new:
        _, out, _ = replay(new, log_lines(), "--json", old=old)
        examples = [example for change in json.loads(out)["changes"]
                    for example in change["examples"]]
        expect("there are examples", len(examples) > 5, True)
        expect("all have arguments", [example for example in examples
                                      if not example["arguments"]], [])


def test_replay_bad_lines():
    for line, problem in BAD_LINES:
        status, out, err = replay(POLICY, [facts(), line, facts()])
        expect(f"bad line {line!r}", status, DATA)
        expect_in(f"bad line {line!r}", "mayrelay: line 2: ", err)
        expect_in(f"bad line {line!r}", problem, err)
        expect("the others are judged", out,
               "2 transactions, of which 0 change\n\n"
               "lines that were not understood: 1\n")
    status, out, err = replay(POLICY, ["x"] * 1000, "--json")
    expect("many bad lines", (status, json.loads(out)["not_understood"],
                              len(err.splitlines())), (DATA, 1000, 11))


def test_replay_calls():
    for words, problem in (
            (["replay"], "which policy?"),
            (["replay", POLICY], "which new policy?"),
            (["replay", POLICY, POLICY, "x"], "'x': one new policy is enough"),
            (["replay", POLICY, POLICY, "--require", "closed"],
             "'closed' is not same|stricter"),
            (["replay", POLICY, POLICY, "--client", "::1"],
             "unknown option --client"),
            (["check", POLICY, "--require=same"], "unknown option --require")):
        status, out, err = run(*words)
        expect(f"{words}", (status, out), (USAGE, ""))
        expect_in(f"{words}", problem, err)
    with Policies("mayrelay: 1\nrealy: {}\n") as bad:
        for old, new, wanted in ((bad, POLICY, CONFIG), (POLICY, bad, CONFIG),
                                 (POLICY, bad + "x", NO_INPUT)):
            status, out, err = run("replay", old, new)
            expect("a bad policy", (status, out, err != ""),
                   (wanted, "", True))
    folder = os.open("/", os.O_RDONLY)
    unreadable = subprocess.run([support.binary, "replay", POLICY, POLICY],
                                stdin=folder, capture_output=True, timeout=60)
    os.close(folder)
    expect("unreadable", (unreadable.returncode, unreadable.stdout), (IO, b""))
    with open("/dev/full", "wb") as full:
        result = subprocess.run([support.binary, "replay", POLICY, POLICY],
                                input=b"", stdout=full, stderr=subprocess.PIPE,
                                timeout=60)
    expect("full", result.returncode, IO)
