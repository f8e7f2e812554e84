/* Call sequences on a session.
 *
 * Calls with facts from the pools of tests/property, in any order and number,
 * must decide as the slow evaluator does.  Calls with the input's own octets
 * end that until the next connect; then, as always, each reply must be sound,
 * and nothing may be accepted while a setter has failed.
 *
 * The input: an octet that picks the policy, then calls: an octet for the call
 * and one for its facts, or a text behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "fuzz.h"
#include "generate.h"
#include "sample.h"

enum {
    POLICIES = 8,
    CALLS_MOST = 64,
    EXPLAIN_EVERY = 16
};

enum call {
    CALL_CONNECT,
    CALL_TLS,
    CALL_AUTH,
    CALL_NAMES,
    CALL_GROUPS,
    CALL_MAIL,
    CALL_RCPT,
    CALL_EXISTS,
    CALL_RESUME,
    CALL_RESET,
    CALL_POOLS, /* those before draw on the pools */
    CALL_RAW_CONNECT = CALL_POOLS,
    CALL_RAW_TLS,
    CALL_RAW_AUTH,
    CALL_RAW_NAME,
    CALL_RAW_GROUP,
    CALL_RAW_MAIL,
    CALL_RAW_RCPT,
    CALL_RAW_ANSWER,
    CALLS
};

/* What failed, and has not been set again. */
enum wound {
    WOUND_TLS = 1,
    WOUND_AUTH = 2,
    WOUND_NAME = 4,
    WOUND_GROUP = 8
};

struct run {
    struct input input;
    const struct policy *policy;
    mayrelay_session *session;
    struct facts facts, next; /* what was said; what will be, if asked */
    enum stage stage;
    bool comparable; /* the facts are all that was said */
    bool decided;    /* the last call was one that decides */
    unsigned wounds;
    unsigned answered; /* WOUND_NAME, WOUND_GROUP: the next one begins anew */
};

/* -- policies ------------------------------------------------------------- */

static struct {
    struct policy plain;
    mayrelay_policy *loaded;
} policies[POLICIES];

static void
policies_load(void)
{
    for (int i = 0; i < POLICIES && !policies[i].loaded; i++) {
        struct random random = {(uint64_t)i + 1};
        char *text;
        generate_policy(&random, &policies[i].plain);
        policies[i].loaded = load_generated(&random, &policies[i].plain, &text);
        REQUIRE(policies[i].loaded);
        free(text);
    }
}

/* -- what the facts are after a call (mayrelay/session.h) ----------------- */

static void
forget_recipient(struct facts *facts)
{
    memset(&facts->recipient, 0, sizeof facts->recipient);
    facts->exists = UNKNOWN_YET;
}

static void
forget_sender(struct facts *facts)
{
    memset(&facts->sender, 0, sizeof facts->sender);
    forget_recipient(facts);
}

static void
forget_identity(struct facts *facts)
{
    facts->has_identity = false;
    memset(facts->identity, 0, sizeof facts->identity);
    facts->groups = UNKNOWN_YET;
    forget_sender(facts);
}

static void
forget_connection(struct facts *facts)
{
    facts->names = UNKNOWN_YET;
    facts->tls = false;
    facts->certificate[0] = '\0';
    forget_identity(facts);
}

/* -- calls from the pools ------------------------------------------------- */

static void
decided_at(struct run *run, enum stage stage)
{
    run->stage = stage;
    run->decided = true;
}

static void
call_connect(struct run *run, struct random *random)
{
    generate_connection(random, &run->next);
    run->facts = run->next;
    forget_connection(&run->facts);
    say_connect(run->session, random, &run->facts);
    run->comparable = true;
    run->wounds = run->answered = 0;
    decided_at(run, STAGE_CONNECT);
}

static void
call_tls(struct run *run)
{
    run->facts.tls = true;
    memcpy(run->facts.certificate, run->next.certificate,
           sizeof run->facts.certificate);
    forget_identity(&run->facts);
    say_tls(run->session, &run->facts);
    run->wounds &= WOUND_NAME;
    run->answered &= WOUND_NAME;
}

static void
call_auth(struct run *run)
{
    forget_identity(&run->facts);
    run->facts.has_identity = run->next.has_identity;
    memcpy(run->facts.identity, run->next.identity, sizeof run->facts.identity);
    say_identity(run->session, &run->facts);
    run->wounds &= (unsigned)(WOUND_TLS | WOUND_NAME);
    run->answered &= WOUND_NAME;
}

/* A whole answer, or that it failed: either heals. */
static void
answered(struct run *run, enum wound wound)
{
    run->wounds &= ~(unsigned)wound;
    run->answered |= wound;
}

static void
call_names(struct run *run, struct random *random)
{
    if (run->facts.names != UNKNOWN_YET)
        return;
    generate_names(random, &run->facts);
    say_names(run->session, &run->facts);
    if (run->facts.names != UNKNOWN_YET)
        answered(run, WOUND_NAME);
}

static void
call_groups(struct run *run, struct random *random)
{
    if (run->facts.groups != UNKNOWN_YET)
        return;
    generate_groups(random, &run->facts);
    say_groups(run->session, &run->facts);
    if (run->facts.groups != UNKNOWN_YET)
        answered(run, WOUND_GROUP);
}

static void
call_mail(struct run *run, struct random *random)
{
    generate_sender(random, &run->next);
    if (run->next.sender.kind == MAIL_NOT_GIVEN)
        return;
    forget_sender(&run->facts);
    run->facts.sender = run->next.sender;
    say_sender(run->session, &run->facts);
    decided_at(run, STAGE_MAIL);
}

static void
call_rcpt(struct run *run, struct random *random)
{
    generate_recipient(random, &run->facts);
    enum knowledge exists = run->facts.exists;
    run->facts.exists = UNKNOWN_YET;
    say_recipient(run->session, &run->facts);
    run->next.exists = exists;
    run->next.exists_value = run->facts.exists_value;
    decided_at(run, STAGE_RCPT);
}

static void
call_exists(struct run *run)
{
    if (run->facts.recipient.kind == MAIL_NOT_GIVEN ||
        run->facts.exists != UNKNOWN_YET)
        return;
    run->facts.exists = run->next.exists;
    say_exists(run->session, &run->facts);
}

/* Of a stage whose argument has been forgotten nothing can be said. */
static void
call_resume(struct run *run)
{
    mayrelay_session_resume(run->session);
    switch (run->stage) {
    case STAGE_CONNECT: /* of a client that the host forgot, none */
        run->decided = run->facts.client.family != 0;
        break;
    case STAGE_MAIL:
        run->decided = run->facts.sender.kind != MAIL_NOT_GIVEN;
        break;
    case STAGE_RCPT:
        run->decided = run->facts.recipient.kind != MAIL_NOT_GIVEN;
        break;
    }
}

static void
call_reset(struct run *run)
{
    forget_sender(&run->facts);
    mayrelay_session_reset(run->session);
    decided_at(run, STAGE_CONNECT);
    run->decided = run->facts.client.family != 0;
}

static void
call_from_pools(struct run *run, enum call call)
{
    struct random random = {input_byte(&run->input)};
    switch (call) {
    case CALL_CONNECT: call_connect(run, &random); break;
    case CALL_TLS: call_tls(run); break;
    case CALL_AUTH: call_auth(run); break;
    case CALL_NAMES: call_names(run, &random); break;
    case CALL_GROUPS: call_groups(run, &random); break;
    case CALL_MAIL: call_mail(run, &random); break;
    case CALL_RCPT: call_rcpt(run, &random); break;
    case CALL_EXISTS: call_exists(run); break;
    case CALL_RESUME: call_resume(run); break;
    case CALL_RESET: call_reset(run); break;
    default: break;
    }
}

/* -- calls with the input's own octets ------------------------------------ */

static void
raw_connect(struct run *run)
{
    size_t client_size, listener_size;
    char *client = input_text(&run->input, &client_size);
    char *listener = input_text(&run->input, &listener_size);
    mayrelay_session_connect_addr(run->session, client, client_size, listener,
                                  listener_size, 25);
    run->wounds = run->answered = 0;
    free(client);
    free(listener);
}

static void
raw_answer(struct run *run)
{
    enum mayrelay_fact fact = (enum mayrelay_fact)input_byte(&run->input);
    if (mayrelay_session_answer(run->session, fact, MAYRELAY_KNOWN) ==
        MAYRELAY_OK)
        run->answered |= fact == MAYRELAY_FACT_CLIENT_NAME ? WOUND_NAME
                         : fact == MAYRELAY_FACT_GROUPS    ? WOUND_GROUP
                                                           : 0;
    mayrelay_session_set_recipient_exists(run->session,
                                          input_byte(&run->input) & 1);
}

/* Behind an answer another name or group is the first of a new one. */
static void
begin_anew(struct run *run, enum wound wound)
{
    if (run->answered & wound)
        run->wounds &= ~(unsigned)wound;
    run->answered &= ~(unsigned)wound;
}

static void
wound(struct run *run, enum mayrelay_status status, enum wound wound)
{
    if (status != MAYRELAY_OK)
        run->wounds |= wound;
}

static void
call_raw(struct run *run, enum call call)
{
    mayrelay_session *session = run->session;
    size_t size;
    if (call == CALL_RAW_CONNECT || call == CALL_RAW_ANSWER) {
        call == CALL_RAW_CONNECT ? raw_connect(run) : raw_answer(run);
        return;
    }
    char *text = input_text(&run->input, &size);
    switch (call) {
    case CALL_RAW_TLS:
        run->wounds &= WOUND_NAME;
        run->answered &= WOUND_NAME;
        wound(run, mayrelay_session_tls(session, text, size), WOUND_TLS);
        break;
    case CALL_RAW_AUTH:
        run->wounds &= (unsigned)(WOUND_TLS | WOUND_NAME);
        run->answered &= WOUND_NAME;
        wound(run, mayrelay_session_auth(session, text, size), WOUND_AUTH);
        break;
    case CALL_RAW_NAME:
        begin_anew(run, WOUND_NAME);
        wound(run, mayrelay_session_add_client_name(session, text, size),
              WOUND_NAME);
        break;
    case CALL_RAW_GROUP:
        begin_anew(run, WOUND_GROUP);
        wound(run, mayrelay_session_add_group(session, text, size),
              WOUND_GROUP);
        break;
    case CALL_RAW_MAIL: mayrelay_session_mail(session, text, size); break;
    case CALL_RAW_RCPT: mayrelay_session_rcpt(session, text, size); break;
    default: break;
    }
    free(text);
}

/* -- what must hold ------------------------------------------------------- */

static void
check_wounds(const struct run *run)
{
    if (!run->wounds)
        return;
    struct decision said = decision_of(run->session);
    REQUIRE(said.verdict == VERDICT_DEFER);
    REQUIRE(said.reason == REASON_INTERNAL_ERROR);
}

static void
check_same(const struct run *run)
{
    if (!run->comparable || !run->decided || run->wounds)
        return;
    struct decision slow =
        slow_decide(run->policy, &run->facts, run->stage, NULL);
    struct decision said = decision_of(run->session);
    if (decisions_equal(&slow, &said))
        return;
    char *facts = describe_facts(&run->facts);
    printf("%sat stage %d\n", facts, (int)run->stage);
    print_decision("expected", &slow);
    print_decision("decided ", &said);
    fflush(stdout);
    free(facts);
    fuzz_fail(__FILE__, __LINE__, "decides as the slow evaluator");
}

static void
call_once(struct run *run)
{
    enum call call = (enum call)(input_byte(&run->input) % CALLS);
    run->decided = false;
    if (call < CALL_POOLS) {
        call_from_pools(run, call);
    } else {
        run->comparable = false;
        call_raw(run, call);
    }
    decision_check(run->session);
    check_wounds(run);
    check_same(run);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {.input = {data, size}};
    policies_load();
    int number = input_byte(&run.input) % POLICIES;
    run.policy = &policies[number].plain;
    run.session = mayrelay_session_new(policies[number].loaded);
    REQUIRE(run.session);
    for (int i = 0; i < CALLS_MOST && run.input.size > 0; i++)
        call_once(&run);
    if (size % EXPLAIN_EVERY == 0)
        decision_check_pages(run.session);
    mayrelay_session_free(run.session);
    return 0;
}
