/* Reading a policy: from text to a model, section by section. */
#include "policy/model.h"

#include "base/memory.h"
#include "policy/checks.h"
#include "policy/fields.h"
#include "policy/quoted.h"
#include "policy/reader_audit.h"
#include "policy/reader_connectors.h"
#include "policy/reader_domains.h"
#include "policy/reader_files.h"
#include "policy/reader_leaves.h"
#include "policy/reader_lists.h"
#include "policy/reader_names.h"
#include "policy/reader_owners.h"
#include "policy/reader_replies.h"
#include "policy/reader_rules.h"

static void
read_version(struct reader *reader, const struct fields *fields)
{
    const struct node *key = fields->keys[KEY_POLICY_MAYRELAY];
    const struct node *value = fields->values[KEY_POLICY_MAYRELAY];
    struct text text;
    if (!key) {
        report_add(reader->report, FINDING_VERSION_MISSING,
                   reader_place(reader, fields->node),
                   "begin the policy with mayrelay: 1",
                   "'mayrelay', the version of the policy, is missing");
        return;
    }
    if (!value || !reader_text(reader, value, "'mayrelay'", &text))
        return;
    if (!value->plain || !text_equal(text, TEXT("1")))
        report_add(reader->report, FINDING_VERSION_UNKNOWN,
                   reader_place(reader, value),
                   "write mayrelay: 1, without quotes",
                   "this library reads version 1, not '%.*s%s'", QUOTED(text));
}

static void
read_settings(struct reader *reader, const struct fields *fields)
{
    const struct node *const *values = fields->values;
    if (values[KEY_POLICY_SOFT_BOUNCE])
        reader_bool(reader, values[KEY_POLICY_SOFT_BOUNCE], "soft-bounce",
                    &reader->model->soft_bounce);
    if (values[KEY_POLICY_ANONYMOUS])
        anonymous_read(reader, values[KEY_POLICY_ANONYMOUS]);
    if (values[KEY_POLICY_OWNERS])
        owners_read(reader, values[KEY_POLICY_OWNERS]);
    if (values[KEY_POLICY_AUDIT])
        audit_read(reader, values[KEY_POLICY_AUDIT]);
}

static void
read_rules(struct reader *reader, const struct fields *fields)
{
    static const enum key RIGHTS[RIGHT_COUNT] = {
        KEY_POLICY_CONNECT, KEY_POLICY_SUBMIT, KEY_POLICY_RELAY};
    const struct node *never = fields->values[KEY_POLICY_NEVER_ROUTE];
    /* Without `connectors` allow rules at the top are the only one's. */
    struct rule_place top = {
        .connector = RULE_EVERYWHERE,
        .prefix = TEXT(""),
        .allows = !fields->keys[KEY_POLICY_CONNECTORS],
    };
    for (int right = 0; right < RIGHT_COUNT; right++)
        if (fields->values[RIGHTS[right]])
            rules_read_right(reader, fields->values[RIGHTS[right]],
                             (enum right)right, &top);
    if (never)
        rules_read_never_route(reader, fields->keys[KEY_POLICY_NEVER_ROUTE],
                               never, &top);
}

static void
read_policy(struct reader *reader, const struct node *root)
{
    struct fields fields;
    const struct node *always = NULL;
    if (!fields_read(reader, root, KEYS_POLICY, "the policy", &fields))
        return;
    read_version(reader, &fields);
    names_read(reader, fields.values[KEY_POLICY_LISTS],
               fields.values[KEY_POLICY_GROUPS]);
    lists_judge_groups(reader);
    domains_read(reader, &fields, &always);
    read_settings(reader, &fields);
    replies_read(reader, fields.values[KEY_POLICY_REPLIES]);
    read_rules(reader, &fields);
    if (fields.values[KEY_POLICY_CONNECTORS])
        connectors_read(reader, fields.keys[KEY_POLICY_CONNECTORS],
                        fields.values[KEY_POLICY_CONNECTORS]);
    else
        connectors_add_default(reader);
    if (always)
        rules_add_always_relay(reader, always);
    rules_finish(reader);
    names_finish(reader);
}

/* Everything from the heap into the model's arena. */
static void
settle(struct reader *reader)
{
    struct model *model = reader->model;
    if (reader->out_of_memory)
        return;
    leaf_settle(reader);
#define SETTLE(field, count)                                                   \
    model->field = reader_settle(reader, &reader->field, sizeof *model->field, \
                                 &model->count)
    SETTLE(rules, rule_count);
    SETTLE(connectors, connector_count);
    SETTLE(domains, domain_count);
    SETTLE(literals, literal_count);
    SETTLE(owners, owner_count);
    SETTLE(anonymous, anonymous_count);
    SETTLE(accepted, accepted_count);
#undef SETTLE
}

static void
settle_files(struct reader *reader)
{
    struct model *model = reader->model;
    model->files = reader_settle(reader, &reader->files, sizeof *model->files,
                                 &model->file_count);
}

static void
clear(struct reader *reader)
{
    struct vector *const vectors[] = {
        &reader->named,     &reader->leaves,   &reader->rule_names,
        &reader->files,     &reader->rules,    &reader->connectors,
        &reader->domains,   &reader->literals, &reader->owners,
        &reader->anonymous, &reader->accepted,
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        vector_clear(vectors[i]);
    files_clear(reader);
    text_map_clear(&reader->names);
    text_map_clear(&reader->member_lists);
    text_map_clear(&reader->mistakes);
}

static struct text
directory_of(struct text name)
{
    size_t slash = text_find_last(name, '/');
    return slash == TEXT_NONE ? TEXT("") : text_slice(name, 0, slash + 1);
}

static void
read_text(struct reader *reader, struct text text, const char *name)
{
    struct arena tree = {NULL};
    struct text file = reader_copy(reader, text_of(name));
    reader->directory = directory_of(file);
    files_add_name(reader, file);
    const struct node *root =
        reader->out_of_memory ? NULL
                              : yaml_read(text, name, &tree, reader->report);
    if (root) {
        read_policy(reader, root);
        settle(reader);
    }
    arena_clear(&tree);
    settle_files(reader);
}

struct model *
model_read(struct text text, const char *name, model_judge *judge,
           const struct file_visitor *visitor, struct mayrelay_report *report)
{
    struct model *model = memory_new(1, sizeof *model);
    struct reader reader = {
        .model = model, .report = report, .visitor = visitor};
    if (model) {
        read_text(&reader, text, name);
        clear(&reader);
    }
    if (!model || reader.out_of_memory) {
        report_add(report, FINDING_OUT_OF_MEMORY, (struct place){name, 0, 0},
                   NULL, "out of memory");
    } else {
        checks_run(model, report);
        judge(model, report);
    }
    report_sort(report);
    if (!report_failed(report))
        return model;
    model_free(model);
    return NULL;
}
