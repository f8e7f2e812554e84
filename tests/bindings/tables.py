"""The conformance tables as dialogues, and what has to be decided in them.

A table is policy-X.json, tx-X.jsonl and expected-X.jsonl, as run.py of
tests/conformance reads them; a policy with its tx and expected lines elsewhere
is another.
"""
import json
import re

TO_ESCAPE = re.compile("[\x00-\x1f\x7f%]")
ADVISED, CASES = 4, 200  # of a policy
LOOKED_UP = {True: "yes", False: "no", "tempfail": "failed"}


def escaped(value):
    if value is None:
        return "-"
    if value == "-":
        return "%2D"
    return TO_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", value)


def line(*words):
    return "\t".join(map(escaped, words)) + "\n"


def looked_up(call, answer):
    if answer is None:
        return ""
    if answer == "tempfail":
        return line(call, "failed")
    return line(call, "known", *answer)


def connection(facts):
    yield line("connect", facts.get("client"), facts.get("listener"))
    if facts.get("tls") or facts.get("certificate") is not None:
        yield line("tls", facts.get("certificate"))
    if facts.get("identity") is not None:
        yield line("auth", facts["identity"])
        yield looked_up("groups", facts.get("groups"))
    yield looked_up("names", facts.get("client_names"))


def dialogue(facts):
    """The calls that the command makes of one line of its batch."""
    yield from connection(facts)
    if "sender" in facts:
        yield line("mail", facts["sender"])
    if "recipient" in facts:
        yield line("rcpt", facts["recipient"])
        if "recipient_exists" in facts:
            yield line("exists", LOOKED_UP[facts["recipient_exists"]])
            yield line("resume")
    elif "sender" not in facts:
        yield line("resume")


def triples(root):
    """(policy, tx, expected) of every table below tests/ and examples/."""
    for policy in sorted((root / "tests/conformance/cases").rglob(
            "policy-*.json")):
        stem = policy.stem.removeprefix("policy-")
        yield (policy, policy.with_name(f"tx-{stem}.jsonl"),
               policy.with_name(f"expected-{stem}.jsonl"))
    cases = root / "tests/policies-cases"
    for policy in sorted((root / "examples/policies").glob("*.yaml")):
        tx = cases / f"{policy.stem}.tx.jsonl"
        if tx.exists():
            yield policy, tx, cases / f"{policy.stem}.expected.jsonl"


def disputed(root):
    lines = (root / "tests/conformance/disputed.txt").read_text().splitlines()
    return {line.strip() for line in lines}


def tables(root):
    """Yields (dialogue, expected) for every policy: its text, and for each of
    its decisions what the table says of it, or None if it is disputed."""
    skipped = disputed(root)
    for policy, tx, expected in triples(root):
        stem = policy.stem.removeprefix("policy-")
        text, wanted = [line("policy", str(policy))], []
        for number, (facts, fields) in enumerate(zip(
                tx.read_text("utf-8").splitlines(),
                expected.read_text("utf-8").splitlines(), strict=True)):
            fields = json.loads(fields)
            text += [*dialogue(json.loads(facts)),
                     line("decide", "json" if number % 2 else "text")]
            name = f"{policy.parent.name}/{stem} {fields['id']}"
            wanted.append(None if name in skipped else fields)
        yield "".join(text), wanted


def learned(root):
    """A dialogue about all else that can be asked: of the examples' decisions
    and policies, each policy beside the one before it."""
    before = root / "examples/policies/internet-mx.yaml"
    for policy, tx, _ in triples(root):
        if policy.parent.name != "policies":
            continue
        yield line("policy", str(policy)) + line("diff", str(before))
        before = policy
        for number, facts in enumerate(tx.read_text("utf-8").splitlines()):
            format = "json" if number % 2 else "text"
            yield from dialogue(json.loads(facts))
            yield line("scope", format) + line("cover")
            yield line("log", format, "12:00", str(number) if number else None)
            if number < ADVISED:
                yield line("advise", str(policy))
        yield line("covered") + line("audit") + line("cases", str(CASES))
