/* `domains:`: what we are responsible for. */
#ifndef MAYRELAY_POLICY_READER_DOMAINS_H
#define MAYRELAY_POLICY_READER_DOMAINS_H

#include "policy/fields.h"

/* `domains` and `default-domain` among the fields of the policy.  `always`
 * becomes the key `always-relay` if any domain stands there. */
void domains_read(struct reader *reader, const struct fields *policy,
                  const struct node **always);

#endif
