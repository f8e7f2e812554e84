#include "policy/reader_audit.h"

#include "policy/fields.h"
#include "policy/quoted.h"

/* MR300 to MR399 are the audit's. */
static bool
is_audit_id(struct text id)
{
    return id.size == 5 && text_starts(id, TEXT("MR3")) &&
           ascii_is_digit(id.data[3]) && ascii_is_digit(id.data[4]);
}

static bool
read_field(struct reader *reader, const struct fields *fields, enum key key,
           struct text *text)
{
    if (!fields->keys[key])
        report_add(reader->report, FINDING_KEY_MISSING,
                   reader_place(reader, fields->node),
                   "write {id: MR301, reason: \"why it is so\"}",
                   "'%s' is missing in an accepted finding", key_text(key));
    return fields->values[key] &&
           reader_text(reader, fields->values[key], key_text(key), text);
}

static void
read_accepted(struct reader *reader, const struct node *node, void *context)
{
    (void)context;
    struct fields fields;
    if (!fields_read(reader, node, KEYS_ACCEPT, "an accepted finding", &fields))
        return;
    struct text id = {NULL, 0};
    struct text reason = {NULL, 0};
    bool has_id = read_field(reader, &fields, KEY_ACCEPT_ID, &id);
    bool has_reason = read_field(reader, &fields, KEY_ACCEPT_REASON, &reason);
    if (has_id && !is_audit_id(id))
        report_add(reader->report, FINDING_AUDIT_ID,
                   reader_place(reader, fields.values[KEY_ACCEPT_ID]),
                   "MR300 to MR399, as the audit prints it",
                   "'%.*s%s' is not the id of a finding of the audit",
                   QUOTED(id));
    if (has_reason && !text_trim(reason).size)
        report_add(reader->report, FINDING_AUDIT_REASON,
                   reader_place(reader, fields.values[KEY_ACCEPT_REASON]),
                   "say why the finding is acceptable here",
                   "an accepted finding needs a reason");
    struct accepted_finding *accepted =
        reader_push(reader, &reader->accepted, sizeof *accepted);
    if (accepted)
        *accepted = (struct accepted_finding){reader_copy(reader, id),
                                              reader_copy(reader, reason),
                                              reader_source(node)};
}

void
audit_read(struct reader *reader, const struct node *node)
{
    struct fields fields;
    if (!fields_read(reader, node, KEYS_AUDIT, "'audit'", &fields))
        return;
    if (fields.values[KEY_AUDIT_ACCEPT])
        reader_each(reader, fields.values[KEY_AUDIT_ACCEPT], "accept",
                    read_accepted, NULL);
}
