/* One entry of the policy or of a list file, judged. */
#ifndef MAYRELAY_POLICY_READER_ENTRY_H
#define MAYRELAY_POLICY_READER_ENTRY_H

#include "policy/reader.h"

enum {
    PLACE_COUNT = PLACE_ANONYMOUS + 1
};

/* What a list at each place is compared with. */
extern const enum list_use LIST_USE_AT[PLACE_COUNT];

/* element_parse, but an entry that is wrong is reported once per use, however
 * many rules share it by a name, a file or an anchor. */
bool entry_read(struct reader *reader, struct text text, enum entry_place where,
                bool in_file, struct source source, struct element *element);

#endif
