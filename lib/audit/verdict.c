#include "audit/verdict.h"

#include <string.h>

#include "audit/cover.h"
#include "audit/witness.h"
#include "base/memory.h"

enum {
    DIALOGUE_SIZE = 8192,
    WAYS_MOST = 60,    /* tried before a condition is all that can be said */
    ATTEMPTS_MOST = 12 /* for each */
};

/* -- strangers ---------------------------------------------------------- */

/* More than a /8 of IPv4, or a /32 of IPv6. */
static bool
is_wide(struct range range)
{
    return range_size_log2(range) >
           (range.first.family == ADDRESS_IPV4 ? 24u : 96u);
}

/* Addresses that examples use read best. */
static bool
example_in(struct range range, struct address *found)
{
    static const struct address EXAMPLES[] = {
        {ADDRESS_IPV4, 0, 0xcb007109},          /* 203.0.113.9 */
        {ADDRESS_IPV4, 0, 0xc6336409},          /* 198.51.100.9 */
        {ADDRESS_IPV6, 0x20010db800000000, 9}}; /* 2001:db8::9 */
    for (size_t i = 0; i < sizeof EXAMPLES / sizeof *EXAMPLES; i++)
        if (range_contains(range, EXAMPLES[i])) {
            *found = EXAMPLES[i];
            return true;
        }
    return false;
}

/* The lower half of a network of at least two addresses. */
static struct range
lower_half(struct range network)
{
    struct range half = {network.first, network.first};
    uint64_t low = network.last.low - network.first.low;
    uint64_t high = network.last.high - network.first.high;
    half.last.low += high ? UINT64_MAX : low / 2;
    half.last.high += high / 2;
    return half;
}

/* An ordinary address of the public part of a network. */
static bool
public_in_network(struct range network, struct address *found)
{
    struct tally tally = {0};
    tally_add(&tally, network);
    if (!tally.ipv4_public && !tally.ipv6_public)
        return false;
    if (tally.ipv4_internal || tally.ipv6_internal) {
        struct range half = lower_half(network);
        struct range rest = {half.last, network.last};
        address_next(half.last, &rest.first);
        return public_in_network(half, found) || public_in_network(rest, found);
    }
    *found = network.first;
    if (!address_equal(network.first, network.last))
        address_next(network.first, found);
    return true;
}

static bool
public_in(struct range range, struct address *found)
{
    if (example_in(range, found))
        return true;
    for (bool more = true; more;)
        if (public_in_network(range_take_network(&range, &more), found))
            return true;
    return false;
}

bool
stranger_in(struct range whole, const struct trusted *trusted,
            struct address *stranger)
{
    if (!trusted->count)
        return is_wide(whole) && public_in(whole, stranger);
    struct range rest = whole;
    for (size_t i = 0; i < trusted->count; i++) {
        struct range ours = trusted->ranges[i];
        if (!range_overlaps(ours, rest))
            continue;
        struct range before = rest;
        if (address_compare(rest.first, ours.first) < 0 &&
            address_previous(ours.first, &before.last) &&
            public_in(before, stranger))
            return true;
        if (address_compare(ours.last, rest.last) >= 0)
            return false;
        address_next(ours.last, &rest.first);
    }
    return public_in(rest, stranger);
}

/* -- the search of one source ------------------------------------------- */

struct question {
    struct verdicts *verdicts;
    const struct surface *surface;
    mayrelay_policy *policy;
    const struct trusted *trusted;
    struct means means;
    bool *marks; /* by grant */
    /* What was found. */
    const struct grant *grant;
    struct range range;
    struct address client;
    bool internal; /* only listeners that the Internet does not reach */
    bool examples; /* only addresses that read well */
    bool possible, shown;
    struct verdict *answer;
};

/* Makes transactions for the way until one is accepted.  If some could be made,
 * none of them hangs on a pattern, and all are refused, the way is none. */
static bool
show(void *context, const struct search *search, uint32_t leads)
{
    struct question *q = context;
    char *dialogue = memory_new(DIALOGUE_SIZE, 1);
    struct witness witness;
    enum replay replay = REPLAY_FAILED;
    bool refused = false;
    q->verdicts->failed |= !dialogue;
    for (unsigned i = 0;
         !q->verdicts->failed && replay != REPLAY_ACCEPTED && i < ATTEMPTS_MOST;
         i++) {
        if (!witness_make(&witness, q->surface, search, q->grant, q->client,
                          leads, i))
            continue;
        struct output out = output_to(dialogue, DIALOGUE_SIZE);
        replay = witness_replay(&witness, q->policy, &out);
        refused |= replay == REPLAY_REFUSED && !witness.symbolic;
        q->verdicts->failed |= replay == REPLAY_FAILED;
    }
    if (replay == REPLAY_ACCEPTED) {
        memory_free(q->answer->witness);
        q->answer->witness = dialogue;
        q->answer->rule = witness.rule;
        q->shown = true;
        return true;
    }
    if (refused && !q->verdicts->disagreement)
        q->verdicts->disagreement = dialogue;
    else
        memory_free(dialogue);
    return false;
}

/* Shows it with a client of one grant that the block of neighbours holds. */
static void
try_grant(struct question *q, struct search *search, const struct grant *grant)
{
    if (!search_any(search, grant->leads))
        return;
    q->possible = true;
    q->grant = grant;
    search_ways(search, grant->leads, WAYS_MOST, show, q);
}

bool *
mark_grants(const struct surface *s, struct means means)
{
    bool *marks = memory_new(s->count, sizeof *marks);
    bool failed = !marks;
    for (size_t c = 0; c < s->connectors && !failed; c++) {
        struct search search;
        failed = !search_init(&search, &s->diagrams[c], means);
        for (size_t i = 0; i < s->count && !failed; i++)
            if (s->grants[i].connector == c)
                marks[i] = search_any(&search, s->grants[i].leads);
        search_clear(&search);
    }
    if (!failed)
        return marks;
    memory_free(marks);
    return NULL;
}

static const struct grant *
grant_with(const struct question *q, size_t from, size_t to)
{
    const struct surface *s = q->surface;
    for (size_t i = from; i < to; i++)
        for (size_t j = 0; q->marks[i] && j < s->grants[i].count; j++)
            if (range_contains(s->grants[i].ranges[j], q->client))
                return &s->grants[i];
    return NULL;
}

/* A block of neighbours, whatever grants they belong to. */
static void
try_block(struct question *q, size_t from, size_t to, struct range block)
{
    const struct surface *s = q->surface;
    struct search search;
    if (!stranger_in(block, q->trusted, &q->client) ||
        (q->examples && !example_in(block, &q->client)))
        return;
    const struct grant *grant = grant_with(q, from, to);
    q->range = block;
    if (!grant)
        return;
    if (search_init(&search, &s->diagrams[grant->connector], q->means))
        try_grant(q, &search, grant);
    else
        q->verdicts->failed = true;
    search_clear(&search);
}

/* Too few clients for a block that is wide. */
static bool
is_narrow(const struct question *q, size_t from, size_t to)
{
    struct tally sum = {0};
    for (size_t i = from; i < to; i++) {
        const struct tally *tally = &q->surface->grants[i].tally;
        if (!q->marks[i])
            continue;
        sum.ipv4_public += tally->ipv4_public + tally->ipv4_internal;
        sum.ipv6_public |= tally->ipv6_public | tally->ipv6_internal;
    }
    return !q->trusted->count && sum.ipv4_public <= UINT32_C(1) << 24 &&
           sum.ipv6_public < UINT64_C(1) << 32;
}

/* Grants of one entrance.  An address that reads well is preferred. */
static void
try_entrance(struct question *q, size_t from, size_t to)
{
    struct cover cover;
    struct cover_wish wish = {.marks = q->marks, .from = from, .to = to};
    if (is_narrow(q, from, to))
        return;
    q->verdicts->failed |= !cover_build(&cover, q->surface, wish);
    for (int pass = 0; pass < 2 && !q->possible; pass++) {
        q->examples = pass == 0 && !q->trusted->count;
        for (size_t i = 0; i < cover.count && !q->shown; i++)
            try_block(q, from, to, cover.ranges[i]);
    }
    cover_clear(&cover);
}

static void
ask_entrances(struct question *q)
{
    const struct surface *s = q->surface;
    for (size_t from = 0, to; from < s->count && !q->shown; from = to) {
        uint32_t entrance = s->grants[from].entrance;
        to = from + 1;
        while (to < s->count && s->grants[to].entrance == entrance)
            to++;
        if (entrance_is_public(&s->entrances.items[entrance]) != q->internal)
            try_entrance(q, from, to);
    }
}

/* Can strangers, by such means, relay?  If so, it is shown at a listener that
 * they are sure to reach, and with an address that reads well, if possible. */
static void
ask(struct question *q, struct means means)
{
    q->means = means;
    q->possible = q->shown = false;
    q->marks = mark_grants(q->surface, means);
    q->verdicts->failed |= !q->marks;
    for (int pass = 0; pass < 2 && !q->possible; pass++) {
        q->internal = pass == 1;
        if (q->marks)
            ask_entrances(q);
    }
    memory_free(q->marks);
    q->marks = NULL;
}

/* -- verdicts ----------------------------------------------------------- */

static void
conclude(struct question *q, enum mayrelay_audit_verdict value,
         const char *reason)
{
    struct output out = output_to(q->answer->reason, REASON_SIZE);
    q->answer->value = value;
    q->answer->range = q->range;
    output_string(&out, reason);
}

/* Tries some means; true if it is more than closed. */
static bool
concluded(struct question *q, struct means means,
          enum mayrelay_audit_verdict value, const char *reason)
{
    ask(q, means);
    if (q->shown && q->internal) {
        conclude(q, MAYRELAY_AUDIT_CONDITIONAL,
                 "from the Internet, if it reaches a private listener of ours "
                 "(port forwarding, address translation)");
        return true;
    }
    if (q->shown) {
        conclude(q, value, reason);
        return true;
    }
    if (q->possible) {
        conclude(q, MAYRELAY_AUDIT_CONDITIONAL,
                 "only with texts that a pattern of the policy matches, or "
                 "does not; none was found, and none is ruled out");
        return true;
    }
    return false;
}

static void
judge_stranger(struct question *q)
{
    struct means means = {.anonymous = true};
    if (!concluded(q, means, MAYRELAY_AUDIT_OPEN,
                   "anybody on the Internet may relay"))
        conclude(q, MAYRELAY_AUDIT_CLOSED,
                 "nobody relays anonymously from an address that the policy "
                 "does not single out");
}

static void
judge_account(struct question *q)
{
    struct means means = {.anonymous = true, .any_identity = true};
    if (concluded(q, means, MAYRELAY_AUDIT_OPEN,
                  "any account may relay from anywhere"))
        return;
    means.listed_identity = means.certificate = true;
    if (concluded(q, means, MAYRELAY_AUDIT_CONDITIONAL,
                  "accounts and certificates that the policy lists may relay "
                  "from anywhere"))
        return;
    means.groups = true;
    if (concluded(q, means, MAYRELAY_AUDIT_CONDITIONAL,
                  "accounts that the host says are in a group may relay from "
                  "anywhere"))
        return;
    conclude(q, MAYRELAY_AUDIT_CLOSED,
             "no account and no certificate relays from an address that the "
             "policy does not single out");
}

static void
judge_dns(struct question *q)
{
    struct means means = {.anonymous = true, .names = true};
    /* Who needs no name needs no DNS. */
    if (concluded(q, (struct means){.anonymous = true}, MAYRELAY_AUDIT_OPEN,
                  "anybody on the Internet may relay"))
        return;
    if (!concluded(q, means, MAYRELAY_AUDIT_CONDITIONAL,
                   "who owns a DNS zone that the policy names can name any "
                   "client, which may then relay"))
        conclude(q, MAYRELAY_AUDIT_CLOSED,
                 "no host name lets anybody relay who could not without");
}

static void
forget_witness(struct verdict *verdict)
{
    memory_free(verdict->witness);
    verdict->witness = NULL;
}

static void
judge_host(struct question *q)
{
    struct means means = {
        .anonymous = true, .any_identity = true, .listed_identity = true};
    ask(q, means);
    if (q->shown || q->possible) {
        conclude(q, MAYRELAY_AUDIT_CLOSED,
                 "what the host says of groups opens nothing that an account "
                 "could not do without it");
        forget_witness(q->answer);
        return;
    }
    means.groups = true;
    if (!concluded(q, means, MAYRELAY_AUDIT_CONDITIONAL,
                   "accounts that the host says are in a group may relay from "
                   "anywhere"))
        conclude(q, MAYRELAY_AUDIT_CLOSED,
                 "no answer of the host's lets anybody relay from anywhere");
}

/* What one of them says wrongly, it may say of everything. */
static void
take_back(struct verdicts *verdicts)
{
    for (size_t i = 0; i < SOURCES; i++) {
        struct verdict *verdict = &verdicts->of[i];
        struct output out = output_to(verdict->reason, REASON_SIZE);
        forget_witness(verdict);
        *verdict = (struct verdict){.value = MAYRELAY_AUDIT_INCOMPLETE};
        output_string(&out, "the evaluator refuses what the audit says that it "
                            "accepts: a bug in mayrelay, please report it");
    }
}

void
verdicts_find(struct verdicts *verdicts, const struct surface *surface,
              mayrelay_policy *policy, const struct trusted *trusted)
{
    typedef void judge(struct question * question);
    static judge *const JUDGES[SOURCES] = {
        [MAYRELAY_SOURCE_STRANGER] = judge_stranger,
        [MAYRELAY_SOURCE_ACCOUNT] = judge_account,
        [MAYRELAY_SOURCE_DNS] = judge_dns,
        [MAYRELAY_SOURCE_HOST] = judge_host,
    };
    *verdicts = (struct verdicts){.failed = surface->failed};
    for (size_t i = 0; i < SOURCES; i++) {
        struct question q = {.verdicts = verdicts,
                             .surface = surface,
                             .policy = policy,
                             .trusted = trusted,
                             .answer = &verdicts->of[i]};
        if (surface->over_budget)
            conclude(&q, MAYRELAY_AUDIT_INCOMPLETE,
                     "the policy combines in more ways than the audit looks "
                     "at");
        else if (!verdicts->failed)
            JUDGES[i](&q);
    }
    if (verdicts->disagreement)
        take_back(verdicts);
}

void
verdicts_clear(struct verdicts *verdicts)
{
    for (size_t i = 0; i < SOURCES; i++)
        forget_witness(&verdicts->of[i]);
    memory_free(verdicts->disagreement);
}
