#include "decide/take.h"

void
take_class(struct facts *facts, enum attribute attribute, uint32_t number,
           struct masks *masks, unsigned *count, uint32_t *extra)
{
    struct masks found;
    uint32_t ignored;
    if (!image_class(facts->image, attribute, number, &found,
                     extra ? extra : &ignored)) {
        facts->damaged = true;
        return;
    }
    if (found.count)
        masks[(*count)++] = found;
}

void
take_text(struct facts *facts, const struct text_set *set,
          enum attribute attribute, struct text key, struct masks *masks,
          unsigned *count)
{
    uint32_t class = 0;
    if (!text_set_lookup(set, key, &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, attribute, class, masks, count, NULL);
}

uint32_t
take_name(struct facts *facts, const struct name_set *set,
          enum attribute attribute, struct text name, struct masks *masks,
          unsigned *count)
{
    uint32_t class = 0;
    uint32_t extra = 0;
    if (!name_set_lookup(set, name, &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, attribute, class, masks, count, &extra);
    return extra;
}

void
take_special(struct facts *facts, enum special_class which, struct masks *masks,
             unsigned *count)
{
    struct masks found;
    uint32_t extra;
    if (!image_special(facts->image, which, &found, &extra))
        facts->damaged = true;
    else if (found.count)
        masks[(*count)++] = found;
}
