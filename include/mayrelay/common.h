/* mayrelay/common.h: what every other header needs.
 *
 * Conventions of the whole interface:
 *  - Text goes in as pointer and length in octets; MAYRELAY_ZSTR as length
 *    says that it ends in NUL.  Embedded NULs are seen, and refused.
 *  - new, load, parse: the result is yours; ref and unref; free; get: borrowed
 *    until the next call on that object.  NULL is accepted everywhere.
 *  - The library never prints, exits, aborts or waits for a network, starts no
 *    thread and keeps no global state. */
#ifndef MAYRELAY_COMMON_H
#define MAYRELAY_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef MAYRELAY_API
#define MAYRELAY_API __attribute__((visibility("default")))
#endif

/* As a length: the text ends in NUL. */
#define MAYRELAY_ZSTR SIZE_MAX

/* What a call that does not decide says of itself.  No value can be mistaken
 * for an SMTP code, and no decision hangs on whether a host looks at it: see
 * mayrelay/session.h on poisoned sessions. */
enum mayrelay_status {
    MAYRELAY_OK = 0,
    MAYRELAY_ERR_ARGUMENT = -1, /* a NULL object, an unknown enum value */
    MAYRELAY_ERR_MEMORY = -2,
    MAYRELAY_ERR_TEXT = -3,  /* too long, invalid UTF-8, control characters */
    MAYRELAY_ERR_STAGE = -4, /* nothing to answer, reset or resume yet */
    MAYRELAY_ERR_IO = -5     /* errno says more */
};

/* The library's version as text, "1.2.3"; static. */
MAYRELAY_API const char *mayrelay_version(void);
/* A short text for a status; static, never NULL. */
MAYRELAY_API const char *mayrelay_status_text(enum mayrelay_status status);

#ifdef __cplusplus
}
#endif

#endif
