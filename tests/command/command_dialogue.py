"""explain --smtp.

A transcript (*.smtp) holds both sides of a dialogue; "    ..." stands for an
explanation, whose words are the library's and tested there.
"""

import json

from support import HERE, OK, OUTSIDE, POLICY, expect, expect_in, run


def without_explanations(lines):
    """Each run of indented lines as one "    ..."."""
    kept = []
    for line in lines:
        if not line.startswith("    "):
            kept.append(line)
        elif not kept or kept[-1] != "    ...":
            kept.append("    ...")
    return kept


def test_transcripts():
    for path in sorted(HERE.glob("*.smtp")):
        first, _, *wanted = path.read_text().splitlines()
        options = first.removeprefix("options: ").split()
        client = [line[3:] for line in wanted if line.startswith("C: ")]
        for end in ("\n", "\r\n"):
            stdin = "".join(line + end for line in client)
            status, out, err = run("explain", POLICY, "--smtp", *options,
                                   stdin=stdin)
            expect(path.name, without_explanations(out.splitlines()), wanted)
            expect(f"{path.name} status", (status, err), (OK, ""))


def replies(stdin, *options):
    _, out, _ = run("explain", POLICY, "--smtp", *OUTSIDE, *options,
                    stdin=stdin)
    return [line[3:] for line in out.splitlines() if line.startswith("S: ")]


def test_dialogue_edges():
    long = b"NOOP " + b"x" * 5000 + b"\n"
    expect("long line", replies(long)[1:], ["500 5.5.2 Line too long"])
    expect("longest line", replies(long[:4096] + b"\n")[1:],
           ["250 2.0.0 OK"])
    _, out, _ = run("explain", POLICY, "--smtp", *OUTSIDE,
                    stdin=b"X\x1b[31m\x00\xff\t\n")
    expect_in("echo", "C: X?[31m???\n", out)
    expect("blank line", replies(b"\n")[1:],
           ["500 5.5.1 Command unrecognized"])
    hello = b"EHLO x\nMAIL FROM:<a@b.example>\n"
    for path, reply in ((b"<j\x00@ours.example>", "501"),
                        (b"<j@ours.example", "501"),
                        (b"<\"j@ours.example>", "501"),
                        (b"<j@ours.example>,<c@d.example>", "501"),
                        (b"<@a.example:j@ours.example>", "250"),
                        (b"<Postmaster>", "250")):
        got = replies(hello + b"RCPT TO:" + path + b"\n")[-1]
        expect(f"path {path}", got[:3], reply)
    message = b"RCPT TO:<j@ours.example>\nDATA\n..\nQUIT\n. \n.\nNOOP\n"
    expect("message", replies(hello + message)[-3:],
           ["354 Send the message, and a dot alone",
            "250 2.0.0 The message would be taken", "250 2.0.0 OK"])
    expect("bad identity", replies(b"EHLO x\nAUTH LOGIN a\x00b\n")[-1][:3],
           "535")


def test_dialogue_json():
    status, out, _ = run("explain", POLICY, "--smtp", "--json", *OUTSIDE,
                         stdin="EHLO x\nMAIL FROM:<>\nQUIT\n")
    steps = [json.loads(line) for line in out.splitlines()]
    expect("json status", status, OK)
    expect("json keys", {tuple(step) for step in steps},
           {("client", "server", "explanation")})
    expect("json client", [step["client"] for step in steps],
           [None, "EHLO x", "MAIL FROM:<>", "QUIT"])
    expect("json server", [steps[0]["server"], steps[1]["server"][-1],
                           steps[3]["server"]],
           [["220 mayrelay"], "250 ENHANCEDSTATUSCODES", ["221 2.0.0 Bye"]])
    expect("json explanation", [type(step["explanation"]) for step in steps],
           [dict, type(None), dict, type(None)])
