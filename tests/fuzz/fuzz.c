#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

bool
is_printable_line(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

bool
is_printable_string(const char *text)
{
    return is_printable_line(text, strlen(text));
}

bool
is_printable_page(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
            return false;
    return true;
}

uint8_t
input_byte(struct input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

uint32_t
input_number(struct input *input, unsigned octets)
{
    uint32_t number = 0;
    while (octets-- > 0)
        number = number << 8 | input_byte(input);
    return number;
}

struct input
input_part(struct input *input, size_t size)
{
    struct input part = {input->data, size < input->size ? size : input->size};
    if (part.size > 0)
        input->data += part.size;
    input->size -= part.size;
    return part;
}

static char *
exact_copy(struct input part, size_t *size)
{
    char *copy = malloc(part.size ? part.size : 1);
    if (!copy)
        abort();
    if (part.size > 0)
        memcpy(copy, part.data, part.size);
    *size = part.size;
    return copy;
}

char *
input_text(struct input *input, size_t *size)
{
    return exact_copy(input_part(input, input_byte(input)), size);
}

char *
input_rest(struct input *input, size_t *size)
{
    return exact_copy(input_part(input, input->size), size);
}
