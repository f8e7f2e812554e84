/* A set alone, without a policy around it, and queries for it. */
#ifndef BENCH_BARE_SET_H
#define BENCH_BARE_SET_H

#include "base/buffer.h"
#include "set/name_set.h"
#include "set/prefix_set.h"
#include "set/text_set.h"
#include "workload.h"

struct bare_set {
    enum kind kind; /* senders, which take two sets, are none of them */
    struct buffer bytes;
    struct prefix_set prefixes;
    struct name_set names;
    struct text_set texts;
    size_t count; /* of the queries */
    struct texts queries;
    struct address *addresses; /* of the queries */
};

/* Milliseconds of the build alone; of addresses from sorted intervals. */
double bare_set_make(struct bare_set *set, const struct workload *workload);
void bare_set_free(struct bare_set *set);
/* Queries to look up, until they are forgotten. */
void bare_set_ask(struct bare_set *set, const struct workload *workload,
                  size_t count, enum mix mix);
void bare_set_forget(struct bare_set *set);
/* The value of query `number`; 0 is none. */
uint32_t bare_set_look_up(const struct bare_set *set, size_t number);

#endif
