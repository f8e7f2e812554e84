/* The policy object: an image, where its bytes are, and its patterns. */
#ifndef MAYRELAY_IMAGE_POLICY_H
#define MAYRELAY_IMAGE_POLICY_H

#include "image/image.h"
#include "mayrelay/policy.h"
#include "policy/list_file.h"
#include "set/pattern_set.h"

/* The open image of a policy, and its compiled patterns. */
const struct image *policy_image(const struct mayrelay_policy *policy);
struct pattern_set *policy_patterns(const struct mayrelay_policy *policy);

/* mayrelay_policy_load with a report to write into, and a visitor (or NULL)
 * that is told of every file. */
struct mayrelay_policy *policy_load(const char *path, unsigned flags,
                                    const struct file_visitor *visitor,
                                    struct mayrelay_report *report);

/* mayrelay_policy_parse likewise. */
struct mayrelay_policy *policy_parse(struct text text, const char *name,
                                     const struct file_visitor *visitor,
                                     struct mayrelay_report *report);

#endif
