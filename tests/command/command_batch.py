"""check --batch: what goes in, and what comes out."""

import json
import re

from support import (DATA, FINGERPRINT, KEYS, OK, POLICY, batch, decide,
                     expect, expect_in, facts, run)


def test_batch_output():
    status, out, err = run("check", POLICY, "--batch",
                           stdin=json.dumps(facts(id="T01")))
    answer = json.loads(out)
    expect("batch", (status, err), (OK, ""))
    expect("batch keys in order", list(answer), KEYS)
    expect("batch answer", answer, {
        "id": "T01", "verdict": "reject", "code": 550, "enhanced": "5.7.1",
        "text": "Unable to relay for c@d.example", "reason": "relay-denied",
        "kind": "not-permitted", "rule": None, "source": None,
        "connector": "default", "recipient": "c@d.example", "relay": True,
        "needs": []})
    inside = decide(client="10.1.2.3")
    expect("rule", (inside["verdict"], inside["rule"], inside["reason"],
                    inside["kind"]),
           ("accept", "inside", "relay-allowed", "granted"))
    expect("source", bool(re.fullmatch(r".*policy\.yaml:\d+",
                                       inside["source"] or "")), True)
    expect("needs", decide(client_names=...)["needs"], ["client-name"])
    expect("needs", decide(identity="mary")["needs"], ["groups"])
    expect("needs", decide(recipient="j@asked.example")["needs"],
           ["recipient"])
    expect("rerouted", decide(recipient="Joe@old.example")["recipient"],
           "Joe@ours.example")
    expect("nothing in, nothing out", run("check", POLICY, "--batch"),
           (OK, "", ""))


IDS = ["T01", "", 0, -5, 1.5, 9007199254740993, 2 ** 64, [-2 ** 70],
       True, False, None, [], {},
       [1, [None], {"a": "\u00e9"}], "a\u0000b", "\u007f\u0085\u001b[31m",
       "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]


def test_batch_ids():
    status, answers = batch(*[facts(id=value) for value in IDS])
    expect("ids", status, OK)
    expect("ids echoed", [answer["id"] for answer in answers], IDS)
    status, answers = batch(*[{"id": value, "oops": 1} for value in IDS])
    expect("ids of errors", status, DATA)
    expect("ids of errors echoed", [answer["id"] for answer in answers], IDS)
    expect("no id", decide(id=...)["id"], None)
    _, out, _ = run("check", POLICY, "--batch", stdin=json.dumps(
        facts(id="\u007f\u009b"), ensure_ascii=False))
    expect("control characters of ids", [c for c in out if not
                                         " " <= c <= "~" and c != "\n"], [])


# Lines that are answered by an error, and what it says.
BAD_LINES = [
    ("", None, "not valid JSON"),
    (" ", None, "not valid JSON"),
    ("{", None, "not valid JSON"),
    ("5", None, "not valid JSON"),
    ("null", None, "not valid JSON"),
    ("[1]", None, "not a JSON object"),
    ('{"id":1} x', None, "not valid JSON"),
    ('{"id":1}{"id":2}', None, "not valid JSON"),
    ('{"id":1,}', None, "not valid JSON"),
    ('{"id":1e999}', None, "not valid JSON"),
    ("{'id':1}", None, "not valid JSON"),
    ('{"id":1,"id":1}', None, "duplicate"),
    ('{"id":[{"a":1,"a":2}]}', None, "duplicate"),
    (b'{"id":"\xff"}', None, "not valid JSON"),
    (b'{"id":"a\x00b"}', None, "not valid JSON"),
    (b'{"id":1}\x00', None, "not valid JSON"),
    (b"\x00", None, "not valid JSON"),
    ('{"id":1,"clinet":"::1"}', 1, 'did you mean \\"client\\"?'),
    ('{"id":1,"ID":2}', 1, "unknown key"),
    ('{"id":1,"dns":true}', 1, "unknown key"),
    ('{"id":2,"client":5}', 2, "client: expected a string"),
    ('{"id":2,"client":null}', 2, "client: expected a string"),
    ('{"id":2,"listener":25}', 2, "listener: expected a string"),
    ('{"id":2,"listener":null}', 2, "listener: expected a string"),
    ('{"id":2,"client_names":null}', 2, "client_names: expected a list"),
    ('{"id":2,"client_names":"none"}', 2, "client_names: expected a list"),
    ('{"id":2,"client_names":["a",1]}', 2, "client_names: expected a list"),
    ('{"id":2,"client_names":"tempfail\\u0000"}', 2, "client_names: expected"),
    ('{"id":2,"groups":{}}', 2, "groups: expected a list"),
    ('{"id":2,"groups":true}', 2, "groups: expected a list"),
    ('{"id":2,"tls":1}', 2, "tls: expected true or false"),
    ('{"id":2,"tls":null}', 2, "tls: expected true or false"),
    ('{"id":2,"certificate":[]}', 2, "certificate: expected a string or null"),
    ('{"id":2,"identity":false}', 2, "identity: expected a string or null"),
    ('{"id":2,"sender":null}', 2, "sender: expected a string"),
    ('{"id":2,"recipient":["a@b"]}', 2, "recipient: expected a string"),
    ('{"id":2,"recipient_exists":"yes"}', 2, "recipient_exists: expected"),
    ('{"id":2,"recipient_exists":null}', 2, "recipient_exists: expected"),
    ('{"id":3,"client":""}', 3, "client is not an IP address"),
    ('{"id":3,"client":"10.0.0.256"}', 3, "client is not an IP address"),
    ('{"id":3,"client":"10.0.0.0/8"}', 3, "client is not an IP address"),
    ('{"id":3,"client":"10.0.0.1\\u0000"}', 3, "client is not an IP address"),
    ('{"id":3,"client":"10.0.0.1","listener":"a.b:25"}', 3, "listener is not"),
    ('{"id":3,"client":"10.0.0.1","listener":""}', 3, "listener is not"),
    ('{"id":3,"listener":"x"}', 3, "listener is not"),
]


def test_batch_errors():
    good = json.dumps(facts())
    for line, number, text in BAD_LINES:
        status, answers = batch(good, line, good)
        expect(f"{line!r} status", (status, len(answers)), (DATA, 3))
        expect(f"{line!r} keys", list(answers[1]), ["id", "error"])
        expect(f"{line!r} id", answers[1]["id"], number)
        expect_in(f"{line!r}", text.replace('\\"', '"'),
                  answers[1].get("error", ""))
        expect(f"{line!r}: the run goes on", answers[2], answers[0])


def test_batch_facts():
    """What is a fact, however odd, and not an error of the line."""
    for name, changes, reason in [
            ("no client", {"client": ...}, "internal-error"),
            ("no sender", {"sender": ...}, "internal-error"),
            ("mail", {"recipient": ...}, "proceed"),
            ("connect", {"recipient": ..., "sender": ...}, "proceed"),
            ("connect refused", {"recipient": ..., "sender": ...,
                                 "client": "192.0.2.66"}, "connect-refused"),
            ("null sender", {"sender": ""}, "relay-denied"),
            ("null identity", {"identity": None}, "relay-denied"),
            ("empty identity", {"identity": ""}, "relay-denied"),
            ("groups of nobody", {"groups": ["staff"]}, "relay-denied"),
            ("failed groups of nobody", {"groups": "tempfail"},
             "relay-denied"),
            ("groups", {"identity": "mary", "groups": ["staff"]},
             "relay-allowed"),
            ("no groups", {"identity": "mary", "groups": []}, "relay-denied"),
            ("unknown groups", {"identity": "mary"}, "lookup-failed"),
            ("failed groups", {"identity": "mary", "groups": "tempfail"},
             "lookup-failed"),
            ("names", {"client_names": ["mx.inside.example"]},
             "relay-allowed"),
            ("failed names", {"client_names": "tempfail"}, "lookup-failed"),
            ("null certificate", {"certificate": None}, "relay-denied"),
            ("certificate", {"certificate": FINGERPRINT}, "relay-allowed"),
            ("certificate means tls", {"client": "192.0.2.99", "tls": False,
                                       "certificate": "ff" * 32},
             "relay-allowed"),
            ("tls", {"client": "192.0.2.99", "tls": True}, "relay-allowed"),
            ("no tls", {"client": "192.0.2.99", "tls": False},
             "relay-denied"),
            ("exists", {"recipient": "j@asked.example",
                        "recipient_exists": True}, "inbound"),
            ("exists not", {"recipient": "j@asked.example",
                            "recipient_exists": False}, "unknown-recipient"),
            ("exists perhaps", {"recipient": "j@asked.example",
                                "recipient_exists": "tempfail"},
             "lookup-failed"),
            ("exists, unasked", {"recipient": "j@ours.example",
                                 "recipient_exists": False}, "inbound"),
            ("exists, without recipient", {"recipient": ...,
                                           "recipient_exists": False},
             "proceed"),
            ("NUL", {"recipient": "j\u0000@ours.example"}, "bad-recipient"),
            ("mapped", {"client": "::ffff:10.0.0.1"}, "relay-allowed"),
            ("IPv6", {"client": "2001:DB8::1",
                      "listener": "[2001:db8::25]:25"}, "relay-allowed"),
            ("long", {"recipient": "j" * 2_000_000 + "@ours.example"},
             "bad-recipient")]:
        status, answers = batch(facts(**changes))
        expect(f"{name}", (status, answers[0].get("reason")), (OK, reason))
    failed = decide(identity="mary", groups="tempfail")
    expect("a failed look-up is not asked for", failed["needs"], [])


def test_batch_forgets():
    """Nothing of a line is left for the next."""
    rich = facts(identity="steven", groups=["staff"], tls=True,
                 certificate=FINGERPRINT, client_names=["a.inside.example"],
                 recipient_exists=True)
    poor = {"id": 1, "client": "203.0.113.9", "sender": "<>",
            "recipient": "j@asked.example"}
    bare = {"id": 2, "client": "203.0.113.9"}
    alone = [batch(line)[1][0] for line in (poor, bare)]
    status, answers = batch(rich, poor, rich, bare, '{"id":5,"tls":1}', bare)
    expect("forgets", [answers[1], answers[3], answers[5]],
           [alone[0], alone[1], alone[1]])
