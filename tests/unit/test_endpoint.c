#include "suite.h"

#include "net/endpoint.h"

static const struct {
    const char *text, *canonical;
    uint16_t port;
} GOOD[] = {
    {"192.0.2.25", "192.0.2.25", 0},
    {"192.0.2.25:25", "192.0.2.25:25", 25},
    {"192.0.2.25:1", "192.0.2.25:1", 1},
    {"192.0.2.25:65535", "192.0.2.25:65535", 65535},
    {"2001:DB8::1", "2001:db8::1", 0},
    {"2001:db8::1:25", "2001:db8::1:25", 0},
    {"[2001:db8::1]:25", "[2001:db8::1]:25", 25},
    {"[2001:0db8::0001]:587", "[2001:db8::1]:587", 587},
    {"[fe80::1%eth0]:25", "[fe80::1]:25", 25},
    {"[::ffff:192.0.2.25]:25", "192.0.2.25:25", 25},
    {"::ffff:192.0.2.25", "192.0.2.25", 0},
    {"*:25", "*:25", 25},
    {"0.0.0.0:25", "0.0.0.0:25", 25},
    {"[::]:25", "[::]:25", 25},
};

START_TEST(good_text_has_one_canonical_form)
{
    char room[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    struct endpoint endpoint, again;
    ck_assert_msg(endpoint_parse(text_of(GOOD[_i].text), &endpoint), "%s",
                  GOOD[_i].text);
    ck_assert_uint_eq(endpoint.port, GOOD[_i].port);
    endpoint_write(&out, endpoint);
    ck_assert_str_eq(room, GOOD[_i].canonical);
    ck_assert(endpoint_parse(output_written(&out), &again));
    ck_assert(endpoint_matches(endpoint, again));
}
END_TEST

static const struct text BAD[] = {
    TEXT(""),
    TEXT("*"),
    TEXT(":"),
    TEXT(":25"),
    TEXT("25"),
    TEXT("*:"),
    TEXT("*:0"),
    TEXT("*:*"),
    TEXT("*:65536"),
    TEXT("*:025"),
    TEXT("*:+25"),
    TEXT("*: 25"),
    TEXT("*:25 "),
    TEXT("*:25\0"),
    TEXT("*:4294967321"),
    TEXT("[*]:25"),
    TEXT("192.0.2.25:"),
    TEXT("192.0.2.25:0"),
    TEXT("192.0.2.25:smtp"),
    TEXT("192.0.2.25:25:25"),
    TEXT("192.0.2.025:25"),
    TEXT("[192.0.2.25]"),
    TEXT("[192.0.2.25]:25"),
    TEXT("[2001:db8::1]"),
    TEXT("[2001:db8::1]:"),
    TEXT("[2001:db8::1]25"),
    TEXT("[2001:db8::1:25"),
    TEXT("2001:db8::1]:25"),
    TEXT("[[2001:db8::1]]:25"),
    TEXT("[]:25"),
    TEXT("[:25"),
    TEXT("::ffff:192.0.2.25:25"),
    TEXT("mx.example.com:25"),
    TEXT("192.0.2.0/24"),
};

START_TEST(anything_else_is_refused)
{
    struct endpoint endpoint;
    ck_assert_msg(!endpoint_parse(BAD[_i], &endpoint), "%.*s",
                  TEXT_ARGS(BAD[_i]));
}
END_TEST

static struct endpoint
parsed(const char *text)
{
    struct endpoint endpoint = {0};
    if (*text)
        ck_assert_msg(endpoint_parse(text_of(text), &endpoint), "%s", text);
    return endpoint;
}

static const struct {
    const char *entry, *listener;
    bool matches;
} MATCHES[] = {
    {"192.0.2.25", "192.0.2.25:25", true},
    {"192.0.2.25", "192.0.2.25", true},
    {"192.0.2.25", "192.0.2.26:25", false},
    {"192.0.2.25:25", "192.0.2.25:25", true},
    {"192.0.2.25:25", "192.0.2.25:587", false},
    {"192.0.2.25:25", "192.0.2.25", false},
    {"192.0.2.25", "*:25", false},
    {"*:25", "192.0.2.25:25", true},
    {"*:25", "[2001:db8::1]:25", true},
    {"*:25", "192.0.2.25:587", false},
    {"*:25", "192.0.2.25", false},
    {"[2001:db8::1]:25", "[2001:db8::1]:25", true},
    {"::c000:219", "192.0.2.25", false},
    {"[::ffff:192.0.2.25]:25", "192.0.2.25:25", true},
    {"192.0.2.25", "", false},
    {"*:25", "", false},
};

START_TEST(every_part_of_the_entry_must_be_the_listeners)
{
    ck_assert_int_eq(endpoint_matches(parsed(MATCHES[_i].entry),
                                      parsed(MATCHES[_i].listener)),
                     MATCHES[_i].matches);
}
END_TEST

START_TEST(zero_addresses_are_unspecified)
{
    ck_assert(endpoint_is_unspecified(parsed("0.0.0.0")));
    ck_assert(endpoint_is_unspecified(parsed("0.0.0.0:25")));
    ck_assert(endpoint_is_unspecified(parsed("[::]:25")));
    ck_assert(endpoint_is_unspecified(parsed("::ffff:0.0.0.0")));
    ck_assert(!endpoint_is_unspecified(parsed("*:25")));
    ck_assert(!endpoint_is_unspecified(parsed("0.0.0.1")));
    ck_assert(!endpoint_is_unspecified(parsed("::1")));
    ck_assert(!endpoint_is_unspecified(parsed("1::")));
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *
test_suite(void)
{
    Suite *suite = suite_create("endpoint");
    TCase *tcase = tcase_create("endpoint");
    tcase_add_loop_test(tcase, good_text_has_one_canonical_form, 0,
                        COUNT(GOOD));
    tcase_add_loop_test(tcase, anything_else_is_refused, 0, COUNT(BAD));
    tcase_add_loop_test(tcase, every_part_of_the_entry_must_be_the_listeners, 0,
                        COUNT(MATCHES));
    tcase_add_test(tcase, zero_addresses_are_unspecified);
    suite_add_tcase(suite, tcase);
    return suite;
}
