/* A look at an image: opened once, checked at every access.
 *
 * Opening checks the header and the section table, nothing else, so that it
 * costs the same whatever the size; a look-up that would leave its section
 * says so, and the decision is an internal error.  Threads share an image. */
#ifndef MAYRELAY_IMAGE_IMAGE_H
#define MAYRELAY_IMAGE_IMAGE_H

#include "base/report.h"
#include "image/format.h"
#include "set/name_set.h"
#include "set/prefix_set.h"
#include "set/text_set.h"

struct image {
    const unsigned char *data;
    size_t size;
    const struct image_header *header;
    const struct image_settings *settings;
    struct prefix_set client_addresses, literals;
    struct name_set client_names, sender_domains, recipient_domains;
    struct name_set owner_domains;
    struct text_set listeners, certificates, identities, groups;
    struct text_set senders, sender_locals, recipients, recipient_locals;
    struct text_set listen_keys, mailboxes, anonymous, owner_mailboxes;
};

/* The bytes begin as an image does. */
bool image_is_one(const void *data, size_t size);
/* False (and a finding that names `file`) if these are not the bytes of an
 * image of this version and byte order.  They are borrowed, and 8-byte
 * aligned. */
bool image_open(struct image *image, const void *data, size_t size,
                const char *file, struct mayrelay_report *report);
/* The digest over the policy is right; so are header and stamp, once it is
 * open. */
bool image_verify(const struct image *image);

/* The bytes of a section. */
static inline struct text
image_section(const struct image *image, enum section section)
{
    const struct image_section *entry = &image->header->sections[section];
    return (struct text){(const char *)image->data + entry->offset,
                         (size_t)entry->size};
}

/* The number of records in a section that has records. */
size_t image_count(const struct image *image, enum section section);

/* A record by its number, NULL if there is none of that number; `size` is that
 * of the section's records.  A product, as a division would be the dearest
 * thing in many a look-up. */
static inline const void *
image_record(const struct image *image, enum section section, uint32_t number,
             size_t size)
{
    struct text records = image_section(image, section);
    return ((uint64_t)number + 1) * size <= records.size
               ? records.data + number * size
               : NULL;
}

static inline const struct image_rule *
image_rule(const struct image *image, uint32_t rule)
{
    return image_record(image, SECTION_RULES, rule, sizeof(struct image_rule));
}

static inline const struct image_block *
image_block(const struct image *image, uint32_t block)
{
    return image_record(image, SECTION_BLOCKS, block,
                        sizeof(struct image_block));
}

static inline const struct image_window *
image_window(const struct image *image, uint32_t window)
{
    return image_record(image, SECTION_WINDOWS, window,
                        sizeof(struct image_window));
}

static inline const struct image_connector *
image_connector(const struct image *image, uint32_t connector)
{
    return image_record(image, SECTION_CONNECTORS, connector,
                        sizeof(struct image_connector));
}

static inline const struct image_domain *
image_domain(const struct image *image, uint32_t domain)
{
    return image_record(image, SECTION_DOMAINS, domain,
                        sizeof(struct image_domain));
}

static inline const struct image_list *
image_list(const struct image *image, uint32_t list)
{
    return image_record(image, SECTION_LISTS, list, sizeof(struct image_list));
}

/* The number of the rule in a slot, UINT32_MAX if it is empty. */
static inline uint32_t
image_slot(const struct image *image, uint32_t slot)
{
    const uint32_t *rule =
        image_record(image, SECTION_SLOTS, slot, sizeof *rule);
    return rule ? *rule : UINT32_MAX;
}

/* The rule in a slot, NULL if it is empty. */
static inline const struct image_rule *
image_rule_in(const struct image *image, uint32_t slot)
{
    return image_rule(image, image_slot(image, slot));
}

/* `count` numbers from `first`, NULL if they are not all there. */
const uint32_t *image_numbers(const struct image *image, uint32_t first,
                              uint32_t count);
/* The numbers of a list's patterns, NULL if they are not all there; of no list
 * NULL. */
static inline const uint32_t *
image_list_patterns(const struct image *image, const struct image_list *list)
{
    return list ? image_numbers(image, list->first_pattern, list->pattern_count)
                : NULL;
}
/* A number that stands in front of as many others; NULL if damaged. */
const uint32_t *image_counted(const struct image *image, uint32_t place,
                              uint32_t *count);
/* A text, "" if the offset is beyond the section; NUL-terminated. */
const char *image_string(const struct image *image, uint32_t offset);
const char *image_file(const struct image *image, uint32_t file);
struct text image_pattern(const struct image *image, uint32_t pattern);
/* The prefix set of a listen entry; false if there is none of that number. */
bool image_choice(const struct image *image, uint32_t listen,
                  struct prefix_set *set);

/* What a class says of rules: masks, ordered by block. */
struct masks {
    const struct image_mask *first;
    uint32_t count;
};

/* A class of an attribute by its number there, or by its number in CLASSES;
 * false if there is none. */
bool image_class(const struct image *image, enum attribute attribute,
                 uint32_t number, struct masks *masks, uint32_t *extra);
bool image_special(const struct image *image, enum special_class which,
                   struct masks *masks, uint32_t *extra);

#endif
