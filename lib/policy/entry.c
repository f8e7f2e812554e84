#include "policy/entry.h"

#include "base/output.h"
#include "policy/entry_kinds.h"
#include "policy/quoted.h"

enum {
    ENTRY_MOST = 1024,
    PATTERN_MOST = 4096
};

/* -- what may stand where (policy.md §4) -------------------------------- */

enum allowed {
    ALLOW_NOT = 1,
    ALLOW_LIST = 2,
    ALLOW_FILE = 4,
    ALLOW_PATTERN = 8,
    ALLOW_ALL = 16,      /* $all */
    ALLOW_NETWORKS = 32, /* $loopback, $private, $link-local */
    ALLOW_CLASSES = 64   /* $inbound, $always-relay */
};

struct place_grammar {
    const char *name;
    const char *takes; /* for messages */
    unsigned allowed;
    bool (*parse)(const struct judge *judge, struct text text);
};

static const struct place_grammar GRAMMARS[] = {
    [PLACE_CLIENTS] = {"clients",
                       "addresses, networks, ranges, host names, sub-domains, "
                       "patterns, $lists and files",
                       ALLOW_NOT | ALLOW_LIST | ALLOW_FILE | ALLOW_PATTERN |
                           ALLOW_ALL | ALLOW_NETWORKS,
                       entry_client},
    [PLACE_CONNECTOR_CLIENTS] = {"clients of a connector",
                                 "addresses, networks, ranges, $lists of "
                                 "those and files",
                                 ALLOW_LIST | ALLOW_FILE | ALLOW_ALL |
                                     ALLOW_NETWORKS,
                                 entry_range},
    [PLACE_LITERALS] = {"literals",
                        "addresses, and networks and ranges of at most 256", 0,
                        entry_literals},
    [PLACE_LISTENERS] = {"listeners",
                         "our own addresses and ports, as 192.0.2.25, "
                         "192.0.2.25:25, [2001:db8::1]:25 or *:25",
                         0, entry_listener},
    [PLACE_USERS] = {"users", "identities, patterns, $groups, $all and files",
                     ALLOW_NOT | ALLOW_LIST | ALLOW_FILE | ALLOW_PATTERN |
                         ALLOW_ALL,
                     entry_identity},
    [PLACE_GROUP] = {"groups", "identities, other $groups and files",
                     ALLOW_LIST | ALLOW_FILE, entry_identity},
    [PLACE_OWNER] = {"owners", "identities, $groups and files",
                     ALLOW_LIST | ALLOW_FILE, entry_identity},
    [PLACE_OWNER_KEY] = {"keys of owners", "domains, sub-domains and mailboxes",
                         0, entry_owner_key},
    [PLACE_SENDERS] = {"senders",
                       "domains, sub-domains, mailboxes, local parts, '<>', "
                       "patterns, $lists and files",
                       ALLOW_NOT | ALLOW_LIST | ALLOW_FILE | ALLOW_PATTERN |
                           ALLOW_ALL | ALLOW_CLASSES,
                       entry_sender},
    [PLACE_RECIPIENTS] = {"recipients",
                          "domains, sub-domains, mailboxes, local parts, "
                          "patterns, $lists and files",
                          ALLOW_NOT | ALLOW_LIST | ALLOW_FILE | ALLOW_PATTERN |
                              ALLOW_ALL | ALLOW_CLASSES,
                          entry_recipient},
    [PLACE_DOMAINS] = {"domains", "domains, sub-domains, $lists and files",
                       ALLOW_LIST | ALLOW_FILE, entry_domain},
    [PLACE_MAILBOXES] = {"mailboxes",
                         "mailboxes, bare local parts, patterns and files",
                         ALLOW_FILE | ALLOW_PATTERN, entry_local_mailbox},
    [PLACE_CERTIFICATES] = {"certificates", "SHA-256 fingerprints", 0,
                            entry_fingerprint},
    [PLACE_ANONYMOUS] = {"anonymous-identities", "identities", 0,
                         entry_identity},
};

const char *
entry_place_name(enum entry_place where)
{
    return GRAMMARS[where].name;
}

static bool
allows(const struct judge *judge, enum allowed what)
{
    return (GRAMMARS[judge->where].allowed & (unsigned)what) != 0;
}

/* -- saying what is wrong ----------------------------------------------- */

bool
judge_refuse(const struct judge *judge, enum finding id, const char *hint,
             const char *what)
{
    report_add(judge->report, id, judge->place, hint, "'%.*s%s' %s",
               QUOTED(judge->whole), what);
    return false;
}

bool
judge_suggest(const struct judge *judge, enum finding id, const char *what,
              struct text meant)
{
    char hint[2 * QUOTED_MOST];
    struct output out = output_to(hint, sizeof hint);
    output_format(&out, "did you mean %.*s%s?", QUOTED(meant));
    return judge_refuse(judge, id, meant.size ? hint : NULL, what);
}

static bool
refuse_here(const struct judge *judge, enum finding id, const char *kind)
{
    const struct place_grammar *grammar = &GRAMMARS[judge->where];
    char hint[256];
    struct output out = output_to(hint, sizeof hint);
    output_format(&out, "here stand %s", grammar->takes);
    report_add(judge->report, id, judge->place, hint,
               "'%.*s%s' is %s, which cannot stand among the %s",
               QUOTED(judge->whole), kind, grammar->name);
    return false;
}

bool
judge_refuse_kind(const struct judge *judge, const char *kind)
{
    return refuse_here(judge, FINDING_ENTRY_PLACE, kind);
}

bool
judge_keep(const struct judge *judge, enum entry_kind kind, struct text text)
{
    judge->entry->kind = kind;
    judge->entry->text = arena_copy(judge->arena, text);
    if (judge->entry->text.data)
        return true;
    return judge_refuse(judge, FINDING_OUT_OF_MEMORY, NULL,
                        "found no memory left");
}

/* -- the text itself ---------------------------------------------------- */

/* The text begins with the word, in any case.  Nearly none does: its first
 * letter shows that fast. */
static bool
begins(struct text text, struct text word)
{
    return text.size && (text.data[0] | ('a' - 'A')) == word.data[0] &&
           text_starts_fold(text, word);
}

static bool
is_exclusion(struct text text)
{
    return begins(text, TEXT("not")) && (text.size == 3 || text.data[3] == ' ');
}

static bool
is_file(struct text text)
{
    return begins(text, TEXT("file:"));
}

static bool
is_plain(struct text text)
{
    return text.data[0] != '$' && text.data[0] != '/' && !is_exclusion(text) &&
           !is_file(text);
}

static size_t
size_limit(struct text text)
{
    struct text entry =
        is_exclusion(text) ? text_trim(text_from(text, 3)) : text;
    return text_starts(entry, TEXT("/")) ? PATTERN_MOST : ENTRY_MOST;
}

static bool
is_printable_ascii(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)(text.data[i] - ' ') > '~' - ' ')
            return false;
    return true;
}

static bool
text_is_sound(const struct judge *judge)
{
    struct text text = judge->whole;
    if (text.size == 0) {
        report_add(judge->report, FINDING_ENTRY_EMPTY, judge->place,
                   "take it out, or write what was meant",
                   "an empty entry among the %s",
                   entry_place_name(judge->where));
        return false;
    }
    if (text.size > ENTRY_MOST && text.size > size_limit(text))
        return judge_refuse(judge, FINDING_ENTRY_TOO_LONG,
                            "an entry has at most 1024 octets, a pattern 4096",
                            "is too long for an entry");
    if (is_printable_ascii(text))
        return true;
    if (!text_is_utf8(text))
        return judge_refuse(judge, FINDING_ENTRY_ENCODING,
                            "save the file as UTF-8", "is not UTF-8");
    if (text_has_control(text))
        return judge_refuse(judge, FINDING_ENTRY_ENCODING,
                            "one entry holds no tabs and no line ends",
                            "holds a control character");
    return true;
}

/* -- elements that are no plain entries --------------------------------- */

struct built_in {
    struct text name;
    enum element_kind kind;
    enum allowed needs;
    const char *what; /* for messages */
};

static const struct built_in *
find_built_in(struct text name)
{
    static const struct built_in built_ins[] = {
        {{"all", 3}, ELEMENT_ALL, ALLOW_ALL, "the list of everything"},
        {{"loopback", 8},
         ELEMENT_LOOPBACK,
         ALLOW_NETWORKS,
         "the list of networks"},
        {{"private", 7},
         ELEMENT_PRIVATE,
         ALLOW_NETWORKS,
         "the list of networks"},
        {{"link-local", 10},
         ELEMENT_LINK_LOCAL,
         ALLOW_NETWORKS,
         "the list of networks"},
        {{"inbound", 7},
         ELEMENT_INBOUND,
         ALLOW_CLASSES,
         "the list of our domains"},
        {{"always-relay", 12},
         ELEMENT_ALWAYS_RELAY,
         ALLOW_CLASSES,
         "the list of our domains"},
    };
    for (size_t i = 0; i < sizeof built_ins / sizeof *built_ins; i++)
        if (text_equal(built_ins[i].name, name))
            return &built_ins[i];
    return NULL;
}

static bool
keep_name(const struct judge *judge, struct text name, enum element_kind kind,
          struct element *element)
{
    element->kind = kind;
    element->name = arena_copy(judge->arena, name);
    if (element->name.data)
        return true;
    return judge_refuse(judge, FINDING_OUT_OF_MEMORY, NULL,
                        "found no memory left");
}

static bool
parse_list(const struct judge *judge, struct text text, struct element *element)
{
    struct text name = text_from(text, 1);
    const struct built_in *built_in = find_built_in(name);
    if (name.size == 0)
        return judge_refuse(judge, FINDING_LIST_MALFORMED,
                            "a list is written $name", "names no list");
    if (built_in ? !allows(judge, built_in->needs) : !allows(judge, ALLOW_LIST))
        return refuse_here(judge, FINDING_LIST_PLACE,
                           built_in ? built_in->what : "a list");
    if (!built_in)
        return keep_name(judge, name, ELEMENT_LIST, element);
    if (built_in->kind == ELEMENT_ALL && element->exclude)
        return judge_refuse(judge, FINDING_NOT_ALL,
                            "an empty list [] matches nothing",
                            "takes everything away again");
    element->kind = built_in->kind;
    return true;
}

static bool
parse_file(const struct judge *judge, struct text text, struct element *element)
{
    struct text prefix = TEXT("file:");
    struct text path = text_trim(text_from(text, prefix.size));
    if (!text_starts(text, prefix))
        return judge_refuse(judge, FINDING_FILE_MALFORMED,
                            "write 'file:' in small letters",
                            "is neither a list file nor an entry");
    if (path.size == 0)
        return judge_refuse(judge, FINDING_FILE_MALFORMED,
                            "write file:PATH, relative to the policy's folder",
                            "names no file");
    if (!allows(judge, ALLOW_FILE))
        return refuse_here(judge, FINDING_ENTRY_PLACE, "a list file");
    return keep_name(judge, path, ELEMENT_FILE, element);
}

static bool
parse_pattern(const struct judge *judge, struct text text)
{
    if (!allows(judge, ALLOW_PATTERN))
        return judge_refuse_kind(judge, "a pattern");
    if (text.size == 1 || text.data[text.size - 1] != '/')
        return judge_refuse(judge, FINDING_PATTERN_MALFORMED,
                            "quote the whole pattern, as '/invoice\\+.*/'; it "
                            "takes no flags (case never matters), and a list "
                            "file is written file:PATH",
                            "begins as a pattern, but does not end with '/'");
    if (text.size == 2)
        return judge_refuse(judge, FINDING_PATTERN_MALFORMED,
                            "'/.*/' matches every text", "is an empty pattern");
    return judge_keep(judge, ENTRY_PATTERN, text_slice(text, 1, text.size - 1));
}

/* -- exclusions --------------------------------------------------------- */

static bool
may_exclude(const struct judge *judge, struct text rest)
{
    if (!text_starts(judge->whole, TEXT("not")))
        return judge_refuse(judge, FINDING_NOT_MALFORMED,
                            "write 'not' in small letters",
                            "is neither an exclusion nor an entry");
    if (!allows(judge, ALLOW_NOT))
        return refuse_here(judge, FINDING_NOT_PLACE, "an exclusion");
    if (rest.size == 0)
        return judge_refuse(judge, FINDING_NOT_MALFORMED, "write 'not ENTRY'",
                            "excludes nothing");
    if (is_exclusion(rest))
        return judge_refuse(judge, FINDING_NOT_MALFORMED,
                            "write 'not' once, or the entry alone",
                            "excludes an exclusion");
    return true;
}

static bool
parse_element(const struct judge *judge, struct text text,
              struct element *element)
{
    if (text.data[0] == '$')
        return parse_list(judge, text, element);
    if (text.data[0] == '/')
        return parse_pattern(judge, text);
    if (is_file(text))
        return parse_file(judge, text, element);
    return GRAMMARS[judge->where].parse(judge, text);
}

bool
element_parse(struct text text, enum entry_place where, bool in_file,
              struct source source, struct place place, struct arena *arena,
              struct mayrelay_report *report, struct element *element)
{
    *element = (struct element){.entry.source = source};
    text = text_trim(text);
    struct judge judge = {text, where, place, arena, report, &element->entry};
    if (!text_is_sound(&judge))
        return false;
    if (in_file && !is_plain(text))
        return judge_refuse(&judge, FINDING_ENTRY_IN_FILE,
                            "write it into the policy, beside the file",
                            "cannot stand in a list file, which holds plain "
                            "entries only");
    if (is_exclusion(text)) {
        text = text_trim(text_from(text, 3));
        if (!may_exclude(&judge, text))
            return false;
        element->exclude = true;
    }
    return parse_element(&judge, text, element);
}
