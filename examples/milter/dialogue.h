/* What libmilter calls as an SMTP dialogue goes on. */
#ifndef MILTER_DIALOGUE_H
#define MILTER_DIALOGUE_H

#include <libmilter/mfapi.h>

#include "keeper.h"

/* What to register.  libmilter hands its callbacks nothing of ours, hence the
 * first thread must be there as long as the process. */
struct smfiDesc dialogue_callbacks(struct keeper *first_thread);

#endif
