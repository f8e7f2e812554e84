#include "image/uses.h"

#include "base/memory.h"

/* One list named by one rule. */
struct mention {
    uint32_t list, slot;
    bool exclude;
};

struct mentions {
    struct mention *items;
    size_t count, room;
};

void
uses_clear(struct uses *uses)
{
    memory_free(uses->first);
    memory_free(uses->masks);
    *uses = (struct uses){0};
}

bool
uses_any(const struct uses *uses, uint32_t list)
{
    return uses->first[list] < uses->first[list + 1];
}

static void
mention(struct mentions *mentions, uint32_t list, uint32_t slot, bool exclude)
{
    mentions->items[mentions->count++] = (struct mention){list, slot, exclude};
}

static bool
mention_selection(struct mentions *mentions, const struct selection *select,
                  uint32_t slot, uint32_t extra)
{
    size_t need =
        mentions->count + select->include_count + select->exclude_count + 4;
    if (!memory_grow(&mentions->items, &mentions->room, need,
                     sizeof *mentions->items))
        return false;
    for (size_t i = 0; i < select->include_count; i++)
        mention(mentions, select->includes[i], slot, false);
    for (size_t i = 0; i < select->exclude_count; i++)
        mention(mentions, select->excludes[i], slot, true);
    if (select->inbound)
        mention(mentions, extra + EXTRA_INBOUND, slot, false);
    if (select->always_relay)
        mention(mentions, extra + EXTRA_ALWAYS_RELAY, slot, false);
    if (select->not_inbound)
        mention(mentions, extra + EXTRA_INBOUND, slot, true);
    if (select->not_always_relay)
        mention(mentions, extra + EXTRA_ALWAYS_RELAY, slot, true);
    return true;
}

static bool
mention_all(struct mentions *mentions, const struct model *model,
            const struct slots *slots, enum selection_kind kind)
{
    for (size_t slot = 0; slot < slots->count; slot++) {
        if (slots->rules[slot] == SLOT_EMPTY)
            continue;
        const struct rule *rule = &model->rules[slots->rules[slot]];
        if (!mention_selection(mentions, &rule->select[kind], (uint32_t)slot,
                               (uint32_t)model->list_count))
            return false;
    }
    return true;
}

static void
set_bit(struct image_mask *mask, const struct mention *mention)
{
    uint64_t bit = UINT64_C(1) << mention->slot % SLOTS_PER_BLOCK;
    if (mention->exclude)
        mask->exc |= bit;
    else
        mask->inc |= bit;
}

/* Mentions come in order of slots; a counting sort by list keeps that order, so
 * the masks of a list come out in order of blocks. */
static void
fill(struct uses *uses, const struct mentions *mentions, size_t lists,
     uint32_t *last)
{
    for (size_t i = 0; i < mentions->count; i++) {
        const struct mention *m = &mentions->items[i];
        uint32_t block = m->slot / SLOTS_PER_BLOCK;
        if (last[m->list] != block + 1)
            uses->first[m->list + 1]++;
        last[m->list] = block + 1;
    }
    for (size_t list = 0; list < lists; list++) {
        uses->first[list + 1] += uses->first[list];
        last[list] = uses->first[list];
    }
    for (size_t i = 0; i < mentions->count; i++) {
        const struct mention *m = &mentions->items[i];
        uint32_t block = m->slot / SLOTS_PER_BLOCK;
        uint32_t end = last[m->list];
        if (end == uses->first[m->list] ||
            uses->masks[end - 1].block != block) {
            uses->masks[end].block = block;
            last[m->list] = ++end;
        }
        set_bit(&uses->masks[end - 1], m);
    }
}

bool
uses_plan(struct uses *uses, const struct model *model,
          const struct slots *slots, enum selection_kind kind)
{
    size_t lists = model->list_count + EXTRA_LISTS;
    struct mentions mentions = {0};
    *uses = (struct uses){0};
    bool ok = mention_all(&mentions, model, slots, kind);
    uint32_t *last = memory_new(lists, sizeof *last);
    uses->first = memory_new(lists + 1, sizeof *uses->first);
    uses->masks = memory_new(mentions.count, sizeof *uses->masks);
    ok = ok && last && uses->first && uses->masks;
    if (ok)
        fill(uses, &mentions, lists, last);
    memory_free(last);
    memory_free(mentions.items);
    return ok;
}
