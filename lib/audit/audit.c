#include "audit/audit.h"

#include "audit/findings.h"
#include "base/memory.h"
#include "base/report.h"
#include "image/policy.h"

const char *const AUDIT_ASSUMPTIONS[] = {
    "the mail server delivers to the recipient that was judged, and to nobody "
    "else",
    "the client's address is its own: no address translation and no proxy "
    "stands between",
    "credentials are sound: who has signed in is who it says, and host names "
    "are forward-confirmed",
    NULL};

/* -- options ------------------------------------------------------------ */

mayrelay_audit_options *
mayrelay_audit_options_new(void)
{
    return memory_new(1, sizeof(struct mayrelay_audit_options));
}

void
mayrelay_audit_options_free(mayrelay_audit_options *options)
{
    if (!options)
        return;
    memory_free(options->trusted.ranges);
    memory_free(options);
}

enum mayrelay_status
mayrelay_audit_options_trust(mayrelay_audit_options *options,
                             const char *network)
{
    struct range range;
    if (!options || !network)
        return MAYRELAY_ERR_ARGUMENT;
    if (range_parse(text_of(network), &range) != RANGE_OK)
        return MAYRELAY_ERR_TEXT;
    struct trusted *trusted = &options->trusted;
    if (!memory_grow(&trusted->ranges, &trusted->room, trusted->count + 1,
                     sizeof *trusted->ranges))
        return MAYRELAY_ERR_MEMORY;
    trusted->ranges[trusted->count++] = range;
    ranges_sort(trusted->ranges, trusted->count);
    return MAYRELAY_OK;
}

/* -- the audit ---------------------------------------------------------- */

/* A copy, as the options may be gone before the audit. */
static bool
trust(struct trusted *own, const struct trusted *trusted)
{
    if (!memory_grow(&own->ranges, &own->room, trusted->count,
                     sizeof *own->ranges))
        return false;
    for (size_t i = 0; i < trusted->count; i++)
        own->ranges[own->count++] = trusted->ranges[i];
    return true;
}

mayrelay_audit *
mayrelay_policy_audit(mayrelay_policy *policy,
                      const mayrelay_audit_options *options,
                      mayrelay_report **report)
{
    if (report)
        *report = NULL;
    struct mayrelay_audit *audit = policy ? memory_new(1, sizeof *audit) : NULL;
    if (!audit)
        return NULL;
    audit->policy = mayrelay_policy_ref(policy);
    audit->image = policy_image(policy);
    bool ok = !options || trust(&audit->trusted, &options->trusted);
    surface_build(&audit->surface, audit->image);
    audit->unknown = unknown_prove(audit->image);
    verdicts_find(&audit->verdicts, &audit->surface, policy, &audit->trusted);
    struct mayrelay_report *found = report ? report_new() : NULL;
    ok = ok && !audit->verdicts.failed &&
         (!report || (found && findings_find(audit, found)));
    if (ok && report)
        report_hand_out(found, report);
    if (ok)
        return audit;
    mayrelay_report_free(found);
    mayrelay_audit_free(audit);
    return NULL;
}

void
mayrelay_audit_free(mayrelay_audit *audit)
{
    if (!audit)
        return;
    verdicts_clear(&audit->verdicts);
    memory_free(audit->trusted.ranges);
    surface_clear(&audit->surface);
    mayrelay_policy_unref(audit->policy);
    memory_free(audit);
}

/* -- verdicts ----------------------------------------------------------- */

const char *
mayrelay_audit_source_name(enum mayrelay_audit_source source)
{
    switch (source) {
    case MAYRELAY_SOURCE_STRANGER: return "stranger";
    case MAYRELAY_SOURCE_ACCOUNT: return "account";
    case MAYRELAY_SOURCE_DNS: return "dns";
    case MAYRELAY_SOURCE_HOST: return "host";
    }
    return "unknown";
}

const char *
mayrelay_audit_verdict_name(enum mayrelay_audit_verdict verdict)
{
    switch (verdict) {
    case MAYRELAY_AUDIT_INCOMPLETE: return "INCOMPLETE";
    case MAYRELAY_AUDIT_OPEN: return "OPEN";
    case MAYRELAY_AUDIT_CONDITIONAL: return "CONDITIONAL";
    case MAYRELAY_AUDIT_CLOSED: return "CLOSED";
    }
    return "INCOMPLETE";
}

static const struct verdict *
verdict_of(const struct mayrelay_audit *audit,
           enum mayrelay_audit_source source)
{
    static const struct verdict NOTHING = {.value = MAYRELAY_AUDIT_INCOMPLETE,
                                           .reason = "there is no audit"};
    return audit && (unsigned)source < SOURCES ? &audit->verdicts.of[source]
                                               : &NOTHING;
}

enum mayrelay_audit_verdict
mayrelay_audit_get_verdict(const mayrelay_audit *audit,
                           enum mayrelay_audit_source source)
{
    return verdict_of(audit, source)->value;
}

/* What accounts may do is what they are for. */
bool
mayrelay_audit_is_closed(const mayrelay_audit *audit)
{
    return mayrelay_audit_get_verdict(audit, MAYRELAY_SOURCE_STRANGER) ==
               MAYRELAY_AUDIT_CLOSED &&
           mayrelay_audit_get_verdict(audit, MAYRELAY_SOURCE_DNS) ==
               MAYRELAY_AUDIT_CLOSED;
}

bool
mayrelay_audit_unknown_is_closed(const mayrelay_audit *audit)
{
    return audit && audit->unknown.holds;
}

const char *
mayrelay_audit_get_disagreement(const mayrelay_audit *audit)
{
    return audit ? audit->verdicts.disagreement : NULL;
}

const char *
mayrelay_audit_get_reason(const mayrelay_audit *audit,
                          enum mayrelay_audit_source source)
{
    return verdict_of(audit, source)->reason;
}

const char *
mayrelay_audit_get_witness(const mayrelay_audit *audit,
                           enum mayrelay_audit_source source)
{
    return verdict_of(audit, source)->witness;
}
