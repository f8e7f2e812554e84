/* Saving an image: a reader sees the old file or the new one, never a part. */
#ifndef MAYRELAY_IMAGE_SAVE_H
#define MAYRELAY_IMAGE_SAVE_H

#include "base/text.h"
#include "mayrelay/common.h"

/* As mayrelay_policy_save does, with these bytes. */
enum mayrelay_status image_save(struct text image, const char *path);

#endif
