/* Advice while memory runs out: there is none, or all of it, and nothing leaks.
 */
#include <mayrelay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing_malloc.h"

static const char POLICY[] =
    "mayrelay: 1\n"
    "groups: {Staff: [joe], Asked: ask}\n"
    "domains: {inbound: [ours.example]}\n"
    "never-route: [192.0.2.9]\n"
    "relay:\n"
    "  allow:\n"
    "    - {clients: [192.0.2.9, file:%s], senders: ['/x.*/'], tls: true}\n"
    "    - {users: [$Staff, $Asked]}\n";
static const char LIST[] = "192.0.2.1\n";

enum {
    ANSWER_SIZE = 1 << 16,
    PATH_SIZE = 64
};

struct run {
    char policy[PATH_SIZE], list[PATH_SIZE];
    mayrelay_session *session;
    char whole[ANSWER_SIZE], answer[ANSWER_SIZE];
    unsigned long passed, failed, none;
};

static bool
write_file(char *path, const char *text, const char *value)
{
    int number = mkstemp(path);
    FILE *file = number < 0 ? NULL : fdopen(number, "w");
    bool good = file && fprintf(file, text, value) > 0;
    return file && fclose(file) == 0 && good;
}

/* False if there is no advice. */
static bool
ask(const struct run *run, char *answer)
{
    mayrelay_report *report = NULL;
    mayrelay_advice *advice =
        mayrelay_session_advise(run->session, run->policy, &report);
    bool there = advice != NULL;
    mayrelay_advice_to_json(advice, answer, ANSWER_SIZE);
    mayrelay_advice_free(advice);
    mayrelay_report_free(report);
    return there;
}

static void
expect(struct run *run, bool good, const char *what, size_t call)
{
    if (!good)
        printf("call %zu: %s\n", call, what);
    *(good ? &run->passed : &run->failed) += 1;
}

/* Refuses calls [from, behind); true if any was made. */
static bool
try_without(struct run *run, size_t from, size_t behind)
{
    size_t live = memory_live();
    count_anew(from, behind);
    bool there = ask(run, run->answer);
    bool met = counting.calls >= from;
    count_anew(0, 0);
    run->none += !there;
    expect(run, memory_live() == live, "something leaks", from);
    expect(run, !there || strcmp(run->answer, run->whole) == 0,
           "it is another advice", from);
    return met;
}

int
main(void)
{
    static struct run run = {.policy = "/tmp/mayrelay-policy-XXXXXX",
                             .list = "/tmp/mayrelay-list-XXXXXX"};
    if (!write_file(run.list, LIST, "") ||
        !write_file(run.policy, POLICY, run.list)) {
        puts("no files");
        return EXIT_FAILURE;
    }
    mayrelay_policy *policy = mayrelay_policy_load(run.policy, 0, NULL);
    run.session = mayrelay_session_new(policy);
    mayrelay_session_connect(run.session, "192.0.2.9", NULL);
    mayrelay_session_auth(run.session, "mary", MAYRELAY_ZSTR);
    mayrelay_session_answer(run.session, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(run.session, "xa@b.example", MAYRELAY_ZSTR);
    mayrelay_session_rcpt(run.session, "c@d.example", MAYRELAY_ZSTR);
    expect(&run, ask(&run, run.whole), "no advice with all memory", 0);
    bool met = true;
    /* Each of the first calls, and of the later ones some. */
    for (size_t call = 1; met; call += 1 + call / 40) {
        met = try_without(&run, call, call);
        try_without(&run, call, (size_t)-1);
    }
    expect(&run, run.none > 100, "memory was hardly missed", run.none);
    expect(&run, strstr(run.whole, "192.0.2.9") != NULL, run.whole, 0);
    mayrelay_session_free(run.session);
    mayrelay_policy_unref(policy);
    unlink(run.policy);
    unlink(run.list);
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
