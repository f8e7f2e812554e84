/* lib/net/address.c: a dotted quad read from any text, the longest included. */
#include "eva.h"
#include "net/address.c"

int
main(void)
{
    uint32_t value;
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++)
        if (read_ipv4(any_text(size), &value))
            address_ipv4(value);
    return 0;
}
