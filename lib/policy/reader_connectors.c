#include "policy/reader_connectors.h"

#include "policy/fields.h"
#include "policy/quoted.h"
#include "policy/reader_lists.h"
#include "policy/reader_rules.h"

/* One reading of `connectors:`. */
struct connectors {
    struct text_map names;
    size_t count; /* how many there are */
};

static void
count_one(struct reader *reader, const struct node *node, void *context)
{
    (void)reader;
    (void)node;
    ++*(size_t *)context;
}

static bool
name_is_good(struct text name)
{
    return name.size && name.size <= QUOTED_MOST && text_is_ascii(name) &&
           !text_has_control(name) && text_equal(name, text_trim(name));
}

static void
check_name(struct reader *reader, const struct node *node, struct text name,
           struct connectors *connectors)
{
    uint32_t old, number = (uint32_t)reader->connectors.count;
    if (!name_is_good(name))
        report_add(reader->report, FINDING_CONNECTOR_NAME,
                   reader_place(reader, node),
                   "one to 80 printable ASCII characters, no blanks around",
                   "'%.*s%s' cannot be the name of a connector", QUOTED(name));
    else if (!reader_index(reader, &connectors->names, name, number, &old))
        report_add(
            reader->report, FINDING_CONNECTOR_NAME_TWICE,
            reader_place(reader, node), NULL,
            "the connector of line %u is called '%.*s' already",
            ((struct connector *)reader->connectors.items)[old].source.line,
            TEXT_ARGS(name));
}

static struct text
read_name(struct reader *reader, const struct fields *fields,
          struct connectors *connectors)
{
    const struct node *value = fields->values[KEY_CONNECTOR_NAME];
    struct text name;
    if (!fields->keys[KEY_CONNECTOR_NAME] && connectors->count > 1)
        report_add(reader->report, FINDING_CONNECTOR_NAMELESS,
                   reader_place(reader, fields->node), "name: internet",
                   "a connector needs a name where there are several");
    if (!value || !reader_text(reader, value, "'name'", &name))
        return TEXT("default");
    check_name(reader, value, name, connectors);
    return reader_copy(reader, name);
}

static void
add_listen(struct reader *reader, const struct entry *entry, void *context)
{
    struct listen_entry *listen = reader_push(reader, context, sizeof *listen);
    if (listen)
        *listen = (struct listen_entry){entry->endpoint, entry->source};
}

static void
add_client(struct reader *reader, const struct entry *entry, void *context)
{
    struct client_range *client = reader_push(reader, context, sizeof *client);
    if (client)
        *client = (struct client_range){entry->range, entry->source};
}

/* No listen and no clients mean every one, so an empty list cannot be meant. */
static void
refuse_empty(struct reader *reader, const struct node *key)
{
    report_add(reader->report, FINDING_VALUE_EMPTY, reader_place(reader, key),
               "leave it out to mean every one",
               "'%.*s' is empty, so the connector could never be chosen",
               TEXT_ARGS(key->scalar));
}

static void
read_scope(struct reader *reader, const struct fields *fields,
           struct connector *connector)
{
    struct vector listens = {0};
    struct vector clients = {0};
    const struct node *listen = fields->values[KEY_CONNECTOR_LISTEN];
    const struct node *client = fields->values[KEY_CONNECTOR_CLIENTS];
    if (listen) {
        reader->model->needs_listener = true;
        if (lists_flatten(reader, listen, PLACE_LISTENERS, add_listen,
                          &listens) &&
            !listens.count)
            refuse_empty(reader, fields->keys[KEY_CONNECTOR_LISTEN]);
    }
    if (client &&
        lists_flatten(reader, client, PLACE_CONNECTOR_CLIENTS, add_client,
                      &clients) &&
        !clients.count)
        refuse_empty(reader, fields->keys[KEY_CONNECTOR_CLIENTS]);
    connector->listens = reader_settle(
        reader, &listens, sizeof *connector->listens, &connector->listen_count);
    connector->clients = reader_settle(
        reader, &clients, sizeof *connector->clients, &connector->client_count);
}

static void
read_rules(struct reader *reader, const struct fields *fields,
           const struct rule_place *at)
{
    static const enum key RIGHTS[RIGHT_COUNT] = {
        KEY_CONNECTOR_CONNECT, KEY_CONNECTOR_SUBMIT, KEY_CONNECTOR_RELAY};
    for (int right = 0; right < RIGHT_COUNT; right++)
        if (fields->values[RIGHTS[right]])
            rules_read_right(reader, fields->values[RIGHTS[right]],
                             (enum right)right, at);
    if (fields->values[KEY_CONNECTOR_NEVER_ROUTE])
        rules_read_never_route(reader, fields->keys[KEY_CONNECTOR_NEVER_ROUTE],
                               fields->values[KEY_CONNECTOR_NEVER_ROUTE], at);
}

static void
read_connector(struct reader *reader, const struct node *node, void *context)
{
    struct fields fields;
    if (!fields_read(reader, node, KEYS_CONNECTOR, "a connector", &fields))
        return;
    struct connector connector = {.source = reader_source(node)};
    connector.name = read_name(reader, &fields, context);
    read_scope(reader, &fields, &connector);
    uint32_t number = (uint32_t)reader->connectors.count;
    struct connector *added =
        reader_push(reader, &reader->connectors, sizeof *added);
    if (added)
        *added = connector;
    struct text parts[] = {connector.name, TEXT(".")};
    struct rule_place at = {.connector = number,
                            .allow_connector = number,
                            .prefix = reader_join(reader, parts, 2),
                            .allows = true};
    read_rules(reader, &fields, &at);
}

void
connectors_read(struct reader *reader, const struct node *key,
                const struct node *node)
{
    struct connectors connectors = {.count = 0};
    struct reader silent = {.model = reader->model};
    reader_each(&silent, node, "connectors", count_one, &connectors.count);
    if (!connectors.count || (node->kind == NODE_MAPPING && !node->count))
        report_add(reader->report, FINDING_VALUE_EMPTY,
                   reader_place(reader, key),
                   "leave 'connectors' out to have one for everything",
                   "'connectors' is empty");
    reader_each(reader, node, "connectors", read_connector, &connectors);
    text_map_clear(&connectors.names);
    if (!reader->connectors.count)
        connectors_add_default(reader);
}

void
connectors_add_default(struct reader *reader)
{
    struct connector *connector =
        reader_push(reader, &reader->connectors, sizeof *connector);
    if (!connector)
        return;
    connector->name = TEXT("default");
    connector->source = (struct source){0, 1, 1};
}
