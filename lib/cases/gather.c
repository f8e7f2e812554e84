/* Clients and identities; what all steps share. */
#include "cases/gather.h"

#include "audit/entrance.h"
#include "base/memory.h"
#include "cases/example.h"
#include "image/policy.h"
#include "image/provenance.h"

/* -- quotas --------------------------------------------------------------- */

bool
quota_init(struct quota *quota, size_t classes)
{
    *quota = (struct quota){.taken = memory_new(classes, sizeof *quota->taken),
                            .count = classes};
    return quota->taken != NULL;
}

void
quota_clear(struct quota *quota)
{
    memory_free(quota->taken);
}

bool
quota_take(struct quota *quota, struct values *v, uint32_t class)
{
    if (class >= quota->count)
        return false; /* damaged */
    if (quota->taken[class] < v->members_most) {
        quota->taken[class]++;
        return true;
    }
    v->left_out++;
    return false;
}

/* -- patterns ------------------------------------------------------------- */

static bool
matches(struct values *v, uint32_t pattern, struct text text)
{
    return pattern_set_match(policy_patterns(v->policy), pattern,
                             image_pattern(v->image, pattern), text,
                             v->session->matcher) == PATTERN_YES;
}

/* A pattern may say nothing of an address's domain. */
static void
add_example(struct values *v, enum step step, uint32_t pattern)
{
    char room[512];
    struct output out = output_to(room, sizeof room);
    bool mail = step == STEP_SENDER || step == STEP_RECIPIENT;
    example_of_pattern(image_pattern(v->image, pattern), &out);
    if (mail && !text_has(output_written(&out), '@'))
        output_string(&out, "@far.example");
    if (matches(v, pattern, output_written(&out)))
        values_add_text(v, step, output_written(&out));
}

void
gather_patterns(struct values *v, enum step step, enum list_use use)
{
    size_t lists = image_count(v->image, SECTION_LISTS);
    for (uint32_t i = 0; i < lists && !v->failed; i++) {
        const struct image_list *list = image_list(v->image, i);
        const uint32_t *patterns = image_list_patterns(v->image, list);
        if (!patterns || list->use != use)
            continue;
        for (uint32_t j = 0; j < list->pattern_count; j++)
            add_example(v, step, patterns[j]);
    }
}

/* -- clients -------------------------------------------------------------- */

/* As an address in documents; it comes first of its class. */
static const struct address USUAL_IPV4 = {ADDRESS_IPV4, 0, 0xcb007109};
static const struct address USUAL_IPV6 = {ADDRESS_IPV6,
                                          UINT64_C(0x20010db800ff0000), 9};

static void
add_client(struct values *v, const char *listener, struct address address)
{
    char text[ADDRESS_TEXT_SIZE];
    struct output out = output_to(text, sizeof text);
    address_write(&out, address);
    values_add(v, STEP_CLIENT,
               (struct value){.kind = VALUE_TEXT,
                              .text = output_written(&out),
                              .listener = listener});
}

/* Runs that have been met so often that their ends would not be taken. */
struct runs {
    struct values *values;
    const char *listener;
    struct intern kinds; /* of connector and class */
    uint32_t *taken;     /* by kind */
    size_t room;
};

static bool
is_taken(struct runs *runs, const struct reach *reach)
{
    uint32_t key[2] = {reach->connector, reach->class};
    size_t known = runs->kinds.count;
    uint32_t kind =
        intern_add(&runs->kinds, (struct text){(const char *)key, sizeof key});
    if (runs->kinds.failed || !memory_grow(&runs->taken, &runs->room, kind + 1,
                                           sizeof *runs->taken)) {
        runs->values->failed = true;
        return false;
    }
    if (kind == known)
        runs->taken[kind] = 0;
    if (runs->taken[kind] >= runs->values->members_most) {
        runs->values->left_out += 2;
        return false;
    }
    runs->taken[kind] += 2;
    return true;
}

/* The ends of each run of addresses: what lies beside one belongs to another.
 */
static void
add_runs(struct runs *runs, const struct entrance *entrance,
         enum address_family family)
{
    struct values *v = runs->values;
    struct reach_walk walk = reach_start(v->image, entrance, family);
    struct reach reach;
    while (!v->failed && reach_next(&walk, &reach)) {
        if (!is_taken(runs, &reach))
            continue;
        add_client(v, runs->listener, reach.range.first);
        if (!address_equal(reach.range.first, reach.range.last))
            add_client(v, runs->listener, reach.range.last);
    }
}

/* Neighbours that are in the same lists are one run, so each entry's own ends,
 * too. */
static void
add_entries(struct values *v, const char *listener, uint32_t list)
{
    struct provenance stream = provenance_of_list(v->image, list);
    struct provenance_item item;
    for (size_t i = 0; i < v->members_most && provenance_next(&stream, &item);
         i++)
        if (item.kind == ENTRY_RANGE) {
            add_client(v, listener, item.range.first);
            add_client(v, listener, item.range.last);
        }
}

static void
add_lists(struct values *v, const char *listener)
{
    size_t lists = image_count(v->image, SECTION_LISTS);
    for (uint32_t i = 0; i < lists && !v->failed; i++) {
        const struct image_list *list = image_list(v->image, i);
        if (list && list->use == LIST_CLIENTS)
            add_entries(v, listener, i);
    }
}

static void
add_entrance(struct values *v, const struct entrance *entrance)
{
    struct endpoint endpoint = entrance_endpoint(v->image, entrance);
    struct runs runs = {.values = v};
    if (endpoint.port) {
        char text[ENDPOINT_TEXT_SIZE];
        struct output out = output_to(text, sizeof text);
        endpoint_write(&out, endpoint);
        runs.listener = arena_copy(&v->arena, output_written(&out)).data;
        v->failed |= !runs.listener;
    }
    add_client(v, runs.listener, USUAL_IPV4);
    add_client(v, runs.listener, USUAL_IPV6);
    add_runs(&runs, entrance, ADDRESS_IPV4);
    add_runs(&runs, entrance, ADDRESS_IPV6);
    add_lists(v, runs.listener);
    intern_clear(&runs.kinds);
    memory_free(runs.taken);
}

static void
add_name(struct values *v, struct quota *quota, struct text name,
         uint32_t class, const char *label)
{
    char text[DOMAIN_TEXT_SIZE];
    struct output out = output_to(text, sizeof text);
    output_string(&out, label);
    output_text(&out, name);
    if (quota_take(quota, v, class) && out.size <= DOMAIN_TEXT_MOST)
        values_add_text(v, STEP_NAMES, output_written(&out));
}

static void
gather_names(struct values *v)
{
    struct quota quota;
    struct named_value name;
    size_t at = 0;
    values_add(v, STEP_NAMES, (struct value){.kind = VALUE_NONE});
    if (!(v->image->settings->facts & MAYRELAY_FACT_CLIENT_NAME))
        return; /* no rule looks at any */
    values_add_text(v, STEP_NAMES, TEXT("host.far.example"));
    values_add(v, STEP_NAMES, (struct value){.kind = VALUE_FAILED});
    v->failed |= !quota_init(
        &quota, v->image->settings->class_count[ATTRIBUTE_CLIENT_NAME]);
    while (!v->failed && name_set_next(&v->image->client_names, &at, &name)) {
        add_name(v, &quota, name.name, name.exact, "");
        add_name(v, &quota, name.name, name.below, "host.");
    }
    quota_clear(&quota);
    gather_patterns(v, STEP_NAMES, LIST_CLIENTS);
}

void
gather_client(struct values *v)
{
    struct entrances entrances;
    entrances_build(&entrances, v->image);
    v->failed |= entrances.failed;
    v->thinned |= entrances.over_budget;
    for (size_t i = 0; i < entrances.count && !v->failed; i++)
        add_entrance(v, &entrances.items[i]);
    entrances_clear(&entrances);
    if (v->failed)
        return;
    value_tell(v->session, STEP_CLIENT, values_get(v, STEP_CLIENT, 0, 0));
    gather_names(v);
}

/* -- identities ----------------------------------------------------------- */

/* The keys of a set, which the attribute's classes are the values of. */
static void
gather_set(struct values *v, enum step step, const struct text_set *set,
           size_t classes)
{
    struct quota quota;
    struct keyed_value entry;
    size_t at = 0;
    v->failed |= !quota_init(&quota, classes);
    while (!v->failed && text_set_next(set, &at, &entry))
        if (quota_take(&quota, v, entry.value))
            values_add_text(v, step, entry.key);
    quota_clear(&quota);
}

static void
gather_groups(struct values *v)
{
    const uint32_t *counts = v->image->settings->class_count;
    values_add(v, STEP_GROUPS, (struct value){.kind = VALUE_NONE});
    if (!(v->image->settings->facts & MAYRELAY_FACT_GROUPS))
        return;
    mayrelay_session_auth(v->session, "someone", MAYRELAY_ZSTR);
    gather_set(v, STEP_GROUPS, &v->image->groups, counts[ATTRIBUTE_GROUP]);
    values_add(v, STEP_GROUPS, (struct value){.kind = VALUE_FAILED});
}

void
gather_identity(struct values *v)
{
    enum {
        PRESENCE = 2 /* of a set whose values say no more */
    };
    const struct image *image = v->image;
    const uint32_t *counts = image->settings->class_count;
    values_add(v, STEP_TLS, (struct value){.kind = VALUE_NONE});
    values_add_text(v, STEP_TLS, TEXT(""));
    gather_set(v, STEP_TLS, &image->certificates,
               counts[ATTRIBUTE_CERTIFICATE]);
    values_add(v, STEP_IDENTITY, (struct value){.kind = VALUE_NONE});
    values_add_text(v, STEP_IDENTITY, TEXT("someone"));
    gather_set(v, STEP_IDENTITY, &image->anonymous, PRESENCE);
    gather_set(v, STEP_IDENTITY, &image->identities,
               counts[ATTRIBUTE_IDENTITY]);
    gather_patterns(v, STEP_IDENTITY, LIST_USERS);
    gather_groups(v);
    mayrelay_session_auth(v->session, NULL, 0);
}
