/* The crit-bit tree against a plain array. */
#include <stdlib.h>

#include "policy/text_map.h"
#include "suite.h"

enum {
    KEYS = 2000,
    KEY_MOST = 6
};

START_TEST(an_empty_map_holds_nothing)
{
    struct text_map map = {0};
    uint32_t value;
    ck_assert(!text_map_find(&map, TEXT(""), &value));
    text_map_clear(&map);
}
END_TEST

START_TEST(keys_are_told_apart)
{
    static const struct text TEXTS[] = {TEXT(""),  TEXT("\0"),     TEXT("\0\0"),
                                        TEXT("a"), TEXT("a\0"),    TEXT("ab"),
                                        TEXT("b"), TEXT("\xff"),   TEXT("aa"),
                                        TEXT("A"), TEXT("a\0\xff")};
    uint32_t count = sizeof TEXTS / sizeof *TEXTS;
    struct text_map map = {0};
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(text_map_add(&map, TEXTS[i], i, NULL), TEXT_MAP_ADDED);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = count;
        ck_assert(text_map_find(&map, TEXTS[i], &value));
        ck_assert_uint_eq(value, i);
        ck_assert_int_eq(text_map_add(&map, TEXTS[i], count, &value),
                         TEXT_MAP_PRESENT);
        ck_assert_uint_eq(value, i);
    }
    text_map_clear(&map);
}
END_TEST

static bool
find_plainly(char keys[][KEY_MOST], const size_t *sizes, uint32_t count,
             struct text key, uint32_t *value)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_equal((struct text){keys[i], sizes[i]}, key)) {
            *value = i;
            return true;
        }
    return false;
}

START_TEST(random_keys_are_found_as_in_an_array)
{
    static char keys[KEYS][KEY_MOST];
    static size_t sizes[KEYS];
    struct text_map map = {0};
    uint32_t count = 0;
    srand(7);
    for (int i = 0; i < KEYS; i++) {
        size_t size = (size_t)rand() % KEY_MOST;
        for (size_t j = 0; j < size; j++)
            keys[count][j] = (char)(rand() % 4 * 85);
        sizes[count] = size;
        struct text key = {keys[count], size};
        uint32_t wanted = 0;
        uint32_t present = 0;
        bool known = find_plainly(keys, sizes, count, key, &wanted);
        ck_assert_int_eq(text_map_add(&map, key, count, &present),
                         known ? TEXT_MAP_PRESENT : TEXT_MAP_ADDED);
        ck_assert_uint_eq(present, wanted);
        count += !known;
    }
    text_map_clear(&map);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("text_map");
    TCase *maps = tcase_create("maps");
    tcase_add_test(maps, an_empty_map_holds_nothing);
    tcase_add_test(maps, keys_are_told_apart);
    tcase_add_test(maps, random_keys_are_found_as_in_an_array);
    suite_add_tcase(suite, maps);
    return suite;
}
