#include "arguments.h"

#include <stdlib.h>
#include <string.h>

static const char BARE[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789@%+=:,./_-";

static bool
is_printable(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < ' ' || text.data[i] > '~')
            return false;
    return true;
}

/* As bash, ksh and POSIX.1-2024 read it. */
static void
put_escaped(FILE *file, struct text text)
{
    fputs("$'", file);
    for (size_t i = 0; i < text.size; i++) {
        struct text octet = {text.data + i, 1};
        if (!is_printable(octet))
            fprintf(file, "\\%03o", (unsigned char)*octet.data);
        else
            fprintf(file, strchr("\\'", *octet.data) ? "\\%c" : "%c",
                    *octet.data);
    }
    putc('\'', file);
}

static void
put_quoted(FILE *file, struct text text)
{
    putc('\'', file);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '\'')
            fputs("'\\''", file);
        else
            putc(text.data[i], file);
    putc('\'', file);
}

static void
put_word(FILE *file, struct text text)
{
    if (!is_printable(text))
        put_escaped(file, text);
    else if (text.size && strspn(text.data, BARE) >= text.size)
        fwrite(text.data, 1, text.size, file);
    else
        put_quoted(file, text);
}

static void
put_option(FILE *file, const char *name, struct text value)
{
    if (!value.data)
        return;
    fprintf(file, " %s ", name);
    put_word(file, value);
}

/* `name` is of one member; one letter more, of the whole list. */
static void
put_list(FILE *file, const char *name, const struct text_list *list)
{
    if (list->looked_up == LOOKED_UP_NOT)
        return;
    if (list->looked_up == LOOKED_UP_FAILED || !list->count)
        fprintf(file, " %ss %s", name,
                list->looked_up == LOOKED_UP_FAILED ? "tempfail" : "none");
    else
        for (size_t i = 0; i < list->count; i++)
            put_option(file, name, list->items[i]);
}

static void
put_existence(FILE *file, enum existence existence)
{
    switch (existence) {
    case EXISTENCE_UNKNOWN: break;
    case EXISTENCE_YES: fputs(" --recipient-exists yes", file); break;
    case EXISTENCE_NO: fputs(" --recipient-exists no", file); break;
    case EXISTENCE_FAILED: fputs(" --recipient-exists tempfail", file); break;
    }
}

static void
put_facts(FILE *file, const struct facts *facts)
{
    put_option(file, "--client", facts->client);
    put_list(file, "--client-name", &facts->client_names);
    put_option(file, "--listener", facts->listener);
    if (facts->tls && !facts->certificate.data)
        fputs(" --tls", file);
    put_option(file, "--certificate", facts->certificate);
    put_option(file, "--identity", facts->identity);
    put_list(file, "--group", &facts->groups);
    put_option(file, "--sender", facts->sender);
    put_option(file, "--recipient", facts->recipient);
    put_existence(file, facts->recipient_exists);
}

static bool
has_nul(struct text text)
{
    return text.size && memchr(text.data, '\0', text.size);
}

static bool
list_has_nul(const struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (has_nul(list->items[i]))
            return true;
    return false;
}

char *
arguments_from_facts(const struct facts *facts)
{
    if (has_nul(facts->client) || has_nul(facts->listener) ||
        has_nul(facts->certificate) || has_nul(facts->identity) ||
        has_nul(facts->sender) || has_nul(facts->recipient) ||
        list_has_nul(&facts->client_names) || list_has_nul(&facts->groups))
        return NULL;
    char *arguments = NULL;
    size_t size;
    FILE *file = open_memstream(&arguments, &size);
    bool failed = !file;
    if (file) {
        put_facts(file, facts);
        failed = ferror(file) != 0;
        failed |= fclose(file) != 0;
    }
    if (failed)
        out_of_memory();
    return arguments;
}
