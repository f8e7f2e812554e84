#!/usr/bin/python3
"""Plants bugs in files of lib/diff, one at a time: pairs of random policies
must notice.

A bug is caught when brute_force ends with a mismatch.  A snippet that is not
there exactly once, code that does not compile, and a crash are errors of this
table, not catches.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "property"))
import planted

# (what is wrong, the code as it is, the code with the bug)
BUGS = [
    # -- values
    ("names below an entry are forgotten",
     "show(v, VALUE_NAME, output_written(&out), false);", ";"),
    ("who is in no list is forgotten",
     "show(v, VALUE_IDENTITY, output_written(&fresh), false);", ";"),
    ("the old policy's networks end where the new one's do",
     "(!walk->done && address_compare(walk->next[s].first, next) >= 0)",
     "!walk->done"),
    ("named mailboxes of recipients are forgotten",
     "show_mailboxes(m, recipients, SIDES);", ";"),
    ("named mailboxes of senders are forgotten",
     "show_mailboxes(m, senders, m->has_owners ? 2 * SIDES : SIDES);", ";"),
    ("mailboxes that exist are forgotten", "show_who_exists(m);", ";"),
    ("owners of senders are forgotten",
     "if (m->has_owners && !view->traits)", "if (false)"),
    ("one domain stands for all",
     "c->has_plain[class] = false;", "c->has_plain[class] = known > 0;"),
    ("routing is no matter", "(routing ? TRAIT_ROUTING : 0u) |", ""),
    ("texts of both policies are always the same",
     "apart |= APART_WHOLE;", ";"),
    ("the decision at MAIL is forgotten", "add_later(&m);", ";"),
    # -- options
    ("anonymous clients can be users",
     "add_mask(m, side, SIGHT_DEAD, RULES_GIVEN + CONDITION_USERS);", ";"),
    ("who has signed in counts as anonymous, too",
     "add_mask(m, side, SIGHT_DEAD, RULES_ANONYMOUS);", ";"),
    ("TLS is always there", "add_mask(m, side, SIGHT_DEAD, RULES_TLS);", ";"),
    ("any certificate will do", "dead[i] |= wanted[i] & ~listed[i];", ";"),
    ("a failed look-up leaves nothing open", "add_unknown(&m, s, condition);",
     ";"),
    ("everybody owns everything",
     "add_mask(&m, s, SIGHT_DEAD, RULES_OWNED);", ";"),
    ("routing is no matter to deny rules",
     "mask_at(m, side, in)[i] |= given[i] & deny[i];", ";"),
    # -- one right
    ("what may be excluded counts as sure",
     "uint64_t sure = in & ~state.may_out[w];", "uint64_t sure = in;"),
    ("what may be included is given up",
     "state.alive[w] &= ~rules[w] | in | state.may_in[w];",
     "state.alive[w] &= ~rules[w] | in;"),
    ("$all is forgotten", "uint64_t in = state.in[w] | all[w];",
     "uint64_t in = state.in[w];"),
    ("a deny rule in doubt is no matter",
     "*state.flags |= STATE_MAY_DENY;", ";"),
    ("an allow rule in doubt is no matter",
     "*state.flags |= STATE_MAY_ALLOW;", ";"),
    ("always-relay is as good as any", "*state.flags |= STATE_ALWAYS;",
     "*state.flags |= STATE_GRANTED;"),
    ("4xx denies rank as 5xx ones", "{soft << 32 | ", "{0 * soft | "),
    ("deny rules before a sure one are forgotten",
     "alike = alike && e->denies[i].reply == e->denies[sure].reply;", ";"),
    ("the listener is no matter",
     "state.alive[w] &= all[w] & (~given[w] | listeners[w]);",
     "state.alive[w] &= all[w];"),
    ("a right without allow rules is lacking",
     "if (e->right != RIGHT_RELAY && record->allow == record->end)",
     "if (false)"),
    # -- outcomes
    ("a mailbox that may exist does",
     "if (a & (OPEN_UNDECIDED | OPEN_UNSURE))", "if (a & OPEN_UNDECIDED)"),
    ("nobody is told to sign in", "auth_helps ? ", "false ? "),
    ("reroutes work for every host", "LEAF(OPEN_CANNOT_REWRITE)", "LEAF(0)"),
    ("where mail goes is no matter",
     "flags |= OPEN_RECIPIENT_ELSEWHERE;", ";"),
    # -- which transactions there are, and where
    ("anybody may own a sender, or not", "care = map_and(map, care, care_lit"
     "erals(map, CHOICE_SENDER, own));", "care = LEAF(1);"),
    ("a new class of clients is like the one before",
     "memcmp(before->classes, meeting->classes, sizeof before->classes) == 0;",
     "true;"),
    ("a range ends early", "last->last = range.last;",
     "last->last = range.first;"),
    # -- witnesses
    ("a witness does not own what it should",
     "!is_owned_so(m, cells_key(mine->cells, i),\n"
     "                             cells_key(theirs->cells, s)) ||", "false ||"),
    ("a witness does not know whom it may not be",
     "return box_holds(m->box, number, choice->option_of_cell[cell]) &&",
     "return"),
    # -- how far differences reach
    ("what does not matter is not reached", "t->skipped[i] = true;", ";"),
    ("whatever the effect is not behind is reached",
     "if (!free_of(t, node.leads[o]))", "if (false)"),
    ("what some box asks for is a condition",
     "t->extent->conditions &= ~is_free;", ";"),
    ("nothing is a condition", "below &= ~subject;", ";"),
    ("clients who gain are those who lose",
     "return !is_free || add_clients(t->extent, field);",
     "return add_clients(t->extent, field);"),
    ("a pattern is no condition",
     "case CHOICE_SENDER_PATTERN: return CHOICE_SENDER;",
     "case CHOICE_SENDER_PATTERN: return CHOICE_ADDRESS;"),
]


class Workshop(planted.Workshop):
    tests = ("property", "diff")
    mains = (*planted.MAINS, "brute_force")


def main():
    bugs = [(name, "diff", snippet, wrong) for name, snippet, wrong in BUGS]
    options = planted.read_options(__doc__, bugs, pairs=20, transactions=100000,
                                   seed=23)

    def is_caught(workshop, planting):
        return planted.mismatch(
            workshop.run("brute_force", planting,
                         ["--pairs", str(options.pairs),
                          "--transactions", str(options.transactions),
                          "--universe", "0", "--seed", str(options.seed)]),
            "\nthe diff: ", "a witness does not decide",
            "nothing was changed, and yet", "what is said of all boxes")

    return planted.try_table(options, Workshop, is_caught)


if __name__ == "__main__":
    sys.exit(main())
