/* mayrelay/decision.hpp: accept, defer or reject, the reply, and why. */
#ifndef MAYRELAY_DECISION_HPP
#define MAYRELAY_DECISION_HPP

#include "mayrelay/detail.hpp"

namespace mayrelay
{

/* A view of a session's last decision: good until the next call on the session,
 * as its texts are. */
class decision
{
  public:
    explicit decision(const mayrelay_decision *borrowed) : decision_(borrowed)
    {
    }

    /* Only if it accepts. */
    explicit operator bool() const
    {
        return verdict() == MAYRELAY_ACCEPT;
    }

    mayrelay_verdict
    verdict() const
    {
        return mayrelay_decision_get_verdict(decision_);
    }
    int
    code() const
    {
        return mayrelay_decision_get_code(decision_);
    }
    std::string_view
    enhanced() const
    {
        return mayrelay_decision_get_enhanced(decision_);
    }
    std::string_view
    text() const
    {
        return mayrelay_decision_get_text(decision_);
    }
    /* The whole line, without line end. */
    std::string_view
    reply() const
    {
        return mayrelay_decision_get_reply(decision_);
    }
    mayrelay_reason
    reason() const
    {
        return mayrelay_decision_get_reason(decision_);
    }
    mayrelay_kind
    kind() const
    {
        return mayrelay_decision_get_kind(decision_);
    }
    /* The rule that decided, and its place. */
    std::optional<std::string_view>
    rule() const
    {
        return detail::maybe(mayrelay_decision_get_rule(decision_));
    }
    std::optional<std::string_view>
    file() const
    {
        return detail::maybe(mayrelay_decision_get_file(decision_));
    }
    std::uint32_t
    line() const
    {
        return mayrelay_decision_get_line(decision_);
    }
    std::optional<std::string_view>
    connector() const
    {
        return detail::maybe(mayrelay_decision_get_connector(decision_));
    }
    /* Canonical, after reroute: what to deliver to. */
    std::optional<std::string_view>
    recipient() const
    {
        return detail::maybe(mayrelay_decision_get_recipient(decision_));
    }
    bool
    is_relay() const
    {
        return mayrelay_decision_get_is_relay(decision_);
    }
    /* The missing facts: a set of enum mayrelay_fact. */
    unsigned
    needs() const
    {
        return mayrelay_decision_get_needs(decision_);
    }
    bool
    needs(mayrelay_fact fact) const
    {
        return (needs() & static_cast<unsigned>(fact)) != 0;
    }

    /* The whole why. */
    std::string
    explain(mayrelay_format format = MAYRELAY_TEXT) const
    {
        return detail::whole([=](char *buffer, std::size_t size) {
            return mayrelay_decision_explain(decision_, format, buffer, size);
        });
    }
    /* The box around the transaction in which every other is decided alike. */
    std::string
    scope(mayrelay_format format = MAYRELAY_TEXT) const
    {
        return detail::whole([=](char *buffer, std::size_t size) {
            return mayrelay_decision_scope(decision_, format, buffer, size);
        });
    }
    /* Why it is as it is: decisions by policies of one digest that have the
     * same are alike. */
    std::uint64_t
    fingerprint() const
    {
        return mayrelay_decision_get_fingerprint(decision_);
    }
    std::string
    to_json() const
    {
        return detail::whole([=](char *buffer, std::size_t size) {
            return mayrelay_decision_to_json(decision_, buffer, size);
        });
    }

  private:
    const mayrelay_decision *decision_;
};

inline std::string_view
name(mayrelay_verdict verdict)
{
    return mayrelay_verdict_name(verdict);
}
inline std::string_view
name(mayrelay_reason reason)
{
    return mayrelay_reason_name(reason);
}
inline std::string_view
name(mayrelay_kind kind)
{
    return mayrelay_kind_name(kind);
}
inline std::string_view
name(mayrelay_fact fact)
{
    return mayrelay_fact_name(fact);
}

} /* namespace mayrelay */

#endif
