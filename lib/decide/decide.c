/* The steps of a decision (policy.md §8): the first that surely refuses gives
 * the reply; what stays undecided asks for its facts; else it is an accept. */
#include "decide/decision.h"
#include "decide/reply.h"

/* What the steps so far have left open. */
struct steps {
    struct mayrelay_decision *decision;
    const struct transaction *transaction;
    bool undecided;
    unsigned needs;
};

static const struct facts *
facts_of(const struct steps *steps)
{
    return steps->transaction->facts;
}

/* -- endings ------------------------------------------------------------ */

static void
finish(struct mayrelay_decision *d, enum mayrelay_reason reason,
       const struct image_rule *rule, unsigned needs)
{
    d->reason = reason;
    d->rule = rule;
    d->needs = needs;
    d->kind = rule && rule->deny ? MAYRELAY_KIND_FORBIDDEN
                                 : REASON_DEFAULTS[reason].kind;
    reply_compose(d);
}

static bool
refuse(struct steps *steps, enum mayrelay_reason reason)
{
    finish(steps->decision, reason, NULL, 0);
    return true;
}

static bool
refuse_by_rule(struct steps *steps, uint32_t slot)
{
    const struct image_rule *rule =
        image_rule_in(steps->transaction->image, slot);
    /* Nor does a damaged image's deny rule accept. */
    if (!rule || !rule->deny || rule->reason >= REASON_COUNT ||
        reason_accepts((enum mayrelay_reason)rule->reason)) {
        decide_internal_error(steps->decision);
        return true;
    }
    finish(steps->decision, (enum mayrelay_reason)rule->reason, rule, 0);
    return true;
}

void
decide_internal_error(struct mayrelay_decision *d)
{
    d->connector = NULL;
    d->is_relay = false;
    finish(d, MAYRELAY_REASON_INTERNAL_ERROR, NULL, 0);
}

/* -- rights ------------------------------------------------------------- */

/* Judges a right; true if the step ends the decision.  `lacking` is the reason
 * when no allow rule can hold; `granted` (may be NULL) gets the slot. */
static bool
refused_right(struct steps *steps, enum right right,
              enum mayrelay_reason lacking, uint32_t *granted)
{
    struct judgement judged = evaluate_right(steps->transaction, right);
    steps->decision->rights_tried |= 1u << right;
    switch (judged.outcome) {
    case OUTCOME_GRANTED:
        if (granted)
            *granted = judged.slot;
        return false;
    case OUTCOME_FORBIDDEN: return refuse_by_rule(steps, judged.slot);
    case OUTCOME_NO_ALLOW: return refuse(steps, lacking);
    case OUTCOME_UNDECIDED:
        steps->undecided = true;
        steps->needs |= judged.needs;
        return false;
    case OUTCOME_DAMAGED: break;
    }
    decide_internal_error(steps->decision);
    return true;
}

/* Step 1. */
static bool
refused_connection(struct steps *steps)
{
    if (!facts_of(steps)->client.connector)
        return refuse(steps, MAYRELAY_REASON_NO_CONNECTOR);
    return refused_right(steps, RIGHT_CONNECT, MAYRELAY_REASON_CONNECT_REFUSED,
                         NULL);
}

/* Step 2. */
static bool
refused_syntax(struct steps *steps)
{
    const struct facts *facts = facts_of(steps);
    if (facts->sender.mailbox.kind == MAILBOX_MALFORMED)
        return refuse(steps, MAYRELAY_REASON_BAD_SENDER);
    if (steps->transaction->stage == STAGE_RCPT &&
        facts->recipient.mailbox.kind == MAILBOX_MALFORMED)
        return refuse(steps, MAYRELAY_REASON_BAD_RECIPIENT);
    return false;
}

/* Step 3: the facts have been rerouted already. */
static bool
refused_reroute(struct steps *steps)
{
    const struct facts *facts = facts_of(steps);
    if (facts->recipient.rerouted && !facts->rewrites)
        return refuse(steps, MAYRELAY_REASON_CANNOT_REWRITE);
    return false;
}

/* Step 4. */
static bool
refused_submission(struct steps *steps)
{
    const struct facts *facts = facts_of(steps);
    bool auth_helps = !facts->identity.authenticated &&
                      facts->client.connector->rights[RIGHT_SUBMIT].auth_helps;
    return refused_right(steps, RIGHT_SUBMIT,
                         auth_helps ? MAYRELAY_REASON_AUTH_REQUIRED
                                    : MAYRELAY_REASON_SUBMIT_DENIED,
                         NULL);
}

/* -- step 5 ------------------------------------------------------------- */

static void
finish_or_defer(struct steps *steps, enum mayrelay_reason reason,
                const struct image_rule *rule)
{
    if (steps->undecided)
        finish(steps->decision, MAYRELAY_REASON_LOOKUP_FAILED, NULL,
               steps->needs);
    else
        finish(steps->decision, reason, rule, 0);
}

static void
decide_relay(struct steps *steps)
{
    bool routing = facts_of(steps)->recipient.mailbox.carries_routing;
    uint32_t slot = NO_SLOT;
    if (refused_right(steps, RIGHT_RELAY,
                      routing ? MAYRELAY_REASON_ROUTING_REFUSED
                              : MAYRELAY_REASON_RELAY_DENIED,
                      &slot))
        return;
    const struct image_rule *rule =
        slot == NO_SLOT ? NULL : image_rule_in(steps->transaction->image, slot);
    if (rule ? rule->deny : !steps->undecided) {
        decide_internal_error(steps->decision); /* granted, but by nothing */
        return;
    }
    finish_or_defer(steps,
                    rule && rule->always_relay ? MAYRELAY_REASON_ALWAYS_RELAY
                                               : MAYRELAY_REASON_RELAY_ALLOWED,
                    rule);
}

static void
decide_inbound(struct steps *steps)
{
    const struct recipient_facts *recipient = &facts_of(steps)->recipient;
    switch (recipient_exists(steps->transaction, &steps->needs)) {
    case TRUTH_YES: break;
    case TRUTH_UNKNOWN: steps->undecided = true; break;
    case TRUTH_NO: refuse(steps, MAYRELAY_REASON_UNKNOWN_RECIPIENT); return;
    }
    bool rerouted = recipient->rerouted && !recipient->is_postmaster;
    finish_or_defer(
        steps, rerouted ? MAYRELAY_REASON_REROUTED : MAYRELAY_REASON_INBOUND,
        NULL);
}

/* -- the whole ---------------------------------------------------------- */

/* Facts that the host must give, whatever the policy says. */
static bool
lacks_facts(const struct transaction *t)
{
    const struct facts *facts = t->facts;
    const struct endpoint *listener = &facts->client.listener;
    bool has_listener =
        listener->address.family != ADDRESS_NONE || listener->port;
    return facts->damaged || facts->client.address.family == ADDRESS_NONE ||
           (t->stage >= STAGE_MAIL && !facts->sender.given) ||
           (t->stage == STAGE_RCPT && !facts->recipient.given) ||
           (t->image->settings->needs_listener && !has_listener);
}

/* Said whichever step refuses. */
static void
say_recipient(struct mayrelay_decision *d, const struct facts *facts)
{
    const struct recipient_facts *recipient = &facts->recipient;
    bool parsed = d->transaction.stage == STAGE_RCPT && recipient->given &&
                  recipient->mailbox.kind != MAILBOX_MALFORMED;
    d->recipient = parsed ? recipient->mailbox.whole.data : NULL;
    d->is_relay = parsed && recipient->is_relay;
}

void
decide(struct mayrelay_decision *d)
{
    struct transaction *t = &d->transaction;
    struct steps steps = {.decision = d, .transaction = t};
    const struct image_connector *connector = t->facts->client.connector;
    d->rights_tried = 0;
    say_recipient(d, t->facts);
    d->connector = connector ? image_string(t->image, connector->name) : NULL;
    if (t->stage == STAGE_NONE || lacks_facts(t)) {
        decide_internal_error(d);
        return;
    }
    transaction_look(t);
    if (refused_connection(&steps))
        return;
    if (t->stage >= STAGE_MAIL && refused_syntax(&steps))
        return;
    if (t->stage == STAGE_RCPT && refused_reroute(&steps))
        return;
    if (t->stage >= STAGE_MAIL && refused_submission(&steps))
        return;
    if (t->stage != STAGE_RCPT)
        finish(d, MAYRELAY_REASON_PROCEED, NULL, steps.needs);
    else if (t->facts->recipient.is_relay)
        decide_relay(&steps);
    else
        decide_inbound(&steps);
}
