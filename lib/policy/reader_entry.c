#include "policy/reader_entry.h"

const enum list_use LIST_USE_AT[PLACE_COUNT] = {
    [PLACE_CLIENTS] = LIST_CLIENTS,
    [PLACE_CONNECTOR_CLIENTS] = LIST_CLIENTS,
    [PLACE_LITERALS] = LIST_CLIENTS,
    [PLACE_LISTENERS] = LIST_LISTENERS,
    [PLACE_USERS] = LIST_USERS,
    [PLACE_GROUP] = LIST_USERS,
    [PLACE_OWNER] = LIST_USERS,
    [PLACE_OWNER_KEY] = LIST_MAIL,
    [PLACE_SENDERS] = LIST_MAIL,
    [PLACE_RECIPIENTS] = LIST_MAIL,
    [PLACE_DOMAINS] = LIST_MAIL,
    [PLACE_MAILBOXES] = LIST_MAILBOXES,
    [PLACE_CERTIFICATES] = LIST_CERTIFICATES,
    [PLACE_ANONYMOUS] = LIST_USERS,
};

/* Where a wrong entry stands, and as what it was judged. */
struct mistake {
    uint32_t file, line, column, use;
};

static struct text
key_of(const struct mistake *mistake)
{
    return (struct text){(const char *)mistake, sizeof *mistake};
}

static void
remember(struct reader *reader, const struct mistake *mistake)
{
    struct text key = reader_copy(reader, key_of(mistake));
    reader_index(reader, &reader->mistakes, key, 0, NULL);
}

bool
entry_read(struct reader *reader, struct text text, enum entry_place where,
           bool in_file, struct source source, struct element *element)
{
    struct mistake here = {source.file, source.line, source.column,
                           LIST_USE_AT[where]};
    uint32_t ignored;
    bool known = text_map_find(&reader->mistakes, key_of(&here), &ignored);
    if (element_parse(text, where, in_file, source,
                      model_place(reader->model, source), &reader->model->arena,
                      known ? NULL : reader->report, element))
        return true;
    if (!known)
        remember(reader, &here);
    return false;
}
