#!/usr/bin/python3
"""Plants bugs in copies of lib/cases, one at a time: random policies must
notice.

A bug is caught when cases_random ends with a mismatch.  A snippet that is not
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
    # -- classes of values
    ("lists say nothing of senders",
     "key_masks(key, sender->masks, sender->mask_count);", ";"),
    ("patterns say nothing", "buffer_add(&key->bytes, &truth, 1);", ";"),
    ("owners of a sender are no matter",
     "if (key->asks_owners)\n        key_number(key, catalogue_owners(",
     "if (false)\n        key_number(key, catalogue_owners("),
    ("who exists is no matter",
     "key_number(key, recipient_exists(key->transaction, &needs));",
     "recipient_exists(key->transaction, &needs);"),
    ("groups are no matter",
     "key_masks(key, identity->group_masks, identity->group_count);", ";"),
    # -- values
    ("names below an entry are forgotten",
     'add_name(side, &quota, "far.", name.name, name.below);', ";"),
    ("<> is forgotten", 'add_address(&side, TEXT("<>"));', ";"),
    ("our mailboxes are forgotten",
     "add_listed(side, entry.key);", ";"),
    ("mailboxes of rerouted domains are forgotten",
     "if (domain->class == DOMAIN_REROUTE) {", "if (false) {"),
    ("patterns of mailboxes are forgotten", "add_our_patterns(side);", ";"),
    # -- the chart
    ("conditions are settled before host names are known",
     "[STEP_CLIENT] = {{RULE_LISTENERS}, 1, RULE_CLIENTS, true},",
     "[STEP_CLIENT] = {{RULE_LISTENERS}, 1, RULE_CLIENTS, false},"),
    ("whether a rule holds is no matter",
     "(uint64_t)candidate.settled << 2 |", "0 |"),
    ("a pending condition hangs on nothing",
     "state->open |= candidate.pending == TRUTH_UNKNOWN;", ";"),
    ("the listener is no matter",
     "add_number(state, listener->address.low);", ";"),
    ("owners of an identity are no matter",
     "if (told < STEP_SENDER && c->values->asks_owners)", "if (false)"),
    ("the right to connect is never asked for",
     "if (connected && is_of_connect(", "if (is_of_connect("),
    ("a refused connection is settled too early",
     "case MAYRELAY_REASON_CONNECT_REFUSED: return told >= STEP_NAMES;",
     "case MAYRELAY_REASON_CONNECT_REFUSED: return true;"),
    ("a bad sender is settled for the next one, too",
     "case MAYRELAY_REASON_BAD_SENDER: return told >= STEP_SENDER;",
     "case MAYRELAY_REASON_BAD_SENDER: return true;"),
    ("nobody's groups are asked for once and for all",
     "step == STEP_GROUPS && !c", "step == STEP_GROUPS || !c"),
]
# Of policies that are small, the first nearly all of them.
SEEDS = ("19", "63")


class Workshop(planted.Workshop):
    tests = ("property", "cases")
    mains = (*planted.MAINS, "cases_random")


def main():
    bugs = [(name, "cases", snippet, wrong) for name, snippet, wrong in BUGS]
    options = planted.read_options(__doc__, bugs, policies=12)

    def is_caught(workshop, planting):
        return any(planted.mismatch(
            workshop.run("cases_random", planting,
                         ["--policies", str(options.policies),
                          "--seed", seed]),
            "\na wrong way", "\nno case comes to") for seed in SEEDS)

    return planted.try_table(options, Workshop, is_caught)


if __name__ == "__main__":
    sys.exit(main())
