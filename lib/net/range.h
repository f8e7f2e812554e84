/* Inclusive ranges of addresses of one family; a network is one too. */
#ifndef MAYRELAY_NET_RANGE_H
#define MAYRELAY_NET_RANGE_H

#include "net/address.h"

struct range {
    struct address first, last;
};

enum range_problem {
    RANGE_OK = 0,
    RANGE_NOT_ONE,    /* neither address, network nor range: another kind */
    RANGE_BAD_PREFIX, /* "10.0.0.0/33", "10.0.0.0/x" */
    RANGE_HOST_BITS,  /* "10.0.0.1/8" */
    RANGE_MASK_HOLES, /* "10.0.0.0/255.0.255.0" */
    RANGE_BACKWARDS,  /* first > last */
    RANGE_FAMILIES    /* one end IPv4, the other IPv6 */
};

/* "a", "a/n", "a/mask" (IPv4), "a-b".  With a problem other than NOT_ONE and
 * FAMILIES, `range` holds what was probably meant (host bits cleared, the
 * mask's leading ones, ends swapped) for the hint.  A network below
 * ::ffff:0:0/96 is its IPv4 network; a shorter one holds no IPv4 address. */
enum range_problem range_parse(struct text text, struct range *range);
/* "a", "a/n" where it is a network, else "a-b". */
void range_write(struct output *out, struct range range);
bool range_contains(struct range range, struct address address);
bool range_holds(struct range outer, struct range inner);
bool range_overlaps(struct range a, struct range b);
bool range_equal(struct range a, struct range b);
/* By first address, then the longer (the outer) first. */
int range_compare(struct range a, struct range b);
/* <0, 0, >0 as `a` has fewer, as many, more addresses than `b`. */
int range_compare_size(struct range a, struct range b);
/* log2 of the number of addresses, rounded down: /24 is 8, ::/0 is 128. */
unsigned range_size_log2(struct range range);
/* At most `limit` addresses. */
bool range_is_at_most(struct range range, uint64_t limit);
/* The last address of the network of 2^host_bits addresses around one. */
struct address network_last(struct address address, unsigned host_bits);

/* In the order of range_compare. */
void ranges_sort(struct range *ranges, size_t count);
/* Of ranges in the order of their first addresses, those that overlap or lie
 * side by side become one; returns how many are left. */
size_t ranges_join(struct range *ranges, size_t count);
/* Of joined ranges, the first that does not end before the address, or
 * `count`. */
size_t ranges_find(const struct range *ranges, size_t count,
                   struct address address);

/* Wholly private (RFC 1918, RFC 4193), loopback or link-local. */
bool range_is_internal(struct range range);
/* The built-in lists $loopback, $private and $link-local. */
extern const struct range RANGES_LOOPBACK[2];   /* 127.0.0.0/8, ::1 */
extern const struct range RANGES_PRIVATE[4];    /* RFC 1918, fc00::/7 */
extern const struct range RANGES_LINK_LOCAL[2]; /* 169.254.0.0/16, fe80::/10 */
/* Every address of a family. */
extern const struct range RANGE_ALL_IPV4, RANGE_ALL_IPV6;

#endif
