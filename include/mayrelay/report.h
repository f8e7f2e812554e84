/* mayrelay/report.h: what is wrong with a policy, and where.
 *
 * Loading hands out one report with everything it found, errors and warnings,
 * in the order of the file; of many thousands of warnings the last are left
 * out.  A report is yours, never changes, and may be read from any thread. */
#ifndef MAYRELAY_REPORT_H
#define MAYRELAY_REPORT_H

#include "mayrelay/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_report mayrelay_report;

enum mayrelay_severity {
    MAYRELAY_NOTE = 0,
    MAYRELAY_WARNING = 1,
    MAYRELAY_ERROR = 2
};

/* All take an index below mayrelay_report_count; beyond it, and for a NULL
 * report, texts are NULL and numbers 0.  Texts live as long as the report. */
MAYRELAY_API size_t mayrelay_report_count(const mayrelay_report *report);
/* The number of findings of that severity or above. */
MAYRELAY_API size_t mayrelay_report_count_at(const mayrelay_report *report,
                                             enum mayrelay_severity least);
/* The stable id, such as "MR201". */
MAYRELAY_API const char *mayrelay_report_get_id(const mayrelay_report *report,
                                                size_t index);
MAYRELAY_API enum mayrelay_severity
mayrelay_report_get_severity(const mayrelay_report *report, size_t index);
/* The file as it was named; NULL if the finding belongs to none. */
MAYRELAY_API const char *mayrelay_report_get_file(const mayrelay_report *report,
                                                  size_t index);
/* Line and column (in characters), from 1; 0: the file as a whole. */
MAYRELAY_API uint32_t mayrelay_report_get_line(const mayrelay_report *report,
                                               size_t index);
MAYRELAY_API uint32_t mayrelay_report_get_column(const mayrelay_report *report,
                                                 size_t index);
/* What is wrong: one line, printable. */
MAYRELAY_API const char *mayrelay_report_get_text(const mayrelay_report *report,
                                                  size_t index);
/* What to do about it, or NULL. */
MAYRELAY_API const char *mayrelay_report_get_hint(const mayrelay_report *report,
                                                  size_t index);
/* A transaction that shows it (audit, diff), or NULL. */
MAYRELAY_API const char *
mayrelay_report_get_witness(const mayrelay_report *report, size_t index);
/* One finding as people read it: "file:line:column: error: text [MR123]", its
 * hint on the next line.  Returns the length needed, as snprintf does. */
MAYRELAY_API size_t mayrelay_report_to_text(const mayrelay_report *report,
                                            size_t index, char *buffer,
                                            size_t size);
/* The whole report as a JSON array.  Returns the length needed. */
MAYRELAY_API size_t mayrelay_report_to_json(const mayrelay_report *report,
                                            char *buffer, size_t size);
MAYRELAY_API void mayrelay_report_free(mayrelay_report *report);

#ifdef __cplusplus
}
#endif

#endif
