// The public headers as a C++11 host sees them, linked against the library.
#include <mayrelay.h>

int
main()
{
    mayrelay_session *none = nullptr;
    const mayrelay_decision *decision = mayrelay_session_get_decision(none);
    const bool closed =
        mayrelay_decision_get_verdict(decision) != MAYRELAY_ACCEPT &&
        mayrelay_decision_get_code(decision) == 451 &&
        mayrelay_session_rcpt(none, "a@b.example", MAYRELAY_ZSTR) == 451;
    return closed ? 0 : 1;
}
