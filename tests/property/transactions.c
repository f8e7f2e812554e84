/* Random transactions, from the pools that the policies use too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "pools.h"

static void
copy_text(char to[TEXT_MOST], const char *from)
{
    snprintf(to, TEXT_MOST, "%s", from);
}

/* -- the connection ------------------------------------------------------- */

/* An interval's first and last address, and those just outside. */
static struct ip
pick_edge(struct random *random)
{
    const struct pool_range *range = &RANGES[random_below(random, POOL_RANGES)];
    struct ip first = ip_of(range->first), last = ip_of(range->last);
    switch (random_below(random, 5)) {
    case 0: return ip_neighbour(first, -1);
    case 1: return ip_neighbour(last, 1);
    case 2: return last;
    default: return first;
    }
}

static struct ip
pick_client(struct random *random)
{
    static const char *const POOL[] = {
        "203.0.113.9", "10.1.2.3",   "10.2.3.4",       "192.168.5.40",
        "8.8.8.8",     "172.16.0.1", "169.254.1.1",    "2001:db8:1::5",
        "127.0.0.53",  "fe80::1",    "2a00:1450:4::1", "198.51.100.100"};
    if (random_chance(random, 50))
        return pick_edge(random);
    return ip_of(*RANDOM_OF(random, POOL));
}

static void
pick_listener(struct random *random, struct facts *facts)
{
    static const struct pool_endpoint POOL[] = {
        {NULL, "192.0.2.25", 25, false},   {NULL, "192.0.2.25", 587, false},
        {NULL, "192.0.2.25", 0, false},    {NULL, "10.0.0.1", 25, false},
        {NULL, "2001:db8::25", 25, false}, {NULL, "fd00::25", 587, false},
        {NULL, "203.0.113.5", 465, false}, {NULL, "192.0.2.25", 25, false},
    };
    const struct pool_endpoint *endpoint = RANDOM_OF(random, POOL);
    if (random_chance(random, 2))
        return;
    facts->listener = ip_of(endpoint->address);
    facts->listener_port = endpoint->port;
    facts->listener_unspecified = random_chance(random, 1);
}

static void
pick_identity(struct random *random, struct facts *facts)
{
    static const char *const ODD[] = {"STEVEN",
                                      "Corp\\HelpDesk",
                                      "guest",
                                      "Anonymous Logon",
                                      "corp\\guest",
                                      "corp\\ guest ",
                                      "",
                                      "corp\\",
                                      "@our.example",
                                      "nobody",
                                      "KIOSK",
                                      "corp\\nobody",
                                      "zed\\anonymous",
                                      ENDLESS,
                                      "aa7",
                                      "Guest@our.example",
                                      "st",
                                      "xen",
                                      "Steve@Our.example"};
    facts->has_identity = random_chance(random, 60);
    if (!facts->has_identity)
        return;
    if (random_chance(random, 70))
        copy_text(facts->identity, *RANDOM_OF(random, IDENTITIES));
    else
        copy_text(facts->identity, *RANDOM_OF(random, ODD));
}

static enum knowledge
pick_knowledge(struct random *random)
{
    int dice = random_below(random, 100);
    return dice < 25 ? UNKNOWN_YET : dice < 88 ? KNOWN : FAILED;
}

void
generate_names(struct random *random, struct facts *facts)
{
    facts->names = pick_knowledge(random);
    facts->name_malformed = random_chance(random, 4);
    facts->name_count = random_below(random, NAMES_MOST);
    for (int i = 0; i < facts->name_count; i++) {
        const struct pool_text *name = RANDOM_OF(random, CLIENT_NAMES);
        copy_text(facts->name[i], name->canonical);
        copy_text(facts->written[i], name->written);
    }
}

void
generate_groups(struct random *random, struct facts *facts)
{
    static const char *const POOL[] = {"Domain Admins", "domain admins", "ldap",
                                       "SMTP-APPROVED", "elsewhere"};
    facts->groups = pick_knowledge(random);
    facts->group_count = random_below(random, NAMES_MOST);
    for (int i = 0; i < facts->group_count; i++)
        copy_text(facts->group[i], *RANDOM_OF(random, POOL));
}

void
generate_connection(struct random *random, struct facts *facts)
{
    memset(facts, 0, sizeof *facts);
    if (!random_chance(random, 1))
        facts->client = pick_client(random);
    facts->client_mapped =
        facts->client.family == 4 && random_chance(random, 15);
    pick_listener(random, facts);
    generate_names(random, facts);
    facts->tls = random_chance(random, 50);
    if (facts->tls && random_chance(random, 60))
        copy_text(facts->certificate,
                  RANDOM_OF(random, CERTIFICATES)->canonical);
    pick_identity(random, facts);
    generate_groups(random, facts);
    facts->rewrites = random_chance(random, 75);
}

/* -- addresses ------------------------------------------------------------ */

static void
say(struct mail *mail, const char *local, const char *domain)
{
    int size = snprintf(mail->argument, sizeof mail->argument, "%s%s%s", local,
                        domain ? "@" : "", domain ? domain : "");
    mail->size = (size_t)size;
}

/* Some write <...>, some a source route; it means the same. */
static void
decorate(struct random *random, struct mail *mail)
{
    char plain[sizeof mail->argument - 64];
    bool route = mail->kind == MAIL_AT_DOMAIN && random_chance(random, 5);
    if (!route && random_chance(random, 60))
        return;
    snprintf(plain, sizeof plain, "%.900s", mail->argument);
    mail->size =
        (size_t)snprintf(mail->argument, sizeof mail->argument, "<%s%s>",
                         route ? "@our.example,@far.example:" : "", plain);
}

static void
pick_malformed(struct random *random, struct mail *mail)
{
    static const struct {
        const char *text;
        size_t size;
    } POOL[] = {
#define MALFORMED(text) {text, sizeof text - 1}
        MALFORMED("joe@"),
        MALFORMED("@our.example"),
        MALFORMED("a@b@our.example"),
        MALFORMED("a..b@our.example"),
        MALFORMED(".a@our.example"),
        MALFORMED("a.@our.example"),
        MALFORMED("joe@our..example"),
        MALFORMED("joe@our.example."),
        MALFORMED("joe@-our.example"),
        MALFORMED("joe@our-.example"),
        MALFORMED("joe@ou_r.example"),
        MALFORMED("joe@10.1.2.3"),
        MALFORMED("joe@[300.1.1.1]"),
        MALFORMED("joe@[our.example]"),
        MALFORMED("joe@[IPv6:1::2::3]"),
        MALFORMED("<joe@our.example> x"),
        MALFORMED("<joe@our.example"),
        MALFORMED("joe@our.example, ann@our.example"),
        MALFORMED("|joe@our.example"),
        MALFORMED("/joe@our.example"),
        MALFORMED("joe(x)@our.example"),
        MALFORMED("jo\"e@our.example"),
        MALFORMED("jo\001e@our.example"),
        MALFORMED("joe@our.example\000.far.example"),
        MALFORMED("jo\377e@our.example"),
#undef MALFORMED
    };
    int number = random_below(random, COUNT_OF(POOL));
    mail->kind = MAIL_MALFORMED;
    mail->size = POOL[number].size;
    memcpy(mail->argument, POOL[number].text, POOL[number].size);
}

static const struct pool_text *
pick_local(struct random *random, struct mail *mail)
{
    static const struct pool_text ROUTING[] = {
        {"joe%far.example", "joe%far.example"},
        {"far.example!joe", "far.example!joe"},
        {"\"joe@far.example\"", "\"joe@far.example\""},
        {"\"joe%far.example\"", "joe%far.example"},
        {"IMCEASMTP-joe+40far.example", "IMCEASMTP-joe+40far.example"},
        {"imcea-joe", "imcea-joe"},
        {"\"IMCEAEX joe\"", "\"IMCEAEX joe\""},
    };
    mail->routing = random_chance(random, 12);
    if (mail->routing)
        return RANDOM_OF(random, ROUTING);
    if (random_chance(random, 3))
        return &LOCALS[POOL_LOCALS - 1]; /* the endless one */
    if (random_chance(random, 75))
        return &LOCALS[random_below(random, POOL_PLAIN_LOCALS)];
    return RANDOM_OF(random, LOCALS);
}

static void
pick_at_literal(struct random *random, struct mail *mail)
{
    const struct pool_text *literal = RANDOM_OF(random, LITERALS);
    const struct pool_text *local = pick_local(random, mail);
    mail->kind = MAIL_AT_LITERAL;
    copy_text(mail->local, local->canonical);
    mail->literal = ip_of(literal->canonical);
    say(mail, local->written, literal->written);
}

static void
pick_at_domain(struct random *random, struct mail *mail)
{
    const struct pool_text *domain = RANDOM_OF(random, DOMAINS);
    const struct pool_text *local = pick_local(random, mail);
    mail->kind = MAIL_AT_DOMAIN;
    copy_text(mail->local, local->canonical);
    copy_text(mail->domain, domain->canonical);
    say(mail, local->written, domain->written);
}

static void
pick_postmaster(struct random *random, struct mail *mail)
{
    static const char *const POOL[] = {"postmaster", "Postmaster",
                                       "POSTMASTER"};
    const char *text = *RANDOM_OF(random, POOL);
    mail->kind = MAIL_POSTMASTER;
    copy_text(mail->local, text);
    say(mail, text, NULL);
}

static void
pick_local_alone(struct random *random, struct mail *mail)
{
    static const char *const POOL[] = {"joe", "ann-x", "joe%far.example",
                                       "zebra"};
    const char *text = *RANDOM_OF(random, POOL);
    mail->kind = MAIL_LOCAL_ALONE;
    mail->routing = strchr(text, '%') != NULL;
    copy_text(mail->local, text);
    say(mail, text, NULL);
}

static void
pick_mail(struct random *random, struct mail *mail)
{
    int dice = random_below(random, 100);
    memset(mail, 0, sizeof *mail);
    if (dice < 3) {
        pick_malformed(random, mail);
        return;
    }
    if (dice < 6)
        pick_postmaster(random, mail);
    else if (dice < 8)
        pick_local_alone(random, mail);
    else if (dice < 16)
        pick_at_literal(random, mail);
    else
        pick_at_domain(random, mail);
    decorate(random, mail);
}

static void
pick_null(struct random *random, struct mail *mail)
{
    memset(mail, 0, sizeof *mail);
    mail->kind = MAIL_NULL;
    say(mail, random_chance(random, 70) ? "<>" : "", NULL);
}

void
generate_sender(struct random *random, struct facts *facts)
{
    int dice = random_below(random, 100);
    memset(&facts->sender, 0, sizeof facts->sender);
    if (dice < 1)
        return;
    if (dice < 10)
        pick_null(random, &facts->sender);
    else
        pick_mail(random, &facts->sender);
}

void
generate_recipient(struct random *random, struct facts *facts)
{
    if (random_chance(random, 1))
        pick_null(random, &facts->recipient);
    else
        pick_mail(random, &facts->recipient);
    facts->exists = pick_knowledge(random);
    facts->exists_value = random_chance(random, 50);
}

/* -- for people ----------------------------------------------------------- */

static void
describe_mail(FILE *out, const char *what, const struct mail *mail)
{
    fprintf(out, "%s: ", what);
    if (mail->kind == MAIL_NOT_GIVEN)
        fputs("not given", out);
    for (size_t i = 0; i < mail->size; i++) {
        int octet = (unsigned char)mail->argument[i];
        if (octet < 32 || octet == 127)
            fprintf(out, "\\%03o", octet);
        else
            fputc(octet, out);
    }
    fputc('\n', out);
}

static void
describe_ip(FILE *out, const char *what, const struct ip *ip)
{
    char text[64] = "none";
    if (ip->family != 0)
        ip_text(ip, text, sizeof text);
    fprintf(out, "%s: %s", what, text);
}

char *
describe_facts(const struct facts *facts)
{
    static const char *const KNOWLEDGE[] = {"unknown", "known", "failed"};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    describe_ip(out, "client", &facts->client);
    fputs(facts->client_mapped ? " (mapped)\n" : "\n", out);
    describe_ip(out, "listener", &facts->listener);
    fprintf(out, " port %d%s\n", facts->listener_port,
            facts->listener_unspecified ? " (said as unspecified)" : "");
    fprintf(out, "names: %s%s", KNOWLEDGE[facts->names],
            facts->name_malformed ? " (one malformed)" : "");
    for (int i = 0; i < facts->name_count; i++)
        fprintf(out, " %s", facts->written[i]);
    fprintf(out, "\ntls: %d certificate: %s\n", facts->tls, facts->certificate);
    fprintf(out, "identity: %s%s\n", facts->has_identity ? "" : "none",
            facts->identity);
    fprintf(out, "groups: %s", KNOWLEDGE[facts->groups]);
    for (int i = 0; i < facts->group_count; i++)
        fprintf(out, " '%s'", facts->group[i]);
    fputc('\n', out);
    describe_mail(out, "sender", &facts->sender);
    describe_mail(out, "recipient", &facts->recipient);
    fprintf(out, "recipient exists: %s %d; rewrites: %d\n",
            KNOWLEDGE[facts->exists], facts->exists_value, facts->rewrites);
    if (fclose(out) != 0)
        abort();
    return text;
}
