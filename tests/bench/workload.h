/* Lists and what is asked of them, made from a fixed seed.
 *
 * IPv4: 55 % /32, 28 % /24, the rest /16 to /31, eight of /8 to /15, within
 * 1.0.0.0-223.255.255.255.  IPv6: /32 to /64 of 2000::/3 (45 % /48, 25 % /64,
 * 12 % /32).  Names: 2 to 4 labels, about 18 bytes, half of them sub-domain
 * entries.  Mailboxes: about 36 bytes.  Half of all queries hit. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
    KIND_IPV4,
    KIND_IPV6,
    KIND_CLIENT_NAME,
    KIND_SENDER, /* entries are domains, queries mailboxes */
    KIND_RECIPIENT,
    KIND_IDENTITY,
    KIND_COUNT
};
extern const char *const KIND_NAMES[KIND_COUNT];

enum mix {
    MIX_UNIFORM,
    MIX_ZIPF, /* s = 1 over 100,000 distinct queries */
    MIX_COUNT
};
extern const char *const MIX_NAMES[MIX_COUNT];

struct prefix {
    uint64_t high, low; /* IPv4: 0, and all 32 bits */
    unsigned length;
};

enum {
    TEXT_ROOM = 128
};

/* One list; entry n is made anew whenever it is asked for. */
struct workload {
    enum kind kind;
    size_t count;
    uint32_t *covered; /* IPv4: sorted first, last, first, last, ... */
    size_t covered_count;
};

void workload_make(struct workload *workload, enum kind kind, size_t count);
void workload_free(struct workload *workload);
/* One list of each kind, all of a size. */
void workloads_make(struct workload workloads[KIND_COUNT], size_t count);
void workloads_free(struct workload workloads[KIND_COUNT]);
/* Entry `number` as a list file has it; returns its length. */
size_t workload_entry(const struct workload *workload, size_t number,
                      char out[TEXT_ROOM]);
/* The same of IPv4 and IPv6. */
struct prefix workload_prefix(const struct workload *workload, size_t number);
/* Whether entry `number` stands for what is below its name, not for itself. */
bool workload_is_below(const struct workload *workload, size_t number);

/* Texts side by side, each ending in NUL, in the order they are used in: as a
 * host has them at hand, and not one more random read. */
struct texts {
    char *bytes;
    uint32_t *starts; /* one more than there are texts */
    size_t count;
};

/* `count` queries.  An IPv4 workload and an IPv6 one take turns if `other` is
 * not NULL. */
struct texts workload_queries(const struct workload *workload,
                              const struct workload *other, size_t count,
                              enum mix mix);
void texts_free(struct texts *texts);

static inline const char *
texts_data(const struct texts *texts, size_t number)
{
    return texts->bytes + texts->starts[number];
}

static inline size_t
texts_size(const struct texts *texts, size_t number)
{
    return texts->starts[number + 1] - texts->starts[number] - 1;
}

#endif
