/* mayrelay-milter: the policy in Postfix and sendmail, as a mail filter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "adapter/policy_watch.h"
#include "dialogue.h"

static const char ABOUT[] =
    "Asks a mayrelay policy whether a client of Postfix or sendmail may hand\n"
    "over a recipient.\n";

/* Each connection takes a descriptor, and libmilter spins where there are none
 * left; so take as many as we may have. */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
listen_at(const struct settings *settings, struct keeper *keeper)
{
    char *place = (char *)settings->listen[0]; /* libmilter lacks a const */
    if (smfi_register(dialogue_callbacks(keeper)) == MI_SUCCESS &&
        smfi_setconn(place) == MI_SUCCESS &&
        smfi_setbacklog(SOMAXCONN) == MI_SUCCESS &&
        smfi_opensocket(true) == MI_SUCCESS)
        return true;
    fprintf(stderr, "cannot listen at %s\n", place);
    return false;
}

static void *
run_libmilter(void *argument)
{
    smfi_main(); /* comes back only if it cannot go on, and has said why */
    keeper_stop(argument);
    return NULL;
}

/* At the end there may be threads that serve somebody still: the process ends
 * with them, and nothing that they use is freed before. */
static int
run(struct keeper *keeper)
{
    pthread_t libmilter;
    if (pthread_create(&libmilter, NULL, run_libmilter, keeper) != 0)
        return EX_OSERR;
    return keeper_run(keeper) ? EX_OK : EX_SOFTWARE;
}

int
main(int argc, char **argv)
{
    static struct keeper keeper;
    static struct settings settings;
    switch (settings_read(&settings, ABOUT, "unix:PATH|inet:PORT@HOST", argc,
                          argv)) {
    case SETTINGS_READY: break;
    case SETTINGS_HELP: return EX_OK;
    case SETTINGS_WRONG: return EX_USAGE;
    }
    if (settings.check)
        return policy_check(&settings);
    if (settings.listen_count != 1) {
        fputs("one --listen is needed\n", stderr);
        return EX_USAGE;
    }
    raise_descriptor_limit();
    if (!keeper_open(&keeper, &settings))
        return EX_CONFIG;
    if (!listen_at(&settings, &keeper))
        return EX_UNAVAILABLE;
    return run(&keeper);
}
