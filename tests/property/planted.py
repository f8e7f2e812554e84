#!/usr/bin/python3
"""Plants bugs in files of lib/, one at a time: the property tests must notice.

A bug is caught when random_decisions or properties ends with a mismatch.  A
snippet that is not there exactly once, code that does not compile, and a crash
are errors of this table, not catches.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-w", '-DMAYRELAY_VERSION="planted"']
PACKAGES = ["yaml-0.1", "libidn2", "libpcre2-8", "libxxhash"]
MAINS = ("random_decisions", "properties", "threads")
TIMEOUT = 300

# (what is wrong, folder under lib/, the code as it is, the code with the bug)
BUGS = [
    # -- lists
    ("exclusions are dropped", "image",
     "mask->exc |= bit;", ";"),
    ("a list holds what it has no entries for", "decide",
     "uint64_t inc = masks->all | known.inc;",
     "uint64_t inc = masks->all | known.inc | ~masks->open_inc;"),
    ("an unknown exclusion does not matter", "decide",
     "exc_may |= masks->open_exc;", ";"),
    ("unknown counts as yes", "decide",
     "inc_may |= masks->open_inc;", "inc |= masks->open_inc;"),
    ("unknown counts as no", "decide",
     "if (open && sight->open)", "if (false)"),
    ("a failed look-up counts as no", "decide",
     "if (open && sight->open)", "if (open && sight->open && sight->fact)"),
    ("every condition may hold", "decide",
     "enum truth side = TRUTH_NO;", "enum truth side = TRUTH_UNKNOWN;"),
    ("only the first of several names counts", "decide",
     "sight->more_count = client->name_count;",
     "sight->more_count = client->name_count > 0;"),
    ("a malformed name is forgotten", "decide",
     "client->name_malformed = true;", ";"),
    ("a pattern that gives up is a no", "decide",
     "sum = truth_or(sum, TRUTH_UNKNOWN); break;", "break;"),
    ("patterns are tried on <>", "decide",
     "if (sender->mailbox.kind != MAILBOX_NULL) {", "if (true) {"),
    ("an interval ends one address early", "image",
     "if (address_next(range.last, &behind))",
     "if ((behind = range.last, true))"),
    ("a sub-domain entry matches the name itself", "set",
     "*value = walk->start == 0 ? entry.exact : entry.below;",
     "*value = entry.below;"),
    ("a sender's rerouted domain is foreign", "image",
     "class = DOMAIN_INBOUND;", "class = DOMAIN_FOREIGN;"),
    # -- rules
    ("the last of several rules is named", "decide",
     "if (rank < scan->rank) {",
     "if (scan->rank == NO_RANK || rank > scan->rank) {"),
    ("a 4xx deny beats a 5xx one", "image",
     "rule->reply.code >= 500 ? TIER_DENY_HARD : TIER_DENY_SOFT;",
     "rule->reply.code < 500 ? TIER_DENY_HARD : TIER_DENY_SOFT;"),
    ("denies at the top are missing on connectors", "image",
     "place_tier(slots, model, TIER_DENY_HARD, own, everywhere);",
     "place_tier(slots, model, TIER_DENY_HARD, own, (struct rule_run){0});"),
    ("only one block of rules is looked at", "decide",
     "((walk->run.end - 1) >> BLOCK_BITS) + 1",
     "(walk->run.first >> BLOCK_BITS) + 1"),
    ("an undecided deny rule does not matter", "decide",
     "if (!granted || deny.undecided)", "if (!granted)"),
    ("a relay without allow rules is open", "decide",
     "(which != RIGHT_RELAY && right->allow == right->end);",
     "right->allow == right->end;"),
    ("a relay that nothing allows is undecided", "decide",
     "if (!granted && !allow.undecided)",
     "if (!granted && !allow.undecided && which != RIGHT_RELAY)"),
    ("recipients hold whatever routing they carry", "decide",
     "sight->mode = SIGHT_ROUTING;", "sight->subjects.count = 0;"),
    ("recipients in a deny rule spare routing", "decide",
     "truth.must = truth.may = deny;", ";"),
    ("sender-owned: false asks for no authentication", "image",
     "rule->sender_owned != WISH_NONE", "rule->sender_owned == WISH_TRUE"),
    ("missing facts are not asked for", "decide",
     "truth.needs = facts_needed(t, &truth, place);",
     "truth.needs = 0 * facts_needed(t, &truth, place);"),
    ("a granted right asks for facts", "decide",
     "deny.needs | (granted ? 0 : allow.needs)", "deny.needs | allow.needs"),
    # -- who the client is
    ("users hold for anonymous clients", "decide",
     "sight->mode = SIGHT_NOBODY;", ";"),
    ("groups of an anonymous client count", "decide",
     "if (!identity->authenticated) {",
     "if (!identity->authenticated && identity->group_count == 0) {"),
    ("only a whole identity is anonymous", "decide",
     "if (is_nobody(facts, text_slice(identity, start, i)))",
     "if (start == i)"),
    ("TLS keeps the identity", "decide",
     "facts_clear_identity(facts); /* RFC 3207 §4.2 */", ";"),
    ("<> is refused by ownership", "decide",
     "sender->owned = identity->owner_list_count > 0;",
     "sender->not_owned = true;"),
    ("a domain's owners beat a mailbox's", "decide",
     "if (place || sender->kind != MAILBOX_AT_DOMAIN)",
     "if (sender->kind != MAILBOX_AT_DOMAIN)"),
    # -- where the client comes in
    ("the widest client range wins", "image",
     "choices[best].range) < 0)", "choices[best].range) > 0)"),
    ("an IPv4-mapped address is IPv6", "net",
     "if (high == 0 && low >> 32 == 0xffff)", "if (false)"),
    ("a listen by address alone is never met", "decide",
     "forms[count++] = address;", ";"),
    ("an unspecified listener is one", "decide",
     "if (endpoint_is_unspecified(listener))", "if (false)"),
    # -- recipients
    ("the listener's literal is foreign", "decide",
     "if (address_equal(literal, facts->client.listener.address))",
     "if (false)"),
    ("a literal's mailboxes are not checked", "decide",
     "recipient->check = literal_check(facts);", ";"),
    ("reroute works for every host", "decide",
     "if (facts->recipient.rerouted && !facts->rewrites)", "if (false)"),
    ("tags are part of mailboxes", "decide",
     "bool tagged = at != TEXT_NONE", "bool tagged = false"),
    ("Postmaster is not postmaster", "decide",
     'text_equal(mailbox->local_key, TEXT("postmaster"));',
     'text_equal(mailbox->local, TEXT("postmaster"));'),
    ("one mailbox's answer is the next one's", "decide",
     "recipient->exists_state = LOOK_UP_OPEN;", ";"),
    ("encapsulated addresses are not routing", "mail",
     "return is_encapsulated(decoded);", "return false;"),
    # -- replies
    ("a bare code forgets its reason's detail", "policy",
     "struct reply read = *reply;",
     "struct reply read = {.text = reply->text};"),
    ("soft-bounce does nothing", "decide",
     "parts.code = 451;", ";"),
    ("a connection is put off without 421", "decide",
     "parts.code = 421;", ";"),
]


class Workshop:
    """Test programs, linked to the library as it has been built, with one file
    of it compiled from a text with a bug."""
    tests = ("property",)  # the folders of their sources
    mains = MAINS  # the sources with a main, of which a program links one

    def __init__(self, folder, build):
        self.folder = folder
        self.objects = {}  # of the tests
        self.library = sorted(map(str, pathlib.Path(build).glob("lib/*/*.a")))
        self.include = [f"-I{ROOT / part}" for part in
                        ("lib", "include", *(f"tests/{test}"
                                             for test in self.tests))]
        self.libraries = subprocess.run(
            ["pkg-config", "--libs", *PACKAGES], check=True, text=True,
            capture_output=True).stdout.split() + ["-lpthread"]
        if not self.library:
            raise SystemExit("no library is built: see --build")

    def compile(self, source, name):
        target = self.folder / f"{name}.o"
        subprocess.run(["gcc", *FLAGS, *self.include, "-c", str(source), "-o",
                        str(target)], check=True)
        return target

    def objects_of(self, program):
        for test in self.tests:
            for source in sorted(ROOT.glob(f"tests/{test}/*.c")):
                name = source.stem
                if name != program and name in self.mains:
                    continue
                if name not in self.objects:
                    self.objects[name] = self.compile(source, name)
                yield self.objects[name]

    def link(self, program, planted):
        """What is planted comes before the library, which then has nothing to
        add for that file."""
        path = self.folder / program
        subprocess.run(["gcc", *map(str, [*self.objects_of(program), *planted]),
                        "-Wl,--start-group", *self.library, "-Wl,--end-group",
                        *self.libraries, "-o", str(path)], check=True)
        return path

    def run(self, program, planted, options):
        path = self.link(program, planted)
        return subprocess.run([str(path), *options], text=True,
                              errors="replace", capture_output=True,
                              timeout=TIMEOUT)

    def plant(self, floor, snippet, bug):
        texts = [source.read_text("utf-8")
                 for source in ROOT.glob(f"lib/{floor}/*.c")]
        if sum(text.count(snippet) for text in texts) != 1:
            raise LookupError(f"not exactly once in lib/{floor}: {snippet}")
        text, = (text for text in texts if snippet in text)
        changed = self.folder / "planted.c"
        changed.write_text(text.replace(snippet, bug), "utf-8")
        return [self.compile(changed, "planted")]


def mismatch(result, *signs):
    """True for a mismatch, which its output shows by one of the signs; False
    for a clean run."""
    if result.returncode not in (0, 1):
        raise RuntimeError(f"ended with {result.returncode}")
    found = any(sign in result.stdout for sign in signs)
    if result.returncode == 1 and not found:
        raise RuntimeError("failed without a mismatch")
    return found


def try_bug(workshop, bug, is_caught):
    name, floor, snippet, wrong = bug
    try:
        caught = is_caught(workshop, workshop.plant(floor, snippet, wrong))
    except (LookupError, RuntimeError, subprocess.SubprocessError) as problem:
        print(f"ERROR  {name}: {problem}")
        return False
    print(f"{'caught' if caught else 'MISSED'} {name}", flush=True)
    return caught


def try_tables(options, workshop_of, tables):
    """Tries the bugs of all tables, each (bugs, is_caught); the exit status."""
    passed, count = 0, sum(len(bugs) for bugs, _ in tables)
    with tempfile.TemporaryDirectory() as folder:
        workshop = workshop_of(pathlib.Path(folder), options.build)
        for bugs, is_caught in tables:
            if bugs and is_caught(workshop, []):
                print("the code as it is already fails")
                continue
            passed += sum(try_bug(workshop, bug, is_caught) for bug in bugs)
    print(f"{passed} passed, {count - passed} failed")
    return 0 if passed == count else 1


def try_table(options, workshop_of, is_caught):
    return try_tables(options, workshop_of, [(options.bugs, is_caught)])


def read_options(description, bugs, **numbers):
    """The numbers as options, where the library is built, and `bugs`: those
    that are asked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", default=ROOT / "build/gcc",
                        help="where meson has built (build/gcc)")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("only", nargs="*", help="parts of names of bugs")
    options = parser.parse_args()
    options.bugs = [bug for bug in bugs if not options.only or
                    any(part in bug[0] for part in options.only)]
    return options


def main():
    options = read_options(__doc__, BUGS, policies=300, decisions=200000)
    plans = (("random_decisions", ["--no-table", "--decisions",
                                   str(options.decisions)]),
             ("properties", ["--transactions", "40"]))

    def is_caught(workshop, planted):
        policies = ["--policies", str(options.policies)]
        return any(mismatch(workshop.run(program, planted, policies + more),
                            "\nexpected:", "\nviolated:")
                   for program, more in plans)

    return try_table(options, Workshop, is_caught)


if __name__ == "__main__":
    sys.exit(main())
