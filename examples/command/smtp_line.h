/* Reading one line of an SMTP client. */
#ifndef COMMAND_SMTP_LINE_H
#define COMMAND_SMTP_LINE_H

#include "print.h"

/* Takes a word off the front of `rest`, and the blanks around it. */
struct text smtp_take_word(struct text *rest);
/* Equal when ASCII letters are folded (RFC 5321 §2.4). */
bool smtp_is_word(struct text text, const char *word);

/* The path of "FROM:<path> parameters" or "TO:<path> parameters"; false if the
 * keyword with its colon is not there.  A path in angle brackets ends at the
 * closing one that stands outside quotes; what follows it without a blank is
 * part of it, and so malformed.  Without brackets it ends at a blank. */
bool smtp_take_path(struct text argument, const char *keyword,
                    struct text *path);

/* The identity of AUTH's arguments: of PLAIN's initial response (RFC 4616), or
 * the words after the mechanism as they stand; data is NULL if there are none.
 * `room` holds what is decoded. */
struct text smtp_auth_identity(struct text argument, struct page *room);

#endif
