#include "policy/reader_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "policy/fields.h"
#include "policy/quoted.h"
#include "policy/reader_lists.h"
#include "policy/reader_replies.h"

enum {
    NUMBER_SIZE = 24
};

static const char *const RIGHT_NAMES[RIGHT_COUNT] = {
    [RIGHT_CONNECT] = "connect",
    [RIGHT_SUBMIT] = "submit",
    [RIGHT_RELAY] = "relay",
};

/* Conditions that are lists, and where their entries stand. */
static const struct {
    enum key key;
    enum entry_place where;
} SELECTIONS[SELECT_COUNT] = {
    [SELECT_CLIENTS] = {KEY_RULE_CLIENTS, PLACE_CLIENTS},
    [SELECT_LISTENERS] = {KEY_RULE_LISTENERS, PLACE_LISTENERS},
    [SELECT_CERTIFICATES] = {KEY_RULE_CERTIFICATES, PLACE_CERTIFICATES},
    [SELECT_USERS] = {KEY_RULE_USERS, PLACE_USERS},
    [SELECT_SENDERS] = {KEY_RULE_SENDERS, PLACE_SENDERS},
    [SELECT_RECIPIENTS] = {KEY_RULE_RECIPIENTS, PLACE_RECIPIENTS},
};

/* policy.md §5: connect is judged before there is anything but the client and
 * our own address. */
static const char *
misplaced(enum key key, enum right right, bool deny)
{
    switch (key) {
    case KEY_RULE_NAME:
    case KEY_RULE_CLIENTS:
    case KEY_RULE_LISTENERS: return NULL;
    case KEY_RULE_REPLY:
        return deny ? NULL : "an accept has no reply of its own";
    case KEY_RULE_OPEN_RELAY:
        return right == RIGHT_RELAY && !deny
                   ? NULL
                   : "it belongs to an allow rule of relay";
    default:
        return right != RIGHT_CONNECT
                   ? NULL
                   : "a connect rule knows 'clients' and 'listeners' only: "
                     "write it under submit or relay";
    }
}

static void
check_places(struct reader *reader, const struct fields *fields,
             const struct rule *rule)
{
    for (int i = KEY_RULE_NAME; i <= KEY_RULE_OPEN_RELAY; i++) {
        enum key key = (enum key)i;
        const char *hint = misplaced(key, rule->right, rule->deny);
        if (fields->keys[key] && hint)
            report_add(reader->report, FINDING_KEY_MISPLACED,
                       reader_place(reader, fields->keys[key]), hint,
                       "'%s' cannot stand in %s rule of '%s'", key_text(key),
                       rule->deny ? "a deny" : "an allow",
                       RIGHT_NAMES[rule->right]);
    }
}

static bool
is_condition(enum key key)
{
    return key != KEY_RULE_NAME && key != KEY_RULE_REPLY &&
           key != KEY_RULE_OPEN_RELAY;
}

static void
check_conditions(struct reader *reader, const struct fields *fields)
{
    for (int i = KEY_RULE_NAME; i <= KEY_RULE_OPEN_RELAY; i++)
        if (fields->keys[i] && is_condition((enum key)i))
            return;
    report_add(reader->report, FINDING_RULE_EMPTY,
               reader_place(reader, fields->node),
               "to mean everybody write clients: $all",
               "a rule without any condition");
}

static void
read_selections(struct reader *reader, const struct fields *fields,
                struct rule *rule)
{
    for (int i = 0; i < SELECT_COUNT; i++) {
        const struct node *value = fields->values[SELECTIONS[i].key];
        rule->select[i].given = fields->keys[SELECTIONS[i].key] != NULL;
        rule->select[i].flawed = !value;
        if (value)
            lists_select(reader, value, SELECTIONS[i].where, &rule->select[i]);
    }
    if (rule->select[SELECT_LISTENERS].given)
        reader->model->needs_listener = true;
}

/* What is malformed counts as true: that alone is reported. */
static enum wish
read_wish(struct reader *reader, const struct fields *fields, enum key key)
{
    const struct node *value = fields->values[key];
    bool wish = true;
    if (!fields->keys[key])
        return WISH_NONE;
    if (value && !reader_bool(reader, value, key_text(key), &wish))
        return WISH_TRUE;
    return wish ? WISH_TRUE : WISH_FALSE;
}

static enum mayrelay_reason
reason_of(const struct rule *rule)
{
    switch (rule->right) {
    case RIGHT_CONNECT: return MAYRELAY_REASON_CONNECT_REFUSED;
    case RIGHT_SUBMIT:
        return rule->authenticated == WISH_FALSE
                   ? MAYRELAY_REASON_AUTH_REQUIRED
                   : MAYRELAY_REASON_SUBMIT_DENIED;
    case RIGHT_RELAY:
    case RIGHT_COUNT: break;
    }
    return MAYRELAY_REASON_RELAY_FORBIDDEN;
}

static void
read_reply(struct reader *reader, const struct fields *fields,
           struct rule *rule)
{
    if (!rule->deny)
        return;
    rule->reason = reason_of(rule);
    rule->reply = reader->model->replies[rule->reason];
    if (fields->values[KEY_RULE_REPLY])
        reply_read(reader, fields->values[KEY_RULE_REPLY], rule->reason,
                   &rule->reply);
}

static struct text
default_name(struct reader *reader, const struct rule *rule, struct text prefix,
             size_t position)
{
    char number[NUMBER_SIZE];
    struct output out = output_to(number, sizeof number);
    output_format(&out, "[%zu]", position);
    struct text parts[] = {prefix, text_of(RIGHT_NAMES[rule->right]),
                           rule->deny ? TEXT(".deny") : TEXT(".allow"),
                           output_written(&out)};
    return reader_join(reader, parts, 4);
}

static bool
name_is_good(struct text name)
{
    return name.size && name.size <= QUOTED_MOST && text_is_ascii(name) &&
           !text_has_control(name) && text_equal(name, text_trim(name));
}

static bool
read_name(struct reader *reader, const struct node *node, struct rule *rule)
{
    struct text name;
    if (!reader_text(reader, node, "'name'", &name))
        return false;
    if (name_is_good(name)) {
        rule->name = reader_copy(reader, name);
        return true;
    }
    report_add(reader->report, FINDING_RULE_NAME, reader_place(reader, node),
               "one to 80 printable ASCII characters, no blanks around",
               "'%.*s%s' cannot be the name of a rule", QUOTED(name));
    return false;
}

struct rule_list {
    const struct rule_place *at;
    enum right right;
    bool deny;
    size_t position;
};

/* A name that the policy gave, kept until all connectors are known. */
struct given_name {
    uint32_t rule;
    struct place place;
};

static void
read_rule(struct reader *reader, const struct node *node, void *context)
{
    struct rule_list *list = context;
    struct fields fields;
    list->position++;
    if (!fields_read(reader, node, KEYS_RULE, "a rule", &fields))
        return;
    struct rule rule = {.source = reader_source(node),
                        .right = list->right,
                        .deny = list->deny,
                        .connector = list->deny ? list->at->connector
                                                : list->at->allow_connector};
    rule.name = default_name(reader, &rule, list->at->prefix, list->position);
    check_places(reader, &fields, &rule);
    check_conditions(reader, &fields);
    read_selections(reader, &fields, &rule);
    rule.tls = read_wish(reader, &fields, KEY_RULE_TLS);
    rule.authenticated = read_wish(reader, &fields, KEY_RULE_AUTHENTICATED);
    rule.sender_owned = read_wish(reader, &fields, KEY_RULE_SENDER_OWNED);
    if (fields.values[KEY_RULE_OPEN_RELAY])
        reader_bool(reader, fields.values[KEY_RULE_OPEN_RELAY], "open-relay",
                    &rule.open_relay);
    read_reply(reader, &fields, &rule);
    const struct node *name = fields.values[KEY_RULE_NAME];
    bool named = name && read_name(reader, name, &rule);
    struct rule *added = reader_push(reader, &reader->rules, sizeof rule);
    struct given_name *given =
        named ? reader_push(reader, &reader->rule_names, sizeof *given) : NULL;
    if (added)
        *added = rule;
    if (given)
        *given = (struct given_name){(uint32_t)reader->rules.count - 1,
                                     reader_place(reader, name)};
}

static void
read_allow(struct reader *reader, const struct fields *fields,
           struct rule_list *list)
{
    const struct node *node = fields->values[KEY_RIGHT_ALLOW];
    const struct node *key = fields->keys[KEY_RIGHT_ALLOW];
    if (!list->at->allows)
        report_add(reader->report, FINDING_TOP_ALLOW, reader_place(reader, key),
                   "move it into the connectors it is for",
                   "'%s: allow' at the top cannot stand beside 'connectors'",
                   RIGHT_NAMES[list->right]);
    reader_each(reader, node, "allow", read_rule, list);
    if (!list->position && list->right != RIGHT_RELAY && list->at->allows)
        report_add(reader->report, FINDING_VALUE_EMPTY,
                   reader_place(reader, key),
                   "leave 'allow' out to allow all, or deny clients: $all",
                   "an empty 'allow' under '%s' is ambiguous",
                   RIGHT_NAMES[list->right]);
}

void
rules_read_right(struct reader *reader, const struct node *node,
                 enum right right, const struct rule_place *at)
{
    struct fields fields;
    if (!fields_read(reader, node, KEYS_RIGHT, RIGHT_NAMES[right], &fields))
        return;
    struct rule_list list = {.at = at, .right = right};
    if (fields.values[KEY_RIGHT_ALLOW])
        read_allow(reader, &fields, &list);
    list = (struct rule_list){.at = at, .right = right, .deny = true};
    if (fields.values[KEY_RIGHT_DENY])
        reader_each(reader, fields.values[KEY_RIGHT_DENY], "deny", read_rule,
                    &list);
}

void
rules_read_never_route(struct reader *reader, const struct node *key,
                       const struct node *node, const struct rule_place *at)
{
    struct text parts[] = {at->prefix, TEXT("never-route")};
    struct rule rule = {.source = reader_source(key),
                        .right = RIGHT_RELAY,
                        .deny = true,
                        .connector = at->connector,
                        .name = reader_join(reader, parts, 2)};
    lists_select(reader, node, PLACE_CLIENTS, &rule.select[SELECT_CLIENTS]);
    rule.reason = reason_of(&rule);
    rule.reply = reader->model->replies[rule.reason];
    struct rule *added = reader_push(reader, &reader->rules, sizeof rule);
    if (added)
        *added = rule;
}

void
rules_add_always_relay(struct reader *reader, const struct node *key)
{
    struct rule *rule = reader_push(reader, &reader->rules, sizeof *rule);
    if (!rule)
        return;
    rule->name = TEXT("always-relay");
    rule->source = reader_source(key);
    rule->right = RIGHT_RELAY;
    rule->always_relay = true;
    rule->connector = RULE_EVERYWHERE;
    rule->select[SELECT_RECIPIENTS] = (struct selection){
        .given = true, .always_relay = true, .source = reader_source(key)};
}

/* -- names -------------------------------------------------------------- */

/* "relay.allow[7]" */
static bool
is_default_position(struct text name)
{
    for (int right = 0; right < RIGHT_COUNT; right++) {
        struct text front = text_of(RIGHT_NAMES[right]);
        struct text rest = text_from(name, front.size);
        if (!text_starts(name, front))
            continue;
        if (text_starts(rest, TEXT(".allow[")))
            rest = text_from(rest, 7);
        else if (text_starts(rest, TEXT(".deny[")))
            rest = text_from(rest, 6);
        else
            continue;
        uint32_t number;
        if (text_ends(rest, TEXT("]")) &&
            text_number(text_slice(rest, 0, rest.size - 1), UINT32_MAX,
                        &number))
            return true;
    }
    return false;
}

static bool
is_default_name(const struct reader *reader, struct text name)
{
    if (text_equal(name, TEXT("always-relay")))
        return true;
    const struct connector *connectors = reader->connectors.items;
    for (size_t i = 0; i <= reader->connectors.count; i++) {
        struct text rest = name;
        if (i < reader->connectors.count) {
            if (!text_starts(name, connectors[i].name))
                continue;
            rest = text_from(name, connectors[i].name.size);
            if (!text_starts(rest, TEXT(".")))
                continue;
            rest = text_from(rest, 1);
        }
        if (text_equal(rest, TEXT("never-route")) || is_default_position(rest))
            return true;
    }
    return false;
}

static void
check_name(struct reader *reader, const struct given_name *given,
           struct text_map *index)
{
    const struct rule *rules = reader->rules.items;
    const struct rule *rule = &rules[given->rule];
    uint32_t old;
    if (is_default_name(reader, rule->name))
        report_add(reader->report, FINDING_RULE_NAME_DEFAULT, given->place,
                   "rules without a name are called so: choose another",
                   "'%.*s' is a default name", TEXT_ARGS(rule->name));
    else if (!reader_index(reader, index, rule->name, given->rule, &old))
        report_add(reader->report, FINDING_RULE_NAME_TWICE, given->place,
                   "names are unique over the whole file",
                   "the rule of line %u is called '%.*s' already",
                   rules[old].source.line, TEXT_ARGS(rule->name));
}

/* -- order -------------------------------------------------------------- */

struct ordered {
    uint32_t line, column, number;
    bool last;
};

static int
compare(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int
by_place(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    int order = compare(a->last, b->last);
    if (!order)
        order = compare(a->line, b->line);
    if (!order)
        order = compare(a->column, b->column);
    return order ? order : compare(a->number, b->number);
}

static void
order_rules(struct reader *reader)
{
    size_t count = reader->rules.count;
    struct rule *rules = reader->rules.items;
    struct ordered *order = reader_new(reader, count, sizeof *order);
    struct rule *copy = reader_new(reader, count, sizeof *copy);
    if (!order || !copy || !count)
        return;
    for (size_t i = 0; i < count; i++)
        order[i] =
            (struct ordered){rules[i].source.line, rules[i].source.column,
                             (uint32_t)i, rules[i].always_relay};
    memcpy(copy, rules, count * sizeof *copy);
    qsort(order, count, sizeof *order, by_place);
    for (size_t i = 0; i < count; i++)
        rules[i] = copy[order[i].number];
}

void
rules_finish(struct reader *reader)
{
    struct text_map index = {0};
    const struct given_name *given = reader->rule_names.items;
    if (reader->out_of_memory)
        return;
    for (size_t i = 0; i < reader->rule_names.count; i++)
        check_name(reader, &given[i], &index);
    text_map_clear(&index);
    order_rules(reader);
}
