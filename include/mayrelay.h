/* mayrelay: may this client hand us this recipient?
 *
 * Everything in one: see the header of each object. */
#ifndef MAYRELAY_H
#define MAYRELAY_H

#include "mayrelay/advice.h"
#include "mayrelay/audit.h"
#include "mayrelay/cases.h"
#include "mayrelay/common.h"
#include "mayrelay/coverage.h"
#include "mayrelay/decision.h"
#include "mayrelay/diff.h"
#include "mayrelay/dns_answer.h"
#include "mayrelay/policy.h"
#include "mayrelay/report.h"
#include "mayrelay/resolver.h"
#include "mayrelay/session.h"
#include "mayrelay/watch.h"

#endif
