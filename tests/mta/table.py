"""The transactions of transactions.txt, sent to an MTA.

What each line means is said there.
"""
import pathlib
import re

import smtp

TABLE = pathlib.Path(__file__).with_name("transactions.txt")
STAGES = ["connect", "mail", "rcpt"]
REPLY = re.compile(r"(\d{3}) (\d\.\d{1,3}\.\d{1,3}) ?(.*)")
PASSWORD = "secret"  # everybody's
USERS = [name + "@corp.example"
         for name in ("alice", "bob", "carol", "dave", "erin")]


class Wanted:
    def __init__(self, stage, reply):
        if stage not in STAGES:
            raise ValueError(f"{TABLE}: no stage: {stage}")
        self.stage = stage
        code, self.enhanced, self.text = REPLY.fullmatch(reply).groups()
        self.code = int(code)

    def stage_at(self, mta):
        """The first of the stages from here on where this MTA's adapter
        judges."""
        return next(stage for stage in STAGES[STAGES.index(self.stage):]
                    if stage in mta.stages)

    def compare(self, mta, stage, reply):
        """What is not as wanted: an empty list, hopefully."""
        if self.code == 250 == reply.code:
            if not mta.says_enhanced_of_accept:
                return []
            return [] if reply.enhanced == self.enhanced else [str(reply)]
        good = (stage == self.stage_at(mta) and reply.code == self.code
                and reply.enhanced == self.enhanced and self.text in reply.text)
        return [] if good else [f"at {stage}: {reply}"]

    def __str__(self):
        return f"{self.stage} {self.code} {self.enhanced} {self.text}"


class Transaction:
    def __init__(self, line):
        self.client, user, sender, self.recipient, stage, reply = \
            line.split(None, 5)
        self.user = None if user == "-" else user
        self.sender = "" if sender == "<>" else sender
        self.wanted = Wanted(stage, reply)
        self.exceptions = {}

    def add_exception(self, line):
        exception, _, why = line.partition("#")
        if not why.strip():
            raise ValueError(f"{TABLE}: an exception without a reason: {line}")
        mta, stage, reply = exception[1:].strip().split(None, 2)
        self.exceptions[mta] = Wanted(stage, reply)

    def wanted_of(self, mta):
        return self.exceptions.get(mta.name, self.wanted)

    def __str__(self):
        user = f" as {self.user}" if self.user else ""
        return f"{self.client}{user}: <{self.sender}> to <{self.recipient}>"


def read():
    transactions = []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("|"):
            transactions[-1].add_exception(line)
        elif line.strip() and not line.startswith("#"):
            transactions.append(Transaction(line))
    return transactions


def attempt(mta, client, sender, recipient, user=None):
    """The stage and the reply of the first refusal, or of the accepted RCPT."""
    with smtp.Client(mta.port, client) as session:
        if session.greeting.code != 220:
            return "connect", session.greeting
        hello = session.hello()
        if hello.code != 250:
            return "connect", hello
        if user:
            signed_in = session.sign_in(user, PASSWORD)
            if signed_in.code != 235:
                return "auth", signed_in
        mail = session.ask(f"MAIL FROM:<{sender}>")
        if mail.code != 250:
            return "mail", mail
        return "rcpt", session.ask(f"RCPT TO:<{recipient}>")


def check(checks, mta):
    """Every transaction, with or without AUTH as far as the MTA has it."""
    for transaction in read():
        if transaction.user and not mta.has_auth:
            continue
        wanted = transaction.wanted_of(mta)
        stage, reply = attempt(mta, transaction.client, transaction.sender,
                               transaction.recipient, transaction.user)
        checks.expect(f"{mta.name}: {transaction}, wanted {wanted}",
                      wanted.compare(mta, stage, reply), [])
