#!/usr/bin/python3
"""Seeds for the fuzz targets, from the data of the other tests.

usage: seeds.py TARGET FOLDER                     write the seeds there
       seeds.py TARGET --replay PROGRAM [OPTION]  run PROGRAM with them

The targets are those of fuzz_TARGET.c.  What stands in regressions/TARGET is a
seed too.
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
POLICIES = [TESTS / "policies", TESTS.parent / "examples/policies"]
# In the order of enum entry_place.
PLACES = range(14)
SEED_MOST = 1 << 15


# -- what the other tests have -----------------------------------------------

def transaction_lines():
    for name in ("conformance/cases/*/tx-*.jsonl", "policies-cases/*.tx.jsonl"):
        for path in sorted(TESTS.glob(name)):
            yield from path.read_bytes().splitlines()


def transactions():
    return [json.loads(line) for line in transaction_lines()]


def policy_texts():
    """The policies as bytes, those that do not load too."""
    for folder in POLICIES:
        for path in sorted(folder.rglob("*.yaml")):
            yield path.read_bytes()
    for path in sorted(TESTS.glob("conformance/cases/*/*.json")):
        yield path.read_bytes()


def list_files():
    for folder in POLICIES:
        for path in sorted(folder.rglob("*.txt")):
            yield path.read_bytes()


def texts_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value


def policy_entries():
    """Every text of every policy that is JSON, and every line of a list."""
    for path in sorted(TESTS.glob("conformance/cases/*/*.json")):
        for text in texts_of(json.loads(path.read_bytes())):
            yield text.encode()
    for content in list_files():
        yield from content.splitlines()


def facts(*names):
    for transaction in transactions():
        for name in names:
            value = transaction.get(name)
            if isinstance(value, str):
                yield value.encode()


def dialogues():
    for path in sorted(TESTS.glob("command/*.smtp")):
        yield path.read_bytes()


# -- one function per target -------------------------------------------------

def mailbox():
    for text in facts("sender", "recipient"):
        yield b"0" + text
        yield b"1" + text


def domain():
    for text in facts("sender", "recipient"):
        yield text.rpartition(b"@")[2].rstrip(b">")
    yield from policy_entries()
    yield "bücher.例え.рф".encode()


def entry():
    for text in policy_entries():
        for place in PLACES:
            yield bytes([64 + place]) + text


def policy():
    yield from policy_texts()


def list_file():
    for content in list_files():
        for place in PLACES:
            yield bytes([64 + place]) + content


def image():
    """Patches: see fuzz_image.c."""
    for at in range(0, 20000, 97):
        first = at.to_bytes(3, "big")
        yield bytes([at % 16, 0, at % 12]) + first + b"\xff"
        yield bytes([at % 32, 0, at % 12]) + first + b"\1"
    yield b"\1\0\0"
    yield b"\x18\0\0"
    yield b"\x0c\1\0"


def batch():
    yield from transaction_lines()


def log():
    """Lines of both forms, and the texts of clients: see fuzz_log.c."""
    texts = list(facts("sender", "recipient"))
    for text in texts:
        yield b"\0mayrelay=1 code=250 verdict=accept client=10.1.2.3 " \
            b"client_names=a.example client_names=b.example groups=[] " \
            b"sender=<> recipient=" + json.dumps(text.decode()).encode()
        yield b"\0" + json.dumps({
            "mayrelay": 1, "verdict": "accept", "client": "10.1.2.3",
            "client_names": "tempfail", "sender": "<>",
            "recipient": text.decode()}, separators=(",", ":")).encode()
    for first, second in zip(texts, reversed(texts)):
        for kind in b"12":
            yield bytes([kind, 6]) + b"steven" + bytes([9]) + b"a.example" \
                + bytes([len(first) % 256]) + first[:255] + second


def smtp():
    for text in dialogues():
        for options in b"01":
            yield bytes([options]) + text


def messages(options, *parts):
    """See fuzz_dns.c."""
    return bytes([options]) + b"".join(
        len(part).to_bytes(2, "big") + part for part in parts)


def dns():
    """What the bad server sends to the client 198.18.1.1."""
    sys.path.insert(0, str(TESTS / "dns"))
    import bad_server as bad
    head = b"\x12\x34\1\0\0\1\0\0\0\0\0\0"
    ptr = bad.Question(head + bad.name("1.1.18.198.in-addr.arpa")
                       + b"\0\x0c\0\1")
    name = bad.Question(head + bad.name("f1.s1.good.example") + b"\0\1\0\1")
    for acts, question in ((bad.AT_PTR, ptr), (bad.AT_ADDRESS, name)):
        for act in acts.values():
            sent = act(question, True) if hasattr(act, "knows_tcp") \
                else act(question)
            sent = [part for part in sent if isinstance(part, bytes)]
            first = sent if question is ptr else [bad.good(ptr), *sent]
            for options in (2, 3):
                yield messages(options, *first, bad.good(name))
            # Without head and question: one answer, no error.
            yield messages(0, *(b"\1\0" + part[12 + len(q.question):]
                                for part, q in zip(first, (ptr, name))),
                           b"\1\0" + bad.good(name)[12 + len(name.question):])


def session():
    """Any octets are calls: see fuzz_session.c."""
    for number in range(64):
        yield hashlib.sha512(bytes([number])).digest()


def report():
    for text in policy_texts():
        yield text[:512]


TARGETS = {function.__name__: function for function in (
    mailbox, domain, entry, policy, list_file, image, batch, log, smtp,
    session, report, dns)}


def seeds_of(target):
    seeds = {seed[:SEED_MOST] for seed in TARGETS[target]()}
    for path in (HERE / "regressions" / target).glob("*"):
        seeds.add(path.read_bytes())
    return sorted(seeds)


def write_seeds(target, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds_of(target):
        name = hashlib.sha1(seed).hexdigest()
        (folder / name).write_bytes(seed)


def replay(target, program, options):
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(target, pathlib.Path(folder))
        return subprocess.run([program, *options, folder]).returncode


def main(arguments):
    if len(arguments) >= 3 and arguments[1] == "--replay":
        return replay(arguments[0], arguments[2], arguments[3:])
    if len(arguments) == 2 and arguments[0] in TARGETS:
        write_seeds(arguments[0], pathlib.Path(arguments[1]))
        return 0
    sys.stderr.write(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
