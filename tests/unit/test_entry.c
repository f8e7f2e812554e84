#include "policy/entry.h"

#include <string.h>

#include "base/output.h"
#include "suite.h"

static struct arena arena;
static struct mayrelay_report *report;
static struct element element;

static void
set_up(void)
{
    report = report_new();
    ck_assert_ptr_nonnull(report);
}

static void
tear_down(void)
{
    mayrelay_report_free(report);
    arena_clear(&arena);
}

static bool
parse(struct text text, enum entry_place where, bool in_file)
{
    struct source source = {3, 7, 9};
    struct place place = {"policy.yaml", 7, 9};
    return element_parse(text, where, in_file, source, place, &arena, report,
                         &element);
}

/* What was read, in words: "range 10.0.0.0/8", "not list drop". */
static struct text
described(char *data, size_t size)
{
    static const char *const elements[] = {
        "",        "list",       "file",    "all",         "loopback",
        "private", "link-local", "inbound", "always-relay"};
    static const char *const entries[] = {
        "range ", "name ",     "below ", "mailbox ",  "local ",      "null ",
        "/",      "identity ", "group ", "endpoint ", "fingerprint "};
    struct output out = output_to(data, size);
    output_string(&out, element.exclude ? "not " : "");
    output_string(&out, elements[element.kind]);
    if (element.kind == ELEMENT_ENTRY) {
        output_string(&out, entries[element.entry.kind]);
        if (element.entry.kind == ENTRY_RANGE)
            range_write(&out, element.entry.range);
        else if (element.entry.kind == ENTRY_ENDPOINT)
            endpoint_write(&out, element.entry.endpoint);
        else
            output_text(&out, element.entry.text);
    } else if (element.name.size) {
        output_byte(&out, ' ');
        output_text(&out, element.name);
    }
    return output_written(&out);
}

/* -- what is read --------------------------------------------------------- */

static const struct {
    enum entry_place where;
    const char *text, *described;
} ACCEPTED[] = {
    {PLACE_CLIENTS, "192.0.2.7", "range 192.0.2.7"},
    {PLACE_CLIENTS, "  192.0.2.7\t", "range 192.0.2.7"},
    {PLACE_CLIENTS, "2001:DB8::1", "range 2001:db8::1"},
    {PLACE_CLIENTS, "fe80::1", "range fe80::1"},
    {PLACE_CLIENTS, "::ffff:10.0.0.1", "range 10.0.0.1"},
    {PLACE_CLIENTS, "10.0.0.0/8", "range 10.0.0.0/8"},
    {PLACE_CLIENTS, "10.0.0.0/255.0.0.0", "range 10.0.0.0/8"},
    {PLACE_CLIENTS, "10.0.0.1-10.0.0.77", "range 10.0.0.1-10.0.0.77"},
    {PLACE_CLIENTS, "::/0", "range ::/0"},
    {PLACE_CLIENTS, "Host.Example.COM", "name host.example.com"},
    {PLACE_CLIENTS, "host.example.com.", "name host.example.com"},
    {PLACE_CLIENTS, "mx_1.example.com", "name mx_1.example.com"},
    {PLACE_CLIENTS, "localhost", "name localhost"},
    {PLACE_CLIENTS, "123", "name 123"},
    {PLACE_CLIENTS, "no", "name no"},
    {PLACE_CLIENTS, "10-20.example.com", "name 10-20.example.com"},
    {PLACE_CLIENTS, "7.2.0.192.example", "name 7.2.0.192.example"},
    {PLACE_CLIENTS,
     "b\xc3\xbc"
     "cher.example",
     "name xn--bcher-kva.example"},
    {PLACE_CLIENTS, ".example.com", "below example.com"},
    {PLACE_CLIENTS, "*.example.com", "below example.com"},
    {PLACE_CLIENTS, "/mx\\d+\\.example\\.com/", "/mx\\d+\\.example\\.com"},
    {PLACE_CLIENTS, "/a/b/", "/a/b"},
    {PLACE_CLIENTS, "$drop", "list drop"},
    {PLACE_CLIENTS, "$Domain Admins", "list Domain Admins"},
    {PLACE_CLIENTS, "$All", "list All"},
    {PLACE_CLIENTS, "$all", "all"},
    {PLACE_CLIENTS, "$loopback", "loopback"},
    {PLACE_CLIENTS, "$private", "private"},
    {PLACE_CLIENTS, "not $link-local", "not link-local"},
    {PLACE_CLIENTS, "not 10.1.0.0/16", "not range 10.1.0.0/16"},
    {PLACE_CLIENTS, "not   .example.com", "not below example.com"},
    {PLACE_CLIENTS, "not $drop", "not list drop"},
    {PLACE_CLIENTS, "not file:a b.txt", "not file a b.txt"},
    {PLACE_CLIENTS, "not /x/", "not /x"},
    {PLACE_CLIENTS, "notable.example", "name notable.example"},
    {PLACE_CLIENTS, "file:drop.txt", "file drop.txt"},
    {PLACE_CONNECTOR_CLIENTS, "10.0.0.0/8", "range 10.0.0.0/8"},
    {PLACE_CONNECTOR_CLIENTS, "$private", "private"},
    {PLACE_CONNECTOR_CLIENTS, "$all", "all"},
    {PLACE_CONNECTOR_CLIENTS, "$x", "list x"},
    {PLACE_CONNECTOR_CLIENTS, "file:x", "file x"},
    {PLACE_LITERALS, "192.0.2.25", "range 192.0.2.25"},
    {PLACE_LITERALS, "192.0.2.0/24", "range 192.0.2.0/24"},
    {PLACE_LITERALS, "2001:db8::/120", "range 2001:db8::/120"},
    {PLACE_LISTENERS, "192.0.2.25", "endpoint 192.0.2.25"},
    {PLACE_LISTENERS, "192.0.2.25:25", "endpoint 192.0.2.25:25"},
    {PLACE_LISTENERS, "2001:db8::1", "endpoint 2001:db8::1"},
    {PLACE_LISTENERS, "[2001:db8::1]:25", "endpoint [2001:db8::1]:25"},
    {PLACE_LISTENERS, "*:587", "endpoint *:587"},
    {PLACE_USERS, "Steven", "identity steven"},
    {PLACE_USERS, "CORP\\SteveN", "identity corp\\steven"},
    {PLACE_USERS, "User@Example.COM", "identity user@example.com"},
    {PLACE_USERS, "dr. no", "identity dr. no"},
    {PLACE_USERS, "host.example.com", "identity host.example.com"},
    {PLACE_USERS, "123", "identity 123"},
    {PLACE_USERS, "a:b", "identity a:b"},
    {PLACE_USERS,
     "\xc3\x9c"
     "BER",
     "identity \xc3\x9c"
     "ber"},
    {PLACE_USERS, "$Domain Admins", "list Domain Admins"},
    {PLACE_USERS, "$all", "all"},
    {PLACE_USERS, "not guest2", "not identity guest2"},
    {PLACE_USERS, "nothing", "identity nothing"},
    {PLACE_USERS, "/\\$x/", "/\\$x"},
    {PLACE_USERS, "file:approved.txt", "file approved.txt"},
    {PLACE_GROUP, "$other", "list other"},
    {PLACE_GROUP, "Joe", "identity joe"},
    {PLACE_OWNER, "$SMTP-APPROVED", "list SMTP-APPROVED"},
    {PLACE_OWNER, "file:x", "file x"},
    {PLACE_OWNER_KEY, "Example.com", "name example.com"},
    {PLACE_OWNER_KEY, ".example.com", "below example.com"},
    {PLACE_OWNER_KEY, "Joe@Example.com", "mailbox joe@example.com"},
    {PLACE_SENDERS, "<>", "null <>"},
    {PLACE_SENDERS, "not <>", "not null <>"},
    {PLACE_SENDERS, "User@", "local user"},
    {PLACE_SENDERS, "\"a b\"@", "local \"a b\""},
    {PLACE_SENDERS, "User@Example.com", "mailbox user@example.com"},
    {PLACE_SENDERS, "\"a@b\"@example.com", "mailbox \"a@b\"@example.com"},
    {PLACE_SENDERS, "u@[192.0.2.1]", "mailbox u@[192.0.2.1]"},
    {PLACE_SENDERS, "example.com", "name example.com"},
    {PLACE_SENDERS, "*.example.com", "below example.com"},
    {PLACE_SENDERS, "$inbound", "inbound"},
    {PLACE_SENDERS, "not $always-relay", "not always-relay"},
    {PLACE_RECIPIENTS, "$all", "all"},
    {PLACE_RECIPIENTS, "/invoice\\+.*/", "/invoice\\+.*"},
    {PLACE_RECIPIENTS, "file:x", "file x"},
    {PLACE_DOMAINS, "example.com", "name example.com"},
    {PLACE_DOMAINS, ".branch.example.com", "below branch.example.com"},
    {PLACE_DOMAINS, "localhost", "name localhost"},
    {PLACE_DOMAINS, "$ours", "list ours"},
    {PLACE_DOMAINS, "file:ours.txt", "file ours.txt"},
    {PLACE_MAILBOXES, "Joe", "local joe"},
    {PLACE_MAILBOXES, "\"a@b\"", "local \"a@b\""},
    {PLACE_MAILBOXES, "Joe@Example.com", "mailbox joe@example.com"},
    {PLACE_MAILBOXES, "/sales-.*/", "/sales-.*"},
    {PLACE_MAILBOXES, "file:users.txt", "file users.txt"},
    {PLACE_ANONYMOUS, "Nobody", "identity nobody"},
};

START_TEST(accepts)
{
    char data[200];
    bool accepted =
        parse(text_of(ACCEPTED[_i].text), ACCEPTED[_i].where, false);
    ck_assert_msg(accepted, "'%s': %s", ACCEPTED[_i].text,
                  mayrelay_report_get_text(report, 0));
    ck_assert_uint_eq(mayrelay_report_count(report), 0);
    ck_assert_text_eq(described(data, sizeof data), ACCEPTED[_i].described);
    ck_assert_uint_eq(element.entry.source.file, 3);
    ck_assert_uint_eq(element.entry.source.line, 7);
    ck_assert_uint_eq(element.entry.source.column, 9);
}
END_TEST

/* -- what is refused ------------------------------------------------------ */

static const struct {
    enum entry_place where;
    const char *text, *id;
    const char *hint; /* a part of it */
} REFUSED[] = {
    {PLACE_CLIENTS, "", "MR120", "take it out"},
    {PLACE_CLIENTS, " \t", "MR120", "take it out"},
    {PLACE_CLIENTS, "a\tb", "MR122", "one entry"},
    {PLACE_CLIENTS, "b\xe4r", "MR122", "UTF-8"},
    {PLACE_CLIENTS, "10.0.0.1/8", "MR135", "did you mean 10.0.0.0/8?"},
    {PLACE_CLIENTS, "10.0.0.1 - 10.0.0.77", "MR142",
     "did you mean 10.0.0.1-10.0.0.77?"},
    {PLACE_CLIENTS, "10.0.0.1 10.0.0.77", "MR142", "each entry on its own"},
    {PLACE_CONNECTOR_CLIENTS, "10.0.0.0 /8", "MR133",
     "did you mean 10.0.0.0/8?"},
    {PLACE_CLIENTS, "not 10.0.0.1/8", "MR135", "did you mean 10.0.0.0/8?"},
    {PLACE_CLIENTS, "2001:db8::1/32", "MR135", "did you mean 2001:db8::/32?"},
    {PLACE_CLIENTS, "10.0.0.0/255.0.255.0", "MR136", "10.0.0.0/8?"},
    {PLACE_CLIENTS, "10.0.0.0/33", "MR134", "0 to 32"},
    {PLACE_CLIENTS, "10.0.0.9-10.0.0.1", "MR137", "10.0.0.1-10.0.0.9?"},
    {PLACE_CLIENTS, "10.0.0.1-::2", "MR138", "one range"},
    {PLACE_CLIENTS, "10.0.0.256", "MR133", "0 to 255"},
    {PLACE_CLIENTS, "010.0.0.1", "MR133", "leading zeros"},
    {PLACE_CLIENTS, "10.0.0", "MR133", "four numbers"},
    {PLACE_CLIENTS, "10.", "MR133", "four numbers"},
    {PLACE_CLIENTS, "10.0.0.*", "MR133", "10.0.0.0/24"},
    {PLACE_CLIENTS, "10.0.0.1:25", "MR133", "no port"},
    {PLACE_CLIENTS, "2001:db8::g", "MR133", "2001:db8::1"},
    {PLACE_CLIENTS, "[2001:db8::1]", "MR133", "did you mean 2001:db8::1?"},
    {PLACE_CLIENTS, "*", "MR124", "did you mean $all?"},
    {PLACE_CLIENTS, "mx*.example.com", "MR124", "*.example.com"},
    {PLACE_CLIENTS, "*example.com", "MR124", "*.example.com"},
    {PLACE_CLIENTS, ".", "MR142", "labels"},
    {PLACE_CLIENTS, "..example.com", "MR142", "labels"},
    {PLACE_CLIENTS, "-a.example.com", "MR142", "labels"},
    {PLACE_CLIENTS, "a b", "MR142", "on its own"},
    {PLACE_CLIENTS, "a@example.com", "MR123", "here stand addresses"},
    {PLACE_CLIENTS, "user@", "MR123", "here stand addresses"},
    {PLACE_CLIENTS, "<>", "MR123", "here stand addresses"},
    {PLACE_CLIENTS, "$inbound", "MR130", "here stand addresses"},
    {PLACE_CLIENTS, "$", "MR129", "$name"},
    {PLACE_CLIENTS, "not $all", "MR128", "empty list"},
    {PLACE_CLIENTS, "not", "MR127", "not ENTRY"},
    {PLACE_CLIENTS, "not not a", "MR127", "once"},
    {PLACE_CLIENTS, "NOT a", "MR127", "small letters"},
    {PLACE_CLIENTS, "/a", "MR132", "'/invoice"},
    {PLACE_CLIENTS, "/a/i", "MR132", "no flags"},
    {PLACE_CLIENTS, "/", "MR132", "quote"},
    {PLACE_CLIENTS, "//", "MR132", "every text"},
    {PLACE_CLIENTS, "file:", "MR131", "file:PATH"},
    {PLACE_CLIENTS, "File:x", "MR131", "small letters"},
    {PLACE_CONNECTOR_CLIENTS, "a.example", "MR123", "here stand"},
    {PLACE_CONNECTOR_CLIENTS, "/a/", "MR123", "here stand"},
    {PLACE_CONNECTOR_CLIENTS, "not 10.0.0.1", "MR126", "here stand"},
    {PLACE_CONNECTOR_CLIENTS, "$inbound", "MR130", "here stand"},
    {PLACE_LITERALS, "192.0.2.0/23", "MR139", "addresses"},
    {PLACE_LITERALS, "192.0.2.1-192.0.3.1", "MR139", "addresses"},
    {PLACE_LITERALS, "[192.0.2.1]", "MR133", "did you mean 192.0.2.1?"},
    {PLACE_LITERALS, "$x", "MR130", "here stand"},
    {PLACE_LITERALS, "file:x", "MR123", "here stand"},
    {PLACE_LISTENERS, "0.0.0.0:25", "MR141", "did you mean \"*:25\"?"},
    {PLACE_LISTENERS, "[::]:25", "MR141", "did you mean \"*:25\"?"},
    {PLACE_LISTENERS, "::", "MR141", "leave `listen` out"},
    {PLACE_LISTENERS, "*", "MR140", "*:25"},
    {PLACE_LISTENERS, "192.0.2.1:70000", "MR140", "192.0.2.25:25"},
    {PLACE_LISTENERS, "[::1]", "MR140", "did you mean ::1?"},
    {PLACE_LISTENERS, "10.0.0.0/8", "MR123", "here stand"},
    {PLACE_LISTENERS, "not *:25", "MR126", "here stand"},
    {PLACE_LISTENERS, "$x", "MR130", "here stand"},
    {PLACE_LISTENERS, "file:x", "MR123", "here stand"},
    {PLACE_USERS, ".x", "MR145", "'/\\.x/'"},
    {PLACE_USERS, "<>", "MR145", "'/<>/'"},
    {PLACE_USERS, "o'n@", "MR145", "'/o''n@/'"},
    {PLACE_USERS, "10.0.0.0/8", "MR145", "'/10\\.0\\.0\\.0/8/'"},
    {PLACE_USERS, "192.0.2.1:25", "MR145", "'/192\\.0\\.2\\.1:25/'"},
    {PLACE_GROUP, "[2001:db8::1]:25", "MR145", "as a pattern"},
    {PLACE_USERS, "@example.com", "MR145", "'/@example\\.com/'"},
    {PLACE_USERS, "printer*", "MR145", "'/printer\\*/'"},
    {PLACE_USERS, "*", "MR145", "did you mean $all?"},
    {PLACE_USERS, "Not x", "MR127", "small letters"},
    {PLACE_USERS, "$private", "MR130", "here stand identities"},
    {PLACE_USERS, "not $all", "MR128", "empty list"},
    {PLACE_GROUP, "$all", "MR130", "here stand"},
    {PLACE_GROUP, "not x", "MR126", "here stand"},
    {PLACE_GROUP, "/x/", "MR123", "here stand"},
    {PLACE_GROUP, "10.0.0.1", "MR145", "under `users`"},
    {PLACE_OWNER, "/x/", "MR123", "here stand"},
    {PLACE_OWNER_KEY, "$x", "MR130", "here stand"},
    {PLACE_OWNER_KEY, "u@", "MR123", "here stand"},
    {PLACE_OWNER_KEY, "<>", "MR123", "here stand"},
    {PLACE_OWNER_KEY, "file:x", "MR123", "here stand"},
    {PLACE_SENDERS, "10.0.0.1", "MR123", "here stand"},
    {PLACE_SENDERS, "$private", "MR130", "here stand"},
    {PLACE_SENDERS, "@example.com", "MR142", "did you mean example.com?"},
    {PLACE_SENDERS, "<a@b.example>", "MR143", "did you mean a@b.example?"},
    {PLACE_SENDERS, "a@b@c.example", "MR143", "user@example.com"},
    {PLACE_SENDERS, "a@-b.example", "MR143", "user@example.com"},
    {PLACE_SENDERS, "a..b@", "MR144", "double quotes"},
    {PLACE_SENDERS, "*@example.com", "MR124", "whole domain"},
    {PLACE_SENDERS, "a_b.example", "MR142", "clients only"},
    {PLACE_SENDERS, "example.com.", "MR142", "did you mean example.com?"},
    {PLACE_RECIPIENTS, "<>", "MR123", "here stand"},
    {PLACE_DOMAINS, "*", "MR124", "each one"},
    {PLACE_DOMAINS, "$all", "MR130", "here stand"},
    {PLACE_DOMAINS, "$inbound", "MR130", "here stand"},
    {PLACE_DOMAINS, "not a.example", "MR126", "here stand"},
    {PLACE_DOMAINS, "/a/", "MR123", "here stand"},
    {PLACE_DOMAINS, "a@b.example", "MR123", "here stand"},
    {PLACE_DOMAINS, "[192.0.2.1]", "MR123", "here stand"},
    {PLACE_DOMAINS, "a,b", "MR142", "on its own"},
    {PLACE_MAILBOXES, "joe@", "MR144", "did you mean joe?"},
    {PLACE_MAILBOXES, "*", "MR124", "each one"},
    {PLACE_MAILBOXES, "info*", "MR124", "pattern"},
    {PLACE_MAILBOXES, "a b", "MR144", "double quotes"},
    {PLACE_MAILBOXES, "$x", "MR130", "here stand"},
    {PLACE_MAILBOXES, "not joe", "MR126", "here stand"},
    {PLACE_CERTIFICATES, "ab", "MR146", "64 hexadecimal"},
    {PLACE_CERTIFICATES, "0123456789012345678901234567890123456789", "MR146",
     "SHA-1"},
    {PLACE_CERTIFICATES, "file:x", "MR123", "here stand"},
    {PLACE_ANONYMOUS, "$x", "MR130", "here stand"},
    {PLACE_CONNECTOR_CLIENTS, "fe80::g", "MR133", "2001:db8::1"},
    {PLACE_CONNECTOR_CLIENTS, "a/8", "MR133", "2001:db8::/32"},
    {PLACE_CONNECTOR_CLIENTS, "10*", "MR133", "10.0.0.0/24"},
    {PLACE_CONNECTOR_CLIENTS, "1234", "MR123", "here stand"},
    {PLACE_CONNECTOR_CLIENTS, "a@b.example", "MR123", "here stand"},
    {PLACE_LISTENERS, "[::1", "MR140", "192.0.2.25:25"},
    {PLACE_DOMAINS, "@", "MR123", "here stand"},
    {PLACE_DOMAINS, "<>", "MR123", "here stand"},
    {PLACE_SENDERS, "*", "MR124", "did you mean $all?"},
    {PLACE_RECIPIENTS, "*", "MR124", "did you mean $all?"},
    {PLACE_RECIPIENTS, "@", "MR123", "here stand"},
    {PLACE_MAILBOXES, "<joe@a.example>", "MR143", "joe@a.example?"},
    {PLACE_MAILBOXES, "\"a b", "MR144", "double quotes"},
    {PLACE_MAILBOXES, "*x", "MR124", "pattern"},
    {PLACE_ANONYMOUS, "user@", "MR145", "under `users`"},
};

static void
check_refusal(const char *text, const char *id, const char *hint)
{
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), id);
    ck_assert_str_eq(mayrelay_report_get_file(report, 0), "policy.yaml");
    ck_assert_uint_eq(mayrelay_report_get_line(report, 0), 7);
    ck_assert_uint_eq(mayrelay_report_get_column(report, 0), 9);
    const char *given = mayrelay_report_get_hint(report, 0);
    ck_assert_msg(given && strstr(given, hint), "%s: '%s' in the hint '%s'",
                  text, hint, given);
}

START_TEST(refuses)
{
    ck_assert(!parse(text_of(REFUSED[_i].text), REFUSED[_i].where, false));
    check_refusal(REFUSED[_i].text, REFUSED[_i].id, REFUSED[_i].hint);
}
END_TEST

START_TEST(list_files_hold_plain_entries)
{
    static const char *const texts[] = {"not a",  "$all",  "$x",  "/x/",
                                        "file:x", "NOT a", "not", "File:x"};
    ck_assert(parse(TEXT("10.0.0.0/8"), PLACE_CLIENTS, true));
    ck_assert(!parse(text_of(texts[_i]), PLACE_CLIENTS, true));
    check_refusal(texts[_i], "MR125", "into the policy");
}
END_TEST

START_TEST(refuses_a_nul)
{
    ck_assert(!parse(TEXT("a\0b"), PLACE_CLIENTS, false));
    check_refusal("a NUL", "MR122", "one entry");
}
END_TEST

/* -- sizes ---------------------------------------------------------------- */

static bool
parse_filled(const char *before, size_t count, const char *after)
{
    char text[5000];
    struct output out = output_to(text, sizeof text);
    output_string(&out, before);
    for (size_t i = 0; i < count; i++)
        output_byte(&out, 'x');
    output_string(&out, after);
    return parse(output_written(&out), PLACE_USERS, false);
}

START_TEST(limits_the_size)
{
    ck_assert(parse_filled("", 1024, ""));
    ck_assert(parse_filled("/", 4094, "/"));
    ck_assert(parse_filled("not /", 4090, "/"));
    ck_assert_uint_eq(mayrelay_report_count(report), 0);
    ck_assert(!parse_filled("", 1025, ""));
    ck_assert(!parse_filled("a/", 1023, ""));
    ck_assert(!parse_filled("/", 4095, "/"));
    ck_assert_uint_eq(mayrelay_report_count(report), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(mayrelay_report_get_id(report, i), "MR121");
}
END_TEST

/* -- fingerprints --------------------------------------------------------- */

#define HEX_16   "00112233445566778899aabbccddeeff"
#define COLON_16 "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

START_TEST(reads_fingerprints)
{
    static const char *const texts[] = {HEX_16 HEX_16, COLON_16 ":" COLON_16};
    ck_assert(parse(text_of(texts[_i]), PLACE_CERTIFICATES, false));
    ck_assert_int_eq(element.entry.kind, ENTRY_FINGERPRINT);
    ck_assert_uint_eq(element.entry.text.size, 32);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_eq((unsigned char)element.entry.text.data[i],
                          i % 16 * 0x11);
}
END_TEST

START_TEST(refuses_fingerprints)
{
    static const char *const texts[] = {
        HEX_16 HEX_16 ":", ":" HEX_16 HEX_16,         HEX_16 "::" HEX_16,
        HEX_16 HEX_16 "0", COLON_16 ":" COLON_16 ":", HEX_16 HEX_16 "00",
        HEX_16 " " HEX_16, "g" HEX_16 HEX_16};
    ck_assert(!parse(text_of(texts[_i]), PLACE_CERTIFICATES, false));
    check_refusal(texts[_i], "MR146", "hexadecimal");
}
END_TEST

/* -- warnings ------------------------------------------------------------- */

static const struct {
    enum entry_place where;
    const char *text;
} CONFUSABLE[] = {
    {PLACE_CLIENTS, "\xd0\xb0pple.com"},
    {PLACE_CLIENTS, ".\xd0\xb0pple.com"},
    {PLACE_DOMAINS, "\xd0\xb0pple.com"},
    {PLACE_SENDERS, "joe@\xd0\xb0pple.com"},
};

START_TEST(warns_of_confusable_names)
{
    ck_assert(parse(text_of(CONFUSABLE[_i].text), CONFUSABLE[_i].where, false));
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR400");
    ck_assert_uint_eq(mayrelay_report_count_at(report, MAYRELAY_ERROR), 0);
}
END_TEST

START_TEST(who_writes_a_labels_means_them)
{
    ck_assert(parse(TEXT("xn--pple-43d.com"), PLACE_CLIENTS, false));
    ck_assert_uint_eq(mayrelay_report_count(report), 0);
}
END_TEST

START_TEST(places_have_names)
{
    ck_assert_str_eq(entry_place_name(PLACE_CLIENTS), "clients");
    for (int i = PLACE_CLIENTS; i <= PLACE_ANONYMOUS; i++)
        ck_assert_ptr_nonnull(entry_place_name((enum entry_place)i));
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("entry");
    TCase *tests = tcase_create("entry");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, accepts, 0, sizeof ACCEPTED / sizeof *ACCEPTED);
    tcase_add_loop_test(tests, refuses, 0, sizeof REFUSED / sizeof *REFUSED);
    tcase_add_loop_test(tests, list_files_hold_plain_entries, 0, 8);
    tcase_add_test(tests, refuses_a_nul);
    tcase_add_test(tests, limits_the_size);
    tcase_add_loop_test(tests, reads_fingerprints, 0, 2);
    tcase_add_loop_test(tests, refuses_fingerprints, 0, 8);
    tcase_add_loop_test(tests, warns_of_confusable_names, 0,
                        sizeof CONFUSABLE / sizeof *CONFUSABLE);
    tcase_add_test(tests, who_writes_a_labels_means_them);
    tcase_add_test(tests, places_have_names);
    suite_add_tcase(suite, tests);
    return suite;
}
