/* List entries printed as a policy would write them, for targets that read
 * them back. */
#ifndef TESTS_FUZZ_ELEMENTS_H
#define TESTS_FUZZ_ELEMENTS_H

#include "base/output.h"
#include "policy/entry.h"

enum {
    PLACE_COUNT = PLACE_ANONYMOUS + 1
};

void element_write(struct output *out, const struct element *element,
                   enum entry_place where);
/* What was accepted is clean, may stand there, and reads back as itself; what
 * was refused says why. */
void element_check(const struct element *element, bool accepted,
                   enum entry_place where, bool in_file, struct arena *arena,
                   const struct mayrelay_report *report);
/* Every text of the report is one printable line. */
void report_check(const struct mayrelay_report *report);

#endif
