/* Policies over generated lists, written to a temporary directory, and their
 * images. */
#ifndef BENCH_POLICIES_H
#define BENCH_POLICIES_H

#include <mayrelay.h>

#include "workload.h"

enum {
    PATH_ROOM = 256
};

/* A temporary directory; everything in it is removed when it is closed. */
struct workshop {
    char directory[PATH_ROOM];
};

void workshop_open(struct workshop *workshop);
void workshop_close(struct workshop *workshop);
/* A directory that is there and stays; nothing to close. */
void workshop_use(struct workshop *workshop, const char *directory);
void workshop_path(const struct workshop *workshop, const char *name,
                   char out[PATH_ROOM]);

/* `rules` rules: rule n has the lists of the kinds k with k mod (at most 6) =
 * n mod (at most 6), and of each list an equal share; each share of a kind is
 * in a list file.  They allow relaying; those with recipients alone forbid it,
 * so that with six kinds of rules about half of all mail is refused.  Writes
 * policy.yaml. */
void workshop_write(const struct workshop *workshop,
                    const struct workload workloads[KIND_COUNT], size_t rules);
/* The same over one kind: `rules` rules that allow. */
void workshop_write_one(const struct workshop *workshop,
                        const struct workload *workload, size_t rules);

/* Loads policy.yaml or another file of the workshop; fails with the report. */
mayrelay_policy *workshop_load(const struct workshop *workshop,
                               const char *name);
/* Compiles policy.yaml, saves it as policy.mrp, and maps that. */
mayrelay_policy *workshop_map(const struct workshop *workshop);

/* The bytes of an image file: all that decisions read, that alone which names
 * the file and line of an entry, and those of the look-ups of RCPT TO. */
struct image_bytes {
    double lookup, provenance, recipient;
};

struct image_bytes image_bytes_of(const char *path);

#endif
