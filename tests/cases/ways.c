#include "ways.h"

#include <stdio.h>
#include <stdlib.h>

#include "cases/chart.h"

struct ways {
    struct values values;
    struct chart chart;
};

struct ways *
ways_new(mayrelay_policy *policy)
{
    struct ways *ways = calloc(1, sizeof *ways);
    if (!ways)
        return NULL;
    values_gather(&ways->values, policy, 10000);
    if (!ways->values.failed)
        chart_build(&ways->chart, &ways->values);
    if (!ways->values.failed && !ways->chart.failed)
        return ways;
    ways_free(ways);
    return NULL;
}

void
ways_free(struct ways *ways)
{
    if (!ways)
        return;
    chart_clear(&ways->chart);
    values_clear(&ways->values);
    free(ways);
}

bool
ways_are_known(const struct ways *ways)
{
    return !ways->chart.over_budget;
}

static void
print_value(enum step step, const struct value *value)
{
    static const char *const STEP_NAMES_[STEPS] = {
        "client", "name", "tls", "identity", "group", "sender", "recipient"};
    printf("  %s: ", STEP_NAMES_[step]);
    if (step == STEP_TLS || value->kind != VALUE_TEXT)
        printf("%s\n", value->kind == VALUE_NONE     ? "none"
                       : value->kind == VALUE_FAILED ? "failed"
                                                     : "yes");
    else
        printf("%.*s%s%s%s\n", TEXT_ARGS(value->text),
               value->listener ? " at " : "",
               value->listener ? value->listener : "",
               value->exists == EXISTS_NO       ? " (does not exist)"
               : value->exists == EXISTS_FAILED ? " (may exist)"
                                                : "");
}

bool
ways_try(struct ways *ways, next_random *next, void *context)
{
    struct chart *chart = &ways->chart;
    const struct value *told[STEPS];
    uint32_t at = chart->root;
    for (int i = 0; i < STEPS; i++) {
        enum step step = (enum step)i;
        const struct choices *choices = &ways->values.steps[step];
        uint32_t class = (uint32_t)(next(context) % choices->count);
        size_t member = next(context) % choices->classes[class].count;
        struct chart_node node = chart_node(chart, at);
        told[step] = &choices->classes[class].members[member];
        at = chart_lead(&node, class);
        value_tell(chart->session, step, told[step]);
    }
    if (chart_leaf(chart) == at)
        return true;
    for (int i = 0; i < STEPS; i++)
        print_value((enum step)i, told[i]);
    printf("the chart leads elsewhere than to: %s\n",
           mayrelay_decision_get_reply(
               mayrelay_session_get_decision(chart->session)));
    return false;
}
