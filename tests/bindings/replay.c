/* What the C library says to a dialogue: the words of README.md in, a line for
 * every decision out.  A binding's replay has to print the same. */
#include <mayrelay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MOST = 16,
    DIFFERENCES = 50
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
    mayrelay_coverage *coverage;
    mayrelay_audit *audit; /* these are being printed */
    mayrelay_report *report;
    mayrelay_advice *advice;
    mayrelay_diff *diff;
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

typedef size_t printer(struct replay *replay, char *buffer, size_t size);

static void
print_whole(struct replay *replay, printer *print)
{
    size_t needed;
    while ((needed = print(replay, replay->page, replay->room)) >=
           replay->room) {
        replay->room = needed + 1;
        replay->page = realloc(replay->page, replay->room);
        if (!replay->page)
            abort();
    }
    print_escaped(replay->page);
    putchar('\n');
}

static enum mayrelay_format
format_of(const struct replay *replay)
{
    return strcmp(replay->words[1].data, "json") == 0 ? MAYRELAY_JSON
                                                      : MAYRELAY_TEXT;
}

static size_t
write_explanation(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_decision_explain(
        mayrelay_session_get_decision(replay->session), format_of(replay),
        buffer, size);
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
    printf("%d\t%u\t%u\t%d\t", mayrelay_decision_get_code(d),
           mayrelay_decision_get_line(d), mayrelay_decision_get_needs(d),
           mayrelay_decision_get_is_relay(d));
    print_names(d);
    print_whole(replay, write_explanation);
}

/* -- what else can be asked ------------------------------------------------ */

static size_t
write_scope(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_decision_scope(
        mayrelay_session_get_decision(replay->session), format_of(replay),
        buffer, size);
}

static void
scope(struct replay *replay)
{
    printf("%016llx\t", (unsigned long long)mayrelay_decision_get_fingerprint(
                            mayrelay_session_get_decision(replay->session)));
    print_whole(replay, write_scope);
}

static size_t
write_log(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_session_to_log(replay->session, format_of(replay),
                                   replay->words[2].data, replay->words[3].data,
                                   buffer, size);
}

static size_t
write_html(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_audit_to_html(replay->audit, replay->report, buffer, size);
}

static void
audit(struct replay *replay)
{
    replay->audit =
        mayrelay_policy_audit(replay->policy, NULL, &replay->report);
    print_word(mayrelay_audit_get_disagreement(replay->audit));
    print_whole(replay, write_html);
    mayrelay_audit_free(replay->audit);
    mayrelay_report_free(replay->report);
}

static size_t
write_diff(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_diff_to_text(replay->diff, DIFFERENCES, buffer, size);
}

static size_t
write_diff_json(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_diff_to_json(replay->diff, DIFFERENCES, buffer, size);
}

/* To the policy at that path. */
static void
diff(struct replay *replay)
{
    mayrelay_policy *other =
        mayrelay_policy_load(replay->words[1].data, 0, NULL);
    mayrelay_diff *d = replay->diff =
        mayrelay_policy_diff(replay->policy, other);
    print_word(mayrelay_diff_verdict_name(mayrelay_diff_get_verdict(d)));
    print_word(mayrelay_diff_get_bug(d));
    printf("%llu\n", (unsigned long long)mayrelay_diff_count(d));
    for (size_t i = 0; i < mayrelay_diff_count_shown(d); i++) {
        print_word(mayrelay_diff_effect_name(mayrelay_diff_get_effect(d, i)));
        print_escaped(mayrelay_diff_get_witness(d, i));
        putchar('\n');
    }
    print_whole(replay, write_diff);
    print_whole(replay, write_diff_json);
    mayrelay_diff_free(d);
    mayrelay_policy_unref(other);
}

static size_t
write_advice(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_advice_to_text(replay->advice, buffer, size);
}

static size_t
write_advice_json(struct replay *replay, char *buffer, size_t size)
{
    return mayrelay_advice_to_json(replay->advice, buffer, size);
}

static void
advise(struct replay *replay)
{
    mayrelay_advice *advice = replay->advice =
        mayrelay_session_advise(replay->session, replay->words[1].data, NULL);
    print_escaped(mayrelay_advice_get_note(advice));
    putchar('\n');
    for (size_t i = 0; i < mayrelay_advice_count(advice); i++) {
        print_word(mayrelay_advice_get_text(advice, i));
        print_word(mayrelay_advice_get_file(advice, i));
        print_word(mayrelay_advice_get_patch(advice, i));
        print_word(mayrelay_advice_get_rule(advice, i));
        print_word(mayrelay_advice_get_radius(advice, i));
        print_word(mayrelay_advice_get_warning(advice, i));
        printf("%u\n", mayrelay_advice_get_line(advice, i));
    }
    print_whole(replay, write_advice);
    print_whole(replay, write_advice_json);
    mayrelay_advice_free(advice);
}

static void
cases(struct replay *replay)
{
    size_t limit = strtoul(replay->words[1].data, NULL, 10);
    mayrelay_cases *all = mayrelay_policy_cases(replay->policy, limit);
    print_word(mayrelay_cases_extent_name(mayrelay_cases_get_extent(all)));
    printf("%llu\t%llu\n",
           (unsigned long long)mayrelay_cases_get_combinations(all),
           (unsigned long long)mayrelay_cases_get_left_out(all));
    for (size_t i = 0; i < mayrelay_cases_count(all); i++) {
        print_word(mayrelay_cases_get_facts(all, i));
        print_escaped(mayrelay_cases_get_decision(all, i));
        putchar('\n');
    }
    mayrelay_cases_free(all);
}

static void
covered(const struct replay *replay)
{
    mayrelay_coverage *c = replay->coverage;
    mayrelay_coverage_count(c);
    for (size_t i = 0; i < mayrelay_coverage_count_lists(c); i++) {
        size_t entries = mayrelay_coverage_get_list_entries(c, i);
        size_t matched = mayrelay_coverage_get_list_matched(c, i);
        print_word(mayrelay_coverage_get_list(c, i));
        print_word(mayrelay_coverage_get_list_file(c, i));
        printf("%u\t%zu\t%zu", mayrelay_coverage_get_list_line(c, i), entries,
               matched);
        for (size_t j = 0; j < entries - matched; j++) {
            putchar('\t');
            print_word(mayrelay_coverage_get_missed_file(c, i, j));
            printf("%u", mayrelay_coverage_get_missed_line(c, i, j));
        }
        putchar('\n');
    }
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
    mayrelay_coverage_free(replay->coverage);
    replay->coverage = mayrelay_coverage_new(replay->policy);
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
    else if (strcmp(call, "scope") == 0)
        scope(replay);
    else if (strcmp(call, "log") == 0)
        print_whole(replay, write_log);
    else if (strcmp(call, "audit") == 0)
        audit(replay);
    else if (strcmp(call, "diff") == 0)
        diff(replay);
    else if (strcmp(call, "advise") == 0)
        advise(replay);
    else if (strcmp(call, "cases") == 0)
        cases(replay);
    else if (strcmp(call, "cover") == 0)
        mayrelay_coverage_add(replay->coverage, session);
    else if (strcmp(call, "covered") == 0)
        covered(replay);
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
    mayrelay_coverage_free(replay.coverage);
    mayrelay_session_free(replay.session);
    mayrelay_policy_unref(replay.policy);
    return ferror(stdout) || fflush(stdout) != 0;
}
