/* What the tests need of the resolver beyond the public calls: its clock. */
#ifndef MAYRELAY_DNS_RESOLVER_H
#define MAYRELAY_DNS_RESOLVER_H

#include "mayrelay/resolver.h"

/* Milliseconds that never go back. */
typedef uint64_t resolver_clock(void);

/* Deadlines and the cache then go by this clock, repeats of questions do not.
 */
void resolver_set_clock(mayrelay_resolver *resolver, resolver_clock *clock);

#endif
