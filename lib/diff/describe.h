/* The sides of a box in words. */
#ifndef MAYRELAY_DIFF_DESCRIBE_H
#define MAYRELAY_DIFF_DESCRIBE_H

#include "base/output.h"
#include "diff/box.h"

/* What the side is about: "identity", "sender". */
const char *describe_kind(enum choice_kind kind);
/* "steven, helpdesk", "not steven", "like someone@far.example". */
void describe_box_side(struct output *out, const struct box *box,
                       const struct box_side *side);
/* Some cells, `most` of them by name. */
typedef bool holds_cell(const void *context, uint32_t cell);
void describe_cells(struct output *out, enum choice_kind kind,
                    const struct cells *cells, holds_cell *holds,
                    const void *context, size_t most);

#endif
