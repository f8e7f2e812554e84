#include "set/ipv4_set.h"

#include "set/prefix_set.h"
#include "set/stored.h"

enum {
    IPV4_MAGIC = 0x34767069,
    INDEX_FROM = 2048, /* fewer intervals fit the inner caches as they are */
    BUCKETS = 1 << 16
};

struct header {
    uint32_t magic;
    uint32_t count; /* intervals */
    uint32_t width; /* bytes of a value */
    uint32_t reserved;
};

_Static_assert(sizeof(struct header) == 16, "stored");

/* What follows the header, in bytes. */
static uint64_t
body_size(uint64_t count, uint32_t width)
{
    if (count < INDEX_FROM)
        return count * (sizeof(uint32_t) + width);
    return (BUCKETS + 1) * sizeof(uint32_t) +
           count * (sizeof(uint16_t) + width);
}

static uint32_t
largest_value(const struct interval *intervals, size_t count)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        if (intervals[i].value > most)
            most = intervals[i].value;
    return most;
}

static void
write_flat(unsigned char *body, const struct interval *intervals, size_t count,
           unsigned width)
{
    unsigned char *values = body + count * sizeof(uint32_t);
    for (size_t i = 0; i < count; i++) {
        stored_save(body + i * 4, 4, (uint32_t)intervals[i].first.low);
        stored_save(values + i * width, width, intervals[i].value);
    }
}

static void
write_run(unsigned char *run, const struct interval *intervals, size_t count,
          unsigned width)
{
    unsigned char *values = run + count * sizeof(uint16_t);
    for (size_t i = 0; i < count; i++) {
        stored_save(run + i * 2, 2, intervals[i].first.low & 0xffff);
        stored_save(values + i * width, width, intervals[i].value);
    }
}

static void
write_indexed(unsigned char *body, const struct interval *intervals,
              size_t count, unsigned width)
{
    unsigned char *runs = body + (BUCKETS + 1) * sizeof(uint32_t);
    size_t from = 0;
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        size_t to = from;
        while (to < count && intervals[to].first.low >> 16 == bucket)
            to++;
        stored_save(body + bucket * 4, 4, (uint32_t)from);
        write_run(runs + from * (2 + width), intervals + from, to - from,
                  width);
        from = to;
    }
    stored_save(body + (size_t)BUCKETS * 4, 4, (uint32_t)count);
}

void
ipv4_set_build(struct buffer *out, const struct interval *intervals,
               size_t count)
{
    unsigned width = stored_width(largest_value(intervals, count));
    struct header header = {IPV4_MAGIC, (uint32_t)count, width, 0};
    buffer_add(out, &header, sizeof header);
    unsigned char *body = stored_extend(out, body_size(count, width));
    if (!body)
        return;
    if (count < INDEX_FROM)
        write_flat(body, intervals, count, width);
    else
        write_indexed(body, intervals, count, width);
}

bool
ipv4_set_is_valid(const unsigned char *data, size_t size)
{
    const struct header *header = (const void *)data;
    return size >= sizeof *header && header->magic == IPV4_MAGIC &&
           stored_width_is_valid(header->width) &&
           body_size(header->count, header->width) <= size - sizeof *header;
}

/* How many of `count` ascending keys of `width` bytes are at most `key`;
 * without branches, as none of them could be predicted. */
static inline size_t
count_up_to(const unsigned char *keys, size_t count, unsigned width,
            uint32_t key)
{
    size_t at = 0;
    while (count > 1) {
        size_t half = count / 2;
        bool right = stored_load(keys + (at + half) * width, width) <= key;
        at += right ? half : 0;
        count -= half;
    }
    return at + (count && stored_load(keys + at * width, width) <= key);
}

static bool
lookup_flat(const unsigned char *body, const struct header *header,
            uint32_t address, uint32_t *value)
{
    const unsigned char *values = body + (size_t)header->count * 4;
    size_t place = count_up_to(body, header->count, 4, address);
    if (place == 0)
        return false;
    *value = stored_load(values + (place - 1) * header->width, header->width);
    return true;
}

/* Where no first of the bucket is low enough, the value is that of the interval
 * before: the last value of the run before, whichever bucket that is. */
static bool
lookup_indexed(const unsigned char *body, const struct header *header,
               uint32_t address, uint32_t *value)
{
    const unsigned char *entry = body + (size_t)(address >> 16) * 4;
    unsigned width = header->width;
    size_t from = stored_load(entry, 4);
    size_t to = stored_load(entry + 4, 4);
    if (from > to || to > header->count)
        return false;
    const unsigned char *run =
        body + (BUCKETS + 1) * sizeof(uint32_t) + from * (2 + width);
    size_t place = count_up_to(run, to - from, 2, address & 0xffff);
    if (from + place == 0)
        return false;
    *value = stored_load(place ? run + (to - from) * 2 + (place - 1) * width
                               : run - width,
                         width);
    return true;
}

bool
ipv4_set_lookup(const unsigned char *data, uint32_t address, uint32_t *value)
{
    const struct header *header = (const void *)data;
    const unsigned char *body = data + sizeof *header;
    *value = 0;
    if (header->count == 0)
        return true;
    return header->count < INDEX_FROM
               ? lookup_flat(body, header, address, value)
               : lookup_indexed(body, header, address, value);
}

/* -- all of them -------------------------------------------------------- */

static bool
walk_flat(const unsigned char *body, const struct header *header,
          struct ipv4_walk *walk, uint32_t *first, uint32_t *value)
{
    size_t i = walk->at++;
    *first = stored_load(body + i * 4, 4);
    *value = stored_load(body + (size_t)header->count * 4 + i * header->width,
                         header->width);
    return true;
}

/* The bucket that interval `at` is in begins at `from` and ends at `to`. */
static bool
walk_indexed(const unsigned char *body, const struct header *header,
             struct ipv4_walk *walk, uint32_t *first, uint32_t *value)
{
    unsigned width = header->width;
    for (; walk->bucket < BUCKETS; walk->bucket++) {
        const unsigned char *entry = body + (size_t)walk->bucket * 4;
        size_t from = stored_load(entry, 4);
        size_t to = stored_load(entry + 4, 4);
        if (walk->at >= to)
            continue;
        if (walk->at < from || to > header->count)
            return false;
        const unsigned char *run =
            body + (BUCKETS + 1) * sizeof(uint32_t) + from * (2 + width);
        size_t place = walk->at++ - from;
        *first = walk->bucket << 16 | stored_load(run + place * 2, 2);
        *value = stored_load(run + (to - from) * 2 + place * width, width);
        return true;
    }
    return false;
}

bool
ipv4_walk_next(const unsigned char *data, struct ipv4_walk *walk,
               uint32_t *first, uint32_t *value)
{
    const struct header *header = (const void *)data;
    const unsigned char *body = data + sizeof *header;
    if (walk->at >= header->count)
        return false;
    return header->count < INDEX_FROM
               ? walk_flat(body, header, walk, first, value)
               : walk_indexed(body, header, walk, first, value);
}
