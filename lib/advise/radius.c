#include "advise/radius.h"

#include <math.h>

#include "audit/audit.h"
#include "base/output.h"
#include "diff/extent.h"

/* -- verdicts ----------------------------------------------------------- */

/* The lower, the worse (enum mayrelay_audit_verdict). */
static void
compare_verdicts(struct radius *radius, struct output *warning,
                 const mayrelay_audit *before, const mayrelay_audit *after)
{
    for (int i = 0; i < SOURCES; i++) {
        enum mayrelay_audit_source source = (enum mayrelay_audit_source)i;
        enum mayrelay_audit_verdict was =
            mayrelay_audit_get_verdict(before, source);
        enum mayrelay_audit_verdict is =
            mayrelay_audit_get_verdict(after, source);
        if (is >= was)
            continue;
        output_format(warning, "%sthe audit says %s of %s, no longer %s",
                      warning->size ? "; " : "",
                      mayrelay_audit_verdict_name(is),
                      mayrelay_audit_source_name(source),
                      mayrelay_audit_verdict_name(was));
        radius->opens_relay |= source == MAYRELAY_SOURCE_STRANGER;
    }
}

/* Where nothing has been proven nothing can get worse. */
static bool
judge_verdicts(struct radius *radius, struct output *warning,
               const mayrelay_audit *before, mayrelay_policy *after)
{
    if (before->surface.over_budget)
        return true;
    mayrelay_audit *audit = mayrelay_policy_audit(after, NULL, NULL);
    if (audit)
        compare_verdicts(radius, warning, before, audit);
    mayrelay_audit_free(audit);
    return audit != NULL;
}

/* -- differences -------------------------------------------------------- */

static bool
say_extent(struct radius *radius, struct output *out,
           const struct difference *difference,
           enum mayrelay_diff_effect effect, const char *verb)
{
    struct extent extent;
    bool good = extent_find(&extent, difference, effect);
    if (good && !extent_is_empty(&extent)) {
        radius->size += extent_volume(&extent);
        output_format(out, "%s%s ", out->size ? "; " : "", verb);
        extent_write(out, &extent);
    }
    extent_clear(&extent);
    return good;
}

/* What has not been compared may be anything. */
static void
give_up(struct radius *radius, struct output *out, struct output *warning)
{
    radius->is_unknown = true;
    radius->size = HUGE_VAL;
    output_string(out, "too large to compare");
    output_format(warning, "%swhat else it opens is not known",
                  warning->size ? "; " : "");
}

static bool
compare(struct radius *radius, struct output *out, struct output *warning,
        mayrelay_policy *before, mayrelay_policy *after)
{
    struct difference difference;
    difference_build(&difference, before, after);
    bool good = !difference.failed;
    if (good && difference.over_budget)
        give_up(radius, out, warning);
    else if (good)
        good =
            say_extent(radius, out, &difference, MAYRELAY_DIFF_GAINED,
                       "opens") &&
            say_extent(radius, out, &difference, MAYRELAY_DIFF_MOVED,
                       "moves mail of") &&
            say_extent(radius, out, &difference, MAYRELAY_DIFF_LOST, "closes");
    if (good && !out->size)
        output_string(out, "opens nothing else: replies change");
    difference_clear(&difference);
    return good;
}

bool
radius_measure(struct radius *radius, const mayrelay_audit *before,
               mayrelay_policy *after, bool is_large)
{
    struct output out = output_to(radius->text, sizeof radius->text);
    struct output warning = output_to(radius->warning, sizeof radius->warning);
    if (!judge_verdicts(radius, &warning, before, after))
        return false;
    if (!is_large)
        return compare(radius, &out, &warning, before->policy, after);
    give_up(radius, &out, &warning);
    return true;
}
