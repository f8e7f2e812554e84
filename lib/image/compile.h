/* Compiles a model into an image.  The same model gives the same bytes, and
 * memory stays within a multiple of its entries or the policy is refused. */
#ifndef MAYRELAY_IMAGE_COMPILE_H
#define MAYRELAY_IMAGE_COMPILE_H

#include "base/buffer.h"
#include "base/report.h"
#include "policy/model.h"

/* Appends the image to `out`; false (and a finding) if memory runs out or the
 * budget does. */
bool compile(const struct model *model, struct mayrelay_report *report,
             struct buffer *out);
/* A model_judge: every pattern that does not compile is a finding. */
void compile_check_patterns(const struct model *model,
                            struct mayrelay_report *report);

#endif
