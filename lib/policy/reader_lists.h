/* Lists as conditions see them: names and files resolved into leaves, which
 * hold plain entries only and exist once per named list or file and use. */
#ifndef MAYRELAY_POLICY_READER_LISTS_H
#define MAYRELAY_POLICY_READER_LISTS_H

#include "policy/reader.h"

/* The list at `node` as it stands at `where`, leaves as numbers of
 * reader->leaves; what is wrong is reported. */
void lists_select(struct reader *reader, const struct node *node,
                  enum entry_place where, struct selection *selection);
/* The same for places without exclusions: every entry, one by one.  $all
 * counts as every address.  An entry without a place of its own ($private)
 * gets the list's.  False if something of the list was wrong. */
typedef void entry_visit(struct reader *reader, const struct entry *entry,
                         void *context);
bool lists_flatten(struct reader *reader, const struct node *node,
                   enum entry_place where, entry_visit *visit, void *context);
/* The leaves of an owner's value.  Groups that are asked for are errors there.
 */
void lists_of_owner(struct reader *reader, const struct node *node,
                    struct owner *owner);
/* Judges all groups, used or not. */
void lists_judge_groups(struct reader *reader);

#endif
