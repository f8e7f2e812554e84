#include <stdlib.h>

#include "image/slots.h"
#include "image/uses.h"
#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Denies at the top stand before, between and behind those of connectors. */
static const char POLICY[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com], always-relay: [partner.example]}\n"
    "submit: {deny: [{name: top-submit, senders: [a@b.example]}]}\n"
    "never-route: [10.1.9.66]\n"
    "connectors:\n"
    "  - name: one\n"
    "    listen: ['*:25']\n"
    "    relay:\n"
    "      allow:\n"
    "        - {name: one-a1, clients: [10.0.0.1]}\n"
    "      deny:\n"
    "        - {name: one-soft, users: [bob], reply: 450}\n"
    "        - {name: one-hard, users: [eve]}\n"
    "  - name: two\n"
    "    listen: ['*:587']\n"
    "    relay:\n"
    "      deny: [{name: two-hard, users: [eve]}]\n"
    "      allow:\n"
    "        - {name: two-a1, users: [a]}\n"
    "        - {name: two-a2, clients: [$local]}\n"
    "relay:\n"
    "  deny:\n"
    "    - {name: top-hard, clients: [$local]}\n"
    "    - {name: top-soft, clients: [192.0.2.1], reply: 451}\n"
    "lists: {local: [10.0.0.0/8]}\n";

static const struct {
    uint32_t connector;
    enum right right;
    const char *order; /* tiers apart by '|' */
} ORDERS[] = {
    {0, RIGHT_CONNECT, "|||"},
    {0, RIGHT_SUBMIT, "top-submit |||"},
    {0, RIGHT_RELAY,
     "never-route one-hard top-hard |one-soft top-soft |one-a1 always-relay |"},
    {1, RIGHT_SUBMIT, "top-submit |||"},
    {1, RIGHT_RELAY,
     "never-route two-hard top-hard |top-soft |two-a1 two-a2 always-relay |"},
};

static void
judge_nothing(const struct model *model, struct mayrelay_report *report)
{
    (void)model;
    (void)report;
}

static struct model *
read_model(const char *yaml)
{
    struct mayrelay_report *report = report_new();
    struct model *model =
        model_read(text_of(yaml), "policy.yaml", judge_nothing, NULL, report);
    ck_assert_msg(model, "line %u: %s", mayrelay_report_get_line(report, 0),
                  mayrelay_report_get_text(report, 0));
    mayrelay_report_free(report);
    return model;
}

static bool
has_rule(const struct slots *slots, uint32_t from, uint32_t to, uint32_t rule)
{
    while (from < to && slots->rules[from] != rule)
        from++;
    return from < to;
}

/* Within a tier rules stand as the compiler likes. */
static void
write_names(struct output *out, const struct slots *slots,
            const struct model *model, uint32_t from, uint32_t to)
{
    for (uint32_t rule = 0; rule < model->rule_count; rule++) {
        if (!has_rule(slots, from, to, rule))
            continue;
        output_text(out, model->rules[rule].name);
        output_byte(out, ' ');
    }
    output_byte(out, '|');
}

/* Each slot of the right once, in the order of the file. */
static void
assert_file_order(const struct slots *slots, const struct image_right *right)
{
    const uint32_t *order = (const void *)slots->order.data;
    for (uint32_t i = 0; i < right->end - right->first; i++) {
        uint32_t slot = order[right->order + i];
        ck_assert(slot >= right->first && slot < right->end);
        ck_assert(i == 0 || slots->rules[order[right->order + i - 1]] <
                                slots->rules[slot]);
    }
}

START_TEST(rules_stand_in_their_tiers)
{
    struct model *model = read_model(POLICY);
    struct slots slots;
    bool too_many;
    char text[512];
    ck_assert(slots_plan(&slots, model, &too_many));
    ck_assert_uint_eq(slots.count % SLOTS_PER_BLOCK, 0);
    const struct image_right *right =
        &slots.rights[ORDERS[_i].connector * RIGHT_COUNT + ORDERS[_i].right];
    struct output out = output_to(text, sizeof text);
    ck_assert_uint_eq(right->first % SLOTS_PER_BLOCK, 0);
    write_names(&out, &slots, model, right->first, right->soft);
    write_names(&out, &slots, model, right->soft, right->allow);
    write_names(&out, &slots, model, right->allow, right->end);
    ck_assert_str_eq(text, ORDERS[_i].order);
    assert_file_order(&slots, right);
    for (uint32_t slot = right->end; slot % SLOTS_PER_BLOCK; slot++)
        ck_assert_uint_eq(slots.rules[slot], SLOT_EMPTY);
    slots_clear(&slots);
    model_free(model);
}
END_TEST

/* Every list that a rule names, and no other, has the rule's bit. */
static void
assert_uses(const struct uses *uses, const struct slots *slots,
            const struct model *model, uint32_t list)
{
    const struct image_mask *mask = uses->masks + uses->first[list];
    const struct image_mask *end = uses->masks + uses->first[list + 1];
    for (uint32_t slot = 0; slot < slots->count; slot++) {
        while (mask < end && mask->block < slot / SLOTS_PER_BLOCK)
            mask++;
        bool here = mask < end && mask->block == slot / SLOTS_PER_BLOCK;
        uint64_t bit = UINT64_C(1) << slot % SLOTS_PER_BLOCK;
        bool named = false;
        const struct selection *select =
            slots->rules[slot] == SLOT_EMPTY
                ? NULL
                : &model->rules[slots->rules[slot]].select[SELECT_CLIENTS];
        for (size_t i = 0; select && i < select->include_count; i++)
            named |= select->includes[i] == list;
        ck_assert_int_eq(here && (mask->inc & bit), named);
        ck_assert(!here || !(mask->exc & bit));
    }
}

START_TEST(lists_know_their_rules)
{
    struct model *model = read_model(POLICY);
    struct slots slots;
    struct uses uses;
    bool too_many;
    size_t used = 0;
    ck_assert(slots_plan(&slots, model, &too_many));
    ck_assert(uses_plan(&uses, model, &slots, SELECT_CLIENTS));
    for (uint32_t list = 0; list < model->list_count; list++) {
        assert_uses(&uses, &slots, model, list);
        used += uses_any(&uses, list);
    }
    ck_assert_uint_ge(used, 3);
    uses_clear(&uses);
    slots_clear(&slots);
    model_free(model);
}
END_TEST

START_TEST(blocks_know_what_rules_want)
{
    struct model *model = read_model(POLICY);
    struct slots slots;
    bool too_many;
    struct list_traits traits[32] = {{0}};
    ck_assert_uint_le(model->list_count + EXTRA_LISTS, 32);
    ck_assert(slots_plan(&slots, model, &too_many));
    struct image_block *blocks =
        calloc(slots.count / SLOTS_PER_BLOCK, sizeof *blocks);
    slots_blocks(&slots, model, traits, blocks);
    for (size_t slot = 0; slot < slots.count; slot++) {
        const struct image_block *block = &blocks[slot / SLOTS_PER_BLOCK];
        uint64_t bit = UINT64_C(1) << slot % SLOTS_PER_BLOCK;
        const struct rule *rule = slots.rules[slot] == SLOT_EMPTY
                                      ? NULL
                                      : &model->rules[slots.rules[slot]];
        ck_assert_int_eq((block->list[CONDITION_CLIENTS].given & bit) != 0,
                         rule && rule->select[SELECT_CLIENTS].given);
        ck_assert_int_eq((block->list[CONDITION_USERS].given & bit) != 0,
                         rule && rule->select[SELECT_USERS].given);
        ck_assert_int_eq((block->list[CONDITION_RECIPIENTS].given & bit) != 0,
                         rule && rule->select[SELECT_RECIPIENTS].given);
    }
    free(blocks);
    slots_clear(&slots);
    model_free(model);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("slots");
    TCase *tcase = tcase_create("slots");
    tcase_add_loop_test(tcase, rules_stand_in_their_tiers, 0,
                        (int)COUNT(ORDERS));
    tcase_add_test(tcase, lists_know_their_rules);
    tcase_add_test(tcase, blocks_know_what_rules_want);
    suite_add_tcase(suite, tcase);
    return suite;
}
