#include "suite.h"

#include <string.h>

#include "net/address.h"

static struct text
written(struct address address, char room[ADDRESS_TEXT_SIZE])
{
    struct output out = output_to(room, ADDRESS_TEXT_SIZE);
    address_write(&out, address);
    ck_assert_uint_lt(out.size, ADDRESS_TEXT_SIZE);
    return output_written(&out);
}

/* Text and its canonical form. */
static const struct {
    const char *text, *canonical;
    enum address_family family;
} GOOD[] = {
    {"0.0.0.0", "0.0.0.0", ADDRESS_IPV4},
    {"192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"255.255.255.255", "255.255.255.255", ADDRESS_IPV4},
    {"10.20.100.9", "10.20.100.9", ADDRESS_IPV4},
    /* IPv4-mapped, in every spelling. */
    {"::ffff:192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"::FFFF:192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"::ffff:c000:201", "192.0.2.1", ADDRESS_IPV4},
    {"::ffff:C000:0201", "192.0.2.1", ADDRESS_IPV4},
    {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"0:0:0:0:0:ffff:c000:0201", "192.0.2.1", ADDRESS_IPV4},
    {"0000:0000:0000:0000:0000:ffff:192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"0::ffff:192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"::0:ffff:192.0.2.1", "192.0.2.1", ADDRESS_IPV4},
    {"0::0:ffff:c000:201", "192.0.2.1", ADDRESS_IPV4},
    {"::ffff:192.0.2.1%eth0", "192.0.2.1", ADDRESS_IPV4},
    {"::ffff:0:0", "0.0.0.0", ADDRESS_IPV4},
    {"::ffff:0.0.0.0", "0.0.0.0", ADDRESS_IPV4},
    /* Close to mapped, but not. */
    {"::192.0.2.1", "::c000:201", ADDRESS_IPV6},
    {"::ffff:0:192.0.2.1", "::ffff:0:c000:201", ADDRESS_IPV6},
    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221", ADDRESS_IPV6},
    {"::fffe:192.0.2.1", "::fffe:c000:201", ADDRESS_IPV6},
    {"1::ffff:192.0.2.1", "1::ffff:c000:201", ADDRESS_IPV6},
    {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304", ADDRESS_IPV6},
    {"1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304", ADDRESS_IPV6},
    /* RFC 5952 §4. */
    {"::", "::", ADDRESS_IPV6},
    {"::1", "::1", ADDRESS_IPV6},
    {"1::", "1::", ADDRESS_IPV6},
    {"0:0:0:0:0:0:0:0", "::", ADDRESS_IPV6},
    {"2001:DB8::1", "2001:db8::1", ADDRESS_IPV6},
    {"2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1", ADDRESS_IPV6},
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", ADDRESS_IPV6},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", ADDRESS_IPV6},
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", ADDRESS_IPV6},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", ADDRESS_IPV6},
    {"1:0:0:0:0:0:0:8", "1::8", ADDRESS_IPV6},
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", ADDRESS_IPV6},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", ADDRESS_IPV6},
    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::", ADDRESS_IPV6},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDRESS_IPV6},
    {"abcd:ef01:2345:6789:abcd:ef01:2345:678",
     "abcd:ef01:2345:6789:abcd:ef01:2345:678", ADDRESS_IPV6},
    {"10:200:3000::", "10:200:3000::", ADDRESS_IPV6},
    /* A zone is dropped. */
    {"fe80::1%eth0", "fe80::1", ADDRESS_IPV6},
    {"fe80::1%25eth0", "fe80::1", ADDRESS_IPV6},
    {"fe80::1%br-lan.100", "fe80::1", ADDRESS_IPV6},
    {"fe80::1%3", "fe80::1", ADDRESS_IPV6},
};

START_TEST(good_text_has_one_canonical_form)
{
    char room[ADDRESS_TEXT_SIZE], again_room[ADDRESS_TEXT_SIZE];
    struct address address, again;
    ck_assert_msg(address_parse(text_of(GOOD[_i].text), &address), "%s",
                  GOOD[_i].text);
    ck_assert_int_eq((int)address.family, (int)GOOD[_i].family);
    struct text canonical = written(address, room);
    ck_assert_text_eq(canonical, GOOD[_i].canonical);
    ck_assert(address_parse(canonical, &again));
    ck_assert(address_equal(address, again));
    ck_assert_text_eq(written(again, again_room), GOOD[_i].canonical);
}
END_TEST

static const struct text BAD[] = {
    {"", 0},
    {NULL, 0},
    /* Leading zeros, octal, hexadecimal, short and long forms. */
    TEXT("01.2.3.4"),
    TEXT("1.2.3.04"),
    TEXT("1.2.3.00"),
    TEXT("010.0.0.1"),
    TEXT("0x7f.0.0.1"),
    TEXT("0x7f000001"),
    TEXT("2130706433"),
    TEXT("127.1"),
    TEXT("127.0.1"),
    TEXT("1.2.3"),
    TEXT("1.2.3."),
    TEXT(".1.2.3"),
    TEXT("1..2.3"),
    TEXT("1.2.3.4."),
    TEXT(".1.2.3.4"),
    TEXT("1.2.3.4.5"),
    TEXT("256.0.0.1"),
    TEXT("1.2.3.256"),
    TEXT("1.2.3.999"),
    TEXT("1.2.3.1000"),
    TEXT("1.2.3.4294967297"),
    TEXT("1.2.3.-4"),
    TEXT("+1.2.3.4"),
    TEXT("1.2.3.a"),
    TEXT(" 1.2.3.4"),
    TEXT("1.2.3.4 "),
    TEXT("1.2.3.4\n"),
    TEXT("1.2.3.4\0"),
    TEXT("1.2.3.4\0x"),
    TEXT("1.2.3.4%eth0"),
    TEXT("1,2,3,4"),
    TEXT("[1.2.3.4]"),
    TEXT("1.2.3.4:25"),
    TEXT("\xd9\xa1.2.3.4"), /* an Arabic digit */
    /* IPv6 */
    TEXT(":"),
    TEXT(":::"),
    TEXT("1"),
    TEXT("1:"),
    TEXT(":1"),
    TEXT("1:2"),
    TEXT("1:::2"),
    TEXT("::1::"),
    TEXT("1::2::3"),
    TEXT(":1:2:3:4:5:6:7"),
    TEXT(":1:2:3:4:5:6:7:8"),
    TEXT("1:2:3:4:5:6:7:"),
    TEXT("1:2:3:4:5:6:7"),
    TEXT("1:2:3:4:5:6:7:8:"),
    TEXT("1:2:3:4:5:6:7:8:9"),
    TEXT("1:2:3:4:5:6:7:8::"),
    TEXT("::1:2:3:4:5:6:7:8"),
    TEXT("1:2:3:4::5:6:7:8"),
    TEXT("12345::"),
    TEXT("::00001"),
    TEXT("::g"),
    TEXT("::1 "),
    TEXT(" ::1"),
    TEXT("::1\0"),
    TEXT("[::1]"),
    TEXT("::1/128"),
    TEXT("IPv6:::1"),
    TEXT("::ffff:1.2.3"),
    TEXT("::ffff:1.2.3.04"),
    TEXT("::ffff:1.2.3.256"),
    TEXT("::ffff:1.2.3.4:5"),
    TEXT("::1.2.3.4:5"),
    TEXT("::1.2.3.4.5"),
    TEXT("::ffff:0x1.2.3.4"),
    TEXT("1.2.3.4::"),
    TEXT("1:2:3:4:5:6:7:1.2.3.4"),
    TEXT("1:2:3:4:5:6::1.2.3.4"),
    TEXT("1:2:3:4:5:1.2.3.4"),
    TEXT("fe80::1%"),
    TEXT("fe80::1%eth 0"),
    TEXT("fe80::1%e%f"),
    TEXT("fe80::1%eth0\n"),
    TEXT("fe80::1%\0"),
    TEXT("%eth0"),
    TEXT("fe80::1%0123456789012345678901234567890123456789"
         "0123456789012345678901234"),
    TEXT("0000:0000:0000:0000:0000:ffff:0192.000.002.001"),
};

START_TEST(anything_else_is_refused)
{
    struct address address;
    ck_assert_msg(!address_parse(BAD[_i], &address), "%.*s",
                  TEXT_ARGS(BAD[_i]));
}
END_TEST

START_TEST(every_octet_value_has_one_spelling)
{
    char room[ADDRESS_TEXT_SIZE];
    for (uint32_t value = 0; value < 256; value++) {
        struct address address;
        struct text text = written(address_ipv4(value << 8 | value), room);
        ck_assert(address_parse(text, &address));
        ck_assert_uint_eq(address.low, value << 8 | value);
    }
}
END_TEST

START_TEST(every_pattern_of_zero_groups_reads_back)
{
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        unsigned char bytes[16] = {0};
        char room[ADDRESS_TEXT_SIZE];
        struct address address, again;
        for (unsigned i = 0; i < 8; i++)
            bytes[2 * i + 1] = (unsigned char)((pattern >> i & 1) * (0xa0 + i));
        ck_assert(address_from_bytes(bytes, 16, &address));
        ck_assert(address_parse(written(address, room), &again));
        ck_assert(address_equal(address, again));
        ck_assert(strstr(room, ":::") == NULL);
    }
}
END_TEST

START_TEST(bytes_are_in_network_order)
{
    static const unsigned char IPV4[] = {192, 0, 2, 1};
    static const unsigned char MAPPED[] = {0, 0, 0,    0,    0,   0, 0, 0,
                                           0, 0, 0xff, 0xff, 192, 0, 2, 1};
    static const unsigned char IPV6[] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0,
                                         0,    0, 0,    0,    0, 0, 1, 2};
    char room[ADDRESS_TEXT_SIZE];
    struct address address;
    ck_assert(address_from_bytes(IPV4, 4, &address));
    ck_assert_text_eq(written(address, room), "192.0.2.1");
    ck_assert(address_from_bytes(MAPPED, 16, &address));
    ck_assert(address_equal(address, address_ipv4(0xc0000201)));
    ck_assert(address_from_bytes(IPV6, 16, &address));
    ck_assert_text_eq(written(address, room), "2001:db8::102");
    ck_assert(!address_from_bytes(IPV6, 0, &address));
    ck_assert(!address_from_bytes(IPV6, 5, &address));
    ck_assert(!address_from_bytes(IPV6, 15, &address));
}
END_TEST

START_TEST(order_is_family_then_number)
{
    static const char *const ASCENDING[] = {
        "0.0.0.0", "9.255.255.255", "10.0.0.0",       "255.255.255.255", "::",
        "::1",     "1::",           "2001:db8::ffff", "ff02::1",
    };
    size_t count = sizeof ASCENDING / sizeof ASCENDING[0];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            struct address a, b;
            ck_assert(address_parse(text_of(ASCENDING[i]), &a));
            ck_assert(address_parse(text_of(ASCENDING[j]), &b));
            ck_assert_int_eq(address_compare(a, b), (i > j) - (i < j));
            ck_assert_int_eq(address_equal(a, b), i == j);
        }
}
END_TEST

static const struct {
    const char *address, *next;
} NEIGHBOURS[] = {
    {"0.0.0.0", "0.0.0.1"},
    {"10.0.0.255", "10.0.1.0"},
    {"255.255.255.254", "255.255.255.255"},
    {"255.255.255.255", NULL},
    {"::", "::1"},
    {"::ffff:ffff:ffff:ffff", "0:0:0:1::"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
};

START_TEST(neighbours_end_with_the_family)
{
    struct address address, next, back;
    char room[ADDRESS_TEXT_SIZE];
    ck_assert(address_parse(text_of(NEIGHBOURS[_i].address), &address));
    bool has_next = address_next(address, &next);
    ck_assert_int_eq(has_next, NEIGHBOURS[_i].next != NULL);
    if (!has_next)
        return;
    ck_assert_text_eq(written(next, room), NEIGHBOURS[_i].next);
    ck_assert(address_previous(next, &back));
    ck_assert(address_equal(back, address));
}
END_TEST

START_TEST(the_first_address_has_no_previous)
{
    struct address address, previous;
    ck_assert(!address_previous(address_ipv4(0), &previous));
    ck_assert(address_parse(TEXT("::"), &address));
    ck_assert(!address_previous(address, &previous));
}
END_TEST

START_TEST(writing_stops_at_the_room)
{
    char room[8];
    struct output out = output_to(room, sizeof room);
    address_write(&out, address_ipv4(UINT32_MAX));
    ck_assert_str_eq(room, "255.255");
    ck_assert_uint_eq(out.size, 15);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *
test_suite(void)
{
    Suite *suite = suite_create("address");
    TCase *tcase = tcase_create("address");
    tcase_add_loop_test(tcase, good_text_has_one_canonical_form, 0,
                        COUNT(GOOD));
    tcase_add_loop_test(tcase, anything_else_is_refused, 0, COUNT(BAD));
    tcase_add_test(tcase, every_octet_value_has_one_spelling);
    tcase_add_test(tcase, every_pattern_of_zero_groups_reads_back);
    tcase_add_test(tcase, bytes_are_in_network_order);
    tcase_add_test(tcase, order_is_family_then_number);
    tcase_add_loop_test(tcase, neighbours_end_with_the_family, 0,
                        COUNT(NEIGHBOURS));
    tcase_add_test(tcase, the_first_address_has_no_previous);
    tcase_add_test(tcase, writing_stops_at_the_room);
    suite_add_tcase(suite, tcase);
    return suite;
}
