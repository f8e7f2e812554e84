/* What a policy means as a whole: errors and warnings that no single entry
 * shows. */
#ifndef MAYRELAY_POLICY_CHECKS_H
#define MAYRELAY_POLICY_CHECKS_H

#include "policy/model.h"

/* Memory that runs out is reported, too. */
void checks_run(const struct model *model, struct mayrelay_report *report);

#endif
