/* An explanation as JSON: the decision, what is known, each right that was
 * tried with its rules, and the nearest misses. */
#include "decide/explain.h"
#include "decide/story.h"

enum {
    SOURCE_SIZE = 4200
};

static void
write_source(struct json *json, const struct image *image,
             struct image_source source)
{
    char text[SOURCE_SIZE];
    struct output out = output_to(text, sizeof text);
    story_write_source(&out, image, source);
    json_key(json, "source");
    json_text(json, output_written(&out));
}

static void
write_string(struct json *json, const char *key, const char *value)
{
    json_key(json, key);
    json_string(json, value);
}

static void
write_matched_members(struct json *json, const struct matched *matched)
{
    char source[SOURCE_SIZE];
    struct output out = output_to(source, sizeof source);
    output_format(&out, "%s:%u", matched->file, matched->line);
    write_string(json, "entry", matched->entry);
    write_string(json, "list", *matched->list ? matched->list : NULL);
    json_key(json, "source");
    json_text(json, output_written(&out));
}

static void
write_matched(struct json *json, const struct matched *matched)
{
    json_open_object(json);
    write_matched_members(json, matched);
    json_close_object(json);
}

/* -- what is known ------------------------------------------------------ */

static void
write_client(struct json *json, const struct client_facts *client)
{
    char text[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(text, sizeof text);
    json_key(json, "client");
    json_open_object(json);
    address_write(&out, client->address);
    write_string(json, "address",
                 client->address.family == ADDRESS_NONE ? NULL : text);
    out = output_to(text, sizeof text);
    endpoint_write(&out, client->listener);
    bool has_listener = client->listener.address.family != ADDRESS_NONE ||
                        client->listener.port;
    write_string(json, "listener", has_listener ? text : NULL);
    write_string(json, "names_state", story_look_up_name(client->names_state));
    json_key(json, "names");
    json_open_array(json);
    for (size_t i = 0;
         client->names_state == LOOK_UP_KNOWN && i < client->name_count; i++)
        json_string(json, client->names[i].text);
    json_close_array(json);
    json_close_object(json);
}

static void
write_identity(struct json *json, const struct identity_facts *identity)
{
    json_key(json, "identity");
    json_open_object(json);
    json_key(json, "name");
    if (identity->authenticated)
        json_text(json, (struct text){identity->name, identity->name_size});
    else
        json_null(json);
    json_key(json, "tls");
    json_bool(json, identity->tls);
    write_string(json, "groups_state",
                 story_look_up_name(identity->groups_state));
    json_key(json, "groups");
    json_open_array(json);
    for (size_t i = 0;
         identity->groups_state == LOOK_UP_KNOWN && i < identity->group_count;
         i++)
        json_string(json, identity->groups[i].name);
    json_close_array(json);
    json_close_object(json);
}

static void
write_mailbox(struct json *json, const char *key, const char *class,
              const struct mailbox *mailbox)
{
    json_key(json, key);
    json_open_object(json);
    json_key(json, "address");
    if (mailbox->kind != MAILBOX_MALFORMED)
        json_text(json, mailbox->whole);
    else
        json_null(json);
    write_string(json, "class", class);
    json_close_object(json);
}

static void
write_connector(struct json *json, const struct mayrelay_decision *d)
{
    const struct image_connector *connector =
        d->transaction.facts->client.connector;
    json_key(json, "connector");
    if (!connector || !d->connector) {
        json_null(json);
        return;
    }
    json_open_object(json);
    write_string(json, "name", d->connector);
    write_source(json, d->transaction.image, connector->source);
    json_close_object(json);
}

/* Where it is known who exists, and whether the recipient does. */
static void
write_mailbox_check(struct json *json, const struct transaction *t)
{
    const struct recipient_facts *recipient = &t->facts->recipient;
    bool asked =
        recipient->check && recipient->check->mailboxes == MAILBOXES_ASK;
    bool listed =
        recipient->check && recipient->check->mailboxes < MAILBOXES_ASK;
    struct matched matched;
    json_key(json, "mailbox");
    json_open_object(json);
    write_string(json, "checked", asked ? "asked" : listed ? "listed" : "no");
    write_string(json, "answer",
                 asked ? story_mailbox_answer(recipient) : NULL);
    json_key(json, "entry");
    if (listed && matching_mailbox(t, &matched))
        write_matched(json, &matched);
    else
        json_null(json);
    json_close_object(json);
}

static void
write_facts(struct json *json, const struct mayrelay_decision *d)
{
    const struct facts *facts = d->transaction.facts;
    write_client(json, &facts->client);
    write_identity(json, &facts->identity);
    write_mailbox(json, "sender", story_sender_class(&facts->sender),
                  &facts->sender.mailbox);
    write_mailbox(json, "recipient", story_recipient_class(&facts->recipient),
                  &facts->recipient.mailbox);
    json_key(json, "rerouted");
    json_bool(json, facts->recipient.rerouted);
    write_mailbox_check(json, &d->transaction);
    write_connector(json, d);
}

/* -- rules -------------------------------------------------------------- */

static void
write_entry(struct json *json, const struct transaction *t,
            const struct rule_story *story, enum rule_condition condition,
            bool exclusions)
{
    struct matched matched;
    if (!matching_entry(t, story->rule, condition, exclusions, &matched))
        return;
    json_open_object(json);
    write_string(json, "condition", story_condition_name(condition));
    json_key(json, "excludes");
    json_bool(json, exclusions);
    write_matched_members(json, &matched);
    json_close_object(json);
}

static void
write_conditions(struct json *json, const struct transaction *t,
                 const struct rule_story *story)
{
    json_key(json, "conditions");
    json_open_object(json);
    for (int c = 0; c < RULE_CONDITIONS; c++)
        if (story->given[c])
            write_string(json, story_condition_name((enum rule_condition)c),
                         story_truth_name(story->truth.conditions[c]));
    json_close_object(json);
    json_key(json, "entries");
    json_open_array(json);
    for (int c = 0; c < RULE_CONDITIONS; c++) {
        if (!story->given[c])
            continue;
        enum truth truth = story->truth.conditions[c];
        if (truth != TRUTH_NO)
            write_entry(json, t, story, (enum rule_condition)c, false);
        if (truth != TRUTH_YES)
            write_entry(json, t, story, (enum rule_condition)c, true);
    }
    json_close_array(json);
}

static void
write_rule(struct json *json, const struct transaction *t,
           const struct rule_story *story)
{
    bool open = story->first_open != RULE_CONDITIONS;
    json_open_object(json);
    write_string(json, "rule", image_string(t->image, story->rule->name));
    write_source(json, t->image, story->rule->source);
    write_string(json, "effect", story->rule->deny ? "deny" : "allow");
    write_string(json, "holds", story_truth_name(story->truth.whole));
    write_string(json, "first_open",
                 open ? story_condition_name(story->first_open) : NULL);
    write_conditions(json, t, story);
    json_key(json, "needs");
    decision_write_facts(json, story->truth.needs);
    json_close_object(json);
}

static const char *
outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_GRANTED: return "granted";
    case OUTCOME_FORBIDDEN: return "forbidden";
    case OUTCOME_NO_ALLOW: return "not-permitted";
    case OUTCOME_UNDECIDED: return "undecided";
    case OUTCOME_DAMAGED: return "damaged";
    }
    return "damaged";
}

static void
write_right(struct json *json, const struct transaction *t, enum right which)
{
    const struct image_right *right =
        &t->facts->client.connector->rights[which];
    json_open_object(json);
    write_string(json, "right", story_right_name(which));
    write_string(json, "outcome",
                 outcome_name(evaluate_right(t, which).outcome));
    json_key(json, "rules");
    json_open_array(json);
    uint32_t count = right->end - right->first;
    const uint32_t *slots = image_numbers(t->image, right->order, count);
    for (uint32_t i = 0; slots && i < count; i++) {
        struct rule_story story = story_of_rule(t, slots[i]);
        if (story.rule)
            write_rule(json, t, &story);
    }
    json_close_array(json);
    json_close_object(json);
}

static void
write_rights(struct json *json, const struct mayrelay_decision *d)
{
    json_key(json, "rights");
    json_open_array(json);
    for (int right = 0; right < RIGHT_COUNT; right++)
        if (d->rights_tried & 1u << right)
            write_right(json, &d->transaction, (enum right)right);
    json_close_array(json);
}

/* -- nearest misses ----------------------------------------------------- */

static void
write_miss(struct json *json, const struct transaction *t,
           const struct rule_story *story)
{
    json_open_object(json);
    write_string(json, "rule", image_string(t->image, story->rule->name));
    write_source(json, t->image, story->rule->source);
    json_key(json, "needed");
    json_open_array(json);
    for (int c = 0; c < RULE_CONDITIONS; c++) {
        char wanted[SOURCE_SIZE];
        struct output out = output_to(wanted, sizeof wanted);
        if (story->truth.conditions[c] == TRUTH_YES)
            continue;
        story_write_wanted(&out, t, story->rule, (enum rule_condition)c);
        json_text(json, output_written(&out));
    }
    json_close_array(json);
    json_close_object(json);
}

static void
write_nearest(struct json *json, const struct mayrelay_decision *d)
{
    struct rule_story nearest[NEAREST_MOST];
    enum right right;
    unsigned count = 0;
    if (story_lacking_right(d, &right))
        count = story_nearest(&d->transaction, right, nearest);
    json_key(json, "nearest");
    json_open_array(json);
    for (unsigned i = 0; i < count; i++)
        write_miss(json, &d->transaction, &nearest[i]);
    json_close_array(json);
}

static const char *
origin_name(enum reply_origin origin)
{
    switch (origin) {
    case ORIGIN_DEFAULT: return "default";
    case ORIGIN_REPLIES: return "replies";
    case ORIGIN_RULE: return "rule";
    }
    return "unknown";
}

void
explain_as_json(struct output *out, const struct mayrelay_decision *d)
{
    struct json json = json_to(out);
    json_open_object(&json);
    json_key(&json, "decision");
    json_open_object(&json);
    decision_write_json(&json, d);
    json_close_object(&json);
    write_string(&json, "reply_origin", origin_name(story_reply_origin(d)));
    if (d->transaction.facts) {
        write_facts(&json, d);
        write_rights(&json, d);
        write_nearest(&json, d);
    }
    json_close_object(&json);
}
