#include "policy/yaml_text.h"

#include "base/output.h"
#include "policy/quoted.h"

#define BYTE_ORDER_MARK TEXT("\xef\xbb\xbf")

/* -- places ------------------------------------------------------------- */

static bool
begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static struct place
place_of_offset(struct text text, size_t offset, const char *file)
{
    struct text before = text_slice(text, 0, offset);
    struct place place = {file, 1, 1};
    for (size_t i = 0; i < before.size; i++) {
        if (before.data[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (begins_character(before.data[i])) {
            place.column++;
        }
    }
    return place;
}

static size_t
offset_of_index(struct text text, size_t index)
{
    size_t offset = 0;
    for (; offset < text.size; offset++)
        if (begins_character(text.data[offset]) && index-- == 0)
            break;
    return offset;
}

static size_t
offset_of_place(struct text text, uint32_t line, uint32_t column)
{
    struct text rest = text;
    struct text skipped;
    while (line > 1 && text_split(&rest, '\n', &skipped))
        line--;
    if (!rest.data)
        return text.size;
    return (size_t)(rest.data - text.data) + offset_of_index(rest, column - 1);
}

/* -- tokens ------------------------------------------------------------- */

static bool
ends_token(struct text text, size_t at, unsigned depth)
{
    char c = text.data[at];
    if (c == '\n' || c == '\r')
        return true;
    if (c == '#' && at > 0 && text.data[at - 1] == ' ')
        return true;
    return depth == 0 && (c == ',' || c == ']' || c == '}');
}

static struct text
token_at(struct text text, size_t offset)
{
    struct text rest = text_from(text, offset);
    unsigned depth = 0;
    size_t end = 0;
    for (; end < rest.size && !ends_token(rest, end, depth); end++) {
        char c = rest.data[end];
        if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
    }
    return text_trim(text_slice(rest, 0, end));
}

struct text
yaml_token_at_place(struct text text, uint32_t line, uint32_t column)
{
    return token_at(text, offset_of_place(text, line, column));
}

/* The token that holds `offset`, inside the brackets opened at `opened`. */
static struct text
token_around(struct text text, size_t opened, size_t offset)
{
    size_t from = offset;
    while (from > opened + 1 && text.data[from - 1] != ',' &&
           text.data[from - 1] != '[' && text.data[from - 1] != '\n')
        from--;
    while (from < offset && text.data[from] == ' ')
        from++;
    return token_at(text, from);
}

/* The token whose bracket closes right before `offset`. */
static struct text
token_before(struct text text, size_t offset)
{
    size_t opened = text_find_last(text_slice(text, 0, offset), '[');
    return token_at(text, opened == TEXT_NONE ? offset : opened);
}

/* -- before YAML -------------------------------------------------------- */

static struct place
place_of_broken_utf8(struct text text, const char *file)
{
    struct place place = {file, 0, 0};
    struct text line;
    while (text_split(&text, '\n', &line)) {
        place.line++;
        if (!text_is_utf8(line))
            break;
    }
    return place;
}

/* U+0085, U+2028 and U+2029 end a line for YAML 1.1, but in no editor: what
 * looks like a comment would not be one. */
static size_t
find_hidden_line_end(struct text text)
{
    for (size_t i = 1; i < text.size; i++) {
        unsigned char last = (unsigned char)text.data[i];
        if (last == 0x85 && text.data[i - 1] == '\xc2')
            return i - 1;
        if ((last == 0xa8 || last == 0xa9) && i > 1 &&
            text.data[i - 1] == '\x80' && text.data[i - 2] == '\xe2')
            return i - 2;
    }
    return TEXT_NONE;
}

static bool
refuse_character(struct text text, size_t offset, const char *file,
                 struct mayrelay_report *report, const char *hint,
                 const char *what)
{
    report_add(report, FINDING_YAML_ENCODING,
               place_of_offset(text, offset, file), hint, "%s", what);
    return false;
}

bool
yaml_text_is_sound(struct text text, const char *file,
                   struct mayrelay_report *report)
{
    size_t nul = text_find(text, '\0');
    if (nul != TEXT_NONE)
        return refuse_character(
            text, nul, file, report, "save the file as UTF-8",
            "the policy holds a NUL: it is no text, or not UTF-8");
    if (!text_is_utf8(text)) {
        report_add(report, FINDING_YAML_ENCODING,
                   place_of_broken_utf8(text, file), "save the file as UTF-8",
                   "the policy is not UTF-8 in this line");
        return false;
    }
    size_t hidden = find_hidden_line_end(text);
    if (hidden != TEXT_NONE)
        return refuse_character(
            text, hidden, file, report, "take it out",
            "a line end that editors do not show (U+0085, U+2028 or U+2029)");
    return true;
}

/* Reads "\uXXXX" at the start of the text. */
static bool
escaped_unit(struct text text, uint32_t *unit)
{
    if (text.size < 6 || text.data[0] != '\\' || text.data[1] != 'u')
        return false;
    *unit = 0;
    for (size_t i = 2; i < 6; i++) {
        int digit = ascii_hex_value(text.data[i]);
        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

/* RFC 8259 §7: a character beyond U+FFFF as two escapes. */
static bool
escaped_pair(struct text text, uint32_t *character)
{
    uint32_t high;
    uint32_t low;
    if (!escaped_unit(text, &high) || high < 0xd800 || high > 0xdbff ||
        !escaped_unit(text_from(text, 6), &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    *character = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
    return true;
}

enum {
    PAIR_SIZE = 12,       /* "\ud83d\ude00" */
    YAML_ESCAPE_SIZE = 10 /* "\U0001f600" */
};

/* Inside the double quotes of JSON; a backslash there always takes the next
 * character with it.  The text only shrinks. */
static struct text
join_pairs(struct text text, char *joined)
{
    struct output out = output_to(joined, text.size + 1);
    bool quoted = false;
    uint32_t character;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (quoted && escaped_pair(text_from(text, i), &character)) {
            output_format(&out, "\\U%08x", character);
            i += PAIR_SIZE - 1;
            continue;
        }
        output_byte(&out, c);
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\' && i + 1 < text.size)
            output_byte(&out, text.data[++i]);
    }
    return output_written(&out);
}

static bool
looks_like_json(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] > ' ')
            return text.data[i] == '{';
    return false;
}

static bool
holds_surrogate_escape(struct text text)
{
    uint32_t character;
    for (size_t at = 0; at < text.size; at++) {
        size_t next = text_find(text_from(text, at), '\\');
        if (next == TEXT_NONE)
            return false;
        at += next;
        if (escaped_pair(text_from(text, at), &character))
            return true;
    }
    return false;
}

bool
yaml_text_prepare(struct text text, struct arena *arena, struct text *prepared)
{
    if (text_starts(text, BYTE_ORDER_MARK))
        text = text_from(text, BYTE_ORDER_MARK.size);
    *prepared = text;
    if (!looks_like_json(text) || !holds_surrogate_escape(text))
        return true;
    char *joined = arena_new(arena, text.size + 1, 1);
    if (!joined)
        return false;
    *prepared = join_pairs(text, joined);
    return true;
}

/* -- where YAML gave up ------------------------------------------------- */

/* How the corrected form is shown. */
enum remedy {
    REMEDY_HINT,    /* as the hint says */
    REMEDY_QUOTES,  /* the token in quotes */
    REMEDY_PATTERN, /* the pattern in quotes, if it is one; else the hint */
    REMEDY_BRACKET  /* the token with the bracket before it, in quotes */
};

struct misreading {
    const char *context, *problem; /* how libyaml's words begin */
    char first;                    /* the character at the place, or 0: any */
    bool at_context;               /* the place is where the context began */
    enum remedy remedy;
    enum finding finding;
    const char *message, *hint;
};

#define QUOTE_FLOW                                                             \
    "close the bracket; inside [...] and {...} a text with brackets, commas, " \
    "colons or '#' is quoted"

static const struct misreading MISREADINGS[] = {
    {"while scanning an alias", "", 0, true, REMEDY_QUOTES, FINDING_YAML_QUOTES,
     "text that begins with '*' must be quoted", NULL},
    {"while scanning an anchor", "", 0, true, REMEDY_QUOTES,
     FINDING_YAML_QUOTES, "text that begins with '&' must be quoted", NULL},
    {"while parsing a flow", "did not find expected node content", ':', false,
     REMEDY_QUOTES, FINDING_YAML_QUOTES,
     "text that begins with ':' must be quoted inside brackets", NULL},
    {"while parsing a flow", "did not find expected node content", ',', false,
     REMEDY_HINT, FINDING_YAML_SYNTAX, "a comma without an entry before it",
     "take one comma out"},
    {"while scanning for the next token", "found character that cannot start",
     '\t', false, REMEDY_HINT, FINDING_YAML_TAB, "a tab indents this line",
     "indent with blanks"},
    {"", "found a tab character", 0, false, REMEDY_HINT, FINDING_YAML_TAB,
     "a tab indents this line", "indent with blanks"},
    {"while scanning for the next token", "found character that cannot start",
     0, false, REMEDY_QUOTES, FINDING_YAML_QUOTES,
     "text that begins with this character must be quoted", NULL},
    {"while parsing a flow", "did not find expected ',' or", 0, false,
     REMEDY_PATTERN, FINDING_YAML_QUOTES,
     "this cannot stand unquoted, or the bracket before it is not closed",
     QUOTE_FLOW},
    {"while scanning a quoted scalar", "found unexpected", 0, true, REMEDY_HINT,
     FINDING_YAML_SYNTAX, "the quote that opens here is never closed",
     "close the quote; inside '...' a quote is written twice"},
    {"while parsing a quoted scalar", "found unknown escape", 0, false,
     REMEDY_HINT, FINDING_YAML_SYNTAX,
     "an escape that YAML does not know, in double quotes",
     "write a text with backslashes, as a pattern, in single quotes"},
    {"while parsing a quoted scalar", "found invalid Unicode", 0, true,
     REMEDY_HINT, FINDING_YAML_SYNTAX,
     "half a surrogate pair, or no character at all, is escaped here",
     "write the character itself, or as \"\\U0001F600\""},
    {"while scanning a simple key", "could not find expected ':'", 0, true,
     REMEDY_HINT, FINDING_YAML_SYNTAX, "a key without ': ' behind it",
     "write 'key: value', and list entries as '- entry'"},
    {"", "mapping values are not allowed", 0, false, REMEDY_HINT,
     FINDING_YAML_SYNTAX, "a ':' where no key can end",
     "quote a text that holds ': ', and check the indentation"},
    {"", "block sequence entries are not allowed", 0, false, REMEDY_HINT,
     FINDING_YAML_SYNTAX, "a list entry cannot begin here",
     "write each '- entry' on a line of its own"},
    {"while parsing a block", "did not find expected", ':', false,
     REMEDY_BRACKET, FINDING_YAML_QUOTES,
     "text that begins with '[' must be quoted", NULL},
    {"while parsing a block", "did not find expected", 0, false, REMEDY_HINT,
     FINDING_YAML_SYNTAX, "this does not belong to what stands before it",
     "check the indentation, and quote the whole text if it begins with a "
     "quote or a bracket"},
    {"while scanning a block scalar", "", 0, true, REMEDY_QUOTES,
     FINDING_YAML_QUOTES, "text that begins with '|' or '>' must be quoted",
     NULL},
    {"", "found incompatible YAML document", 0, false, REMEDY_HINT,
     FINDING_YAML_DIRECTIVE, "a policy is YAML 1.1 or 1.2",
     "leave the directive out"},
    {"while scanning a directive", "", 0, true, REMEDY_HINT,
     FINDING_YAML_DIRECTIVE, "a policy holds no YAML directives",
     "leave it out; text that begins with '%' is quoted"},
    {"while scanning a %", "", 0, true, REMEDY_HINT, FINDING_YAML_DIRECTIVE,
     "a policy holds no YAML directives",
     "leave it out; text that begins with '%' is quoted"},
    {"while scanning a tag", "", 0, true, REMEDY_QUOTES, FINDING_YAML_QUOTES,
     "text that begins with '!' must be quoted", NULL},
    {"while parsing a node", "found undefined tag handle", 0, false,
     REMEDY_QUOTES, FINDING_YAML_QUOTES,
     "text that begins with '!' must be quoted", NULL},
    {"", "did not find expected <document start>", 0, false, REMEDY_HINT,
     FINDING_YAML_DOCUMENTS, "text behind the end of the policy",
     "keep one policy in one file"},
};

static const struct misreading *
find_misreading(const struct yaml_trouble *trouble, char first)
{
    for (size_t i = 0; i < sizeof MISREADINGS / sizeof *MISREADINGS; i++) {
        const struct misreading *known = &MISREADINGS[i];
        if (text_starts(trouble->context, text_of(known->context)) &&
            text_starts(trouble->problem, text_of(known->problem)) &&
            (known->first == 0 || known->first == first))
            return known;
    }
    return NULL;
}

static char
character_at(struct text text, size_t offset)
{
    return offset < text.size ? text.data[offset] : '\0';
}

static bool
is_pattern_entry(struct text token)
{
    return text_starts(token, TEXT("/")) || text_starts(token, TEXT("not /"));
}

/* The token in the quotes that keep all its characters as they are. */
static struct text
quoted_form(struct text token, char *form, size_t room)
{
    bool single = text_has(token, '\\') || text_has(token, '"') ||
                  is_pattern_entry(token);
    struct output out = output_to(form, room);
    output_byte(&out, single ? '\'' : '"');
    for (size_t i = 0; i < token.size && i < QUOTED_MOST; i++) {
        output_byte(&out, token.data[i]);
        if (single && token.data[i] == '\'')
            output_byte(&out, '\'');
    }
    output_string(&out, token.size > QUOTED_MOST ? "..." : "");
    output_byte(&out, single ? '\'' : '"');
    return output_written(&out);
}

static void
explain_unknown(const struct yaml_trouble *trouble, const char *file,
                struct mayrelay_report *report)
{
    struct place place = {file, (uint32_t)trouble->problem_at.line + 1,
                          (uint32_t)trouble->problem_at.column + 1};
    report_add(report, FINDING_YAML_SYNTAX, place, NULL,
               "not readable as YAML: %.*s%s%.*s", TEXT_ARGS(trouble->problem),
               trouble->context.size ? " " : "", TEXT_ARGS(trouble->context));
}

static bool
shows_quotes(enum remedy remedy, struct text token)
{
    return remedy == REMEDY_QUOTES || remedy == REMEDY_BRACKET ||
           (remedy == REMEDY_PATTERN && is_pattern_entry(token));
}

static struct text
misread_token(const struct misreading *known, struct text text, size_t offset,
              size_t context_offset)
{
    switch (known->remedy) {
    case REMEDY_PATTERN: return token_around(text, context_offset, offset);
    case REMEDY_BRACKET: return token_before(text, offset);
    case REMEDY_HINT:
    case REMEDY_QUOTES: return token_at(text, offset);
    }
    return token_at(text, offset);
}

static void
explain_as(const struct misreading *known, struct yaml_at at, struct text token,
           const char *file, struct mayrelay_report *report)
{
    struct place place = {file, (uint32_t)at.line + 1, (uint32_t)at.column + 1};
    char hint[3 * QUOTED_MOST];
    char form[2 * QUOTED_MOST + 8];
    struct output out = output_to(hint, sizeof hint);
    if (token.size && shows_quotes(known->remedy, token))
        output_format(&out, "did you mean %.*s?",
                      TEXT_ARGS(quoted_form(token, form, sizeof form)));
    const char *shown = out.size ? hint : known->hint;
    if (token.size)
        report_add(report, known->finding, place, shown, "'%.*s%s': %s",
                   QUOTED(token), known->message);
    else
        report_add(report, known->finding, place, shown, "%s", known->message);
}

void
yaml_explain(struct yaml_trouble trouble, struct text text, const char *file,
             struct mayrelay_report *report)
{
    if (trouble.unreadable) {
        refuse_character(
            text, trouble.offset, file, report,
            "take it out, or escape it in double quotes",
            "a control character, or one that YAML does not allow");
        return;
    }
    size_t offset = offset_of_index(text, trouble.problem_at.index);
    const struct misreading *known =
        find_misreading(&trouble, character_at(text, offset));
    if (!known) {
        explain_unknown(&trouble, file, report);
        return;
    }
    struct yaml_at at =
        known->at_context ? trouble.context_at : trouble.problem_at;
    struct text token =
        misread_token(known, text, offset_of_index(text, at.index),
                      offset_of_index(text, trouble.context_at.index));
    explain_as(known, at, token, file, report);
}
