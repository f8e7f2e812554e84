#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "suite.h"

START_TEST(memory_is_zeroed_and_aligned)
{
    struct arena arena = {0};
    for (size_t size = 1; size < 400; size += 7) {
        unsigned char *bytes = arena_new(&arena, 3, size);
        ck_assert_uint_eq((uintptr_t)bytes % alignof(max_align_t), 0);
        for (size_t i = 0; i < 3 * size; i++)
            ck_assert_uint_eq(bytes[i], 0);
        memset(bytes, 0xff, 3 * size);
        arena_copy(&arena, TEXT("odd"));
    }
    arena_clear(&arena);
    ck_assert_ptr_null(arena.newest);
}
END_TEST

START_TEST(large_pieces_stand_beside_small_ones)
{
    struct arena arena = {0};
    char *small = arena_new(&arena, 1, 10);
    unsigned char *large = arena_new(&arena, 1 << 20, 1);
    char *next = arena_new(&arena, 1, 10);
    memset(large, 1, 1 << 20);
    ck_assert_int_eq(small[9] + next[9], 0);
    arena_clear(&arena);
}
END_TEST

START_TEST(sizes_never_overflow)
{
    struct arena arena = {0};
    ck_assert_ptr_null(arena_new(&arena, SIZE_MAX, 2));
    ck_assert_ptr_null(arena_new(&arena, SIZE_MAX / 8, 8));
    ck_assert_ptr_nonnull(arena_new(&arena, SIZE_MAX, 0));
    arena_clear(&arena);
}
END_TEST

START_TEST(copies_end_in_nul)
{
    struct arena arena = {0};
    struct text copy = arena_copy(&arena, TEXT("a\0b"));
    ck_assert_uint_eq(copy.size, 3);
    ck_assert_mem_eq(copy.data, "a\0b", 4);
    struct text nothing = arena_copy(&arena, (struct text){NULL, 0});
    ck_assert_ptr_nonnull(nothing.data);
    ck_assert_int_eq(nothing.data[0], '\0');
    arena_clear(&arena);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *tcase = tcase_create("arena");
    tcase_add_test(tcase, memory_is_zeroed_and_aligned);
    tcase_add_test(tcase, large_pieces_stand_beside_small_ones);
    tcase_add_test(tcase, sizes_never_overflow);
    tcase_add_test(tcase, copies_end_in_nul);
    suite_add_tcase(suite, tcase);
    return suite;
}
