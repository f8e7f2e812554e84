/* mayrelay for C++17: the C library with destructors, exceptions and views.
 *
 *     auto policy = mayrelay::policy::load("policy.yaml");
 *     mayrelay::session session(policy);
 *     session.connect("203.0.113.9", "192.0.2.25:25");
 *     session.mail("<a@sender.example>");
 *     auto decision = session.rcpt("kate@far.example");
 *     if (decision) ...                    // only if it accepts
 *     std::cout << decision.reply() << "\n";
 *
 * Nothing but the C library's headers is needed, and nothing is added to what a
 * call costs.  What throws also leaves a session that accepts nothing; one that
 * has been moved from answers 451 to everything.  Threads: as in C, a policy is
 * for any number of them, a session for one at a time. */
#ifndef MAYRELAY_HPP
#define MAYRELAY_HPP

#include "mayrelay/advice.hpp"
#include "mayrelay/audit.hpp"
#include "mayrelay/cases.hpp"
#include "mayrelay/decision.hpp"
#include "mayrelay/diff.hpp"
#include "mayrelay/error.hpp"
#include "mayrelay/policy.hpp"
#include "mayrelay/resolver.hpp"
#include "mayrelay/session.hpp"
#include "mayrelay/watch.hpp"

#endif
