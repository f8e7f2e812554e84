/* What the report looks like. */
#ifndef MAYRELAY_AUDIT_HTML_STYLE_H
#define MAYRELAY_AUDIT_HTML_STYLE_H

/* The stylesheet, line by line; NULL behind the last. */
extern const char *const HTML_STYLE[];

#endif
