/* List entries at every place: what is accepted reads back as itself, what is
 * refused says why in one printable line.
 *
 * The first octet: the place; bit 4, from a list file; bit 5, without a report,
 * which is faster. */
#include "elements.h"
#include "fuzz.h"

enum {
    RUNS_PER_ARENA = 64
};

/* Its blocks are large and zeroed, so several inputs share one. */
static struct arena *
shared_arena(void)
{
    static struct arena arena;
    static unsigned runs;
    if (++runs % RUNS_PER_ARENA == 0)
        arena_clear(&arena);
    return &arena;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    uint8_t options = input_byte(&input);
    enum entry_place where = (enum entry_place)(options % 16 % PLACE_COUNT);
    bool in_file = options & 16;
    struct mayrelay_report *report = options & 32 ? NULL : report_new();
    struct arena *arena = shared_arena();
    struct element element;
    bool accepted = element_parse(
        (struct text){(const char *)input.data, input.size}, where, in_file,
        (struct source){0}, (struct place){"policy.yaml", 1, 1}, arena, report,
        &element);
    element_check(&element, accepted, where, in_file, arena, report);
    mayrelay_report_free(report);
    return 0;
}
