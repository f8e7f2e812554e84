#include "workload.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum {
    SEED = 42,
    ZIPF_DISTINCT = 100000,
    WIDE_PREFIXES = 8,
    UNIQUE_LETTERS = 7 /* 26^7 > 2^32 */
};
/* Names from here on stand in no list. */
#define FIRST_MISS UINT32_C(0x80000000)

const char *const KIND_NAMES[] = {"IPv4",    "IPv6",       "client names",
                                  "senders", "recipients", "identities"};
const char *const MIX_NAMES[] = {"uniform", "zipf"};
static const char *const TOP_LEVELS[] = {
    "com", "net", "org", "de", "co.uk", "info", "nl", "example", "fr", "eu"};

/* What number `number` of a kind is made from. */
static struct random
random_of(enum kind kind, uint64_t number, uint64_t purpose)
{
    struct random random = {SEED + (uint64_t)kind * 1000003 +
                            purpose * UINT64_C(0x632be59bd9b4e019) +
                            number * UINT64_C(0xd1b54a32d192ed03)};
    random_next(&random);
    return random;
}

static size_t
add_text(char *out, size_t at, const char *text)
{
    size_t size = strlen(text);
    memcpy(out + at, text, size + 1);
    return at + size;
}

static size_t
add_letters(char *out, size_t at, struct random *random, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[at++] = (char)('a' + random_below(random, 26));
    out[at] = '\0';
    return at;
}

/* Letters that no other number has. */
static size_t
add_unique(char *out, size_t at, uint32_t number)
{
    uint32_t mixed = number * UINT32_C(2654435761);
    for (int i = 0; i < UNIQUE_LETTERS; i++, mixed /= 26)
        out[at++] = (char)('a' + mixed % 26);
    out[at] = '\0';
    return at;
}

static size_t
add_domain(char *out, size_t at, uint32_t number, struct random *random)
{
    uint64_t depth = random_below(random, 10);
    for (uint64_t more = 0; more < (depth > 8   ? 2u
                                    : depth > 5 ? 1u
                                                : 0u);
         more++) {
        at = add_letters(out, at, random, 2 + random_below(random, 5));
        at = add_text(out, at, ".");
    }
    at = add_unique(out, at, number);
    at = add_letters(out, at, random, random_below(random, 7));
    at = add_text(out, at, ".");
    return add_text(out, at, TOP_LEVELS[random_below(random, 10)]);
}

static size_t
add_mailbox(char *out, size_t at, uint32_t number, struct random *random)
{
    at = add_letters(out, at, random, 4 + random_below(random, 8));
    at = add_text(out, at, ".");
    at = add_letters(out, at, random, 5 + random_below(random, 8));
    at = add_text(out, at, "@");
    return add_domain(out, at, number, random);
}

static unsigned
ipv4_length(size_t number, struct random *random)
{
    uint64_t percent = random_below(random, 100);
    if (number < WIDE_PREFIXES)
        return 8 + (unsigned)random_below(random, 8);
    if (percent < 55)
        return 32;
    if (percent < 83)
        return 24;
    return 16 + (unsigned)random_below(random, 16);
}

static unsigned
ipv6_length(struct random *random)
{
    uint64_t percent = random_below(random, 100);
    if (percent < 45)
        return 48;
    if (percent < 70)
        return 64;
    if (percent < 82)
        return 32;
    return 33 + (unsigned)random_below(random, 31);
}

static uint32_t
any_ipv4(struct random *random)
{
    return (uint32_t)((1 + random_below(random, 223)) << 24 |
                      random_below(random, 1 << 24));
}

static uint64_t
any_ipv6(struct random *random)
{
    return UINT64_C(1) << 61 | random_next(random) >> 3;
}

struct prefix
workload_prefix(const struct workload *workload, size_t number)
{
    struct random random = random_of(workload->kind, number, 0);
    if (workload->kind == KIND_IPV4) {
        unsigned length = ipv4_length(number, &random);
        uint32_t mask = UINT32_MAX << (32 - length);
        return (struct prefix){0, any_ipv4(&random) & mask, length};
    }
    unsigned length = ipv6_length(&random);
    uint64_t mask = UINT64_MAX << (64 - length);
    return (struct prefix){any_ipv6(&random) & mask, 0, length};
}

bool
workload_is_below(const struct workload *workload, size_t number)
{
    bool names =
        workload->kind == KIND_CLIENT_NAME || workload->kind == KIND_SENDER;
    return names && number % 2 == 1;
}

static size_t
write_address(char *out, enum kind kind, uint64_t high, uint64_t low)
{
    unsigned char bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(high >> (56 - 8 * i));
        bytes[8 + i] = (unsigned char)(low >> (56 - 8 * i));
    }
    if (kind == KIND_IPV4)
        inet_ntop(AF_INET, bytes + 12, out, TEXT_ROOM);
    else
        inet_ntop(AF_INET6, bytes, out, TEXT_ROOM);
    return strlen(out);
}

static size_t
write_prefix(char *out, enum kind kind, struct prefix prefix)
{
    size_t size = write_address(out, kind, prefix.high, prefix.low);
    if (kind == KIND_IPV4 && prefix.length == 32)
        return size;
    return size +
           (size_t)snprintf(out + size, TEXT_ROOM - size, "/%u", prefix.length);
}

size_t
workload_entry(const struct workload *workload, size_t number,
               char out[TEXT_ROOM])
{
    enum kind kind = workload->kind;
    struct random random = random_of(kind, number, 0);
    size_t at = 0;
    if (kind == KIND_IPV4 || kind == KIND_IPV6)
        return write_prefix(out, kind, workload_prefix(workload, number));
    if (kind == KIND_RECIPIENT)
        return add_mailbox(out, 0, (uint32_t)number, &random);
    if (kind == KIND_IDENTITY) {
        at = add_unique(out, 0, (uint32_t)number);
        return add_letters(out, at, &random, random_below(&random, 10));
    }
    if (workload_is_below(workload, number))
        at = add_text(out, 0, ".");
    return add_domain(out, at, (uint32_t)number, &random);
}

static bool
is_covered(const struct workload *workload, uint32_t address)
{
    size_t low = 0, high = workload->covered_count / 2;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (workload->covered[2 * middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && address <= workload->covered[2 * (low - 1) + 1];
}

static size_t
ipv4_query(const struct workload *workload, bool hit, struct random *random,
           char *out)
{
    uint32_t address = any_ipv4(random);
    if (hit) {
        struct prefix prefix =
            workload_prefix(workload, random_below(random, workload->count));
        uint32_t host = prefix.length == 32 ? 0 : UINT32_MAX >> prefix.length;
        address = (uint32_t)prefix.low | (address & host);
    }
    while (!hit && is_covered(workload, address))
        address = any_ipv4(random);
    return write_address(out, KIND_IPV4, 0, address);
}

static size_t
ipv6_query(const struct workload *workload, bool hit, struct random *random,
           char *out)
{
    uint64_t high = any_ipv6(random), low = random_next(random);
    if (hit) {
        struct prefix prefix =
            workload_prefix(workload, random_below(random, workload->count));
        uint64_t host = prefix.length == 64 ? 0 : UINT64_MAX >> prefix.length;
        high = prefix.high | (high & host);
    }
    return write_address(out, KIND_IPV6, high, low);
}

/* A name that entry `number` matches, or none does. */
static size_t
name_query(const struct workload *workload, bool hit, struct random *random,
           size_t at, char *out)
{
    size_t number = random_below(random, workload->count);
    struct random of_entry = random_of(workload->kind, number, 0);
    if (!hit)
        return add_domain(out, at, FIRST_MISS + (uint32_t)number, random);
    if (workload_is_below(workload, number)) {
        at = add_letters(out, at, random, 2 + random_below(random, 5));
        at = add_text(out, at, ".");
    }
    return add_domain(out, at, (uint32_t)number, &of_entry);
}

static size_t
exact_query(const struct workload *workload, bool hit, struct random *random,
            char *out)
{
    size_t number = random_below(random, workload->count);
    if (!hit)
        number += FIRST_MISS;
    return workload_entry(workload, number, out);
}

/* Query `number` of all there can be. */
static size_t
write_query(const struct workload *workload, uint64_t number, char *out)
{
    struct random random = random_of(workload->kind, number, 1);
    bool hit = random_below(&random, 2) == 1;
    size_t at = 0;
    switch (workload->kind) {
    case KIND_IPV4: return ipv4_query(workload, hit, &random, out);
    case KIND_IPV6: return ipv6_query(workload, hit, &random, out);
    case KIND_SENDER:
        at = add_letters(out, 0, &random, 5 + random_below(&random, 12));
        at = add_text(out, at, "@");
        return name_query(workload, hit, &random, at, out);
    case KIND_CLIENT_NAME: return name_query(workload, hit, &random, 0, out);
    default: return exact_query(workload, hit, &random, out);
    }
}

/* Rank r with a probability of about 1 / r. */
static uint64_t
zipf_rank(struct random *random)
{
    double uniform = (double)(random_next(random) >> 11) * 0x1p-53;
    return (uint64_t)exp(uniform * log((double)ZIPF_DISTINCT));
}

struct texts
workload_queries(const struct workload *workload, const struct workload *other,
                 size_t count, enum mix mix)
{
    struct texts texts = {new_array(count, TEXT_ROOM),
                          new_array(count + 1, sizeof *texts.starts), count};
    struct random random = random_of(workload->kind, 0, 2);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = mix == MIX_ZIPF ? zipf_rank(&random) : i;
        bool turn = other && number % 2 == 1;
        texts.starts[i] = (uint32_t)at;
        at += write_query(turn ? other : workload, number, texts.bytes + at);
        at++;
    }
    texts.starts[count] = (uint32_t)at;
    return texts;
}

void
texts_free(struct texts *texts)
{
    free(texts->bytes);
    free(texts->starts);
}

static int
compare_firsts(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (a[0] > b[0]) - (a[0] < b[0]);
}

/* Joins what overlaps; returns the number of bounds left. */
static size_t
join_ranges(uint32_t *ranges, size_t count)
{
    size_t last = 0;
    for (size_t i = 1; i < count; i++) {
        if (ranges[2 * i] > ranges[2 * last + 1])
            memcpy(ranges + 2 * ++last, ranges + 2 * i, 2 * sizeof *ranges);
        else if (ranges[2 * i + 1] > ranges[2 * last + 1])
            ranges[2 * last + 1] = ranges[2 * i + 1];
    }
    return 2 * (last + 1);
}

void
workload_make(struct workload *workload, enum kind kind, size_t count)
{
    *workload = (struct workload){.kind = kind, .count = count};
    if (kind != KIND_IPV4)
        return;
    workload->covered = new_array(2 * count, sizeof *workload->covered);
    for (size_t i = 0; i < count; i++) {
        struct prefix prefix = workload_prefix(workload, i);
        uint32_t host = prefix.length == 32 ? 0 : UINT32_MAX >> prefix.length;
        workload->covered[2 * i] = (uint32_t)prefix.low;
        workload->covered[2 * i + 1] = (uint32_t)prefix.low | host;
    }
    qsort(workload->covered, count, 2 * sizeof *workload->covered,
          compare_firsts);
    workload->covered_count = join_ranges(workload->covered, count);
}

void
workload_free(struct workload *workload)
{
    free(workload->covered);
}

void
workloads_make(struct workload workloads[KIND_COUNT], size_t count)
{
    for (int kind = 0; kind < KIND_COUNT; kind++)
        workload_make(&workloads[kind], (enum kind)kind, count);
}

void
workloads_free(struct workload workloads[KIND_COUNT])
{
    for (int kind = 0; kind < KIND_COUNT; kind++)
        workload_free(&workloads[kind]);
}
