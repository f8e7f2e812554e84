/* The public headers as a strict C11 host sees them.  With HEADER defined this
 * is one header alone, which must not lean on another one. */
#ifdef HEADER
#include HEADER
#else
#include <mayrelay.h>
#endif

int
main(void)
{
    return sizeof(enum mayrelay_status) == sizeof(int) ? 0 : 1;
}
