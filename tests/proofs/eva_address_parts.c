/* lib/net/address.c, the parts of an IPv6 address: a group at every place of
 * texts of every size, a zone of every size, and groups put together. */
#include "eva.h"
#include "net/address.c"

static void
read_at(struct text text, size_t start)
{
    uint16_t group;
    size_t at = start;
    read_group(text, &at, &group);
    //@ assert at <= text.size;
}

static void
join(unsigned count, unsigned gap)
{
    struct groups groups = {.count = count, .gap = gap};
    Frama_C_make_unknown((char *)groups.value, sizeof groups.value);
    if (is_complete(&groups))
        join_groups(&groups);
}

int
main(void)
{
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++)
        //@ loop unroll SIZES;
        for (size_t start = 0; start <= size; start++)
            read_at(any_text(size), start);
    //@ loop unroll 66;
    for (size_t size = 0; size <= ZONE_MOST + 1; size++)
        is_zone(any_text(size));
    //@ loop unroll 9;
    for (unsigned count = 0; count <= 8; count++)
        //@ loop unroll 10;
        for (unsigned gap = 0; gap <= 9; gap++)
            join(count, gap);
    return 0;
}
