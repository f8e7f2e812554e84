/* The least that a milter can be: agrees upon the same as mayrelay-milter, and
 * lets everything pass.  What mayrelay-milter costs is measured beside it.
 *
 * usage: bare_milter unix:PATH */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "milter/negotiation.h"

static sfsistat
on_connect(SMFICTX *context, char *host, struct sockaddr *address)
{
    (void)context, (void)host, (void)address;
    return SMFIS_NOREPLY;
}

static sfsistat
on_address(SMFICTX *context, char **arguments)
{
    (void)context, (void)arguments;
    return SMFIS_CONTINUE;
}

static sfsistat
on_step(SMFICTX *context)
{
    (void)context;
    return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
    static char name[] = "bare";
    struct smfiDesc callbacks = {.xxfi_name = name,
                                 .xxfi_version = SMFI_VERSION,
                                 .xxfi_flags = NEGOTIATION_ACTIONS,
                                 .xxfi_connect = on_connect,
                                 .xxfi_envfrom = on_address,
                                 .xxfi_envrcpt = on_address,
                                 .xxfi_eom = on_step,
                                 .xxfi_abort = on_step,
                                 .xxfi_close = on_step,
                                 .xxfi_negotiate = negotiation_agree};
    if (argc != 2 || smfi_register(callbacks) != MI_SUCCESS ||
        smfi_setconn(argv[1]) != MI_SUCCESS ||
        smfi_setbacklog(SOMAXCONN) != MI_SUCCESS ||
        smfi_opensocket(true) != MI_SUCCESS)
        return EXIT_FAILURE;
    return smfi_main() == MI_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
