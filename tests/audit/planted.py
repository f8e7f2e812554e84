#!/usr/bin/python3
"""Plants bugs in files of lib/audit, one at a time: the brute force must
notice, and the solver.

A bug is caught when brute_force ends with a mismatch, or when the audit's
verdicts are not those of the solver (z3_oracle.py).  A snippet that is not
there exactly once, code that does not compile, and a crash are errors of this
table, not catches.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "property"))
import planted
import z3_oracle

# (what is wrong, the code as it is, the code with the bug)
BUGS = [
    # -- values
    ("names below an entry are forgotten",
     "gather_name(g, name.name, NAME_BELOW, name.below, 0);", ";"),
    ("named mailboxes are forgotten",
     "gather_mailboxes(g, g->mailboxes);", ";"),
    ("<> is forgotten",
     "g->is_sender ? MAIL_NULL : MAIL_ROUTING",
     "g->is_sender ? MAIL_OWN : MAIL_ROUTING"),
    ("nobody is taken for somebody",
     "!facts_is_anonymous(&facts, entry.key)", "true"),
    # -- points
    ("an exclusion is dropped",
     "ruleset_add(m->rules, masks, m->scratch, m->scratch + m->rules->words);",
     "ruleset_add(m->rules, masks, m->scratch, m->scratch);"),
    ("anonymous clients can be users",
     "exclude_mask(m, RULES_GIVEN + CONDITION_USERS);", ";"),
    ("anonymous clients count as authenticated",
     "exclude_mask(m, RULES_AUTHENTICATED);", ";"),
    ("who has signed in counts as anonymous, too",
     "exclude_mask(&m, RULES_ANONYMOUS);", ";"),
    ("TLS is always there",
     "exclude_mask(&m, RULES_TLS);", ";"),
    ("any certificate will do",
     "(ruleset_mask(rules, RULES_CERTIFICATES)[i] & ~m.scratch[i]);", "0;"),
    ("everybody owns everything",
     "owned == CELL_YES ? RULES_NOT_OWNED : RULES_OWNED", "RULES_NOT_OWNED"),
    ("routing is no matter in allow rules",
     "m->scratch[words + i] |= given[i] & ~deny[i];", ";"),
    ("routing is no matter in deny rules",
     "m->scratch[i] |= given[i] & deny[i];", ";"),
    ("a pattern that excludes is one that includes",
     "exc[bit / 64] |= mask;", "inc[bit / 64] |= mask;"),
    ("patterns of recipients never match",
     "make_pattern_presences(axes, rules, DIMENSION_RECIPIENT_PATTERN,",
     "make_pattern_presences(axes, rules, DIMENSION_SENDER_PATTERN,"),
    # -- the diagram
    ("deny rules are skipped",
     "if (sure[i] & state.alive[i] & deny[i])", "if (false)"),
    ("a deny rule is sure too early",
     "sure[i] = ~step->later[i];", "sure[i] = UINT64_MAX;"),
    ("connect and submit need no allow rule",
     ": settle_right(d, state, sure);", ": true;"),
    ("only the right to relay is asked for",
     "for (int right = 0; right < RIGHT_COUNT; right++) {\n        if (is_over",
     "for (int right = RIGHT_RELAY; right < RIGHT_COUNT; right++) {\n"
     "        if (is_over"),
    ("a right without allow rules is refused",
     "record->allow == record->end)\n        return true;",
     "record->allow == record->end)\n        return false;"),
    ("lists that include nothing include all",
     "state.alive[i] &= ~given[i] | all[i] | state.included[i];", ";"),
    ("$all is forgotten",
     "state.alive[i] &= ~given[i] | all[i] | state.included[i];",
     "state.alive[i] &= ~given[i] | state.included[i];"),
    ("what may yet be excluded counts as sure",
     "sure[i] &= ~given[i] | (in & ~less);", "sure[i] &= ~given[i] | in;"),
    ("what may yet be included is given up",
     "state.alive[i] &= ~given[i] | in | more;",
     "state.alive[i] &= ~given[i] | in;"),
    ("the last rule is named",
     "if (rule < best_rule) {",
     "if (best == SIZE_MAX || rule > best_rule) {"),
    ("rules before a sure one are forgotten",
     "<=\n                rule)", "==\n                rule)"),
    ("the listener is no matter",
     "mask_of(d, RULES_ALL)[i] & of_right[i] & (~given[i] | listeners[i]);",
     "mask_of(d, RULES_ALL)[i] & of_right[i];"),
    # -- the surface
    ("a run of neighbours ends early",
     "last->last = range.last;", "last->last = range.first;"),
    ("the connector of any listener comes first",
     "else if (!reach->connector)", "else if (part->value)"),
    ("neighbours are one, whatever lies between",
     "if (last && is_right_behind(last->last, range.first)) {", "if (last) {"),
    # -- verdicts and witnesses
    ("nobody behind the last trusted network is a stranger",
     "return public_in(rest, stranger);", "return false;"),
    ("only the first way is looked at",
     "for (size_t i = 0; i < node.axis->point_count && !alive; i++)",
     "for (size_t i = 0; i < 1; i++)"),
    ("an account needs a list",
     "return cell == CELL_ANY_IDENTITY ? means->any_identity",
     "return cell == CELL_ANY_IDENTITY ? false"),
    ("a witness does not sign in",
     "if (w->identity.size) {", "if (false) {"),
    ("a witness owns what it does not",
     "axis->point_of_cell[holds] != m->search->chosen[owned])",
     "false)"),
]
# What the verdicts say, for the solver.
VERDICT_BUGS = [
    ("the first of like listeners stands for all",
     "entrance->listener = other->listener;", ";"),
    ("anybody may own a sender",
     "return cell == CELL_NO || (!", "return cell >= CELL_NO || (!"),
    ("an account that no list names is nobody",
     "struct means means = {.anonymous = true, .any_identity = true};",
     "struct means means = {.anonymous = true};"),
    ("certificates cannot be stolen",
     "means.listed_identity = means.certificate = true;",
     "means.listed_identity = true;"),
    ("nobody owns a DNS zone",
     "struct means means = {.anonymous = true, .names = true};",
     "struct means means = {.anonymous = true};"),
    ("the deny rules are skipped",
     "if (sure[i] & state.alive[i] & deny[i])", "if (false)"),
    ("anonymous clients can be accounts",
     "exclude_mask(m, RULES_GIVEN + CONDITION_USERS);", ";"),
    ("all behind the last trusted network is trusted",
     "return public_in(rest, stranger);", "return false;"),
]


class Workshop(planted.Workshop):
    tests = ("property", "audit")
    mains = (*planted.MAINS, "brute_force", "z3_policies")


class Solver:
    """Its answers, found once: the policies are the same with every bug."""

    def __init__(self, policies):
        self.policies, self.answers = policies, None

    def catches(self, workshop, planting):
        result = workshop.run("z3_policies", planting, [str(self.policies)])
        if result.returncode:
            raise RuntimeError(f"ended with {result.returncode}")
        policies = z3_oracle.read(result.stdout)
        if not self.answers:
            self.answers = z3_oracle.Oracle(policies).all_answers()
        return bool(z3_oracle.mismatches(self.answers, policies))


def in_audit(table):
    return [(name, "audit", snippet, wrong) for name, snippet, wrong in table]


def main():
    options = planted.read_options(
        __doc__, in_audit(BUGS + VERDICT_BUGS), policies=300,
        transactions=200000, universe=300000, solved=150)

    def is_caught(workshop, planting):
        result = workshop.run("brute_force", planting,
                              ["--policies", str(options.policies),
                               "--transactions", str(options.transactions),
                               "--universe", str(options.universe)])
        return planted.mismatch(
            result, "\nthe audit: ", "and yet it may relay",
            "witness is refused", "is OPEN, and nothing shows it",
            "the audit and the evaluator disagree")

    verdict_bugs = [bug for bug in options.bugs
                    if bug in in_audit(VERDICT_BUGS)]
    return planted.try_tables(
        options, Workshop,
        [([bug for bug in options.bugs if bug not in verdict_bugs], is_caught),
         (verdict_bugs, Solver(options.solved).catches)])


if __name__ == "__main__":
    sys.exit(main())
