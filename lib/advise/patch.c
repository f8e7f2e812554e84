#include "advise/patch.h"

#include "base/memory.h"

/* The octets of whole lines that hold [from, to), and so many of them that
 * what comes in their place ends where a line does. */
static void
widen(struct text text, size_t *from, size_t *to, struct text inserted)
{
    size_t feed = text_find_last(text_slice(text, 0, *from), '\n');
    size_t start = feed == TEXT_NONE ? 0 : feed + 1;
    bool ends = *to == start && !inserted.size;
    bool starts_line = *from == start;
    if (starts_line &&
        (ends || text_ends(inserted, TEXT("\n")) ||
         (!inserted.size && *to > *from && text.data[*to - 1] == '\n')))
        return;
    *from = start;
    feed = text_find(text_from(text, *to), '\n');
    *to = feed == TEXT_NONE ? text.size : *to + feed + 1;
}

static size_t
line_size(struct text text)
{
    size_t feed = text_find(text, '\n');
    return feed == TEXT_NONE ? text.size : feed + 1;
}

static uint32_t
count_lines(struct text text)
{
    uint32_t lines = 0;
    for (; text.size; text = text_from(text, line_size(text)))
        lines++;
    return lines;
}

/* Lines at the front that stay as they are. */
static void
drop_same_lines(struct hunk *hunk, size_t *dropped)
{
    while (hunk->taken.size) {
        size_t size = line_size(hunk->taken);
        struct text line = text_slice(hunk->taken, 0, size);
        struct text rest = text_from(hunk->come, *dropped);
        if (!text_ends(line, TEXT("\n")) || !text_starts(rest, line))
            return;
        hunk->taken = text_from(hunk->taken, size);
        *dropped += size;
        hunk->line++;
    }
}

bool
hunk_of(const struct edit *edit, struct text text, struct hunk *hunk)
{
    size_t from = edit->at;
    size_t to = edit->at + edit->removed;
    widen(text, &from, &to, edit->inserted);
    struct edit inside = {.at = edit->at - from,
                          .removed = edit->removed,
                          .inserted = edit->inserted};
    *hunk = (struct hunk){.line = count_lines(text_slice(text, 0, from)) + 1,
                          .taken = text_slice(text, from, to)};
    struct text come = edit_apply(&inside, hunk->taken);
    if (!come.data)
        return false;
    hunk->come = come;
    size_t dropped = 0;
    drop_same_lines(hunk, &dropped);
    /* To the front of its memory, which is what is freed. */
    memmove((char *)(uintptr_t)come.data, come.data + dropped,
            come.size - dropped);
    hunk->come.size = come.size - dropped;
    return true;
}

void
hunk_clear(struct hunk *hunk)
{
    memory_free((void *)(uintptr_t)hunk->come.data);
    hunk->come = (struct text){NULL, 0};
}

static bool
is_long(struct text text)
{
    for (; text.size; text = text_from(text, line_size(text)))
        if (line_size(text) > PATCH_LINE_MOST)
            return true;
    return false;
}

bool
hunk_is_long(const struct hunk *hunk)
{
    return is_long(hunk->taken) || is_long(hunk->come);
}

static void
write_range(struct output *out, char sign, const struct hunk *hunk,
            struct text lines)
{
    uint32_t count = count_lines(lines);
    output_format(out, "%c%u,%u", sign, count ? hunk->line : hunk->line - 1,
                  count);
}

static void
write_lines(struct output *out, char sign, struct text text)
{
    for (; text.size; text = text_from(text, line_size(text))) {
        struct text line = text_slice(text, 0, line_size(text));
        output_byte(out, sign);
        output_text(out, line);
        if (!text_ends(line, TEXT("\n")))
            output_string(out, "\n\\ No newline at end of file\n");
    }
}

void
hunk_write(struct output *out, const struct hunk *hunk, struct text file)
{
    output_format(out, "--- %.*s\n+++ %.*s\n@@ ", TEXT_ARGS(file),
                  TEXT_ARGS(file));
    write_range(out, '-', hunk, hunk->taken);
    output_byte(out, ' ');
    write_range(out, '+', hunk, hunk->come);
    output_string(out, " @@\n");
    write_lines(out, '-', hunk->taken);
    write_lines(out, '+', hunk->come);
}
