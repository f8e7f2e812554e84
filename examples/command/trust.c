#include "trust.h"

mayrelay_audit_options *
trust_read(const struct command *self, const struct options *options)
{
    mayrelay_audit_options *trusted = mayrelay_audit_options_new();
    if (!trusted)
        out_of_memory();
    for (size_t i = 0; i < options->trusted.count; i++) {
        const char *network = options->trusted.items[i].data;
        if (mayrelay_audit_options_trust(trusted, network)) {
            usage_error(self->name, "--trust: '%s' is not a network", network);
            mayrelay_audit_options_free(trusted);
            return NULL;
        }
    }
    return trusted;
}
