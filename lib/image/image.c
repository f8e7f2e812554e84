#include "image/image.h"

#include <string.h>
#include <xxhash.h>

#include "image/stamp.h"

/* Sections that hold records of one size. */
static const size_t RECORD_SIZES[SECTION_COUNT] = {
    [SECTION_SETTINGS] = sizeof(struct image_settings),
    [SECTION_NUMBERS] = sizeof(uint32_t),
    [SECTION_FILES] = sizeof(uint32_t),
    [SECTION_CONNECTORS] = sizeof(struct image_connector),
    [SECTION_LISTENS] = sizeof(struct image_section),
    [SECTION_RULES] = sizeof(struct image_rule),
    [SECTION_SLOTS] = sizeof(uint32_t),
    [SECTION_BLOCKS] = sizeof(struct image_block),
    [SECTION_WINDOWS] = sizeof(struct image_window),
    [SECTION_CLASSES] = sizeof(struct image_class),
    [SECTION_MASKS] = sizeof(struct image_mask),
    [SECTION_DOMAINS] = sizeof(struct image_domain),
    [SECTION_LISTS] = sizeof(struct image_list),
    [SECTION_OWNERS] = sizeof(uint32_t),
    [SECTION_PATTERNS] = sizeof(struct image_pattern),
    [SECTION_ACCEPTED] = sizeof(struct image_accepted),
};

const enum selection_kind CONDITION_SELECTIONS[CONDITION_COUNT] = {
    [CONDITION_CLIENTS] = SELECT_CLIENTS,
    [CONDITION_USERS] = SELECT_USERS,
    [CONDITION_SENDERS] = SELECT_SENDERS,
    [CONDITION_RECIPIENTS] = SELECT_RECIPIENTS,
};

/* -- opening ------------------------------------------------------------ */

bool
image_is_one(const void *data, size_t size)
{
    return size >= IMAGE_MAGIC_SIZE &&
           memcmp(data, IMAGE_MAGIC, IMAGE_MAGIC_SIZE) == 0;
}

size_t
image_count(const struct image *image, enum section section)
{
    size_t size = (size_t)image->header->sections[section].size;
    return size / RECORD_SIZES[section];
}

static bool
check_section(const struct image_header *header, int i, uint64_t end)
{
    const struct image_section *section = &header->sections[i];
    return section->offset <= end && section->size <= end - section->offset &&
           section->offset % IMAGE_ALIGN == 0 &&
           (!RECORD_SIZES[i] || section->size % RECORD_SIZES[i] == 0);
}

/* The stamp ends the image, and no other section reaches into it. */
static bool
check_sections(const struct image_header *header, size_t size)
{
    const struct image_section *stamp = &header->sections[SECTION_STAMP];
    if (!check_section(header, SECTION_STAMP, size) ||
        stamp->offset + stamp->size != size || stamp->offset < sizeof *header)
        return false;
    for (int i = 0; i < SECTION_STAMP; i++)
        if (!check_section(header, i, stamp->offset))
            return false;
    return true;
}

static bool
check_header(const struct image_header *header, size_t size)
{
    struct image_header copy = *header;
    copy.header_check = 0;
    return header->section_count == SECTION_COUNT && header->size == size &&
           header->header_check == XXH3_64bits(&copy, sizeof copy) &&
           check_sections(header, size);
}

static bool
open_text(const struct image *image, enum section section, struct text_set *set)
{
    struct text bytes = image_section(image, section);
    return text_set_open(set, bytes.data, bytes.size);
}

static bool
open_names(const struct image *image, enum section section,
           struct name_set *set)
{
    struct text bytes = image_section(image, section);
    return name_set_open(set, bytes.data, bytes.size);
}

static bool
open_prefixes(const struct image *image, enum section section,
              struct prefix_set *set)
{
    struct text bytes = image_section(image, section);
    return prefix_set_open(set, bytes.data, bytes.size);
}

static enum section
set_section(enum attribute attribute)
{
    return (enum section)(SECTION_FIRST_SET + (int)attribute);
}

static bool
open_client_sets(struct image *image)
{
    return open_prefixes(image, set_section(ATTRIBUTE_CLIENT_ADDRESS),
                         &image->client_addresses) &&
           open_names(image, set_section(ATTRIBUTE_CLIENT_NAME),
                      &image->client_names) &&
           open_text(image, set_section(ATTRIBUTE_LISTENER),
                     &image->listeners) &&
           open_text(image, set_section(ATTRIBUTE_CERTIFICATE),
                     &image->certificates) &&
           open_text(image, set_section(ATTRIBUTE_IDENTITY),
                     &image->identities) &&
           open_text(image, set_section(ATTRIBUTE_GROUP), &image->groups) &&
           open_text(image, SECTION_LISTEN_KEYS, &image->listen_keys) &&
           open_text(image, SECTION_ANONYMOUS, &image->anonymous);
}

static bool
open_mail_sets(struct image *image)
{
    return open_text(image, set_section(ATTRIBUTE_SENDER), &image->senders) &&
           open_text(image, set_section(ATTRIBUTE_SENDER_LOCAL),
                     &image->sender_locals) &&
           open_names(image, set_section(ATTRIBUTE_SENDER_DOMAIN),
                      &image->sender_domains) &&
           open_text(image, set_section(ATTRIBUTE_RECIPIENT),
                     &image->recipients) &&
           open_text(image, set_section(ATTRIBUTE_RECIPIENT_LOCAL),
                     &image->recipient_locals) &&
           open_names(image, set_section(ATTRIBUTE_RECIPIENT_DOMAIN),
                      &image->recipient_domains) &&
           open_prefixes(image, SECTION_LITERALS, &image->literals) &&
           open_text(image, SECTION_MAILBOXES, &image->mailboxes) &&
           open_text(image, SECTION_OWNER_MAILBOXES, &image->owner_mailboxes) &&
           open_names(image, SECTION_OWNER_DOMAINS, &image->owner_domains);
}

static bool
open_sections(struct image *image)
{
    struct text strings = image_section(image, SECTION_STRINGS);
    if (image_count(image, SECTION_SETTINGS) != 1 || strings.size == 0 ||
        strings.data[strings.size - 1] != '\0')
        return false;
    image->settings = (const void *)image_section(image, SECTION_SETTINGS).data;
    /* Memory is taken for so many. */
    if (image->settings->pattern_count != image_count(image, SECTION_PATTERNS))
        return false;
    return open_client_sets(image) && open_mail_sets(image);
}

bool
image_open(struct image *image, const void *data, size_t size, const char *file,
           struct mayrelay_report *report)
{
    struct place place = {file, 0, 0};
    *image = (struct image){.data = data, .size = size, .header = data};
    const struct image_header *header = image->header;
    if (!image_is_one(data, size) || size < sizeof *header) {
        report_add(report, FINDING_IMAGE_INVALID, place,
                   "compile it again with: mayrelay compile POLICY -o IMAGE",
                   "not an image, or cut off within its header");
        return false;
    }
    if (header->byte_order != IMAGE_BYTE_ORDER) {
        report_add(report, FINDING_IMAGE_ORDER, place,
                   "compile the policy on a machine of this kind",
                   "an image of a machine with another byte order");
        return false;
    }
    if (header->version != IMAGE_VERSION) {
        report_add(report, FINDING_IMAGE_VERSION, place,
                   "compile the policy again with this library",
                   "an image of version %u; this library reads version %u",
                   header->version, (unsigned)IMAGE_VERSION);
        return false;
    }
    if (!check_header(header, size) || !stamp_is_whole(image) ||
        !open_sections(image)) {
        report_add(report, FINDING_IMAGE_INVALID, place,
                   "compile it again with: mayrelay compile POLICY -o IMAGE",
                   "the image is damaged or cut off");
        return false;
    }
    return true;
}

bool
image_verify(const struct image *image)
{
    XXH128_canonical_t digest;
    size_t head = sizeof *image->header;
    size_t end = (size_t)image->header->sections[SECTION_STAMP].offset;
    XXH128_canonicalFromHash(&digest,
                             XXH3_128bits(image->data + head, end - head));
    return memcmp(&digest, image->header->digest, sizeof digest) == 0;
}

/* -- records ------------------------------------------------------------ */

const uint32_t *
image_numbers(const struct image *image, uint32_t first, uint32_t count)
{
    struct text all = image_section(image, SECTION_NUMBERS);
    const void *numbers = all.data;
    if (((uint64_t)first + count) * sizeof(uint32_t) > all.size)
        return NULL;
    return (const uint32_t *)numbers + first;
}

const uint32_t *
image_counted(const struct image *image, uint32_t place, uint32_t *count)
{
    const uint32_t *head = image_numbers(image, place, 1);
    const uint32_t *numbers =
        head ? image_numbers(image, place + 1, *head) : NULL;
    *count = numbers ? *head : 0;
    return numbers;
}

const char *
image_string(const struct image *image, uint32_t offset)
{
    struct text strings = image_section(image, SECTION_STRINGS);
    return offset < strings.size ? strings.data + offset : "";
}

const char *
image_file(const struct image *image, uint32_t file)
{
    const uint32_t *name =
        image_record(image, SECTION_FILES, file, sizeof *name);
    return name ? image_string(image, *name) : "";
}

struct text
image_pattern(const struct image *image, uint32_t pattern)
{
    const struct image_pattern *record =
        image_record(image, SECTION_PATTERNS, pattern, sizeof *record);
    if (!record)
        return TEXT("");
    struct text strings = image_section(image, SECTION_STRINGS);
    return text_slice(strings, record->source,
                      (size_t)record->source + record->size);
}

bool
image_choice(const struct image *image, uint32_t listen, struct prefix_set *set)
{
    const struct image_section *record =
        image_record(image, SECTION_LISTENS, listen, sizeof *record);
    struct text sets = image_section(image, SECTION_CHOICES);
    if (!record || record->offset > sets.size ||
        record->size > sets.size - record->offset)
        return false;
    return prefix_set_open(set, sets.data + record->offset,
                           (size_t)record->size);
}

static bool
class_at(const struct image *image, uint32_t number, struct masks *masks,
         uint32_t *extra)
{
    const struct image_class *class =
        image_record(image, SECTION_CLASSES, number, sizeof *class);
    struct text all = image_section(image, SECTION_MASKS);
    if (!class || ((uint64_t) class->first_mask + class->mask_count) *
                          sizeof *masks->first >
                      all.size)
        return false;
    const void *first = all.data;
    masks->first = (const struct image_mask *)first + class->first_mask;
    masks->count = class->mask_count;
    *extra = class->extra;
    return true;
}

bool
image_class(const struct image *image, enum attribute attribute,
            uint32_t number, struct masks *masks, uint32_t *extra)
{
    const struct image_settings *settings = image->settings;
    return number < settings->class_count[attribute] &&
           class_at(image, settings->class_base[attribute] + number, masks,
                    extra);
}

bool
image_special(const struct image *image, enum special_class which,
              struct masks *masks, uint32_t *extra)
{
    return class_at(image, image->settings->special[which], masks, extra);
}
