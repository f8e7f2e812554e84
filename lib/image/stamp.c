#include "image/stamp.h"

#include <xxhash.h>

/* NULL if there is none. */
static const struct image_stamp *
stamp_of(const struct image *image)
{
    struct text bytes = image_section(image, SECTION_STAMP);
    return bytes.size ? (const void *)bytes.data : NULL;
}

static uint64_t
check_of(const void *stamp, size_t size)
{
    size_t head = sizeof((const struct image_stamp *)stamp)->check;
    return XXH3_64bits((const char *)stamp + head, size - head);
}

bool
stamp_is_whole(const struct image *image)
{
    struct text bytes = image_section(image, SECTION_STAMP);
    const struct image_stamp *stamp = stamp_of(image);
    return !stamp ||
           (bytes.size > sizeof *stamp && bytes.data[bytes.size - 1] == '\0' &&
            stamp->check == check_of(stamp, bytes.size) &&
            memcmp(stamp->digest, image->header->digest,
                   sizeof stamp->digest) == 0);
}

bool
stamp_is_closed(const struct image *image)
{
    const struct image_stamp *stamp = stamp_of(image);
    return stamp && stamp->closed == 1;
}

const char *
stamp_text(const struct image *image)
{
    const struct image_stamp *stamp = stamp_of(image);
    return stamp ? (const char *)(stamp + 1) : NULL;
}

static void
write_header(unsigned char *image, struct image_section stamp)
{
    struct image_header header;
    memcpy(&header, image, sizeof header);
    header.sections[SECTION_STAMP] = stamp;
    header.size = stamp.offset + stamp.size;
    header.header_check = 0;
    header.header_check = XXH3_64bits(&header, sizeof header);
    memcpy(image, &header, sizeof header);
}

void
stamp_write(struct buffer *out, const struct image *image, bool closed,
            struct text about)
{
    struct image_stamp stamp = {.closed = closed};
    struct image_section place = {
        .offset = image->header->sections[SECTION_STAMP].offset,
        .size = sizeof stamp + about.size + 1};
    memcpy(stamp.digest, image->header->digest, sizeof stamp.digest);
    buffer_add(out, image->data, (size_t)place.offset);
    buffer_add(out, &stamp, sizeof stamp);
    buffer_add(out, about.data, about.size);
    buffer_add(out, "", 1);
    if (out->failed)
        return;
    write_header(out->data, place);
    stamp.check = check_of(out->data + place.offset, (size_t)place.size);
    memcpy(out->data + place.offset, &stamp, sizeof stamp);
}
