/* Sender-specified routing inside a local part (RFC 2505 §2.1): whatever the
 * outer domain, it asks for mail to go elsewhere. */
#ifndef MAYRELAY_MAIL_ROUTING_H
#define MAYRELAY_MAIL_ROUTING_H

#include "base/text.h"

/* The decoded local part holds '%', '!' or '@', or is an encapsulated address:
 * "IMCEA", letters or digits (or none), then '-' or a space, in any case
 * (MS99-027, Q237927, Q264330). */
bool routing_in_local_part(struct text decoded);

#endif
