/* Rules, conditions, and what their lists want. */
#include "advise/proposer.h"

enum {
    DENIES_MOST = 4, /* looked at; each has to go, so the first come first */
    RULE_SIZE = 4096
};

/* A rule of the policy as it is judged and as it is written. */
struct written_rule {
    const struct rule_story *story;
    const char *name;
    const struct node *node; /* its mapping; NULL of never-route */
};

static const char *
condition_key(enum rule_condition condition)
{
    return story_condition_name(condition);
}

static struct written_rule
written_rule(const struct proposer *p, const struct rule_story *story)
{
    struct image_source source = story->rule->source;
    struct written_rule rule = {.story = story};
    struct trail trail;
    rule.name = image_string(p->decision->transaction.image, story->rule->name);
    if (layout_find(p->layout.root, source.line, source.column, true, &trail))
        rule.node = trail_node(&trail);
    return rule;
}

/* Where the list of a condition is written. */
static const struct node *
list_of(const struct proposer *p, const struct image_selection *select)
{
    struct trail trail;
    return select->flags && layout_find(p->layout.root, select->source.line,
                                        select->source.column, false, &trail)
               ? trail_node(&trail)
               : NULL;
}

static const char *
list_name(struct proposer *p, const struct written_rule *rule,
          enum rule_condition condition)
{
    return propose_text(p, "`%s` of %s", condition_key(condition), rule->name)
        .data;
}

static const struct image_selection *
selection_of(const struct image_rule *rule, enum rule_condition condition)
{
    switch (condition) {
    case RULE_CLIENTS: return &rule->select[SELECT_CLIENTS];
    case RULE_LISTENERS: return &rule->select[SELECT_LISTENERS];
    case RULE_CERTIFICATES: return &rule->select[SELECT_CERTIFICATES];
    case RULE_USERS: return &rule->select[SELECT_USERS];
    case RULE_SENDERS: return &rule->select[SELECT_SENDERS];
    case RULE_RECIPIENTS: return &rule->select[SELECT_RECIPIENTS];
    default: return NULL;
    }
}

/* What of the transaction a list would have to hold. */
static const struct text *
terms_of(const struct terms *terms, enum rule_condition condition,
         size_t *count)
{
    *count = 1;
    switch (condition) {
    case RULE_CLIENTS: return &terms->client;
    case RULE_LISTENERS: return &terms->listener;
    case RULE_CERTIFICATES: return &terms->certificate;
    case RULE_USERS: return &terms->identity;
    case RULE_SENDERS: *count = TERMS_MOST; return terms->sender;
    case RULE_RECIPIENTS: *count = TERMS_MOST; return terms->recipient;
    default: *count = 0; return NULL;
    }
}

/* -- without a rule, or a condition ------------------------------------- */

/* What is left empty goes with it. */
static void
drop_rule(struct proposer *p, const struct written_rule *rule)
{
    const struct image_selection *clients =
        &rule->story->rule->select[SELECT_CLIENTS];
    struct image_source source =
        rule->node ? rule->story->rule->source : clients->source;
    struct trail trail;
    struct edit edit;
    if (!layout_find(p->layout.root, source.line, source.column,
                     rule->node != NULL, &trail))
        return;
    unsigned last = trail.depth - 1;
    while (last > 0 && trail.containers[last]->count == 1)
        last--;
    propose_edit(p,
                 edit_remove(&p->layout, trail.containers[last],
                             trail.indexes[last], &edit),
                 &edit, propose_text(p, "remove the rule %s", rule->name));
}

static void
drop_condition(struct proposer *p, const struct written_rule *rule,
               enum rule_condition condition)
{
    struct text key = text_of(condition_key(condition));
    struct edit edit;
    for (size_t i = 0; rule->node && i < rule->node->count; i++)
        if (text_equal(rule->node->keys[i]->scalar, key))
            propose_edit(
                p, edit_remove(&p->layout, rule->node, i, &edit), &edit,
                propose_text(p, "remove `%s` from %s", key.data, rule->name));
}

/* -- denied ------------------------------------------------------------- */

/* The deny rule gets a condition that leaves this transaction out. */
static void
add_exception(struct proposer *p, const struct written_rule *rule,
              enum rule_condition condition, struct text term)
{
    const char *key = condition_key(condition);
    struct edit edit;
    if (!rule->node || !term.data)
        return;
    struct text all = propose_written(p, TEXT("$all"));
    struct text name = propose_written(p, text_of(key));
    struct text rest =
        propose_written(p, propose_text(p, "not %.*s", TEXT_ARGS(term)));
    struct text item = propose_text(p, "%.*s: [%.*s, %.*s]", TEXT_ARGS(name),
                                    TEXT_ARGS(all), TEXT_ARGS(rest));
    propose_edit(p,
                 item.size &&
                     edit_append(&p->layout, p->arena, rule->node, item, &edit),
                 &edit,
                 propose_text(p, "add `%s: [$all, not %.*s]` to %s", key,
                              TEXT_ARGS(term), rule->name));
}

static void
except(struct proposer *p, const struct written_rule *rule,
       enum rule_condition condition)
{
    size_t count;
    const struct text *terms = terms_of(&p->terms, condition, &count);
    const struct image_rule *image = rule->story->rule;
    const struct image_selection *select = selection_of(image, condition);
    if (!rule->story->given[condition]) {
        if (count && (condition != RULE_USERS || p->terms.identity.data))
            add_exception(p, rule, condition, terms[0]);
        return;
    }
    if (!select)
        return;
    const struct node *list = list_of(p, select);
    const char *name = list_name(p, rule, condition);
    struct matched matched;
    propose_exclude(p, list, terms[0], name);
    if (matching_entry(&p->decision->transaction, image, condition, false,
                       &matched))
        propose_drop(p, list, &matched, name);
}

void
propose_for_denied(struct proposer *p, enum right right)
{
    static const enum rule_condition CONDITIONS[] = {
        RULE_CLIENTS, RULE_USERS, RULE_SENDERS, RULE_RECIPIENTS};
    const struct transaction *t = &p->decision->transaction;
    const struct image_right *rules =
        &t->facts->client.connector->rights[right];
    uint32_t count = rules->end - rules->first;
    const uint32_t *slots = image_numbers(t->image, rules->order, count);
    unsigned seen = 0;
    for (uint32_t i = 0; slots && i < count && seen < DENIES_MOST; i++) {
        struct rule_story story = story_of_rule(t, slots[i]);
        if (!story.rule || !story.rule->deny || story.truth.whole != TRUTH_YES)
            continue;
        struct written_rule rule = written_rule(p, &story);
        seen++;
        for (size_t c = 0; c < sizeof CONDITIONS / sizeof *CONDITIONS; c++)
            except(p, &rule, CONDITIONS[c]);
        drop_rule(p, &rule);
    }
}

/* -- lacking ------------------------------------------------------------ */

static void
meet_list(struct proposer *p, const struct written_rule *rule,
          enum rule_condition condition)
{
    size_t count;
    const struct text *terms = terms_of(&p->terms, condition, &count);
    const struct image_rule *image = rule->story->rule;
    const struct image_selection *select = selection_of(image, condition);
    const struct node *list = list_of(p, select);
    const char *name = list_name(p, rule, condition);
    struct matched matched;
    if (matching_entry(&p->decision->transaction, image, condition, true,
                       &matched))
        propose_drop(p, list, &matched, name);
    for (size_t i = 0; i < count; i++)
        propose_add(p, list, terms[i], name);
    drop_condition(p, rule, condition);
}

/* The first condition that failed: of several each has to go. */
static void
meet(struct proposer *p, const struct rule_story *story)
{
    struct written_rule rule = written_rule(p, story);
    enum rule_condition condition = story->first_open;
    if (story->truth.conditions[condition % RULE_CONDITIONS] != TRUTH_NO)
        return;
    if (selection_of(story->rule, condition))
        meet_list(p, &rule, condition);
    else
        drop_condition(p, &rule, condition);
    if (condition == RULE_SENDER_OWNED &&
        story->rule->sender_owned == WISH_TRUE)
        propose_owner(p, story->rule);
}

/* -- a new rule --------------------------------------------------------- */

struct new_rule {
    struct proposer *proposer;
    struct output out;
    unsigned conditions;
    bool possible;
};

static void
write_key(struct new_rule *rule, const char *key)
{
    output_string(&rule->out, rule->conditions++ ? ", " : "");
    layout_write(&rule->proposer->layout, &rule->out, text_of(key));
    output_string(&rule->out, ": ");
}

static void
write_list(struct new_rule *rule, const char *key, struct text term)
{
    rule->possible &= term.data != NULL;
    write_key(rule, key);
    output_byte(&rule->out, '[');
    layout_write(&rule->proposer->layout, &rule->out, term);
    output_byte(&rule->out, ']');
}

/* Who this is: the account, or the address of who has none. */
static void
write_who(struct new_rule *rule)
{
    const struct terms *terms = &rule->proposer->terms;
    if (terms->identity.data)
        write_list(rule, "users", terms->identity);
    else
        write_list(rule, "clients", terms->client);
}

/* Inserts it into `allow` of a right of the decision's connector. */
static bool
place_rule(struct proposer *p, enum right right, struct text rule,
           struct edit *edit)
{
    const struct transaction *t = &p->decision->transaction;
    struct image_source source = t->facts->client.connector->source;
    const struct node *owner = p->layout.root;
    const char *name = story_right_name(right);
    struct trail trail;
    if (layout_get(owner, "connectors")) {
        if (!layout_find(owner, source.line, source.column, true, &trail))
            return false;
        owner = trail_node(&trail);
    }
    struct text list =
        propose_text(p, p->layout.json ? "\"allow\": [%.*s]" : "allow: [%.*s]",
                     TEXT_ARGS(rule));
    const struct node *rules = layout_get(owner, name);
    const struct node *allow = layout_get(rules, "allow");
    if (allow)
        return allow->kind == NODE_SEQUENCE
                   ? edit_append(&p->layout, p->arena, allow, rule, edit)
                   : edit_make_list(&p->layout, p->arena, allow, rule, edit);
    if (rules && rules->kind == NODE_MAPPING)
        return edit_append(&p->layout, p->arena, rules, list, edit);
    struct text whole = propose_text(p, "{%.*s}", TEXT_ARGS(list));
    if (rules)
        return edit_replace(&p->layout, p->arena, rules, whole, edit);
    whole = propose_text(p, p->layout.json ? "\"%s\": %.*s" : "%s: %.*s", name,
                         TEXT_ARGS(whole));
    return edit_append(&p->layout, p->arena, owner, whole, edit);
}

static void
finish_rule(struct new_rule *rule, enum right right)
{
    struct proposer *p = rule->proposer;
    struct edit edit;
    if (!rule->possible || rule->out.size >= RULE_SIZE)
        return;
    struct text body = output_written(&rule->out);
    struct text whole = propose_text(p, "{%.*s}", TEXT_ARGS(body));
    propose_edit(p, whole.size && place_rule(p, right, whole, &edit), &edit,
                 propose_text(p, "add a rule to `%s: allow`: %.*s",
                              story_right_name(right), TEXT_ARGS(body)));
}

enum breadth {
    BREADTH_EXACT,   /* who, from whom, to whom */
    BREADTH_DOMAIN,  /* who, to which domain */
    BREADTH_WHO,     /* who */
    BREADTH_ACCOUNTS /* whoever has signed in */
};

static void
propose_rule(struct proposer *p, enum right right, enum breadth breadth)
{
    char room[RULE_SIZE];
    struct new_rule rule = {
        .proposer = p, .out = output_to(room, sizeof room), .possible = true};
    if (breadth == BREADTH_ACCOUNTS) {
        write_key(&rule, "authenticated");
        output_string(&rule.out, "true");
        rule.possible = p->terms.identity.data != NULL;
    } else {
        write_who(&rule);
    }
    if (breadth == BREADTH_EXACT && p->terms.sender[0].data)
        write_list(&rule, "senders", p->terms.sender[0]);
    if (breadth == BREADTH_EXACT && p->terms.recipient[0].data)
        write_list(&rule, "recipients", p->terms.recipient[0]);
    if (breadth == BREADTH_DOMAIN)
        write_list(&rule, "recipients", p->terms.recipient[1]);
    finish_rule(&rule, right);
}

void
propose_for_lacking(struct proposer *p, enum right right)
{
    struct rule_story nearest[NEAREST_MOST];
    unsigned count = story_nearest(&p->decision->transaction, right, nearest);
    for (unsigned i = 0; i < count; i++)
        if (nearest[i].rule && !nearest[i].rule->always_relay)
            meet(p, &nearest[i]);
    if (right == RIGHT_CONNECT) {
        propose_rule(p, right, BREADTH_WHO);
        return;
    }
    for (int breadth = BREADTH_EXACT; breadth <= BREADTH_ACCOUNTS; breadth++)
        propose_rule(p, right, (enum breadth)breadth);
}
