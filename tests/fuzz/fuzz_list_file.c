/* List files: each line as the plain rules say, and every entry judged.
 *
 * The first octet: the place, as in fuzz_entry.c. */
#include "elements.h"
#include "fuzz.h"
#include "policy/list_file.h"

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The slow way: octet by octet. */
static struct text
plain_entry(struct text line)
{
    size_t end = 0;
    size_t start = 0;
    while (end < line.size &&
           !(line.data[end] == '#' && (end == 0 || line.data[end - 1] == ' ' ||
                                       line.data[end - 1] == '\t')))
        end++;
    while (start < end && is_blank(line.data[start]))
        start++;
    while (end > start && is_blank(line.data[end - 1]))
        end--;
    return text_slice(line, start, end);
}

/* The next line that holds an entry; its number is counted in `line`. */
static bool
plain_next(struct text *rest, uint32_t *line, struct text *entry)
{
    struct text whole;
    while (rest->size > 0) {
        size_t end = 0;
        while (end < rest->size && rest->data[end] != '\n')
            end++;
        whole = text_slice(*rest, 0, end);
        *rest = text_from(*rest, end + 1);
        ++*line;
        *entry = plain_entry(whole);
        if (entry->size > 0)
            return true;
    }
    return false;
}

static void
judge(struct text text, enum entry_place where, struct place place,
      struct arena *arena)
{
    struct element element;
    struct mayrelay_report *report = report_new();
    bool accepted = element_parse(text, where, true, (struct source){0}, place,
                                  arena, report, &element);
    element_check(&element, accepted, where, true, arena, report);
    mayrelay_report_free(report);
}

static void
check_file(struct text content, enum entry_place where, struct arena *arena)
{
    struct list_file file = list_file_of(content);
    struct text rest = text_starts(content, TEXT("\xef\xbb\xbf"))
                           ? text_from(content, 3)
                           : content;
    struct text entry, expected;
    uint32_t line = 0;
    while (list_file_next(&file, &entry)) {
        REQUIRE(plain_next(&rest, &line, &expected));
        REQUIRE(entry.data == expected.data && entry.size == expected.size);
        REQUIRE(file.line == line && file.column > 0);
        judge(entry, where, (struct place){"list.txt", line, file.column},
              arena);
    }
    REQUIRE(!plain_next(&rest, &line, &expected));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct input input = {data, size};
    enum entry_place where =
        (enum entry_place)(input_byte(&input) % 16 % PLACE_COUNT);
    check_file((struct text){(const char *)input.data, input.size}, where,
               &arena);
    arena_clear(&arena);
    return 0;
}
