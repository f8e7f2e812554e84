"""Dialogues as rows: at every `decide`, all facts that hold then.

Which call clears what is in mayrelay/session.h, and told here once more.
"""
import json
import re

ESCAPED = re.compile(rb"%(..)")
CLEARED = {"connect": ["listener", "names", "tls", "certificate", "identity",
                       "groups", "sender", "recipient", "mailbox"],
           "tls": ["identity", "groups", "sender", "recipient", "mailbox"],
           "auth": ["groups", "sender", "recipient", "mailbox"],
           "mail": ["recipient", "mailbox"],
           "rcpt": ["mailbox"],
           "reset": ["sender", "recipient", "mailbox"]}
SAYS = {"connect": ["client", "listener"], "tls": ["certificate"],
        "auth": ["identity"], "mail": ["sender"], "rcpt": ["recipient"]}
EXISTS = {b"yes": 1, b"no": 0, b"failed": "tempfail"}


def decoded(word):
    if word == b"-":
        return None
    return ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), word)


def looked_up(known, *texts):
    """A list that JSON and SQL can carry: texts with a NUL or an odd octet
    inside are not among those that are generated."""
    if known == b"failed":
        return "tempfail"
    return json.dumps([text.decode() for text in texts])


class Facts(dict):
    def obey(self, call, words):
        for name in CLEARED.get(call, ()):
            self[name] = None
        self.update(zip(SAYS.get(call, ()), words))
        if call == "policy":
            self.clear()
            self["policy"] = words[0]
        elif call in ("names", "groups"):
            self[call] = looked_up(*words)
        elif call == "tls":
            self["tls"] = 1
        elif call == "exists":
            self["mailbox"] = EXISTS[words[0]]


def rows(dialogue):
    """(facts, 'text' or 'json'), or (facts, None) for a `check`."""
    facts = Facts()
    for line in dialogue:
        call, *words = line.rstrip(b"\n").split(b"\t")
        words = [decoded(word) for word in words]
        if call == b"decide":
            yield dict(facts), words[0].decode()
        elif call == b"check":
            checked = zip(("client", "identity", "sender", "recipient"), words)
            yield {"policy": facts["policy"], **dict(checked)}, None
        else:
            facts.obey(call.decode(), words)
