#include "set/name_set.h"

#include <stdio.h>

#include "damage.h"
#include "suite.h"

enum {
    NAME_ROOM = 256,
    OTHERWISE = 77
};

struct names {
    char (*texts)[NAME_ROOM];
    struct named_value *list;
    size_t count;
};

static void
drop_names(struct names *names)
{
    free(names->texts);
    free(names->list);
}

/* One to five labels out of `words` different ones, so that names share and
 * are suffixes of each other. */
static struct text
random_name(char out[NAME_ROOM], size_t words, uint64_t *state)
{
    size_t labels = 1 + random_below(state, 5);
    int size = 0;
    for (size_t i = 0; i < labels; i++)
        size += snprintf(out + size, NAME_ROOM - (size_t)size, "%s%zx",
                         i ? "." : "", random_below(state, words) * 2654435);
    return (struct text){out, (size_t)size};
}

static int
compare_names(const void *left, const void *right)
{
    const struct named_value *a = left, *b = right;
    return text_compare(a->name, b->name);
}

static struct names
random_names(size_t count, size_t words, uint32_t values, uint64_t *state)
{
    struct names names = {calloc(count + 1, NAME_ROOM),
                          calloc(count + 1, sizeof *names.list), 0};
    for (size_t i = 0; i < count; i++)
        names.list[i] =
            (struct named_value){random_name(names.texts[i], words, state),
                                 (uint32_t)random_below(state, values),
                                 (uint32_t)random_below(state, values)};
    qsort(names.list, count, sizeof *names.list, compare_names);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || compare_names(&names.list[i], &names.list[i - 1]) != 0)
            names.list[names.count++] = names.list[i];
    return names;
}

static void
shuffle(struct named_value *list, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(state, i);
        struct named_value swap = list[i - 1];
        list[i - 1] = list[other];
        list[other] = swap;
    }
}

static struct name_set
build(struct buffer *out, const struct named_value *list, size_t count)
{
    struct name_set set;
    name_set_build(out, list, count, OTHERWISE);
    ck_assert(!out->failed);
    unsigned char *exact = exact_copy(out->data, out->size);
    ck_assert(name_set_open(&set, exact, out->size));
    return set;
}

static void
drop(struct name_set *set)
{
    free((void *)(uintptr_t)set->data);
}

static const struct named_value *
find(const struct names *names, struct text name)
{
    const struct named_value wanted = {name, 0, 0};
    return bsearch(&wanted, names->list, names->count, sizeof wanted,
                   compare_names);
}

/* `names` is sorted.  Tries the name, then all that is above it. */
static uint32_t
naive(const struct names *names, struct text name)
{
    const struct named_value *found = find(names, name);
    if (found)
        return found->exact;
    for (size_t dot; (dot = text_find(name, '.')) != TEXT_NONE;) {
        name = text_from(name, dot + 1);
        found = find(names, name);
        if (found)
            return found->below;
    }
    return OTHERWISE;
}

static void
expect(const struct name_set *set, struct text name, uint32_t value)
{
    uint32_t found = ~value;
    bool sound = name_set_lookup(set, name, &found);
    if (!sound || found != value)
        ck_abort_msg("'%.*s' has %u, not %u (sound: %d)", TEXT_ARGS(name),
                     found, value, sound);
}

static void
expect_around(const struct name_set *set, const struct names *names,
              struct text name)
{
    char other[NAME_ROOM + 8];
    int size = snprintf(other, sizeof other, "sub.%.*s", TEXT_ARGS(name));
    struct text sub = {other, (size_t)size};
    expect(set, name, naive(names, name));
    expect(set, sub, naive(names, sub));
    /* "bx.y" is not below "x.y", nor is ".y" */
    expect(set, text_from(sub, 2), naive(names, text_from(sub, 2)));
    for (size_t i = 0; i < name.size; i++)
        expect(set, text_from(name, i), naive(names, text_from(name, i)));
}

static const struct size_row {
    size_t count, words;
    uint32_t values;
} sizes[] = {
    {0, 1, 1},    {1, 1000, 9},       {2, 1000, 9},        {9, 10, 3},
    {50, 3, 9},   {300, 9, 2},        {1000, 20, 300},     {1000, 1000, 70000},
    {9000, 9, 4}, {30000, 300, 1000}, {100000, 100000, 6},
};

START_TEST(look_ups_agree_with_the_naive_search)
{
    const struct size_row *row = &sizes[_i];
    uint64_t state = 31 + (uint64_t)_i;
    struct names names =
        random_names(row->count, row->words, row->values, &state);
    struct buffer out = {0};
    struct name_set set = build(&out, names.list, names.count);
    for (size_t i = 0; i < names.count; i++)
        expect(&set, names.list[i].name, names.list[i].exact);
    for (size_t i = 0; i < names.count; i += 1 + names.count / 2000)
        expect_around(&set, &names, names.list[i].name);
    for (unsigned i = 0; i < 1000; i++) {
        char room[NAME_ROOM];
        expect_around(&set, &names, random_name(room, row->words, &state));
    }
    drop(&set);
    buffer_clear(&out);
    drop_names(&names);
}
END_TEST

START_TEST(a_walk_meets_every_name_once)
{
    uint64_t state = 5 + (uint64_t)_i;
    struct names names = random_names(200 * (size_t)_i, 40, 9, &state);
    struct buffer out = {0};
    struct name_set set = build(&out, names.list, names.count);
    struct named_value name;
    uint64_t seen = 0, wanted = 0;
    size_t count = 0;
    for (size_t at = 0; name_set_next(&set, &at, &name); count++) {
        const struct named_value *found = find(&names, name.name);
        ck_assert_ptr_nonnull(found);
        ck_assert_uint_eq(found->exact, name.exact);
        ck_assert_uint_eq(found->below, name.below);
        seen += (uint64_t)(found - names.list) + 1;
    }
    for (size_t i = 0; i < names.count; i++)
        wanted += i + 1;
    ck_assert_uint_eq(count, names.count);
    ck_assert_uint_eq(seen, wanted);
    drop(&set);
    buffer_clear(&out);
    drop_names(&names);
}
END_TEST

START_TEST(the_order_of_the_names_is_no_matter)
{
    const struct size_row *row = &sizes[_i];
    uint64_t state = 51 + (uint64_t)_i;
    struct names names =
        random_names(row->count, row->words, row->values, &state);
    struct buffer one = {0}, other = {0};
    name_set_build(&one, names.list, names.count, 1);
    shuffle(names.list, names.count, &state);
    name_set_build(&other, names.list, names.count, 1);
    ck_assert(!one.failed && !other.failed);
    ck_assert_uint_eq(one.size, other.size);
    ck_assert(memcmp(one.data, other.data, one.size) == 0);
    buffer_clear(&one);
    buffer_clear(&other);
    drop_names(&names);
}
END_TEST

static const struct named_value sample[] = {
    {TEXT("example.com"), 1, 2},
    {TEXT("mx.example.com"), 3, 2},
    {TEXT("a.b.c.deep.example.net"), 4, OTHERWISE},
    {TEXT("co.uk"), OTHERWISE, 5},
    {TEXT("localhost"), 6, 0xffffffff},
};

enum {
    SAMPLES = sizeof sample / sizeof *sample
};

static const struct look_row {
    struct text name;
    uint32_t value;
} looks[] = {
    {TEXT("example.com"), 1},
    {TEXT("www.example.com"), 2},
    {TEXT("mx.example.com"), 3},
    {TEXT("x.mx.example.com"), 2},
    {TEXT("anexample.com"), OTHERWISE},
    {TEXT("com"), OTHERWISE},
    {TEXT("xcom"), OTHERWISE},
    {TEXT("net"), OTHERWISE},
    {TEXT("deep.example.net"), OTHERWISE},
    {TEXT("a.b.c.deep.example.net"), 4},
    {TEXT("b.c.deep.example.net"), OTHERWISE},
    {TEXT("z.a.b.c.deep.example.net"), OTHERWISE},
    {TEXT("co.uk"), OTHERWISE},
    {TEXT("a.b.co.uk"), 5},
    {TEXT("localhost"), 6},
    {TEXT("a.localhost"), 0xffffffff},
    {TEXT(""), OTHERWISE},
    {TEXT("."), OTHERWISE},
    {TEXT(".com"), OTHERWISE},
    {TEXT(".example.com"), 2},
    {TEXT("example.com."), OTHERWISE},
    {TEXT("example\0com"), OTHERWISE},
    {TEXT("\0.example.com"), 2},
};

START_TEST(the_nearest_name_counts)
{
    struct buffer out = {0};
    struct name_set set = build(&out, sample, SAMPLES);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        expect(&set, looks[i].name, looks[i].value);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(a_name_between_two_keeps_what_is_above)
{
    const struct named_value list[] = {
        {TEXT("com"), 1, 2},
        {TEXT("a.b.c.com"), 3, 4},
    };
    struct buffer out = {0};
    struct name_set set = build(&out, list, 2);
    expect(&set, TEXT("c.com"), 2);
    expect(&set, TEXT("b.c.com"), 2);
    expect(&set, TEXT("x.b.c.com"), 2);
    expect(&set, TEXT("x.a.b.c.com"), 4);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(names_have_1_to_255_bytes_and_come_once)
{
    char bytes[400];
    memset(bytes, 'a', sizeof bytes);
    for (size_t i = 1; i < sizeof bytes; i += 2)
        bytes[i] = '.';
    const struct {
        struct named_value list[2];
        bool fails;
    } rows[] = {
        {{{{bytes, 255}, 1, 2}, {TEXT("b"), 1, 1}}, false},
        {{{{bytes, 256}, 1, 2}, {TEXT("b"), 1, 1}}, true},
        {{{TEXT(""), 1, 2}, {TEXT("b"), 1, 1}}, true},
        {{{TEXT("b"), 1, 2}, {TEXT("b"), 1, 2}}, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {0};
        name_set_build(&out, rows[i].list, 2, 0);
        ck_assert_msg(out.failed == rows[i].fails, "row %zu", i);
        buffer_clear(&out);
    }
    struct buffer out = {0};
    struct name_set set = build(&out, rows[0].list, 2);
    expect(&set, (struct text){bytes, 255}, 1);
    expect(&set, (struct text){bytes, 399}, 2);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(a_name_costs_few_bytes_more_than_itself)
{
    uint64_t state = 9;
    struct names names = random_names(40000, 1 << 30, 2, &state);
    struct buffer out = {0};
    size_t bytes = 0, suffixes = 0;
    for (size_t i = 0; i < names.count; i++) {
        struct text rest = names.list[i].name, label;
        bytes += names.list[i].name.size;
        while (text_split(&rest, '.', &label))
            suffixes++;
    }
    name_set_build(&out, names.list, names.count, 0);
    ck_assert_uint_le(out.size, bytes + 2 * names.count + suffixes * 8 + 512);
    buffer_clear(&out);
    drop_names(&names);
}
END_TEST

static void
probe(const void *data, size_t size)
{
    struct name_set set;
    uint32_t value;
    if (!name_set_open(&set, data, size))
        return;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        name_set_lookup(&set, looks[i].name, &value);
}

START_TEST(damage_never_leads_outside)
{
    struct buffer out = {0};
    name_set_build(&out, sample, SAMPLES, OTHERWISE);
    damage_each(&out, 64, 30000, probe);
    damage_each(&out, 192, 30000, probe);
    buffer_clear(&out);
}
END_TEST

/* One entry wherever its offset may lead, in an arena of every size byte. */
START_TEST(a_set_that_is_not_aligned_is_none)
{
    struct named_value name = {TEXT("a.example"), 1, 2};
    struct buffer out = {0};
    struct name_set set;
    name_set_build(&out, &name, 1, OTHERWISE);
    unsigned char *apart = malloc(out.size + 1);
    memcpy(apart + 1, out.data, out.size);
    ck_assert(name_set_open(&set, out.data, out.size));
    ck_assert(!name_set_open(&set, apart + 1, out.size));
    free(apart);
    buffer_clear(&out);
}
END_TEST

START_TEST(no_offset_leads_outside)
{
    enum {
        FIRST_OFFSET = 64 + 24,
        ARENA = 64 + 64 + 8
    };
    const struct named_value name = {TEXT("local"), 1, 2};
    static const unsigned char fills[] = {5, 0, 4, 255};
    struct buffer out = {0};
    name_set_build(&out, &name, 1, OTHERWISE);
    for (uint32_t i = 0; i < 4 * 64; i++) {
        struct name_set set;
        uint32_t offset = i / 4, value;
        unsigned char *copy = exact_copy(out.data, out.size);
        memset(copy + ARENA, fills[i % 4], out.size - ARENA);
        memcpy(copy + FIRST_OFFSET, &offset, sizeof offset);
        ck_assert(name_set_open(&set, copy, out.size));
        if (name_set_lookup(&set, name.name, &value))
            ck_assert_uint_lt(offset, out.size - ARENA);
        free(copy);
    }
    buffer_clear(&out);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("name_set");
    TCase *tests = tcase_create("name_set");
    int rows = sizeof sizes / sizeof *sizes;
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, look_ups_agree_with_the_naive_search, 0, rows);
    tcase_add_loop_test(tests, the_order_of_the_names_is_no_matter, 0, rows);
    tcase_add_loop_test(tests, a_walk_meets_every_name_once, 0, 3);
    tcase_add_test(tests, the_nearest_name_counts);
    tcase_add_test(tests, a_name_between_two_keeps_what_is_above);
    tcase_add_test(tests, names_have_1_to_255_bytes_and_come_once);
    tcase_add_test(tests, a_name_costs_few_bytes_more_than_itself);
    tcase_add_test(tests, a_set_that_is_not_aligned_is_none);
    tcase_add_test(tests, no_offset_leads_outside);
    tcase_add_test(tests, damage_never_leads_outside);
    suite_add_tcase(suite, tests);
    return suite;
}
