#include <stdio.h>
#include <string.h>

#include "damage.h"
#include "image/keys.h"
#include "set/name_set.h"
#include "set/text_set.h"
#include "suite.h"

enum {
    LISTS = 5,
    ENTRIES = 40,
    ROUNDS = 40,
    PROBES = 200,
    TEXT_SIZE = 32
};

struct listed {
    char text[TEXT_SIZE];
    bool below;
    uint32_t list, extra;
};

/* The class is of just these lists, a bit for each. */
static void
assert_class(const struct classes *classes, uint32_t class, uint32_t bits,
             uint32_t extra, const char *what)
{
    size_t count;
    uint32_t got = 0;
    const uint32_t *set = classes_get(classes, class, &count);
    for (size_t i = 1; i <= count; i++)
        got |= 1u << set[i];
    ck_assert_msg(got == bits, "%s: %x is not %x", what, got, bits);
    ck_assert_msg(set[0] == extra, "%s: %u is not %u", what, set[0], extra);
}

/* Few labels, so that names meet. */
static void
random_name(uint64_t *state, char text[TEXT_SIZE])
{
    static const char *const labels[] = {"a", "b", "xa", "example"};
    size_t size = 0;
    size_t count = 1 + random_below(state, 4);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, TEXT_SIZE - size, "%s%s",
                                 i ? "." : "", labels[random_below(state, 4)]);
}

static struct listed
random_listed(uint64_t *state)
{
    struct listed listed = {.below = random_below(state, 2),
                            .list = (uint32_t)random_below(state, LISTS)};
    random_name(state, listed.text);
    return listed;
}

static bool
is_in(const struct listed *entry, struct text name)
{
    struct text own = text_of(entry->text);
    if (!entry->below)
        return text_equal(own, name);
    return name.size > own.size && text_ends(name, own) &&
           name.data[name.size - own.size - 1] == '.';
}

static uint32_t
naive_lists(const struct listed *all, struct text name)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < ENTRIES; i++)
        bits |= is_in(&all[i], name) ? 1u << all[i].list : 0;
    return bits;
}

/* The extra of the longest entry that covers the name, the name itself first;
 * of one said twice, the last. */
static uint32_t
naive_extra(const struct listed *all, struct text name)
{
    uint32_t extra = 0;
    size_t longest = 0;
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t size = strlen(all[i].text) + !all[i].below;
        if (!all[i].extra || !is_in(&all[i], name) || size < longest)
            continue;
        longest = size;
        extra = all[i].extra;
    }
    return extra;
}

static void
compare_names(uint64_t *state)
{
    struct listed all[ENTRIES];
    struct name_lists names = {0};
    struct classes classes;
    struct buffer out = {0};
    struct name_set set;
    classes_start(&classes);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        all[i] = random_listed(state);
        name_lists_add(&names, text_of(all[i].text), all[i].below, all[i].list);
        if (i % 3)
            continue;
        all[i].extra = i + 1;
        name_lists_set_extra(&names, text_of(all[i].text), all[i].below, i + 1);
    }
    name_lists_build(&names, &classes, &out);
    ck_assert(!out.failed);
    ck_assert(name_set_open(&set, out.data, out.size));
    for (int i = 0; i < PROBES; i++) {
        char text[TEXT_SIZE];
        uint32_t class;
        random_name(state, text);
        ck_assert(name_set_lookup(&set, text_of(text), &class));
        assert_class(&classes, class, naive_lists(all, text_of(text)),
                     naive_extra(all, text_of(text)), text);
    }
    name_lists_clear(&names);
    classes_clear(&classes);
    buffer_clear(&out);
}

START_TEST(names_agree_with_naive_membership)
{
    uint64_t state = 5;
    for (int round = 0; round < ROUNDS; round++)
        compare_names(&state);
}
END_TEST

static void
compare_keys(uint64_t *state)
{
    struct listed all[ENTRIES];
    struct key_lists keys = {0};
    struct classes classes;
    struct buffer out = {0};
    struct text_set set;
    classes_start(&classes);
    for (int i = 0; i < ENTRIES; i++) {
        all[i] = random_listed(state);
        all[i].below = false;
        key_lists_add(&keys, text_of(all[i].text), all[i].list);
    }
    key_lists_build(&keys, &classes, &out);
    ck_assert(!out.failed);
    ck_assert(text_set_open(&set, out.data, out.size));
    for (int i = 0; i < PROBES; i++) {
        char text[TEXT_SIZE];
        uint32_t class;
        random_name(state, text);
        ck_assert(text_set_lookup(&set, text_of(text), &class));
        assert_class(&classes, class, naive_lists(all, text_of(text)), 0, text);
    }
    key_lists_clear(&keys);
    classes_clear(&classes);
    buffer_clear(&out);
}

START_TEST(keys_agree_with_naive_membership)
{
    uint64_t state = 6;
    for (int round = 0; round < ROUNDS; round++)
        compare_keys(&state);
}
END_TEST

START_TEST(nothing_is_in_empty_sets)
{
    struct key_lists keys = {0};
    struct name_lists names = {0};
    struct classes classes;
    struct buffer text = {0};
    struct buffer name = {0};
    struct text_set texts;
    struct name_set set;
    uint32_t class = 9;
    classes_start(&classes);
    key_lists_build(&keys, &classes, &text);
    name_lists_build(&names, &classes, &name);
    ck_assert(text_set_open(&texts, text.data, text.size));
    ck_assert(text_set_lookup(&texts, TEXT("a"), &class));
    ck_assert_uint_eq(class, 0);
    ck_assert(name_set_open(&set, name.data, name.size));
    ck_assert(name_set_lookup(&set, TEXT("a.b"), &class));
    ck_assert_uint_eq(class, 0);
    classes_clear(&classes);
    buffer_clear(&text);
    buffer_clear(&name);
    key_lists_clear(&keys);
    name_lists_clear(&names);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("keys");
    TCase *tcase = tcase_create("keys");
    tcase_add_test(tcase, names_agree_with_naive_membership);
    tcase_add_test(tcase, keys_agree_with_naive_membership);
    tcase_add_test(tcase, nothing_is_in_empty_sets);
    suite_add_tcase(suite, tcase);
    return suite;
}
