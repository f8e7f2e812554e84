#!/usr/bin/python3
"""Plants bugs in files of lib/advise and of what it stands on, one at a time:
the random advice must notice.

A bug is caught when random_advice ends with a mismatch.  A snippet that is not
there exactly once, code that does not compile, and a crash are errors of this
table, not catches.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "property"))
import planted

# (what is wrong, the folder, the code as it is, the code with the bug)
BUGS = [
    ("edits that come nearer are told, too", "advise",
     "if (session->decision.verdict == MAYRELAY_ACCEPT)", "if (true)"),
    ("open relays are told", "advise",
     "if (found.radius.opens_relay)", "if (false)"),
    ("only the last step is told", "advise",
     "for (size_t i = 0; i < found->count && !failed; i++)",
     "for (size_t i = found->count - 1; i < found->count && !failed; i++)"),
    ("a patch counts lines from 0", "advise",
     "count_lines(text_slice(text, 0, from)) + 1,",
     "count_lines(text_slice(text, 0, from)),"),
    ("a patch takes what stays", "advise",
     "hunk->line++;", ";"),
    ("steps are described as if each were the first", "advise",
     ".count = step};", ".count = 0};"),
    ("the client is another", "session",
     "address_write(&out, from->address);",
     "output_string(&out, \"10.0.0.1\");"),
    ("the listener is not told", "session",
     "has_listener ? listener : NULL);", "NULL);"),
    ("who has signed in is not told", "session",
     "facts_auth(&to->facts, given->identity);", ";"),
    ("TLS is not told", "session",
     "if (from->facts.identity.tls)", "if (!from->facts.identity.tls)"),
    ("names that failed to be looked up are none", "session",
     "facts_answer_names(&to->facts, from->names_state == LOOK_UP_FAILED);",
     "facts_answer_names(&to->facts, false);"),
    ("every mailbox exists", "session",
     "to->facts.recipient.exists_state = recipient->exists_state;",
     "to->facts.recipient.exists_state = LOOK_UP_KNOWN, "
     "to->facts.recipient.exists = true;"),
]


class Workshop(planted.Workshop):
    tests = ("property", "advise")
    mains = (*planted.MAINS, "random_advice", "short_memory")


def main():
    options = planted.read_options(__doc__, BUGS, policies=60)

    def is_caught(workshop, planting):
        result = workshop.run("random_advice", planting,
                              ["--policies", str(options.policies)])
        return planted.mismatch(result, "\nthe advice: ")

    return planted.try_table(options, Workshop, is_caught)


if __name__ == "__main__":
    sys.exit(main())
