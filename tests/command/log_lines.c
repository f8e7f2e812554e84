/* Lines of the decision log, of dialogues in which each kind of fact counts
 * once, in both forms.
 *
 *     log_lines POLICY */
#include <mayrelay.h>
#include <stdio.h>
#include <stdlib.h>

#define Z MAYRELAY_ZSTR
#define FINGERPRINT                                                            \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct dialogue {
    const char *client, *listener, *certificate, *identity, *group, *name;
    const char *sender, *recipient; /* NULL: it ends before */
    bool tls, names_fail, groups_fail, rewrites;
} DIALOGUES[] = {
    {.client = "203.0.113.9"},
    {.client = "192.0.2.66"},
    {.client = "192.0.2.67", .listener = "[2001:db8::25]:25"},
    {.client = "203.0.113.9", .sender = "forged@ours.example"},
    {.client = "203.0.113.9", .sender = "<>", .recipient = "x@ours.example"},
    {.client = "203.0.113.9", .sender = "", .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .sender = "a@b.example",
     .recipient = "x@asked.example"},
    {.client = "10.1.2.3",
     .sender = "a@b.example",
     .recipient = "<@a.example:x@far.example>"},
    {.client = "10.1.2.3",
     .sender = "a@b.example",
     .recipient = "\"x y\"@far.example"},
    {.client = "203.0.113.9",
     .sender = "a@b.example",
     .recipient = "x%far.example@ours.example"},
    {.client = "203.0.113.9", .sender = "a=\"b\\\n", .recipient = "\x7f[]"},
    {.client = "203.0.113.9",
     .identity = "steven",
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .identity = "guest",
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .identity = "d o e\\x",
     .group = "Staff",
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .identity = "doe",
     .groups_fail = true,
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .name = "h.inside.example",
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .names_fail = true,
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "192.0.2.99",
     .tls = true,
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .tls = true,
     .certificate = FINGERPRINT,
     .sender = "a@b.example",
     .recipient = "x@far.example"},
    {.client = "203.0.113.9",
     .sender = "a@b.example",
     .recipient = "x@old.example",
     .rewrites = true},
    {.client = "203.0.113.9",
     .sender = "a@b.example",
     .recipient = "x@old.example"},
};

static void
say_facts(mayrelay_session *session, const struct dialogue *dialogue)
{
    mayrelay_session_rewrites(session, dialogue->rewrites);
    if (dialogue->tls)
        mayrelay_session_tls(session, dialogue->certificate, Z);
    if (dialogue->identity)
        mayrelay_session_auth(session, dialogue->identity, Z);
    if (dialogue->group)
        mayrelay_session_add_group(session, dialogue->group, Z);
    if (dialogue->group || dialogue->groups_fail)
        mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS,
                                dialogue->groups_fail ? MAYRELAY_FAILED
                                                      : MAYRELAY_KNOWN);
    if (dialogue->name)
        mayrelay_session_add_client_name(session, dialogue->name, Z);
    if (dialogue->name || dialogue->names_fail)
        mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                                dialogue->names_fail ? MAYRELAY_FAILED
                                                     : MAYRELAY_KNOWN);
}

static void
say(mayrelay_session *session, const struct dialogue *dialogue)
{
    mayrelay_session_connect(session, dialogue->client, dialogue->listener);
    say_facts(session, dialogue);
    if (dialogue->sender)
        mayrelay_session_mail(session, dialogue->sender, Z);
    if (dialogue->recipient)
        mayrelay_session_rcpt(session, dialogue->recipient, Z);
}

static void
print(const mayrelay_session *session, enum mayrelay_format format)
{
    char line[16384];
    mayrelay_session_to_log(session, format, "2026-11-25T12:00:00.000Z",
                            "01KC0000000000000000000000", line, sizeof line);
    puts(line);
}

int
main(int argc, char **argv)
{
    mayrelay_policy *policy =
        mayrelay_policy_load(argc > 1 ? argv[1] : "", 0, NULL);
    mayrelay_session *session = mayrelay_session_new(policy);
    if (!session)
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof DIALOGUES / sizeof *DIALOGUES; i++) {
        say(session, &DIALOGUES[i]);
        print(session, MAYRELAY_TEXT);
        print(session, MAYRELAY_JSON);
    }
    mayrelay_session_free(session);
    mayrelay_policy_unref(policy);
    return EXIT_SUCCESS;
}
