/* lib/net/address.c on any text, any octets, any address. */
#include "eva.h"
#include "net/address.h"

static void
use(struct address address)
{
    struct output out = output_to(NULL, 0);
    struct address other;
    address_write(&out, address);
    if (address_next(address, &other))
        address_compare(address, other);
    if (address_previous(address, &other))
        address_equal(address, other);
}

int
main(void)
{
    struct address address;
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++)
        address_parse(any_text(size), &address);
    //@ loop unroll 20;
    for (size_t size = 0; size < 20; size++)
        if (address_from_bytes(any_bytes(size), size, &address))
            use(address);
    return 0;
}
