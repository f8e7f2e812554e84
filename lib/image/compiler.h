/* What the steps of a compilation share: the model, and the sections so far. */
#ifndef MAYRELAY_IMAGE_COMPILER_H
#define MAYRELAY_IMAGE_COMPILER_H

#include "image/keys.h"

struct compiler {
    const struct model *model;
    struct slots slots;
    struct uses uses[SELECT_COUNT];
    struct classes classes[ATTRIBUTE_COUNT];
    struct mask_pool masks;
    struct intern strings; /* each with its NUL */
    struct intern patterns;
    struct intern domains;    /* struct image_domain */
    uint32_t *domain_records; /* by model domain: number in `domains` */
    bool *owns;               /* by list: some owner names it */
    struct image_settings settings;
    struct buffer sections[SECTION_COUNT];
    bool over_budget; /* of classes that are not an attribute's; sticks */
    bool failed;      /* memory ran out; sticks */
};

/* The offset in STRINGS of a text. */
uint32_t compiler_string(struct compiler *c, struct text text);
/* Appends to NUMBERS and returns the place. */
uint32_t compiler_numbers(struct compiler *c, const uint32_t *numbers,
                          size_t count);

/* The steps.  records: files, connectors, rules, lists, domains, settings. */
void compile_records(struct compiler *c);
/* Which connector: a prefix set per listen entry. */
void compile_listens(struct compiler *c);
/* Sets of values, numbering classes as they go. */
void compile_sets(struct compiler *c);

#endif
