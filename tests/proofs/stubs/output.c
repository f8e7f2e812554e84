/* lib/base/output.c as seen by a proof: it reads what it is given, and what it
 * has written so far may have any size. */
#include "base/output.h"

#include "eva.h"

static volatile char seen;

struct output
output_to(char *data, size_t room)
{
    return (struct output){data, room, 0};
}

void
output_text(struct output *out, struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        seen = text.data[i];
    out->size = any_uint32();
}

void
output_string(struct output *out, const char *string)
{
    while (*string)
        seen = *string++;
    out->size = any_uint32();
}

void
output_number(struct output *out, uint64_t number)
{
    seen = (char)number;
    out->size = any_uint32();
}
