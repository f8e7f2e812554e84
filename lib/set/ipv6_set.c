#include "set/ipv6_set.h"

#include "base/memory.h"
#include "set/prefix_set.h"
#include "set/stored.h"

enum {
    IPV6_MAGIC = 0x36767069,
    INDEX_BITS_MOST = 18 /* 1 MiB of index: what a second-level cache holds */
};

/* The four arrays follow the header in the order of their counts; the lines
 * come first, so that each is one cache line. */
struct header {
    uint32_t magic;
    uint32_t width;      /* bytes of a code */
    uint32_t lines;      /* 64 bytes each; 0: the set is empty */
    uint32_t rows;       /* struct row */
    uint32_t splits;     /* uint32_t, and one more: the first row of each */
    uint32_t buckets;    /* uint32_t, and one more: the line it begins in */
    uint32_t shift;      /* bucket of a key: (key - base) >> shift */
    uint32_t first_code; /* of the splits; lower codes are values */
    uint64_t base;       /* below it, the first key of all alone */
    uint64_t reserved[3];
};

struct row {
    uint64_t low;
    uint32_t value;
    uint32_t reserved;
};

_Static_assert(sizeof(struct header) == STORED_LINE, "stored");
_Static_assert(sizeof(struct row) == 16, "stored");

/* Where the arrays are. */
struct layout {
    uint64_t lines, rows, splits, index, end;
};

static struct layout
layout_of(const struct header *header)
{
    struct layout at;
    at.lines = sizeof *header;
    at.rows = at.lines + (uint64_t)header->lines * STORED_LINE;
    at.splits = at.rows + (uint64_t)header->rows * sizeof(struct row);
    at.index = at.splits + ((uint64_t)header->splits + 1) * sizeof(uint32_t);
    at.end = at.index + ((uint64_t)header->buckets + 1) * sizeof(uint32_t);
    return at;
}

static unsigned
keys_per_line(unsigned width)
{
    return STORED_LINE / ((unsigned)sizeof(uint64_t) + width);
}

/* What a build gathers: keys with codes, rows, and where each split begins. */
struct key {
    uint64_t high;
    uint32_t code;
};

struct draft {
    struct key *keys;
    struct row *rows;
    uint32_t *splits;
    size_t key_count, row_count, split_count;
    uint64_t first_code;
};

static void
draft_clear(struct draft *draft)
{
    memory_free(draft->keys);
    memory_free(draft->rows);
    memory_free(draft->splits);
}

/* An interval adds two keys and two rows at the most. */
static bool
draft_init(struct draft *draft, size_t count)
{
    *draft = (struct draft){0};
    if (count > UINT32_MAX / 2 - 1)
        return false;
    draft->keys = memory_new(2 * count + 1, sizeof *draft->keys);
    draft->rows = memory_new(2 * count + 1, sizeof *draft->rows);
    draft->splits = memory_new(count + 1, sizeof *draft->splits);
    return draft->keys && draft->rows && draft->splits;
}

static void
add_key(struct draft *draft, uint64_t high, uint64_t code)
{
    draft->keys[draft->key_count++] = (struct key){high, (uint32_t)code};
}

static void
add_row(struct draft *draft, uint64_t low, uint32_t value)
{
    draft->rows[draft->row_count++] = (struct row){low, value, 0};
}

/* The `count` intervals that begin inside one /64, which `before` reaches
 * into. */
static void
add_split(struct draft *draft, const struct interval *intervals, size_t count,
          uint32_t before)
{
    add_key(draft, intervals->first.high,
            draft->first_code + draft->split_count);
    draft->splits[draft->split_count++] = (uint32_t)draft->row_count;
    if (intervals->first.low != 0)
        add_row(draft, 0, before);
    for (size_t i = 0; i < count; i++)
        add_row(draft, intervals[i].first.low, intervals[i].value);
}

/* How many of the first intervals are in the same /64. */
static size_t
count_in_same_64(const struct interval *intervals, size_t count)
{
    size_t same = 1;
    while (same < count && intervals[same].first.high == intervals->first.high)
        same++;
    return same;
}

static void
gather(struct draft *draft, const struct interval *intervals, size_t count)
{
    uint32_t before = 0;
    for (size_t i = 0, same; i < count; i += same) {
        const struct interval *here = &intervals[i];
        uint64_t next = here->first.high + 1;
        same = count_in_same_64(here, count - i);
        if (same == 1 && here->first.low == 0) {
            add_key(draft, here->first.high, here->value);
            before = here->value;
            continue;
        }
        add_split(draft, here, same, before);
        before = here[same - 1].value;
        bool next_has_key =
            next == 0 || (i + same < count && here[same].first.high == next);
        if (!next_has_key)
            add_key(draft, next, before);
    }
    draft->splits[draft->split_count] = (uint32_t)draft->row_count;
}

static uint64_t
value_count(const struct interval *intervals, size_t count)
{
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++)
        if (intervals[i].value >= end)
            end = (uint64_t)intervals[i].value + 1;
    return end;
}

/* The bits of a bucket number: about as many buckets as lines. */
static unsigned
index_bits(size_t lines)
{
    unsigned bits = 1;
    while (bits < INDEX_BITS_MOST && ((size_t)1 << bits) < lines)
        bits++;
    return bits;
}

/* The first key is :: always, so that the next one is where keys begin. */
static void
choose_buckets(struct header *header, const struct draft *draft)
{
    if (draft->key_count < 2)
        return;
    header->base = draft->keys[1].high;
    uint64_t span = draft->keys[draft->key_count - 1].high - header->base;
    unsigned bits = index_bits(header->lines);
    while (span >> header->shift >> bits != 0)
        header->shift++;
    header->buckets = (uint32_t)(span >> header->shift) + 1;
}

/* Places behind the last key repeat it at the last address of all, so that
 * lines need no count. */
static void
write_line(unsigned char *line, unsigned width, const struct key *keys,
           size_t count)
{
    unsigned most = keys_per_line(width);
    for (size_t i = 0; i < most; i++) {
        uint64_t high = i < count ? keys[i].high : UINT64_MAX;
        uint32_t code = keys[i < count ? i : count - 1].code;
        memcpy(line + i * sizeof high, &high, sizeof high);
        stored_save(line + most * sizeof high + i * width, width, code);
    }
}

static void
write_lines(unsigned char *lines, unsigned width, const struct draft *draft)
{
    unsigned step = keys_per_line(width);
    for (size_t i = 0; i < draft->key_count; i += step) {
        size_t left = draft->key_count - i;
        write_line(lines, width, draft->keys + i, left < step ? left : step);
        lines += STORED_LINE;
    }
}

/* Each bucket begins in the line of the last key that is not above it. */
static void
write_index(unsigned char *index, const struct header *header,
            const struct draft *draft)
{
    unsigned step = keys_per_line(header->width);
    size_t last = 0;
    for (size_t bucket = 0; bucket < header->buckets; bucket++) {
        uint64_t first = header->base + ((uint64_t)bucket << header->shift);
        while (last + 1 < draft->key_count &&
               draft->keys[last + 1].high <= first)
            last++;
        stored_save(index + bucket * 4, 4, (uint32_t)(last / step));
    }
    stored_save(index + (size_t)header->buckets * 4, 4,
                header->lines ? header->lines - 1 : 0);
}

static void
write_draft(struct buffer *out, const struct draft *draft)
{
    uint64_t codes = draft->first_code + draft->split_count;
    if (codes > UINT32_MAX + (uint64_t)1) {
        out->failed = true;
        return;
    }
    struct header header = {
        .magic = IPV6_MAGIC,
        .width = stored_width(codes ? (uint32_t)(codes - 1) : 0),
        .rows = (uint32_t)draft->row_count,
        .splits = (uint32_t)draft->split_count,
        .first_code = (uint32_t)draft->first_code,
    };
    unsigned step = keys_per_line(header.width);
    header.lines = (uint32_t)((draft->key_count + step - 1) / step);
    choose_buckets(&header, draft);
    struct layout at = layout_of(&header);
    unsigned char *data = stored_extend(out, at.end);
    if (!data)
        return;
    memcpy(data, &header, sizeof header);
    write_lines(data + at.lines, header.width, draft);
    memcpy(data + at.rows, draft->rows, draft->row_count * sizeof(struct row));
    memcpy(data + at.splits, draft->splits,
           (draft->split_count + 1) * sizeof(uint32_t));
    write_index(data + at.index, &header, draft);
}

void
ipv6_set_build(struct buffer *out, const struct interval *intervals,
               size_t count)
{
    struct draft draft;
    if (draft_init(&draft, count)) {
        draft.first_code = value_count(intervals, count);
        gather(&draft, intervals, count);
        write_draft(out, &draft);
    } else {
        out->failed = true;
    }
    draft_clear(&draft);
}

bool
ipv6_set_is_valid(const unsigned char *data, size_t size)
{
    const struct header *header = (const void *)data;
    return size >= sizeof *header && header->magic == IPV6_MAGIC &&
           stored_width_is_valid(header->width) && header->shift < 64 &&
           layout_of(header).end <= size;
}

static inline uint64_t
key_at(const unsigned char *keys, size_t place)
{
    uint64_t key;
    memcpy(&key, keys + place * sizeof key, sizeof key);
    return key;
}

/* The last line of `from` to `to` whose first key is not above `high`. */
static size_t
find_line(const unsigned char *lines, size_t from, size_t to, uint64_t high)
{
    size_t left = to - from + 1;
    while (left > 1) {
        size_t half = left / 2;
        from +=
            key_at(lines + (from + half) * STORED_LINE, 0) <= high ? half : 0;
        left -= half;
    }
    return from;
}

/* How many keys but the first are at most `high`; a constant `keys` unrolls. */
static inline size_t
place_in_line(const unsigned char *line, unsigned keys, uint64_t high)
{
    size_t place = 0;
    for (unsigned i = 1; i < keys; i++)
        place += key_at(line, i) <= high;
    return place;
}

static uint32_t
code_in_line(const unsigned char *line, unsigned width, uint64_t high)
{
    size_t place = width == 1   ? place_in_line(line, 7, high)
                   : width == 2 ? place_in_line(line, 6, high)
                                : place_in_line(line, 5, high);
    line += keys_per_line(width) * sizeof high;
    return stored_load(line + place * width, width);
}

/* The lines a key can be in; false if the index is damaged there. */
static bool
find_lines(const struct header *header, const unsigned char *index,
           uint64_t high, size_t *from, size_t *to)
{
    *from = *to = 0;
    if (high < header->base)
        return true;
    uint64_t bucket = (high - header->base) >> header->shift;
    if (bucket > header->buckets)
        bucket = header->buckets;
    const unsigned char *entry = index + (size_t)bucket * 4;
    *from = stored_load(entry, 4);
    *to = bucket < header->buckets ? stored_load(entry + 4, 4) : *from;
    return *from <= *to && *to < header->lines;
}

/* The value of an address in split /64 number `split`. */
static bool
lookup_split(const unsigned char *data, const struct header *header,
             uint32_t split, uint64_t low, uint32_t *value)
{
    struct layout at = layout_of(header);
    const struct row *rows = (const void *)(data + at.rows);
    if (split >= header->splits)
        return false;
    const unsigned char *entry = data + at.splits + (size_t)split * 4;
    size_t from = stored_load(entry, 4);
    size_t to = stored_load(entry + 4, 4);
    if (from >= to || to > header->rows)
        return false;
    for (size_t left = to - from; left > 1;) {
        size_t half = left / 2;
        from += rows[from + half].low <= low ? half : 0;
        left -= half;
    }
    *value = rows[from].value;
    return true;
}

bool
ipv6_set_lookup(const unsigned char *data, struct address address,
                uint32_t *value)
{
    const struct header *header = (const void *)data;
    const unsigned char *lines = data + sizeof *header;
    size_t from, to;
    *value = 0;
    if (header->lines == 0)
        return true;
    if (!find_lines(header, data + layout_of(header).index, address.high, &from,
                    &to))
        return false;
    size_t line = find_line(lines, from, to, address.high);
    uint32_t code =
        code_in_line(lines + line * STORED_LINE, header->width, address.high);
    if (header->splits && code >= header->first_code)
        return lookup_split(data, header, code - header->first_code,
                            address.low, value);
    *value = code;
    return true;
}

/* -- all of them -------------------------------------------------------- */

static bool
walk_row(const unsigned char *data, const struct header *header,
         struct ipv6_walk *walk, struct address *first, uint32_t *value)
{
    struct layout at = layout_of(header);
    const struct row *row =
        (const struct row *)(const void *)(data + at.rows) + walk->row++;
    *first = (struct address){ADDRESS_IPV6, walk->high, row->low};
    *value = row->value;
    return true;
}

static bool
enter_split(const unsigned char *data, const struct header *header,
            uint32_t split, struct ipv6_walk *walk)
{
    if (split >= header->splits)
        return false;
    const unsigned char *entry =
        data + layout_of(header).splits + (size_t)split * 4;
    walk->row = stored_load(entry, 4);
    walk->last_row = stored_load(entry + 4, 4);
    return walk->row < walk->last_row && walk->last_row <= header->rows;
}

bool
ipv6_walk_next(const unsigned char *data, struct ipv6_walk *walk,
               struct address *first, uint32_t *value)
{
    const struct header *header = (const void *)data;
    unsigned step = keys_per_line(header->width);
    if (walk->row < walk->last_row)
        return walk_row(data, header, walk, first, value);
    while (walk->at < (size_t)header->lines * step) {
        const unsigned char *line =
            data + sizeof *header + walk->at / step * STORED_LINE;
        size_t place = walk->at % step;
        uint64_t high = key_at(line, place);
        uint32_t code = stored_load(
            line + step * sizeof high + place * header->width, header->width);
        if (walk->at++ && high <= walk->high)
            continue; /* what fills up the last line */
        walk->high = high;
        if (!header->splits || code < header->first_code) {
            *first = (struct address){ADDRESS_IPV6, high, 0};
            *value = code;
            return true;
        }
        return enter_split(data, header, code - header->first_code, walk) &&
               walk_row(data, header, walk, first, value);
    }
    return false;
}
