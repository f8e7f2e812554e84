/* What the C library says to a dialogue: the words of README.md in, a line for
 * every decision out.  A binding's replay has to print the same. */
#include <mayrelay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MOST = 16
};

struct word {
    char *data; /* NULL: absent.  Ends in NUL, which is not counted. */
    size_t size;
};

struct replay {
    struct word words[WORDS_MOST];
    int count;
    mayrelay_policy *policy;
    mayrelay_session *session;
    char *page; /* an explanation */
    size_t room;
};

/* -- words ----------------------------------------------------------------- */

static int
digit(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

static struct word
decode(char *text, size_t size)
{
    struct word word = {text, 0};
    if (size == 1 && *text == '-')
        return (struct word){0};
    for (size_t i = 0; i < size; i++, word.size++) {
        text[word.size] = text[i];
        if (text[i] != '%')
            continue;
        text[word.size] = (char)(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    text[word.size] = '\0';
    return word;
}

static void
split(struct replay *replay, char *line)
{
    memset(replay->words, 0, sizeof replay->words);
    replay->count = 0;
    for (char *end; line && replay->count < WORDS_MOST; line = end) {
        size_t size = strcspn(line, "\t\n");
        end = line[size] == '\t' ? line + size + 1 : NULL;
        replay->words[replay->count++] = decode(line, size);
    }
}

static void
print_escaped(const char *text)
{
    if (!text || strcmp(text, "-") == 0) {
        fputs(text ? "%2D" : "-", stdout);
        return;
    }
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 32 || c == 127 || c == '%')
            printf("%%%02X", c);
        else
            putchar(c);
    }
}

static void
print_word(const char *text)
{
    print_escaped(text);
    putchar('\t');
}

/* -- the decision ---------------------------------------------------------- */

static const char *
explained(struct replay *replay, const mayrelay_decision *decision,
          enum mayrelay_format format)
{
    size_t needed =
        mayrelay_decision_explain(decision, format, replay->page, replay->room);
    if (needed < replay->room)
        return replay->page;
    replay->room = needed + 1;
    replay->page = realloc(replay->page, replay->room);
    if (!replay->page)
        abort();
    return explained(replay, decision, format);
}

static void
print_names(const mayrelay_decision *d)
{
    print_word(mayrelay_verdict_name(mayrelay_decision_get_verdict(d)));
    print_word(mayrelay_decision_get_enhanced(d));
    print_word(mayrelay_decision_get_text(d));
    print_word(mayrelay_decision_get_reply(d));
    print_word(mayrelay_reason_name(mayrelay_decision_get_reason(d)));
    print_word(mayrelay_kind_name(mayrelay_decision_get_kind(d)));
    print_word(mayrelay_decision_get_rule(d));
    print_word(mayrelay_decision_get_file(d));
    print_word(mayrelay_decision_get_connector(d));
    print_word(mayrelay_decision_get_recipient(d));
}

static void
decide(struct replay *replay)
{
    const mayrelay_decision *d = mayrelay_session_get_decision(replay->session);
    bool json = strcmp(replay->words[1].data, "json") == 0;
    printf("%d\t%u\t%u\t%d\t", mayrelay_decision_get_code(d),
           mayrelay_decision_get_line(d), mayrelay_decision_get_needs(d),
           mayrelay_decision_get_is_relay(d));
    print_names(d);
    print_escaped(explained(replay, d, json ? MAYRELAY_JSON : MAYRELAY_TEXT));
    putchar('\n');
}

/* -- calls ----------------------------------------------------------------- */

static void
open_policy(struct replay *replay)
{
    mayrelay_session_free(replay->session);
    mayrelay_policy_unref(replay->policy);
    replay->policy = mayrelay_policy_load(replay->words[1].data, 0, NULL);
    if (!replay->policy) {
        fprintf(stderr, "%s does not load\n", replay->words[1].data);
        exit(1);
    }
    replay->session = mayrelay_session_new(replay->policy);
    mayrelay_session_rewrites(replay->session, true);
}

typedef enum mayrelay_status adder(mayrelay_session *session, const char *text,
                                   size_t size);

static void
answer(struct replay *replay, enum mayrelay_fact fact, adder *add)
{
    bool known = strcmp(replay->words[1].data, "known") == 0;
    for (int i = 2; i < replay->count; i++)
        add(replay->session, replay->words[i].data, replay->words[i].size);
    mayrelay_session_answer(replay->session, fact,
                            known ? MAYRELAY_KNOWN : MAYRELAY_FAILED);
}

static void
exists(struct replay *replay)
{
    const char *what = replay->words[1].data;
    if (strcmp(what, "failed") == 0)
        mayrelay_session_answer(replay->session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
    else
        mayrelay_session_set_recipient_exists(replay->session,
                                              strcmp(what, "yes") == 0);
}

/* client, identity, sender, recipient */
static void
check(struct replay *replay)
{
    const struct word *w = replay->words;
    char reply[512];
    int code = mayrelay_check(replay->policy, w[1].data, w[2].data, w[3].data,
                              w[4].data, reply, sizeof reply);
    printf("%d\t", code);
    print_escaped(reply);
    putchar('\n');
}

static void
obey(struct replay *replay)
{
    const struct word *w = replay->words;
    const char *call = w[0].data;
    mayrelay_session *session = replay->session;
    if (strcmp(call, "policy") == 0)
        open_policy(replay);
    else if (strcmp(call, "connect") == 0)
        mayrelay_session_connect(session, w[1].data, w[2].data);
    else if (strcmp(call, "names") == 0)
        answer(replay, MAYRELAY_FACT_CLIENT_NAME,
               mayrelay_session_add_client_name);
    else if (strcmp(call, "tls") == 0)
        mayrelay_session_tls(session, w[1].data, w[1].size);
    else if (strcmp(call, "auth") == 0)
        mayrelay_session_auth(session, w[1].data, w[1].size);
    else if (strcmp(call, "groups") == 0)
        answer(replay, MAYRELAY_FACT_GROUPS, mayrelay_session_add_group);
    else if (strcmp(call, "mail") == 0)
        mayrelay_session_mail(session, w[1].data, w[1].size);
    else if (strcmp(call, "rcpt") == 0)
        mayrelay_session_rcpt(session, w[1].data, w[1].size);
    else if (strcmp(call, "exists") == 0)
        exists(replay);
    else if (strcmp(call, "resume") == 0)
        mayrelay_session_resume(session);
    else if (strcmp(call, "reset") == 0)
        mayrelay_session_reset(session);
    else if (strcmp(call, "decide") == 0)
        decide(replay);
    else if (strcmp(call, "check") == 0)
        check(replay);
    else
        abort();
}

int
main(void)
{
    struct replay replay = {0};
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        split(&replay, line);
        obey(&replay);
    }
    free(line);
    free(replay.page);
    mayrelay_session_free(replay.session);
    mayrelay_policy_unref(replay.policy);
    return ferror(stdout) || fflush(stdout) != 0;
}
