/* Does a mailbox of ours exist? */
#ifndef MAYRELAY_DECIDE_MAILBOXES_H
#define MAYRELAY_DECIDE_MAILBOXES_H

#include "decide/rule.h"

/* The forms in which a recipient is sought in a mailbox list: as it is, and
 * without its tag ("joe+tag" is joe). */
enum {
    MAILBOX_FORMS_MOST = 2
};

struct mailbox_forms {
    struct text locals[MAILBOX_FORMS_MOST]; /* folded local part */
    struct text keys[MAILBOX_FORMS_MOST];   /* folded mailbox */
    struct text wholes[MAILBOX_FORMS_MOST]; /* canonical mailbox */
    size_t count;
    char room[2 * MAILBOX_FORMS_MOST][MAILBOX_TEXT_SIZE];
};

/* Our address literal is sought in the default domain (policy.md §10). */
void mailbox_forms(const struct transaction *transaction,
                   const struct image_domain *domain,
                   struct mailbox_forms *forms);
/* Does a mailbox list name one of the forms, other than by a pattern? */
enum truth mailbox_is_named(const struct image *image, uint32_t list,
                            const struct mailbox_forms *forms);
/* Does the mailbox of a recipient that is ours exist?  `needs` gets the fact
 * that can tell, if it is unknown and can be asked for. */
enum truth recipient_exists(const struct transaction *transaction,
                            unsigned *needs);

#endif
