/* What the fuzz targets share.
 *
 * A target takes any bytes and must say more than "it did not crash": what
 * must hold stands in REQUIRE, which ends the program.  With libFuzzer its
 * main() calls the target, without it that of replay.c. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                     \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* Printable ASCII throughout: no control character, no line end. */
bool is_printable_line(const char *text, size_t size);
/* The same of a text that ends in NUL. */
bool is_printable_string(const char *text);
/* Printable ASCII and line ends. */
bool is_printable_page(const char *text, size_t size);

/* The input, taken from its front; what is no longer there is 0 or empty. */
struct input {
    const uint8_t *data;
    size_t size;
};

uint8_t input_byte(struct input *input);
uint32_t input_number(struct input *input, unsigned octets);
/* Up to `size` octets, borrowed. */
struct input input_part(struct input *input, size_t size);
/* The same, behind one octet that says how many; the copy of exactly that
 * size, to be freed, lets a sanitizer see the first octet read behind it. */
char *input_text(struct input *input, size_t *size);
/* The rest as such a copy. */
char *input_rest(struct input *input, size_t *size);

#endif
