#include "base/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/memory.h"

enum {
    TEXT_MOST = 1000, /* of one finding: texts quote what a policy holds */
    FINDINGS_MOST = 10000,
    WARNINGS_UP_TO = 5000 /* findings: behind them is room for errors alone */
};

struct remark {
    enum finding id;
    enum mayrelay_severity severity;
    const char *file, *text, *hint, *witness;
    uint32_t line, column;
    size_t order, file_order;
};

struct mayrelay_report {
    struct arena arena;
    struct remark *remarks;
    size_t count, room;
    bool incomplete; /* a finding was lost */
};

struct finding_kind {
    enum finding id;
    enum mayrelay_severity severity;
    const char *name;
};

static const struct finding_kind FINDING_KINDS[] = {
#define FINDING(name, number, severity, title)                                 \
    {FINDING_##name, MAYRELAY_##severity, "MR" #number},
#include "base/findings.def"
#undef FINDING
};

static const struct finding_kind *
kind_of(enum finding id)
{
    for (size_t i = 0; i < sizeof FINDING_KINDS / sizeof *FINDING_KINDS; i++)
        if (FINDING_KINDS[i].id == id)
            return &FINDING_KINDS[i];
    return &FINDING_KINDS[0];
}

struct mayrelay_report *
report_new(void)
{
    return memory_new(1, sizeof(struct mayrelay_report));
}

void
mayrelay_report_free(mayrelay_report *report)
{
    if (!report)
        return;
    arena_clear(&report->arena);
    memory_free(report->remarks);
    memory_free(report);
}

static const char *
keep(struct mayrelay_report *report, struct text text)
{
    char *shown = arena_new(&report->arena, text.size + 1, 1);
    if (!shown)
        return NULL;
    struct output out = output_to(shown, text.size + 1);
    output_printable(&out, text);
    return shown;
}

/* Findings of one file mostly come in a row: share its name with the last. */
static const char *
keep_file(struct mayrelay_report *report, const char *file, size_t *order)
{
    *order = report->count;
    if (!file)
        return NULL;
    for (size_t i = report->count; i > 0; i--) {
        const struct remark *seen = &report->remarks[i - 1];
        if (seen->file && strcmp(seen->file, file) == 0) {
            *order = seen->file_order;
            return seen->file;
        }
    }
    return keep(report, text_of(file));
}

/* Thousands of warnings are no reason to refuse a policy that loads. */
static bool
is_left_out(const struct mayrelay_report *report, enum finding id)
{
    return report->count >= WARNINGS_UP_TO &&
           kind_of(id)->severity < MAYRELAY_ERROR;
}

void
report_add(struct mayrelay_report *report, enum finding id, struct place place,
           const char *hint, const char *format, ...)
{
    if (!report || is_left_out(report, id))
        return;
    char text[TEXT_MOST];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (size < 0 || report->count == FINDINGS_MOST ||
        !memory_grow(&report->remarks, &report->room, report->count + 1,
                     sizeof *report->remarks)) {
        report->incomplete = true;
        return;
    }
    size_t length = (size_t)size < sizeof text ? (size_t)size : sizeof text - 1;
    struct remark remark = {.id = id,
                            .severity = kind_of(id)->severity,
                            .line = place.line,
                            .column = place.column,
                            .order = report->count};
    remark.file = keep_file(report, place.file, &remark.file_order);
    remark.text = keep(report, (struct text){text, length});
    remark.hint = hint ? keep(report, text_of(hint)) : NULL;
    if (!remark.text || (place.file && !remark.file) || (hint && !remark.hint))
        report->incomplete = true;
    report->remarks[report->count++] = remark;
}

/* The finding that was added last, or NULL. */
static struct remark *
last_remark(struct mayrelay_report *report)
{
    bool any = report && report->count > 0 && !report->incomplete;
    return any ? &report->remarks[report->count - 1] : NULL;
}

void
report_set_witness(struct mayrelay_report *report, const char *witness)
{
    struct remark *remark = last_remark(report);
    if (!remark)
        return;
    remark->witness = arena_copy(&report->arena, text_of(witness)).data;
    report->incomplete |= !remark->witness;
}

void
report_accept(struct mayrelay_report *report, const char *reason)
{
    struct remark *remark = last_remark(report);
    char text[2 * TEXT_MOST];
    if (!remark)
        return;
    struct output out = output_to(text, sizeof text);
    output_format(&out, "%s (accepted: %s)", remark->text, reason);
    remark->text = keep(report, output_written(&out));
    remark->severity = MAYRELAY_NOTE;
    report->incomplete |= !remark->text;
}

bool
report_failed(const struct mayrelay_report *report)
{
    return !report || report->incomplete ||
           mayrelay_report_count_at(report, MAYRELAY_ERROR) > 0;
}

static int
compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int
by_place(const void *left, const void *right)
{
    const struct remark *a = left;
    const struct remark *b = right;
    int order = compare(a->file_order, b->file_order);
    if (!order)
        order = compare(a->line, b->line);
    if (!order)
        order = compare(a->column, b->column);
    return order ? order : compare(a->order, b->order);
}

void
report_sort(struct mayrelay_report *report)
{
    if (report && report->count)
        qsort(report->remarks, report->count, sizeof *report->remarks,
              by_place);
}

bool
report_has(const struct mayrelay_report *report, enum finding id)
{
    for (size_t i = 0; i < mayrelay_report_count(report); i++)
        if (report->remarks[i].id == id)
            return true;
    return false;
}

void
report_hand_out(struct mayrelay_report *report, struct mayrelay_report **out)
{
    report_sort(report);
    if (out && mayrelay_report_count(report) > 0)
        *out = report;
    else
        mayrelay_report_free(report);
}

static const struct remark *
remark_at(const mayrelay_report *report, size_t index)
{
    static const struct remark none;
    return report && index < report->count ? &report->remarks[index] : &none;
}

size_t
mayrelay_report_count(const mayrelay_report *report)
{
    return report ? report->count : 0;
}

size_t
mayrelay_report_count_at(const mayrelay_report *report,
                         enum mayrelay_severity least)
{
    size_t count = 0;
    for (size_t i = 0; i < mayrelay_report_count(report); i++)
        count += mayrelay_report_get_severity(report, i) >= least;
    return count;
}

const char *
mayrelay_report_get_id(const mayrelay_report *report, size_t index)
{
    enum finding id = remark_at(report, index)->id;
    return id ? kind_of(id)->name : NULL;
}

enum mayrelay_severity
mayrelay_report_get_severity(const mayrelay_report *report, size_t index)
{
    enum finding id = remark_at(report, index)->id;
    return id ? remark_at(report, index)->severity : MAYRELAY_NOTE;
}

const char *
mayrelay_report_get_file(const mayrelay_report *report, size_t index)
{
    return remark_at(report, index)->file;
}

uint32_t
mayrelay_report_get_line(const mayrelay_report *report, size_t index)
{
    return remark_at(report, index)->line;
}

uint32_t
mayrelay_report_get_column(const mayrelay_report *report, size_t index)
{
    return remark_at(report, index)->column;
}

const char *
mayrelay_report_get_text(const mayrelay_report *report, size_t index)
{
    return remark_at(report, index)->text;
}

const char *
mayrelay_report_get_hint(const mayrelay_report *report, size_t index)
{
    return remark_at(report, index)->hint;
}

const char *
mayrelay_report_get_witness(const mayrelay_report *report, size_t index)
{
    return remark_at(report, index)->witness;
}

static const char *const SEVERITY_NAMES[] = {
    [MAYRELAY_NOTE] = "note",
    [MAYRELAY_WARNING] = "warning",
    [MAYRELAY_ERROR] = "error",
};

size_t
mayrelay_report_to_text(const mayrelay_report *report, size_t index,
                        char *buffer, size_t size)
{
    struct output out = output_to(buffer, size);
    const struct remark *remark = remark_at(report, index);
    if (!remark->id)
        return 0;
    if (remark->file)
        output_format(&out, "%s:", remark->file);
    if (remark->line)
        output_format(&out, "%u:", remark->line);
    if (remark->column)
        output_format(&out, "%u:", remark->column);
    output_format(&out, "%s%s: %s [%s]", out.size ? " " : "",
                  SEVERITY_NAMES[remark->severity],
                  remark->text ? remark->text : "out of memory",
                  kind_of(remark->id)->name);
    if (remark->hint)
        output_format(&out, "\n    %s", remark->hint);
    return out.size;
}

static void
remark_to_json(struct json *json, const struct remark *remark)
{
    json_open_object(json);
    json_key(json, "id");
    json_string(json, kind_of(remark->id)->name);
    json_key(json, "severity");
    json_string(json, SEVERITY_NAMES[remark->severity]);
    json_key(json, "file");
    json_string(json, remark->file);
    json_key(json, "line");
    json_number(json, remark->line);
    json_key(json, "column");
    json_number(json, remark->column);
    json_key(json, "text");
    json_string(json, remark->text);
    json_key(json, "hint");
    json_string(json, remark->hint);
    json_key(json, "witness");
    json_string(json, remark->witness);
    json_close_object(json);
}

size_t
mayrelay_report_to_json(const mayrelay_report *report, char *buffer,
                        size_t size)
{
    struct output out = output_to(buffer, size);
    struct json json = json_to(&out);
    json_open_array(&json);
    for (size_t i = 0; i < mayrelay_report_count(report); i++)
        remark_to_json(&json, &report->remarks[i]);
    json_close_array(&json);
    return out.size;
}
