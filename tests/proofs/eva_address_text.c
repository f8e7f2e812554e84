/* lib/net/address.c on texts of every size that an IPv6 address can have.  A
 * group and a dotted quad are known by their contracts alone, which
 * eva_address_parts.c and eva_address_ipv4.c prove.  What reads a text without
 * its zone gets any text here: Eva does not relate what drop_zone leaves of one
 * to its size. */
#include "eva.h"
#include "net/address.h"

/*@ requires *at <= text.size;
    assigns \result, *at, *group \from *at, text.size, eva_bytes[0 .. 4095];
    ensures *at <= text.size;
    ensures \initialized(group);
    ensures \result == 0 || \result == 1; */
static bool read_group(struct text text, size_t *at, uint16_t *group);

/*@ assigns \result, *value \from text.size, eva_bytes[0 .. 4095];
    ensures \initialized(value);
    ensures \result == 0 || \result == 1; */
static bool read_ipv4(struct text text, uint32_t *value);

#include "net/address.c"

static void
read_any_groups(struct text text)
{
    struct groups groups = {.gap = NO_GAP};
    read_groups(text, &groups);
    //@ assert groups.count <= IPV6_GROUPS;
    //@ assert groups.gap <= NO_GAP;
}

int
main(void)
{
    //@ loop unroll 46;
    for (size_t size = 0; size <= IPV6_TEXT_MOST; size++)
        read_any_groups(any_text(size));
    //@ loop unroll SIZES;
    for (size_t size = 0; size < SIZES; size++) {
        struct text text = any_text(size);
        drop_zone(&text);
    }
    return 0;
}
