/* The stamp: what the audit says of a policy, at the end of its image. */
#ifndef MAYRELAY_IMAGE_STAMP_H
#define MAYRELAY_IMAGE_STAMP_H

#include "base/buffer.h"
#include "image/image.h"

/* There is no stamp, or one that is as it was written, and of this policy.  Of
 * an image whose section table is right. */
bool stamp_is_whole(const struct image *image);
/* The image is stamped, and as closed. */
bool stamp_is_closed(const struct image *image);
/* The JSON object; NULL if there is no stamp. */
const char *stamp_text(const struct image *image);
/* Appends the image to an empty buffer, with this stamp in place of its own if
 * it has one. */
void stamp_write(struct buffer *out, const struct image *image, bool closed,
                 struct text about);

#endif
