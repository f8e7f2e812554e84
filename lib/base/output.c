#include "base/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct output
output_to(char *data, size_t room)
{
    struct output out = {data, data ? room : 0, 0};
    if (out.room)
        data[0] = '\0';
    return out;
}

void
output_text(struct output *out, struct text text)
{
    if (out->size < out->room) {
        size_t left = out->room - out->size - 1;
        size_t fits = text.size < left ? text.size : left;
        if (fits)
            memcpy(out->data + out->size, text.data, fits);
        out->data[out->size + fits] = '\0';
    }
    out->size += text.size;
}

void
output_string(struct output *out, const char *string)
{
    output_text(out, text_of(string));
}

void
output_number(struct output *out, uint64_t number)
{
    char digits[20];
    if (number < 10) { /* most of them */
        output_byte(out, (char)('0' + number));
        return;
    }
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    output_text(out, (struct text){digits + at, sizeof digits - at});
}

void
output_format(struct output *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool open = out->size < out->room;
    int size = vsnprintf(open ? out->data + out->size : NULL,
                         open ? out->room - out->size : 0, format, args);
    va_end(args);
    if (size > 0)
        out->size += (size_t)size;
}

static size_t
printable_run(struct text text)
{
    size_t size = 0;
    while (size < text.size && (unsigned char)(text.data[size] - ' ') < 0x5f)
        size++;
    return size;
}

void
output_printable(struct output *out, struct text text)
{
    if (text_is_printable(text)) { /* as nearly all is */
        output_text(out, text);
        return;
    }
    while (text.size) {
        size_t run = printable_run(text);
        output_text(out, text_slice(text, 0, run));
        if (run < text.size)
            output_byte(out, '?');
        text = text_from(text, run + 1);
    }
}

struct text
output_written(const struct output *out)
{
    size_t fits = out->room ? out->room - 1 : 0;
    return (struct text){out->data, out->size < fits ? out->size : fits};
}
