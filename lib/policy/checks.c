#include "policy/checks.h"

#include "policy/check_connectors.h"
#include "policy/check_lists.h"
#include "policy/check_open_relay.h"

void
checks_run(const struct model *model, struct mayrelay_report *report)
{
    bool good = check_open_relay(model, report);
    good &= check_connectors(model, report);
    /* What was left out for an error would look like an empty list. */
    if (!report_failed(report))
        good &= check_lists(model, report);
    if (!good)
        report_add(report, FINDING_OUT_OF_MEMORY,
                   model_place(model, (struct source){0, 0, 0}), NULL,
                   "out of memory");
}
