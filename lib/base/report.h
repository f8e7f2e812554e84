/* The one type for diagnostics: a list of findings with stable ids. */
#ifndef MAYRELAY_BASE_REPORT_H
#define MAYRELAY_BASE_REPORT_H

#include "base/text.h"
#include "mayrelay/report.h"

enum finding {
#define FINDING(name, number, severity, title) FINDING_##name = number,
#include "base/findings.def"
#undef FINDING
};

/* A place in a policy or list file; line and column count from 1, 0: none. */
struct place {
    const char *file; /* kept by the caller until the report has copied it */
    uint32_t line, column;
};

struct mayrelay_report *report_new(void);
/* Adds a finding; `hint` may be NULL.  Texts are copied, and what is not
 * printable in them is shown as '?'.  Failing to remember one is itself
 * remembered (report_failed), but of very many warnings the last are left out.
 * A NULL report is allowed. */
void report_add(struct mayrelay_report *report, enum finding id,
                struct place place, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Of the finding that was added last, if it was not left out: a transaction
 * that shows it, line ends kept; and that it is accepted, and why, which makes
 * it a note. */
void report_set_witness(struct mayrelay_report *report, const char *witness);
void report_accept(struct mayrelay_report *report, const char *reason);
/* At least one error, or a finding that memory did not suffice for. */
bool report_failed(const struct mayrelay_report *report);
/* Orders the findings by file (in order of appearance), line and column. */
void report_sort(struct mayrelay_report *report);
/* A finding of that id is among them. */
bool report_has(const struct mayrelay_report *report, enum finding id);
/* At the end: sorts, and sets *out (if the caller wants it, and it says
 * something); else it is freed. */
void report_hand_out(struct mayrelay_report *report,
                     struct mayrelay_report **out);

#endif
