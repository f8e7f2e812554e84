#include "facts_json.h"

#include <stdarg.h>
#include <string.h>

#include "spelling.h"

/* Takes a value over; NULL, or the type that was expected. */
typedef const char *reader(struct facts *facts, const json_t *value);

static const char *
read_text(struct text *text, const json_t *value)
{
    if (!json_is_string(value))
        return "a string";
    text->data = json_string_value(value);
    text->size = json_string_length(value);
    return NULL;
}

static const char *
read_text_or_null(struct text *text, const json_t *value)
{
    if (json_is_null(value))
        return NULL;
    return read_text(text, value) ? "a string or null" : NULL;
}

static bool
is_tempfail(const json_t *value)
{
    static const char tempfail[] = "tempfail";
    struct text text;
    return !read_text(&text, value) && text.size == sizeof tempfail - 1 &&
           memcmp(text.data, tempfail, text.size) == 0;
}

static const char *
read_list(struct text_list *list, const json_t *value)
{
    static const char expected[] = "a list of strings or \"tempfail\"";
    if (is_tempfail(value)) {
        list->looked_up = LOOKED_UP_FAILED;
        return NULL;
    }
    if (!json_is_array(value))
        return expected;
    list->looked_up = LOOKED_UP_KNOWN;
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct text text;
        if (read_text(&text, json_array_get(value, i)))
            return expected;
        text_list_add(list, text);
    }
    return NULL;
}

static const char *
read_id(struct facts *facts, const json_t *value)
{
    (void)facts;
    (void)value;
    return NULL;
}

static const char *
read_client(struct facts *facts, const json_t *value)
{
    return read_text(&facts->client, value);
}

static const char *
read_listener(struct facts *facts, const json_t *value)
{
    return read_text(&facts->listener, value);
}

static const char *
read_client_names(struct facts *facts, const json_t *value)
{
    return read_list(&facts->client_names, value);
}

static const char *
read_tls(struct facts *facts, const json_t *value)
{
    facts->tls = json_is_true(value);
    return json_is_boolean(value) ? NULL : "true or false";
}

static const char *
read_certificate(struct facts *facts, const json_t *value)
{
    return read_text_or_null(&facts->certificate, value);
}

static const char *
read_identity(struct facts *facts, const json_t *value)
{
    return read_text_or_null(&facts->identity, value);
}

static const char *
read_groups(struct facts *facts, const json_t *value)
{
    return read_list(&facts->groups, value);
}

static const char *
read_sender(struct facts *facts, const json_t *value)
{
    return read_text(&facts->sender, value);
}

static const char *
read_recipient(struct facts *facts, const json_t *value)
{
    return read_text(&facts->recipient, value);
}

static const char *
read_recipient_exists(struct facts *facts, const json_t *value)
{
    if (is_tempfail(value))
        facts->recipient_exists = EXISTENCE_FAILED;
    else if (json_is_boolean(value))
        facts->recipient_exists =
            json_is_true(value) ? EXISTENCE_YES : EXISTENCE_NO;
    else
        return "true, false or \"tempfail\"";
    return NULL;
}

static const struct {
    const char *name;
    reader *read;
} KEYS[] = {
    {"id", read_id},
    {"client", read_client},
    {"listener", read_listener},
    {"client_names", read_client_names},
    {"tls", read_tls},
    {"certificate", read_certificate},
    {"identity", read_identity},
    {"groups", read_groups},
    {"sender", read_sender},
    {"recipient", read_recipient},
    {"recipient_exists", read_recipient_exists},
};

enum {
    KEY_COUNT = sizeof KEYS / sizeof *KEYS
};

void
line_error_set(struct line_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
}

json_t *
facts_json_parse(struct text line, struct line_error *error)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    json_error_t problem;
    json_t *object = json_loadb(line.data, line.size, flags, &problem);
    /* Beyond 64 bits an id's integer is echoed as far as a double goes. */
    if (!object && json_error_code(&problem) == json_error_numeric_overflow)
        object = json_loadb(line.data, line.size,
                            flags | JSON_DECODE_INT_AS_REAL, &problem);
    if (json_is_object(object))
        return object;
    if (object)
        line_error_set(error, "not a JSON object");
    else
        line_error_set(error, "not valid JSON: %s at column %d", problem.text,
                       problem.column);
    json_decref(object);
    return NULL;
}

static void
say_unknown_key(struct line_error *error, const char *key)
{
    struct spelling spelling = spelling_of(key);
    for (size_t i = 0; i < KEY_COUNT; i++)
        spelling_offer(&spelling, KEYS[i].name);
    if (spelling.name)
        line_error_set(error, "unknown key \"%.60s\"; did you mean \"%s\"?",
                       key, spelling.name);
    else
        line_error_set(error, "unknown key \"%.60s\"", key);
}

static reader *
reader_of(const char *key)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(KEYS[i].name, key) == 0)
            return KEYS[i].read;
    return NULL;
}

const char *
facts_json_key(size_t index)
{
    return index < KEY_COUNT ? KEYS[index].name : NULL;
}

bool
facts_json_has_key(const char *key)
{
    return reader_of(key) != NULL;
}

bool
facts_from_json(struct facts *facts, const json_t *object,
                struct line_error *error)
{
    /* jansson's iterators want an object that might be written to, but these
     * calls do not write. */
    json_t *walked = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(walked); at;
         at = json_object_iter_next(walked, at)) {
        const char *key = json_object_iter_key(at);
        reader *read = reader_of(key);
        if (!read) {
            say_unknown_key(error, key);
            return false;
        }
        const char *expected = read(facts, json_object_iter_value(at));
        if (expected) {
            line_error_set(error, "%s: expected %s", key, expected);
            return false;
        }
    }
    return true;
}

void
print_json(FILE *file, const json_t *value, struct page *page)
{
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY;
    if (!value) {
        fputs("null", file);
        return;
    }
    while (!page_holds(page, json_dumpb(value, page->data, page->room, flags)))
        continue;
    if (page->size == 0) /* no value is so short */
        out_of_memory();
    /* DEL is the one control character that JSON leaves as it is. */
    struct text rest = {page->data, page->size};
    const char *del;
    while ((del = memchr(rest.data, '\177', rest.size))) {
        size_t size = (size_t)(del - rest.data);
        fwrite(rest.data, 1, size, file);
        fputs("\\u007f", file);
        rest = (struct text){del + 1, rest.size - size - 1};
    }
    fwrite(rest.data, 1, rest.size, file);
}

void
print_json_line(json_t *object)
{
    struct page page = {0};
    if (!object)
        out_of_memory();
    print_json(stdout, object, &page);
    putchar('\n');
    json_decref(object);
    page_free(&page);
}
