#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

static const enum mayrelay_fact NAME = MAYRELAY_FACT_CLIENT_NAME;
static const enum mayrelay_fact GROUPS = MAYRELAY_FACT_GROUPS;
static const enum mayrelay_fact RECIPIENT = MAYRELAY_FACT_RECIPIENT;

/* A recipient for each fact: it is relayed to if that fact, and no other, is
 * as the rule wants it. */
#define CERTIFICATE                                                            \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
static const char POLICY[] =
    "mayrelay: 1\n"
    "groups: {Staff: ask}\n"
    "domains:\n"
    "  inbound:\n"
    "    - example.com\n"
    "    - {domain: asks.example, mailboxes: ask}\n"
    "  reroute: {old.example: example.com}\n"
    "connect:\n"
    "  deny:\n"
    "    - {clients: [192.0.2.99], reply: 451 4.7.1 Not now}\n"
    "    - {clients: [192.0.2.98]}\n"
    "relay:\n"
    "  allow:\n"
    "    - {clients: [10.0.0.1], recipients: [address.example]}\n"
    "    - {clients: [.trusted.example], recipients: [name.example]}\n"
    "    - {tls: true, clients: [$all], open-relay: true,\n"
    "       recipients: [tls.example]}\n"
    "    - {certificates: [" CERTIFICATE "],\n"
    "       recipients: [certificate.example]}\n"
    "    - {users: [steven], recipients: [identity.example]}\n"
    "    - {users: [$Staff], recipients: [group.example]}\n"
    "    - {clients: [$all], open-relay: true, senders: [a@sender.example],\n"
    "       recipients: [sender.example]}\n";

static mayrelay_session *
start(void)
{
    return session_over(must_parse(POLICY));
}

/* Says every fact there is. */
static void
say_all(mayrelay_session *s)
{
    mayrelay_session_connect(s, "10.0.0.1", "192.0.2.25:25");
    mayrelay_session_add_client_name(s, "mx.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    mayrelay_session_tls(s, CERTIFICATE, Z);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_add_group(s, "staff", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "a@sender.example", Z);
}

/* -- the life of facts
 * -------------------------------------------------------------------- */

enum fact_bit {
    ADDRESS = 1,
    NAMED = 2,
    TLS = 4,
    CERTIFIED = 8,
    IDENTITY = 16,
    GROUP = 32,
    SENDER = 64,
    EVERYTHING = 127
};

static const struct {
    enum fact_bit bit;
    const char *recipient;
} KNOWN_BY[] = {
    {ADDRESS, "x@address.example"},   {NAMED, "x@name.example"},
    {TLS, "x@tls.example"},           {CERTIFIED, "x@certificate.example"},
    {IDENTITY, "x@identity.example"}, {GROUP, "x@group.example"},
    {SENDER, "x@sender.example"},
};

/* The facts that the session still has, told by what it relays. */
static unsigned
facts_left(mayrelay_session *s)
{
    unsigned left = 0;
    for (int i = 0; i < COUNT(KNOWN_BY); i++)
        if (mayrelay_session_rcpt(s, KNOWN_BY[i].recipient, Z) == 250)
            left |= KNOWN_BY[i].bit;
    return left;
}

static void
connect_again(mayrelay_session *s)
{
    mayrelay_session_connect(s, "203.0.113.9", NULL);
}

static void
tls_again(mayrelay_session *s)
{
    mayrelay_session_tls(s, NULL, 0);
}

static void
auth_again(mayrelay_session *s)
{
    mayrelay_session_auth(s, "helpdesk", Z);
}

static void
anonymous_again(mayrelay_session *s)
{
    mayrelay_session_auth(s, NULL, 0);
}

static void
mail_again(mayrelay_session *s)
{
    mayrelay_session_mail(s, "other@sender.example", Z);
}

static void
nothing_again(mayrelay_session *s)
{
    mayrelay_session_resume(s);
}

/* After a fact was said anew, and a sender where it was cleared. */
static const struct {
    void (*again)(mayrelay_session *s);
    unsigned left;
    bool keeps_sender;
} LIVES[] = {
    {nothing_again, EVERYTHING, true},
    {connect_again, 0, false},
    {tls_again, ADDRESS | NAMED | TLS, false},
    {auth_again, ADDRESS | NAMED | TLS | CERTIFIED, false},
    {anonymous_again, ADDRESS | NAMED | TLS | CERTIFIED, false},
    {mail_again, EVERYTHING & ~SENDER, true},
    {mayrelay_session_reset, EVERYTHING & ~SENDER, false},
};

START_TEST(facts_live_as_long_as_they_should)
{
    mayrelay_session *s = start();
    say_all(s);
    LIVES[_i].again(s);
    if (!LIVES[_i].keeps_sender) {
        ck_assert_uint_eq(facts_left(s), 0);
        ck_assert_reason(s, INTERNAL_ERROR);
        mayrelay_session_mail(s, "<>", Z);
    }
    ck_assert_uint_eq(facts_left(s), LIVES[_i].left);
    mayrelay_session_free(s);
}
END_TEST

/* What was said of one recipient is not said of the next. */
START_TEST(the_recipient_is_cleared)
{
    mayrelay_session *s = start();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@asks.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), RECIPIENT);
    mayrelay_session_set_recipient_exists(s, true);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@asks.example", Z), 451);
    mayrelay_session_set_recipient_exists(s, true);
    mayrelay_session_mail(s, "a@sender.example", Z);
    ck_assert_int_eq(mayrelay_session_set_recipient_exists(s, true),
                     MAYRELAY_ERR_STAGE);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@asks.example", Z), 451);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(a_setter_ends_what_resume_would_judge)
{
    mayrelay_session *s = start();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@address.example", Z), 250);
    LIVES[_i].again(s);
    int code = mayrelay_session_resume(s);
    enum mayrelay_reason reason = reason_of(s);
    ck_assert(code != 250 || reason == MAYRELAY_REASON_PROCEED ||
              reason == MAYRELAY_REASON_RELAY_ALLOWED);
    ck_assert_int_eq(reason == MAYRELAY_REASON_RELAY_ALLOWED,
                     LIVES[_i].again == nothing_again);
    mayrelay_session_free(s);
}
END_TEST

/* -- answers
 * ------------------------------------------------------------------------------
 */

START_TEST(names_count_once_they_are_answered)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 451);
    ck_assert_reason(s, LOOKUP_FAILED);
    ck_assert_uint_eq(mayrelay_session_needs(s), NAME);
    mayrelay_session_add_client_name(s, "h.trusted.example", Z);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), NAME);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(a_failed_look_up_is_final)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_add_client_name(s, "h.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_FAILED);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 451);
    ck_assert_reason(s, LOOKUP_FAILED);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(a_second_answer_replaces_the_first)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_add_client_name(s, "h.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 250);
    mayrelay_session_add_client_name(s, "h.other.example", Z);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 550);
    mayrelay_session_add_client_name(s, "h.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 550);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(groups_given_twice_are_those_of_the_second_answer)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_auth(s, "someone", Z);
    mayrelay_session_add_group(s, "STAFF", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@group.example", Z), 250);
    mayrelay_session_add_group(s, "others", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 550);
    mayrelay_session_free(s);
}
END_TEST

static const struct text MALFORMED_NAMES[] = {
    TEXT(""),
    TEXT("."),
    TEXT("h..trusted.example"),
    TEXT("h.trusted.example.."),
    TEXT("h.trusted.example\0.x"),
    TEXT("-h.trusted.example"),
    TEXT("h trusted.example"),
    TEXT("\xff.trusted.example"),
    TEXT("h.trusted.example\r\n"),
};

START_TEST(a_malformed_name_is_a_failed_look_up)
{
    mayrelay_session *s = start();
    struct text name = MALFORMED_NAMES[_i];
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_add_client_name(s, "h.trusted.example.", Z);
    mayrelay_session_add_client_name(s, name.data, name.size);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_add_client_name(s, "h.trusted.example.", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(groups_of_an_anonymous_client_are_ignored)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_auth(s, "guest", Z);
    mayrelay_session_add_group(s, "staff", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@group.example", Z), 550);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(the_host_knows_mailboxes_only_where_it_is_asked)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    mayrelay_session_rcpt(s, "joe@example.com", Z);
    mayrelay_session_set_recipient_exists(s, false);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    mayrelay_session_rcpt(s, "joe@asks.example", Z);
    mayrelay_session_set_recipient_exists(s, false);
    ck_assert_int_eq(mayrelay_session_resume(s), 550);
    ck_assert_reason(s, UNKNOWN_RECIPIENT);
    mayrelay_session_answer(s, RECIPIENT, MAYRELAY_FAILED);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(nothing_is_answered_of_a_recipient_before_rcpt)
{
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_set_recipient_exists(s, true),
                     MAYRELAY_ERR_STAGE);
    say_all(s);
    ck_assert_int_eq(mayrelay_session_set_recipient_exists(s, true),
                     MAYRELAY_ERR_STAGE);
    ck_assert_int_eq(mayrelay_session_answer(s, RECIPIENT, MAYRELAY_FAILED),
                     MAYRELAY_ERR_STAGE);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@asks.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), RECIPIENT);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(unknown_facts_cannot_be_answered)
{
    mayrelay_session *s = start();
    say_all(s);
    enum mayrelay_fact none = (enum mayrelay_fact)3;
    ck_assert_int_eq(mayrelay_session_answer(s, none, MAYRELAY_KNOWN),
                     MAYRELAY_ERR_ARGUMENT);
    mayrelay_session_free(s);
}
END_TEST

/* -- poison
 * -------------------------------------------------------------------------------
 */

static char long_text[1025];

static void
make_long_text(void)
{
    memset(long_text, 'a', sizeof long_text);
}

static enum mayrelay_status
bad_auth(mayrelay_session *s, struct text text)
{
    return mayrelay_session_auth(s, text.data, text.size);
}

static enum mayrelay_status
bad_group(mayrelay_session *s, struct text text)
{
    return mayrelay_session_add_group(s, text.data, text.size);
}

static enum mayrelay_status
bad_tls(mayrelay_session *s, struct text text)
{
    return mayrelay_session_tls(s, text.data, text.size);
}

static enum mayrelay_status
bad_name(mayrelay_session *s, struct text text)
{
    return mayrelay_session_add_client_name(s, text.data, text.size);
}

static const struct {
    enum mayrelay_status (*set)(mayrelay_session *s, struct text text);
    struct text text;
    enum mayrelay_status status;
} POISONS[] = {
    {bad_auth, TEXT("steven\n"), MAYRELAY_ERR_TEXT},
    {bad_auth, TEXT("steven\0x"), MAYRELAY_ERR_TEXT},
    {bad_auth, TEXT("steven\x7f"), MAYRELAY_ERR_TEXT},
    {bad_auth, TEXT("steven\xc2\x80"), MAYRELAY_ERR_TEXT},
    {bad_auth, TEXT("steven\xff"), MAYRELAY_ERR_TEXT},
    {bad_auth, TEXT("steven\xed\xa0\x80"), MAYRELAY_ERR_TEXT},
    {bad_auth, {long_text, sizeof long_text}, MAYRELAY_ERR_TEXT},
    {bad_group, TEXT("staff\r"), MAYRELAY_ERR_TEXT},
    {bad_group, TEXT("staff\0"), MAYRELAY_ERR_TEXT},
    {bad_group, TEXT("staff\xc3"), MAYRELAY_ERR_TEXT},
    {bad_group, {long_text, sizeof long_text}, MAYRELAY_ERR_TEXT},
    {bad_group, {NULL, 0}, MAYRELAY_ERR_ARGUMENT},
    {bad_name, {NULL, 0}, MAYRELAY_ERR_ARGUMENT},
    {bad_tls, TEXT(""), MAYRELAY_ERR_TEXT},
    {bad_tls, TEXT("00"), MAYRELAY_ERR_TEXT},
    {bad_tls, TEXT(CERTIFICATE "00"), MAYRELAY_ERR_TEXT},
    {bad_tls, TEXT(CERTIFICATE "0"), MAYRELAY_ERR_TEXT},
    {bad_tls, TEXT(CERTIFICATE "\0"), MAYRELAY_ERR_TEXT},
    {bad_tls, TEXT("0:0" CERTIFICATE), MAYRELAY_ERR_TEXT},
    {bad_tls, {long_text, sizeof long_text}, MAYRELAY_ERR_TEXT},
};

/* A host that ignores every status goes on as if nothing had been. */
START_TEST(a_failed_setter_poisons_the_session)
{
    mayrelay_session *s = start();
    make_long_text();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 250);
    ck_assert_int_eq(POISONS[_i].set(s, POISONS[_i].text), POISONS[_i].status);
    ck_assert_reason(s, INTERNAL_ERROR);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_int_eq(mayrelay_session_mail(s, "a@sender.example", Z), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_set_recipient_exists(s, true);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_reset(s);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_mail(s, "a@sender.example", Z);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(connect_heals)
{
    mayrelay_session *s = start();
    make_long_text();
    say_all(s);
    POISONS[_i].set(s, POISONS[_i].text);
    say_all(s);
    ck_assert_uint_eq(facts_left(s), EVERYTHING);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(the_same_fact_set_again_heals)
{
    mayrelay_session *s = start();
    make_long_text();
    say_all(s);
    POISONS[_i].set(s, POISONS[_i].text);
    bool names = POISONS[_i].set == bad_name;
    mayrelay_session_tls(s, CERTIFICATE, Z);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_add_group(s, "staff", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "a@sender.example", Z);
    ck_assert_uint_eq(facts_left(s), names ? 0 : EVERYTHING);
    mayrelay_session_free(s);
}
END_TEST

/* Another fact does not heal what failed. */
START_TEST(another_fact_does_not_heal)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_tls(s, "nonsense", Z);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_mail(s, "a@sender.example", Z);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_free(s);
}
END_TEST

/* -- hosts that do it wrongly
 * ------------------------------------------------------------- */

START_TEST(rcpt_before_mail_is_an_internal_error)
{
    mayrelay_session *s = start();
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_connect(s, "10.0.0.1", NULL);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    ck_assert_ptr_null(
        mayrelay_decision_get_connector(mayrelay_session_get_decision(s)));
    mayrelay_session_free(s);
}
END_TEST

START_TEST(mail_before_connect_is_an_internal_error)
{
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_mail(s, "<>", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_reset(s);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(setters_before_connect_are_harmless)
{
    mayrelay_session *s = start();
    mayrelay_session_tls(s, CERTIFICATE, Z);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_add_group(s, "staff", Z);
    mayrelay_session_add_client_name(s, "h.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_free(s);
}
END_TEST

static const struct {
    const char *client, *listener;
} BAD_CONNECTIONS[] = {
    {NULL, NULL},        {"", NULL},
    {"10.0.0.1 ", NULL}, {"10.0.0.01", NULL},
    {"localhost", NULL}, {"10.0.0.1", "nonsense"},
    {"10.0.0.1", ""},    {"10.0.0.1", "192.0.2.25:99999"},
};

START_TEST(what_does_not_parse_is_not_given)
{
    mayrelay_session *s = start();
    int code = mayrelay_session_connect(s, BAD_CONNECTIONS[_i].client,
                                        BAD_CONNECTIONS[_i].listener);
    ck_assert_int_eq(code, 421);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(addresses_come_as_octets_too)
{
    static const unsigned char client[4] = {10, 0, 0, 1};
    static const unsigned char mapped[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1};
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_connect_addr(s, client, 4, client, 4, 25),
                     250);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, mapped, 16, NULL, 0, 0),
                     250);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_uint_eq(facts_left(s), ADDRESS);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, mapped, 15, NULL, 0, 0),
                     421);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, client, 4, client, 5, 25),
                     421);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, NULL, 4, NULL, 0, 0),
                     421);
    mayrelay_session_free(s);
}
END_TEST

static const struct text BAD_MAILBOXES[] = {
    TEXT("a\0@sender.example"),
    TEXT("a@sender.example\0"),
    TEXT("\0"),
    TEXT("a@sender.exam\xff"),
    TEXT("a@sender.example\n"),
    TEXT("a b@sender.example"),
    {long_text, 513},
    {long_text, sizeof long_text},
};

START_TEST(nul_and_its_like_are_refused)
{
    mayrelay_session *s = start();
    make_long_text();
    say_all(s);
    struct text bad = BAD_MAILBOXES[_i];
    ck_assert_int_eq(mayrelay_session_rcpt(s, bad.data, bad.size), 501);
    ck_assert_reason(s, BAD_RECIPIENT);
    ck_assert_int_eq(mayrelay_session_mail(s, bad.data, bad.size), 501);
    ck_assert_reason(s, BAD_SENDER);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(no_sender_and_no_recipient_are_not_given)
{
    mayrelay_session *s = start();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, NULL, 0), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    ck_assert_int_eq(mayrelay_session_mail(s, NULL, 0), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    mayrelay_session_free(s);
}
END_TEST

/* -- codes
 * ---------------------------------------------------------------------------------
 */

START_TEST(a_connection_is_deferred_with_421)
{
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_connect(s, "192.0.2.99", NULL), 421);
    ck_assert_str_eq(reply_of(s), "421 4.7.1 Not now");
    ck_assert_int_eq(
        mayrelay_decision_get_verdict(mayrelay_session_get_decision(s)),
        MAYRELAY_DEFER);
    ck_assert_int_eq(mayrelay_session_mail(s, "<>", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_str_eq(reply_of(s), "451 4.7.1 Not now");
    ck_assert_int_eq(mayrelay_session_connect(s, "192.0.2.98", NULL), 554);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(reroute_needs_a_host_that_rewrites)
{
    mayrelay_session *s = start();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@old.example", Z), 451);
    ck_assert_reason(s, CANNOT_REWRITE);
    ck_assert_str_eq(
        mayrelay_decision_get_recipient(mayrelay_session_get_decision(s)),
        "joe@example.com");
    mayrelay_session_rewrites(s, true);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    ck_assert_reason(s, REROUTED);
    say_all(s); /* outlives connect */
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@old.example", Z), 250);
    mayrelay_session_rewrites(s, false);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(a_session_holds_its_policy)
{
    mayrelay_policy *policy = must_parse(POLICY);
    mayrelay_session *a = mayrelay_session_new(policy);
    mayrelay_session *b = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    mayrelay_session_free(a);
    say_all(b);
    ck_assert_uint_eq(facts_left(b), EVERYTHING);
    mayrelay_session_free(b);
}
END_TEST

/* Whatever is said between a decision and its explanation. */
START_TEST(an_explanation_survives_new_facts)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_rcpt(s, "x@nowhere.example", Z);
    for (int i = 0; i < 40; i++) {
        char text[32];
        snprintf(text, sizeof text, "h%d.example", i);
        mayrelay_session_add_client_name(s, text, Z);
        mayrelay_session_add_group(s, text, Z);
        ck_assert_uint_gt(
            mayrelay_decision_explain(mayrelay_session_get_decision(s),
                                      MAYRELAY_TEXT, NULL, 0),
            0);
    }
    mayrelay_session_free(s);
}
END_TEST

/* -- NULL
 * ----------------------------------------------------------------------------------
 */

START_TEST(no_session_is_an_internal_error)
{
    ck_assert_ptr_null(mayrelay_session_new(NULL));
    mayrelay_session_free(NULL);
    ck_assert_int_eq(mayrelay_session_connect(NULL, "10.0.0.1", NULL), 451);
    ck_assert_int_eq(mayrelay_session_connect_addr(NULL, "aaaa", 4, 0, 0, 0),
                     451);
    ck_assert_int_eq(mayrelay_session_mail(NULL, "<>", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(NULL, "joe@example.com", Z), 451);
    ck_assert_int_eq(mayrelay_session_resume(NULL), 451);
    mayrelay_session_reset(NULL);
    mayrelay_session_rewrites(NULL, true);
    ck_assert_int_lt(mayrelay_session_tls(NULL, NULL, 0), 0);
    ck_assert_int_lt(mayrelay_session_auth(NULL, "steven", Z), 0);
    ck_assert_int_lt(mayrelay_session_add_client_name(NULL, "h.example", Z), 0);
    ck_assert_int_lt(mayrelay_session_add_group(NULL, "staff", Z), 0);
    ck_assert_int_lt(mayrelay_session_set_recipient_exists(NULL, true), 0);
    ck_assert_int_lt(mayrelay_session_answer(NULL, NAME, MAYRELAY_KNOWN), 0);
    ck_assert_uint_eq(mayrelay_session_needs(NULL), 0);
    ck_assert_reason(NULL, INTERNAL_ERROR);
}
END_TEST

START_TEST(no_decision_is_an_internal_error)
{
    char text[512];
    ck_assert_int_eq(mayrelay_decision_get_verdict(NULL), MAYRELAY_DEFER);
    ck_assert_int_eq(mayrelay_decision_get_code(NULL), 451);
    ck_assert_str_eq(mayrelay_decision_get_enhanced(NULL), "4.3.0");
    ck_assert_str_eq(mayrelay_decision_get_text(NULL),
                     "Internal error, try again later");
    ck_assert_str_eq(mayrelay_decision_get_reply(NULL),
                     "451 4.3.0 Internal error, try again later");
    ck_assert_int_eq(mayrelay_decision_get_reason(NULL),
                     MAYRELAY_REASON_INTERNAL_ERROR);
    ck_assert_int_eq(mayrelay_decision_get_kind(NULL), MAYRELAY_KIND_INTERNAL);
    ck_assert_ptr_null(mayrelay_decision_get_rule(NULL));
    ck_assert_ptr_null(mayrelay_decision_get_file(NULL));
    ck_assert_uint_eq(mayrelay_decision_get_line(NULL), 0);
    ck_assert_ptr_null(mayrelay_decision_get_connector(NULL));
    ck_assert_ptr_null(mayrelay_decision_get_recipient(NULL));
    ck_assert(!mayrelay_decision_get_is_relay(NULL));
    ck_assert_uint_eq(mayrelay_decision_get_needs(NULL), 0);
    ck_assert_uint_gt(mayrelay_decision_to_json(NULL, text, sizeof text), 0);
    ck_assert_ptr_nonnull(strstr(text, "\"internal-error\""));
    mayrelay_decision_explain(NULL, MAYRELAY_TEXT, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "internal-error"));
    mayrelay_decision_explain(NULL, MAYRELAY_JSON, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "internal-error"));
}
END_TEST

START_TEST(no_policy_and_no_report_are_nothing)
{
    mayrelay_policy_unref(NULL);
    ck_assert_ptr_null(mayrelay_policy_ref(NULL));
    ck_assert_str_eq(mayrelay_policy_get_digest(NULL), "");
    ck_assert_uint_eq(mayrelay_policy_get_facts(NULL), 0);
    ck_assert(!mayrelay_policy_has_reroute(NULL));
    ck_assert_int_eq(mayrelay_policy_save(NULL, "x"), MAYRELAY_ERR_ARGUMENT);
    ck_assert_ptr_null(mayrelay_policy_load(NULL, 0, NULL));
    ck_assert_ptr_null(mayrelay_policy_parse(NULL, 0, NULL, NULL));
    ck_assert_ptr_null(mayrelay_policy_parse(NULL, 99, NULL, NULL));
}
END_TEST

START_TEST(names_of_unknown_values_are_text)
{
    ck_assert_str_eq(mayrelay_verdict_name((enum mayrelay_verdict)9),
                     "unknown");
    ck_assert_str_eq(mayrelay_reason_name((enum mayrelay_reason)99), "unknown");
    ck_assert_str_eq(mayrelay_kind_name((enum mayrelay_kind)99), "unknown");
    ck_assert_str_eq(mayrelay_fact_name((enum mayrelay_fact)99), "unknown");
    ck_assert_str_ne(mayrelay_status_text((enum mayrelay_status)99), "");
}
END_TEST

/* -- mayrelay_check
 * ------------------------------------------------------------------------ */

static const struct {
    const char *client, *identity, *sender, *recipient;
    int code;
} CHECKS[] = {
    {"10.0.0.1", NULL, "", "x@address.example", 250},
    {"10.0.0.1", NULL, "<>", "x@address.example", 250},
    {"10.0.0.2", NULL, "<>", "x@address.example", 550},
    {"10.0.0.2", "steven", "a@b.example", "x@identity.example", 250},
    {"10.0.0.2", "guest", "a@b.example", "x@identity.example", 550},
    {"10.0.0.2", "", "a@b.example", "x@identity.example", 550},
    {"10.0.0.2", "steven", "a@b.example", "x@group.example", 451},
    {"10.0.0.2", NULL, "a@b.example", "x@name.example", 451},
    {"10.0.0.2", NULL, "a@b.example", "x@asks.example", 451},
    {"10.0.0.2", "ste\nven", "a@b.example", "x@example.com", 451},
    {NULL, NULL, "a@b.example", "x@example.com", 451},
    {"10.0.0.2", NULL, NULL, "x@example.com", 451},
    {"10.0.0.2", NULL, "a@b.example", NULL, 451},
    {"10.0.0.2", NULL, "a@b.example", "", 501},
    {"10.0.0.2", NULL, "a@b.example", "x@example.com", 250},
};

START_TEST(check_is_the_whole_dialogue)
{
    char reply[600];
    mayrelay_policy *policy = must_parse(POLICY);
    int code = mayrelay_check(policy, CHECKS[_i].client, CHECKS[_i].identity,
                              CHECKS[_i].sender, CHECKS[_i].recipient, reply,
                              sizeof reply);
    ck_assert_int_eq(code, CHECKS[_i].code);
    ck_assert_int_eq(atoi(reply), code);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(check_cuts_its_reply)
{
    static const char whole[] = "451 4.3.0 Internal error, try again later";
    for (size_t size = 0; size < sizeof whole + 2; size++) {
        char *reply = malloc(size + 1);
        memset(reply, '#', size + 1);
        ck_assert_int_eq(
            mayrelay_check(NULL, "10.0.0.1", NULL, "<>", "a@b.c", reply, size),
            451);
        ck_assert_int_eq(reply[size], '#');
        size_t most = size < sizeof whole ? size : sizeof whole;
        if (size) {
            ck_assert_mem_eq(reply, whole, most - 1);
            ck_assert_int_eq(reply[most - 1], '\0');
        }
        free(reply);
    }
    ck_assert_int_eq(mayrelay_check(NULL, NULL, NULL, NULL, NULL, NULL, 0),
                     451);
    ck_assert_int_eq(mayrelay_check(NULL, NULL, NULL, NULL, NULL, NULL, 99),
                     451);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *facts = tcase_create("facts");
    tcase_add_loop_test(facts, facts_live_as_long_as_they_should, 0,
                        COUNT(LIVES));
    tcase_add_loop_test(facts, a_setter_ends_what_resume_would_judge, 0,
                        COUNT(LIVES));
    tcase_add_test(facts, the_recipient_is_cleared);
    tcase_add_test(facts, names_count_once_they_are_answered);
    tcase_add_test(facts, a_failed_look_up_is_final);
    tcase_add_test(facts, a_second_answer_replaces_the_first);
    tcase_add_test(facts, groups_given_twice_are_those_of_the_second_answer);
    tcase_add_loop_test(facts, a_malformed_name_is_a_failed_look_up, 0,
                        COUNT(MALFORMED_NAMES));
    tcase_add_test(facts, groups_of_an_anonymous_client_are_ignored);
    tcase_add_test(facts, the_host_knows_mailboxes_only_where_it_is_asked);
    tcase_add_test(facts, nothing_is_answered_of_a_recipient_before_rcpt);
    tcase_add_test(facts, unknown_facts_cannot_be_answered);
    suite_add_tcase(suite, facts);
    TCase *poison = tcase_create("poison");
    tcase_add_loop_test(poison, a_failed_setter_poisons_the_session, 0,
                        COUNT(POISONS));
    tcase_add_loop_test(poison, connect_heals, 0, COUNT(POISONS));
    tcase_add_loop_test(poison, the_same_fact_set_again_heals, 0,
                        COUNT(POISONS));
    tcase_add_test(poison, another_fact_does_not_heal);
    suite_add_tcase(suite, poison);
    TCase *wrong = tcase_create("wrong");
    tcase_add_test(wrong, rcpt_before_mail_is_an_internal_error);
    tcase_add_test(wrong, mail_before_connect_is_an_internal_error);
    tcase_add_test(wrong, setters_before_connect_are_harmless);
    tcase_add_loop_test(wrong, what_does_not_parse_is_not_given, 0,
                        COUNT(BAD_CONNECTIONS));
    tcase_add_test(wrong, addresses_come_as_octets_too);
    tcase_add_loop_test(wrong, nul_and_its_like_are_refused, 0,
                        COUNT(BAD_MAILBOXES));
    tcase_add_test(wrong, no_sender_and_no_recipient_are_not_given);
    tcase_add_test(wrong, an_explanation_survives_new_facts);
    tcase_add_test(wrong, no_session_is_an_internal_error);
    tcase_add_test(wrong, no_decision_is_an_internal_error);
    tcase_add_test(wrong, no_policy_and_no_report_are_nothing);
    tcase_add_test(wrong, names_of_unknown_values_are_text);
    suite_add_tcase(suite, wrong);
    TCase *codes = tcase_create("codes");
    tcase_add_test(codes, a_connection_is_deferred_with_421);
    tcase_add_test(codes, reroute_needs_a_host_that_rewrites);
    tcase_add_test(codes, a_session_holds_its_policy);
    tcase_add_loop_test(codes, check_is_the_whole_dialogue, 0, COUNT(CHECKS));
    tcase_add_test(codes, check_cuts_its_reply);
    suite_add_tcase(suite, codes);
    return suite;
}
