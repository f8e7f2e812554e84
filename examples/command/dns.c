#include "dns.h"

enum {
    WAIT_MS = 60000 /* the resolver's own deadline comes first */
};

const char *
dns_open(struct dns *dns, const char *servers)
{
    dns_close(dns);
    dns->resolver = mayrelay_resolver_new();
    if (!dns->resolver)
        return "not possible: this mayrelay was built without DNS";
    if (servers &&
        mayrelay_resolver_set_servers(dns->resolver, servers) != MAYRELAY_OK)
        return "not a list of at most eight IP or IP:port";
    return NULL;
}

void
dns_complete(struct dns *dns, const char *client, mayrelay_session *session)
{
    unsigned needs = mayrelay_session_needs(session);
    if (!dns || !dns->resolver || !(needs & MAYRELAY_FACT_CLIENT_NAME))
        return;
    mayrelay_dns_answer_free(dns->answer);
    dns->answer = mayrelay_resolver_resolve(dns->resolver, client, WAIT_MS);
    mayrelay_session_take(session, dns->answer);
    mayrelay_session_resume(session);
}

struct page
dns_page(const struct dns *dns, enum mayrelay_format format)
{
    struct page page = {0};
    if (!dns || !dns->answer)
        return page;
    while (!page_holds(&page, mayrelay_dns_answer_explain(
                                  dns->answer, format, page.data, page.room)))
        continue;
    return page;
}

void
dns_print_member(const struct dns *dns)
{
    struct page page = dns_page(dns, MAYRELAY_JSON);
    if (page.size)
        printf(",\"dns\":%s", page.data);
    page_free(&page);
}

void
dns_close(struct dns *dns)
{
    mayrelay_dns_answer_free(dns->answer);
    mayrelay_resolver_free(dns->resolver);
    *dns = (struct dns){0};
}
