/* mayrelay compile: a policy as the image that load maps. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "command.h"
#include "facts_json.h"
#include "load.h"
#include "options.h"
#include "trust.h"

enum {
    EX_NOT_CLOSED = 1
};

static bool
is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static long long
size_of_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (long long)status.st_size : 0;
}

static void
print_json_result(const char *image, const char *digest)
{
    /* A path need not be UTF-8: then it is null. */
    json_t *result =
        json_pack("{s:s*,s:I,s:s}", "image", image, "bytes",
                  (json_int_t)size_of_file(image), "digest", digest);
    if (!result)
        result = json_pack("{s:n,s:I,s:s}", "image", "bytes",
                           (json_int_t)size_of_file(image), "digest", digest);
    print_json_line(result);
}

static void
print_result(const struct options *options, const mayrelay_policy *policy)
{
    const char *digest = mayrelay_policy_get_digest(policy);
    if (options->json) {
        print_json_result(options->output, digest);
        return;
    }
    print_printable(stdout, as_text(options->output));
    printf(": %lld bytes, digest %s\n", size_of_file(options->output), digest);
}

static int
saved(const struct options *options, const mayrelay_policy *policy,
      enum mayrelay_status status)
{
    if (status) {
        complain("%s: cannot write the image: %s", options->output,
                 errno ? strerror(errno) : mayrelay_status_text(status));
        return EX_CANTCREAT;
    }
    print_result(options, policy);
    return EX_OK;
}

static int
save(const struct options *options, const mayrelay_policy *policy)
{
    errno = 0;
    return saved(options, policy,
                 mayrelay_policy_save(policy, options->output));
}

static void
complain_of(const mayrelay_audit *audit, enum mayrelay_audit_source source)
{
    enum mayrelay_audit_verdict verdict =
        mayrelay_audit_get_verdict(audit, source);
    const char *witness = mayrelay_audit_get_witness(audit, source);
    if (verdict == MAYRELAY_AUDIT_CLOSED)
        return;
    complain("not closed: %s %s: %s", mayrelay_audit_source_name(source),
             mayrelay_audit_verdict_name(verdict),
             mayrelay_audit_get_reason(audit, source));
    if (witness)
        print_indented(stderr, as_text(witness));
}

static int
save_closed(const struct options *options, mayrelay_policy *policy,
            const mayrelay_audit_options *trusted)
{
    mayrelay_audit *audit = mayrelay_policy_audit(policy, trusted, NULL);
    if (!audit)
        out_of_memory();
    int status = EX_NOT_CLOSED;
    errno = 0;
    if (mayrelay_audit_is_closed(audit)) {
        status =
            saved(options, policy, mayrelay_audit_save(audit, options->output));
    } else {
        complain_of(audit, MAYRELAY_SOURCE_STRANGER);
        complain_of(audit, MAYRELAY_SOURCE_DNS);
    }
    mayrelay_audit_free(audit);
    return status;
}

static mayrelay_policy *
load_with_warnings(const char *path, int *status)
{
    mayrelay_report *report = NULL;
    mayrelay_policy *policy =
        mayrelay_policy_load(path, MAYRELAY_LOAD_VERIFY, &report);
    findings_print(report, MAYRELAY_NOTE);
    if (!policy)
        *status = load_failure(path, report);
    mayrelay_report_free(report);
    return policy;
}

static int
run(const struct command *self, const struct options *options)
{
    if (!options->output)
        return usage_error(self->name, "which image? (-o IMAGE)");
    if (is_same_file(options->policy, options->output))
        return usage_error(self->name, "%s: the image would replace the policy",
                           options->output);
    if (options->trusted.count && !options->require)
        return usage_error(self->name, "--trust without --require closed");
    mayrelay_audit_options *trusted = trust_read(self, options);
    if (!trusted)
        return EX_USAGE;
    int status;
    mayrelay_policy *policy = load_with_warnings(options->policy, &status);
    if (policy)
        status = options->require ? save_closed(options, policy, trusted)
                                  : save(options, policy);
    mayrelay_policy_unref(policy);
    mayrelay_audit_options_free(trusted);
    return status;
}

const struct command compile_command = {
    .flag = COMMAND_COMPILE,
    .name = "compile",
    .summary = "the policy as an image that opens at once",
    .requirements = "closed",
    .synopsis = "  mayrelay compile POLICY -o IMAGE [--require closed]\n"
                "      [--trust NETWORK]... [--json]\n",
    .description =
        "  Writes the image that `mayrelay_policy_load` maps: to a temporary\n"
        "  file beside it that is then renamed, so readers see the old image "
        "or\n"
        "  the new one.  List files are read now, and are part of the image.\n"
        "  The same policy gives the same bytes.  Prints the image's size and\n"
        "  digest, and on standard error what `mayrelay lint` would say.\n",
    .options = "  -o, --output IMAGE\n"
               "      Where to write; never the policy itself.\n"
               "  --require closed\n"
               "      Write it only if `mayrelay audit --require closed` would "
               "be content,\n"
               "      stamped with what the audit says.  Hosts that ask for "
               "such an\n"
               "      image (MAYRELAY_LOAD_REQUIRE_CLOSED) take no other, nor "
               "a policy\n"
               "      as text.\n"
               "  --trust NETWORK\n"
               "      As for `mayrelay audit`; the stamp tells.\n"
               "  --json\n"
               "      Print image, bytes and digest as a JSON object.\n",
    .exit_status = "   0  the image is written\n"
                   "   1  it is not, as the policy is not closed\n"
                   "  73  the image cannot be written\n",
    .examples = "  mayrelay compile policy.yaml -o policy.mrp\n"
                "  mayrelay compile --require closed policy.yaml -o "
                "policy.mrp\n",
    .run = run,
};
