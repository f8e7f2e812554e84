#include "set/name_set.h"

#include "base/memory.h"
#include "set/hash.h"
#include "set/line_table.h"
#include "set/radix_sort.h"
#include "set/stored.h"

enum {
    NAME_MAGIC = 0x656d616e,
    NAME_SIZE_MOST = 255, /* a canonical name, and what a byte holds */
    SEEDS_TRIED = 4,
    SUFFIXES_SEEN = 1024, /* a power of two */
    LABELS_AT_ONCE = 4    /* hashed and fetched before the first is compared */
};

/* What the lines say of a suffix. */
enum {
    SUFFIX_IS_NAME = 1,
    SUFFIX_HAS_LONGER = 2 /* names end in it that are longer */
};

/* The lines follow, then the pairs, then the arena of names: the number of the
 * pair, the size in a byte, the name; in the order of their hashes.
 *
 * The lines hold every suffix of every name.  One that is no name itself has
 * no entry in the arena, so nothing is compared: mistaking another suffix for
 * it leads on to longer suffixes, but a value is only ever taken from a name
 * that was compared. */
struct header {
    uint32_t magic;
    uint32_t otherwise;
    uint32_t lines;
    uint32_t reach; /* as in struct line_table */
    uint32_t pairs;
    uint32_t width; /* bytes of a pair's number */
    uint64_t seed;
    uint64_t arena_size;
    uint64_t reserved[3];
};

struct pair {
    uint32_t exact, below;
};

_Static_assert(sizeof(struct header) == STORED_LINE, "stored");
_Static_assert(sizeof(struct pair) == 8, "stored");

/* The suffixes of a name, the shortest first, and their hashes: each is that of
 * its first label, seeded with the hash of the rest. */
struct suffix_walk {
    struct text name;
    size_t start;
    uint64_t hash;
};

static inline struct suffix_walk
suffix_walk_start(struct text name, uint64_t seed)
{
    return (struct suffix_walk){name, name.size + 1, seed};
}

static inline bool
suffix_next(struct suffix_walk *walk)
{
    if (walk->start == 0)
        return false;
    size_t end = walk->start - 1;
    const char *dot = memrchr(walk->name.data, '.', end);
    size_t start = dot ? (size_t)(dot - walk->name.data) + 1 : 0;
    struct text label = {walk->name.data + start, end - start};
    walk->hash = hash_text(label, walk->hash);
    walk->start = start;
    return true;
}

/* What a build works on. */
struct draft {
    const struct named_value *names;
    size_t count;
    struct sort_item *nodes; /* first one per suffix and name, then one each */
    size_t node_count;
    struct sort_item *seen; /* the last nodes, by hash: see add_suffix */
    uint32_t *pair_of;      /* of each name */
    struct pair *pairs;
    size_t pair_count;
    uint32_t *entry_of; /* offset of each name in the arena */
    uint64_t arena_size;
    uint64_t seed;
};

static void
draft_clear(struct draft *draft)
{
    memory_free(draft->nodes);
    memory_free(draft->seen);
    memory_free(draft->pair_of);
    memory_free(draft->pairs);
    memory_free(draft->entry_of);
}

static size_t
count_suffixes(const struct named_value *names, size_t count)
{
    size_t suffixes = count;
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < names[i].name.size; at++)
            suffixes += names[i].name.data[at] == '.';
    return suffixes;
}

static bool
are_sound(const struct named_value *names, size_t count)
{
    uint64_t arena_size = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = names[i].name.size;
        if (size == 0 || size > NAME_SIZE_MOST)
            return false;
        arena_size += sizeof(uint32_t) + 1 + size;
    }
    return arena_size <= UINT32_MAX;
}

static bool
draft_init(struct draft *draft, const struct named_value *names, size_t count)
{
    *draft = (struct draft){.names = names, .count = count};
    if (!are_sound(names, count))
        return false;
    draft->nodes =
        memory_new(count_suffixes(names, count), sizeof *draft->nodes);
    draft->seen = memory_new(SUFFIXES_SEEN, sizeof *draft->seen);
    draft->pair_of = memory_new(count, sizeof *draft->pair_of);
    draft->pairs = memory_new(count, sizeof *draft->pairs);
    draft->entry_of = memory_new(count, sizeof *draft->entry_of);
    return draft->nodes && draft->seen && draft->pair_of && draft->pairs &&
           draft->entry_of;
}

/* Numbers the different pairs in ascending order. */
static bool
number_pairs(struct draft *draft)
{
    struct sort_item *items = draft->nodes; /* not in use yet */
    for (size_t i = 0; i < draft->count; i++) {
        const struct named_value *name = &draft->names[i];
        uint64_t pair = (uint64_t)name->exact << 32 | name->below;
        items[i] = (struct sort_item){pair, (uint32_t)i, 0};
    }
    if (!radix_sort(items, draft->count))
        return false;
    for (size_t i = 0; i < draft->count; i++) {
        if (i == 0 || items[i].key != items[i - 1].key)
            draft->pairs[draft->pair_count++] = (struct pair){
                (uint32_t)(items[i].key >> 32), (uint32_t)items[i].key};
        draft->pair_of[items[i].index] = (uint32_t)(draft->pair_count - 1);
    }
    return true;
}

/* A sum, so that the order of the names is no matter. */
static uint64_t
first_seed(const struct draft *draft)
{
    uint64_t sum = draft->count;
    for (size_t i = 0; i < draft->count; i++)
        sum += hash_text(draft->names[i].name, 0);
    return sum;
}

/* The upper bit of a node's note; below it the size of the suffix, until nodes
 * are merged. */
#define NODE_IS_NAME (UINT32_C(1) << 31)

static struct text
node_text(const struct draft *draft, const struct sort_item *node)
{
    struct text name = draft->names[node->index].name;
    return text_from(name, name.size - (node->note & ~NODE_IS_NAME));
}

/* Leaves out what was added lately, as "com" is a suffix of half of all names;
 * the rest of the repetitions are merged later. */
static void
add_suffix(struct draft *draft, struct sort_item node)
{
    struct sort_item *seen = &draft->seen[node.key % SUFFIXES_SEEN];
    bool again = seen->key == node.key && seen->note == node.note;
    if (again && !(node.note & NODE_IS_NAME))
        return; /* and if only their hashes are the same: as struct header */
    *seen = node;
    draft->nodes[draft->node_count++] = node;
}

/* Nodes for the suffixes of each name, in the order of their hashes. */
static bool
add_suffixes(struct draft *draft)
{
    draft->node_count = 0;
    memset(draft->seen, 0, SUFFIXES_SEEN * sizeof *draft->seen);
    for (size_t i = 0; i < draft->count; i++) {
        struct text name = draft->names[i].name;
        struct suffix_walk walk = suffix_walk_start(name, draft->seed);
        while (suffix_next(&walk)) {
            uint32_t note = (uint32_t)(name.size - walk.start);
            if (walk.start == 0)
                note |= NODE_IS_NAME;
            add_suffix(draft, (struct sort_item){walk.hash, (uint32_t)i, note});
        }
    }
    return radix_sort(draft->nodes, draft->node_count);
}

static unsigned
pair_width(const struct draft *draft)
{
    return stored_width((uint32_t)draft->pair_count);
}

/* Merges nodes of one hash into an entry for the lines, placing its name, if it
 * is one, at the end of the arena.  False if they are not of one suffix, or the
 * name is there twice. */
static bool
merge_nodes(struct draft *draft, const struct sort_item *nodes, size_t count,
            struct sort_item *merged)
{
    struct sort_item entry = {nodes->key, 0, 0};
    for (size_t i = 1; i < count; i++)
        if (!text_equal(node_text(draft, &nodes[i]), node_text(draft, nodes)))
            return false;
    for (size_t i = 0; i < count; i++) {
        if (!(nodes[i].note & NODE_IS_NAME)) {
            entry.note |= SUFFIX_HAS_LONGER;
            continue;
        }
        if (entry.note & SUFFIX_IS_NAME)
            return false;
        entry.note |= SUFFIX_IS_NAME;
        entry.index = (uint32_t)draft->arena_size;
        draft->entry_of[nodes[i].index] = entry.index;
        draft->arena_size +=
            pair_width(draft) + 1 + (nodes[i].note & ~NODE_IS_NAME);
    }
    *merged = entry;
    return true;
}

static bool
merge_suffixes(struct draft *draft)
{
    struct sort_item *nodes = draft->nodes;
    size_t merged = 0;
    draft->arena_size = 0;
    for (size_t i = 0, same; i < draft->node_count; i += same) {
        same = 1;
        while (i + same < draft->node_count &&
               nodes[i + same].key == nodes[i].key)
            same++;
        if (!merge_nodes(draft, nodes + i, same, &nodes[merged++]))
            return false;
    }
    draft->node_count = merged;
    return true;
}

/* Different hashes make the order, and so the bytes, depend on the names alone;
 * seeds are changed until they are (the same name twice never passes). */
static bool
choose_seed(struct draft *draft)
{
    draft->seed = first_seed(draft);
    for (unsigned i = 0; i < SEEDS_TRIED; i++, draft->seed++) {
        if (!add_suffixes(draft))
            return false; /* no memory: another seed is no help */
        if (merge_suffixes(draft))
            return true;
    }
    return false;
}

static void
write_arena(const struct draft *draft, unsigned char *arena)
{
    unsigned width = pair_width(draft);
    for (size_t i = 0; i < draft->count; i++) {
        unsigned char *at = arena + draft->entry_of[i];
        struct text name = draft->names[i].name;
        stored_save(at, width, draft->pair_of[i]);
        at[width] = (unsigned char)name.size;
        memcpy(at + width + 1, name.data, name.size);
    }
}

static void
write_draft(struct buffer *out, const struct draft *draft, uint32_t otherwise)
{
    struct header header = {
        .magic = NAME_MAGIC,
        .otherwise = otherwise,
        .lines = (uint32_t)line_table_lines(draft->node_count),
        .pairs = (uint32_t)draft->pair_count,
        .width = pair_width(draft),
        .seed = draft->seed,
        .arena_size = draft->arena_size,
    };
    uint64_t pairs_at =
        sizeof header + (uint64_t)header.lines * sizeof(struct line);
    uint64_t arena_at = pairs_at + (uint64_t)header.pairs * sizeof(struct pair);
    unsigned char *data = stored_extend(out, arena_at + draft->arena_size);
    if (!data)
        return;
    header.reach = line_table_fill((void *)(data + sizeof header), header.lines,
                                   draft->nodes, draft->node_count);
    memcpy(data, &header, sizeof header);
    memcpy(data + pairs_at, draft->pairs, header.pairs * sizeof(struct pair));
    write_arena(draft, data + arena_at);
}

void
name_set_build(struct buffer *out, const struct named_value *names,
               size_t count, uint32_t otherwise)
{
    struct draft draft;
    if (draft_init(&draft, names, count) && number_pairs(&draft) &&
        choose_seed(&draft))
        write_draft(out, &draft, otherwise);
    else
        out->failed = true;
    draft_clear(&draft);
}

bool
name_set_open(struct name_set *set, const void *data, size_t size)
{
    const struct header *header = data;
    *set = (struct name_set){data, size};
    if (size < sizeof *header || !stored_is_aligned(data) ||
        header->magic != NAME_MAGIC || !stored_width_is_valid(header->width))
        return false;
    uint64_t fixed = sizeof *header +
                     (uint64_t)header->lines * sizeof(struct line) +
                     (uint64_t)header->pairs * sizeof(struct pair);
    return fixed <= size && header->arena_size <= size - fixed;
}

/* The parts of opened bytes. */
struct view {
    const struct header *header;
    struct line_table table;
    const struct pair *pairs;
    const unsigned char *arena;
};

static inline struct view
view_of(const struct name_set *set)
{
    const struct header *header = (const void *)set->data;
    const struct line *lines = (const void *)(header + 1);
    const struct pair *pairs = (const void *)(lines + header->lines);
    return (struct view){header,
                         {lines, header->lines, header->reach},
                         pairs,
                         (const unsigned char *)(pairs + header->pairs)};
}

/* What a suffix says about the search for a name. */
enum step {
    STEP_ON, /* longer suffixes may follow */
    STEP_END,
    STEP_DAMAGED
};

/* The name at an offset of the arena; false if it does not lie within. */
static bool
read_entry(const struct view *view, size_t offset, struct named_value *entry)
{
    unsigned width = view->header->width;
    uint64_t arena_size = view->header->arena_size;
    if (offset > arena_size || arena_size - offset < width + 1)
        return false;
    const unsigned char *at = view->arena + offset;
    size_t size = at[width];
    uint32_t number = stored_load(at, width);
    if (size > arena_size - offset - width - 1 || number >= view->header->pairs)
        return false;
    entry->name = (struct text){(const char *)at + width + 1, size};
    entry->exact = view->pairs[number].exact;
    entry->below = view->pairs[number].below;
    return true;
}

static enum step
visit_suffix(const struct view *view, const struct suffix_walk *walk,
             uint32_t *value)
{
    struct line_search search = line_search_start(&view->table, walk->hash);
    struct text suffix = {walk->name.data + walk->start,
                          walk->name.size - walk->start};
    bool may_have_longer = false;
    uint32_t offset;
    unsigned flags;
    while (line_search_next(&search, &offset, &flags)) {
        struct named_value entry;
        if (!(flags & SUFFIX_IS_NAME)) {
            may_have_longer = true;
            continue;
        }
        if (!read_entry(view, offset, &entry))
            return STEP_DAMAGED;
        if (text_equal(entry.name, suffix)) {
            *value = walk->start == 0 ? entry.exact : entry.below;
            return flags & SUFFIX_HAS_LONGER ? STEP_ON : STEP_END;
        }
    }
    return may_have_longer ? STEP_ON : STEP_END;
}

/* Goes on by some labels, so that their lines arrive together. */
static size_t
walk_ahead(const struct view *view, struct suffix_walk *walk,
           struct suffix_walk steps[LABELS_AT_ONCE])
{
    size_t count = 0;
    while (count < LABELS_AT_ONCE && suffix_next(walk)) {
        line_prefetch(&view->table, walk->hash);
        steps[count++] = *walk;
    }
    return count;
}

bool
name_set_lookup(const struct name_set *set, struct text name, uint32_t *value)
{
    struct view view = view_of(set);
    struct suffix_walk steps[LABELS_AT_ONCE];
    struct suffix_walk walk = suffix_walk_start(name, view.header->seed);
    *value = view.header->otherwise;
    if (view.table.count == 0 || name.size == 0)
        return true;
    for (size_t count; (count = walk_ahead(&view, &walk, steps)) > 0;)
        for (size_t i = 0; i < count; i++) {
            enum step step = visit_suffix(&view, &steps[i], value);
            if (step != STEP_ON)
                return step == STEP_END;
        }
    return true;
}

bool
name_set_next(const struct name_set *set, size_t *at, struct named_value *name)
{
    struct view view = view_of(set);
    if (!read_entry(&view, *at, name))
        return false;
    *at += view.header->width + 1 + name->name.size;
    return true;
}
