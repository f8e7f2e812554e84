/* Tests that fail, and one that does not: test_fixture.py looks at what they
 * say.  usage: failing POLICY */
#include "relay_fixture.h"

static const char *path;

static void
set_up(void)
{
    relay_set_up(path);
}

START_TEST(good)
{
    relay_accepts(.client = "203.0.113.9", .identity = "joe", .sender = "",
                  .groups = {"admins"}, .recipient = "c@far.example",
                  .rule = "admins", .deliver_to = "c@far.example",
                  .client_names_are = RELAY_FOUND);
    relay_accepts(.client = "203.0.113.9", .sender = "",
                  .client_names = {"a.trusted.example"}, .rule = "known",
                  .recipient = "c@far.example");
    relay_defers(.client = "203.0.113.9", .sender = "",
                 .client_names_are = RELAY_TEMPFAIL,
                 .recipient = "c@far.example");
    relay_rejects(.client = "203.0.113.9", .identity = "joe", .sender = "",
                  .groups_are = RELAY_FOUND, .client_names_are = RELAY_FOUND,
                  .recipient = "c@far.example", .reason = "relay-denied");
    relay_rejects(.client = "10.1.2.3", .sender = "",
                  .recipient = "joe@example.com", .reason = "unknown-recipient",
                  .recipient_exists = RELAY_DOES_NOT_EXIST);
    relay_accepts(.client = "10.1.2.3", .sender = "",
                  .recipient = "joe@example.com", .reason = "inbound",
                  .recipient_exists = RELAY_EXISTS);
    relay_defers(.client = "10.1.2.3", .sender = "",
                 .recipient = "joe@example.com",
                 .recipient_exists = RELAY_EXISTS_TEMPFAIL);
    relay_accepts(.client = "10.1.2.3", .rewrites = true, .sender = "",
                  .client_names_are = RELAY_FOUND, .recipient = "a@old.example",
                  .rule = "office", .deliver_to = "a@new.example");
    relay_defers(.client = "nonsense", .reason = "internal-error");
    relay_defers(.reason = "internal-error");
}
END_TEST

START_TEST(wrong_verdict)
{
    relay_accepts(.client = "203.0.113.9", .sender = "",
                  .client_names_are = RELAY_FOUND,
                  .recipient = "c@far.example");
}
END_TEST

START_TEST(wrong_reason)
{
    relay_rejects(.client = "203.0.113.9", .sender = "",
                  .client_names_are = RELAY_FOUND, .recipient = "c@far.example",
                  .reason = "bad-sender");
}
END_TEST

START_TEST(wrong_rule)
{
    relay_accepts(.client = "10.1.2.3", .sender = "", .rule = "known",
                  .recipient = "c@far.example");
}
END_TEST

int
main(int argc, char **argv)
{
    path = argc > 1 ? argv[1] : "";
    Suite *suite = suite_create("failing");
    TCase *tcase = tcase_create("relay");
    tcase_add_checked_fixture(tcase, set_up, relay_tear_down);
    tcase_add_test(tcase, good);
    tcase_add_test(tcase, wrong_verdict);
    tcase_add_test(tcase, wrong_reason);
    tcase_add_test(tcase, wrong_rule);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    srunner_free(runner);
    return 0;
}
