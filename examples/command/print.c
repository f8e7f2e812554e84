#include "print.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct text
as_text(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

void
print_printable(FILE *file, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        putc(c >= ' ' && c <= '~' ? c : '?', file);
    }
}

void
print_indented(FILE *file, struct text text)
{
    while (text.size) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        fputs("    ", file);
        print_printable(file, (struct text){text.data, size});
        putc('\n', file);
        size += end != NULL;
        text = (struct text){text.data + size, text.size - size};
    }
}

static void
complain_list(const char *prefix, const char *format, va_list args)
{
    char line[2000];
    vsnprintf(line, sizeof line, format, args);
    fputs("mayrelay: ", stderr);
    if (prefix)
        fprintf(stderr, "%s: ", prefix);
    print_printable(stderr, as_text(line));
    putc('\n', stderr);
}

void
complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain_list(NULL, format, args);
    va_end(args);
}

int
usage_error(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain_list(command, format, args);
    va_end(args);
    fprintf(stderr, "Try 'mayrelay %s --help'.\n", command);
    return EX_USAGE;
}

bool
wants_colour(FILE *file)
{
    const char *refused = getenv("NO_COLOR");
    return isatty(fileno(file)) && !(refused && *refused);
}

void
out_of_memory(void)
{
    complain("out of memory");
    exit(EX_SOFTWARE);
}

void *
grow(void *items, size_t count, size_t item_size)
{
    void *grown =
        count > SIZE_MAX / item_size ? NULL : realloc(items, count * item_size);
    if (!grown)
        out_of_memory();
    return grown;
}

bool
page_holds(struct page *page, size_t size)
{
    if (size < page->room) {
        page->size = size;
        return true;
    }
    page->room = size + 1;
    page->data = grow(page->data, page->room, 1);
    page->data[0] = '\0';
    return false;
}

void
page_free(struct page *page)
{
    free(page->data);
    *page = (struct page){0};
}
