#include <stdio.h>
#include <string.h>

#include "maker.h"

void
entry_text(char to[TEXT_MOST], const char *from)
{
    snprintf(to, TEXT_MOST, "%s", from);
}

struct entry *
list_add(struct list *list, enum entry_kind kind)
{
    if (list->count == ENTRIES_MOST)
        list->count--;
    struct entry *entry = &list->entries[list->count++];
    memset(entry, 0, sizeof *entry);
    entry->kind = kind;
    return entry;
}

/* -- entries of one kind -------------------------------------------------- */

void
add_range(struct maker *maker, struct list *list, int most)
{
    const struct pool_range *range = &RANGES[random_below(maker->random, most)];
    struct entry *entry = list_add(list, range->kind);
    entry_text(entry->text, range->text);
    entry->first = ip_of(range->first);
    entry->last = ip_of(range->last);
    entry->wide = range->wide;
}

static void
add_built_in(struct list *list, enum entry_kind kind)
{
    static const char *const NAMES[ENTRY_KINDS] = {
        [ENTRY_ALL] = "$all",         [ENTRY_LOOPBACK] = "$loopback",
        [ENTRY_PRIVATE] = "$private", [ENTRY_LINK_LOCAL] = "$link-local",
        [ENTRY_INBOUND] = "$inbound", [ENTRY_ALWAYS_RELAY] = "$always-relay",
        [ENTRY_NULL_SENDER] = "<>"};
    struct entry *entry = list_add(list, kind);
    entry_text(entry->text, NAMES[kind]);
    entry->wide = kind == ENTRY_ALL;
}

void
add_name(struct maker *maker, struct list *list, const struct pool_text *name)
{
    bool below = random_chance(maker->random, 50);
    struct entry *entry = list_add(list, below ? ENTRY_BELOW : ENTRY_NAME);
    const char *dot = !below                             ? ""
                      : random_chance(maker->random, 30) ? "*."
                                                         : ".";
    snprintf(entry->text, TEXT_MOST, "%s%s", dot, name->canonical);
    entry_text(entry->name, name->canonical);
}

void
add_mailbox(struct maker *maker, struct list *list)
{
    const struct pool_text *local =
        &LOCALS[random_below(maker->random, POOL_PLAIN_LOCALS)];
    const struct pool_text *domain = RANDOM_OF(maker->random, DOMAINS);
    struct entry *entry = list_add(list, ENTRY_MAILBOX);
    snprintf(entry->text, TEXT_MOST, "%s@%s", local->written, domain->written);
    entry_text(entry->local, local->canonical);
    entry_text(entry->name, domain->canonical);
}

static void
add_local_part(struct maker *maker, struct list *list)
{
    const struct pool_text *local =
        &LOCALS[random_below(maker->random, POOL_PLAIN_LOCALS)];
    struct entry *entry = list_add(list, ENTRY_LOCAL_PART);
    snprintf(entry->text, TEXT_MOST, "%s@", local->written);
    entry_text(entry->local, local->canonical);
}

static void
append_quoted(char text[TEXT_MOST], const char *literal)
{
    size_t size = strlen(text);
    for (; *literal && size + 3 < TEXT_MOST; literal++) {
        if (*literal == '.' || *literal == '+' || *literal == '\\')
            text[size++] = '\\';
        text[size++] = *literal;
    }
    text[size] = '\0';
}

void
add_pattern(struct list *list, const struct pattern *pattern)
{
    struct entry *entry = list_add(list, ENTRY_PATTERN);
    char *text = entry->text;
    entry->pattern = *pattern;
    strcpy(text, pattern->catastrophic ? "/(a+)+[0-9].*" : "/");
    append_quoted(text, pattern->prefix);
    if (!pattern->catastrophic)
        strcat(text, ".*");
    append_quoted(text, pattern->middle);
    if (pattern->middle[0])
        strcat(text, ".*");
    append_quoted(text, pattern->suffix);
    strcat(text, "/");
}

void
add_identity(struct list *list, const char *identity)
{
    struct entry *entry = list_add(list, ENTRY_IDENTITY);
    entry_text(entry->text, identity);
    entry_text(entry->name, identity);
}

void
add_group(struct maker *maker, struct list *list, int group)
{
    bool asks = maker->policy->group_asks[group];
    struct entry *entry = list_add(list, asks ? ENTRY_ASK_GROUP : ENTRY_GROUP);
    entry->list = &maker->policy->groups[group];
    snprintf(entry->text, TEXT_MOST, "$%.90s", entry->list->name);
}

/* A named list of one of the two sorts, if there is any. */
bool
add_list(struct maker *maker, struct list *list, enum list_sort a,
         enum list_sort b)
{
    const struct policy *policy = maker->policy;
    int start = random_below(maker->random, LISTS_MOST);
    for (int i = 0; i < LISTS_MOST; i++) {
        int number = (start + i) % LISTS_MOST;
        if (number >= policy->list_count ||
            (maker->sorts[number] != a && maker->sorts[number] != b))
            continue;
        struct entry *entry = list_add(list, ENTRY_LIST);
        entry->list = &policy->lists[number];
        snprintf(entry->text, TEXT_MOST, "$%.90s", entry->list->name);
        return true;
    }
    return false;
}

/* -- entries of one place ------------------------------------------------- */

static const struct pattern CLIENT_PATTERNS[] = {
    {false, "ma", "", ".isp.example"},  {false, "", "", ".isp.example"},
    {false, "", "ail", ".isp.example"}, {false, "", "o", ".our.example"},
    {true, "", "", ".isp.example"},
};

const struct pattern MAIL_PATTERNS[POOL_MAIL_PATTERNS] = {
    {false, "jo", "", ""},       {false, "", "", "far.example"},
    {false, "", "oe", ""},       {false, "a", "@", "example"},
    {false, "invoice+", "", ""}, {false, "", "branch", "example"},
    {false, "", "@", ".test"},   {true, "", "", ""},
    {false, "", "", ""},
};

static const struct pattern USER_PATTERNS[] = {
    {false, "st", "", ""},     {false, "", "", "en"}, {false, "", "-", ""},
    {false, "corp\\", "", ""}, {true, "", "", ""},
};

void
add_client(struct maker *maker, struct list *list)
{
    int dice = random_below(maker->random, 100);
    if (dice < 45)
        add_range(maker, list, POOL_NARROW_RANGES);
    else if (dice < 48)
        add_range(maker, list, POOL_RANGES);
    else if (dice < 60)
        add_name(maker, list, RANDOM_OF(maker->random, CLIENT_NAMES));
    else if (dice < 68)
        add_pattern(list, RANDOM_OF(maker->random, CLIENT_PATTERNS));
    else if (dice < 78)
        add_built_in(list, (enum entry_kind)(ENTRY_LOOPBACK +
                                             random_below(maker->random, 3)));
    else if (!add_list(maker, list, SORT_RANGES, SORT_CLIENTS))
        add_range(maker, list, POOL_NARROW_RANGES);
}

void
add_mail(struct maker *maker, struct list *list)
{
    int dice = random_below(maker->random, 100);
    if (dice < 25)
        add_name(maker, list, RANDOM_OF(maker->random, DOMAINS));
    else if (dice < 40)
        add_mailbox(maker, list);
    else if (dice < 52)
        add_local_part(maker, list);
    else if (dice < 67)
        add_pattern(list, RANDOM_OF(maker->random, MAIL_PATTERNS));
    else if (dice < 77)
        add_built_in(list, ENTRY_INBOUND);
    else if (dice < 85)
        add_built_in(list, ENTRY_ALWAYS_RELAY);
    else if (!add_list(maker, list, SORT_MAIL, SORT_MAIL))
        add_mailbox(maker, list);
}

void
add_sender(struct maker *maker, struct list *list)
{
    int dice = random_below(maker->random, 100);
    if (dice < 10)
        add_built_in(list, ENTRY_NULL_SENDER);
    else if (dice >= 20 || !add_list(maker, list, SORT_SENDERS, SORT_MAIL))
        add_mail(maker, list);
}

void
add_user(struct maker *maker, struct list *list)
{
    int dice = random_below(maker->random, 100);
    int groups = maker->policy->group_count;
    if (dice < 40 && groups > 0)
        add_group(maker, list, random_below(maker->random, groups));
    else if (dice < 60)
        add_pattern(list, RANDOM_OF(maker->random, USER_PATTERNS));
    else
        add_identity(list, *RANDOM_OF(maker->random, IDENTITIES));
}

void
add_endpoint(struct maker *maker, struct list *list, bool internal)
{
    const struct pool_endpoint *endpoint;
    do
        endpoint = RANDOM_OF(maker->random, ENDPOINTS);
    while (internal && !endpoint->internal);
    struct entry *entry = list_add(list, ENTRY_ENDPOINT);
    entry_text(entry->text, endpoint->text);
    if (endpoint->address)
        entry->first = ip_of(endpoint->address);
    entry->port = endpoint->port;
}

void
add_certificate(struct maker *maker, struct list *list)
{
    const struct pool_text *certificate =
        RANDOM_OF(maker->random, CERTIFICATES);
    struct entry *entry = list_add(list, ENTRY_FINGERPRINT);
    snprintf(entry->text, TEXT_MOST, "%s", certificate->written);
    entry_text(entry->name, certificate->canonical);
}

/* -- lists ---------------------------------------------------------------- */

/* A few inclusions, sometimes `$all`, and exclusions. */
static void
fill_list(struct maker *maker, struct list *list, adder *add, int exclusions)
{
    struct random *random = maker->random;
    int includes = 1 + random_below(random, 3);
    if (random_chance(random, 15))
        add_built_in(list, ENTRY_ALL);
    else
        for (int i = 0; i < includes; i++)
            add(maker, list);
    for (int i = 0; i < exclusions; i++) {
        add(maker, list);
        list->entries[list->count - 1].exclude = true;
    }
}

void
fill_condition_list(struct maker *maker, struct list *list, adder *add)
{
    struct random *random = maker->random;
    if (random_chance(random, 3))
        return; /* an empty set, which never holds */
    fill_list(maker, list, add,
              random_chance(random, 40) ? 1 + random_below(random, 2) : 0);
}

static void
make_named_list(struct maker *maker, enum list_sort sort)
{
    struct policy *policy = maker->policy;
    struct list *list = &policy->lists[policy->list_count];
    struct list made = {0};
    snprintf(made.name, TEXT_MOST, "list-%d", policy->list_count);
    int wish = 1 + random_below(maker->random, 3);
    for (int i = 0; i < wish; i++) {
        if (sort == SORT_RANGES)
            add_range(maker, &made, POOL_NARROW_RANGES);
        else if (sort == SORT_CLIENTS)
            add_client(maker, &made);
        else if (sort == SORT_MAIL)
            add_mail(maker, &made);
        else if (sort == SORT_SENDERS)
            add_sender(maker, &made);
    }
    if (sort == SORT_CLIENTS_ALONE)
        fill_list(maker, &made, add_client, 1);
    if (sort == SORT_MAIL_ALONE)
        fill_list(maker, &made, add_mail, 1);
    *list = made;
    maker->sorts[policy->list_count++] = sort;
}

void
make_lists(struct maker *maker)
{
    for (enum list_sort sort = 0; sort < SORT_DOMAINS; sort++)
        if (random_chance(maker->random, 60))
            make_named_list(maker, sort);
}

void
make_groups(struct maker *maker)
{
    static const char *const NAMES[GROUPS_MOST] = {
        "Domain Admins", "SMTP-APPROVED", "staff", "mixed", "ldap", "empty"};
    struct policy *policy = maker->policy;
    if (random_chance(maker->random, 20))
        return;
    policy->group_count = GROUPS_MOST;
    for (int i = 0; i < GROUPS_MOST; i++)
        entry_text(policy->groups[i].name, NAMES[i]);
    policy->group_asks[0] = policy->group_asks[4] = true;
    for (int i = 0; i < 2; i++)
        add_identity(&policy->groups[1], *RANDOM_OF(maker->random, IDENTITIES));
    add_group(maker, &policy->groups[2], 1);
    add_identity(&policy->groups[2], *RANDOM_OF(maker->random, IDENTITIES));
    add_group(maker, &policy->groups[3], 0);
    add_identity(&policy->groups[3], *RANDOM_OF(maker->random, IDENTITIES));
}
