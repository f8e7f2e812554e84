#include "advise/draft.h"

#include "base/memory.h"

static void
text_free(struct text text)
{
    memory_free((void *)(uintptr_t)text.data);
}

/* Makes the edits of one file, the policy being the empty path; takes the text.
 */
static struct text
edited(struct draft *draft, struct text path, struct text text)
{
    for (size_t i = 0; text.data && i < draft->count; i++) {
        const struct edit *edit = &draft->steps[i].edit;
        if (!text_equal(edit->file, path))
            continue;
        struct text next = edit_apply(edit, text);
        text_free(text);
        text = next;
    }
    draft->failed |= !text.data;
    return text;
}

struct text
draft_policy_text(struct draft *draft)
{
    const struct edit nothing = {.at = 0};
    return edited(draft, TEXT(""), edit_apply(&nothing, draft->text));
}

static bool
edit_list_file(void *context, const char *path, struct text *content)
{
    struct draft *draft = context;
    draft->octets += content->size;
    *content = edited(draft, text_of(path), *content);
    return content->data != NULL;
}

struct text
draft_list_file(struct draft *draft, struct text path)
{
    struct file_visitor visitor = {.context = draft, .edit = edit_list_file};
    const char *problem;
    struct text content = {NULL, 0};
    if (!file_read_edited(&visitor, path.data, &content, &problem))
        return (struct text){NULL, 0};
    return content;
}

struct mayrelay_policy *
draft_load(struct draft *draft, struct mayrelay_report *report)
{
    struct file_visitor visitor = {.context = draft, .edit = edit_list_file};
    struct text text = draft_policy_text(draft);
    draft->octets += text.size;
    struct mayrelay_policy *policy =
        text.data ? policy_parse(text, draft->path, &visitor, report) : NULL;
    draft->failed |= !policy && report_has(report, FINDING_OUT_OF_MEMORY);
    text_free(text);
    if (!draft->failed)
        return policy;
    mayrelay_policy_unref(policy);
    return NULL;
}
