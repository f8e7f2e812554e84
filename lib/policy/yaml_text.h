/* The text of a policy before and around YAML: whether it may be read at all,
 * and what was probably meant where YAML gave up.
 *
 * Nothing here knows libyaml; yaml.c hands its troubles over as plain data. */
#ifndef MAYRELAY_POLICY_YAML_TEXT_H
#define MAYRELAY_POLICY_YAML_TEXT_H

#include "base/arena.h"
#include "base/report.h"

/* UTF-8 without NUL and without line ends that only YAML sees; else a finding.
 */
bool yaml_text_is_sound(struct text text, const char *file,
                        struct mayrelay_report *report);
/* The text as libyaml wants it: without a byte order mark; and JSON's escaped
 * surrogate pairs, which libyaml refuses, as one YAML escape.  False: no
 * memory. */
bool yaml_text_prepare(struct text text, struct arena *arena,
                       struct text *prepared);
/* The entry that begins at a line and column (from 1), up to the comma, line
 * end, comment or closing bracket behind it. */
struct text yaml_token_at_place(struct text text, uint32_t line,
                                uint32_t column);

/* Characters from the start of the text; line and column from 0. */
struct yaml_at {
    size_t index, line, column;
};

struct yaml_trouble {
    struct text context, problem; /* in libyaml's words */
    struct yaml_at context_at, problem_at;
    bool unreadable; /* a character that YAML forbids, at this byte */
    size_t offset;
};

/* Says it as an administrator would want to hear it. */
void yaml_explain(struct yaml_trouble trouble, struct text text,
                  const char *file, struct mayrelay_report *report);

#endif
