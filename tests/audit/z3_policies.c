/* Random policies and what the audit says of them, as one JSON array: for
 * z3_oracle.py, which asks a solver the same questions.
 *
 * z3_policies COUNT [SEED] */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "drive.h"
#include "generate.h"

/* Whom the policies' administrators trust, policy by policy in turn. */
static const char *const TRUSTED[] = {"10.0.0.0/8", "203.0.113.0/24",
                                      "2001:db8::/32"};

static mayrelay_audit *
audit(mayrelay_policy *policy, const char *trusted)
{
    mayrelay_audit_options *options = mayrelay_audit_options_new();
    mayrelay_audit *audit = NULL;
    if (mayrelay_audit_options_trust(options, trusted) == MAYRELAY_OK)
        audit = mayrelay_policy_audit(policy, options, NULL);
    mayrelay_audit_options_free(options);
    return audit;
}

static void
print_verdicts(const mayrelay_audit *audit)
{
    for (int i = 0; i <= MAYRELAY_SOURCE_HOST; i++) {
        enum mayrelay_audit_source source = (enum mayrelay_audit_source)i;
        printf("%s\"%s\": \"%s\"", i ? ", " : "",
               mayrelay_audit_source_name(source),
               mayrelay_audit_verdict_name(
                   mayrelay_audit_get_verdict(audit, source)));
    }
}

static bool
print_policy(long number, uint64_t seed, struct policy *policy)
{
    /* Each policy has its own seed, so that one alone can be repeated. */
    struct random random = {.state = seed + (uint64_t)number * 1000003};
    const char *trusted =
        TRUSTED[(size_t)number % (sizeof TRUSTED / sizeof *TRUSTED)];
    char *text;
    generate_policy(&random, policy);
    mayrelay_policy *loaded = load_generated(&random, policy, &text);
    mayrelay_audit *audited = audit(loaded, trusted);
    printf("%s{\"trusted\": \"%s\", \"policy\": %s, \"verdicts\": {",
           number ? ",\n" : "", trusted, text);
    print_verdicts(audited);
    printf("}}");
    bool ok = audited != NULL;
    mayrelay_audit_free(audited);
    mayrelay_policy_unref(loaded);
    free(text);
    return ok;
}

int
main(int argument_count, char **arguments)
{
    static struct policy policy;
    long count = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 0;
    uint64_t seed = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 11;
    bool ok = count > 0;
    /* Audits come and go, in pieces as large as what malloc gives back. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    putchar('[');
    for (long i = 0; i < count && ok; i++)
        ok = print_policy(i, seed, &policy);
    puts("]");
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
