#!/usr/bin/python3
"""Plants bugs in files of the scope of lib/decide, one at a time: the pairs of
transactions must notice.

A bug is caught when scopes ends with a mismatch.  A snippet that is not there
exactly once, code that does not compile, and a crash are errors of this table,
not catches.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "property"))
import planted

# (what is wrong, the code as it is, the code with the bug)
BUGS = [
    ("a rule that holds need not", "if (slot == k->judged.slot)\n"
     "            keep_all(k, slot, &truth);\n"
     "        else if (deny || (k->named && earlier))",
     "if (slot == k->judged.slot)\n            return;\n"
     "        else if (deny || (k->named && earlier))"),
    ("denies may hold where a right is granted",
     "else if (deny || (k->named && earlier))",
     "else if (k->named && earlier)"),
    ("another allow rule may be named",
     "else if (deny || (k->named && earlier))", "else if (deny)"),
    ("another deny rule may be named",
     "else if (deny && earlier)", "else if (false)"),
    ("an allow rule may hold where none did",
     "case OUTCOME_NO_ALLOW: keep_one(k, slot, &truth); return;",
     "case OUTCOME_NO_ALLOW:\n"
     "        if (deny)\n            keep_one(k, slot, &truth);\n"
     "        return;"),
    ("what is undecided may be decided",
     "case OUTCOME_UNDECIDED: keep_as_it_is(k, slot, &truth); return;",
     "case OUTCOME_UNDECIDED: return;"),
    ("of an undecided rule one condition is enough",
     "if (truth->whole == TRUTH_NO)\n        keep_one",
     "if (true)\n        keep_one"),
    ("4xx denies rank as 5xx ones",
     "uint64_t soft = slot >= k->right->soft;", "uint64_t soft = 0;"),
    ("a condition is kept that does not fail",
     "if (truth->conditions[c] != truth->whole)",
     "if (truth->conditions[c] == TRUTH_UNKNOWN)"),
    ("the right to submit is left out",
     "if (d->rights_tried & 1u << right)\n            keep_right",
     "if (right != RIGHT_SUBMIT && d->rights_tried & 1u << right)\n"
     "            keep_right"),
    ("host names never matter",
     "scope->names |= hangs_on_look_up(f, slot, condition, truth);", ";"),
    ("groups never matter",
     "somebody && hangs_on_look_up(f, slot, condition, truth);", "false;"),
    ("what is unknown stays so by itself",
     "return truth == TRUTH_UNKNOWN || without", "return without"),
    ("a recipient may be routed",
     "scope->is_relay = last;", "scope->is_relay = false;"),
    ("a mailbox may be another",
     "scope->mailbox = last && !t", "scope->mailbox = false && !t"),
    ("a recipient may be rerouted",
     "scope->reroute = recipient && ", "scope->reroute = false && "),
    ("a sender may be malformed",
     "scope->sender = submitted || malformed || recipient;",
     "scope->sender = malformed;"),
    ("a recipient may be malformed",
     "scope->recipient = scope->sender &&", "scope->recipient = false &&"),
    ("a refusal for lack of AUTH is like any other",
     "scope->authenticated = submitted && is_refused_submission(d->reason);",
     ";"),
    ("the client's network is one address too long",
     "address_previous(next.first, &run.last);", "run.last = next.first;"),
    ("the client's network begins too early",
     "run.first = client; /*", "; /*"),
    ("what excludes addresses is not compared",
     "(one->exc ^ other->exc)) &", "0) &"),
    ("addresses in more lists are like those in fewer",
     "} else {\n            if (!says_nothing(c, b))\n"
     "                return false;\n", "} else {\n"),
    ("addresses in fewer lists are like those in more",
     "if (!says_nothing(c, a))\n                return false;\n", ""),
    ("the fingerprint forgets the truth",
     "(unsigned)condition << 2 | truth);", "(unsigned)condition << 2);"),
    ("the fingerprint forgets the connector",
     "facts->client.connector ? facts->client.connector->name : 0", "0"),
    ("the fingerprint forgets the stage", "mix(f, t->stage);", ";"),
    ("the fingerprint forgets the mailbox",
     "mix(f, scope->mailbox ? 1 + recipient_exists(t, &needs) : 0);",
     "recipient_exists(t, &needs);"),
    ("the fingerprint forgets what can be asked for", "mix(f, needs);", ";"),
    ("the fingerprint forgets that names are known",
     "mix(f, scope->names ? 1 + facts->client.names_state : 0);", ";"),
    ("the fingerprint forgets the reroute",
     "mix(f, scope->reroute ? 1 + 2u * recipient->rerouted + facts->rewrites "
     ": 0);", ";"),
]


class Workshop(planted.Workshop):
    tests = ("property", "scope")
    mains = (*planted.MAINS, "scopes")


def main():
    bugs = [(name, "decide", snippet, wrong) for name, snippet, wrong in BUGS]
    options = planted.read_options(__doc__, bugs, policies=400)

    def is_caught(workshop, planting):
        return planted.mismatch(
            workshop.run("scopes", planting,
                         ["--policies", str(options.policies)]),
            "\nviolated:")

    return planted.try_table(options, Workshop, is_caught)


if __name__ == "__main__":
    sys.exit(main())
