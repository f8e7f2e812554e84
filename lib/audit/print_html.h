/* The parts of the audit's report in HTML. */
#ifndef MAYRELAY_AUDIT_PRINT_HTML_H
#define MAYRELAY_AUDIT_PRINT_HTML_H

#include "audit/audit.h"
#include "audit/html.h"

/* The closure: a part for each grant, as far as a page can hold. */
void html_grants(struct output *out, const struct mayrelay_audit *audit);
/* The findings, which may be NULL. */
void html_findings(struct output *out, const mayrelay_report *findings);
/* Where something stands. */
void html_place(struct output *out, const char *file, uint32_t line);
/* An SMTP dialogue to be unfolded; nothing for NULL. */
void html_dialogue(struct output *out, const char *title, const char *dialogue,
                   bool unfolded);

#endif
