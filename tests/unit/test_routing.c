#include "suite.h"

#include "mail/routing.h"

static const struct text ROUTING[] = {
    TEXT("victim%external.test"),
    TEXT("external.test!victim"),
    TEXT("victim@external.test"),
    TEXT("%"),
    TEXT("!"),
    TEXT("@"),
    TEXT("user%"),
    TEXT("!user"),
    TEXT("a\0%"),
    TEXT("b\xc3\xbc"
         "cher%x"),
    TEXT("IMCEASMTP-victim+40external.test"),
    TEXT("imceasmtp-victim"),
    TEXT("ImCeAeX-_O=ORG"),
    TEXT("IMCEA-victim"),
    TEXT("IMCEA victim"),
    TEXT("IMCEA-"),
    TEXT("IMCEA "),
    TEXT("IMCEAMS2Mail victim"),
    TEXT("IMCEA0-x"),
};

START_TEST(routing_is_seen)
{
    ck_assert_msg(routing_in_local_part(ROUTING[_i]), "%.*s",
                  TEXT_ARGS(ROUTING[_i]));
}
END_TEST

static const struct text PLAIN[] = {
    TEXT(""),
    TEXT("user"),
    TEXT("user+tag"),
    TEXT("user+victim=external.test"),
    TEXT("SRS0=HHH=TT=external.test=victim"),
    TEXT("IMCEA"),
    TEXT("IMCEASMTP"),
    TEXT("IMCEA_victim"),
    TEXT("IMCEA+victim-x"),
    TEXT("IMCEA.x-y"),
    TEXT("IMCEA\xc3\xbc-x"),
    TEXT("xIMCEASMTP-victim"),
    TEXT("IMCE-victim"),
    TEXT("a:b"),
    TEXT("a/b"),
};

START_TEST(what_only_looks_like_it_is_not)
{
    ck_assert_msg(!routing_in_local_part(PLAIN[_i]), "%.*s",
                  TEXT_ARGS(PLAIN[_i]));
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *
test_suite(void)
{
    Suite *suite = suite_create("routing");
    TCase *tcase = tcase_create("routing");
    tcase_add_loop_test(tcase, routing_is_seen, 0, COUNT(ROUTING));
    tcase_add_loop_test(tcase, what_only_looks_like_it_is_not, 0, COUNT(PLAIN));
    suite_add_tcase(suite, tcase);
    return suite;
}
