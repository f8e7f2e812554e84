#include "set/line_table.h"

#include "damage.h"
#include "suite.h"

enum {
    LINES = 6,
    CROWD = 35,
    LAST_HOME = -1 /* the upper half of a hash whose line is the last */
};

/* Hashes that differ in their tags only, all at home in the last line. */
static void
crowd_last_line(struct sort_item entries[CROWD])
{
    for (uint32_t i = 0; i < CROWD; i++)
        entries[i] = (struct sort_item){(uint64_t)(uint32_t)LAST_HOME << 32 | i,
                                        1000 + i, i % 4};
}

static bool
has(const struct line_table *table, const struct sort_item *entry)
{
    struct line_search search = line_search_start(table, entry->key);
    uint32_t offset;
    unsigned flags;
    while (line_search_next(&search, &offset, &flags))
        if (offset == entry->index)
            return flags == entry->note;
    return false;
}

static unsigned
count_hits(const struct line_table *table, uint64_t hash)
{
    struct line_search search = line_search_start(table, hash);
    uint32_t offset;
    unsigned flags, hits = 0;
    while (line_search_next(&search, &offset, &flags))
        hits++;
    return hits;
}

START_TEST(a_crowded_line_flows_over_and_around)
{
    struct line lines[LINES] = {0};
    struct sort_item entries[CROWD];
    crowd_last_line(entries);
    uint32_t reach = line_table_fill(lines, LINES, entries, CROWD);
    struct line_table table = {lines, LINES, reach};
    ck_assert_uint_eq(reach, 4);
    for (unsigned i = 0; i < CROWD; i++)
        ck_assert_msg(has(&table, &entries[i]), "entry %u", i);
    ck_assert_uint_eq(count_hits(&table, UINT64_MAX), 0);
    /* 0 marks an empty slot, so its tag is that of 1 */
    ck_assert_uint_eq(count_hits(&table, entries[0].key), 2);
    ck_assert_uint_eq(count_hits(&table, UINT64_C(3) << 62), 0);
}
END_TEST

START_TEST(random_entries_are_found)
{
    enum {
        MOST = 3000
    };
    static struct sort_item entries[MOST];
    uint64_t state = 17;
    for (size_t count = 1; count <= MOST; count = count * 2 + 1) {
        size_t lines = line_table_lines(count);
        struct line *room = calloc(lines, sizeof *room);
        for (uint32_t i = 0; i < count; i++)
            entries[i] = (struct sort_item){random_next(&state), i, i % 4};
        ck_assert(radix_sort(entries, count));
        uint32_t reach = line_table_fill(room, (uint32_t)lines, entries, count);
        struct line_table table = {room, (uint32_t)lines, reach};
        for (size_t i = 0; i < count; i++)
            ck_assert_msg(has(&table, &entries[i]), "entry %zu", i);
        free(room);
    }
}
END_TEST

/* Each line says that an entry went on, and none is looked for. */
START_TEST(a_search_ends_at_the_reach_and_after_one_round)
{
    static const struct {
        uint32_t reach, looked_at;
    } rows[] = {
        {1, 1}, {3, 3}, {LINES, LINES}, {0, 1}, {UINT32_MAX, 1}, {LINES + 1, 1},
    };
    struct line lines[LINES] = {0};
    for (int i = 0; i < LINES; i++)
        lines[i].words[2] = UINT64_C(1) << 63;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line_table table = {lines, LINES, rows[i].reach};
        struct line_search search = line_search_start(&table, UINT64_MAX);
        uint32_t home = search.at;
        uint32_t offset;
        unsigned flags;
        ck_assert(!line_search_next(&search, &offset, &flags));
        ck_assert_uint_eq((search.at + LINES - home) % LINES + 1,
                          rows[i].looked_at);
    }
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("line_table");
    TCase *tests = tcase_create("line_table");
    tcase_add_test(tests, a_crowded_line_flows_over_and_around);
    tcase_add_test(tests, random_entries_are_found);
    tcase_add_test(tests, a_search_ends_at_the_reach_and_after_one_round);
    suite_add_tcase(suite, tests);
    return suite;
}
