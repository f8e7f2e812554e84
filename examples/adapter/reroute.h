/* For adapters that can give the mail server another recipient than the one it
 * has asked about. */
#ifndef ADAPTER_REROUTE_H
#define ADAPTER_REROUTE_H

#include <mayrelay.h>

/* Where the policy sends the recipient that was judged last, in canonical form
 * and without <>, or NULL: where it says itself.  (Also not NULL if `judged`
 * only spells its domain in another way, which does no harm.) */
const char *rerouted_to(const mayrelay_session *session, const char *judged);

#endif
