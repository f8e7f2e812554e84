/* Where list entries stand: so that a decision can name the line that made it.
 *
 * A stream of a few bytes per entry, in file order, read only when somebody
 * asks why: ranges as they are, texts as 48 bits of hash (whoever asks knows
 * the text and looks for its line). */
#ifndef MAYRELAY_IMAGE_PROVENANCE_H
#define MAYRELAY_IMAGE_PROVENANCE_H

#include "base/buffer.h"
#include "image/image.h"
#include "policy/model.h"

struct provenance_item {
    enum entry_kind kind;
    uint32_t file, line;
    struct range range; /* of ENTRY_RANGE */
    uint64_t hash;      /* of every other kind: provenance_hash of its text */
};

/* Appends the entries of a list. */
void provenance_write(struct buffer *out, const struct entry *entries,
                      size_t count);

struct provenance {
    const unsigned char *at, *end;
    uint32_t file, line;
};

struct provenance provenance_of(const void *data, size_t size);
/* The entries of a list of the image's; none if it is damaged. */
struct provenance provenance_of_list(const struct image *image, uint32_t list);
/* The next entry; false at the end, and at bytes that are damaged. */
bool provenance_next(struct provenance *stream, struct provenance_item *item);
uint64_t provenance_hash(struct text text);
/* The bytes that stand for an endpoint, in sets and here. */
struct text endpoint_key(struct endpoint endpoint, char *out);

#endif
