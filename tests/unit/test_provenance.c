#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "image/format.h"
#include "image/provenance.h"
#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What is written in a policy, on which line of which file. */
static const struct {
    enum entry_kind kind;
    uint32_t file, line;
    const char *text;
} WRITTEN[] = {
    {ENTRY_RANGE, 0, 1, "192.0.2.7"},
    {ENTRY_RANGE, 0, 1, "10.0.0.0/8"},
    {ENTRY_RANGE, 0, 16, "0.0.0.0/0"},
    {ENTRY_RANGE, 0, 3, "10.0.0.1-10.0.0.77"},
    {ENTRY_RANGE, 2, 1, "0.0.0.0-255.255.255.254"},
    {ENTRY_RANGE, 2, UINT32_MAX, "2001:db8::1"},
    {ENTRY_RANGE, 2, 1, "2001:db8::/32"},
    {ENTRY_RANGE, 2, 0, "::/0"},
    {ENTRY_RANGE, 1, 14, "2001:db8::1-2001:db8::ffff:0"},
    {ENTRY_RANGE, 1, 28, "8000::/1"},
    {ENTRY_RANGE, 1, 42, "2001:db8::/64"},
    {ENTRY_RANGE, 1, 42, "2001:db8::/65"},
    {ENTRY_NAME, 1, 57, "example.com"},
    {ENTRY_BELOW, 1, 58, "example.com"},
    {ENTRY_MAILBOX, 1, 59, "user@example.com"},
    {ENTRY_LOCAL_PART, 1, 60, "user"},
    {ENTRY_NULL_SENDER, 1, 61, ""},
    {ENTRY_PATTERN, 1, 62, "a.*b"},
    {ENTRY_IDENTITY, 1, 63, "steven"},
    {ENTRY_GROUP, 70000, 64, "staff"},
    {ENTRY_ENDPOINT, 70000, 200, "192.0.2.25:25"},
    {ENTRY_ENDPOINT, 70000, 200, "*:25"},
    {ENTRY_FINGERPRINT, 0, 7, "0123456789abcdef0123456789abcdef"},
};

static struct entry
entry_of(size_t i)
{
    struct entry entry = {.kind = WRITTEN[i].kind,
                          .source = {WRITTEN[i].file, WRITTEN[i].line, 5},
                          .text = text_of(WRITTEN[i].text)};
    if (entry.kind == ENTRY_RANGE)
        ck_assert_int_eq(range_parse(entry.text, &entry.range), RANGE_OK);
    if (entry.kind == ENTRY_ENDPOINT)
        ck_assert(endpoint_parse(entry.text, &entry.endpoint));
    return entry;
}

static void
write_all(struct buffer *out)
{
    struct entry entries[COUNT(WRITTEN)];
    for (size_t i = 0; i < COUNT(WRITTEN); i++)
        entries[i] = entry_of(i);
    provenance_write(out, entries, COUNT(WRITTEN));
    ck_assert(!out->failed);
}

static uint64_t
hash_of(const struct entry *entry)
{
    char key[ENDPOINT_KEY_SIZE];
    return provenance_hash(entry->kind == ENTRY_ENDPOINT
                               ? endpoint_key(entry->endpoint, key)
                               : entry->text);
}

START_TEST(every_entry_is_read_back)
{
    struct buffer out = {0};
    struct provenance_item item;
    write_all(&out);
    struct provenance stream = provenance_of(out.data, out.size);
    for (size_t i = 0; i < COUNT(WRITTEN); i++) {
        struct entry entry = entry_of(i);
        ck_assert_msg(provenance_next(&stream, &item), "entry %zu", i);
        ck_assert_int_eq(item.kind, entry.kind);
        ck_assert_uint_eq(item.file, entry.source.file);
        ck_assert_uint_eq(item.line, entry.source.line);
        if (entry.kind == ENTRY_RANGE)
            ck_assert(range_equal(item.range, entry.range));
        else
            ck_assert_uint_eq(item.hash, hash_of(&entry));
    }
    ck_assert(!provenance_next(&stream, &item));
    buffer_clear(&out);
}
END_TEST

START_TEST(no_entries_are_no_bytes)
{
    struct buffer out = {0};
    struct provenance_item item;
    provenance_write(&out, NULL, 0);
    ck_assert_uint_eq(out.size, 0);
    struct provenance stream = provenance_of(out.data, out.size);
    ck_assert(!provenance_next(&stream, &item));
    buffer_clear(&out);
}
END_TEST

/* It ends, and never gives more items than there are bytes. */
static void
read_damaged(const void *data, size_t size)
{
    struct provenance stream = provenance_of(data, size);
    struct provenance_item item;
    size_t count = 0;
    while (provenance_next(&stream, &item)) {
        ck_assert_int_le(item.kind, ENTRY_FINGERPRINT);
        count++;
    }
    if (count > size)
        ck_abort_msg("%zu entries in %zu bytes", count, size);
}

START_TEST(damaged_streams_end)
{
    struct buffer out = {0};
    write_all(&out);
    damage_each(&out, out.size, 20000, read_damaged);
    buffer_clear(&out);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("provenance");
    TCase *tcase = tcase_create("provenance");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_entry_is_read_back);
    tcase_add_test(tcase, no_entries_are_no_bytes);
    tcase_add_test(tcase, damaged_streams_end);
    suite_add_tcase(suite, tcase);
    return suite;
}
