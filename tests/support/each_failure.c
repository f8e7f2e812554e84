#include "each_failure.h"

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "failing_malloc.h"

enum failure {
    ONE_FAILS,  /* and what comes behind it succeeds */
    REST_FAILS, /* out of memory for good */
    FAILURES
};

/* What `act` does must be right with call number `at` refused, and leave
 * nothing behind; true if that call was reached. */
static bool
with_failure(size_t at, enum failure failure, action *act, void *context)
{
    size_t live = memory_live();
    count_anew(at, failure == ONE_FAILS ? at : SIZE_MAX);
    bool right = act(context);
    bool reached = counting.calls >= at;
    count_anew(0, 0);
    ck_assert_msg(right, "wrong with call %zu refused", at);
    ck_assert_msg(memory_live() == live, "call %zu refused: a leak", at);
    return reached;
}

void
with_each_failure(action *act, void *context)
{
    ck_assert(act(context)); /* what is taken once and kept is no leak */
    for (int failure = 0; failure < FAILURES; failure++) {
        size_t at = 1;
        while (with_failure(at, (enum failure)failure, act, context))
            at++;
        ck_assert_uint_gt(at, 1);
    }
}
