#include "policy/pattern_tail.h"

/* The literal domain must have this many labels. */
enum {
    LABELS_LEAST = 2
};

static bool
is_label(char c)
{
    return ascii_is_alnum(c) || c == '-';
}

/* The place of "\." that ends just before `end`, its backslash not itself
 * escaped; or TEXT_NONE. */
static size_t
escaped_dot_before(struct text pattern, size_t end)
{
    if (end < 2 || pattern.data[end - 1] != '.')
        return TEXT_NONE;
    size_t start = end - 1;
    while (start && pattern.data[start - 1] == '\\')
        start--;
    return (end - 1 - start) % 2 ? end - 2 : TEXT_NONE;
}

/* Labels at the end, each with "\." (or the pattern's start) before it. */
static unsigned
labels_at_end(struct text pattern)
{
    size_t end = pattern.size;
    unsigned labels = 0;
    for (;;) {
        size_t start = end;
        while (start && is_label(pattern.data[start - 1]))
            start--;
        if (start == end)
            return labels;
        if (!start)
            return labels + 1;
        end = escaped_dot_before(pattern, start);
        if (end == TEXT_NONE)
            return labels;
        labels++;
    }
}

/* The place behind the class that opens at `at`; TEXT_NONE if it does not end.
 * A ']' that comes first stands for itself. */
static size_t
behind_class(struct text pattern, size_t at)
{
    at++;
    if (at < pattern.size && pattern.data[at] == '^')
        at++;
    if (at < pattern.size && pattern.data[at] == ']')
        at++;
    for (; at < pattern.size; at++) {
        if (pattern.data[at] == ']')
            return at + 1;
        if (pattern.data[at] == '\\')
            at++;
        else if (pattern.data[at] == '[')
            return TEXT_NONE; /* [:alpha:] and its like: too clever here */
    }
    return TEXT_NONE;
}

/* (, (?:, look-around; but no verb, comment, option or branch reset, which
 * change what the rest means. */
static bool
is_plain_group(struct text rest)
{
    static const char *const PLAIN[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!"};
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
        if (text_starts(rest, text_of(PLAIN[i])))
            return true;
    return !text_starts(rest, TEXT("(?")) && !text_starts(rest, TEXT("(*"));
}

static const char ALTERNATION[] = "has an alternation at its top level";
static const char TOO_CLEVER[] =
    "holds what its literal end cannot be judged by";

static const char *
structure_problem(struct text pattern)
{
    size_t depth = 0;
    for (size_t at = 0; at < pattern.size; at++) {
        struct text rest = text_from(pattern, at);
        switch (pattern.data[at]) {
        case '\\':
            if (text_starts(rest, TEXT("\\Q")) ||
                text_starts(rest, TEXT("\\E")) ||
                text_starts(rest, TEXT("\\K")))
                return TOO_CLEVER;
            at++;
            break;
        case '[':
            at = behind_class(pattern, at);
            if (at == TEXT_NONE)
                return TOO_CLEVER;
            at--;
            break;
        case '(':
            if (!is_plain_group(rest))
                return TOO_CLEVER;
            depth++;
            break;
        case ')':
            if (!depth)
                return TOO_CLEVER;
            depth--;
            break;
        case '|':
            if (!depth)
                return ALTERNATION;
            break;
        default: break;
        }
    }
    return depth ? TOO_CLEVER : NULL;
}

const char *
pattern_tail_problem(struct text pattern)
{
    struct text body = pattern;
    if (text_ends(body, TEXT("$")))
        body = text_slice(body, 0, body.size - 1);
    const char *problem = structure_problem(body);
    if (problem)
        return problem;
    if (labels_at_end(body) < LABELS_LEAST)
        return "does not end in a literal domain of two labels";
    return NULL;
}
