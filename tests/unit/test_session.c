#include "dialogue.h"
#include "suite.h"

/* -- the life of facts -------------------------------------------------- */

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

/* -- answers ------------------------------------------------------------ */

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

/* "That was all", but nothing was said; or what is no answer at all: both are
 * a look-up that failed. */
START_TEST(a_mailbox_of_which_nothing_was_said_is_not_known)
{
    static const enum mayrelay_answer ANSWERS[] = {MAYRELAY_KNOWN,
                                                   (enum mayrelay_answer)2};
    static const enum mayrelay_status STATUSES[] = {MAYRELAY_OK,
                                                    MAYRELAY_ERR_ARGUMENT};
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@asks.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), RECIPIENT);
    ck_assert_int_eq(mayrelay_session_answer(s, RECIPIENT, ANSWERS[_i]),
                     STATUSES[_i]);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(what_is_said_of_a_mailbox_stays_when_it_is_answered)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    mayrelay_session_rcpt(s, "joe@asks.example", Z);
    mayrelay_session_set_recipient_exists(s, true);
    ck_assert_int_eq(mayrelay_session_answer(s, RECIPIENT, MAYRELAY_KNOWN),
                     MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    mayrelay_session_free(s);
}
END_TEST

static const struct {
    const char *fingerprint;
    enum mayrelay_status status;
} FINGERPRINTS[] = {
    {CERTIFICATE, MAYRELAY_OK},
    {"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
     "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
     MAYRELAY_OK},
    {"0:0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
     MAYRELAY_ERR_TEXT},
    {CERTIFICATE "0", MAYRELAY_ERR_TEXT},
    {"00112233", MAYRELAY_ERR_TEXT},
    {"g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
     MAYRELAY_ERR_TEXT},
};

START_TEST(a_fingerprint_is_64_digits)
{
    mayrelay_session *s = start();
    bool good = FINGERPRINTS[_i].status == MAYRELAY_OK;
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    ck_assert_int_eq(mayrelay_session_tls(s, FINGERPRINTS[_i].fingerprint, Z),
                     FINGERPRINTS[_i].status);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@certificate.example", Z),
                     good ? 250 : 451);
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

/* -- poison ------------------------------------------------------------- */

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

/* An answer that failed in part stays in doubt up to its end; a failed look-up,
 * and the next answer, set the fact anew. */
START_TEST(the_next_answer_heals)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "203.0.113.9", NULL);
    mayrelay_session_mail(s, "a@b.example", Z);
    mayrelay_session_add_client_name(s, NULL, 0);
    mayrelay_session_add_client_name(s, "mx.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_add_client_name(s, "mx.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 250);
    mayrelay_session_add_client_name(s, NULL, 0);
    mayrelay_session_answer(s, NAME, MAYRELAY_FAILED);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@name.example", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@example.com", Z), 250);
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
    tcase_add_loop_test(facts, a_mailbox_of_which_nothing_was_said_is_not_known,
                        0, 2);
    tcase_add_test(facts, what_is_said_of_a_mailbox_stays_when_it_is_answered);
    tcase_add_loop_test(facts, a_fingerprint_is_64_digits, 0,
                        COUNT(FINGERPRINTS));
    tcase_add_test(facts, unknown_facts_cannot_be_answered);
    suite_add_tcase(suite, facts);
    TCase *poison = tcase_create("poison");
    tcase_add_loop_test(poison, a_failed_setter_poisons_the_session, 0,
                        COUNT(POISONS));
    tcase_add_loop_test(poison, connect_heals, 0, COUNT(POISONS));
    tcase_add_loop_test(poison, the_same_fact_set_again_heals, 0,
                        COUNT(POISONS));
    tcase_add_test(poison, the_next_answer_heals);
    tcase_add_test(poison, another_fact_does_not_heal);
    suite_add_tcase(suite, poison);
    return suite;
}
