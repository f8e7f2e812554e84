/* All there is to say of a few rules, and all that can be known of a
 * transaction: the evaluator against a reading of policy.md §8 without masks.
 *
 * First the mask formulas by themselves, with every combination of the bits
 * that a rule can have; a formula says the same of each of its 64 bits.  Then
 * whole policies of two and three rules, in every state of knowledge. */
#include "decide/evaluate.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mayrelay.h"

static unsigned long passed, failed;

static void
expect(bool right, const char *what, const char *where)
{
    passed += right;
    failed += !right;
    if (!right && failed <= 20)
        fprintf(stderr, "%s\n%s\n", what, where);
}

/* -- the formulas --------------------------------------------------------- */

/* One rule, and what is known of one value. */
struct one_case {
    bool given, all, open_inc, open_exc, pattern_inc, pattern_exc;
    bool inc, exc, open, subjects, deny;
    enum sight_mode mode;
};

/* How the unknown may turn out. */
struct world {
    bool open_inc, open_exc, pattern_inc, pattern_exc, routing;
};

static bool
bit_of(unsigned number, unsigned bit)
{
    return (number >> bit & 1) != 0;
}

static struct world
world_of(unsigned n)
{
    return (struct world){bit_of(n, 0), bit_of(n, 1), bit_of(n, 2),
                          bit_of(n, 3), bit_of(n, 4)};
}

static bool
is_possible(const struct one_case *c, const struct world *w)
{
    return (!w->open_inc || (c->open && c->open_inc)) &&
           (!w->open_exc || (c->open && c->open_exc)) &&
           (!w->pattern_inc || (c->subjects && c->pattern_inc)) &&
           (!w->pattern_exc || (c->subjects && c->pattern_exc)) &&
           (!w->routing || c->mode == SIGHT_LATER);
}

static bool
holds_in(const struct one_case *c, const struct world *w)
{
    if (!c->given)
        return true;
    if (c->mode == SIGHT_NOBODY)
        return false;
    if (c->mode == SIGHT_ROUTING || w->routing)
        return c->deny;
    return (c->all || c->inc || w->open_inc || w->pattern_inc) &&
           !(c->exc || w->open_exc || w->pattern_exc);
}

static struct one_case
case_of(unsigned n, enum sight_mode mode)
{
    return (struct one_case){bit_of(n, 0), bit_of(n, 1),  bit_of(n, 2),
                             bit_of(n, 3), bit_of(n, 4),  bit_of(n, 5),
                             bit_of(n, 6), bit_of(n, 7),  bit_of(n, 8),
                             bit_of(n, 9), bit_of(n, 10), mode};
}

static struct block_truth
truth_by_masks(const struct one_case *c, uint64_t bit)
{
    struct image_mask mask = {c->inc ? bit : 0, c->exc ? bit : 0, 0, 0};
    struct masks masks = {&mask, 1};
    struct sight sight = {.mode = c->mode,
                          .fixed = &masks,
                          .fixed_count = 1,
                          .open = c->open,
                          .subjects = {.count = c->subjects}};
    struct image_condition condition = {
        .given = c->given ? bit : 0,
        .all = c->all ? bit : 0,
        .open_inc = c->open_inc ? bit : 0,
        .open_exc = c->open_exc ? bit : 0,
        .pattern_inc = c->pattern_inc ? bit : 0,
        .pattern_exc = c->pattern_exc ? bit : 0,
    };
    return block_condition(&condition, &sight, 0, c->deny ? bit : 0);
}

static void
check_formula(const struct one_case *c, uint64_t bit)
{
    bool must = true;
    bool may = false;
    for (unsigned n = 0; n < 32; n++) {
        struct world world = world_of(n);
        if (!is_possible(c, &world))
            continue;
        must = must && holds_in(c, &world);
        may = may || holds_in(c, &world);
    }
    struct block_truth truth = truth_by_masks(c, bit);
    expect(((truth.must & bit) != 0) == must, "must is wrong", "a formula");
    expect(((truth.may & bit) != 0) == may, "may is wrong", "a formula");
}

static void
check_formulas(void)
{
    static const enum sight_mode modes[] = {SIGHT_LISTS, SIGHT_NOBODY,
                                            SIGHT_ROUTING, SIGHT_LATER};
    for (unsigned n = 0; n < 1u << 11; n++)
        for (unsigned mode = 0; mode < 4; mode++) {
            struct one_case c = case_of(n, modes[mode]);
            check_formula(&c, 1);
            check_formula(&c, UINT64_C(1) << 63);
        }
}

/* -- whole policies ------------------------------------------------------- */

/* What an entry of a list may look at. */
enum fact {
    ALWAYS = 1, /* the client's address, or its identity */
    NAME_A = 2,
    NAME_B = 4,
    GROUP = 8,
    FACTS = 15
};

/* A condition: the facts that include, and those that exclude. */
struct choice {
    const char *yaml;
    unsigned inc, exc;
};

static const struct choice CLIENTS[] = {
    {NULL, ALWAYS, 0},
    {"[10.0.0.2]", 0, 0},
    {"[mx.a.example]", NAME_A, 0},
    {"[10.0.0.1, not mx.a.example]", ALWAYS, NAME_A},
    {"['/.*\\.a\\.example/']", NAME_A, 0},
    {"[10.0.0.1, 'not /.*\\.a\\.example/']", ALWAYS, NAME_A},
    {"[mx.a.example, not b.example]", NAME_A, NAME_B},
};
static const struct choice USERS[] = {
    {NULL, ALWAYS, 0},
    {"[alice]", 0, 0},
    {"[$g]", GROUP, 0},
    {"[bob, not $g]", ALWAYS, GROUP},
};
enum {
    CLIENT_CHOICES = sizeof CLIENTS / sizeof *CLIENTS,
    USER_CHOICES = sizeof USERS / sizeof *USERS,
    RULE_CHOICES = CLIENT_CHOICES * USER_CHOICES,
    RULES_MOST = 3
};

struct small_rule {
    const struct choice *clients, *users;
    bool deny;
};

struct small_policy {
    struct small_rule rules[RULES_MOST];
    unsigned count;
    char yaml[2048];
};

/* The facts that are known, and those of them that are so. */
struct knowledge {
    unsigned known, so;
    enum mayrelay_answer names, groups; /* given where they are not known */
    bool silent;                        /* or are not answered at all */
};

static enum truth
fact_truth(unsigned facts, const struct knowledge *k)
{
    if (facts & k->known & k->so)
        return TRUTH_YES;
    return (facts & ~k->known) ? TRUTH_UNKNOWN : TRUTH_NO;
}

static enum truth
choice_truth(const struct choice *choice, const struct knowledge *k)
{
    return truth_and(fact_truth(choice->inc, k),
                     truth_not(fact_truth(choice->exc, k)));
}

/* policy.md §8, by rule-wise Kleene logic. */
static int
code_by_rules(const struct small_policy *policy, const struct knowledge *k)
{
    enum truth deny = TRUTH_NO;
    enum truth allow = TRUTH_NO;
    for (unsigned i = 0; i < policy->count; i++) {
        const struct small_rule *rule = &policy->rules[i];
        enum truth truth = truth_and(choice_truth(rule->clients, k),
                                     choice_truth(rule->users, k));
        if (rule->deny)
            deny = truth_or(deny, truth);
        else
            allow = truth_or(allow, truth);
    }
    if (deny == TRUTH_YES || allow == TRUTH_NO)
        return 550;
    return deny == TRUTH_NO && allow == TRUTH_YES ? 250 : 451;
}

static void
write_rule(FILE *out, const struct small_rule *rule, bool open)
{
    fputs("    - {recipients: [far.example]", out);
    if (open || rule->clients->yaml)
        fprintf(out, ", clients: %s",
                rule->clients->yaml ? rule->clients->yaml : "[$all]");
    if (rule->users->yaml)
        fprintf(out, ", users: %s", rule->users->yaml);
    fputs(open ? ", open-relay: true}\n" : "}\n", out);
}

/* A rule that lets anybody relay has to say so, and no other may. */
static bool
is_open(const struct small_rule *rule)
{
    return !rule->deny && !rule->clients->yaml && !rule->users->yaml;
}

static void
write_rules(FILE *out, const struct small_policy *policy, bool deny)
{
    fputs(deny ? "  deny:\n" : "  allow:\n", out);
    for (unsigned i = 0; i < policy->count; i++)
        if (policy->rules[i].deny == deny)
            write_rule(out, &policy->rules[i], is_open(&policy->rules[i]));
}

static void
write_policy(struct small_policy *policy)
{
    FILE *out = fmemopen(policy->yaml, sizeof policy->yaml, "w");
    if (!out)
        abort();
    fputs("mayrelay: 1\ngroups: {g: ask}\n"
          "domains: {inbound: [example.com]}\nrelay:\n",
          out);
    write_rules(out, policy, true);
    write_rules(out, policy, false);
    fclose(out);
}

static void
tell_names(mayrelay_session *session, const struct knowledge *k)
{
    if (k->known & NAME_A) {
        if (k->so & NAME_A)
            mayrelay_session_add_client_name(session, "mx.a.example",
                                             MAYRELAY_ZSTR);
        if (k->so & NAME_B)
            mayrelay_session_add_client_name(session, "b.example",
                                             MAYRELAY_ZSTR);
    } else if (k->silent) {
        return;
    }
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME, k->names);
}

static void
tell_groups(mayrelay_session *session, const struct knowledge *k)
{
    if (k->known & GROUP) {
        if (k->so & GROUP)
            mayrelay_session_add_group(session, "g", MAYRELAY_ZSTR);
    } else if (k->silent) {
        return;
    }
    mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS, k->groups);
}

static int
code_by_session(mayrelay_session *session, const struct knowledge *k)
{
    mayrelay_session_connect(session, "10.0.0.1", NULL);
    tell_names(session, k);
    mayrelay_session_auth(session, "bob", MAYRELAY_ZSTR);
    tell_groups(session, k);
    mayrelay_session_mail(session, "bob@example.com", MAYRELAY_ZSTR);
    return mayrelay_session_rcpt(session, "x@far.example", MAYRELAY_ZSTR);
}

/* Names and groups each unknown or one of what they can be; bits 0 and 1 of a
 * world are the names, bit 2 the group. */
enum {
    NAME_STATES = 5,  /* the last: unknown */
    GROUP_STATES = 3, /* likewise */
    STATES = NAME_STATES * GROUP_STATES
};

static struct knowledge
knowledge_of(unsigned state, bool silent)
{
    unsigned names = state % NAME_STATES;
    unsigned groups = state / NAME_STATES;
    bool named = names < NAME_STATES - 1;
    bool grouped = groups < GROUP_STATES - 1;
    struct knowledge k = {.known = ALWAYS, .so = ALWAYS, .silent = silent};
    k.known |= (named ? NAME_A | NAME_B : 0u) | (grouped ? GROUP : 0u);
    k.so |= named ? names * NAME_A : 0;
    k.so |= grouped ? groups * GROUP : 0;
    k.names = named ? MAYRELAY_KNOWN : MAYRELAY_FAILED;
    k.groups = grouped ? MAYRELAY_KNOWN : MAYRELAY_FAILED;
    return k;
}

static bool
refines(const struct knowledge *after, const struct knowledge *before)
{
    return (before->known & ~after->known) == 0 &&
           (before->so & before->known) == (after->so & before->known);
}

static bool
deny_may_hold(const struct small_policy *policy, const struct knowledge *k)
{
    for (unsigned i = 0; i < policy->count; i++)
        if (policy->rules[i].deny &&
            choice_truth(policy->rules[i].clients, k) != TRUTH_NO &&
            choice_truth(policy->rules[i].users, k) != TRUTH_NO)
            return true;
    return false;
}

static void
check_states(const struct small_policy *policy, mayrelay_session *session,
             bool silent)
{
    int codes[STATES];
    for (unsigned state = 0; state < STATES; state++) {
        struct knowledge k = knowledge_of(state, silent);
        codes[state] = code_by_session(session, &k);
        expect(codes[state] == code_by_rules(policy, &k),
               "not what the rules say", policy->yaml);
        expect(codes[state] != 250 || !deny_may_hold(policy, &k),
               "accepted while a deny may hold", policy->yaml);
    }
    for (unsigned before = 0; before < STATES; before++)
        for (unsigned after = 0; after < STATES; after++) {
            struct knowledge less = knowledge_of(before, silent);
            struct knowledge more = knowledge_of(after, silent);
            if (refines(&more, &less) && codes[before] != 451)
                expect(codes[after] == codes[before], "a fact turned it",
                       policy->yaml);
        }
}

static void
check_policy(struct small_policy *policy)
{
    mayrelay_report *report = NULL;
    write_policy(policy);
    mayrelay_policy *loaded = mayrelay_policy_parse(policy->yaml, MAYRELAY_ZSTR,
                                                    "policy.yaml", &report);
    mayrelay_session *session = mayrelay_session_new(loaded);
    expect(session != NULL, "does not load", policy->yaml);
    if (session) {
        check_states(policy, session, false);
        check_states(policy, session, true);
    }
    mayrelay_session_free(session);
    mayrelay_policy_unref(loaded);
    mayrelay_report_free(report);
}

static struct small_rule
rule_of(unsigned choice, bool deny)
{
    return (struct small_rule){&CLIENTS[choice % CLIENT_CHOICES],
                               &USERS[choice / CLIENT_CHOICES], deny};
}

static void
check_pairs(void)
{
    for (unsigned n = 0; n < RULE_CHOICES * RULE_CHOICES; n++) {
        struct small_policy policy = {
            .rules = {rule_of(n % RULE_CHOICES, true),
                      rule_of(n / RULE_CHOICES, false)},
            .count = 2};
        check_policy(&policy);
    }
}

/* `second_denies`: two deny rules and an allow rule, else the reverse. */
static void
check_triples(bool second_denies)
{
    enum {
        SIDES = CLIENT_CHOICES
    };
    for (unsigned n = 0; n < SIDES * SIDES * SIDES; n++) {
        struct small_policy policy = {
            .rules = {rule_of(n % SIDES, true),
                      rule_of(n / SIDES % SIDES, second_denies),
                      rule_of(n / SIDES / SIDES, false)},
            .count = 3};
        check_policy(&policy);
    }
}

int
main(void)
{
    check_formulas();
    check_pairs();
    check_triples(true);
    check_triples(false);
    printf("%lu passed, %lu failed\n", passed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
