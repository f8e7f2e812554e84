/* Plain policies as JSON text, in an order and spelling picked at random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "pools.h"

struct writer {
    FILE *out;
    struct random *random;
    struct policy *policy;
    int order;
};

static void
put_string(struct writer *writer, const char *prefix, const char *text)
{
    fprintf(writer->out, "\"%s", prefix);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', writer->out);
        fputc(*text, writer->out);
    }
    fputc('"', writer->out);
}

static void
put_key(struct writer *writer, bool *first, const char *key)
{
    fputs(*first ? "\n" : ",\n", writer->out);
    *first = false;
    put_string(writer, "", key);
    fputs(": ", writer->out);
}

static void
put_entry(struct writer *writer, const struct entry *entry)
{
    put_string(writer, entry->exclude ? "not " : "", entry->text);
}

/* A scalar for a list of one, lists in lists: all mean the same. */
static void
put_list(struct writer *writer, const struct list *list)
{
    if (list->count == 1 && random_chance(writer->random, 30)) {
        put_entry(writer, &list->entries[0]);
        return;
    }
    fputc('[', writer->out);
    for (int i = 0; i < list->count; i++) {
        bool nested = random_chance(writer->random, 10);
        fputs(i > 0 ? ", " : "", writer->out);
        fputs(nested ? "[" : "", writer->out);
        put_entry(writer, &list->entries[i]);
        fputs(nested ? "]" : "", writer->out);
    }
    fputc(']', writer->out);
}

static void
put_list_key(struct writer *writer, bool *first, const char *key,
             const struct list *list)
{
    if (list->count == 0)
        return;
    put_key(writer, first, key);
    put_list(writer, list);
}

static void
put_reply(struct writer *writer, const struct reply *reply)
{
    if (reply->bare)
        fprintf(writer->out, "%d", reply->code);
    else
        fprintf(writer->out, "\"%d %d.%d.%d Said for %%{recipient}\"",
                reply->code, reply->code / 100, reply->subject, reply->detail);
}

/* Calls in random order. */
static void
shuffle(struct random *random, int *numbers, int count)
{
    for (int i = 0; i < count; i++)
        numbers[i] = i;
    for (int i = count - 1; i > 0; i--) {
        int other = random_below(random, i + 1);
        int number = numbers[i];
        numbers[i] = numbers[other];
        numbers[other] = number;
    }
}

/* -- rules ---------------------------------------------------------------- */

static const char *const RIGHT_NAMES[RIGHTS] = {"connect", "submit", "relay"};

static const char *const CONDITION_NAMES[CONDITIONS] = {
    "clients",    "listeners", "certificates",  "users",       "senders",
    "recipients", "tls",       "authenticated", "sender-owned"};

static void
put_condition(struct writer *writer, bool *first, const struct rule *rule,
              int condition)
{
    if (!rule->has[condition])
        return;
    put_key(writer, first, CONDITION_NAMES[condition]);
    if (condition < LIST_CONDITIONS)
        put_list(writer, &rule->lists[condition]);
    else
        fputs(rule->wish[condition] ? "true" : "false", writer->out);
}

static void
put_rule_extra(struct writer *writer, bool *first, const struct rule *rule)
{
    if (rule->named) {
        put_key(writer, first, "name");
        put_string(writer, "", rule->name);
    }
    if (rule->reply.given) {
        put_key(writer, first, "reply");
        put_reply(writer, &rule->reply);
    }
    if (rule->open_relay) {
        put_key(writer, first, "open-relay");
        fputs("true", writer->out);
    }
}

static void
put_rule(struct writer *writer, struct rule *rule)
{
    int numbers[CONDITIONS];
    bool first = true;
    rule->order = writer->order++;
    shuffle(writer->random, numbers, CONDITIONS);
    fputs("{", writer->out);
    if (random_chance(writer->random, 50))
        put_rule_extra(writer, &first, rule);
    else
        numbers[0] += CONDITIONS; /* the rest goes last */
    for (int i = 0; i < CONDITIONS; i++)
        put_condition(writer, &first, rule, numbers[i] % CONDITIONS);
    if (numbers[0] >= CONDITIONS)
        put_rule_extra(writer, &first, rule);
    fputs("}", writer->out);
}

static bool
rule_stands_here(const struct rule *rule, enum right right, bool deny,
                 int connector)
{
    return !rule->never_route && rule->right == right && rule->deny == deny &&
           rule->connector == connector;
}

static int
count_rules(const struct policy *policy, enum right right, bool deny,
            int connector)
{
    int count = 0;
    for (int i = 0; i < policy->rule_count; i++)
        count += rule_stands_here(&policy->rules[i], right, deny, connector);
    return count;
}

static void
name_rule(const struct policy *policy, struct rule *rule, int position)
{
    bool top = rule->connector == EVERYWHERE;
    const char *scope = top ? "" : policy->connectors[rule->connector].name;
    if (!rule->named)
        snprintf(rule->name, TEXT_MOST, "%.40s%s%s.%s[%d]", scope,
                 top ? "" : ".", RIGHT_NAMES[rule->right],
                 rule->deny ? "deny" : "allow", position);
}

static void
put_rules(struct writer *writer, enum right right, bool deny, int connector)
{
    struct policy *policy = writer->policy;
    int count = count_rules(policy, right, deny, connector), position = 0;
    bool bare = count == 1 && random_chance(writer->random, 40);
    fputs(bare ? "" : "[", writer->out);
    for (int i = 0; i < policy->rule_count; i++) {
        struct rule *rule = &policy->rules[i];
        if (!rule_stands_here(rule, right, deny, connector))
            continue;
        fputs(position++ > 0 ? ",\n " : "", writer->out);
        name_rule(policy, rule, position);
        put_rule(writer, rule);
    }
    fputs(bare ? "" : "]", writer->out);
}

static void
put_right(struct writer *writer, bool *first, enum right right, int connector)
{
    bool deny_first = random_chance(writer->random, 50);
    bool inner = true;
    int count = count_rules(writer->policy, right, false, connector) +
                count_rules(writer->policy, right, true, connector);
    if (count == 0 && (right != RIGHT_RELAY || connector == EVERYWHERE))
        return;
    put_key(writer, first, RIGHT_NAMES[right]);
    if (count == 0 && random_chance(writer->random, 50)) {
        fputs("null", writer->out);
        return;
    }
    fputs("{", writer->out);
    for (int i = 0; i < 2; i++) {
        bool deny = deny_first == (i == 0);
        if (count_rules(writer->policy, right, deny, connector) == 0)
            continue;
        put_key(writer, &inner, deny ? "deny" : "allow");
        put_rules(writer, right, deny, connector);
    }
    fputs("}", writer->out);
}

static void
put_never_route(struct writer *writer, bool *first, int connector)
{
    struct policy *policy = writer->policy;
    for (int i = 0; i < policy->rule_count; i++) {
        struct rule *rule = &policy->rules[i];
        if (!rule->never_route || rule->connector != connector)
            continue;
        bool top = connector == EVERYWHERE;
        snprintf(rule->name, TEXT_MOST, "%.40s%snever-route",
                 top ? "" : policy->connectors[connector].name, top ? "" : ".");
        rule->order = writer->order++;
        put_key(writer, first, "never-route");
        put_list(writer, &rule->lists[CONDITION_CLIENTS]);
    }
}

/* -- sections ------------------------------------------------------------- */

static void
put_connector_part(struct writer *writer, bool *first, int number, int part)
{
    const struct connector *connector = &writer->policy->connectors[number];
    switch (part) {
    case 0:
        put_key(writer, first, "name");
        put_string(writer, "", connector->name);
        break;
    case 1: put_list_key(writer, first, "listen", &connector->listens); break;
    case 2: put_list_key(writer, first, "clients", &connector->clients); break;
    case 3: put_never_route(writer, first, number); break;
    default: put_right(writer, first, (enum right)(part - 4), number); break;
    }
}

static void
put_connectors(struct writer *writer, bool *first)
{
    enum {
        PARTS = 7
    };
    int parts[PARTS];
    if (writer->policy->connector_count == 0)
        return;
    put_key(writer, first, "connectors");
    fputs("[", writer->out);
    for (int i = 0; i < writer->policy->connector_count; i++) {
        bool inner = true;
        shuffle(writer->random, parts, PARTS);
        fputs(i > 0 ? ",\n{" : "{", writer->out);
        for (int k = 0; k < PARTS; k++)
            put_connector_part(writer, &inner, i, parts[k]);
        fputs("}", writer->out);
    }
    fputs("]", writer->out);
}

static void
put_lists(struct writer *writer, bool *first, const char *key,
          const struct list *lists, int count)
{
    bool inner = true;
    if (count == 0)
        return;
    put_key(writer, first, key);
    fputs("{", writer->out);
    for (int i = 0; i < count; i++) {
        put_key(writer, &inner, lists[i].name);
        if (lists == writer->policy->groups && writer->policy->group_asks[i])
            fputs("\"ask\"", writer->out);
        else
            put_list(writer, &lists[i]);
    }
    fputs("}", writer->out);
}

static void
put_domain_name(struct writer *writer, const struct domain *domain)
{
    const struct policy *policy = writer->policy;
    if (domain->through >= 0)
        put_string(writer, "$", policy->lists[domain->through].name);
    else
        put_string(writer, domain->below ? "." : "", domain->name);
}

static void
put_inbound(struct writer *writer, const struct domain *domain)
{
    if (domain->mailboxes == MAILBOXES_ANY) {
        put_domain_name(writer, domain);
        return;
    }
    fputs("{\"domain\": ", writer->out);
    put_domain_name(writer, domain);
    fputs(", \"mailboxes\": ", writer->out);
    if (domain->mailboxes == MAILBOXES_ASK)
        fputs("\"ask\"", writer->out);
    else
        put_list(writer, &domain->mailbox_list);
    if (domain->delimiter != '+') {
        char delimiter[2] = {domain->delimiter, '\0'};
        fputs(", \"delimiter\": ", writer->out);
        put_string(writer, "", delimiter);
    }
    fputs("}", writer->out);
}

/* Whether the domain is the first of those that its named list writes. */
static bool
is_written(const struct policy *policy, int number)
{
    int through = policy->domains[number].through;
    if (through < 0)
        return true;
    for (int i = 0; i < number; i++)
        if (policy->domains[i].through == through)
            return false;
    return true;
}

static void
put_class(struct writer *writer, bool *first, const char *key,
          enum domain_class class)
{
    const struct policy *policy = writer->policy;
    bool inner = true, maps = class == DOMAIN_REROUTE;
    for (int i = 0; i < policy->domain_count; i++) {
        const struct domain *domain = &policy->domains[i];
        if (domain->class != class || !is_written(policy, i))
            continue;
        if (inner)
            put_key(writer, first, key);
        fputs(!inner ? ",\n " : maps ? "{" : "[", writer->out);
        inner = false;
        put_inbound(writer, domain);
        if (maps) {
            fputs(": ", writer->out);
            put_string(writer, "", domain->target);
        }
    }
    if (!inner)
        fputs(maps ? "}" : "]", writer->out);
}

static void
put_domains(struct writer *writer, bool *first)
{
    bool inner = true;
    if (writer->policy->domain_count == 0 &&
        writer->policy->literals.count == 0)
        return;
    put_key(writer, first, "domains");
    fputs("{", writer->out);
    put_class(writer, &inner, "inbound", DOMAIN_INBOUND);
    put_class(writer, &inner, "always-relay", DOMAIN_ALWAYS_RELAY);
    put_class(writer, &inner, "reroute", DOMAIN_REROUTE);
    put_list_key(writer, &inner, "literals", &writer->policy->literals);
    fputs("}", writer->out);
}

static void
put_owners(struct writer *writer, bool *first)
{
    const struct policy *policy = writer->policy;
    bool inner = true;
    if (policy->owner_count == 0)
        return;
    put_key(writer, first, "owners");
    fputs("{", writer->out);
    for (int i = 0; i < policy->owner_count; i++) {
        put_key(writer, &inner, policy->owners[i].key.text);
        put_list(writer, &policy->owners[i].identities);
    }
    fputs("}", writer->out);
}

static void
put_replies(struct writer *writer, bool *first)
{
    static const char *const NAMES[REASONS] = {"internal-error",
                                               NULL,
                                               NULL,
                                               NULL,
                                               NULL,
                                               NULL,
                                               "no-connector",
                                               "connect-refused",
                                               "auth-required",
                                               "submit-denied",
                                               "bad-sender",
                                               "bad-recipient",
                                               "unknown-recipient",
                                               "relay-denied",
                                               "relay-forbidden",
                                               "routing-refused",
                                               "lookup-failed",
                                               "cannot-rewrite"};
    bool inner = true;
    for (int i = 0; i < REASONS; i++) {
        if (!writer->policy->replies[i].given)
            continue;
        if (inner) {
            put_key(writer, first, "replies");
            fputs("{", writer->out);
        }
        put_key(writer, &inner, NAMES[i]);
        put_reply(writer, &writer->policy->replies[i]);
    }
    fputs(inner ? "" : "}", writer->out);
}

static void
put_settings(struct writer *writer, bool *first)
{
    const struct policy *policy = writer->policy;
    put_list_key(writer, first, "anonymous-identities", &policy->anonymous);
    if (policy->soft_bounce || random_chance(writer->random, 20)) {
        put_key(writer, first, "soft-bounce");
        fputs(policy->soft_bounce ? "true" : "false", writer->out);
    }
    if (policy->default_domain[0]) {
        put_key(writer, first, "default-domain");
        put_string(writer, "", policy->default_domain);
    }
}

static void
put_section(struct writer *writer, bool *first, int section)
{
    const struct policy *policy = writer->policy;
    switch (section) {
    case 0:
        put_lists(writer, first, "lists", policy->lists, policy->list_count);
        break;
    case 1:
        put_lists(writer, first, "groups", policy->groups, policy->group_count);
        break;
    case 2: put_domains(writer, first); break;
    case 3: put_owners(writer, first); break;
    case 4: put_connectors(writer, first); break;
    case 5: put_never_route(writer, first, EVERYWHERE); break;
    case 6: put_replies(writer, first); break;
    case 7: put_settings(writer, first); break;
    default: put_right(writer, first, (enum right)(section - 8), EVERYWHERE);
    }
}

char *
write_policy(struct random *random, struct policy *policy)
{
    enum {
        SECTIONS = 11
    };
    char *text = NULL;
    size_t size;
    int sections[SECTIONS];
    bool first = true;
    struct writer writer = {.random = random, .policy = policy};
    writer.out = open_memstream(&text, &size);
    if (!writer.out)
        abort();
    fputs("{", writer.out);
    put_key(&writer, &first, "mayrelay");
    fputs("1", writer.out);
    shuffle(random, sections, SECTIONS);
    for (int i = 0; i < SECTIONS; i++)
        put_section(&writer, &first, sections[i]);
    fputs("\n}\n", writer.out);
    if (fclose(writer.out) != 0)
        abort();
    return text;
}
