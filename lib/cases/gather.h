/* Where values come from: the sets of the image, and what no list names. */
#ifndef MAYRELAY_CASES_GATHER_H
#define MAYRELAY_CASES_GATHER_H

#include "cases/values.h"

/* The steps must be gathered in this order: what is told of a later one stands
 * behind the first class of each earlier one. */
void gather_client(struct values *values);
void gather_identity(struct values *values);
void gather_sender(struct values *values);
void gather_recipient(struct values *values);

/* -- what they share ------------------------------------------------------ */

/* Puts a value into its class; copies its text. */
void values_add(struct values *values, enum step step, struct value value);
static inline void
values_add_text(struct values *values, enum step step, struct text text)
{
    values_add(values, step, (struct value){.kind = VALUE_TEXT, .text = text});
}

/* Not too many of what a set holds: counts, by the class there. */
struct quota {
    uint32_t *taken;
    size_t count;
};

/* False if memory runs out. */
bool quota_init(struct quota *quota, size_t classes);
void quota_clear(struct quota *quota);
/* One more of the class, unless there are members_most; then it is left out. */
bool quota_take(struct quota *quota, struct values *values, uint32_t class);

/* Texts that match the patterns of lists for this use. */
void gather_patterns(struct values *values, enum step step, enum list_use use);

#endif
