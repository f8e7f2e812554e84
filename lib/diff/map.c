#include "diff/map.h"

#include "base/memory.h"

/* Numbers of operations; those of callers come behind. */
enum {
    TASK_RESTRICT,
    TASK_AND,
    TASK_OR,
    TASK_FIRST_OF_CALLERS
};

void
map_init(struct map *map, const struct choices *choices)
{
    *map = (struct map){.choices = choices};
}

void
map_clear(struct map *map)
{
    intern_clear(&map->nodes);
    intern_clear(&map->tasks);
    memory_free(map->results);
}

/* -- nodes ---------------------------------------------------------------- */

struct map_node
map_node(const struct map *map, uint32_t leads)
{
    struct text bytes = intern_get(&map->nodes, leads);
    const uint32_t *numbers = (const void *)bytes.data;
    return (struct map_node){numbers[bytes.size / sizeof *numbers - 1],
                             numbers};
}

size_t
map_choice(const struct map *map, uint32_t leads)
{
    return leads_to_leaf(leads) ? SIZE_MAX : map_node(map, leads).choice;
}

uint32_t
map_follow(const struct map *map, uint32_t leads, size_t choice, size_t option)
{
    return map_choice(map, leads) == choice ? map_node(map, leads).leads[option]
                                            : leads;
}

uint32_t *
map_leads(struct map *map, size_t choice)
{
    uint32_t *leads =
        memory_new(map->choices->items[choice].option_count + 1, sizeof *leads);
    map->failed |= !leads;
    return leads;
}

uint32_t
map_add(struct map *map, size_t choice, uint32_t *leads)
{
    size_t count = map->choices->items[choice].option_count;
    bool same = true;
    for (size_t i = 1; i < count && same; i++)
        same = leads[i] == leads[0];
    if (same)
        return leads[0];
    leads[count] = (uint32_t)choice;
    map_charge(map, count);
    uint32_t number =
        intern_add(&map->nodes, (struct text){(const char *)leads,
                                              (count + 1) * sizeof *leads});
    map->failed |= map->nodes.failed;
    return number;
}

/* -- what has been done before -------------------------------------------- */

/* The number of a task; *known: its result is there. */
static uint32_t
remember(struct map *map, uint32_t operation, uint32_t a, uint32_t b,
         bool *known)
{
    uint32_t task[3] = {operation, a, b};
    size_t before = map->tasks.count;
    uint32_t number =
        intern_add(&map->tasks, (struct text){(const char *)task, sizeof task});
    map->failed |= map->tasks.failed ||
                   !memory_grow(&map->results, &map->result_room,
                                map->tasks.count, sizeof *map->results);
    *known = number < before;
    return number;
}

/* -- joining -------------------------------------------------------------- */

static uint32_t
join_nodes(struct map *map, const struct map_operation *operation, uint32_t a,
           uint32_t b)
{
    size_t first = map_choice(map, a);
    size_t second = map_choice(map, b);
    size_t choice = first < second ? first : second;
    size_t count = map->choices->items[choice].option_count;
    uint32_t *leads = map_leads(map, choice);
    uint32_t result = LEAF(0);
    for (size_t i = 0; leads && i < count && !map_stopped(map); i++) {
        uint32_t from_a = map_follow(map, a, choice, i);
        uint32_t from_b = map_follow(map, b, choice, i);
        leads[i] = map_join(map, operation, from_a, from_b);
    }
    map_charge(map, count);
    if (leads && !map_stopped(map))
        result = map_add(map, choice, leads);
    memory_free(leads);
    return result;
}

uint32_t
map_join(struct map *map, const struct map_operation *operation, uint32_t a,
         uint32_t b)
{
    if (map_stopped(map))
        return LEAF(0);
    if (leads_to_leaf(a) && operation->settles &&
        operation->settles(operation->context, leaf_value(a)))
        return a;
    if (leads_to_leaf(a) && leads_to_leaf(b))
        return LEAF(
            operation->join(operation->context, leaf_value(a), leaf_value(b)));
    bool known;
    uint32_t task =
        remember(map, TASK_FIRST_OF_CALLERS + operation->number, a, b, &known);
    if (map->failed)
        return LEAF(0);
    if (!known) {
        uint32_t result = join_nodes(map, operation, a, b);
        map->results[task] = result;
    }
    return map->results[task];
}

/* -- 0 or 1 --------------------------------------------------------------- */

static uint32_t
is_both(void *context, uint32_t a, uint32_t b)
{
    (void)context;
    return a && b;
}

static uint32_t
is_either(void *context, uint32_t a, uint32_t b)
{
    (void)context;
    return a || b;
}

static bool
is_no(void *context, uint32_t a)
{
    (void)context;
    return a == 0;
}

static bool
is_yes(void *context, uint32_t a)
{
    (void)context;
    return a == 1;
}

uint32_t
map_and(struct map *map, uint32_t a, uint32_t b)
{
    static const struct map_operation AND = {.number = (uint32_t)TASK_AND -
                                                       TASK_FIRST_OF_CALLERS,
                                             .join = is_both,
                                             .settles = is_no};
    return map_join(map, &AND, a, b);
}

uint32_t
map_or(struct map *map, uint32_t a, uint32_t b)
{
    static const struct map_operation OR = {.number = (uint32_t)TASK_OR -
                                                      TASK_FIRST_OF_CALLERS,
                                            .join = is_either,
                                            .settles = is_yes};
    return map_join(map, &OR, a, b);
}

/* -- restricting ---------------------------------------------------------- */

/* What nobody cares for leads to 0, unless the choice can be left out. */
static uint32_t
restrict_node(struct map *map, uint32_t a, uint32_t care, size_t choice)
{
    size_t count = map->choices->items[choice].option_count;
    uint32_t *leads = map_leads(map, choice);
    uint32_t result = LEAF(0);
    uint32_t cared_for = LEAF(0);
    bool some = false, alike = true;
    for (size_t i = 0; leads && i < count && !map_stopped(map); i++) {
        uint32_t here = map_follow(map, care, choice, i);
        if (here == LEAF(0))
            continue;
        leads[i] = map_restrict(map, map_follow(map, a, choice, i), here);
        alike &= !some || leads[i] == cared_for;
        cared_for = leads[i];
        some = true;
    }
    for (size_t i = 0; leads && i < count && !map_stopped(map); i++)
        if (map_follow(map, care, choice, i) == LEAF(0))
            leads[i] = alike ? cared_for : LEAF(0);
    map_charge(map, count);
    if (leads && !map_stopped(map))
        result = map_add(map, choice, leads);
    memory_free(leads);
    return result;
}

/* Of a choice that does not matter: what somebody cares for with any option. */
static uint32_t
any_option(struct map *map, uint32_t care)
{
    size_t choice = map_choice(map, care);
    size_t count = map->choices->items[choice].option_count;
    uint32_t any = LEAF(0);
    for (size_t i = 0; i < count && !map_stopped(map); i++)
        any = map_or(map, any, map_follow(map, care, choice, i));
    return any;
}

uint32_t
map_restrict(struct map *map, uint32_t a, uint32_t care)
{
    if (map_stopped(map) || leads_to_leaf(a) || leads_to_leaf(care))
        return a;
    bool known;
    uint32_t task = remember(map, TASK_RESTRICT, a, care, &known);
    if (map->failed)
        return LEAF(0);
    if (known)
        return map->results[task];
    size_t choice = map_choice(map, a);
    uint32_t result = map_choice(map, care) < choice
                          ? map_restrict(map, a, any_option(map, care))
                          : restrict_node(map, a, care, choice);
    map->results[task] = result;
    return result;
}
