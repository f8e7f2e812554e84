#include "cases/example.h"

struct reading {
    struct text pattern;
    size_t at;
    unsigned depth;
    struct output *out; /* NULL: what is read is not wanted */
};

enum {
    DEPTH_MOST = 50,
    EXAMPLE_MOST = 512 /* no value is longer */
};

static bool
has_more(const struct reading *r)
{
    return r->at < r->pattern.size;
}

static char
next(const struct reading *r)
{
    return has_more(r) ? r->pattern.data[r->at] : '\0';
}

static bool
take(struct reading *r, const char *word)
{
    if (!text_starts(text_from(r->pattern, r->at), text_of(word)))
        return false;
    r->at += strlen(word);
    return true;
}

static void
write(struct reading *r, char c)
{
    if (r->out)
        output_byte(r->out, c);
}

/* -- atoms -------------------------------------------------------------- */

/* Behind the backslash; '\0' for what stands for no character. */
static char
read_escape(struct reading *r)
{
    char c = next(r);
    r->at += has_more(r);
    switch (c) {
    case 'd': return '1';
    case 'w':
    case 'D':
    case 'S': return 'a';
    case 's': return ' ';
    case 'W': return '-';
    case 'b':
    case 'B':
    case 'A':
    case 'z':
    case 'Z': return '\0';
    default: return c;
    }
}

struct char_class {
    bool negated;
    bool holds[128];
};

static char
read_class_member(struct reading *r)
{
    char c = next(r);
    r->at++;
    return c == '\\' ? read_escape(r) : c;
}

static void
read_class(struct reading *r, struct char_class *class)
{
    *class = (struct char_class){.negated = take(r, "^")};
    for (bool first = true; has_more(r) && (first || next(r) != ']');
         first = false) {
        unsigned char low = (unsigned char)read_class_member(r);
        unsigned char high = low;
        if (next(r) == '-' && r->at + 1 < r->pattern.size &&
            r->pattern.data[r->at + 1] != ']') {
            r->at++;
            high = (unsigned char)read_class_member(r);
        }
        for (unsigned c = low; c <= high && c < 128; c++)
            class->holds[c] = true;
    }
    r->at += has_more(r);
}

static char
pick(const struct char_class *class)
{
    static const char LIKED[] = "a1bx.-@_ ";
    for (const char *c = LIKED; *c; c++)
        if (class->holds[(unsigned char)*c] != class->negated)
            return *c;
    for (unsigned c = '!'; c < 127; c++)
        if (class->holds[c] != class->negated)
            return (char)c;
    return '\0';
}

/* -- the whole ---------------------------------------------------------- */

static void read_alternatives(struct reading *r);

/* Look-around says what must (not) be there, but writes nothing. */
static void
read_group(struct reading *r)
{
    struct output *out = r->out;
    if (take(r, "?=") || take(r, "?!") || take(r, "?<=") || take(r, "?<!"))
        r->out = NULL;
    else
        take(r, "?:");
    if (++r->depth < DEPTH_MOST)
        read_alternatives(r);
    else
        r->at = r->pattern.size;
    r->depth--;
    take(r, ")");
    r->out = out;
}

static void
read_atom(struct reading *r)
{
    struct char_class class;
    char c = next(r);
    r->at++;
    switch (c) {
    case '^':
    case '$': return;
    case '.': c = 'a'; break;
    case '(': read_group(r); return;
    case '[':
        read_class(r, &class);
        c = pick(&class);
        break;
    case '\\': c = read_escape(r); break;
    default: break;
    }
    if (c)
        write(r, c);
}

static uint32_t
read_count(struct reading *r)
{
    uint32_t count = 0;
    for (; ascii_is_digit(next(r)) && count < 100; r->at++)
        count = 10 * count + (uint32_t)(next(r) - '0');
    return count;
}

/* How often what stands before is written at least. */
static uint32_t
read_repetition(struct reading *r)
{
    uint32_t times = 1;
    if (next(r) == '{' && r->at + 1 < r->pattern.size &&
        ascii_is_digit(r->pattern.data[r->at + 1])) {
        r->at++;
        times = read_count(r);
        while (has_more(r) && next(r) != '}')
            r->at++;
        r->at += has_more(r);
    } else if (!take(r, "*") && !take(r, "+") && !take(r, "?")) {
        return 1;
    }
    if (!take(r, "?"))
        take(r, "+");
    return times;
}

static void
read_sequence(struct reading *r)
{
    while (has_more(r) && next(r) != '|' && next(r) != ')') {
        size_t start = r->at;
        size_t written = r->out ? r->out->size : 0;
        read_atom(r);
        struct reading again = *r;
        uint32_t times = read_repetition(r);
        if (times == 0 && r->out)
            r->out->size = written;
        for (uint32_t i = 1; i < times && r->out; i++) {
            if (r->out->size >= EXAMPLE_MOST)
                return;
            again.at = start;
            read_atom(&again);
        }
    }
}

/* The first that there is. */
static void
read_alternatives(struct reading *r)
{
    struct output *out = r->out;
    read_sequence(r);
    r->out = NULL;
    while (take(r, "|"))
        read_sequence(r);
    r->out = out;
}

void
example_of_pattern(struct text pattern, struct output *out)
{
    struct reading reading = {.pattern = pattern, .out = out};
    read_alternatives(&reading);
}
