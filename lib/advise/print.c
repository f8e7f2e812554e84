/* An advice as people and programs read it. */
#include "advise/advice.h"
#include "base/json.h"

/* The lines of the patch that say what is taken and what comes, and where. */
static void
write_patch(struct output *out, const char *patch)
{
    struct text rest = text_of(patch);
    struct text line;
    while (text_split(&rest, '\n', &line)) {
        if (text_starts(line, TEXT("--- ")) || text_starts(line, TEXT("@@ ")) ||
            text_starts(line, TEXT("\\")))
            continue;
        if (text_starts(line, TEXT("+++ ")))
            continue;
        output_string(out, "       ");
        output_printable(out, line);
        output_byte(out, '\n');
    }
}

static void
write_edit(struct output *out, const struct advised *edit, size_t number)
{
    output_format(out, "  %zu. %s (", number, edit->text);
    output_printable(out, text_of(edit->file));
    output_format(out, ":%u)\n", edit->line);
    if (edit->patch)
        write_patch(out, edit->patch);
    if (edit->rule)
        output_format(out, "     then granted by %s\n", edit->rule);
    output_format(out, "     %s\n", edit->radius);
    if (edit->warning)
        output_format(out, "     WARNING: %s\n", edit->warning);
}

size_t
mayrelay_advice_to_text(const mayrelay_advice *advice, char *buffer,
                        size_t size)
{
    struct output out = output_to(buffer, size);
    if (!advice)
        return 0;
    if (advice->count)
        output_string(&out, "to have it accepted, one of:\n");
    for (size_t i = 0; i < advice->count; i++)
        write_edit(&out, &advice->edits[i], i + 1);
    if (advice->note)
        output_format(&out, "%s: %s\n",
                      advice->count ? "note" : "nothing to edit", advice->note);
    return out.size;
}

static void
member(struct json *json, const char *key, const char *value)
{
    json_key(json, key);
    json_string(json, value);
}

size_t
mayrelay_advice_to_json(const mayrelay_advice *advice, char *buffer,
                        size_t size)
{
    struct output out = output_to(buffer, size);
    struct json json = json_to(&out);
    json_open_object(&json);
    member(&json, "note", mayrelay_advice_get_note(advice));
    json_key(&json, "edits");
    json_open_array(&json);
    for (size_t i = 0; i < mayrelay_advice_count(advice); i++) {
        const struct advised *edit = &advice->edits[i];
        json_open_object(&json);
        member(&json, "text", edit->text);
        member(&json, "file", edit->file);
        json_key(&json, "line");
        json_number(&json, edit->line);
        member(&json, "patch", edit->patch);
        member(&json, "rule", edit->rule);
        member(&json, "radius", edit->radius);
        member(&json, "warning", edit->warning);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_close_object(&json);
    return out.size;
}
