#include "audit/verdict.h"

#include <string.h>

#include "audit/audit.h"
#include "audit/findings.h"
#include "image/policy.h"
#include "mayrelay.h"
#include "policies.h"
#include "suite.h"

static const char ONE_CLIENT[] = "mayrelay: 1\n"
                                 "domains: {inbound: [example.com]}\n"
                                 "relay: {allow: [{clients: [192.0.2.7]}]}\n";

/* The audit of a policy that lets one client relay, and what it would be if it
 * took everybody for that client. */
static void
audit_wrongly(struct mayrelay_audit *audit, mayrelay_policy *policy)
{
    static const struct trusted NOBODY = {0};
    *audit = (struct mayrelay_audit){.policy = policy,
                                     .image = policy_image(policy)};
    surface_build(&audit->surface, audit->image);
    ck_assert_uint_eq(audit->surface.count, 1);
    struct grant *grant = &audit->surface.grants[0];
    grant->ranges[0].first.low = 0;
    grant->ranges[0].last.low = UINT32_MAX;
    grant->tally = (struct tally){.ipv4_public = UINT32_MAX};
    verdicts_find(&audit->verdicts, &audit->surface, policy, &NOBODY);
}

START_TEST(what_the_evaluator_refuses_takes_all_verdicts_back)
{
    struct mayrelay_audit audit;
    mayrelay_policy *policy = must_parse(ONE_CLIENT);
    audit_wrongly(&audit, policy);
    for (int i = 0; i < SOURCES; i++) {
        enum mayrelay_audit_source source = (enum mayrelay_audit_source)i;
        ck_assert_int_eq(mayrelay_audit_get_verdict(&audit, source),
                         MAYRELAY_AUDIT_INCOMPLETE);
        ck_assert_ptr_null(mayrelay_audit_get_witness(&audit, source));
        ck_assert_ptr_nonnull(
            strstr(mayrelay_audit_get_reason(&audit, source), "please report"));
    }
    const char *dialogue = mayrelay_audit_get_disagreement(&audit);
    ck_assert_ptr_nonnull(dialogue);
    ck_assert_ptr_nonnull(strstr(dialogue, "connection from 203.0.113.9"));
    ck_assert_ptr_nonnull(strstr(dialogue, "S: 550 5.7.1"));
    verdicts_clear(&audit.verdicts);
    surface_clear(&audit.surface);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(a_disagreement_is_a_finding_that_no_policy_accepts)
{
    static const char ACCEPTED[] =
        "audit: {accept: [{id: MR331, reason: 'it will do'}]}\n";
    char text[sizeof ONE_CLIENT + sizeof ACCEPTED];
    memcpy(text, ONE_CLIENT, sizeof ONE_CLIENT);
    memcpy(text + sizeof ONE_CLIENT - 1, ACCEPTED, sizeof ACCEPTED);
    struct mayrelay_audit audit;
    mayrelay_policy *policy = must_parse(text);
    struct mayrelay_report *report = report_new();
    audit_wrongly(&audit, policy);
    ck_assert(findings_find(&audit, report));
    ck_assert_uint_eq(mayrelay_report_count_at(report, MAYRELAY_ERROR), 1);
    size_t at = 0;
    while (strcmp(mayrelay_report_get_id(report, at), "MR331") != 0)
        at++;
    ck_assert_int_eq(mayrelay_report_get_severity(report, at), MAYRELAY_ERROR);
    ck_assert_str_eq(mayrelay_report_get_witness(report, at),
                     mayrelay_audit_get_disagreement(&audit));
    mayrelay_report_free(report);
    verdicts_clear(&audit.verdicts);
    surface_clear(&audit.surface);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(no_audit_says_nothing)
{
    ck_assert_ptr_null(mayrelay_audit_get_disagreement(NULL));
    ck_assert_ptr_null(
        mayrelay_audit_get_witness(NULL, MAYRELAY_SOURCE_STRANGER));
    ck_assert_int_eq(mayrelay_audit_get_verdict(NULL, MAYRELAY_SOURCE_STRANGER),
                     MAYRELAY_AUDIT_INCOMPLETE);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("verdict");
    TCase *tcase = tcase_create("disagreement");
    tcase_add_test(tcase, what_the_evaluator_refuses_takes_all_verdicts_back);
    tcase_add_test(tcase, a_disagreement_is_a_finding_that_no_policy_accepts);
    tcase_add_test(tcase, no_audit_says_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
