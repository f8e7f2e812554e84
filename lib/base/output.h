/* Text written into memory of the caller's, as snprintf does: what does not
 * fit is counted but not written, and the text always ends in NUL. */
#ifndef MAYRELAY_BASE_OUTPUT_H
#define MAYRELAY_BASE_OUTPUT_H

#include "base/text.h"

struct output {
    char *data;  /* NULL if room is 0 */
    size_t room; /* with the NUL */
    size_t size; /* what was asked for, without the NUL */
};

struct output output_to(char *data, size_t room);
void output_text(struct output *out, struct text text);
void output_string(struct output *out, const char *string);
void output_number(struct output *out, uint64_t number);
void output_format(struct output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* As text, but what is not printable ASCII becomes '?': no control character
 * and no line end can leave the library this way. */
void output_printable(struct output *out, struct text text);
/* What was written, as far as it fitted. */
struct text output_written(const struct output *out);

static inline void
output_byte(struct output *out, char byte)
{
    if (out->room > 1 && out->size < out->room - 1) {
        out->data[out->size] = byte;
        out->data[out->size + 1] = '\0';
    }
    out->size++;
}

#endif
