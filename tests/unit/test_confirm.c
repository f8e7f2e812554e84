#include "suite.h"

#include <stdio.h>

#include "dns/confirm.h"
#include "wire.h"

enum {
    GOOD = 0x8180,
    NXDOMAIN = 0x8183,
    SERVFAIL = 0x8182,
    REFUSED = 0x8185
};

#define ARPA "10.2.0.192.in-addr.arpa"
#define A    "\300\0\2\12" /* 192.0.2.10 */
#define B    "\300\0\2\13"

static struct wire wire;

static struct confirm
begun(const char *client)
{
    struct confirm confirm;
    struct address address;
    ck_assert(address_parse(text_of(client), &address));
    confirm_begin(&confirm, address);
    return confirm;
}

static void
take(struct confirm *confirm, unsigned number)
{
    confirm_take(confirm, number, MAYRELAY_DNS_FOUND, wire.data, wire.size);
}

/* With the PTR question answered by `count` names. */
static struct confirm
with_names(const char *const *names, size_t count)
{
    struct confirm confirm = begun("192.0.2.10");
    struct question question;
    ck_assert(confirm_next(&confirm, &question));
    wire_begin(&wire, ARPA, 12, GOOD);
    for (size_t i = 0; i < count; i++)
        wire_pointer(&wire, WIRE_ANSWER, ARPA, 12, 300, names[i]);
    take(&confirm, question.number);
    return confirm;
}

static void
answer_a(struct confirm *confirm, const char *address)
{
    struct question question;
    ck_assert(confirm_next(confirm, &question));
    ck_assert_int_eq(question.type, RECORD_A);
    wire_begin(&wire, question.name, 1, address ? GOOD : NXDOMAIN);
    if (address)
        wire_record(&wire, WIRE_ANSWER, question.name, 1, 60, address, 4);
    take(confirm, question.number);
}

static void
expect(struct confirm *confirm, bool known, size_t count, uint32_t ttl)
{
    struct question question;
    ck_assert(!confirm_next(confirm, &question));
    ck_assert(confirm_is_over(confirm));
    struct mayrelay_dns_answer *answer = confirm_answer(confirm);
    ck_assert_int_eq(mayrelay_dns_answer_is_known(answer), known);
    ck_assert_uint_eq(mayrelay_dns_answer_count(answer), count);
    ck_assert_uint_eq(mayrelay_dns_answer_get_ttl(answer), ttl);
    mayrelay_dns_answer_free(answer);
}

START_TEST(a_name_that_leads_back_is_confirmed)
{
    const char *names[] = {"MX.Example.COM"};
    struct confirm confirm = with_names(names, 1);
    ck_assert(!confirm_is_over(&confirm));
    answer_a(&confirm, A);
    ck_assert_str_eq(confirm.names[0].name, "mx.example.com");
    expect(&confirm, true, 1, 60);
}
END_TEST

START_TEST(all_names_count_and_doubles_are_asked_once)
{
    const char *names[] = {"a.example", "b.example", "A.example", "c.example"};
    struct confirm confirm = with_names(names, 4);
    answer_a(&confirm, A);
    answer_a(&confirm, B);
    answer_a(&confirm, A);
    expect(&confirm, true, 2, 60);
}
END_TEST

/* The names that are confirmed are not the whole answer: the one that failed
 * may stand in a deny list. */
START_TEST(one_failed_name_leaves_all_unknown)
{
    const char *names[] = {"a.example", "b.example"};
    struct confirm confirm = with_names(names, 2);
    struct question question;
    answer_a(&confirm, A);
    ck_assert(confirm_next(&confirm, &question));
    confirm_take(&confirm, question.number, MAYRELAY_DNS_TIMEOUT, NULL, 0);
    expect(&confirm, false, 0, CONFIRM_FAILED_SECONDS);
}
END_TEST

START_TEST(giving_up_fails_what_is_open)
{
    const char *names[] = {"a.example", "b.example"};
    struct confirm confirm = with_names(names, 2);
    struct question question;
    answer_a(&confirm, A);
    confirm_give_up(&confirm, MAYRELAY_DNS_TIMEOUT);
    ck_assert_int_eq(confirm.names[0].result, MAYRELAY_DNS_CONFIRMED);
    ck_assert_int_eq(confirm.names[1].result, MAYRELAY_DNS_TIMEOUT);
    ck_assert(!confirm_next(&confirm, &question));
    struct confirm fresh = begun("192.0.2.10");
    confirm_give_up(&fresh, MAYRELAY_DNS_FAILED);
    ck_assert(!confirm_next(&fresh, &question));
    expect(&fresh, false, 0, 0);
}
END_TEST

START_TEST(answers_count_once)
{
    const char *names[] = {"a.example"};
    struct confirm confirm = with_names(names, 1);
    answer_a(&confirm, B);
    wire_begin(&wire, "a.example", 1, GOOD);
    wire_record(&wire, WIRE_ANSWER, "a.example", 1, 60, A, 4);
    take(&confirm, 1);
    take(&confirm, 2);
    take(&confirm, 77);
    expect(&confirm, true, 0, 60);
}
END_TEST

START_TEST(ipv6_is_asked_by_its_digits)
{
    struct confirm confirm = begun("2001:db8::567:89ab");
    struct question question;
    ck_assert(confirm_next(&confirm, &question));
    ck_assert_str_eq(question.name,
                     "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
                     "1.0.0.2.ip6.arpa");
    wire_begin(&wire, question.name, 12, GOOD);
    wire_pointer(&wire, WIRE_ANSWER, question.name, 12, 60, "six.example");
    take(&confirm, 0);
    ck_assert(confirm_next(&confirm, &question));
    ck_assert_int_eq(question.type, RECORD_AAAA);
    wire_begin(&wire, question.name, 28, GOOD);
    wire_record(&wire, WIRE_ANSWER, question.name, 28, 60,
                "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\5\x67\x89\xab", 16);
    take(&confirm, 1);
    expect(&confirm, true, 1, 60);
}
END_TEST

static const struct {
    const char *name; /* in the wire's form, without the root */
    size_t size;
} ILL_FORMED[] = {
    {"", 0},
    {"\003192\0010\0012\00210", 11},
    {"\0011\0012\0013\0014\0015", 10},
    {"\003a.b\7example", 12},
    {"\003a\0b\7example", 12},
    {"\002-a\7example", 11},
    {"\002a-\7example", 11},
    {"\003a b\7example", 12},
    {"\003a/b\7example", 12},
    {"\003a\\1\7example", 12},
    {"\003b\xc3\xbc\7example", 12},
    {"\002\r\n\7example", 11},
    {"\001a\00212", 5},
};

START_TEST(ill_formed_names_are_no_names)
{
    struct confirm confirm = begun("192.0.2.10");
    struct question question;
    char data[64] = {0};
    ck_assert(confirm_next(&confirm, &question));
    memcpy(data, ILL_FORMED[_i].name, ILL_FORMED[_i].size);
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_record(&wire, WIRE_ANSWER, ARPA, 12, 60, data,
                ILL_FORMED[_i].size + 1);
    take(&confirm, 0);
    ck_assert_int_eq(confirm.result, MAYRELAY_DNS_FOUND);
    ck_assert_int_eq(confirm.names[0].result, MAYRELAY_DNS_ILL_FORMED);
    for (const char *c = confirm.names[0].name; *c; c++)
        ck_assert_msg(*c > ' ' && *c <= '~', "shows octet %d", *c);
    expect(&confirm, true, 0, 60);
}
END_TEST

START_TEST(too_many_names_are_not_known)
{
    static char text[CONFIRM_NAMES_MOST + 1][16];
    const char *names[CONFIRM_NAMES_MOST + 1];
    for (int i = 0; i <= CONFIRM_NAMES_MOST; i++) {
        snprintf(text[i], sizeof text[i], "n%d.example", i);
        names[i] = text[i];
    }
    struct confirm confirm = with_names(names, CONFIRM_NAMES_MOST);
    for (int i = 0; i < CONFIRM_NAMES_MOST; i++)
        answer_a(&confirm, A);
    expect(&confirm, true, CONFIRM_NAMES_MOST, 60);
    confirm = with_names(names, CONFIRM_NAMES_MOST + 1);
    ck_assert_int_eq(confirm.result, MAYRELAY_DNS_TOO_MANY);
    expect(&confirm, false, 0, CONFIRM_FAILED_SECONDS);
}
END_TEST

/* -- messages ------------------------------------------------------------ */

static enum mayrelay_dns_result
read_ptr(struct message *message)
{
    return message_read(message, wire.data, wire.size, TEXT(ARPA), RECORD_PTR);
}

START_TEST(cnames_are_followed)
{
    struct message message;
    char name[DOMAIN_TEXT_SIZE];
    bool well_formed;
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_pointer(&wire, WIRE_ANSWER, "10.0-31.2.0.192.in-addr.arpa", 12, 50,
                 "mx.example");
    wire_pointer(&wire, WIRE_ANSWER, ARPA, 5, 40,
                 "10.0-31.2.0.192.in-addr.arpa");
    wire_pointer(&wire, WIRE_ANSWER, "other.example", 12, 1, "evil.example");
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_FOUND);
    ck_assert(message_next_name(&message, name, &well_formed));
    ck_assert_str_eq(name, "mx.example");
    ck_assert(!message_next_name(&message, name, &well_formed));
    ck_assert_uint_eq(message.ttl, 40);
}
END_TEST

START_TEST(cnames_in_a_circle_are_malformed)
{
    struct message message;
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_pointer(&wire, WIRE_ANSWER, ARPA, 5, 40, "a.example");
    wire_pointer(&wire, WIRE_ANSWER, "a.example", 5, 40, ARPA);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_MALFORMED);
}
END_TEST

START_TEST(absence_has_its_forms)
{
    struct message message;
    wire_begin(&wire, ARPA, 12, NXDOMAIN);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_NO_NAME);
    ck_assert_uint_eq(message.ttl, 0);
    wire_soa(&wire, "in-addr.arpa", 200, 77);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_NO_NAME);
    ck_assert_uint_eq(message.ttl, 77);
    wire_begin(&wire, ARPA, 12, GOOD);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_NO_DATA);
    wire_soa(&wire, "in-addr.arpa", 20, 77);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_NO_DATA);
    ck_assert_uint_eq(message.ttl, 20);
    /* A referral is no answer, nor is a CNAME that was not followed. */
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_pointer(&wire, WIRE_AUTHORITY, "arpa", 2, 60, "ns.example");
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_MALFORMED);
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_pointer(&wire, WIRE_ANSWER, ARPA, 5, 60, "a.example");
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_MALFORMED);
    wire_soa(&wire, "example", 20, 77);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_NO_DATA);
}
END_TEST

static const struct {
    unsigned flags;
    enum mayrelay_dns_result result;
} HEADS[] = {
    {SERVFAIL, MAYRELAY_DNS_UNREACHABLE}, {REFUSED, MAYRELAY_DNS_UNREACHABLE},
    {0x8184, MAYRELAY_DNS_UNREACHABLE},   {0x8181, MAYRELAY_DNS_UNREACHABLE},
    {0x0180, MAYRELAY_DNS_MALFORMED}, /* a question */
    {0x8380, MAYRELAY_DNS_MALFORMED}, /* truncated */
    {0xa180, MAYRELAY_DNS_MALFORMED}, /* not a QUERY */
    {NXDOMAIN, MAYRELAY_DNS_MALFORMED},   {GOOD, MAYRELAY_DNS_FOUND},
};

START_TEST(the_head_says_what_it_is)
{
    struct message message;
    wire_begin(&wire, ARPA, 12, HEADS[_i].flags);
    wire_pointer(&wire, WIRE_ANSWER, ARPA, 12, 60, "mx.example");
    ck_assert_int_eq(read_ptr(&message), HEADS[_i].result);
}
END_TEST

START_TEST(another_question_is_not_answered)
{
    struct message message;
    wire_begin(&wire, "11.2.0.192.in-addr.arpa", 12, GOOD);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_MALFORMED);
    wire_begin(&wire, ARPA, 1, GOOD);
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_MALFORMED);
}
END_TEST

START_TEST(every_cut_is_seen)
{
    struct message message;
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_pointer(&wire, WIRE_ANSWER, ARPA, 12, 60, "mx.example");
    wire_pointer(&wire, WIRE_AUTHORITY, ARPA, 2, 60, "ns.example");
    wire_soa(&wire, ARPA, 60, 60);
    size_t whole = wire.size;
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_FOUND);
    for (wire.size = 0; wire.size < whole; wire.size++)
        ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_MALFORMED);
}
END_TEST

/* The data of the PTR record that begins the answer section. */
static enum mayrelay_dns_result
with_data(const char *data, size_t size)
{
    struct message message;
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_record(&wire, WIRE_ANSWER, ARPA, 12, 60, data, size);
    return read_ptr(&message);
}

START_TEST(names_end)
{
    char far[300];
    size_t here = 12 + 25 + 4 + 25 + 10;
    char self[2] = {(char)(0xc0 | here >> 8), (char)here};
    ck_assert_int_eq(with_data(self, 2), MAYRELAY_DNS_MALFORMED);
    self[1]++;
    ck_assert_int_eq(with_data(self, 2), MAYRELAY_DNS_MALFORMED);
    ck_assert_int_eq(with_data("\xc0", 1), MAYRELAY_DNS_MALFORMED);
    ck_assert_int_eq(with_data("\x40", 1), MAYRELAY_DNS_MALFORMED);
    ck_assert_int_eq(with_data("\1a\0\0", 4), MAYRELAY_DNS_MALFORMED);
    ck_assert_int_eq(with_data("", 0), MAYRELAY_DNS_MALFORMED);
    /* 254 octets of labels and the root are 255; one more is too many. */
    memset(far, 1, sizeof far);
    far[254] = 0;
    ck_assert_int_eq(with_data(far, 255), MAYRELAY_DNS_FOUND);
    far[254] = 1;
    far[256] = 0;
    ck_assert_int_eq(with_data(far, 257), MAYRELAY_DNS_MALFORMED);
}
END_TEST

/* A record of no type we know holds a name and pointers, each to the one before
 * it; the PTR record's data is a pointer to the last. */
static enum mayrelay_dns_result
with_pointers(size_t count)
{
    struct message message;
    char data[400] = "\1a";
    char last[2];
    size_t at = 12 + 25 + 4 + 25 + 10;
    size_t size = 3;
    last[0] = (char)(0xc0 | at >> 8);
    last[1] = (char)at;
    for (size_t i = 1; i < count; i++, size += 2) {
        memcpy(data + size, last, 2);
        last[0] = (char)(0xc0 | (at + size) >> 8);
        last[1] = (char)(at + size);
    }
    wire_begin(&wire, ARPA, 12, GOOD);
    wire_record(&wire, WIRE_ANSWER, ARPA, 99, 60, data, size);
    wire_record(&wire, WIRE_ANSWER, ARPA, 12, 60, last, 2);
    return read_ptr(&message);
}

START_TEST(pointers_to_pointers_are_not_followed_for_long)
{
    ck_assert_int_eq(with_pointers(1), MAYRELAY_DNS_FOUND);
    ck_assert_int_eq(with_pointers(128), MAYRELAY_DNS_FOUND);
    ck_assert_int_eq(with_pointers(129), MAYRELAY_DNS_MALFORMED);
}
END_TEST

START_TEST(addresses_have_their_size)
{
    struct message message;
    for (size_t size = 0; size < 20; size++) {
        wire_begin(&wire, "a.example", 1, GOOD);
        wire_record(&wire, WIRE_ANSWER, "a.example", 1, 60,
                    "12345678901234567890", size);
        ck_assert_int_eq(message_read(&message, wire.data, wire.size,
                                      TEXT("a.example"), RECORD_A),
                         size == 4 ? MAYRELAY_DNS_FOUND
                                   : MAYRELAY_DNS_MALFORMED);
    }
}
END_TEST

START_TEST(too_many_records_are_refused)
{
    struct message message;
    wire_begin(&wire, ARPA, 12, GOOD);
    for (int i = 0; i <= MESSAGE_RECORDS_MOST; i++)
        wire_pointer(&wire, WIRE_ANSWER, ARPA, 12, 60, "mx.example");
    ck_assert_int_eq(read_ptr(&message), MAYRELAY_DNS_TOO_MANY);
}
END_TEST

/* RFC 2181 §8. */
START_TEST(a_negative_ttl_is_zero)
{
    const char *names[] = {"a.example"};
    struct confirm confirm = with_names(names, 1);
    struct question question;
    ck_assert(confirm_next(&confirm, &question));
    wire_begin(&wire, "a.example", 1, GOOD);
    wire_record(&wire, WIRE_ANSWER, "a.example", 1, 0x80000000u, A, 4);
    take(&confirm, question.number);
    expect(&confirm, true, 1, 0);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("confirm");
    TCase *confirm = tcase_create("confirm");
    tcase_add_test(confirm, a_name_that_leads_back_is_confirmed);
    tcase_add_test(confirm, all_names_count_and_doubles_are_asked_once);
    tcase_add_test(confirm, one_failed_name_leaves_all_unknown);
    tcase_add_test(confirm, giving_up_fails_what_is_open);
    tcase_add_test(confirm, answers_count_once);
    tcase_add_test(confirm, ipv6_is_asked_by_its_digits);
    tcase_add_loop_test(confirm, ill_formed_names_are_no_names, 0,
                        (int)(sizeof ILL_FORMED / sizeof ILL_FORMED[0]));
    tcase_add_test(confirm, too_many_names_are_not_known);
    suite_add_tcase(suite, confirm);
    TCase *message = tcase_create("message");
    tcase_add_test(message, cnames_are_followed);
    tcase_add_test(message, cnames_in_a_circle_are_malformed);
    tcase_add_test(message, absence_has_its_forms);
    tcase_add_loop_test(message, the_head_says_what_it_is, 0,
                        (int)(sizeof HEADS / sizeof HEADS[0]));
    tcase_add_test(message, another_question_is_not_answered);
    tcase_add_test(message, every_cut_is_seen);
    tcase_add_test(message, names_end);
    tcase_add_test(message, pointers_to_pointers_are_not_followed_for_long);
    tcase_add_test(message, addresses_have_their_size);
    tcase_add_test(message, too_many_records_are_refused);
    tcase_add_test(message, a_negative_ttl_is_zero);
    suite_add_tcase(suite, message);
    return suite;
}
