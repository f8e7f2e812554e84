#!/usr/bin/env python3
"""The mask algebra of lib/decide/evaluate.c, proven by z3 for any 64 rules.

The formulas are C's own, as they stand in block_membership, block_condition
and evaluate_right; masks_exhaustive.c shows that the code computes them.
Prints a line per theorem, and ends with `N passed, N failed`.
"""

import sys

import z3

WIDTH = 64
ALL = z3.BitVecVal(-1, WIDTH)
NONE = z3.BitVecVal(0, WIDTH)


def mask(name):
    return z3.BitVec(name, WIDTH)


def within(a, b):
    """Every rule of a is one of b."""
    return a & ~b == 0


class Masks:
    """struct image_condition: what the lists of 64 rules can say."""

    def __init__(self, name):
        for part in ("given", "all", "open_inc", "open_exc", "pattern_inc",
                     "pattern_exc"):
            setattr(self, part, mask(f"{name}.{part}"))


class Known:
    """What is known of the value: the masks of its classes, and whether a
    part of it is unknown (open) or still to be matched (patterns)."""

    def __init__(self, name, inc=None, exc=None):
        self.inc = mask(f"{name}.inc") if inc is None else inc
        self.exc = mask(f"{name}.exc") if exc is None else exc
        self.open = z3.Bool(f"{name}.open")
        self.patterns = z3.Bool(f"{name}.patterns")


def when(condition, bits):
    return z3.If(condition, bits, NONE)


def membership(masks, known):
    """block_membership: (must, may)"""
    inc = masks.all | known.inc
    exc = known.exc
    unknown_inc = (when(known.open, masks.open_inc) |
                   when(known.patterns, masks.pattern_inc))
    unknown_exc = (when(known.open, masks.open_exc) |
                   when(known.patterns, masks.pattern_exc))
    return inc & ~(exc | unknown_exc), (inc | unknown_inc) & ~exc


def condition(masks, known, mode, deny):
    """block_condition: (must, may); deny: the slots of deny rules"""
    must, may = membership(masks, known)
    must, may = {
        "lists": (must, may),
        "nobody": (NONE, NONE),
        "routing": (deny, deny),
        "later": (must & deny, may | deny),
    }[mode]
    return must | ~masks.given, may | ~masks.given


ACCEPT, REFUSE, UNDECIDED = range(3)


def outcome(must, may, deny, has_allow_rules=True):
    """evaluate_right on one block: deny rules, and allow rules beside them."""
    granted = (must & ~deny) != 0 if has_allow_rules else z3.BoolVal(True)
    possible = (may & ~deny) != 0 if has_allow_rules else z3.BoolVal(True)
    return z3.If((must & deny) != 0, REFUSE,
                 z3.If(z3.Not(possible), REFUSE,
                       z3.If(z3.Or(z3.Not(granted), (may & deny) != 0),
                             UNDECIDED, ACCEPT)))


def refines(masks, before, after):
    """`after` is `before` with some of the unknown found out: it adds what
    the lists' open entries or patterns can say, and nothing else."""
    source_inc = (when(before.open, masks.open_inc) |
                  when(before.patterns, masks.pattern_inc))
    source_exc = (when(before.open, masks.open_exc) |
                  when(before.patterns, masks.pattern_exc))
    return z3.And(
        within(before.inc, after.inc), within(before.exc, after.exc),
        within(after.inc & ~before.inc, source_inc),
        within(after.exc & ~before.exc, source_exc),
        z3.Implies(after.open, before.open),
        z3.Implies(after.patterns, before.patterns))


# In Kleene's logic NO < UNKNOWN < YES; a rule's bit of must and of may make
# the truth: 11 yes, 01 unknown, 00 no.
def kleene_membership(masks, known):
    """Rule by rule: AND(included, NOT excluded), each a maximum of truths."""
    def side(sure, open_part, pattern_part):
        unknown = (when(known.open, open_part) |
                   when(known.patterns, pattern_part))
        return sure, sure | unknown  # the maximum: YES if sure, else UNKNOWN
    inc_must, inc_may = side(masks.all | known.inc, masks.open_inc,
                             masks.pattern_inc)
    exc_must, exc_may = side(known.exc, masks.open_exc, masks.pattern_exc)
    return inc_must & ~exc_may, inc_may & ~exc_must


MODES = ("lists", "nobody", "routing", "later")


def theorems():
    masks, deny = Masks("m"), mask("deny")
    before, after = Known("before"), Known("after")
    refined = refines(masks, before, after)
    for mode in MODES:
        must, may = condition(masks, before, mode, deny)
        yield f"{mode}: what must hold may hold", True, within(must, may)
    yield "lists: rule by rule, Kleene's AND and NOT", True, z3.And(
        *(a == b for a, b in zip(membership(masks, before),
                                 kleene_membership(masks, before))))
    for mode in MODES:
        must, may = condition(masks, before, mode, deny)
        must2, may2 = condition(masks, after, mode, deny)
        yield (f"{mode}: finding out adds to must and takes from may", refined,
               z3.And(within(must, must2), within(may2, may)))
    # A recipient that is named at last: its lists, or routing.
    must, may = condition(masks, before, "later", deny)
    named = z3.And(refines(masks, before, after), before.open)
    for mode in ("lists", "routing"):
        must2, may2 = condition(masks, after, mode, deny)
        yield (f"later, then {mode}: the same", named,
               z3.And(within(must, must2), within(may2, may)))
    yield from rule_theorems(deny)
    yield from outcome_theorems(deny)


def rule_theorems(deny):
    """Four conditions and the plain ones, as judge_block combines them."""
    parts = [(Masks(f"m{i}"), Known(f"b{i}"), Known(f"a{i}"))
             for i in range(4)]
    plain = mask("plain")

    def whole(which):
        must = may = plain
        for part in parts:
            one = condition(part[0], part[which], "lists", deny)
            must, may = must & one[0], may & one[1]
        return must, may

    known = z3.And(*(refines(*part) for part in parts))
    (must, may), (must2, may2) = whole(1), whole(2)
    yield "a rule: what must hold may hold", True, within(must, may)
    yield ("a rule: finding out adds to must and takes from may", known,
           z3.And(within(must, must2), within(may2, may)))


def outcome_theorems(deny):
    must, may, must2, may2 = (mask(n) for n in ("p", "q", "p2", "q2"))
    sound = z3.And(within(must, may), within(must2, may2))
    step = z3.And(sound, within(must, must2), within(may2, may))
    for rules in (True, False):
        kind = "with allow rules" if rules else "without"
        one = outcome(must, may, deny, rules)
        two = outcome(must2, may2, deny, rules)
        yield (f"{kind}: an accept stays one", z3.And(step, one == ACCEPT),
               two == ACCEPT)
        yield (f"{kind}: a refusal stays one", z3.And(step, one == REFUSE),
               two == REFUSE)
        yield (f"{kind}: no accept while a deny may hold",
               z3.And(sound, (may & deny) != 0), one != ACCEPT)
        yield (f"{kind}: nothing unknown, nothing undecided",
               z3.And(sound, must == may), one != UNDECIDED)
    yield ("no accept without an allow rule that must hold",
           z3.And(sound, must & ~deny == 0), outcome(must, may, deny) != ACCEPT)


def exception(assumed, claim):
    """z3.unsat: none, so it is proven; z3.sat: there is one."""
    solver = z3.Solver()
    solver.set("timeout", 60_000)
    solver.add(assumed, z3.Not(claim))
    return solver.check()


def holds(assumed, claim):
    return exception(assumed, claim) == z3.unsat


# -- the prover can say no: each of these must lose a theorem ---------------

def forgets_open_exclusions(masks, known):
    must, may = membership(masks, known)
    return must | (masks.all | known.inc) & ~known.exc & masks.open_exc, may


def forgets_patterns(masks, known):
    must, may = membership(masks, known)
    return must, may & ~(masks.pattern_inc & ~masks.all & ~known.inc)


def excludes_too_early(masks, known):
    must, may = membership(masks, known)
    return must, may & ~when(known.open, masks.open_exc)


def forgets_routing(masks, known, mode, deny):
    return condition(masks, known, "lists" if mode == "later" else mode, deny)


def spares_routing(masks, known, mode, deny):
    return condition(masks, known, "nobody" if mode == "routing" else mode,
                     deny)


def forgets_undecided_denies(must, may, deny, has_allow_rules=True):
    return outcome(must, may & ~deny, deny, has_allow_rules)


def refuses_what_may_be_denied(must, may, deny, has_allow_rules=True):
    return outcome(must | may & deny, may, deny, has_allow_rules)


def grants_what_may_be_allowed(must, may, deny, has_allow_rules=True):
    return outcome(must | may & ~deny, may, deny, has_allow_rules)


WRONG = {
    "membership": (forgets_open_exclusions, forgets_patterns,
                   excludes_too_early),
    "condition": (forgets_routing, spares_routing),
    "outcome": (forgets_undecided_denies, refuses_what_may_be_denied,
                grants_what_may_be_allowed),
}


def is_found_out(name, wrong):
    """Some theorem does not hold of the algebra with this one wrong."""
    right = globals()[name]

    def inside(*arguments):
        globals()[name] = right  # as the wrong one is made of the right one
        result = wrong(*arguments)
        globals()[name] = inside
        return result

    globals()[name] = inside
    try:
        return any(exception(assumed, claim) == z3.sat
                   for _, assumed, claim in theorems())
    finally:
        globals()[name] = right


def main():
    passed = failed = 0
    results = [(name, holds(assumed, claim))
               for name, assumed, claim in theorems()]
    results += [(f"found out: {wrong.__name__}", is_found_out(name, wrong))
                for name, all_wrong in WRONG.items() for wrong in all_wrong]
    for name, proven in results:
        print(f"{'proven' if proven else 'NOT PROVEN'}  {name}")
        passed, failed = passed + proven, failed + (not proven)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
