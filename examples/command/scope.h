/* The scope of a decision, behind it. */
#ifndef COMMAND_SCOPE_H
#define COMMAND_SCOPE_H

#include <mayrelay.h>

/* As a line of text. */
void scope_print(const mayrelay_decision *decision);
/* As a further member of a JSON object. */
void scope_print_member(const mayrelay_decision *decision);

#endif
