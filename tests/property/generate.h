/* Random policies and transactions, from pools that both share.
 *
 * Every policy loads: the load errors of policy.md are respected here. */
#ifndef TESTS_GENERATE_H
#define TESTS_GENERATE_H

#include "plain.h"
#include "random.h"

/* Into zeroed or used memory alike; the policy points into itself. */
void generate_policy(struct random *random, struct policy *policy);
/* One more deny rule, anywhere; false if there is no room. */
bool generate_deny(struct random *random, struct policy *policy);

/* The policy as JSON, to be freed.  Fills in the default names of rules and
 * their order in the file, which `random` picks. */
char *write_policy(struct random *random, struct policy *policy);

/* What the host knows of a connection, a sender and a recipient. */
void generate_connection(struct random *random, struct facts *facts);
void generate_sender(struct random *random, struct facts *facts);
void generate_recipient(struct random *random, struct facts *facts);
/* Answers to what can be looked up. */
void generate_names(struct random *random, struct facts *facts);
void generate_groups(struct random *random, struct facts *facts);
/* For people: one fact a line, to be freed. */
char *describe_facts(const struct facts *facts);

#endif
