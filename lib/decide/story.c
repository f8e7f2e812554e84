#include "decide/story.h"

/* -- rules -------------------------------------------------------------- */

static enum rule_condition
first_with(const struct rule_truth *truth, enum truth wanted)
{
    int c = 0;
    while (c < RULE_CONDITIONS && truth->conditions[c] != wanted)
        c++;
    return (enum rule_condition)c;
}

struct rule_story
story_of_rule(const struct transaction *t, uint32_t slot)
{
    struct rule_story story = {
        .slot = slot,
        .rule = image_rule_in(t->image, slot),
        .truth = rule_judge(t, slot),
    };
    for (int c = 0; story.rule && c < RULE_CONDITIONS; c++) {
        story.given[c] = rule_has(story.rule, (enum rule_condition)c);
        story.failed_count += story.truth.conditions[c] == TRUTH_NO;
    }
    story.first_open =
        first_with(&story.truth, story.failed_count ? TRUTH_NO : TRUTH_UNKNOWN);
    return story;
}

/* Keeps the nearest, sorted; an equal one stays behind those before it. */
static unsigned
keep_nearest(struct rule_story *nearest, unsigned count,
             const struct rule_story *story)
{
    unsigned at = count;
    while (at > 0 && nearest[at - 1].failed_count > story->failed_count)
        at--;
    if (at == NEAREST_MOST)
        return count;
    if (count < NEAREST_MOST)
        count++;
    for (unsigned i = count - 1; i > at; i--)
        nearest[i] = nearest[i - 1];
    nearest[at] = *story;
    return count;
}

unsigned
story_nearest(const struct transaction *t, enum right which,
              struct rule_story nearest[NEAREST_MOST])
{
    const struct image_right *right =
        &t->facts->client.connector->rights[which];
    unsigned count = 0;
    uint32_t rules = right->end - right->first;
    const uint32_t *slots = image_numbers(t->image, right->order, rules);
    for (uint32_t i = 0; slots && i < rules; i++) {
        struct rule_story story = story_of_rule(t, slots[i]);
        if (story.rule && !story.rule->deny)
            count = keep_nearest(nearest, count, &story);
    }
    return count;
}

bool
story_lacking_right(const struct mayrelay_decision *d, enum right *right)
{
    if (d->kind != MAYRELAY_KIND_NOT_PERMITTED || !d->rights_tried ||
        d->reason == MAYRELAY_REASON_UNKNOWN_RECIPIENT)
        return false;
    *right = (d->rights_tried & 1u << RIGHT_RELAY)    ? RIGHT_RELAY
             : (d->rights_tried & 1u << RIGHT_SUBMIT) ? RIGHT_SUBMIT
                                                      : RIGHT_CONNECT;
    return true;
}

/* -- names -------------------------------------------------------------- */

const char *
story_condition_name(enum rule_condition condition)
{
    static const char *const names[RULE_CONDITIONS + 1] = {
        [RULE_CLIENTS] = "clients",
        [RULE_LISTENERS] = "listeners",
        [RULE_TLS] = "tls",
        [RULE_CERTIFICATES] = "certificates",
        [RULE_AUTHENTICATED] = "authenticated",
        [RULE_USERS] = "users",
        [RULE_SENDERS] = "senders",
        [RULE_SENDER_OWNED] = "sender-owned",
        [RULE_RECIPIENTS] = "recipients",
        [RULE_CONDITIONS] = "nothing",
    };
    return names[condition];
}

const char *
story_right_name(enum right right)
{
    switch (right) {
    case RIGHT_CONNECT: return "connect";
    case RIGHT_SUBMIT: return "submit";
    case RIGHT_RELAY: return "relay";
    case RIGHT_COUNT: break;
    }
    return "unknown";
}

const char *
story_truth_name(enum truth truth)
{
    switch (truth) {
    case TRUTH_NO: return "no";
    case TRUTH_UNKNOWN: return "undecided";
    case TRUTH_YES: return "yes";
    }
    return "undecided";
}

static const char *
class_name(enum domain_class which)
{
    switch (which) {
    case DOMAIN_FOREIGN: return "foreign";
    case DOMAIN_INBOUND: return "inbound";
    case DOMAIN_ALWAYS_RELAY: return "always-relay";
    case DOMAIN_REROUTE: return "rerouted";
    }
    return "foreign";
}

const char *
story_sender_class(const struct sender_facts *sender)
{
    if (!sender->given)
        return "not given";
    switch (sender->mailbox.kind) {
    case MAILBOX_MALFORMED:
    case MAILBOX_FAILED: return "malformed";
    case MAILBOX_NULL: return "null sender";
    case MAILBOX_POSTMASTER:
    case MAILBOX_AT_DOMAIN:
    case MAILBOX_AT_LITERAL: break;
    }
    return class_name(sender->class);
}

const char *
story_recipient_class(const struct recipient_facts *recipient)
{
    if (!recipient->given)
        return "not given";
    if (recipient->mailbox.kind == MAILBOX_MALFORMED)
        return "malformed";
    if (recipient->mailbox.carries_routing)
        return "carries routing";
    return class_name(recipient->class);
}

const char *
story_look_up_name(enum look_up state)
{
    switch (state) {
    case LOOK_UP_OPEN: return "not looked up";
    case LOOK_UP_KNOWN: return "known";
    case LOOK_UP_FAILED: return "failed";
    }
    return "not looked up";
}

const char *
story_mailbox_answer(const struct recipient_facts *recipient)
{
    if (recipient->exists_state != LOOK_UP_KNOWN)
        return story_look_up_name(recipient->exists_state);
    return recipient->exists ? "exists" : "does not exist";
}

void
story_write_source(struct output *out, const struct image *image,
                   struct image_source source)
{
    output_string(out, image_file(image, source.file));
    output_byte(out, ':');
    output_number(out, source.line);
}

/* -- wants -------------------------------------------------------------- */

static void
write_listed(struct output *out, const struct transaction *t, const char *what,
             const struct image_selection *select)
{
    output_string(out, what);
    output_string(out, " in the list at ");
    story_write_source(out, t->image, select->source);
}

void
story_write_wanted(struct output *out, const struct transaction *t,
                   const struct image_rule *rule, enum rule_condition condition)
{
    const struct image_selection *select = rule->select;
    switch (condition) {
    case RULE_CLIENTS:
        write_listed(out, t, "a client", &select[SELECT_CLIENTS]);
        return;
    case RULE_LISTENERS:
        write_listed(out, t, "a listener", &select[SELECT_LISTENERS]);
        return;
    case RULE_TLS:
        output_string(out, rule->tls == WISH_TRUE
                               ? "an encrypted session"
                               : "a session that is not encrypted");
        return;
    case RULE_CERTIFICATES:
        write_listed(out, t, "a certificate", &select[SELECT_CERTIFICATES]);
        return;
    case RULE_AUTHENTICATED:
        output_string(out, rule->authenticated == WISH_TRUE
                               ? "an authenticated client"
                               : "an anonymous client");
        return;
    case RULE_USERS:
        write_listed(out, t, "an identity", &select[SELECT_USERS]);
        return;
    case RULE_SENDERS:
        write_listed(out, t, "a sender", &select[SELECT_SENDERS]);
        return;
    case RULE_SENDER_OWNED:
        output_string(out, rule->sender_owned == WISH_TRUE
                               ? "a sender that the identity owns"
                               : "a sender that the identity does not own");
        return;
    case RULE_RECIPIENTS:
        write_listed(out, t, "a recipient", &select[SELECT_RECIPIENTS]);
        return;
    case RULE_CONDITIONS: output_string(out, "nothing"); return;
    }
}

/* -- replies ------------------------------------------------------------ */

static bool
is_default_reply(const struct image *image, enum mayrelay_reason reason)
{
    const struct image_reply *reply = &image->settings->replies[reason];
    const struct reason_defaults *defaults = &REASON_DEFAULTS[reason];
    return reply->code == defaults->code &&
           reply->subject == defaults->subject &&
           reply->detail == defaults->detail &&
           text_equal(text_of(image_string(image, reply->text)),
                      text_of(defaults->text));
}

enum reply_origin
story_reply_origin(const struct mayrelay_decision *d)
{
    const struct image *image = d->transaction.image;
    if (!image || reason_accepts(d->reason))
        return ORIGIN_DEFAULT;
    const struct image_reply *reply = &image->settings->replies[d->reason];
    const struct image_rule *rule = d->rule;
    if (rule && (rule->code != reply->code || rule->subject != reply->subject ||
                 rule->detail != reply->detail || rule->text != reply->text))
        return ORIGIN_RULE;
    return is_default_reply(image, d->reason) ? ORIGIN_DEFAULT : ORIGIN_REPLIES;
}
