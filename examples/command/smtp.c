#include "smtp.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "facts_json.h"
#include "smtp_line.h"

/* Longer lines are refused unread; RFC 5321 §4.5.3.1.4 asks for 512 and RFC
 * 4954 §4 for 12288 in AUTH, which here has no need of them. */
enum {
    LINE_MOST = 4096
};

enum phase {
    PHASE_REFUSED, /* the greeting was a 5xx: only QUIT remains */
    PHASE_NEW,     /* nobody has said HELO */
    PHASE_IDLE,
    PHASE_MAIL, /* a sender is accepted */
    PHASE_RCPT, /* and a recipient */
    PHASE_DATA, /* the message's lines are coming */
    PHASE_OVER
};

struct dialogue {
    const struct facts *facts;
    mayrelay_session *session;
    enum phase phase;
    bool extended; /* EHLO or LHLO */
    bool encrypted, authenticated;
    bool json;
    struct page page;
};

/* The reply, several lines of it perhaps; NULL: that of the decision. */
typedef const char *handler(struct dialogue *dialogue, struct text argument);

static const char *const DECIDED = NULL;
static const char BAD_SEQUENCE[] = "503 5.5.1 Bad sequence of commands";
static const char BAD_SYNTAX[] = "501 5.5.4 Syntax error in the argument";

static int
decided_code(const struct dialogue *dialogue)
{
    return mayrelay_decision_get_code(
        mayrelay_session_get_decision(dialogue->session));
}

static void
forget_transaction(struct dialogue *dialogue)
{
    mayrelay_session_reset(dialogue->session);
    if (dialogue->phase > PHASE_IDLE)
        dialogue->phase = PHASE_IDLE;
}

static const char *
on_helo(struct dialogue *dialogue, struct text argument)
{
    if (!argument.size)
        return BAD_SYNTAX;
    forget_transaction(dialogue); /* RFC 5321 §4.1.4 */
    dialogue->phase = PHASE_IDLE;
    dialogue->extended = false;
    return "250 mayrelay";
}

static const char *
on_ehlo(struct dialogue *dialogue, struct text argument)
{
    if (on_helo(dialogue, argument) == BAD_SYNTAX)
        return BAD_SYNTAX;
    dialogue->extended = true;
    if (dialogue->encrypted)
        return "250-mayrelay\n250-AUTH PLAIN LOGIN\n250 ENHANCEDSTATUSCODES";
    return "250-mayrelay\n250-STARTTLS\n250-AUTH PLAIN LOGIN\n"
           "250 ENHANCEDSTATUSCODES";
}

/* Both want EHLO, and no transaction under way (RFC 4954 §4). */
static bool
may_extend(const struct dialogue *dialogue)
{
    return dialogue->phase == PHASE_IDLE && dialogue->extended;
}

static const char *
on_starttls(struct dialogue *dialogue, struct text argument)
{
    if (argument.size)
        return BAD_SYNTAX;
    if (!may_extend(dialogue) || dialogue->encrypted)
        return BAD_SEQUENCE;
    mayrelay_session_tls(dialogue->session, NULL, 0);
    dialogue->encrypted = true;
    dialogue->authenticated = false;
    dialogue->phase = PHASE_NEW; /* RFC 3207 §4.2: as after the greeting */
    return "220 2.0.0 Ready to start TLS";
}

static const char *
on_auth(struct dialogue *dialogue, struct text argument)
{
    if (!may_extend(dialogue) || dialogue->authenticated)
        return BAD_SEQUENCE;
    struct page room = {0};
    struct text identity = smtp_auth_identity(argument, &room);
    const char *reply = "235 2.7.0 Authentication successful";
    if (!identity.data) {
        reply = "501 5.5.4 Say AUTH MECHANISM IDENTITY";
    } else if (tell_identity(dialogue->facts, dialogue->session, identity)) {
        mayrelay_session_auth(dialogue->session, NULL, 0);
        reply = "535 5.7.8 Not a text that can be an identity";
    } else {
        dialogue->authenticated = true;
    }
    page_free(&room);
    return reply;
}

static const char *
on_mail(struct dialogue *dialogue, struct text argument)
{
    struct text sender;
    if (dialogue->phase != PHASE_IDLE)
        return BAD_SEQUENCE;
    if (!smtp_take_path(argument, "FROM:", &sender) || !sender.size)
        return BAD_SYNTAX; /* nothing at all is not the null sender */
    mayrelay_session_mail(dialogue->session, sender.data, sender.size);
    if (decided_code(dialogue) == 250)
        dialogue->phase = PHASE_MAIL;
    return DECIDED;
}

static const char *
on_rcpt(struct dialogue *dialogue, struct text argument)
{
    struct text recipient;
    if (dialogue->phase < PHASE_MAIL)
        return BAD_SEQUENCE;
    if (!smtp_take_path(argument, "TO:", &recipient) || !recipient.size)
        return BAD_SYNTAX;
    tell_recipient(dialogue->facts, dialogue->session, recipient);
    if (decided_code(dialogue) == 250)
        dialogue->phase = PHASE_RCPT;
    return DECIDED;
}

static const char *
on_data(struct dialogue *dialogue, struct text argument)
{
    if (argument.size)
        return BAD_SYNTAX;
    if (dialogue->phase == PHASE_MAIL)
        return "554 5.5.1 No valid recipients";
    if (dialogue->phase != PHASE_RCPT)
        return BAD_SEQUENCE;
    dialogue->phase = PHASE_DATA;
    return "354 Send the message, and a dot alone";
}

static const char *
on_rset(struct dialogue *dialogue, struct text argument)
{
    if (argument.size)
        return BAD_SYNTAX;
    forget_transaction(dialogue);
    return "250 2.0.0 Forgotten";
}

static const char *
on_noop(struct dialogue *dialogue, struct text argument)
{
    (void)dialogue;
    (void)argument;
    return "250 2.0.0 OK";
}

static const char *
on_vrfy(struct dialogue *dialogue, struct text argument)
{
    (void)dialogue;
    return argument.size ? "252 2.5.0 Send some mail, and see" : BAD_SYNTAX;
}

static const char *
on_help(struct dialogue *dialogue, struct text argument)
{
    (void)dialogue;
    (void)argument;
    return "214 2.0.0 HELO EHLO LHLO STARTTLS AUTH MAIL RCPT DATA RSET NOOP "
           "VRFY HELP QUIT";
}

static const char *
on_quit(struct dialogue *dialogue, struct text argument)
{
    if (argument.size)
        return BAD_SYNTAX;
    dialogue->phase = PHASE_OVER;
    return "221 2.0.0 Bye";
}

static const struct {
    const char *verb;
    handler *handle;
} VERBS[] = {
    {"HELO", on_helo}, {"EHLO", on_ehlo},         {"LHLO", on_ehlo},
    {"MAIL", on_mail}, {"STARTTLS", on_starttls}, {"AUTH", on_auth},
    {"RCPT", on_rcpt}, {"DATA", on_data},         {"RSET", on_rset},
    {"NOOP", on_noop}, {"VRFY", on_vrfy},         {"HELP", on_help},
    {"QUIT", on_quit},
};

static handler *
handler_of(struct text verb)
{
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++)
        if (smtp_is_word(verb, VERBS[i].verb))
            return VERBS[i].handle;
    return NULL;
}

static const char *
handle(struct dialogue *dialogue, struct text line)
{
    if (line.size > LINE_MOST)
        return "500 5.5.2 Line too long";
    struct text verb = smtp_take_word(&line);
    handler *known = handler_of(verb);
    if (!known)
        return "500 5.5.1 Command unrecognized";
    if (dialogue->phase == PHASE_REFUSED && known != on_quit)
        return BAD_SEQUENCE; /* RFC 5321 §3.1 */
    return known(dialogue, line);
}

/* -- what is shown -------------------------------------------------------- */

static void
explain(struct dialogue *dialogue, enum mayrelay_format format)
{
    const mayrelay_decision *decision =
        mayrelay_session_get_decision(dialogue->session);
    struct page *page = &dialogue->page;
    while (!page_holds(page, mayrelay_decision_explain(decision, format,
                                                       page->data, page->room)))
        continue;
}

static void
show_text(struct dialogue *dialogue, const struct text *line, struct text reply,
          bool explained)
{
    if (line) {
        fputs("C: ", stdout);
        print_printable(stdout, *line);
        putc('\n', stdout);
    }
    while (reply.size) {
        size_t size = strcspn(reply.data, "\n");
        printf("S: %.*s\n", (int)size, reply.data);
        size += size < reply.size;
        reply = (struct text){reply.data + size, reply.size - size};
    }
    if (!explained)
        return;
    explain(dialogue, MAYRELAY_TEXT);
    print_indented(stdout,
                   (struct text){dialogue->page.data, dialogue->page.size});
    struct page dns = dns_page(dialogue->facts->dns, MAYRELAY_TEXT);
    print_indented(stdout, (struct text){dns.data, dns.size});
    page_free(&dns);
}

static json_t *
reply_to_json(struct text reply)
{
    json_t *lines = json_array();
    while (reply.size) {
        size_t size = strcspn(reply.data, "\n");
        json_array_append_new(lines, json_stringn(reply.data, size));
        size += size < reply.size;
        reply = (struct text){reply.data + size, reply.size - size};
    }
    return lines;
}

static void
show_json(struct dialogue *dialogue, const struct text *line, struct text reply,
          bool explained)
{
    /* A line that is not UTF-8 is null. */
    json_t *client = line ? json_stringn(line->data, line->size) : NULL;
    json_t *server = reply_to_json(reply);
    fputs("{\"client\":", stdout);
    print_json(stdout, client, &dialogue->page);
    fputs(",\"server\":", stdout);
    print_json(stdout, server, &dialogue->page);
    json_decref(client);
    json_decref(server);
    if (explained)
        explain(dialogue, MAYRELAY_JSON);
    printf(",\"explanation\":%s", explained ? dialogue->page.data : "null");
    if (explained)
        dns_print_member(dialogue->facts->dns);
    fputs("}\n", stdout);
}

/* One step: the client's line (NULL for the greeting) and the answer. */
static void
show(struct dialogue *dialogue, const struct text *line, const char *reply,
     bool explained)
{
    if (dialogue->json)
        show_json(dialogue, line, as_text(reply), explained);
    else
        show_text(dialogue, line, as_text(reply), explained);
}

static const char *
decided_reply(const struct dialogue *dialogue)
{
    return mayrelay_decision_get_reply(
        mayrelay_session_get_decision(dialogue->session));
}

/* -- the dialogue --------------------------------------------------------- */

/* RFC 5321 §3.1: a refused client may still QUIT; after a 421 the connection
 * is closed (§3.8). */
static void
greet(struct dialogue *dialogue)
{
    tell_connection(dialogue->facts, dialogue->session);
    int code = mayrelay_session_resume(dialogue->session);
    if (code == 250)
        dialogue->phase = PHASE_NEW;
    else
        dialogue->phase = code / 100 == 4 ? PHASE_OVER : PHASE_REFUSED;
    dialogue->encrypted =
        dialogue->facts->tls || dialogue->facts->certificate.data;
    dialogue->authenticated = dialogue->facts->identity.data != NULL;
    const char *welcome = "220 mayrelay";
    show(dialogue, NULL, code == 250 ? welcome : decided_reply(dialogue), true);
}

static struct text
without_line_end(struct text line)
{
    if (line.size && line.data[line.size - 1] == '\n')
        line.size--;
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static void
take_line(struct dialogue *dialogue, struct text line)
{
    if (dialogue->phase != PHASE_DATA) {
        const char *reply = handle(dialogue, line);
        if (reply == DECIDED)
            show(dialogue, &line, decided_reply(dialogue), true);
        else
            show(dialogue, &line, reply, false);
    } else if (line.size == 1 && line.data[0] == '.') {
        forget_transaction(dialogue);
        show(dialogue, &line, "250 2.0.0 The message would be taken", false);
    }
}

int
smtp_run(mayrelay_policy *policy, const struct facts *facts, bool json)
{
    struct dialogue dialogue = {
        .facts = facts, .session = new_session(policy), .json = json};
    greet(&dialogue);
    char *line = NULL;
    size_t room = 0;
    ssize_t size = 0;
    while (dialogue.phase != PHASE_OVER && !ferror(stdout) &&
           (size = getline(&line, &room, stdin)) >= 0)
        take_line(&dialogue,
                  without_line_end((struct text){line, (size_t)size}));
    free(line);
    page_free(&dialogue.page);
    mayrelay_session_free(dialogue.session);
    if (size >= 0 || feof(stdin))
        return EX_OK;
    complain("cannot read standard input");
    return EX_IOERR;
}
