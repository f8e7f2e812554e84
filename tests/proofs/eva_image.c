/* lib/image/image.c: what hands out parts of an image, given any number and
 * any bytes behind a section table that was found right.  The section that is
 * looked at ends with the bytes, so that a step too far is a read outside.
 * Where a record says which others are meant, it says every pair of few numbers
 * and the largest, as Eva does not relate one to the other. */
#include "eva.h"
#include "image/image.h"

enum {
    RECORDS = 3
};

static struct image_header header;
static struct image_settings settings;
static struct image image = {.header = &header, .settings = &settings};
static volatile unsigned char seen;

/* All of it is there: its last byte may be read too. */
static void
look_at(const void *data, size_t size)
{
    if (data && size) {
        seen = *(const unsigned char *)data;
        seen = ((const unsigned char *)data)[size - 1];
    }
}

/* `size` bytes of any value in a section; the others are empty. */
static unsigned char *
fill(enum section section, size_t size)
{
    unsigned char *bytes = any_bytes(size);
    image.data = bytes;
    image.size = size;
    memset(&header, 0, sizeof header);
    header.sections[section] = (struct image_section){0, size};
    return bytes;
}

/* Each number of a record by itself, and all others at once: a product does not
 * tell Eva which numbers are left. */
static uint32_t
number_of_record(uint32_t i)
{
    uint32_t number = any_uint32();
    return i < RECORDS ? i : number < RECORDS ? RECORDS : number;
}

static void
look_at_records(size_t count, uint32_t number)
{
    fill(SECTION_RULES, count * sizeof(struct image_rule));
    look_at(image_rule(&image, number), sizeof(struct image_rule));
    fill(SECTION_BLOCKS, count * sizeof(struct image_block));
    look_at(image_block(&image, number), sizeof(struct image_block));
    fill(SECTION_WINDOWS, count * sizeof(struct image_window));
    look_at(image_window(&image, number), sizeof(struct image_window));
    fill(SECTION_CONNECTORS, count * sizeof(struct image_connector));
    look_at(image_connector(&image, number), sizeof(struct image_connector));
    fill(SECTION_DOMAINS, count * sizeof(struct image_domain));
    look_at(image_domain(&image, number), sizeof(struct image_domain));
    fill(SECTION_LISTS, count * sizeof(struct image_list));
    look_at(image_list(&image, number), sizeof(struct image_list));
    fill(SECTION_SLOTS, count * sizeof(uint32_t));
    image_slot(&image, number);
    fill(SECTION_FILES, count * sizeof(uint32_t));
    image_file(&image, number);
}

static void
look_at_numbers(size_t all, uint32_t first, uint32_t count)
{
    uint32_t behind;
    uint32_t *bytes = (void *)fill(SECTION_NUMBERS, all * sizeof *bytes);
    const uint32_t *numbers = image_numbers(&image, first, count);
    if (numbers)
        look_at(numbers, count * sizeof *numbers);
    if (first < all)
        bytes[first] = count;
    numbers = image_counted(&image, first, &behind);
    look_at(numbers, behind * sizeof *numbers);
}

static void
look_at_masks(size_t all, uint32_t first, uint32_t count)
{
    struct image_class class = {.first_mask = first, .mask_count = count};
    size_t size = all * sizeof(struct image_mask);
    struct masks masks = {NULL, 0};
    uint32_t extra;
    memcpy(fill(SECTION_MASKS, sizeof class + size), &class, sizeof class);
    header.sections[SECTION_CLASSES] = (struct image_section){0, sizeof class};
    header.sections[SECTION_MASKS] = (struct image_section){sizeof class, size};
    Frama_C_make_unknown((char *)&settings, sizeof settings);
    image_class(&image, ATTRIBUTE_SENDER, any_uint32(), &masks, &extra);
    look_at(masks.first, masks.count * sizeof *masks.first);
    image_special(&image, SPECIAL_NULL_SENDER, &masks, &extra);
    look_at(masks.first, masks.count * sizeof *masks.first);
}

static void
look_at_texts(size_t all, uint32_t first, uint32_t count)
{
    struct image_pattern pattern = {.source = first, .size = count};
    memcpy(fill(SECTION_STRINGS, sizeof pattern + all), &pattern,
           sizeof pattern);
    header.sections[SECTION_PATTERNS] =
        (struct image_section){0, sizeof pattern};
    header.sections[SECTION_STRINGS] =
        (struct image_section){sizeof pattern, all};
    struct text text = image_pattern(&image, 0);
    look_at(text.data, text.size);
    image_pattern(&image, any_uint32());
    look_at(image_string(&image, any_uint32()), 1);
}

int
main(void)
{
    static const uint32_t numbers[] = {0, 1, 2, 3, 4, UINT32_MAX};
    //@ loop unroll 4;
    for (size_t all = 0; all <= RECORDS; all++) {
        //@ loop unroll 4;
        for (uint32_t i = 0; i <= RECORDS; i++)
            look_at_records(all, number_of_record(i));
        //@ loop unroll 36;
        for (int i = 0; i < 36; i++) {
            look_at_numbers(all, numbers[i / 6], numbers[i % 6]);
            look_at_masks(all, numbers[i / 6], numbers[i % 6]);
            look_at_texts(all, numbers[i / 6], numbers[i % 6]);
        }
    }
    return 0;
}
