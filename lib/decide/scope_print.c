/* A scope in words, side by side: "client 10.0.0.0/8; any sender". */
#include "decide/scope.h"
#include "decide/story.h"

enum {
    WORDS_SIZE = 4096
};

struct printing {
    struct output *out;
    struct json *json; /* NULL: as text */
    const struct mayrelay_decision *decision;
    struct scope scope;
    size_t sides; /* told so far */
    const char *side;
    size_t words;                  /* of the side */
    enum rule_condition condition; /* that is being told */
    unsigned told; /* wishes about the ownership of the sender */
};

/* -- sides -------------------------------------------------------------- */

static void
open_side(struct printing *p, const char *side)
{
    p->side = side;
    p->words = 0;
    if (p->json) {
        json_key(p->json, side);
        json_open_array(p->json);
    }
}

static void
put(struct printing *p, struct text words)
{
    if (p->json) {
        json_text(p->json, words);
        return;
    }
    if (p->words++)
        output_string(p->out, ", ");
    else
        output_format(p->out, "%s%s ", p->sides++ ? "; " : "", p->side);
    output_printable(p->out, words);
}

static void
put_string(struct printing *p, const char *words)
{
    put(p, text_of(words));
}

/* A side without words is no side: `any` says so. */
static void
close_side(struct printing *p, bool any)
{
    if (p->json)
        json_close_array(p->json);
    else if (any && !p->words)
        output_format(p->out, "%sany %s", p->sides++ ? "; " : "", p->side);
}

/* -- rules -------------------------------------------------------------- */

static void
put_listed(struct printing *p, const struct image_rule *rule, enum truth truth)
{
    static const char *const HOW[] = {[TRUTH_NO] = "not in",
                                      [TRUTH_UNKNOWN] = "perhaps in",
                                      [TRUTH_YES] = "in"};
    const struct image *image = p->decision->transaction.image;
    char room[WORDS_SIZE];
    struct output words = output_to(room, sizeof room);
    output_format(&words, "%s %s of %s (", HOW[truth],
                  story_condition_name(p->condition),
                  image_string(image, rule->name));
    story_write_source(&words, image, rule->source);
    output_byte(&words, ')');
    put(p, output_written(&words));
}

static void
put_owned(struct printing *p, const struct image_rule *rule, enum truth truth)
{
    unsigned wish = 1u << rule->sender_owned;
    char room[WORDS_SIZE];
    struct output words = output_to(room, sizeof room);
    if (p->told & wish)
        return;
    p->told |= wish;
    output_format(&words, "sender-owned: %s %s",
                  rule->sender_owned == WISH_TRUE ? "true" : "false",
                  truth == TRUTH_YES ? "holds" : "does not hold");
    put(p, output_written(&words));
}

static void
put_kept(void *context, uint32_t slot, enum rule_condition condition,
         enum truth truth)
{
    struct printing *p = context;
    const struct image_rule *rule =
        image_rule_in(p->decision->transaction.image, slot);
    if (condition != p->condition)
        return;
    if (condition == RULE_SENDER_OWNED)
        put_owned(p, rule, truth);
    else if (condition == RULE_RECIPIENTS && rule->always_relay)
        put_string(p, truth == TRUTH_YES ? "always-relay" : "not always-relay");
    else
        put_listed(p, rule, truth);
}

static void
put_rules(struct printing *p, enum rule_condition condition)
{
    p->condition = condition;
    p->told = 0;
    if (p->scope.conditions & 1u << condition)
        scope_each(p->decision, put_kept, p);
}

/* -- the sides ---------------------------------------------------------- */

static void
put_names(struct printing *p, const struct client_facts *client)
{
    if (client->names_state != LOOK_UP_KNOWN || !client->name_count)
        put_string(p, client->names_state == LOOK_UP_KNOWN
                          ? "none"
                          : story_look_up_name(client->names_state));
    for (size_t i = 0;
         client->names_state == LOOK_UP_KNOWN && i < client->name_count; i++)
        put(p, (struct text){client->names[i].text, client->names[i].size});
}

static void
put_groups(struct printing *p, const struct identity_facts *identity)
{
    if (identity->groups_state != LOOK_UP_KNOWN || !identity->group_count)
        put_string(p, identity->groups_state == LOOK_UP_KNOWN
                          ? "none"
                          : story_look_up_name(identity->groups_state));
    for (size_t i = 0;
         identity->groups_state == LOOK_UP_KNOWN && i < identity->group_count;
         i++)
        put_string(p, identity->groups[i].name);
}

static void
print_client(struct printing *p, const struct client_facts *client)
{
    char room[WORDS_SIZE];
    struct output words = output_to(room, sizeof room);
    open_side(p, "client");
    if (p->scope.client) {
        range_write(&words, p->scope.clients);
        put(p, output_written(&words));
    }
    close_side(p, true);
    open_side(p, "client-names");
    if (p->scope.names)
        put_names(p, client);
    close_side(p, false);
    open_side(p, "listener");
    put_rules(p, RULE_LISTENERS);
    close_side(p, false);
}

static void
print_identity(struct printing *p, const struct identity_facts *identity)
{
    open_side(p, "session");
    if (p->scope.conditions & 1u << RULE_TLS)
        put_string(p, identity->tls ? "encrypted" : "not encrypted");
    close_side(p, false);
    open_side(p, "certificate");
    put_rules(p, RULE_CERTIFICATES);
    close_side(p, false);
    open_side(p, "identity");
    if (p->scope.authenticated)
        put_string(p, identity->authenticated ? "an account" : "anonymous");
    if (identity->authenticated)
        put_rules(p, RULE_USERS);
    close_side(p, true);
    open_side(p, "groups");
    if (p->scope.groups)
        put_groups(p, identity);
    close_side(p, false);
}

static void
print_sender(struct printing *p, const struct sender_facts *sender)
{
    open_side(p, "sender");
    if (p->scope.sender && sender->mailbox.kind == MAILBOX_MALFORMED)
        put_string(p, "malformed");
    put_rules(p, RULE_SENDERS);
    put_rules(p, RULE_SENDER_OWNED);
    close_side(p, true);
}

static void
put_mailbox(struct printing *p)
{
    const struct transaction *t = &p->decision->transaction;
    unsigned needs = 0;
    switch (recipient_exists(t, &needs)) {
    case TRUTH_YES: put_string(p, "whose mailbox exists"); break;
    case TRUTH_NO: put_string(p, "whose mailbox does not exist"); break;
    case TRUTH_UNKNOWN:
        put_string(p, needs ? "whose mailbox is to be asked for"
                            : "whose mailbox is not known");
        break;
    }
}

static void
put_recipient(struct printing *p, const struct recipient_facts *recipient)
{
    const struct scope *scope = &p->scope;
    if (scope->recipient && recipient->mailbox.kind == MAILBOX_MALFORMED)
        put_string(p, "malformed");
    if (scope->is_relay)
        put_string(p, recipient->mailbox.carries_routing ? "carries routing"
                      : recipient->is_relay              ? "foreign"
                                                         : "ours");
    if (scope->mailbox)
        put_mailbox(p);
    if (scope->reroute)
        put_string(p, recipient->rerouted ? "rerouted" : "not rerouted");
    if (scope->mailbox && recipient->rerouted)
        put_string(p,
                   recipient->is_postmaster ? "postmaster" : "not postmaster");
    put_rules(p, RULE_RECIPIENTS);
}

static void
print_mail(struct printing *p, const struct transaction *t)
{
    if (t->stage >= STAGE_MAIL)
        print_sender(p, &t->facts->sender);
    if (t->stage != STAGE_RCPT)
        return;
    open_side(p, "recipient");
    put_recipient(p, &t->facts->recipient);
    close_side(p, true);
    open_side(p, "host");
    if (p->scope.reroute)
        put_string(p, t->facts->rewrites ? "rewrites recipients"
                                         : "rewrites no recipients");
    close_side(p, false);
}

static void
print_sides(struct printing *p)
{
    const struct transaction *t = &p->decision->transaction;
    open_side(p, "connector");
    put_string(p, p->decision->connector ? p->decision->connector : "none");
    close_side(p, false);
    print_client(p, &t->facts->client);
    print_identity(p, &t->facts->identity);
    print_mail(p, t);
}

/* -- the whole ---------------------------------------------------------- */

static void
print_json(struct printing *p)
{
    struct json json = json_to(p->out);
    char digits[20];
    struct output fingerprint = output_to(digits, sizeof digits);
    if (!p->scope.exists) {
        json_null(&json);
        return;
    }
    output_format(&fingerprint, "%016llx",
                  (unsigned long long)p->scope.fingerprint);
    p->json = &json;
    json_open_object(&json);
    json_key(&json, "fingerprint");
    json_text(&json, output_written(&fingerprint));
    print_sides(p);
    json_close_object(&json);
    p->json = NULL;
}

size_t
mayrelay_decision_scope(const mayrelay_decision *decision,
                        enum mayrelay_format format, char *buffer, size_t size)
{
    struct output out = output_to(buffer, size);
    struct printing printing = {
        .out = &out,
        .decision = decision ? decision : decision_internal_error()};
    scope_find(&printing.scope, printing.decision);
    if (format == MAYRELAY_JSON)
        print_json(&printing);
    else if (printing.scope.exists)
        print_sides(&printing);
    else
        output_string(&out, "this decision alone, an internal error");
    return out.size;
}
