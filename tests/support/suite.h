/* What every Check suite shares: one test file builds one suite, and main()
 * comes from here. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>

#include "base/text.h"

/* Check writes down where it is at each assertion that holds: in loops of
 * hundreds of thousands, under valgrind, that is most of the time. */
#define _mark_point(file_, line_) ((void)0)

/* Defined by the test file: its suite, tests added. */
Suite *test_suite(void);

/* Compares a struct text with a C string, showing both. */
#define ck_assert_text_eq(text_, string_)                                      \
    do {                                                                       \
        struct text text__ = (text_);                                          \
        const char *string__ = (string_);                                      \
        ck_assert_msg(text_equal(text__, text_of(string__)),                   \
                      "'%.*s' is not '%s'", TEXT_ARGS(text__), string__);      \
    } while (0)

#endif
