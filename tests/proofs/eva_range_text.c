/* lib/net/range.c on any text; what is an address is taken as known
 * (eva_address.c): any text may be one, any address its value. */
#include "eva.h"
#include "net/range.h"
#define address_parse address_parse_itself
#include "net/address.c"
#undef address_parse

bool
address_parse(struct text text, struct address *address)
{
    if (Frama_C_interval(0, 1))
        return false;
    if (text_has(text, ':'))
        *address = (struct address){ADDRESS_IPV6, any_uint64(), any_uint64()};
    else
        *address = (struct address){ADDRESS_IPV4, 0, any_uint32()};
    return true;
}

int
main(void)
{
    struct range range;
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++)
        range_parse(any_text(size), &range);
    return 0;
}
