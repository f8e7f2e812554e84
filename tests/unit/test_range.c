#include "suite.h"

#include "net/range.h"

enum {
    RANGE_TEXT_SIZE = 2 * ADDRESS_TEXT_SIZE
};

static struct text
written(struct range range, char room[RANGE_TEXT_SIZE])
{
    struct output out = output_to(room, RANGE_TEXT_SIZE);
    range_write(&out, range);
    ck_assert_uint_lt(out.size, RANGE_TEXT_SIZE);
    return output_written(&out);
}

static struct address
address(const char *text)
{
    struct address parsed;
    ck_assert_msg(address_parse(text_of(text), &parsed), "%s", text);
    return parsed;
}

static struct range
range(const char *text)
{
    struct range parsed;
    ck_assert_msg(range_parse(text_of(text), &parsed) == RANGE_OK, "%s", text);
    return parsed;
}

/* Text, its problem, and the canonical or the corrected form. */
static const struct {
    const char *text;
    enum range_problem problem;
    const char *form;
} FORMS[] = {
    {"192.0.2.7", RANGE_OK, "192.0.2.7"},
    {"192.0.2.7/32", RANGE_OK, "192.0.2.7"},
    {"10.0.0.0/8", RANGE_OK, "10.0.0.0/8"},
    {"0.0.0.0/0", RANGE_OK, "0.0.0.0/0"},
    {"128.0.0.0/1", RANGE_OK, "128.0.0.0/1"},
    {"10.0.0.0/255.0.0.0", RANGE_OK, "10.0.0.0/8"},
    {"0.0.0.0/0.0.0.0", RANGE_OK, "0.0.0.0/0"},
    {"192.0.2.7/255.255.255.255", RANGE_OK, "192.0.2.7"},
    {"192.0.2.4/255.255.255.252", RANGE_OK, "192.0.2.4/30"},
    {"2001:db8::1", RANGE_OK, "2001:db8::1"},
    {"2001:db8::/32", RANGE_OK, "2001:db8::/32"},
    {"2001:db8::1/128", RANGE_OK, "2001:db8::1"},
    {"::/0", RANGE_OK, "::/0"},
    {"8000::/1", RANGE_OK, "8000::/1"},
    {"2001:db8:0:1::/64", RANGE_OK, "2001:db8:0:1::/64"},
    {"2001:db8:0:1:8000::/65", RANGE_OK, "2001:db8:0:1:8000::/65"},
    {"2001:db8::/63", RANGE_OK, "2001:db8::/63"},
    {"fe80::%eth0/64", RANGE_OK, "fe80::/64"},
    {"fe80::1%br-lan", RANGE_OK, "fe80::1"},
    {"10.0.0.1-10.0.0.77", RANGE_OK, "10.0.0.1-10.0.0.77"},
    {"10.0.0.0-10.0.0.255", RANGE_OK, "10.0.0.0/24"},
    {"10.0.0.7-10.0.0.7", RANGE_OK, "10.0.0.7"},
    {"10.0.0.1-10.0.0.2", RANGE_OK, "10.0.0.1-10.0.0.2"},
    {"10.0.0.128-10.0.1.127", RANGE_OK, "10.0.0.128-10.0.1.127"},
    {"0.0.0.0-255.255.255.255", RANGE_OK, "0.0.0.0/0"},
    {"2001:db8::-2001:db8::ffff", RANGE_OK, "2001:db8::/112"},
    {"2001:db8::1-2001:db8:1::", RANGE_OK, "2001:db8::1-2001:db8:1::"},
    {"0:0:0:1::-0:0:0:2:ffff:ffff:ffff:ffff", RANGE_OK,
     "0:0:0:1::-::2:ffff:ffff:ffff:ffff"},
    {"fe80::1%a-fe80::9%a", RANGE_OK, "fe80::1-fe80::9"},
    /* Below ::ffff:0:0/96 it is IPv4; around it, it is not. */
    {"::ffff:10.0.0.0/104", RANGE_OK, "10.0.0.0/8"},
    {"::ffff:a00:0/104", RANGE_OK, "10.0.0.0/8"},
    {"::ffff:0:0/96", RANGE_OK, "0.0.0.0/0"},
    {"::ffff:192.0.2.1/128", RANGE_OK, "192.0.2.1"},
    {"::ffff:10.0.0.1-::ffff:10.0.0.9", RANGE_OK, "10.0.0.1-10.0.0.9"},
    {"::ffff:10.0.0.1-10.0.0.9", RANGE_OK, "10.0.0.1-10.0.0.9"},
    {"::fffe:0:0/95", RANGE_OK, "::fffe:0:0/95"},
    {"::/80", RANGE_OK, "::/80"},
    {"::ffff:10.0.0.1/104", RANGE_HOST_BITS, "10.0.0.0/8"},
    {"::ffff:0:0/95", RANGE_HOST_BITS, "::fffe:0:0/95"},
    {"::ffff:10.0.0.0/90", RANGE_HOST_BITS, "::ffc0:0:0/90"},
    {"::ffff:10.0.0.0/0", RANGE_HOST_BITS, "::/0"},
    {"::ffff:10.0.0.0/255.0.0.0", RANGE_BAD_PREFIX, "10.0.0.0"},

    {"10.0.0.1/8", RANGE_HOST_BITS, "10.0.0.0/8"},
    {"192.0.2.255/31", RANGE_HOST_BITS, "192.0.2.254/31"},
    {"1.0.0.0/0", RANGE_HOST_BITS, "0.0.0.0/0"},
    {"10.1.2.3/255.255.0.0", RANGE_HOST_BITS, "10.1.0.0/16"},
    {"2001:db8::1/32", RANGE_HOST_BITS, "2001:db8::/32"},
    {"2001:db8::1/127", RANGE_HOST_BITS, "2001:db8::/127"},
    {"2001:db8:0:1::/63", RANGE_HOST_BITS, "2001:db8::/63"},
    {"::1/0", RANGE_HOST_BITS, "::/0"},

    {"10.0.0.0/255.0.255.0", RANGE_MASK_HOLES, "10.0.0.0/8"},
    {"10.1.1.1/255.255.0.255", RANGE_MASK_HOLES, "10.1.0.0/16"},
    {"10.0.0.0/0.255.255.255", RANGE_MASK_HOLES, "10.0.0.0/8"},
    {"192.0.2.0/0.0.0.255", RANGE_MASK_HOLES, "192.0.2.0/24"},
    {"10.0.0.0/0.255.0.0", RANGE_MASK_HOLES, "0.0.0.0/0"},

    {"10.0.0.0/33", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/128", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/x", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/08", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/+8", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/-1", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/8 ", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/8/8", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/4294967304", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/255.0.0", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/::", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"10.0.0.0/::ffff:255.0.0.0", RANGE_BAD_PREFIX, "10.0.0.0"},
    {"2001:db8::/129", RANGE_BAD_PREFIX, "2001:db8::"},
    {"2001:db8::/255.0.0.0", RANGE_BAD_PREFIX, "2001:db8::"},
    {"2001:db8::/ffff::", RANGE_BAD_PREFIX, "2001:db8::"},

    {"10.0.0.9-10.0.0.1", RANGE_BACKWARDS, "10.0.0.1-10.0.0.9"},
    {"10.0.0.255-10.0.0.0", RANGE_BACKWARDS, "10.0.0.0/24"},
    {"2001:db8::2-2001:db8::1", RANGE_BACKWARDS, "2001:db8::1-2001:db8::2"},

    {"10.0.0.1-2001:db8::1", RANGE_FAMILIES, NULL},
    {"2001:db8::1-10.0.0.1", RANGE_FAMILIES, NULL},
    {"::-::ffff:10.0.0.1", RANGE_FAMILIES, NULL},

    {"", RANGE_NOT_ONE, NULL},
    {"-", RANGE_NOT_ONE, NULL},
    {"/", RANGE_NOT_ONE, NULL},
    {"/24", RANGE_NOT_ONE, NULL},
    {"/regex/", RANGE_NOT_ONE, NULL},
    {"example.com", RANGE_NOT_ONE, NULL},
    {"a-b.example.com", RANGE_NOT_ONE, NULL},
    {"example.com/24", RANGE_NOT_ONE, NULL},
    {"10.0.0.1-", RANGE_NOT_ONE, NULL},
    {"-10.0.0.1", RANGE_NOT_ONE, NULL},
    {"10.0.0.1-77", RANGE_NOT_ONE, NULL},
    {"10.0.0.1 - 10.0.0.2", RANGE_NOT_ONE, NULL},
    {"10.0.0.1-10.0.0.2-10.0.0.3", RANGE_NOT_ONE, NULL},
    {"010.0.0.0/8", RANGE_NOT_ONE, NULL},
    {"10/8", RANGE_NOT_ONE, NULL},
    {"10.0.0/24", RANGE_NOT_ONE, NULL},
    {"10.0.0.*", RANGE_NOT_ONE, NULL},
};

START_TEST(text_becomes_a_range_or_a_hint)
{
    char room[RANGE_TEXT_SIZE];
    struct range parsed;
    enum range_problem problem = range_parse(text_of(FORMS[_i].text), &parsed);
    ck_assert_msg(problem == FORMS[_i].problem, "%s: %d", FORMS[_i].text,
                  (int)problem);
    if (!FORMS[_i].form)
        return;
    struct text form = written(parsed, room);
    ck_assert_text_eq(form, FORMS[_i].form);
    ck_assert(range_equal(range(room), parsed));
}
END_TEST

START_TEST(a_nul_ends_no_range)
{
    struct range parsed;
    ck_assert_int_eq((int)range_parse(TEXT("10.0.0.1\0"), &parsed),
                     (int)RANGE_NOT_ONE);
    ck_assert_int_eq((int)range_parse(TEXT("10.0.0.0/8\0"), &parsed),
                     (int)RANGE_BAD_PREFIX);
}
END_TEST

static const struct {
    const char *range, *address;
    bool contains;
} CONTAINS[] = {
    {"10.0.0.0/8", "10.0.0.0", true},
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "9.255.255.255", false},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"10.0.0.0/8", "::10.0.0.1", false},
    {"10.0.0.0/8", "::ffff:10.0.0.1", true},
    {"2001:db8::/32", "2001:db8:ffff::1", true},
    {"2001:db8::/32", "2001:db9::", false},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"0.0.0.0/0", "255.255.255.255", true},
    {"::/0", "10.0.0.1", false},
    {"::/0", "::ffff:10.0.0.1", false},
    {"::/80", "::ffff:10.0.0.1", false},
    {"::/0", "ffff::", true},
    {"10.0.0.1-10.0.0.77", "10.0.0.77", true},
    {"10.0.0.1-10.0.0.77", "10.0.0.78", false},
    {"10.0.0.1-10.0.0.77", "10.0.0.0", false},
};

START_TEST(a_range_contains_its_family_between_its_ends)
{
    struct range outer = range(CONTAINS[_i].range);
    struct address one = address(CONTAINS[_i].address);
    ck_assert_int_eq(range_contains(outer, one), CONTAINS[_i].contains);
    struct range single = {one, one};
    ck_assert_int_eq(range_holds(outer, single), CONTAINS[_i].contains);
    ck_assert_int_eq(range_overlaps(outer, single), CONTAINS[_i].contains);
    ck_assert_int_eq(range_overlaps(single, outer), CONTAINS[_i].contains);
}
END_TEST

static const struct {
    const char *a, *b;
    bool holds, overlaps;
    int order, size_order;
} PAIRS[] = {
    {"10.0.0.0/8", "10.0.0.0/8", true, true, 0, 0},
    {"10.0.0.0/8", "10.1.0.0/16", true, true, -1, 1},
    {"10.0.0.0/8", "10.0.0.0/16", true, true, -1, 1},
    {"10.0.0.0/16", "10.0.0.0/8", false, true, 1, -1},
    {"10.0.0.0/8", "11.0.0.0/8", false, false, -1, 0},
    {"10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.17", false, true, -1, 0},
    {"10.0.0.1-10.0.0.9", "10.0.0.10-10.0.0.19", false, false, -1, -1},
    {"0.0.0.0/0", "::/0", false, false, -1, -1},
    {"0.0.0.0/0", "::/96", false, false, -1, 0},
    {"0.0.0.0/0", "2001:db8::1", false, false, -1, 1},
    {"::/0", "8000::/1", true, true, -1, 1},
    {"8000::/1", "::/0", false, true, 1, -1},
    {"::/64", "0:0:0:1::/64", false, false, -1, 0},
    {"::1-0:0:0:1::", "::-0:0:0:1::", false, true, 1, -1},
    {"::1-0:0:0:1::", "::/64", false, true, 1, 0},
};

START_TEST(two_ranges_compare)
{
    struct range a = range(PAIRS[_i].a);
    struct range b = range(PAIRS[_i].b);
    ck_assert_int_eq(range_holds(a, b), PAIRS[_i].holds);
    ck_assert_int_eq(range_overlaps(a, b), PAIRS[_i].overlaps);
    ck_assert_int_eq(range_overlaps(b, a), PAIRS[_i].overlaps);
    ck_assert_int_eq(range_compare(a, b), PAIRS[_i].order);
    ck_assert_int_eq(range_compare(b, a), -PAIRS[_i].order);
    ck_assert_int_eq(range_equal(a, b), PAIRS[_i].order == 0);
    ck_assert_int_eq(range_compare_size(a, b), PAIRS[_i].size_order);
    ck_assert_int_eq(range_compare_size(b, a), -PAIRS[_i].size_order);
}
END_TEST

static const struct {
    const char *range;
    unsigned log2;
} SIZES[] = {
    {"10.0.0.1", 0},
    {"10.0.0.0/31", 1},
    {"10.0.0.1-10.0.0.3", 1},
    {"10.0.0.0/24", 8},
    {"10.0.0.0-10.0.1.0", 8},
    {"10.0.0.0-10.0.1.254", 8},
    {"0.0.0.0/0", 32},
    {"0.0.0.1-255.255.255.255", 31},
    {"2001:db8::/65", 63},
    {"2001:db8::/64", 64},
    {"2001:db8::1-2001:db8::ffff:ffff:ffff:ffff", 63},
    {"2001:db8::1-2001:db8:0:1::", 64},
    {"2001:db8::/63", 65},
    {"::/1", 127},
    {"::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 127},
    {"::/0", 128},
};

START_TEST(sizes_round_down_to_a_power_of_two)
{
    ck_assert_uint_eq(range_size_log2(range(SIZES[_i].range)), SIZES[_i].log2);
}
END_TEST

START_TEST(every_prefix_has_its_size_and_writes_back)
{
    for (unsigned prefix = 0; prefix <= 128; prefix++) {
        char text[RANGE_TEXT_SIZE], room[RANGE_TEXT_SIZE];
        struct output out = output_to(text, sizeof text);
        struct range parsed;
        output_format(&out, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/%u",
                      prefix);
        enum range_problem problem = range_parse(text_of(text), &parsed);
        ck_assert_int_eq((int)problem,
                         (int)(prefix == 128 ? RANGE_OK : RANGE_HOST_BITS));
        ck_assert_uint_eq(range_size_log2(parsed), 128 - prefix);
        ck_assert(range_equal(range(written(parsed, room).data), parsed));
    }
}
END_TEST

START_TEST(a_limit_counts_addresses)
{
    ck_assert(range_is_at_most(range("10.0.0.0/24"), 256));
    ck_assert(!range_is_at_most(range("10.0.0.0/24"), 255));
    ck_assert(!range_is_at_most(range("10.0.0.0-10.0.1.0"), 256));
    ck_assert(range_is_at_most(range("10.0.0.1"), 1));
    ck_assert(!range_is_at_most(range("10.0.0.1"), 0));
    ck_assert(range_is_at_most(range("2001:db8::/120"), 256));
    ck_assert(!range_is_at_most(range("2001:db8::/64"), UINT64_MAX));
    ck_assert(!range_is_at_most(range("::/0"), UINT64_MAX));
    ck_assert(range_is_at_most(range("::1-::ffff:ffff:ffff:ffff"), UINT64_MAX));
}
END_TEST

static const struct {
    const char *range;
    bool internal;
} INTERNAL[] = {
    {"127.0.0.1", true},
    {"127.0.0.0/8", true},
    {"126.255.255.255", false},
    {"128.0.0.0", false},
    {"10.0.0.0/8", true},
    {"10.0.0.0/7", false},
    {"9.255.255.255", false},
    {"11.0.0.0", false},
    {"172.16.0.0/12", true},
    {"172.31.255.255", true},
    {"172.15.255.255", false},
    {"172.32.0.0", false},
    {"192.168.0.0/16", true},
    {"192.167.255.255", false},
    {"192.169.0.0", false},
    {"169.254.0.0/16", true},
    {"169.253.255.255", false},
    {"169.255.0.0", false},
    {"0.0.0.0/0", false},
    {"192.0.2.1", false},
    {"::1", true},
    {"::", false},
    {"::2", false},
    {"::/127", false},
    {"fc00::/7", true},
    {"fbff::", false},
    {"fdff:ffff::1", true},
    {"fe00::", false},
    {"fe80::/10", true},
    {"febf::1", true},
    {"fec0::", false},
    {"fe7f::", false},
    {"::ffff:127.0.0.1", true},
    {"2001:db8::1", false},
    {"10.0.0.1-172.16.0.1", false},
};

START_TEST(internal_ranges_are_the_registered_ones)
{
    ck_assert_msg(range_is_internal(range(INTERNAL[_i].range)) ==
                      INTERNAL[_i].internal,
                  "%s", INTERNAL[_i].range);
}
END_TEST

START_TEST(the_built_in_ranges_are_those_networks)
{
    ck_assert(range_equal(RANGES_LOOPBACK[0], range("127.0.0.0/8")));
    ck_assert(range_equal(RANGES_LOOPBACK[1], range("::1")));
    ck_assert(range_equal(RANGES_PRIVATE[0], range("10.0.0.0/8")));
    ck_assert(range_equal(RANGES_PRIVATE[1], range("172.16.0.0/12")));
    ck_assert(range_equal(RANGES_PRIVATE[2], range("192.168.0.0/16")));
    ck_assert(range_equal(RANGES_PRIVATE[3], range("fc00::/7")));
    ck_assert(range_equal(RANGES_LINK_LOCAL[0], range("169.254.0.0/16")));
    ck_assert(range_equal(RANGES_LINK_LOCAL[1], range("fe80::/10")));
    ck_assert(range_equal(RANGE_ALL_IPV4, range("0.0.0.0/0")));
    ck_assert(range_equal(RANGE_ALL_IPV6, range("::/0")));
}
END_TEST

/* -- several ------------------------------------------------------------ */

static const struct {
    const char *ranges[5]; /* NULL behind the last */
    const char *joined[5];
} JOINS[] = {
    {{NULL}, {NULL}},
    {{"10.0.0.0/8"}, {"10.0.0.0/8"}},
    {{"10.0.0.0/9", "10.128.0.0/9"}, {"10.0.0.0/8"}},
    {{"10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8"}, {"10.0.0.0/7"}},
    {{"10.0.0.1", "10.0.0.3", "10.0.0.4"}, {"10.0.0.1", "10.0.0.3-10.0.0.4"}},
    {{"10.0.0.0", "10.0.0.0/8"}, {"10.0.0.0/8"}},
    {{"255.255.255.255", "::"}, {"255.255.255.255", "::"}},
    {{"255.255.255.0/24", "255.255.255.255"}, {"255.255.255.0/24"}},
    {{"::/1", "8000::/1", "ffff::1"}, {"::/0"}},
};

START_TEST(ranges_that_touch_are_joined)
{
    struct range ranges[5];
    size_t count = 0;
    for (; JOINS[_i].ranges[count]; count++)
        ranges[count] = range(JOINS[_i].ranges[count]);
    count = ranges_join(ranges, count);
    for (size_t i = 0; i < count; i++)
        ck_assert(range_equal(ranges[i], range(JOINS[_i].joined[i])));
    ck_assert_ptr_null(JOINS[_i].joined[count]);
}
END_TEST

START_TEST(a_range_is_found_by_an_address)
{
    const struct range ranges[] = {range("10.0.0.0/8"), range("192.0.2.1"),
                                   range("2001:db8::/32")};
    static const struct {
        const char *address;
        size_t at;
    } found[] = {
        {"9.255.255.255", 0},
        {"10.0.0.0", 0},
        {"10.255.255.255", 0},
        {"11.0.0.0", 1},
        {"192.0.2.1", 1},
        {"192.0.2.2", 2},
        {"::", 2},
        {"2001:db8:ffff::1", 2},
        {"2001:db9::", 3},
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        ck_assert_uint_eq(ranges_find(ranges, 3, range(found[i].address).first),
                          found[i].at);
    ck_assert_uint_eq(ranges_find(ranges, 0, ranges[0].first), 0);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *
test_suite(void)
{
    Suite *suite = suite_create("range");
    TCase *tcase = tcase_create("range");
    tcase_add_loop_test(tcase, text_becomes_a_range_or_a_hint, 0, COUNT(FORMS));
    tcase_add_test(tcase, a_nul_ends_no_range);
    tcase_add_loop_test(tcase, a_range_contains_its_family_between_its_ends, 0,
                        COUNT(CONTAINS));
    tcase_add_loop_test(tcase, two_ranges_compare, 0, COUNT(PAIRS));
    tcase_add_loop_test(tcase, sizes_round_down_to_a_power_of_two, 0,
                        COUNT(SIZES));
    tcase_add_test(tcase, every_prefix_has_its_size_and_writes_back);
    tcase_add_test(tcase, a_limit_counts_addresses);
    tcase_add_loop_test(tcase, internal_ranges_are_the_registered_ones, 0,
                        COUNT(INTERNAL));
    tcase_add_test(tcase, the_built_in_ranges_are_those_networks);
    tcase_add_loop_test(tcase, ranges_that_touch_are_joined, 0, COUNT(JOINS));
    tcase_add_test(tcase, a_range_is_found_by_an_address);
    suite_add_tcase(suite, tcase);
    return suite;
}
