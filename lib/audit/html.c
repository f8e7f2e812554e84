#include "audit/html.h"

/* Controls, and marks by which text seems to be what it is not. */
static bool
is_hidden(uint32_t code)
{
    return (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0) ||
           (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0xad;
}

/* The file is ASCII alone, so that no reader can take it for anything else. */
static void
write_code_point(struct output *out, uint32_t code)
{
    if (is_hidden(code))
        code = 0xfffd;
    if (code >= 0x80 || code == '&' || code == '<' || code == '>' ||
        code == '"' || code == '\'')
        output_format(out, "&#%u;", (unsigned)code);
    else
        output_byte(out, (char)code);
}

void
html_text(struct output *out, struct text text)
{
    while (text.size)
        write_code_point(out, text_take_code_point(&text));
}

void
html_string(struct output *out, const char *string)
{
    html_text(out, text_of(string ? string : ""));
}

void
html_number(struct output *out, uint64_t number)
{
    if (number < 1000) {
        output_number(out, number);
        return;
    }
    html_number(out, number / 1000);
    output_format(out, ",%03u", (unsigned)(number % 1000));
}
