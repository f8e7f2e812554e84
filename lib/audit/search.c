#include "audit/search.h"

#include "base/memory.h"

enum known {
    KNOWN_NOT,
    KNOWN_DEAD,
    KNOWN_ALIVE
};

bool
means_allow(const struct means *means, const struct axis *axis, size_t cell)
{
    switch (axis->dimension) {
    case DIMENSION_NAME:
    case DIMENSION_NAME_PATTERN: return cell == CELL_NO || means->names;
    case DIMENSION_GROUP: return cell == CELL_NO || means->groups;
    case DIMENSION_IDENTITY:
        if (means->one_cell)
            return cell == means->one_cell;
        if (cell == CELL_ANONYMOUS)
            return means->anonymous;
        return cell == CELL_ANY_IDENTITY ? means->any_identity
                                         : means->listed_identity;
    case DIMENSION_TLS:
        if (means->no_tls)
            return cell == CELL_PLAIN_TEXT;
        return cell <= CELL_ENCRYPTED || means->certificate;
    case DIMENSION_OWNED:
        /* Who owns something is listed as its owner. */
        return cell == CELL_NO || (!means->no_owners &&
                                   (means->listed_identity || means->one_cell));
    case DIMENSION_ADDRESS:
    case DIMENSION_IDENTITY_PATTERN:
    case DIMENSION_SENDER:
    case DIMENSION_SENDER_PATTERN:
    case DIMENSION_RECIPIENT:
    case DIMENSION_RECIPIENT_PATTERN:
    case DIMENSIONS: break;
    }
    return true;
}

/* The first allowed point stands for axes that do not matter. */
static bool
allow_points(struct search *s, size_t at)
{
    const struct axis *axis = &s->diagram->axes.items[at];
    s->allowed[at] = memory_new(axis->point_count, sizeof **s->allowed);
    if (!s->allowed[at])
        return false;
    s->chosen[at] = UINT32_MAX;
    for (size_t cell = 0; cell < axis->cell_count; cell++) {
        if (!means_allow(&s->means, axis, cell))
            continue;
        s->allowed[at][axis->point_of_cell[cell]] = true;
        if (s->chosen[at] == UINT32_MAX)
            s->chosen[at] = axis->point_of_cell[cell];
    }
    return true;
}

/* The keys of `owners:` are a list. */
static bool
has_owners(const struct image *image)
{
    uint32_t number = (uint32_t)image_count(image, SECTION_LISTS) -
                      EXTRA_LISTS + EXTRA_OWNERS;
    const struct image_list *list = image_list(image, number);
    return !list || list->entries_size > 0;
}

bool
search_init(struct search *s, const struct diagram *diagram, struct means means)
{
    size_t axes = diagram->axes.count;
    *s = (struct search){.diagram = diagram, .means = means};
    s->means.no_owners = !has_owners(diagram->rules.image);
    s->allowed = memory_new(axes, sizeof *s->allowed);
    s->chosen = memory_new(axes, sizeof *s->chosen);
    s->matters = memory_new(axes, sizeof *s->matters);
    s->known = memory_new(diagram->nodes.count, 1);
    bool ok = s->allowed && s->chosen && s->matters && s->known;
    for (size_t i = 0; ok && i < axes; i++)
        ok = allow_points(s, i);
    s->failed = !ok;
    return ok;
}

void
search_clear(struct search *s)
{
    for (size_t i = 0; s->allowed && i < s->diagram->axes.count; i++)
        memory_free(s->allowed[i]);
    memory_free(s->allowed);
    memory_free(s->chosen);
    memory_free(s->matters);
    memory_free(s->known);
}

static bool
is_granted(const struct search *s, uint32_t leads)
{
    const struct image_rule *rule = diagram_rule(s->diagram, leads);
    return rule && !rule->always_relay;
}

bool
search_any(struct search *s, uint32_t leads)
{
    if (leads == LEADS_NOWHERE)
        return false;
    if (leads_to_rule(leads))
        return is_granted(s, leads);
    if (s->known[leads] == KNOWN_NOT) {
        struct node node = diagram_node(s->diagram, leads);
        bool alive = false;
        for (size_t i = 0; i < node.axis->point_count && !alive; i++)
            alive = s->allowed[node.step][i] && search_any(s, node.leads[i]);
        s->known[leads] = alive ? KNOWN_ALIVE : KNOWN_DEAD;
    }
    return s->known[leads] == KNOWN_ALIVE;
}

/* The point that stands for an axis is tried first. */
static bool
visit_from(struct search *s, uint32_t leads, visit_way *visit, void *context)
{
    if (s->left == 0 || !search_any(s, leads))
        return false;
    if (leads_to_rule(leads)) {
        s->left--;
        return visit(context, s, leads);
    }
    struct node node = diagram_node(s->diagram, leads);
    uint32_t usual = s->chosen[node.step];
    s->matters[node.step] = true;
    bool found =
        usual != UINT32_MAX && visit_from(s, node.leads[usual], visit, context);
    for (uint32_t i = 0; i < node.axis->point_count && !found; i++) {
        if (i == usual || !s->allowed[node.step][i])
            continue;
        s->chosen[node.step] = i;
        found = visit_from(s, node.leads[i], visit, context);
    }
    if (!found) {
        s->chosen[node.step] = usual;
        s->matters[node.step] = false;
    }
    return found;
}

bool
search_ways(struct search *s, uint32_t leads, size_t most, visit_way *visit,
            void *context)
{
    s->left = most;
    return visit_from(s, leads, visit, context);
}
