/* Looking a value up in the image, and taking what its class says. */
#ifndef MAYRELAY_DECIDE_TAKE_H
#define MAYRELAY_DECIDE_TAKE_H

#include "decide/facts.h"

/* Each appends to `masks` what lists say of a value, if they say anything, and
 * counts it.  Damaged bytes mark the facts as damaged. */
void take_class(struct facts *facts, enum attribute attribute, uint32_t number,
                struct masks *masks, unsigned *count, uint32_t *extra);
void take_text(struct facts *facts, const struct text_set *set,
               enum attribute attribute, struct text key, struct masks *masks,
               unsigned *count);
/* Returns the extra of the name's class. */
uint32_t take_name(struct facts *facts, const struct name_set *set,
                   enum attribute attribute, struct text name,
                   struct masks *masks, unsigned *count);
void take_special(struct facts *facts, enum special_class which,
                  struct masks *masks, unsigned *count);

#endif
