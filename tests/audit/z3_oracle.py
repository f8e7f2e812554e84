#!/usr/bin/python3
"""The audit against a solver: random policies, encoded from the text of the
policy's language (z3_encode.py), and the same questions asked of both.

    z3_oracle.py Z3_POLICIES LIBMAYRELAY.SO [--policies COUNT] [--seed SEED]

Every transaction that the solver finds is said to the library, which must
accept it.
"""
import argparse
import collections
import ctypes
import json
import pathlib
import re
import subprocess
import sys

import z3

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import z3_encode
from z3_encode import Encoding, World, all_of, none_of

SOURCES = ("stranger", "account", "dns", "host")
OPEN, CONDITIONAL, CLOSED = "OPEN", "CONDITIONAL", "CLOSED"
KNOWN, CLIENT_NAME, GROUPS = 0, 1, 2
RELAY_ALLOWED = 5


# -- questions ----------------------------------------------------------------

class Means:
    """What may occur in a transaction, as the audit's sources have it."""

    def __init__(self, identities="none", certificates=False, names=False,
                 groups=False):
        self.identities, self.certificates = identities, certificates
        self.names, self.groups = names, groups

    def formula(self, world, nobodies):
        allowed = {"none": {""},
                   "fresh": {"", z3_encode.FRESH_IDENTITY},
                   "all": set(world.identity.values) - nobodies}
        parts = [world.identity.is_in(allowed[self.identities])]
        if not self.certificates:
            parts.append(world.certificate.is_in(
                {z3_encode.NO_CERTIFICATE, z3_encode.OTHER_CERTIFICATE}))
        if not self.names:
            parts += [z3.Not(name) for name in world.has_name.values()]
            parts += [z3.Not(match) for (what, _), match in
                      world.matches.items() if what == "client"]
        if not self.groups:
            parts += [z3.Not(group) for group in world.has_group.values()]
        else:
            parts.append(none_of(world.identity.is_in({""})))
        return parts


# By source: means and the verdict if they suffice, tried in order.
TIERS = {
    "stranger": [(Means(), OPEN)],
    "account": [(Means("fresh"), OPEN),
                (Means("all", certificates=True), CONDITIONAL),
                (Means("all", certificates=True, groups=True), CONDITIONAL)],
    "dns": [(Means(), OPEN), (Means(names=True), CONDITIONAL)],
    "host": [(Means("all"), CLOSED),
             (Means("all", groups=True), CONDITIONAL)],
}


class Oracle:
    def __init__(self, policies):
        self.policies = policies
        self.world = World([one["policy"] for one in policies])
        self.encodings = [Encoding(self.world, one["policy"])
                          for one in policies]
        self.formulas = [encoding.relays() for encoding in self.encodings]
        self.strangers = [self.stranger(one["trusted"]) for one in policies]
        self.public = self.world.listener.is_in({
            (address, port) for address, port in self.world.listener.values
            if not z3_encode.is_internal(address)})
        self.solver = z3.SolverFor("QF_FD")
        self.solver.add(*self.world.facts)
        self.models = []

    def stranger(self, trusted):
        return all_of([none_of(self.world.in_range(text))
                       for text in [trusted, *z3_encode.INTERNAL]])

    def all_answers(self):
        return [self.ask(number) for number in range(len(self.policies))]

    def ask(self, number):
        """{source: the verdicts that are right}"""
        formula = self.formulas[number]
        if formula is False:
            return {source: {CLOSED} for source in SOURCES}
        encoding = self.encodings[number]
        nobodies = encoding.nobodies()
        self.solver.push()
        self.solver.add(formula, self.strangers[number])
        answers, asked = {}, {}
        for source, tiers in TIERS.items():
            answers[source] = {CLOSED}
            for means, verdict in tiers:
                if means not in asked:
                    asked[means] = self.reached(
                        number, means.formula(self.world, nobodies))
                found = asked[means]
                if found:
                    answers[source] = {verdict}
                    if verdict != CLOSED and found != "public":
                        answers[source] = {CONDITIONAL}
                    elif encoding.patterns and verdict == OPEN:
                        answers[source] = {OPEN, CONDITIONAL}
                    break
        self.solver.pop()
        return answers

    def reached(self, number, means):
        """"public" at a public listener, "internal" at others, or None."""
        for where, place in (("public", self.public), ("internal", True)):
            parts = [part for part in [*means, place] if part is not True]
            if False in [part for part in parts if part is False]:
                continue
            if self.solver.check(*parts) == z3.sat:
                self.models.append((number, self.transaction(number)))
                return where
        return None

    # -- models --

    def transaction(self, number):
        """A model as what a client says; None if its patterns do not match
        what they should."""
        world, model = self.world, self.solver.model()
        holds = lambda formula: z3.is_true(model.eval(formula, True))
        address = model.eval(world.client, True).as_long()
        client = (z3_encode.ipaddress.IPv4Address(address & 0xffffffff)
                  if address >> 32 == 0xffff else
                  z3_encode.ipaddress.IPv6Address(address))
        ip, port = world.listener.of(model)
        form = world.form.of(model)
        local = world.sender_local.of(model)
        sender = {"plain": f"{local}@{world.sender_domain.of(model)}",
                  "own": f"{local}@{literal(ip)}", "null": ""}[form]
        recipient = (f"{world.recipient_local.of(model)}@"
                     f"{world.recipient_domain.of(model)}")
        routing = holds(world.routing)
        names = [name for name, has in world.has_name.items() if holds(has)]
        identity = world.identity.of(model)
        certificate = world.certificate.of(model)
        said = {"client": names, "user": [identity] if identity else [],
                "sender": [sender] if sender else [],
                "recipient": [] if routing else [recipient]}
        symbolic = any(
            any(expression(entry).fullmatch(text) for text in said[what])
            != holds(match) for (what, entry), match in
            self.encodings[number].patterns.items()
            if what == "client" or said[what])
        return {"client": str(client), "listener": endpoint(ip, port),
                "names": names, "tls": holds(world.tls),
                "certificate": certificate, "identity": identity,
                "groups": [name for name, has in world.has_group.items()
                           if holds(has)],
                "sender": sender, "symbolic": symbolic,
                "recipient": "a%b@far.example" if routing else recipient}


def expression(pattern):
    """Without the nested repetition that policies have to be slow: it means the
    same, and Python has no limit for it."""
    return re.compile(pattern[1:-1].replace("(a+)+", "a+"), re.I)


def literal(ip):
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


def endpoint(ip, port):
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


# -- the library, for what the solver found -----------------------------------

class Library:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        for name in ("policy_parse", "session_new", "session_get_decision"):
            getattr(self.lib, f"mayrelay_{name}").restype = ctypes.c_void_p

    def call(self, name, *values):
        return getattr(self.lib, f"mayrelay_{name}")(*(
            ctypes.c_void_p(value) if isinstance(value, int) and
            value > 1 << 16 else
            ctypes.c_char_p(value.encode()) if isinstance(value, str) else value
            for value in values))

    def load(self, policy):
        text = json.dumps(policy, ensure_ascii=False).encode()
        return self.lib.mayrelay_policy_parse(
            ctypes.c_char_p(text), ctypes.c_size_t(len(text)), b"z3.yaml", None)

    def relays(self, policy, said):
        """The transaction is accepted, and not by always-relay."""
        size = lambda text: ctypes.c_size_t(len(text.encode()))
        session = self.call("session_new", policy)
        self.call("session_rewrites", session, True)
        self.call("session_connect", session, said["client"], said["listener"])
        for name in said["names"]:
            self.call("session_add_client_name", session, name, size(name))
        self.call("session_answer", session, CLIENT_NAME, KNOWN)
        if said["tls"]:
            certificate = said["certificate"] or None
            self.call("session_tls", session, certificate,
                      size(certificate or ""))
        if said["identity"]:
            self.call("session_auth", session, said["identity"],
                      size(said["identity"]))
        for group in said["groups"]:
            self.call("session_add_group", session, group, size(group))
        self.call("session_answer", session, GROUPS, KNOWN)
        for word, text in (("mail", said["sender"]), ("rcpt", said["recipient"])):
            self.call(f"session_{word}", session, text, size(text))
        decision = self.call("session_get_decision", session)
        reason = self.call("decision_get_reason", decision)
        self.call("session_free", session)
        return reason == RELAY_ALLOWED


def replay(oracle, library):
    """(accepted, left out as patterns have a say, refused)"""
    counts, loaded = collections.Counter(), (None, None)
    for number, said in oracle.models:
        if said["symbolic"]:
            counts["symbolic"] += 1
            continue
        if loaded[0] != number:
            if loaded[1]:
                library.call("policy_unref", loaded[1])
            loaded = number, library.load(oracle.policies[number]["policy"])
        accepted = library.relays(loaded[1], said)
        counts["accepted" if accepted else "refused"] += 1
        if not accepted:
            print(json.dumps(oracle.policies[number]["policy"], indent=1))
            print(f"the solver's transaction is refused (policy {number}): "
                  f"{said}")
    return counts


# -- the whole ----------------------------------------------------------------

def read(text):
    """What z3_policies prints."""
    return json.loads(text)


def audited(program, count, seed):
    return read(subprocess.run([program, str(count), str(seed)], check=True,
                               stdout=subprocess.PIPE).stdout)


def mismatches(answers, policies):
    """(policy, source, what the audit says, what is right)"""
    return [(number, source, one["verdicts"][source], right)
            for number, (one, answer) in enumerate(zip(policies, answers))
            for source, right in answer.items()
            if one["verdicts"][source] not in right]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("library")
    parser.add_argument("--policies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    policies = audited(options.program, options.policies, options.seed)
    oracle = Oracle(policies)
    answers = oracle.all_answers()
    wrong = mismatches(answers, policies)
    for number, source, said, right in wrong[:3]:
        print(json.dumps(policies[number], indent=1))
        print(f"policy {number}, {source}: the audit says {said}, the solver "
              f"{' or '.join(sorted(right))}")
    replayed = replay(oracle, Library(options.library))
    passed = sum(map(len, answers)) - len(wrong) + replayed["accepted"]
    failed = len(wrong) + replayed["refused"]
    for source in SOURCES:
        shares = collections.Counter(one["verdicts"][source]
                                     for one in policies)
        print(f"{source}: " + ", ".join(f"{shares[verdict]} {verdict}" for
                                        verdict in (OPEN, CONDITIONAL, CLOSED)))
        if source == "host":
            continue # groups are almost never all that an account lacks
        for verdict in (OPEN, CONDITIONAL, CLOSED):
            if shares[verdict] < len(policies) / 20:
                print(f"too few are {verdict} for {source}")
                failed += 1
    print(f"{len(policies)} policies; transactions of the solver: "
          f"{replayed['accepted']} accepted, {replayed['symbolic']} with "
          f"patterns, {replayed['refused']} refused")
    if len(policies) < options.policies or not replayed["accepted"]:
        print("too few policies, or transactions")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
