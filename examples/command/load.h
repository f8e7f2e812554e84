/* Loading the policy, and saying what was found in it. */
#ifndef COMMAND_LOAD_H
#define COMMAND_LOAD_H

#include <mayrelay.h>

/* NULL if the policy cannot be used: its errors stand on standard error, and
 * *status is the exit status. */
mayrelay_policy *load_policy(const char *path, int *status);

/* The exit status of a load that failed: EX_NOINPUT if the file itself cannot
 * be read, else EX_CONFIG. */
int load_failure(const char *path, const mayrelay_report *report);

/* Findings of that severity or above on standard error, and their number. */
void findings_print(const mayrelay_report *report,
                    enum mayrelay_severity least);

#endif
