/* lib/mail/domain.c, domain_parse: on any text, with a libidn2 that may say
 * anything.  What it writes to is zeroed here: that it reads back only what it
 * has written is left to valgrind. */
#include "eva.h"
#include "mail/domain.h"

int
main(void)
{
    char out[DOMAIN_TEXT_SIZE] = {0};
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++)
        domain_parse(any_text(size), DOMAIN_CLIENT_NAME, out);
    return 0;
}
