"""mayrelay diff: what is told of edits whose effect is known."""

import json
import os
import pathlib
import tempfile

from command_replay import Policies, edited
from support import CONFIG, NO_INPUT, OK, POLICY, USAGE, expect, expect_in, run

NOT_SO = 1

BASE = """mayrelay: 1
lists:
  offices: [10.0.0.0/8, 2001:db8::/32, .inside.example, b\u00fccher.example]
domains: {inbound: [ours.example, .sub.example], reroute: {a.example: ours.example}}
replies: {relay-denied: 554 5.7.1 No}
relay:
  deny: [{users: [mallory]}, {senders: [spam@far.example]}]
  allow:
    - {name: offices, clients: [$offices]}
    - {name: people, users: [steven, joe], tls: true}
"""

EFFECTS = ["gained", "moved", "lost", "answer"]

# Edits of BASE that no client or host can notice.
NIL_EDITS = {
    "a comment": [("relay:\n", "# who may\nrelay:\n")],
    "denies in another order": [
        ("{users: [mallory]}, {senders: [spam@far.example]}",
         "{senders: [spam@far.example]}, {users: [mallory]}")],
    "entries in another order": [("[steven, joe]", "[joe, steven]")],
    "a network in halves": [("[10.0.0.0/8, ", "[10.0.0.0/9, 10.128.0.0/9, ")],
    "an entry twice": [("[10.0.0.0/8, ", "[10.0.0.0/8, 10.2.0.0/16, ")],
    "a list of another name": [("offices: [1", "branches: [1"),
                               ("[$offices]", "[$branches]")],
    "rules of other names": [("name: offices", "name: here"),
                             ("name: people", "name: them")],
    "a list written out": [("[$offices]", "[10.0.0.0/8, 2001:db8::/32, "
                            ".inside.example, b\u00fccher.example]")],
    "letters of domains": [("ours.example, .sub", "OURS.Example, .SUB"),
                           (".inside.example", ".Inside.EXAMPLE")],
    "IDNA": [("b\u00fccher.example", "xn--bcher-kva.example")],
    "a rule split": [("users: [steven, joe]", "users: [joe]"),
                     ("tls: true}\n", "tls: true}\n"
                      "    - {name: another, users: [steven], tls: true}\n")],
    "a rule that never holds": [
        ("tls: true}\n", "tls: true}\n    - {users: [mallory]}\n")],
}

# What becomes of BASE, and the effects that there must be.
EDITS = {
    "an address more": ("LOOSER", {"gained"},
                        [("[10.0.0.0/8, ", "[10.0.0.0/8, 203.0.113.9, ")]),
    "an address less": ("STRICTER", {"lost"},
                        [("[10.0.0.0/8, ", "[10.0.0.0/9, ")]),
    "one for another": ("INCOMPARABLE", {"gained", "lost"},
                        [("[10.0.0.0/8, ", "[11.0.0.0/8, ")]),
    "a reply": ("REPLIES", {"answer"}, [("554 5.7.1 No", "550 5.7.1 No")]),
    "a text": ("REPLIES", {"answer"}, [("554 5.7.1 No", "554 5.7.1 Go")]),
    "a route": ("INCOMPARABLE", {"moved", "answer"},
                [("{a.example: ours.example}", "{a.example: x.sub.example}")]),
    "no TLS": ("LOOSER", {"gained"}, [(", tls: true", "")]),
    "a deny rule less": ("LOOSER", {"gained", "answer"},
                         [("{users: [mallory]}, ", "")]),
    # What was inbound is relayed now for those who may.
    "a domain less": ("INCOMPARABLE", {"moved", "lost"},
                      [(", .sub.example", "")]),
    "the name itself": ("INCOMPARABLE", {"gained", "moved", "lost"},
                        [(", .sub.example", ", sub.example")]),
}


def pair(edits):
    new = BASE
    for was, becomes in edits:
        assert new.count(was) == 1, was
        new = new.replace(was, becomes)
    return BASE, new


class Pair:
    """Two policies in files, as long as they are wanted."""

    def __init__(self, texts):
        self.folder = tempfile.TemporaryDirectory()
        self.paths = [os.path.join(self.folder.name, name)
                      for name in ("old.yaml", "new.yaml")]
        for path, text in zip(self.paths, texts):
            pathlib.Path(path).write_text(text)

    def __enter__(self):
        return self.paths

    def __exit__(self, *_):
        self.folder.cleanup()


def diff(old, new, *options):
    """(status, what the JSON says)"""
    status, out, _ = run("diff", old, new, "--json", *options)
    return status, json.loads(out)


def accepts(reply):
    return reply["verdict"] == "accept"


def check_change(name, change):
    """The witness has decided as the change says, and that is its effect."""
    old, new = change["old"], change["new"]
    effect = ("gained" if accepts(new) and not accepts(old) else
              "lost" if accepts(old) and not accepts(new) else change["effect"])
    expect(f"{name}: the effect", change["effect"], effect)
    last = change["witness"].splitlines()[-2:]
    expect(f"{name}: some differ", last[0].removeprefix("old: ") !=
           last[1].removeprefix("new: ") or effect == "moved", True)
    for line, side, reply in zip(last, ("old", "new"), (old, new)):
        expect(f"{name}: {side}", line.startswith(
            f"{side}: {reply['code']} {reply['enhanced']} ") and
               line.endswith(f"({reply['reason']})"), True)
    expect_in(f"{name}: a client", "connection from", change["witness"])


def test_edits():
    for name, (verdict, effects, edits) in EDITS.items():
        with Pair(pair(edits)) as (old, new):
            status, found = diff(old, new, "--limit", "1000")
            expect(name, (status, found["verdict"], found["bug"]),
                   (OK, verdict, None))
            expect(f"{name}: effects", {change["effect"] for change in
                                        found["changes"]}, effects)
            expect(f"{name}: all are there", len(found["changes"]),
                   found["count"])
            expect(f"{name}: extents", {effect for effect in EFFECTS if
                                        found["extents"][effect]}, effects)
            for change in found["changes"]:
                check_change(name, change)
            _, back = diff(new, old)
            other = {"LOOSER": "STRICTER", "STRICTER": "LOOSER"}
            expect(f"{name}: the other way round",
                   (back["verdict"], back["count"]),
                   (other.get(verdict, verdict), found["count"]))


def test_nil_edits():
    for name, edits in NIL_EDITS.items():
        with Pair(pair(edits)) as (old, new):
            expect(name, diff(old, new, "--require", "equivalent"),
                   (OK, {"verdict": "EQUIVALENT", "bug": None, "count": 0,
                         "extents": dict.fromkeys(EFFECTS), "changes": []}))


def test_requirements():
    for edit, required, wanted in (
            ("an address more", "equivalent", NOT_SO),
            ("an address more", "stricter", NOT_SO),
            ("an address less", "equivalent", NOT_SO),
            ("an address less", "stricter", OK),
            ("a reply", "equivalent", NOT_SO), ("a reply", "stricter", OK),
            ("one for another", "stricter", NOT_SO),
            ("a route", "stricter", NOT_SO)):
        with Pair(pair(EDITS[edit][2])) as (old, new):
            expect(f"{edit}: {required}",
                   run("diff", old, new, "--require", required)[0], wanted)


def test_box():
    with Pair(pair(EDITS["an address more"][2])) as (old, new):
        _, found = diff(old, new)
        for change in found["changes"]:
            expect("its network", (change["networks"], change["ipv4_public"],
                                   change["ipv6_public_64s"]),
                   (["203.0.113.9"], 1, 0))
        _, out, _ = run("diff", old, new)
        expect_in("the verdict", "LOOSER: some mail is gained, none is lost",
                  out)
        expect_in("how far it reaches", "\n  gained: 1 address × ", out)
        expect_in("the change", "gained: 554 5.7.1 relay-denied -> 250 2.1.5 "
                  "relay-allowed", out)
        expect_in("where", "  client: 203.0.113.9; 1 public IPv4", out)
        expect_in("the witness", "    *: connection from 203.0.113.9\n", out)


def test_limit():
    with Policies(edited()) as new:
        _, all_found = diff(POLICY, new, "--limit", "1000")
        _, few = diff(POLICY, new, "--limit", "3")
        expect("the count", few["count"], all_found["count"])
        expect("the first", few["changes"], all_found["changes"][:3])
        _, out, _ = run("diff", POLICY, new, "--limit", "3")
        expect("in the text", out.count("\n  connector: "), 3)
        expect_in("the others", f"\n{few['count'] - 3} more\n", out)
        places = [EFFECTS.index(change["effect"])
                  for change in all_found["changes"]]
        expect("gained ones first", places, sorted(places))
        for change in all_found["changes"]:
            check_change("of the policy of the tests", change)


def test_image():
    """An image is as good as the policy that it was made of."""
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "policy.mrp")
        run("compile", POLICY, "-o", image)
        expect("the image and its policy",
               run("diff", image, POLICY, "--require", "equivalent"),
               (OK, "EQUIVALENT: no transaction is decided differently\n", ""))


def many_names(count):
    rules = "".join(f"    - {{clients: [.a{i}.example], users: [u{i}]}}\n"
                    for i in range(count))
    return "mayrelay: 1\nrelay:\n  allow:\n" + rules


def test_too_large():
    with Pair((many_names(2100), many_names(2101))) as (old, new):
        for required in ([], ["--require", "equivalent"],
                         ["--require", "stricter"]):
            status, out, _ = run("diff", old, new, *required)
            expect(f"too large {required}", status, NOT_SO)
            expect_in(f"too large {required}", "INCOMPLETE: ", out)
            expect_in("no count", "nothing is proven", out)
        expect("in JSON", diff(old, new)[1]["verdict"], "INCOMPLETE")


def test_wrong_calls():
    with Pair((BASE, "mayrelay: 1\nlist: {}\n")) as (good, bad):
        for order in ((good, bad), (bad, good)):
            status, out, err = run("diff", *order)
            expect("a policy with an error", (status, out), (CONFIG, ""))
            expect_in("the error", "new.yaml:2:1", err)
        for order in ((good, "/nowhere"), ("/nowhere", good)):
            expect("no policy", run("diff", *order)[:2], (NO_INPUT, ""))
        for words in ((), (good,), (good, good, good),
                      (good, good, "--require", "looser"),
                      (good, good, "--require", ""),
                      (good, good, "--limit", "0"),
                      (good, good, "--limit", "x"),
                      (good, good, "--client", "10.0.0.1")):
            status, out, err = run("diff", *words)
            expect(f"usage: {words[1:]}", (status, out), (USAGE, ""))
            expect("says why", err != "", True)
