/* The reader of lib/image/provenance.c on any bytes. */
#include "eva.h"
#include "image/provenance.h"

int
main(void)
{
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++) {
        struct provenance stream = provenance_of(any_bytes(size), size);
        struct provenance_item item;
        while (provenance_next(&stream, &item))
            continue;
    }
    return 0;
}
