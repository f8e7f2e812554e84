/* What leaves the command beside its results: complaints, and text from
 * outside, which is made printable so that no control character reaches a
 * terminal.  Memory that runs out ends the command (EX_SOFTWARE). */
#ifndef COMMAND_PRINT_H
#define COMMAND_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Need not end in NUL and may hold one; data is NULL where nothing is given. */
struct text {
    const char *data;
    size_t size;
};

struct text as_text(const char *string);

/* "mayrelay: ..." and a line end on standard error, made printable. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, for a command that was called wrongly: returns EX_USAGE. */
int usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whatever is not printable ASCII becomes '?', as in the library's replies. */
void print_printable(FILE *file, struct text text);
/* Every line of `text` behind four blanks. */
void print_indented(FILE *file, struct text text);
/* The file is a terminal that wants colour (https://no-color.org). */
bool wants_colour(FILE *file);

/* Room for the library's texts, which say how long they would like to be. */
struct page {
    char *data;
    size_t size, room;
};

/* After a call that needed `size` octets and a NUL: true if they were there,
 * else makes room for them, so that the call can be made again. */
bool page_holds(struct page *page, size_t size);
void page_free(struct page *page);

/* Ends the command. */
_Noreturn void out_of_memory(void);
/* realloc for `count` items that ends the command instead of returning NULL. */
void *grow(void *items, size_t count, size_t item_size);

#endif
