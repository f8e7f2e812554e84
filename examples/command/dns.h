/* --dns: the client's names from DNS, where a decision needs them. */
#ifndef COMMAND_DNS_H
#define COMMAND_DNS_H

#include <mayrelay.h>

#include "print.h"

struct dns {
    mayrelay_resolver *resolver; /* NULL: without --dns */
    mayrelay_dns_answer *answer; /* the last one used, or NULL */
};

/* `servers` as mayrelay_resolver_set_servers takes them, NULL for the system's.
 * Returns NULL, or what is wrong with them. */
const char *dns_open(struct dns *dns, const char *servers);
/* If the last decision needs the client's names: waits for them, and judges
 * again. */
void dns_complete(struct dns *dns, const char *client,
                  mayrelay_session *session);
/* What was asked and answered, as a page to be freed: text, or a JSON object.
 * Without a size if there was nothing to ask. */
struct page dns_page(const struct dns *dns, enum mayrelay_format format);
/* The JSON object as a member of another, behind a comma. */
void dns_print_member(const struct dns *dns);
void dns_close(struct dns *dns);

#endif
