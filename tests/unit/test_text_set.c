#include "set/text_set.h"

#include "damage.h"
#include "suite.h"

/* The room for all keys of a test, and the keys in it. */
struct keys {
    char *bytes;
    struct keyed_value *list;
    size_t count;
};

static void
drop_keys(struct keys *keys)
{
    free(keys->bytes);
    free(keys->list);
}

/* Different keys: number, then random bytes of any value, of random size. */
static struct keys
random_keys(size_t count, size_t longest, uint32_t most, uint64_t *state)
{
    struct keys keys = {malloc(count * (longest + 4) + 1),
                        calloc(count + 1, sizeof *keys.list), count};
    for (size_t i = 0; i < count; i++) {
        char *key = keys.bytes + i * (longest + 4);
        size_t size = 4 + random_below(state, longest + 1);
        uint32_t number = (uint32_t)i;
        memcpy(key, &number, sizeof number);
        for (size_t at = 4; at < size; at++)
            key[at] = (char)random_next(state);
        keys.list[i] = (struct keyed_value){
            {key, size}, 1 + (uint32_t)random_below(state, most)};
    }
    return keys;
}

static void
shuffle(struct keyed_value *list, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(state, i);
        struct keyed_value swap = list[i - 1];
        list[i - 1] = list[other];
        list[other] = swap;
    }
}

static struct text_set
build(struct buffer *out, const struct keyed_value *list, size_t count)
{
    struct text_set set;
    text_set_build(out, list, count);
    ck_assert(!out->failed);
    unsigned char *exact = exact_copy(out->data, out->size);
    ck_assert(text_set_open(&set, exact, out->size));
    return set;
}

static void
drop(struct text_set *set)
{
    free((void *)(uintptr_t)set->data);
}

static void
expect(const struct text_set *set, struct text key, uint32_t value)
{
    uint32_t found = ~value;
    bool sound = text_set_lookup(set, key, &found);
    if (!sound || found != value)
        ck_abort_msg("a key of %zu bytes has %u, not %u (sound: %d)", key.size,
                     found, value, sound);
}

static const struct size_row {
    size_t count, longest;
    uint32_t most;
} sizes[] = {
    {0, 0, 1},      {1, 0, 1},       {1, 300, 0xffffffff}, {2, 10, 255},
    {10, 10, 256},  {11, 10, 65535}, {100, 30, 3},         {1000, 400, 65536},
    {20, 60000, 9}, {5000, 30, 9},   {100000, 20, 70000},
};

START_TEST(every_key_has_its_value_and_no_other_key_has_one)
{
    const struct size_row *row = &sizes[_i];
    uint64_t state = 11 + (uint64_t)_i;
    struct keys keys = random_keys(row->count, row->longest, row->most, &state);
    struct keys others = random_keys(row->count, row->longest, 1, &state);
    struct buffer out = {0};
    struct text_set set = build(&out, keys.list, keys.count);
    for (size_t i = 0; i < keys.count; i++) {
        struct text key = keys.list[i].key;
        struct text other = others.list[i].key;
        expect(&set, key, keys.list[i].value);
        if (!text_equal(key, other))
            expect(&set, other, 0);
        expect(&set, text_slice(key, 0, 3), 0);
    }
    drop(&set);
    buffer_clear(&out);
    drop_keys(&keys);
    drop_keys(&others);
}
END_TEST

START_TEST(a_walk_meets_every_key_once)
{
    const struct size_row *row = &sizes[_i];
    uint64_t state = 3 + (uint64_t)_i;
    struct keys keys = random_keys(row->count, row->longest, row->most, &state);
    bool *met = calloc(keys.count + 1, sizeof *met);
    struct buffer out = {0};
    struct text_set set = build(&out, keys.list, keys.count);
    struct keyed_value entry;
    size_t count = 0;
    for (size_t at = 0; text_set_next(&set, &at, &entry); count++) {
        uint32_t number;
        memcpy(&number, entry.key.data, sizeof number);
        ck_assert(number < keys.count && !met[number]);
        ck_assert(text_equal(keys.list[number].key, entry.key));
        ck_assert_uint_eq(keys.list[number].value, entry.value);
        met[number] = true;
    }
    ck_assert_uint_eq(count, keys.count);
    drop(&set);
    buffer_clear(&out);
    free(met);
    drop_keys(&keys);
}
END_TEST

START_TEST(the_order_of_the_keys_is_no_matter)
{
    const struct size_row *row = &sizes[_i];
    uint64_t state = 23 + (uint64_t)_i;
    struct keys keys = random_keys(row->count, row->longest, row->most, &state);
    struct buffer one = {0}, other = {0};
    text_set_build(&one, keys.list, keys.count);
    shuffle(keys.list, keys.count, &state);
    text_set_build(&other, keys.list, keys.count);
    ck_assert(!one.failed && !other.failed);
    ck_assert_uint_eq(one.size, other.size);
    ck_assert(memcmp(one.data, other.data, one.size) == 0);
    buffer_clear(&one);
    buffer_clear(&other);
    drop_keys(&keys);
}
END_TEST

START_TEST(keys_may_be_empty_or_hold_any_byte)
{
    const struct keyed_value list[] = {
        {{NULL, 0}, 7},
        {TEXT("\0"), 8},
        {TEXT("\0\0"), 9},
        {TEXT("\xff\xfe"), 10},
    };
    struct buffer out = {0};
    struct text_set set = build(&out, list, 4);
    for (size_t i = 0; i < 4; i++)
        expect(&set, list[i].key, list[i].value);
    expect(&set, TEXT("\0\0\0"), 0);
    expect(&set, TEXT(""), 7);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(keys_end_at_64_kib)
{
    enum {
        MOST = 64 * 1024
    };
    char *bytes = calloc(MOST + 1, 1);
    struct keyed_value key = {{bytes, MOST}, 3};
    struct buffer out = {0};
    struct text_set set = build(&out, &key, 1);
    expect(&set, key.key, 3);
    expect(&set, (struct text){bytes, MOST - 1}, 0);
    expect(&set, (struct text){bytes, MOST + 1}, 0);
    drop(&set);
    key.key.size++;
    text_set_build(&out, &key, 1);
    ck_assert(out.failed);
    buffer_clear(&out);
    free(bytes);
}
END_TEST

START_TEST(broken_promises_fail)
{
    const struct keyed_value rows[][2] = {
        {{TEXT("a"), 1}, {TEXT("a"), 1}}, /* twice */
        {{TEXT("a"), 1}, {TEXT("b"), 0}}, /* 0 means absent */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {0};
        text_set_build(&out, rows[i], 2);
        ck_assert_msg(out.failed, "row %zu", i);
        buffer_clear(&out);
    }
}
END_TEST

START_TEST(an_entry_costs_twelve_bytes_at_most)
{
    uint64_t state = 5;
    struct keys keys = random_keys(50000, 20, 255, &state);
    struct buffer out = {0};
    size_t bytes = 0;
    for (size_t i = 0; i < keys.count; i++)
        bytes += keys.list[i].key.size;
    text_set_build(&out, keys.list, keys.count);
    ck_assert_uint_le(out.size, bytes + 12 * keys.count);
    buffer_clear(&out);
    drop_keys(&keys);
}
END_TEST

static const char *const samples[] = {
    "a@example.com", "b@example.com", "c@example.com", "d@example.com", "",
    "e@example.com", "f@example.com", "g@example.com", "h@example.com",
};

enum {
    SAMPLES = sizeof samples / sizeof *samples
};

static void
probe(const void *data, size_t size)
{
    char long_key[300] = {0};
    struct text_set set;
    uint32_t value;
    if (!text_set_open(&set, data, size))
        return;
    for (size_t i = 0; i < SAMPLES; i++)
        text_set_lookup(&set, text_of(samples[i]), &value);
    text_set_lookup(&set, TEXT("absent"), &value);
    text_set_lookup(&set, (struct text){long_key, sizeof long_key}, &value);
}

START_TEST(damage_never_leads_outside)
{
    static char long_key[300];
    struct keyed_value list[SAMPLES + 1] = {
        {{long_key, sizeof long_key}, 300},
    };
    struct buffer out = {0};
    for (unsigned i = 0; i < SAMPLES; i++)
        list[i + 1] = (struct keyed_value){text_of(samples[i]), i + 1};
    text_set_build(&out, list, SAMPLES + 1);
    ck_assert(!out.failed);
    damage_each(&out, 64, 30000, probe);
    damage_each(&out, 192, 30000, probe);
    buffer_clear(&out);
}
END_TEST

/* One entry wherever its offset may lead, in an arena of every size byte. */
START_TEST(a_set_that_is_not_aligned_is_none)
{
    struct keyed_value key = {TEXT("key"), 1};
    struct buffer out = {0};
    struct text_set set;
    text_set_build(&out, &key, 1);
    unsigned char *apart = malloc(out.size + 1);
    memcpy(apart + 1, out.data, out.size);
    ck_assert(text_set_open(&set, out.data, out.size));
    ck_assert(!text_set_open(&set, apart + 1, out.size));
    free(apart);
    buffer_clear(&out);
}
END_TEST

START_TEST(no_offset_leads_outside)
{
    enum {
        FIRST_OFFSET = 64 + 24,
        ARENA = 64 + 64
    };
    const struct keyed_value key = {TEXT("12345"), 1};
    static const unsigned char fills[] = {5, 0, 4, 255};
    struct buffer out = {0};
    text_set_build(&out, &key, 1);
    for (uint32_t i = 0; i < 4 * 64; i++) {
        struct text_set set;
        uint32_t offset = i / 4, value;
        unsigned char *copy = exact_copy(out.data, out.size);
        memset(copy + ARENA, fills[i % 4], out.size - ARENA);
        memcpy(copy + FIRST_OFFSET, &offset, sizeof offset);
        ck_assert(text_set_open(&set, copy, out.size));
        if (text_set_lookup(&set, key.key, &value))
            ck_assert_uint_lt(offset, out.size - ARENA);
        free(copy);
    }
    buffer_clear(&out);
}
END_TEST

/* Lines that all say "went on": a search ends by itself. */
START_TEST(damaged_lines_do_not_lead_in_circles)
{
    enum {
        REACH = 12
    };
    uint64_t state = 8;
    struct keys keys = random_keys(1000, 20, 9, &state);
    struct buffer out = {0};
    text_set_build(&out, keys.list, keys.count);
    for (size_t reach = 0; reach < 3; reach++) {
        struct text_set set;
        unsigned char *copy = exact_copy(out.data, out.size);
        uint32_t value, lines = 125;
        memset(copy + 64, 0xff, (size_t)lines * 64);
        memset(copy + REACH, reach == 0 ? 0 : 0xff, 4);
        if (reach == 2)
            memcpy(copy + REACH, &lines, sizeof lines);
        ck_assert(text_set_open(&set, copy, out.size));
        for (size_t i = 0; i < keys.count; i++)
            text_set_lookup(&set, keys.list[i].key, &value);
        free(copy);
    }
    buffer_clear(&out);
    drop_keys(&keys);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("text_set");
    TCase *tests = tcase_create("text_set");
    int rows = sizeof sizes / sizeof *sizes;
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_key_has_its_value_and_no_other_key_has_one,
                        0, rows);
    tcase_add_loop_test(tests, a_walk_meets_every_key_once, 0, rows);
    tcase_add_loop_test(tests, the_order_of_the_keys_is_no_matter, 0, rows);
    tcase_add_test(tests, keys_may_be_empty_or_hold_any_byte);
    tcase_add_test(tests, keys_end_at_64_kib);
    tcase_add_test(tests, broken_promises_fail);
    tcase_add_test(tests, an_entry_costs_twelve_bytes_at_most);
    tcase_add_test(tests, damage_never_leads_outside);
    tcase_add_test(tests, a_set_that_is_not_aligned_is_none);
    tcase_add_test(tests, no_offset_leads_outside);
    tcase_add_test(tests, damaged_lines_do_not_lead_in_circles);
    suite_add_tcase(suite, tests);
    return suite;
}
