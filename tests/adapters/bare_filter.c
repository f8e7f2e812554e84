/* The least that a filter of OpenSMTPD can be: hears of the same as
 * filter-mayrelay, and lets everything pass.  What filter-mayrelay costs is
 * measured beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* filter|VERSION|TIME|smtp-in|PHASE|SESSION|TOKEN|... */
enum {
    KIND = 0,
    SESSION = 5,
    TOKEN = 6,
    FIELDS
};

static void
answer(char *line)
{
    char *fields[FIELDS] = {0};
    for (int i = 0; i < FIELDS && line; i++)
        fields[i] = strsep(&line, "|");
    if (fields[TOKEN] && strcmp(fields[KIND], "filter") == 0)
        printf("filter-result|%s|%s|proceed\n", fields[SESSION], fields[TOKEN]);
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((size = getline(&line, &room, stdin)) > 0) {
        line[size - 1] = '\0';
        if (strcmp(line, "config|ready") == 0)
            puts("register|report|smtp-in|link-connect\n"
                 "register|report|smtp-in|link-tls\n"
                 "register|report|smtp-in|link-auth\n"
                 "register|report|smtp-in|link-disconnect\n"
                 "register|filter|smtp-in|connect\n"
                 "register|filter|smtp-in|mail-from\n"
                 "register|filter|smtp-in|rcpt-to\n"
                 "register|ready");
        else
            answer(line);
    }
    free(line);
    return EXIT_SUCCESS;
}
