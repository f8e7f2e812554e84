/* A fixture for Check: tests say what a policy has to decide, and one that
 * fails prints the whole why.
 *
 *     static void
 *     set_up(void)
 *     {
 *         relay_set_up("policy.yaml");
 *     }
 *
 *     START_TEST(strangers_may_not_relay)
 *     {
 *         relay_rejects(.client = "203.0.113.9", .sender = "a@sender.example",
 *                       .recipient = "kate@far.example",
 *                       .reason = "relay-denied");
 *     }
 *     END_TEST
 *
 *     tcase_add_checked_fixture(tcase, set_up, relay_tear_down);
 */
#ifndef RELAY_FIXTURE_H
#define RELAY_FIXTURE_H

#include <check.h>
#include <mayrelay.h>
#include <stdbool.h>

enum relay_looked_up {
    RELAY_NOT_LOOKED_UP = 0,
    RELAY_FOUND, /* what is listed is all there is, be it nothing */
    RELAY_TEMPFAIL
};

enum relay_exists {
    RELAY_NOT_KNOWN = 0,
    RELAY_EXISTS,
    RELAY_DOES_NOT_EXIST,
    RELAY_EXISTS_TEMPFAIL
};

enum {
    RELAY_TEXTS_MOST = 8
};

/* NULL and 0: not known, not given.  Without a recipient MAIL is judged,
 * without a sender the connection. */
struct relay_facts {
    const char *client, *listener;
    const char *client_names[RELAY_TEXTS_MOST];
    enum relay_looked_up client_names_are; /* FOUND if one is listed */
    bool tls;
    const char *certificate;
    const char *identity;
    const char *groups[RELAY_TEXTS_MOST];
    enum relay_looked_up groups_are;
    const char *sender, *recipient; /* sender "": the null sender */
    enum relay_exists recipient_exists;
    bool rewrites;
    /* What else is expected of the decision; NULL: anything. */
    const char *reason, *rule, *deliver_to;
};

/* Of a checked fixture: the policy is loaded for each test.  A policy that does
 * not load fails it, and its errors are told. */
void relay_set_up(const char *path);
void relay_tear_down(void);

/* How the decision differs from what is expected, with its explanation; NULL if
 * it does not.  Good until the next call. */
const char *relay_difference(enum mayrelay_verdict verdict,
                             const struct relay_facts *facts);

#define relay_accepts(...) relay_expect(MAYRELAY_ACCEPT, __VA_ARGS__)
#define relay_rejects(...) relay_expect(MAYRELAY_REJECT, __VA_ARGS__)
#define relay_defers(...)  relay_expect(MAYRELAY_DEFER, __VA_ARGS__)

/* A macro, so that a failure has the file and line of its test. */
#define relay_expect(verdict, ...)                                             \
    do {                                                                       \
        const char *relay_said = relay_difference(                             \
            verdict, &(const struct relay_facts){__VA_ARGS__});                \
        if (relay_said)                                                        \
            ck_abort_msg("%s", relay_said);                                    \
        mark_point();                                                          \
    } while (0)

#endif
