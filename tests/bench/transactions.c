#include "transactions.h"

#include <stdlib.h>

#include "measure.h"

enum {
    REPLY_ROOM = 512
};

const char *const STEP_NAMES[] = {"connect", "+name", "auth", "mail",
                                  "rcpt",    "whole", "check"};

static const char *
client(const struct transactions *t, size_t i)
{
    return texts_data(&t->clients, i);
}

/* A reply may be composed only when it is asked for. */
static uint64_t
answer(int code, const mayrelay_session *session)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    const char *reply = mayrelay_decision_get_reply(decision);
    return (uint64_t)code + (unsigned char)reply[0];
}

static uint64_t
step_connect(struct transactions *t, mayrelay_session *session, size_t i)
{
    return answer(mayrelay_session_connect(session, client(t, i), NULL),
                  session);
}

static uint64_t
step_name(struct transactions *t, mayrelay_session *session, size_t i)
{
    uint64_t sum = step_connect(t, session, i);
    mayrelay_session_add_client_name(session, texts_data(&t->names, i),
                                     texts_size(&t->names, i));
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    return sum;
}

static uint64_t
step_auth(struct transactions *t, mayrelay_session *session, size_t i)
{
    return (uint64_t)mayrelay_session_auth(
        session, texts_data(&t->identities, i), texts_size(&t->identities, i));
}

static uint64_t
step_mail(struct transactions *t, mayrelay_session *session, size_t i)
{
    int code = mayrelay_session_mail(session, texts_data(&t->senders, i),
                                     texts_size(&t->senders, i));
    return answer(code, session);
}

static int
rcpt(const struct transactions *t, mayrelay_session *session, size_t i)
{
    return mayrelay_session_rcpt(session, texts_data(&t->recipients, i),
                                 texts_size(&t->recipients, i));
}

static uint64_t
step_rcpt(struct transactions *t, mayrelay_session *session, size_t i)
{
    return answer(rcpt(t, session, i), session);
}

static uint64_t
step_whole(struct transactions *t, mayrelay_session *session, size_t i)
{
    return step_connect(t, session, i) + step_auth(t, session, i) +
           step_mail(t, session, i) + step_rcpt(t, session, i);
}

static int
check(const struct transactions *t, size_t i, char reply[REPLY_ROOM])
{
    return mayrelay_check(t->policy, client(t, i),
                          texts_data(&t->identities, i),
                          texts_data(&t->senders, i),
                          texts_data(&t->recipients, i), reply, REPLY_ROOM);
}

static uint64_t
step_check(struct transactions *t, mayrelay_session *session, size_t i)
{
    char reply[REPLY_ROOM];
    (void)session;
    int code = check(t, i, reply);
    return (uint64_t)code + (unsigned char)reply[0];
}

static uint64_t (*const STEPS[])(struct transactions *, mayrelay_session *,
                                 size_t) = {step_connect, step_name, step_auth,
                                            step_mail,    step_rcpt, step_whole,
                                            step_check};

void
transactions_prepare(struct transactions *t)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        step_name(t, t->sessions[i], i % t->count);
        step_auth(t, t->sessions[i], i % t->count);
        step_mail(t, t->sessions[i], i % t->count);
    }
}

uint64_t
transactions_run(struct transactions *t, enum step step)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < t->count; i++)
        sum += STEPS[step](t, t->sessions[i * SESSIONS / t->count], i);
    return sum;
}

double
transactions_accepted(struct transactions *t)
{
    mayrelay_session *session = t->sessions[0];
    char reply[REPLY_ROOM];
    size_t accepted = 0;
    for (size_t i = 0; i < t->count; i++) {
        step_connect(t, session, i);
        step_auth(t, session, i);
        step_mail(t, session, i);
        int code = rcpt(t, session, i);
        if (check(t, i, reply) != code)
            fail("a dialogue says %d, mayrelay_check: %s", code, reply);
        accepted += code == 250;
    }
    return (double)accepted / (double)t->count;
}

double
transactions_time(struct transactions *t, enum step step, int repetitions)
{
    enum {
        MOST = 32
    };
    double times[MOST];
    transactions_prepare(t);
    keep(transactions_run(t, step));
    for (int i = 0; i < repetitions && i < MOST; i++) {
        transactions_prepare(t);
        double start = cpu_clock();
        keep(transactions_run(t, step));
        times[i] = cpu_clock() - start;
    }
    return median(times, (size_t)repetitions) / (double)t->count;
}

void
transactions_make(struct transactions *t, mayrelay_policy *policy,
                  const struct workload workloads[KIND_COUNT], size_t count,
                  enum mix mix)
{
    *t = (struct transactions){.policy = policy, .count = count};
    t->clients = workload_queries(&workloads[KIND_IPV4], &workloads[KIND_IPV6],
                                  count, mix);
    t->names = workload_queries(&workloads[KIND_CLIENT_NAME], NULL, count, mix);
    t->identities =
        workload_queries(&workloads[KIND_IDENTITY], NULL, count, mix);
    t->senders = workload_queries(&workloads[KIND_SENDER], NULL, count, mix);
    t->recipients =
        workload_queries(&workloads[KIND_RECIPIENT], NULL, count, mix);
    for (int i = 0; i < SESSIONS; i++)
        if (!(t->sessions[i] = mayrelay_session_new(policy)))
            fail("no memory for a session");
}

void
transactions_free(struct transactions *t)
{
    for (int i = 0; i < SESSIONS; i++)
        mayrelay_session_free(t->sessions[i]);
    texts_free(&t->clients);
    texts_free(&t->names);
    texts_free(&t->identities);
    texts_free(&t->senders);
    texts_free(&t->recipients);
}
