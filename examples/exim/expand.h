/* Exim's own string expansion, called back from the function that it has
 * called: so that facts are read where they are, and no line of the
 * configuration can forget one or mix two up.
 *
 * The call belongs to the interface for local_scan(), which Exim's manual
 * opens to functions of ${dlfunc} too.  It is found by name in the running
 * Exim, so that no header of Exim's is needed and its absence is a failure
 * like any other. */
#ifndef EXIM_EXPAND_H
#define EXIM_EXPAND_H

#include "failure.h"

/* Finds it, so that processes forked from now on need not. */
void exim_search(void);
/* NULL on failure.  The text is Exim's, and good as long as the function that
 * Exim has called runs. */
const char *exim_expand(const char *text, struct failure *failure);

#endif
