#include "batch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* Progress is shown after so many seconds, and looked at every so many lines.
 */
enum {
    LONG_RUN_SECONDS = 3,
    LINES_PER_LOOK = 4096,
    OUTPUT_BUFFER = 1 << 16
};

struct batch {
    mayrelay_session *session;
    struct facts facts;
    struct page page;
    size_t lines, bad_lines;
    bool shows_progress;
    time_t started, shown;
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
                     struct page *page)
{
    print_id(id, page);
    while (!page_holds(
        page, mayrelay_decision_to_json(decision, page->data, page->room)))
        continue;
    /* Its own opening brace has been written, before the id. */
    fwrite(page->data + 1, 1, page->size - 1, stdout);
    putc('\n', stdout);
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

static json_t *
parse_line(struct text line, struct line_error *error)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    json_error_t problem;
    json_t *object = json_loadb(line.data, line.size, flags, &problem);
    /* Beyond 64 bits an id's integer is echoed as far as a double goes. */
    if (!object && json_error_code(&problem) == json_error_numeric_overflow)
        object = json_loadb(line.data, line.size,
                            flags | JSON_DECODE_INT_AS_REAL, &problem);
    if (!object)
        line_error_set(error, "not valid JSON: %s at column %d", problem.text,
                       problem.column);
    else if (!json_is_object(object))
        line_error_set(error, "not a JSON object");
    return object;
}

/* An internal error may come from an address that the library cannot read. */
static bool
addresses_are_readable(const struct facts *facts,
                       const mayrelay_decision *decision,
                       struct line_error *error)
{
    if (mayrelay_decision_get_reason(decision) !=
        MAYRELAY_REASON_INTERNAL_ERROR)
        return true;
    const char *problem = unreadable_address(facts);
    if (problem)
        line_error_set(error, "%s", problem);
    return !problem;
}

static const mayrelay_decision *
judge(struct batch *batch, const json_t *object, struct line_error *error)
{
    reset_facts(&batch->facts);
    if (!json_is_object(object) ||
        !facts_from_json(&batch->facts, object, error))
        return NULL;
    const mayrelay_decision *decision =
        judge_facts(&batch->facts, batch->session);
    return addresses_are_readable(&batch->facts, decision, error) ? decision
                                                                  : NULL;
}

static void
answer_line(struct batch *batch, struct text line)
{
    struct line_error error;
    json_t *object = parse_line(line, &error);
    const mayrelay_decision *decision = judge(batch, object, &error);
    const json_t *id = json_object_get(object, "id");
    if (decision) {
        batch_print_decision(id, decision, &batch->page);
    } else {
        print_error(id, &error, &batch->page);
        batch->bad_lines++;
    }
    json_decref(object);
}

static void
show_progress(struct batch *batch)
{
    if (!batch->shows_progress || batch->lines % LINES_PER_LOOK)
        return;
    time_t now = time(NULL);
    if (now - batch->started < LONG_RUN_SECONDS || now == batch->shown)
        return;
    batch->shown = now;
    fprintf(stderr, "\r%zu lines", batch->lines);
}

static void
answer_lines(struct batch *batch)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    while (!ferror(stdout) && (size = getline(&line, &room, stdin)) >= 0) {
        struct text text = {line, (size_t)size};
        if (text.size && line[text.size - 1] == '\n')
            text.size--;
        answer_line(batch, text);
        batch->lines++;
        show_progress(batch);
    }
    free(line);
    if (batch->shown)
        fputc('\n', stderr);
}

int
batch_run(mayrelay_policy *policy)
{
    struct batch batch = {.session = new_session(policy),
                          .shows_progress = isatty(STDERR_FILENO),
                          .started = time(NULL)};
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
    answer_lines(&batch);
    free_facts(&batch.facts);
    page_free(&batch.page);
    mayrelay_session_free(batch.session);
    if (!ferror(stdout) && !feof(stdin)) {
        complain("cannot read standard input");
        return EX_IOERR;
    }
    return batch.bad_lines ? EX_DATAERR : EX_OK;
}
