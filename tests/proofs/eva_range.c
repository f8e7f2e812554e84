/* lib/net/range.c on any two addresses of a family: what it says of ranges. */
#include "eva.h"
#include "net/range.h"

static struct address
any_address(enum address_family family)
{
    struct address address = {family, any_uint64(), any_uint64()};
    if (family == ADDRESS_IPV4) {
        address.high = 0;
        address.low &= UINT32_MAX;
    }
    return address;
}

static void
judge(struct range a, struct range b)
{
    struct output out = output_to(NULL, 0);
    range_write(&out, a);
    range_contains(a, b.first);
    range_holds(a, b);
    range_overlaps(a, b);
    range_equal(a, b);
    range_compare(a, b);
    range_compare_size(a, b);
    range_is_at_most(a, any_uint64());
    range_is_internal(a);
    range_size_log2(a);
    network_last(a.first, any_uint32() % 129);
    struct range both[2] = {a, b};
    ranges_find(both, 2, b.last);
    ranges_join(both, 2);
}

int
main(void)
{
    static const enum address_family families[] = {ADDRESS_IPV4, ADDRESS_IPV6};
    for (int i = 0; i < 2; i++) {
        struct range a = {any_address(families[i]), any_address(families[i])};
        struct range b = {any_address(families[i]), any_address(families[i])};
        judge(a, b);
    }
    return 0;
}
