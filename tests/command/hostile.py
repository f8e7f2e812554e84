#!/usr/bin/python3
"""What nobody means well by: files that are none, octets that are no text, and
texts that never end, wherever the command takes a file or a text.

    hostile.py MAYRELAY [EVERY]

Where octets meet places, only each EVERYth meeting is tried, each octet and
each place among them: under a sanitizer a start takes a tenth of a second.

Every run ends soon and with a status that says what happened; whatever is
printed is printable ASCII, line by line; what is JSON parses; and nobody is
accepted by mistake.
"""

import itertools
import json
import os
import pathlib
import socket
import stat
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import support
from support import (CANNOT_CREATE, CONFIG, DATA, DEFER, IO, NO_INPUT, OK,
                     POLICY, REJECT, USAGE, counts, expect)

SECONDS = 30  # for one run, under a sanitizer too
OUTSIDE = {"client": "203.0.113.9", "client_names": [], "groups": []}

every = 1


def run(name, *arguments, stdin=b"", wanted):
    """Runs the command and judges what it prints; (status, output)."""
    take = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    try:
        done = subprocess.run([support.binary, *arguments], timeout=SECONDS,
                              capture_output=True, **take)
    except subprocess.TimeoutExpired:
        expect(f"{name}: ends", False, True)
        return None, b""
    odd = [octet for octet in done.stdout + done.stderr
           if not 32 <= octet < 127 and octet != 10]
    if odd or done.returncode not in wanted:
        expect(f"{name}: {done.stderr[-300:]} {done.stdout[-300:]}",
               (done.returncode, odd), (sorted(wanted), []))
    elif done.returncode != OK and b"--json" not in map(os.fsencode, arguments):
        expect(f"{name}: says why", bool(done.stderr or done.stdout), True)
    else:
        counts[True] += 1
    return done.returncode, done.stdout


def lint(name, path, wanted):
    """With its findings as text and as JSON, and a decision."""
    status, _ = run(name, "lint", path, wanted=wanted)
    _, out = run(name, "lint", path, "--json", wanted=wanted)
    for line in out.splitlines():
        json.loads(line)
    status_of_check = {OK: {DEFER, REJECT}}.get(status, {status})
    run(name, "check", path, "--client", "203.0.113.9", "--sender", "<>",
        "--recipient", "a@b.example", wanted=status_of_check)
    return status


# -- files that are none -------------------------------------------------------

def may_make_devices(path):
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except OSError:
        return False
    return True


def make_specials(folder):
    """Things that stand where a file is expected."""
    path = pathlib.Path(folder)
    os.mkfifo(path / "fifo")
    (path / "directory").mkdir()
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(path / "socket"))
    (path / "loop").symlink_to("loop")
    (path / "dangling").symlink_to("nowhere")
    (path / "to-fifo").symlink_to("fifo")
    (path / "not-a-folder").write_text("")
    specials = ["fifo", "directory", "socket", "loop", "dangling", "to-fifo",
                "missing", "not-a-folder/policy", "/dev/null", "/dev/zero",
                "/dev/full", "/proc/self/mem", "x" * 300, "y/" * 3000 + "z",
                "new\nline", "esc\x1b[31m", "\u00fc\u009b", b"\xff\xfe"]
    if os.geteuid() != 0:  # root may read everything
        (path / "secret").write_text("")
        (path / "secret").chmod(0)
        specials.append("secret")
    elif may_make_devices(path / "device"):
        specials.append("device")
    return [os.fsdecode(special) for special in specials]


def quoted(text):
    """As a JSON string, which YAML reads too; octets that are no UTF-8 cannot
    be written there."""
    return json.dumps(os.fsencode(text).decode("utf-8", "replace"),
                      ensure_ascii=False)


USES_OF_FILES = {
    "list": "relay: {{allow: [{{clients: [{}]}}]}}",
    "deny list": "connect: {{deny: [{{clients: [{}]}}]}}",
    "domains": "domains: {{inbound: [{}]}}",
    "mailboxes": "domains: {{inbound: [{{domain: a.example, "
                 "mailboxes: [{}]}}]}}",
    "owners": "owners: {}",
}


def test_special_files():
    with tempfile.TemporaryDirectory() as folder:
        specials = make_specials(folder)
        policy = os.path.join(folder, "policy.yaml")
        for special in specials:
            path = os.path.join(folder, special)
            lint(f"policy {special!r}", path, {NO_INPUT, CONFIG})
            for use, form in USES_OF_FILES.items():
                text = "mayrelay: 1\n" + form.format(quoted("file:" + special))
                pathlib.Path(policy).write_text(text + "\n")
                lint(f"{use} {special!r}", policy, {CONFIG})


def test_special_targets():
    """No special file is replaced by an image; none of the machine's is put at
    risk here."""
    with tempfile.TemporaryDirectory() as folder:
        made = {"device"} & set(make_specials(folder))
        for special in ("fifo", "directory", "socket", "to-fifo",
                        "not-a-folder/x", "missing/x", "x" * 300, *made):
            path = os.path.join(folder, special)
            before = os.path.lexists(path) and os.lstat(path).st_mode
            run(f"compile to {special!r}", "compile", POLICY, "-o", path,
                wanted={CANNOT_CREATE, IO})
            after = os.path.lexists(path) and os.lstat(path).st_mode
            expect(f"{special!r} stays", after, before)
        left = [name for name in os.listdir(folder) if "." in name]
        expect("no temporary file", left, [])


def test_special_input():
    with tempfile.TemporaryDirectory() as folder:
        handle = os.open(folder, os.O_RDONLY)
        run("a directory as input", "check", POLICY, "--batch", stdin=handle,
            wanted={IO})
        run("a directory as dialogue", "explain", POLICY, "--smtp",
            "--client", "203.0.113.9", stdin=handle, wanted={IO})
        run("a directory as traffic", "replay", POLICY, POLICY, stdin=handle,
            wanted={IO})
        os.close(handle)


# -- octets that are no text ---------------------------------------------------

OCTETS = [b"\x00", b"a\x00b", b"\r", b"\n", b"a\r\nRCPT TO:<b>", b"\x1b[31m",
          b"\x07", b"\x08", b"\x7f", b"\xc2\x85", b"\xc2\x9b31m", b"\xff",
          b"\xc3", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf4\x90\x80\x80",
          b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf0\x9f\x98\x80",
          b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xef\xbf\xbe",
          b"%s%n%d", b"%{rule}", b"'\"\\", b"`$(x)`", b"\x80" * 200,
          b"\xc3\xbc" * 200, b"a" * 5000, b"a." * 2000, b"@" * 600]


def meetings(places):
    return itertools.islice(itertools.product(places, OCTETS), 0, None, every)


PLACES_IN_POLICY = {
    "key": b'"%s": 1',
    "list name": b'lists: {"%s": [a.example]}',
    "list": b'relay: {allow: [{clients: ["$%s"]}]}',
    "entry": b'relay: {allow: [{clients: ["%s"]}]}',
    "plain entry": b"relay:\n  allow:\n    - clients:\n        - %s\n",
    "pattern": b'relay: {allow: [{senders: ["/%s/"]}]}',
    "rule name": b'relay: {allow: [{name: "%s", clients: [10.0.0.1]}]}',
    "reply": b'relay: {deny: [{clients: [$all], reply: "550 5.7.1 %s"}]}',
    "domain": b'domains: {inbound: ["%s"]}',
    "mailbox": b'domains: {inbound: [{domain: a.example, mailboxes: ["%s"]}]}',
    "reroute": b'domains: {reroute: {"%s": "%s"}}',
    "owner": b'owners: {"%s": ["%s"]}',
    "identity": b'relay: {allow: [{users: ["%s"]}]}',
    "connector": b'connectors: [{name: "%s"}]',
    "listener": b'connectors: [{name: x, listen: ["%s"]}]',
    "file": b'relay: {allow: [{clients: ["file:%s"]}]}',
    "tag": b"domains: !%s {}",
    "anchor": b"domains: &%s {}",
    "alias": b"domains: *%s",
    "comment": b"domains: {} # %s",
    "directive": b"%%%s\n---\n",
}


def test_octets_in_policies():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "policy.yaml")
        for (place, form), octets in meetings(PLACES_IN_POLICY.items()):
            text = form % ((octets,) * form.count(b"%s"))
            pathlib.Path(path).write_bytes(b"mayrelay: 1\n" + text)
            run(f"{octets[:20]!r} as {place}", "lint", path,
                wanted={OK, CONFIG})


def test_octets_in_files():
    with tempfile.TemporaryDirectory() as folder:
        policy = os.path.join(folder, "policy.yaml")
        for (use, form), octets in meetings(USES_OF_FILES.items()):
            pathlib.Path(policy).write_text(
                "mayrelay: 1\n" + form.format("file:list.txt") + "\n")
            pathlib.Path(folder, "list.txt").write_bytes(
                b"a.example\n" + octets + b"\n")
            run(f"{octets[:20]!r} in {use}", "lint", policy,
                wanted={OK, CONFIG})
        for octets in OCTETS:
            pathlib.Path(policy).write_bytes(octets)
            lint(f"{octets[:20]!r} for a policy", policy, {CONFIG})


# \uXXXX in JSON: what it must be read as, None if it cannot be.
ESCAPES = {
    r"\ud83d\ude00": "\U0001f600",
    r"\u00fc": "\u00fc",
    r"\ud83d": None,
    r"\ude00": None,
    r"\ude00\ud83d": None,
    r"\ud83dx\ude00": None,
    r"\ud83d\n\ude00": None,
    r"\u0000": None,
    r"\ud83d\u0041": None,
}


def test_escapes_in_policies():
    form = '{"mayrelay": 1, "domains": {"inbound": ["a.example"]}, "relay": ' \
           '{"allow": [{"users": ["x%s"]}]}}'
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "policy.json")
        for escape, character in ESCAPES.items():
            pathlib.Path(path).write_text(form % escape)
            status = lint(f"{escape} in a policy", path, {OK, CONFIG})
            expect(f"{escape} loads", status == OK, character is not None)
            if character is None:
                continue
            asked = dict(OUTSIDE, identity="x" + character, sender="<>",
                         recipient="c@far.example")
            _, answers = support.batch(asked, policy=path)
            expect(f"{escape} is that character", answers[0].get("verdict"),
                   "accept")


def test_escapes_in_batches():
    for escape, character in ESCAPES.items():
        for key in ("identity", "sender", "recipient", "listener"):
            line = json.dumps(dict(OUTSIDE, id=1, **{key: "x@@"}))
            line = line.replace("@@", escape)
            _, out = run(f"{escape} as {key}", "check", POLICY, "--batch",
                         stdin=line.encode() + b"\n", wanted={OK, DATA})
            answer = json.loads(out)
            if character is None and escape != r"\u0000":
                expect(f"{escape} as {key}", "error" in answer, True)
            expect(f"{escape} as {key}",
                   key == "recipient" and answer.get("verdict") == "accept",
                   False)
    # In the list of names or groups: an answer that cannot be read.
    for key in ("client_names", "groups"):
        line = json.dumps(dict(OUTSIDE, **{key: ["x@@"]}))
        run(f"a lone surrogate in {key}", "check", POLICY, "--batch",
            stdin=line.replace("@@", r"\ud800").encode(), wanted={DATA})


FACTS = ("client", "listener", "identity", "sender", "recipient",
         "certificate", "client_names", "groups", "id", "oops")


def fact_line(key, octets):
    """One JSON line; controls as escapes, other octets as they are."""
    text = "".join(f"\\u{ord(c):04x}" if c < " " or c in '"\\' else c
                   for c in octets.decode("utf-8", "surrogateescape"))
    known = dict(OUTSIDE, sender="<>", recipient="a@far.example")
    known[key] = ["@@"] if key in ("client_names", "groups") else "@@"
    return json.dumps(known).replace("@@", text).encode(
        "utf-8", "surrogateescape")


def test_octets_in_batches():
    lines = [fact_line(key, octets) for key in FACTS for octets in OCTETS]
    raw = [octets.replace(b"\n", b"") for octets in OCTETS]
    _, out = run("octets in batches", "check", POLICY, "--batch",
                 stdin=b"\n".join(lines + raw) + b"\n", wanted={DATA})
    answers = [json.loads(line) for line in out.splitlines()]
    expect("one answer a line", len(answers), len(lines) + len(raw))
    expect("none accepted", [answer for answer in answers
                             if answer.get("verdict") == "accept"], [])


LOG_FORMS = [b"mayrelay=1 verdict=accept client=10.0.0.1 sender=%s",
             b'mayrelay=1 verdict=accept client=10.0.0.1 sender="%s" id=%s',
             b"mayrelay=1 verdict=accept client=%s %s=%s", b"%smayrelay=1 %s",
             b'{"mayrelay":1,"verdict":"%s","client":"10.0.0.1","id":"%s"}',
             b'%s{"mayrelay":1,"verdict":"accept","identity":"%s"}']


def replay(name, lines):
    """Under a policy that decides none of them as the other does: whatever they
    hold is told in examples."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as other:
        other.write("mayrelay: 1\ndomains: {always-relay: [far.example]}\n"
                    "replies: {bad-recipient: 550 5.1.3 No, relay-denied: 554 "
                    "5.7.1 No, lookup-failed: 450 4.4.3 No}\n")
        other.flush()
        run(name, "replay", POLICY, other.name, stdin=b"\n".join(lines),
            wanted={DATA})
        _, out = run(name, "replay", POLICY, other.name, "--json",
                     stdin=b"\n".join(lines), wanted={DATA})
    found = json.loads(out)
    expect(f"{name}: every line is told", found["transactions"] +
           found["not_understood"], b"\n".join(lines).count(b"\n") + 1)
    expect(f"{name}: something changes", found["changed"] > 0, True)


def test_octets_in_traffic():
    lines = [fact_line(key, octets) for key in FACTS for octets in OCTETS]
    replay("octets in traffic", lines + OCTETS + [
        form % ((octets,) * form.count(b"%s"))
        for form in LOG_FORMS for octets in OCTETS])


def test_octets_in_diffs():
    """What a box says of octets in lists, in some place each."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("old", "new")]
        places = itertools.cycle(PLACES_IN_POLICY.items())
        for (place, form), octets in zip(places, OCTETS):
            text = form % ((octets,) * form.count(b"%s"))
            for path, body in zip(paths, (b"\n", text)):
                pathlib.Path(path).write_bytes(b"mayrelay: 1\n" + body)
            run(f"a diff with {octets[:20]!r} as {place}", "diff", *paths,
                wanted={OK, CONFIG})
            status, out = run(f"a diff with {octets[:20]!r} as {place}",
                              "diff", *paths, "--json", wanted={OK, CONFIG})
            if status == OK:
                json.loads(out)


PLACES_IN_CASES = {
    "key": b'cases: [{"%s": 1, expect: accept}]',
    "plain key": b"%s: 1\n",
    "name": b'cases: [{name: "%s", expect: accept}]',
    "client": b'cases: [{client: "%s", expect: accept}]',
    "fact": b'cases: [{client: 10.0.0.1, sender: "%s", recipient: '
            b'"%s@far.example", identity: "%s", groups: ["%s"], expect: defer}]',
    "expected": b'cases: [{client: 10.0.0.1, expect: {rule: "%s", text: "%s"}}]',
    "verdict": b'cases: [{expect: {verdict: "%s"}}]',
    "alias": b"cases: *%s",
    "tag": b"cases: !%s []",
}


def test_octets_in_cases():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "c\x1bses.yaml")
        for (place, form), octets in meetings(PLACES_IN_CASES.items()):
            text = form % ((octets,) * form.count(b"%s"))
            pathlib.Path(path).write_bytes(text)
            for style in ([], ["--json"]):
                run(f"{octets[:20]!r} as {place} of cases", "test", POLICY,
                    path, *style, wanted={OK, 1, DATA})


def test_long_cases():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.yaml")
        for name, text in LONG_POLICIES.items():
            if name == "nested lists":
                text = "cases: " + "[" * 10000
            pathlib.Path(path).write_text("cases: [{expect: defer}]\n" + text +
                                          "\n")
            run(f"{name} for cases", "test", POLICY, path,
                wanted={OK, DATA})


def test_octets_in_dialogues():
    commands = [b"EHLO %s", b"MAIL FROM:<%s>", b"MAIL FROM:%s",
                b"RCPT TO:<%s>", b"RCPT TO:<%s@far.example>",
                b"AUTH PLAIN %s", b"%s", b"MAIL FROM:<> SIZE=%s"]
    lines = [b"EHLO x"]
    for form in commands:
        for octets in OCTETS:
            lines += [b"RSET", form % octets]
            if form.startswith(b"RCPT"):
                lines.insert(-1, b"MAIL FROM:<a@b.example>")
    for ending in (b"\r\n", b"\n"):
        for style in ([], ["--json"]):
            run("octets in a dialogue", "explain", POLICY, "--smtp",
                "--client", "203.0.113.9", *style,
                stdin=ending.join(lines) + ending,
                wanted={OK, DATA, DEFER, REJECT})


FACT_OPTIONS = ("--client", "--listener", "--identity", "--group",
                "--client-name", "--certificate", "--sender", "--recipient")


def test_octets_as_arguments():
    for option, octets in meetings(FACT_OPTIONS):
        if b"\x00" in octets:
            continue
        facts = {"--client": b"203.0.113.9", "--sender": b"<>",
                 "--recipient": b"a@far.example", "--groups": b"none",
                 "--client-names": b"none"}
        facts.pop("--groups" if option == "--group" else
                  "--client-names" if option == "--client-name" else "", None)
        facts[option] = octets
        words = [word for fact in facts.items() for word in fact]
        for command in (["check", "--json"], ["explain"]):
            run(f"{octets[:20]!r} as {option}", command[0], POLICY,
                *words, *command[1:], wanted={DEFER, REJECT, USAGE})


# -- texts that never end ------------------------------------------------------

MEGABYTE = 1 << 20
DEEP = 100000
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))

LONG_POLICIES = {
    "brackets": "[" * DEEP,
    "closed brackets": "[" * DEEP + "]" * DEEP,
    "braces": "{a: " * DEEP,
    "dashes": "- " * DEEP,
    "questions": "? " * DEEP,
    "indentation": "".join(" " * i + "a:\n" for i in range(2000)),
    "nested lists": "lists: " + "{a: [" * DEEP,
    "just too deep": "relay: " + "[" * 32 + "]" * 32,
    "laughs": LAUGHS,
    "laughs in a list": "lists:\n" + "".join(
        "  " + line + "\n" for line in LAUGHS.splitlines()),
    "an alias of itself": "lists: &a {x: [*a]}",
    "anchors": "lists:\n" + "".join(
        f"  l{i}: &a{i} [x.example]\n" for i in range(5000)),
    "a plain line": "lists: {x: [" + "a" * MEGABYTE + "]}",
    "a quoted line": 'lists: {x: ["' + "a" * MEGABYTE + '"]}',
    "an unclosed quote": 'lists: {x: ["' + "a\n" * MEGABYTE,
    "a key": "a" * MEGABYTE + ": x",
    "a comment": "# " + "a" * MEGABYTE,
    "a block": "lists: |\n" + "  a\n" * MEGABYTE,
    "a pattern": "relay: {allow: [{senders: ['/" + "(a*)*" * 20000 + "/']}]}",
    "nested groups": "relay: {allow: [{senders: ['/" + "(" * 5000 +
                     ")" * 5000 + "/']}]}",
    "one line of entries": "lists: {x: [" + "a.example, " * 100000 + "]}",
    "blanks": " " * MEGABYTE,
    "line ends": "\n" * MEGABYTE,
    "errors": "lists: {x: [" + "'@@', " * 50000 + "]}",
    "unknown keys": "".join(f"k{i}: 1\n" for i in range(50000)),
    "lists of lists": "lists:\n  l0: [a.example]\n" + "".join(
        f"  l{i}: [$l{i - 1}, $l{i - 1}]\n" for i in range(1, 2000)) +
        "relay: {allow: [{clients: [$l1999]}]}",
}
LOADS = {"a comment"}


def test_long_policies():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "policy.yaml")
        for name, text in LONG_POLICIES.items():
            pathlib.Path(path).write_text("mayrelay: 1\n" + text + "\n")
            lint(name, path, {OK} if name in LOADS else {OK, CONFIG})


def test_long_lists():
    contents = {
        "a line": b"a" * MEGABYTE,
        "a line of blanks": b" " * MEGABYTE + b"a.example",
        "a line of hashes": b"#" * MEGABYTE,
        "a comment behind": b"a.example " + b"# x" * (MEGABYTE // 3),
        "words": b"a " * (MEGABYTE // 2),
        "NULs": b"\0" * MEGABYTE,
        "line ends": b"\r\n" * MEGABYTE,
        "dots": b"." * MEGABYTE,
    }
    with tempfile.TemporaryDirectory() as folder:
        policy = os.path.join(folder, "policy.yaml")
        for use, form in USES_OF_FILES.items():
            pathlib.Path(policy).write_text(
                "mayrelay: 1\n" + form.format("file:list.txt") + "\n")
            for name, content in contents.items():
                pathlib.Path(folder, "list.txt").write_bytes(content)
                run(f"{name} in {use}", "lint", policy, wanted={OK, CONFIG})


def test_long_lines():
    known = dict(OUTSIDE, id="x", sender="<>", recipient="a@far.example")
    lines = []
    for key in FACTS:
        many = "a" * MEGABYTE
        listed = key in ("client_names", "groups")
        lines.append(json.dumps(dict(known, **{key: [many] if listed
                                               else many})))
    lines.append(json.dumps(dict(known, groups=["g"] * 100000)))
    lines.append(json.dumps(dict(known, client_names=["h.example"] * 100000)))
    lines += ["[" * DEEP, '{"id":' * DEEP, "9" * MEGABYTE, '"' * 1001,
              " " * MEGABYTE, json.dumps(known)]
    _, out = run("long lines", "check", POLICY, "--batch",
                 stdin="\n".join(lines).encode(), wanted={DATA})
    answers = [json.loads(line) for line in out.splitlines()]
    expect("one answer a long line", len(answers), len(lines))
    expect("the last is as ever", answers[-1].get("code"), 550)
    expect("none accepted", [answer["id"] for answer in answers
                             if answer.get("verdict") == "accept"], [])
    replay("long traffic", [line.encode() for line in lines] + [
        b"mayrelay=1 verdict=accept client=10.0.0.1 sender=" +
        b"a" * MEGABYTE, b"mayrelay=1" + b" a=b" * 100000,
        b"mayrelay=1 groups=a" + b" groups=a" * 100000, b"mayrelay=1 " * DEEP])
    run("a long dialogue", "explain", POLICY, "--smtp", "--client",
        "203.0.113.9", stdin=b"EHLO " + b"a" * MEGABYTE + b"\nMAIL FROM:<" +
        b"a" * MEGABYTE + b">\nRCPT TO:<" + b"b" * MEGABYTE + b">\n" +
        b"x" * MEGABYTE, wanted={OK, DATA, DEFER, REJECT})


def main():
    global every
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: hostile.py MAYRELAY [EVERY]")
    support.binary = os.path.abspath(sys.argv[1])
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
