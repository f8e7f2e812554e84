#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "mail/domain.h"

#define L10 "aaaaaaaaaa"
#define L62 L10 L10 L10 L10 L10 L10 "aa"
#define L63 L62 "a"
#define L64 L63 "a"
#define L61 L10 L10 L10 L10 L10 L10 "a"

static const struct {
    struct text name;
    const char *canonical;
} GOOD[] = {
    {TEXT("example.com"), "example.com"},
    {TEXT("EXAMPLE.Com"), "example.com"},
    {TEXT("localhost"), "localhost"},
    {TEXT("a"), "a"},
    {TEXT("a.b.c.d.e.f"), "a.b.c.d.e.f"},
    {TEXT("x-y.example"), "x-y.example"},
    {TEXT("a--b.example"), "a--b.example"},
    {TEXT("3com.com"), "3com.com"},
    {TEXT("1.2.3"), "1.2.3"},
    {TEXT("1.2.3.4.5"), "1.2.3.4.5"},
    {TEXT("1.2.3.4a"), "1.2.3.4a"},
    {TEXT("0x7f.0.0.1"), "0x7f.0.0.1"},
    {TEXT("host.123"), "host.123"},
    {TEXT("123"), "123"},
    {TEXT(L63 ".example"), L63 ".example"},
    {TEXT(L63 "." L63 "." L63 "." L63), L63 "." L63 "." L63 "." L63},
    {TEXT("XN--BCHER-KVA.example"), "xn--bcher-kva.example"},
    /* IDNA2008, non-transitional. */
    {TEXT("b\xc3\xbc"
          "cher.example"),
     "xn--bcher-kva.example"},
    {TEXT("B\xc3\x9c"
          "CHER.Example"),
     "xn--bcher-kva.example"},
    {TEXT("bu\xcc\x88"
          "cher.example"),
     "xn--bcher-kva.example"},
    {TEXT("fa\xc3\x9f.example"), "xn--fa-hia.example"},
    {TEXT("mail.b\xc3\xbc"
          "cher.example"),
     "mail.xn--bcher-kva.example"},
    {TEXT("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"),
     "xn--r8jz45g.xn--zckzah"},
    {TEXT("\xef\xbd\x85xample.com"), "example.com"}, /* full-width e */
};

START_TEST(good_names_have_one_canonical_form)
{
    char out[DOMAIN_TEXT_SIZE], again[DOMAIN_TEXT_SIZE];
    struct text canonical = domain_parse(GOOD[_i].name, DOMAIN_MAIL, out);
    ck_assert_text_eq(canonical, GOOD[_i].canonical);
    ck_assert_uint_eq(strlen(out), canonical.size);
    ck_assert_text_eq(domain_parse(canonical, DOMAIN_MAIL, again), out);
    ck_assert_text_eq(domain_parse(GOOD[_i].name, DOMAIN_CLIENT_NAME, again),
                      out);
}
END_TEST

/* Malformed whatever the use. */
static const struct text BAD[] = {
    {NULL, 0},
    TEXT(""),
    TEXT("."),
    TEXT(".."),
    TEXT(".example.com"),
    TEXT("example..com"),
    TEXT("example.com.."),
    TEXT("-example.com"),
    TEXT("example-.com"),
    TEXT("example.-com"),
    TEXT("example.com-"),
    TEXT("-"),
    TEXT("exa mple.com"),
    TEXT(" example.com"),
    TEXT("example.com "),
    TEXT("example.com\n"),
    TEXT("example.com\0"),
    TEXT("example\0.com"),
    TEXT("b\xc3\xbc\0cher.example"),
    TEXT("b\xc3\xbc"
         "cher.exa\0mple"),
    TEXT("exam/ple.com"),
    TEXT("exam*ple.com"),
    TEXT("*.example.com"),
    TEXT("example.com:25"),
    TEXT("user@example.com"),
    TEXT("exa(x)mple.com"),
    TEXT("[192.0.2.1]"),
    TEXT("1.2.3.4"),
    TEXT("192.0.2.1"),
    TEXT("999.0.0.01"),
    TEXT("1.2.3.4294967296"),
    TEXT(L64 ".example"),
    TEXT(L63 "." L63 "." L63 "." L62 ".a"),
    TEXT(L63 "." L63 "." L63 "." L63 ".a"),
    /* Only '.' separates: U+3002, U+FF0E and U+FF61 do not. */
    TEXT("corp\xe3\x80\x82"
         "example"),
    TEXT("corp\xef\xbc\x8e"
         "example"),
    TEXT("corp\xef\xbd\xa1"
         "example"),
    TEXT("corp.example\xe3\x80\x82"),
    /* Full-width digits make four numbers as well, and U+2025 two dots. */
    TEXT("1.2.3.\xef\xbc\x94"),
    TEXT("a\xe2\x80\xa5"
         "b.example"),
    /* What maps to no letter: a full-width '/', U+2100 "a/c", a blank. */
    TEXT("a\xef\xbc\x8f"
         "b.example"),
    TEXT("\xe2\x84\x80.example"),
    TEXT("a\xe3\x80\x80"
         "b.example"),
    TEXT("a\xc2\xa0"
         "b.example"),
    TEXT("\xef\xbc\x8d"
         "a.example"),        /* a full-width hyphen */
    TEXT("\xc2\xad.example"), /* nothing but a soft hyphen */
    TEXT("a/\xc3\xbc.example"),
    TEXT("a \xc3\xbc.example"),
    TEXT("-\xc3\xbc.example"),
    TEXT("\xcc\x88"
         "a.example"), /* begins with a combining mark */
    /* Invalid UTF-8: Latin-1, overlong, surrogate, above U+10FFFF, cut. */
    TEXT("b\xfc"
         "cher.example"),
    TEXT("corp\xc0\xae"
         "example"),
    TEXT("\xe0\x80\xae.example"),
    TEXT("\xed\xa0\x80.example"),
    TEXT("\xf4\x90\x80\x80.example"),
    TEXT("b\xc3"),
    TEXT("b\xc3.example"),
    TEXT("\x80"),
};

START_TEST(bad_names_are_malformed)
{
    char out[DOMAIN_TEXT_SIZE] = "x";
    ck_assert_uint_eq(domain_parse(BAD[_i], DOMAIN_MAIL, out).size, 0);
    ck_assert_str_eq(out, "");
    ck_assert_uint_eq(domain_parse(BAD[_i], DOMAIN_CLIENT_NAME, out).size, 0);
}
END_TEST

static const struct {
    const char *name, *canonical;
} CLIENT_NAMES[] = {
    {"host.example.com.", "host.example.com"},
    {"_dmarc.Example.com", "_dmarc.example.com"},
    {"my_host.example.com.", "my_host.example.com"},
    {"_", "_"},
    {"b\xc3\xbc"
     "cher.example.",
     "xn--bcher-kva.example"},
    {L63 "." L63 "." L63 "." L61 ".", L63 "." L63 "." L63 "." L61},
};

START_TEST(client_names_may_hold_underscores_and_a_final_dot)
{
    char out[DOMAIN_TEXT_SIZE];
    struct text name = text_of(CLIENT_NAMES[_i].name);
    ck_assert_text_eq(domain_parse(name, DOMAIN_CLIENT_NAME, out),
                      CLIENT_NAMES[_i].canonical);
    ck_assert_uint_eq(domain_parse(name, DOMAIN_MAIL, out).size, 0);
}
END_TEST

START_TEST(huge_names_are_malformed)
{
    size_t size = (size_t)1 << 20;
    char out[DOMAIN_TEXT_SIZE];
    char *bytes = malloc(size);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'a', size);
    struct text name = {bytes, size};
    ck_assert_uint_eq(domain_parse(name, DOMAIN_MAIL, out).size, 0);
    memset(bytes, '.', size);
    ck_assert_uint_eq(domain_parse(name, DOMAIN_MAIL, out).size, 0);
    for (size_t i = 0; i < size; i += 2)
        memcpy(bytes + i, "\xc3\xbc", 2);
    ck_assert_uint_eq(domain_parse(name, DOMAIN_MAIL, out).size, 0);
    name.size = 1000;
    ck_assert_uint_eq(domain_parse(name, DOMAIN_MAIL, out).size, 0);
    name.size = 200;
    ck_assert_uint_eq(domain_parse(name, DOMAIN_MAIL, out).size, 0);
    free(bytes);
}
END_TEST

static const struct {
    const char *name, *parent;
    bool below;
} BELOW[] = {
    {"example.com", "com", true},
    {"a.example.com", "example.com", true},
    {"a.b.example.com", "example.com", true},
    {"example.com", "example.com", false},
    {"evilexample.com", "example.com", false},
    {"com", "example.com", false},
    {".com", "com", false},
    {"example.com", "", false},
    {"", "com", false},
    {"", "", false},
    {"a.example.org", "example.com", false},
};

START_TEST(below_is_at_a_label_boundary)
{
    ck_assert_int_eq(
        domain_is_below(text_of(BELOW[_i].name), text_of(BELOW[_i].parent)),
        BELOW[_i].below);
}
END_TEST

START_TEST(labels_are_counted)
{
    ck_assert_uint_eq(domain_labels(TEXT("")), 0);
    ck_assert_uint_eq(domain_labels(TEXT("com")), 1);
    ck_assert_uint_eq(domain_labels(TEXT("example.com")), 2);
    ck_assert_uint_eq(domain_labels(TEXT("a.b.example.com")), 4);
}
END_TEST

static const struct {
    struct text name;
    bool confusable;
} LOOKS[] = {
    {TEXT("example.com"), false},
    {TEXT("b\xc3\xbc"
          "cher.example"),
     false},
    {TEXT("xn--bcher-kva.example"), false},
    /* Cyrillic a among Latin letters, as text and as an A-label. */
    {TEXT("p\xd0\xb0ypal.com"), true},
    {TEXT("P\xd0\x90YPAL.com"), true},
    {TEXT("xn--pypal-4ve.com"), true},
    {TEXT("www.p\xd0\xb0ypal.com"), true},
    /* Greek omicron among Latin letters. */
    {TEXT("g\xce\xbfogle.com"), true},
    /* Cyrillic twins alone, below a Latin and below a Cyrillic top level. */
    {TEXT("\xd1\x81\xd0\xbe\xd1\x81\xd0\xb0.com"), true},
    {TEXT("\xd1\x81\xd0\xbe\xd1\x81\xd0\xb0.\xd1\x80\xd1\x84"), false},
    /* ... and with a digit, which is of no script. */
    {TEXT("\xd1\x81\xd0\xbe\xd1\x81\xd0\xb0"
          "1.com"),
     true},
    /* A Cyrillic word that no Latin one looks like. */
    {TEXT("\xd0\xb6\xd1\x83\xd0\xba.com"), false},
    /* Labels of different scripts are no mixture. */
    {TEXT("example.\xd1\x80\xd1\x84"), false},
    /* Japanese and Latin. */
    {TEXT("abc\xe3\x83\x86\xe3\x82\xb9.example"), false},
    {TEXT("xn--zzzzzzzz.example"), false},
    {TEXT("not..a.name"), false},
    {TEXT("p\xd0"), false},
    {TEXT(""), false},
};

START_TEST(look_alikes_are_noticed)
{
    ck_assert_int_eq(domain_is_confusable(LOOKS[_i].name),
                     LOOKS[_i].confusable);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *
test_suite(void)
{
    Suite *suite = suite_create("domain");
    TCase *tcase = tcase_create("domain");
    tcase_add_loop_test(tcase, good_names_have_one_canonical_form, 0,
                        COUNT(GOOD));
    tcase_add_loop_test(tcase, bad_names_are_malformed, 0, COUNT(BAD));
    tcase_add_loop_test(tcase,
                        client_names_may_hold_underscores_and_a_final_dot, 0,
                        COUNT(CLIENT_NAMES));
    tcase_add_test(tcase, huge_names_are_malformed);
    tcase_add_loop_test(tcase, below_is_at_a_label_boundary, 0, COUNT(BELOW));
    tcase_add_test(tcase, labels_are_counted);
    tcase_add_loop_test(tcase, look_alikes_are_noticed, 0, COUNT(LOOKS));
    suite_add_tcase(suite, tcase);
    return suite;
}
