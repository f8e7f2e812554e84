#include "batch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "input.h"
#include "scope.h"

enum {
    OUTPUT_BUFFER = 1 << 16
};

struct batch {
    mayrelay_session *session;
    struct facts facts;
    struct page page;
    bool scope;
    size_t bad_lines;
};

static void
print_id(const json_t *id, struct page *page)
{
    fputs("{\"id\":", stdout);
    print_json(stdout, id, page);
    putc(',', stdout);
}

void
batch_print_decision(const json_t *id, const mayrelay_decision *decision,
                     bool scope, struct page *page)
{
    print_id(id, page);
    while (!page_holds(
        page, mayrelay_decision_to_json(decision, page->data, page->room)))
        continue;
    /* Its own opening brace has been written, before the id. */
    fwrite(page->data + 1, 1, page->size - 2, stdout);
    if (scope)
        scope_print_member(decision);
    fputs("}\n", stdout);
}

/* The text may quote the line, hence hold any octets. */
static void
print_error(const json_t *id, const struct line_error *error, struct page *page)
{
    print_id(id, page);
    fputs("\"error\":\"", stdout);
    for (const char *c = error->text; *c; c++) {
        if (*c == '"' || *c == '\\')
            putc('\\', stdout);
        print_printable(stdout, (struct text){c, 1});
    }
    fputs("\"}\n", stdout);
}

static const mayrelay_decision *
judge(struct batch *batch, const json_t *object, struct line_error *error)
{
    reset_facts(&batch->facts);
    if (!object || !facts_from_json(&batch->facts, object, error))
        return NULL;
    const mayrelay_decision *decision =
        judge_facts(&batch->facts, batch->session);
    const char *problem = unreadable_behind(decision, &batch->facts);
    if (problem)
        line_error_set(error, "%s", problem);
    return problem ? NULL : decision;
}

static void
answer_line(struct batch *batch, struct text line)
{
    struct line_error error = {""};
    json_t *object = facts_json_parse(line, &error);
    const mayrelay_decision *decision = judge(batch, object, &error);
    const json_t *id = json_object_get(object, "id");
    if (decision) {
        batch_print_decision(id, decision, batch->scope, &batch->page);
    } else {
        print_error(id, &error, &batch->page);
        batch->bad_lines++;
    }
    json_decref(object);
}

/* False if not all could be read.  If the output has gone nobody wants the
 * rest. */
static bool
answer_lines(struct batch *batch)
{
    struct input input = input_begin();
    struct text line;
    while (!ferror(stdout) && input_next(&input, &line))
        answer_line(batch, line);
    return input_end(&input) || ferror(stdout);
}

int
batch_run(mayrelay_policy *policy, bool scope)
{
    struct batch batch = {.session = new_session(policy), .scope = scope};
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
    bool complete = answer_lines(&batch);
    free_facts(&batch.facts);
    page_free(&batch.page);
    mayrelay_session_free(batch.session);
    if (!complete)
        return EX_IOERR;
    return batch.bad_lines ? EX_DATAERR : EX_OK;
}
