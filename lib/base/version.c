#include "mayrelay/common.h"

const char *
mayrelay_version(void)
{
    return MAYRELAY_VERSION;
}

const char *
mayrelay_status_text(enum mayrelay_status status)
{
    switch (status) {
    case MAYRELAY_OK: return "no error";
    case MAYRELAY_ERR_ARGUMENT: return "not an argument this call takes";
    case MAYRELAY_ERR_MEMORY: return "out of memory";
    case MAYRELAY_ERR_TEXT: return "text that is too long or not well-formed";
    case MAYRELAY_ERR_STAGE: return "not at this stage of the session";
    case MAYRELAY_ERR_IO: return "reading or writing failed";
    }
    return "unknown status";
}
