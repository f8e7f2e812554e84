/* An explanation as people read it. */
#include "decide/explain.h"
#include "decide/story.h"

static const char *
reply_origin(const struct mayrelay_decision *d)
{
    switch (story_reply_origin(d)) {
    case ORIGIN_DEFAULT: return "the default of the reason";
    case ORIGIN_REPLIES: return "as `replies:` says";
    case ORIGIN_RULE: return "as the rule says";
    }
    return "unknown";
}

static void
write_verdict(struct output *out, const struct mayrelay_decision *d)
{
    output_format(out, "%s\n", d->reply);
    output_format(out, "  %s: %s (%s)", mayrelay_verdict_name(d->verdict),
                  mayrelay_reason_name(d->reason), mayrelay_kind_name(d->kind));
    if (d->rule) {
        output_format(out, ", by rule %s at ",
                      image_string(d->transaction.image, d->rule->name));
        story_write_source(out, d->transaction.image, d->rule->source);
    }
    output_format(out, "\n  reply: %s\n", reply_origin(d));
}

/* -- what is known ------------------------------------------------------ */

static void
write_client(struct output *out, const struct client_facts *client)
{
    output_string(out, "client: ");
    if (client->address.family == ADDRESS_NONE) {
        output_string(out, "not given\n");
        return;
    }
    address_write(out, client->address);
    output_format(out, ", host names %s",
                  story_look_up_name(client->names_state));
    if (client->names_state == LOOK_UP_KNOWN && client->name_count == 0)
        output_string(out, ": none");
    for (size_t i = 0;
         client->names_state == LOOK_UP_KNOWN && i < client->name_count; i++)
        output_format(out, "%s %s", i ? "," : ":", client->names[i].text);
    if (client->listener.address.family != ADDRESS_NONE ||
        client->listener.port) {
        output_string(out, "; listener ");
        endpoint_write(out, client->listener);
    }
    output_byte(out, '\n');
}

static void
write_connector(struct output *out, const struct mayrelay_decision *d)
{
    const struct image_connector *connector =
        d->transaction.facts->client.connector;
    if (!connector || !d->connector) {
        output_string(out, "connector: none\n");
        return;
    }
    output_format(out, "connector: %s (", d->connector);
    story_write_source(out, d->transaction.image, connector->source);
    output_string(out, ")\n");
}

static void
write_groups(struct output *out, const struct identity_facts *identity)
{
    if (identity->groups_state != LOOK_UP_KNOWN)
        return;
    if (identity->group_count == 0)
        output_string(out, ": none that is asked for");
    for (size_t i = 0; i < identity->group_count; i++)
        output_format(out, "%s %s", i ? "," : ":", identity->groups[i].name);
}

static void
write_identity(struct output *out, const struct identity_facts *identity)
{
    output_string(out, "identity: ");
    if (identity->authenticated) {
        output_printable(out,
                         (struct text){identity->name, identity->name_size});
        output_format(out, ", groups %s",
                      story_look_up_name(identity->groups_state));
        write_groups(out, identity);
    } else {
        output_string(out, "anonymous");
    }
    output_string(out, identity->tls ? "; encrypted\n" : "; not encrypted\n");
}

static void
write_mailbox(struct output *out, const char *what, const char *class,
              const struct mailbox *mailbox)
{
    output_format(out, "%s: ", what);
    if (mailbox->kind != MAILBOX_MALFORMED) {
        output_printable(out, mailbox->whole);
        output_format(out, " (%s)\n", class);
    } else {
        output_format(out, "%s\n", class);
    }
}

static void
write_mailbox_check(struct output *out, const struct transaction *t)
{
    const struct recipient_facts *recipient = &t->facts->recipient;
    struct matched matched;
    if (recipient->is_postmaster)
        output_string(out, "  postmaster needs no mailbox\n");
    else if (recipient->check->mailboxes == MAILBOXES_ASK)
        output_format(out, "  its mailbox is asked for: %s\n",
                      story_mailbox_answer(recipient));
    else if (recipient->check->mailboxes == MAILBOXES_NONE)
        output_string(out, "  mailboxes are not checked\n");
    else if (matching_mailbox(t, &matched))
        output_format(out, "  its mailbox is listed: %s (%s:%u)\n",
                      matched.entry, matched.file, matched.line);
    else
        output_string(out, "  its mailbox is not listed\n");
}

static void
write_facts(struct output *out, const struct mayrelay_decision *d)
{
    const struct facts *facts = d->transaction.facts;
    write_client(out, &facts->client);
    write_connector(out, d);
    write_identity(out, &facts->identity);
    if (d->transaction.stage >= STAGE_MAIL)
        write_mailbox(out, "sender", story_sender_class(&facts->sender),
                      &facts->sender.mailbox);
    if (d->transaction.stage != STAGE_RCPT)
        return;
    const struct recipient_facts *recipient = &facts->recipient;
    write_mailbox(out, "recipient", story_recipient_class(recipient),
                  &recipient->mailbox);
    if (d->recipient)
        output_format(out, "  %s%s\n",
                      recipient->is_relay ? "a relay request" : "ours",
                      recipient->rerouted ? ", after reroute" : "");
    if (!recipient->is_relay && recipient->check)
        write_mailbox_check(out, &d->transaction);
}

/* -- rules -------------------------------------------------------------- */

static void
write_entry(struct output *out, const struct transaction *t,
            const struct rule_story *story, enum rule_condition condition,
            bool exclusions)
{
    struct matched matched;
    if (!matching_entry(t, story->rule, condition, exclusions, &matched))
        return;
    output_format(out, "\n        %s: %s %s", story_condition_name(condition),
                  exclusions ? "excluded by" : "by", matched.entry);
    if (*matched.list)
        output_format(out, " of %s", matched.list);
    output_format(out, " (%s:%u)", matched.file, matched.line);
}

static void
write_entries(struct output *out, const struct transaction *t,
              const struct rule_story *story)
{
    for (int c = 0; c < RULE_CONDITIONS; c++) {
        if (!story->given[c])
            continue;
        enum truth truth = story->truth.conditions[c];
        if (truth != TRUTH_NO)
            write_entry(out, t, story, (enum rule_condition)c, false);
        if (truth != TRUTH_YES)
            write_entry(out, t, story, (enum rule_condition)c, true);
    }
}

static void
write_rule(struct output *out, const struct transaction *t, uint32_t slot)
{
    struct rule_story story = story_of_rule(t, slot);
    if (!story.rule)
        return;
    output_format(out, "    %s %s (", story.rule->deny ? "deny " : "allow",
                  image_string(t->image, story.rule->name));
    story_write_source(out, t->image, story.rule->source);
    output_string(out, story.truth.whole == TRUTH_YES  ? "): holds"
                       : story.truth.whole == TRUTH_NO ? "): does not hold"
                                                       : "): undecided");
    if (story.truth.whole != TRUTH_YES) {
        output_string(out, ", wants ");
        story_write_wanted(out, t, story.rule, story.first_open);
    }
    write_entries(out, t, &story);
    output_byte(out, '\n');
}

static void
write_right(struct output *out, const struct transaction *t, enum right which)
{
    const struct image_right *right =
        &t->facts->client.connector->rights[which];
    output_format(out, "  %s: ", story_right_name(which));
    switch (evaluate_right(t, which).outcome) {
    case OUTCOME_GRANTED: output_string(out, "granted"); break;
    case OUTCOME_FORBIDDEN: output_string(out, "refused by a deny rule"); break;
    case OUTCOME_NO_ALLOW:
        output_string(out, "refused, as no allow rule can hold");
        break;
    case OUTCOME_UNDECIDED: output_string(out, "undecided"); break;
    case OUTCOME_DAMAGED: output_string(out, "the image is damaged"); break;
    }
    if (right->allow == right->end)
        output_string(out, which == RIGHT_RELAY
                               ? " (no allow rule: nobody)"
                               : " (no allow rule: everybody)");
    output_byte(out, '\n');
    uint32_t count = right->end - right->first;
    const uint32_t *slots = image_numbers(t->image, right->order, count);
    for (uint32_t i = 0; slots && i < count; i++)
        write_rule(out, t, slots[i]);
}

static void
write_nearest(struct output *out, const struct mayrelay_decision *d)
{
    const struct transaction *t = &d->transaction;
    struct rule_story nearest[NEAREST_MOST];
    enum right right;
    if (!story_lacking_right(d, &right))
        return;
    unsigned count = story_nearest(t, right, nearest);
    if (count)
        output_string(out, "nearest:\n");
    for (unsigned i = 0; i < count; i++) {
        output_format(out, "    %s would need",
                      image_string(t->image, nearest[i].rule->name));
        const char *separator = " ";
        for (int c = 0; c < RULE_CONDITIONS; c++) {
            if (nearest[i].truth.conditions[c] == TRUTH_YES)
                continue;
            output_string(out, separator);
            story_write_wanted(out, t, nearest[i].rule, (enum rule_condition)c);
            separator = ", and ";
        }
        output_byte(out, '\n');
    }
}

static void
write_needs(struct output *out, unsigned needs)
{
    if (!needs)
        return;
    output_string(out, "missing:");
    for (unsigned fact = 1; fact <= MAYRELAY_FACT_RECIPIENT; fact <<= 1)
        if (needs & fact)
            output_format(out, " %s",
                          mayrelay_fact_name((enum mayrelay_fact)fact));
    output_byte(out, '\n');
}

void
explain_as_text(struct output *out, const struct mayrelay_decision *d)
{
    write_verdict(out, d);
    if (!d->transaction.facts)
        return;
    write_facts(out, d);
    if (d->rights_tried)
        output_string(out, "rules tried:\n");
    for (int right = 0; right < RIGHT_COUNT; right++)
        if (d->rights_tried & 1u << right)
            write_right(out, &d->transaction, (enum right)right);
    write_nearest(out, d);
    write_needs(out, d->needs);
}
