/* Policy texts: what loads decides soundly and is the same every time, what
 * does not says why. */
#include <string.h>

#include "elements.h"
#include "fuzz.h"
#include "image/policy.h"
#include "sample.h"

static mayrelay_policy *
parse(struct text text)
{
    mayrelay_report *report = NULL;
    mayrelay_policy *policy = mayrelay_policy_parse(
        text.data, text.size, "/policies/policy.yaml", &report);
    bool errors = mayrelay_report_count_at(report, MAYRELAY_ERROR) > 0;
    REQUIRE(errors == !policy);
    report_check(report);
    mayrelay_report_free(report);
    return policy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size};
    mayrelay_policy *policy = parse(text);
    if (!policy)
        return 0;
    mayrelay_policy *again = parse(text);
    REQUIRE(again && strcmp(mayrelay_policy_get_digest(policy),
                            mayrelay_policy_get_digest(again)) == 0);
    REQUIRE(image_verify(policy_image(policy)));
    sample_decide(policy, (struct sample_choice){.first = (unsigned)size,
                                                 .count = 3,
                                                 .explain = size % 4 == 0});
    mayrelay_policy_unref(again);
    mayrelay_policy_unref(policy);
    return 0;
}
