/* Which name is offered for a wrong one. */
#include "policy/nearest.h"
#include "suite.h"

static const char *const NAMES[] = {"clients",    "users", "senders",
                                    "recipients", "tls",   "listeners"};

static const struct {
    const char *wanted, *best; /* NULL: none is near enough */
} GUESSES[] = {
    {"client", "clients"},
    {"Cleints", "clients"},
    {"user", "users"},
    {"sender", "senders"},
    {"recipient", "recipients"},
    {"listners", "listeners"},
    {"tsl", NULL},
    {"tl", "tls"},
    {"everybody", NULL},
    {"", NULL},
    {"x", NULL},
};

START_TEST(the_nearest_is_offered)
{
    struct nearest nearest = nearest_to(text_of(GUESSES[_i].wanted));
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        nearest_offer(&nearest, text_of(NAMES[i]));
    ck_assert_msg(nearest_found(&nearest) == (GUESSES[_i].best != NULL),
                  "'%s' found '%.*s'", GUESSES[_i].wanted,
                  TEXT_ARGS(nearest.best));
    if (GUESSES[_i].best)
        ck_assert_text_eq(nearest.best, GUESSES[_i].best);
}
END_TEST

START_TEST(long_names_are_left_alone)
{
    char name[100] = {0};
    struct nearest nearest = nearest_to((struct text){name, sizeof name});
    nearest_offer(&nearest, (struct text){name, sizeof name});
    ck_assert(!nearest_found(&nearest));
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("nearest");
    TCase *names = tcase_create("names");
    tcase_add_loop_test(names, the_nearest_is_offered, 0,
                        sizeof GUESSES / sizeof *GUESSES);
    tcase_add_test(names, long_names_are_left_alone);
    suite_add_tcase(suite, names);
    return suite;
}
