#include "elements.h"

#include <string.h>

#include "fuzz.h"

/* -- printing ------------------------------------------------------------- */

static const char *
built_in_name(enum element_kind kind)
{
    switch (kind) {
    case ELEMENT_ALL: return "$all";
    case ELEMENT_LOOPBACK: return "$loopback";
    case ELEMENT_PRIVATE: return "$private";
    case ELEMENT_LINK_LOCAL: return "$link-local";
    case ELEMENT_INBOUND: return "$inbound";
    case ELEMENT_ALWAYS_RELAY: return "$always-relay";
    case ELEMENT_ENTRY:
    case ELEMENT_LIST:
    case ELEMENT_FILE: break;
    }
    return "";
}

static void
write_between(struct output *out, const char *before, struct text text,
              const char *behind)
{
    output_string(out, before);
    output_text(out, text);
    output_string(out, behind);
}

static void
write_hex(struct output *out, struct text octets)
{
    for (size_t i = 0; i < octets.size; i++)
        output_format(out, "%02x", (unsigned char)octets.data[i]);
}

/* "$x" would be a list and "not" an exclusion, so they stand in quotes. */
static void
write_mailbox(struct output *out, struct text text, const char *behind)
{
    size_t at = text_find_last(text, '@');
    bool quoted = text_starts(text, TEXT("$")) || text_equal(text, TEXT("not"));
    output_string(out, quoted ? "\"" : "");
    output_text(out, text_slice(text, 0, at));
    output_string(out, quoted ? "\"" : "");
    output_text(out, text_from(text, at));
    output_string(out, behind);
}

static void
write_entry(struct output *out, const struct entry *entry,
            enum entry_place where)
{
    bool bare = where == PLACE_MAILBOXES;
    switch (entry->kind) {
    case ENTRY_RANGE: range_write(out, entry->range); break;
    case ENTRY_ENDPOINT: endpoint_write(out, entry->endpoint); break;
    case ENTRY_FINGERPRINT: write_hex(out, entry->text); break;
    case ENTRY_BELOW: write_between(out, ".", entry->text, ""); break;
    case ENTRY_PATTERN: write_between(out, "/", entry->text, "/"); break;
    case ENTRY_LOCAL_PART:
        write_mailbox(out, entry->text, bare ? "" : "@");
        break;
    case ENTRY_MAILBOX: write_mailbox(out, entry->text, ""); break;
    case ENTRY_NAME:
    case ENTRY_NULL_SENDER:
    case ENTRY_IDENTITY:
    case ENTRY_GROUP: output_text(out, entry->text); break;
    }
}

void
element_write(struct output *out, const struct element *element,
              enum entry_place where)
{
    output_string(out, element->exclude ? "not " : "");
    switch (element->kind) {
    case ELEMENT_ENTRY: write_entry(out, &element->entry, where); break;
    case ELEMENT_LIST: write_between(out, "$", element->name, ""); break;
    case ELEMENT_FILE: write_between(out, "file:", element->name, ""); break;
    case ELEMENT_ALL:
    case ELEMENT_LOOPBACK:
    case ELEMENT_PRIVATE:
    case ELEMENT_LINK_LOCAL:
    case ELEMENT_INBOUND:
    case ELEMENT_ALWAYS_RELAY:
        output_string(out, built_in_name(element->kind));
        break;
    }
}

/* -- judging -------------------------------------------------------------- */

static bool
entries_equal(const struct entry *a, const struct entry *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == ENTRY_RANGE)
        return range_equal(a->range, b->range);
    if (a->kind == ENTRY_ENDPOINT)
        return a->endpoint.port == b->endpoint.port &&
               address_equal(a->endpoint.address, b->endpoint.address);
    return text_equal(a->text, b->text);
}

static bool
elements_equal(const struct element *a, const struct element *b)
{
    return a->kind == b->kind && a->exclude == b->exclude &&
           text_equal(a->name, b->name) &&
           (a->kind != ELEMENT_ENTRY || entries_equal(&a->entry, &b->entry));
}

static void
check_texts(const struct element *element)
{
    struct text text =
        element->kind == ELEMENT_ENTRY ? element->entry.text : element->name;
    if (element->kind == ELEMENT_ENTRY &&
        element->entry.kind == ENTRY_FINGERPRINT) {
        REQUIRE(text.size == 32);
        return;
    }
    REQUIRE(text_is_utf8(text) && !text_has_control(text));
}

/* An A-label may be longer than what it stands for, beyond any entry. */
enum {
    PRINTED_MOST = 1024
};

/* Superscript digits become plain ones, which look like an address, and a host
 * "not." is one before its final dot is gone. */
static bool
is_name_written_otherwise(const struct element *element)
{
    const struct text text = element->entry.text;
    return element->kind == ELEMENT_ENTRY &&
           element->entry.kind == ENTRY_NAME &&
           (text_equal(text, TEXT("not")) ||
            strspn(text.data, "0123456789.-") == text.size);
}

static void
check_reading(const struct element *element, enum entry_place where,
              bool in_file, struct arena *arena)
{
    char printed[2 * 4096];
    struct source source = element->entry.source;
    struct element again;
    struct output out = output_to(printed, sizeof printed);
    element_write(&out, element, where);
    REQUIRE(out.size < sizeof printed);
    if (out.size > PRINTED_MOST || is_name_written_otherwise(element))
        return;
    REQUIRE(element_parse(output_written(&out), where, in_file, source,
                          (struct place){0}, arena, NULL, &again));
    REQUIRE(elements_equal(element, &again));
}

void
element_check(const struct element *element, bool accepted,
              enum entry_place where, bool in_file, struct arena *arena,
              const struct mayrelay_report *report)
{
    if (report) {
        REQUIRE(report_failed(report) == !accepted);
        report_check(report);
    }
    if (!accepted)
        return;
    if (in_file)
        REQUIRE(element->kind == ELEMENT_ENTRY && !element->exclude &&
                element->entry.kind != ENTRY_PATTERN);
    check_texts(element);
    check_reading(element, where, in_file, arena);
}

void
report_check(const struct mayrelay_report *report)
{
    char page[4096];
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        const char *hint = mayrelay_report_get_hint(report, i);
        const char *file = mayrelay_report_get_file(report, i);
        REQUIRE(mayrelay_report_get_text(report, i)[0] != '\0');
        REQUIRE(is_printable_string(mayrelay_report_get_text(report, i)));
        REQUIRE(!hint || is_printable_string(hint));
        REQUIRE(!file || is_printable_string(file));
        mayrelay_report_to_text(report, i, page, sizeof page);
        REQUIRE(is_printable_page(page, strlen(page)));
    }
}
