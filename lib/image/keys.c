#include "image/keys.h"

#include "base/memory.h"
#include "set/name_set.h"
#include "set/text_set.h"

/* One list that a key is in, and the key's link before it. */
struct link {
    uint32_t list, before; /* + 1, 0: none */
};

static bool
chains_add(struct chains *chains, uint32_t *head, uint32_t list)
{
    if (!memory_grow(&chains->links, &chains->room, chains->count + 1,
                     sizeof *chains->links))
        return false;
    chains->links[chains->count++] = (struct link){list, *head};
    *head = (uint32_t)chains->count;
    return true;
}

/* A set of lists being put together: the extra, then list numbers. */
struct gather {
    uint32_t *set;
    size_t room, count;
    bool failed;
};

static void
gather_start(struct gather *gather, uint32_t extra)
{
    gather->failed |=
        !memory_grow(&gather->set, &gather->room, 1, sizeof *gather->set);
    if (!gather->failed)
        gather->set[0] = extra;
    gather->count = 0;
}

static void
gather_add(struct gather *gather, uint32_t list)
{
    gather->failed |= !memory_grow(&gather->set, &gather->room,
                                   gather->count + 2, sizeof *gather->set);
    if (!gather->failed)
        gather->set[++gather->count] = list;
}

static void
gather_chain(struct gather *gather, const struct chains *chains, uint32_t head)
{
    for (; head; head = chains->links[head - 1].before)
        gather_add(gather, chains->links[head - 1].list);
}

static uint32_t
gather_number(struct gather *gather, struct classes *classes)
{
    if (gather->failed)
        return 0;
    return classes_number(classes, gather->set, gather->count);
}

/* -- texts -------------------------------------------------------------- */

void
key_lists_clear(struct key_lists *keys)
{
    intern_clear(&keys->keys);
    memory_free(keys->heads);
    memory_free(keys->chains.links);
    *keys = (struct key_lists){0};
}

void
key_lists_add(struct key_lists *keys, struct text key, uint32_t list)
{
    size_t before = keys->keys.count;
    uint32_t number = intern_add(&keys->keys, key);
    if (keys->failed || keys->keys.failed ||
        !memory_grow(&keys->heads, &keys->head_room, keys->keys.count,
                     sizeof *keys->heads)) {
        keys->failed = true;
        return;
    }
    if (keys->keys.count > before)
        keys->heads[number] = 0;
    keys->failed = !chains_add(&keys->chains, &keys->heads[number], list);
}

void
key_lists_build(struct key_lists *keys, struct classes *classes,
                struct buffer *out)
{
    size_t count = keys->failed ? 0 : keys->keys.count;
    struct keyed_value *values = memory_new(count, sizeof *values);
    struct gather gather = {0};
    for (uint32_t i = 0; values && i < count; i++) {
        gather_start(&gather, 0);
        gather_chain(&gather, &keys->chains, keys->heads[i]);
        values[i].key = intern_get(&keys->keys, i);
        values[i].value = gather_number(&gather, classes);
    }
    if (!values || keys->failed || gather.failed || classes_failed(classes))
        out->failed = true;
    else
        text_set_build(out, values, count);
    memory_free(values);
    memory_free(gather.set);
}

/* -- names -------------------------------------------------------------- */

struct name_node {
    uint32_t exact, below; /* chains: last link + 1 */
    uint32_t exact_extra, below_extra;
    uint32_t below_class; /* + 1 once it is known */
};

void
name_lists_clear(struct name_lists *names)
{
    intern_clear(&names->names);
    memory_free(names->nodes);
    memory_free(names->chains.links);
    *names = (struct name_lists){0};
}

static struct name_node *
node_of(struct name_lists *names, struct text name)
{
    size_t before = names->names.count;
    uint32_t number = intern_add(&names->names, name);
    if (names->failed || names->names.failed ||
        !memory_grow(&names->nodes, &names->node_room, names->names.count,
                     sizeof *names->nodes)) {
        names->failed = true;
        return NULL;
    }
    if (names->names.count > before)
        names->nodes[number] = (struct name_node){0};
    return &names->nodes[number];
}

void
name_lists_add(struct name_lists *names, struct text name, bool below,
               uint32_t list)
{
    struct name_node *node = node_of(names, name);
    if (node &&
        !chains_add(&names->chains, below ? &node->below : &node->exact, list))
        names->failed = true;
}

void
name_lists_set_extra(struct name_lists *names, struct text name, bool below,
                     uint32_t extra)
{
    struct name_node *node = node_of(names, name);
    if (node)
        *(below ? &node->below_extra : &node->exact_extra) = extra;
}

/* The nearest name above that has a node, as number + 1. */
static uint32_t
parent_of(const struct name_lists *names, struct text name)
{
    for (size_t dot; (dot = text_find(name, '.')) != TEXT_NONE;) {
        name = text_from(name, dot + 1);
        uint32_t found = intern_find(&names->names, name);
        if (found)
            return found;
    }
    return 0;
}

/* Most names have no node right above, and finding that out is all they cost.
 */
static void
prefetch_parent(const struct name_lists *names, size_t node)
{
    if (node >= names->names.count)
        return;
    struct text name = intern_get(&names->names, (uint32_t)node);
    size_t dot = text_find(name, '.');
    if (dot != TEXT_NONE)
        intern_prefetch(&names->names, text_from(name, dot + 1));
}

/* What holds for names below the parent, with the node's own chain and extra on
 * top. */
static uint32_t
class_over(struct name_lists *names, struct classes *classes,
           struct gather *gather, uint32_t inherited, uint32_t chain,
           uint32_t extra)
{
    size_t count;
    const uint32_t *set = classes_get(classes, inherited, &count);
    gather_start(gather, extra ? extra : set[0]);
    for (size_t i = 1; i <= count; i++)
        gather_add(gather, set[i]);
    gather_chain(gather, &names->chains, chain);
    return gather_number(gather, classes);
}

/* The class of names below a node.  A name has at most 127 labels, hence as
 * many ancestors to ask. */
static uint32_t
below_class(struct name_lists *names, struct classes *classes,
            struct gather *gather, uint32_t parent)
{
    if (!parent)
        return 0;
    struct name_node *node = &names->nodes[parent - 1];
    if (!node->below_class) {
        uint32_t above = below_class(
            names, classes, gather,
            parent_of(names, intern_get(&names->names, parent - 1)));
        node->below_class = 1 + class_over(names, classes, gather, above,
                                           node->below, node->below_extra);
    }
    return node->below_class - 1;
}

void
name_lists_build(struct name_lists *names, struct classes *classes,
                 struct buffer *out)
{
    enum {
        AHEAD = 8
    };
    size_t count = names->names.count;
    struct named_value *values = memory_new(count, sizeof *values);
    struct gather gather = {0};
    bool ok = values && !names->failed && !classes_failed(classes);
    for (uint32_t i = 0; ok && i < count; i++) {
        const struct name_node *node = &names->nodes[i];
        struct text name = intern_get(&names->names, i);
        prefetch_parent(names, i + AHEAD);
        uint32_t above =
            below_class(names, classes, &gather, parent_of(names, name));
        values[i].name = name;
        values[i].exact = class_over(names, classes, &gather, above,
                                     node->exact, node->exact_extra);
        values[i].below = below_class(names, classes, &gather, i + 1);
        ok = !gather.failed && !classes_failed(classes);
    }
    if (ok)
        name_set_build(out, values, count, 0);
    else
        out->failed = true;
    memory_free(values);
    memory_free(gather.set);
}
