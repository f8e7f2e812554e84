"""What the Python package says to a dialogue; see ../README.md."""
import re
import sys

import mayrelay

ESCAPED = re.compile(rb"%(..)")
TO_ESCAPE = re.compile("[\x00-\x1f\x7f%]")
FACTS = {"client-name": 1, "groups": 2, "recipient": 4}


def decoded(word):
    if word == b"-":
        return None
    return ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), word)


def escaped(value):
    if value is None:
        return "-"
    if value == "-":
        return "%2D"
    return TO_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", value)


class Replay:
    def __init__(self, out):
        self.out = out

    def policy(self, path):
        self.loaded = mayrelay.load(path)
        self.session = self.loaded.session(rewrites=True)
        self.coverage = mayrelay.Coverage(self.loaded)

    def connect(self, client, listener):
        self.session.connect(client, listener)

    def names(self, known, *names):
        self.session.client_names(names if known == b"known"
                                  else mayrelay.FAILED)

    def groups(self, known, *groups):
        self.session.groups(groups if known == b"known" else mayrelay.FAILED)

    def tls(self, certificate):
        self.session.tls(certificate)

    def auth(self, identity):
        self.session.auth(identity)

    def mail(self, sender):
        self.session.mail(sender)

    def rcpt(self, recipient):
        self.session.rcpt(recipient)

    def exists(self, what):
        self.session.recipient_exists(
            mayrelay.FAILED if what == b"failed" else what == b"yes")

    def resume(self):
        self.session.resume()

    def reset(self):
        self.session.reset()

    def decide(self, format):
        it = self.session.decision
        needs = sum(FACTS[fact] for fact in it.needs)
        names = (it.verdict, it.enhanced, it.text, it.reply, it.reason,
                 it.kind, it.rule, it.file, it.connector, it.recipient,
                 it.explain(format.decode()))
        self.out.write("\t".join((str(it.code), str(it.line), str(needs),
                                  str(int(it.is_relay)),
                                  *map(escaped, names))) + "\n")

    def check(self, client, identity, sender, recipient):
        it = self.loaded.check(client=client, identity=identity, sender=sender,
                               recipient=recipient)
        self.print(str(it.code), it.reply)

    # -- what else can be asked --

    def print(self, *texts):
        self.out.write("\t".join(map(escaped, texts)) + "\n")

    def scope(self, format):
        it = self.session.decision
        self.print(f"{it.fingerprint():016x}", it.scope(format.decode()))

    def log(self, format, time, id):
        self.print(self.session.to_log(format.decode(), time=time, id=id))

    def audit(self):
        audit = self.loaded.audit()
        self.print(audit.disagreement, audit.to_html())

    def diff(self, path):
        diff = self.loaded.diff(mayrelay.load(path))
        count = 2**64 - 1 if diff.count is None else diff.count
        self.print(diff.verdict, diff.bug, str(count))
        for it in diff.changes:
            self.print(it.effect, it.witness)
        self.print(diff.to_text(50))
        self.print(diff.to_json(50))

    def advise(self, path):
        advice = self.session.advise(path)
        self.print(advice.note)
        for it in advice.edits:
            self.print(it.text, it.file, it.patch, it.rule, it.radius,
                       it.warning, str(it.line))
        self.print(str(advice))
        self.print(advice.json)

    def cases(self, limit):
        cases = self.loaded.cases(int(limit))
        self.print(cases.extent, str(2**64 - 1 if cases.combinations is None
                                     else cases.combinations),
                   str(cases.left_out))
        for case in cases:
            self.print(case.facts, case.decision)

    def cover(self):
        self.coverage.add(self.session)

    def covered(self):
        for it in self.coverage.lists():
            missed = [str(word) for place in it.missed
                      for word in (place.file, place.line)]
            self.print(it.name, it.place.file, str(it.place.line),
                       str(it.entries), str(it.matched), *missed)


def main():
    out = open(1, "w", encoding="utf-8", buffering=1 << 16)
    replay = Replay(out)
    for line in sys.stdin.buffer:
        call, *words = line[:-1].split(b"\t")
        try:
            getattr(replay, call.decode())(*map(decoded, words))
        except (mayrelay.TextError, mayrelay.StageError, TypeError):
            pass  # the session is poisoned, and its decisions say so
    out.close()


main()
