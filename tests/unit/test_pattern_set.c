#include "set/pattern_set.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static enum pattern_answer
match_once(struct text source, struct text subject)
{
    struct pattern_set *set = pattern_set_new(1);
    struct pattern_matcher *matcher = pattern_matcher_new();
    ck_assert_ptr_nonnull(set);
    ck_assert_ptr_nonnull(matcher);
    enum pattern_answer first =
        pattern_set_match(set, 0, source, subject, matcher);
    enum pattern_answer again =
        pattern_set_match(set, 0, source, subject, matcher);
    ck_assert_int_eq(first, again);
    pattern_matcher_free(matcher);
    pattern_set_free(set);
    return first;
}

static const struct match_row {
    struct text source, subject;
    enum pattern_answer answer;
} matches[] = {
    {TEXT("a"), TEXT("a"), PATTERN_YES},
    {TEXT("a"), TEXT("ab"), PATTERN_NO},
    {TEXT("a"), TEXT("ba"), PATTERN_NO},
    {TEXT("a"), TEXT(""), PATTERN_NO},
    {TEXT(""), TEXT(""), PATTERN_YES},
    {TEXT(""), TEXT("a"), PATTERN_NO},
    {{NULL, 0}, {NULL, 0}, PATTERN_YES},
    {TEXT("a|ab"), TEXT("ab"), PATTERN_YES},
    {TEXT("a|b"), TEXT("ab"), PATTERN_NO},
    {TEXT("a$"), TEXT("a\n"), PATTERN_NO},
    {TEXT("a.*"), TEXT("a\nb"), PATTERN_NO},
    {TEXT("x(*ACCEPT)y"), TEXT("xz"), PATTERN_NO},
    {TEXT("x\\Ky"), TEXT("xy"), PATTERN_YES},
    {TEXT("x\\Ky"), TEXT("axy"), PATTERN_NO},
    {TEXT("[A-Z]+"), TEXT("abc"), PATTERN_YES},
    {TEXT("stra\xc3\x9f"
          "e"),
     TEXT("STRA\xc3\x9f"
          "E"),
     PATTERN_YES},
    {TEXT("\xc3\xa9"), TEXT("\xc3\x89"), PATTERN_YES},
    {TEXT("."), TEXT("\xf0\x9f\x98\x80"), PATTERN_YES},
    {TEXT(".."), TEXT("\xc3\xa9"), PATTERN_NO},
    {TEXT("a.c"), TEXT("a\0c"), PATTERN_YES},
    {TEXT("a\0c"), TEXT("a\0c"), PATTERN_YES},
    {TEXT("(?<who>[a-z]+)-\\k<who>"), TEXT("ab-ab"), PATTERN_YES},
    {TEXT("(?<who>[a-z]+)-\\k<who>"), TEXT("ab-ac"), PATTERN_NO},
    {TEXT("(?C1)a"), TEXT("a"), PATTERN_YES},
    {TEXT("(*NO_JIT)a+"), TEXT("aaa"), PATTERN_YES},
    {TEXT("(*LIMIT_MATCH=1)a+b+"), TEXT("aabb"), PATTERN_UNDECIDED},
    /* subjects that are not UTF-8 */
    {TEXT(".*"), TEXT("\xff"), PATTERN_UNDECIDED},
    {TEXT(".*"), TEXT("a\xc3"), PATTERN_UNDECIDED},
    {TEXT(".*"), TEXT("\xed\xa0\x80"), PATTERN_UNDECIDED},
    /* sources that do not compile */
    {TEXT("("), TEXT("("), PATTERN_UNDECIDED},
    {TEXT("\xff"), TEXT("a"), PATTERN_UNDECIDED},
    {TEXT("a\\Cb"), TEXT("axb"), PATTERN_UNDECIDED},
};

START_TEST(the_whole_text_matches_or_not)
{
    const struct match_row *row = &matches[_i];
    enum pattern_answer answer = match_once(row->source, row->subject);
    ck_assert_msg(answer == row->answer, "'%.*s' on '%.*s': %d",
                  TEXT_ARGS(row->source), TEXT_ARGS(row->subject), answer);
}
END_TEST

/* A pattern cannot raise the limits it is given; it may lower them. */
static const struct text catastrophes[] = {
    TEXT("(a+)+$"),
    TEXT("(a+)+"),
    TEXT("(a|aa)+"),
    TEXT("(a|a?)+"),
    TEXT("(?:a*)*(?:a*)*"),
    TEXT("(*NO_JIT)(a+)+"),
    TEXT("(*LIMIT_MATCH=4000000000)(a+)+"),
    TEXT("(*NO_JIT)(*LIMIT_MATCH=4000000000)(*LIMIT_DEPTH=4000000000)"
         "(*LIMIT_HEAP=4000000000)(a+)+"),
    TEXT("(*NO_AUTO_POSSESS)(*NO_START_OPT)(a+)+"),
    TEXT("(?<r>a|(?&r)(?&r))+"),
};

START_TEST(a_catastrophe_is_undecided_soon)
{
    char subject[64];
    memset(subject, 'a', sizeof subject);
    subject[sizeof subject - 1] = '!';
    ck_assert_int_eq(
        match_once(catastrophes[_i], (struct text){subject, sizeof subject}),
        PATTERN_UNDECIDED);
}
END_TEST

/* Between our limits and the much higher ones PCRE2 has by itself. */
START_TEST(the_budget_is_ours)
{
    static const struct {
        struct text source;
        size_t size;
        char last;
        enum pattern_answer answer;
    } rows[] = {
        {TEXT("(a+)+"), 8, '!', PATTERN_NO},
        {TEXT("(a+)+"), 21, '!', PATTERN_UNDECIDED},
        {TEXT("(*NO_JIT)(a+)+"), 8, '!', PATTERN_NO},
        {TEXT("(*NO_JIT)(a+)+"), 21, '!', PATTERN_UNDECIDED},
        {TEXT("(*NO_JIT)(?<r>a(?&r)?)"), 300, 'a', PATTERN_YES},
        {TEXT("(*NO_JIT)(?<r>a(?&r)?)"), 700, 'a', PATTERN_UNDECIDED},
    };
    char subject[2000];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memset(subject, 'a', sizeof subject);
        subject[rows[i].size - 1] = rows[i].last;
        struct text text = {subject, rows[i].size};
        ck_assert_msg(match_once(rows[i].source, text) == rows[i].answer,
                      "row %zu", i);
    }
}
END_TEST

START_TEST(long_plain_matches_stay_within_the_limits)
{
    static const struct text sources[] = {
        TEXT("(?:a|b)*"),
        TEXT("[ab]*"),
        TEXT("(?:ab?)+"),
        TEXT("(*NO_JIT)(?:a|b)*"),
    };
    char subject[320];
    memset(subject, 'a', sizeof subject);
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        ck_assert_msg(
            match_once(sources[i], (struct text){subject, sizeof subject}) ==
                PATTERN_YES,
            "%.*s", TEXT_ARGS(sources[i]));
}
END_TEST

START_TEST(one_matcher_serves_many_patterns)
{
    struct pattern_set *set = pattern_set_new(3);
    struct pattern_matcher *matcher = pattern_matcher_new();
    const struct text sources[] = {TEXT("a+"), TEXT("("), TEXT("b+")};
    static const enum pattern_answer answers[] = {
        PATTERN_YES, PATTERN_UNDECIDED, PATTERN_NO};
    for (unsigned i = 0; i < 9; i++)
        ck_assert_int_eq(
            pattern_set_match(set, i % 3, sources[i % 3], TEXT("aa"), matcher),
            answers[i % 3]);
    ck_assert_int_eq(pattern_set_match(set, 3, TEXT("a"), TEXT("a"), matcher),
                     PATTERN_UNDECIDED);
    pattern_matcher_free(matcher);
    pattern_set_free(set);
}
END_TEST

START_TEST(what_failed_to_compile_is_not_tried_again)
{
    struct pattern_set *set = pattern_set_new(1);
    struct pattern_matcher *matcher = pattern_matcher_new();
    pattern_set_match(set, 0, TEXT("("), TEXT("a"), matcher);
    ck_assert_int_eq(pattern_set_match(set, 0, TEXT("a"), TEXT("a"), matcher),
                     PATTERN_UNDECIDED);
    pattern_matcher_free(matcher);
    pattern_set_free(set);
}
END_TEST

START_TEST(a_check_says_what_is_wrong_and_where)
{
    static const struct {
        struct text source;
        const char *says; /* NULL: it is fine */
        size_t offset;    /* 0: wherever this PCRE2 sees it */
    } rows[] = {
        {TEXT("a+@b\\.com"), NULL, 0},
        {TEXT(""), NULL, 0},
        {TEXT("ab("), "missing closing parenthesis", 3},
        {TEXT("ab[z-a]"), "range out of order", 0},
        {TEXT("a\\C"), "\\C is disabled", 3},
        {TEXT("(a)\\1"), "non-existent subpattern", 0},
        {TEXT("ab\xff"), "UTF-8 error", 2},
        {TEXT("(?:(?:a{1,9999}){1,9999}){1,9999}"), "too large", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char message[PATTERN_MESSAGE_SIZE];
        size_t offset;
        bool fine = pattern_check(rows[i].source, message, &offset);
        ck_assert_msg(fine == !rows[i].says, "row %zu", i);
        if (fine)
            continue;
        ck_assert_msg(strstr(message, rows[i].says), "row %zu: %s at %zu", i,
                      message, offset);
        if (rows[i].offset)
            ck_assert_uint_eq(offset, rows[i].offset);
    }
}
END_TEST

START_TEST(nothing_is_freed_without_complaint)
{
    pattern_set_free(NULL);
    pattern_matcher_free(NULL);
    pattern_set_free(pattern_set_new(0));
    ck_assert_ptr_null(pattern_set_new(SIZE_MAX / 2));
}
END_TEST

enum {
    RACE_PATTERNS = 200,
    RACERS = 4
};

static const struct text slow_to_compile = TEXT("(?:[a-c]{1,200}@x){1,99}");
static pthread_barrier_t start;

/* All begin with each pattern together, so that some compile it twice. */
static void *
race(void *shared)
{
    struct pattern_matcher *matcher = pattern_matcher_new();
    uintptr_t wrong = matcher == NULL;
    for (size_t i = 0; i < RACE_PATTERNS; i++) {
        pthread_barrier_wait(&start);
        wrong += !matcher ||
                 pattern_set_match(shared, i, slow_to_compile, TEXT("abc@x"),
                                   matcher) != PATTERN_YES;
    }
    pattern_matcher_free(matcher);
    return (void *)wrong;
}

START_TEST(threads_share_what_the_first_compiled)
{
    struct pattern_set *set = pattern_set_new(RACE_PATTERNS);
    pthread_t threads[RACERS];
    ck_assert_int_eq(pthread_barrier_init(&start, NULL, RACERS), 0);
    for (unsigned i = 0; i < RACERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, race, set), 0);
    for (unsigned i = 0; i < RACERS; i++) {
        void *wrong;
        ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
        ck_assert_ptr_null(wrong);
    }
    pthread_barrier_destroy(&start);
    pattern_set_free(set);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("pattern_set");
    TCase *tests = tcase_create("pattern_set");
    tcase_add_loop_test(tests, the_whole_text_matches_or_not, 0,
                        sizeof matches / sizeof *matches);
    tcase_add_loop_test(tests, a_catastrophe_is_undecided_soon, 0,
                        sizeof catastrophes / sizeof *catastrophes);
    tcase_add_test(tests, the_budget_is_ours);
    tcase_add_test(tests, long_plain_matches_stay_within_the_limits);
    tcase_add_test(tests, one_matcher_serves_many_patterns);
    tcase_add_test(tests, what_failed_to_compile_is_not_tried_again);
    tcase_add_test(tests, a_check_says_what_is_wrong_and_where);
    tcase_add_test(tests, nothing_is_freed_without_complaint);
    tcase_add_test(tests, threads_share_what_the_first_compiled);
    suite_add_tcase(suite, tests);
    return suite;
}
