/* The list files of a policy, each read once. */
#ifndef MAYRELAY_POLICY_READER_FILES_H
#define MAYRELAY_POLICY_READER_FILES_H

#include "policy/reader_entry.h"

struct list_source {
    struct text path;              /* as the policy names it */
    uint32_t file;                 /* in model.files */
    struct text content;           /* empty if it could not be read */
    bool flawed;                   /* that, or a line of it is wrong */
    uint32_t leaf_at[PLACE_COUNT]; /* 1 + its leaf as it stands at a place */
};

/* The file of that path, relative to the policy's directory.  That it cannot
 * be read is said once, at the first place that names it. */
struct list_source *files_find(struct reader *reader, struct text path,
                               struct place place);
void files_clear(struct reader *reader);
/* Adds a file name for diagnostics. */
uint32_t files_add_name(struct reader *reader, struct text name);

#endif
