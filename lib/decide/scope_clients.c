/* How far around the client's address the lists say the same. */
#include "decide/scope.h"

struct comparing {
    const struct transaction *transaction;
    const uint64_t *kept;
    size_t block_count;
};

static bool
says_nothing(const struct comparing *c, const struct image_mask *mask)
{
    return mask->block < c->block_count &&
           ((mask->inc | mask->exc) & c->kept[mask->block]) == 0;
}

static bool
says_same(const struct comparing *c, const struct image_mask *one,
          const struct image_mask *other)
{
    return one->block < c->block_count &&
           (((one->inc ^ other->inc) | (one->exc ^ other->exc)) &
            c->kept[one->block]) == 0;
}

/* Two lists in the order of their blocks, of the rules that are kept. */
static bool
say_same(const struct comparing *c, struct masks one, struct masks other)
{
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < one.count || j < other.count) {
        const struct image_mask *a = i < one.count ? &one.first[i] : NULL;
        const struct image_mask *b = j < other.count ? &other.first[j] : NULL;
        if (a && b && a->block == b->block) {
            if (!says_same(c, a, b))
                return false;
            i++;
            j++;
        } else if (a && (!b || a->block < b->block)) {
            if (!says_nothing(c, a))
                return false;
            i++;
        } else {
            if (!says_nothing(c, b))
                return false;
            j++;
        }
    }
    return true;
}

/* The class of an interval, of which 0 is that of all other addresses. */
static bool
is_like_client(const struct comparing *c, uint32_t class)
{
    const struct transaction *t = c->transaction;
    struct masks masks = {0};
    uint32_t extra;
    return (!class || image_class(t->image, ATTRIBUTE_CLIENT_ADDRESS, class,
                                  &masks, &extra)) &&
           say_same(c, t->facts->client.masks, masks);
}

struct range
scope_clients(const struct transaction *t, const uint64_t *kept,
              size_t block_count)
{
    struct comparing comparing = {t, kept, block_count};
    struct address client = t->facts->client.address;
    struct range run =
        client.family == ADDRESS_IPV4 ? RANGE_ALL_IPV4 : RANGE_ALL_IPV6;
    struct prefix_walk walk =
        prefix_walk_start(&t->image->client_addresses, client.family);
    for (struct interval next; prefix_walk_next(&walk, &next);) {
        bool like = is_like_client(&comparing, next.value);
        if (address_compare(next.first, client) > 0) {
            if (!like) {
                address_previous(next.first, &run.last);
                return run;
            }
        } else if (!like) {
            run.first = client; /* until one that is like it begins */
        } else if (address_equal(run.first, client)) {
            run.first = next.first;
        }
    }
    return run;
}
