/* Scopes of decisions from the inside. */
#ifndef TESTS_SCOPE_PROBE_H
#define TESTS_SCOPE_PROBE_H

#include "mayrelay.h"

struct probe;

/* The scope of a session's last decision; to be freed. */
struct probe *probe_new(const mayrelay_session *session);
void probe_free(struct probe *probe);
/* The decision of another session on the same policy lies in the box, side by
 * side as the words of the scope say. */
bool probe_holds(const struct probe *probe, const mayrelay_session *other);

#endif
