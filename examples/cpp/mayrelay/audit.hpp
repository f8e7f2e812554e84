/* mayrelay/audit.hpp: who may relay where, exactly. */
#ifndef MAYRELAY_AUDIT_HPP
#define MAYRELAY_AUDIT_HPP

#include "mayrelay/policy.hpp"

namespace mayrelay
{

inline std::string_view
name(mayrelay_audit_source source)
{
    return mayrelay_audit_source_name(source);
}

inline std::string_view
name(mayrelay_audit_verdict verdict)
{
    return mayrelay_audit_verdict_name(verdict);
}

/* All transactions at once.  It outlives its policy, never changes, and may be
 * read by any thread. */
class audit
{
  public:
    explicit audit(const policy &policy) : audit(policy, {})
    {
    }
    /* `trust`: any range of texts, the networks of ours ("192.0.2.0/24", an
     * address, a range), whose clients are no strangers. */
    template <typename Range> audit(const policy &policy, const Range &trust)
    {
        options chosen(mayrelay_audit_options_new());
        for (std::string_view network : trust)
            detail::check(mayrelay_audit_options_trust(
                chosen.get(), detail::terminated(network).c_str()));
        make(policy, chosen.get());
    }
    audit(const policy &policy, std::initializer_list<std::string_view> trust)
        : audit(policy, std::vector<std::string_view>(trust))
    {
    }

    mayrelay_audit_verdict
    verdict(mayrelay_audit_source source) const
    {
        return mayrelay_audit_get_verdict(get(), source);
    }
    /* On what the verdict hangs, or why it is closed. */
    std::string_view
    reason(mayrelay_audit_source source) const
    {
        return detail::maybe(mayrelay_audit_get_reason(get(), source))
            .value_or("");
    }
    /* An SMTP dialogue that is accepted, if there is one. */
    std::optional<std::string_view>
    witness(mayrelay_audit_source source) const
    {
        return detail::maybe(mayrelay_audit_get_witness(get(), source));
    }
    /* Strangers and the owners of DNS zones are kept out. */
    bool
    is_closed() const
    {
        return mayrelay_audit_is_closed(get());
    }
    /* A look-up that fails never leads to an accept: that is proven. */
    bool
    unknown_is_closed() const
    {
        return mayrelay_audit_unknown_is_closed(get());
    }
    /* A dialogue that the evaluator judges otherwise: a bug of mayrelay's. */
    std::optional<std::string_view>
    disagreement() const
    {
        return detail::maybe(mayrelay_audit_get_disagreement(get()));
    }
    const std::vector<finding> &
    findings() const
    {
        return findings_;
    }

    /* Writes the image of the policy as policy::save does, with the audit as
     * its stamp: MAYRELAY_LOAD_REQUIRE_CLOSED asks that it be closed. */
    void
    save(std::string_view image) const
    {
        detail::check(
            mayrelay_audit_save(get(), detail::terminated(image).c_str()));
    }

    /* Verdicts, assumptions, and everybody who may relay. */
    std::string
    to_text() const
    {
        return detail::whole([this](char *buffer, std::size_t size) {
            return mayrelay_audit_to_text(get(), buffer, size);
        });
    }
    /* The same, with all networks of each grant. */
    std::string
    to_json() const
    {
        return detail::whole([this](char *buffer, std::size_t size) {
            return mayrelay_audit_to_json(get(), buffer, size);
        });
    }
    /* All this and the findings as one page for people, without scripts. */
    std::string
    to_html() const
    {
        return detail::whole([this](char *buffer, std::size_t size) {
            return mayrelay_audit_to_html(get(), report_.get(), buffer, size);
        });
    }

    /* For calls that are not here. */
    const mayrelay_audit *
    get() const
    {
        return handle_.get();
    }

  private:
    using options =
        detail::handle<mayrelay_audit_options, mayrelay_audit_options_free>;

    void
    make(const policy &policy, const mayrelay_audit_options *chosen)
    {
        mayrelay_report *found = nullptr;
        handle_.reset(mayrelay_policy_audit(policy.get(), chosen, &found));
        report_.reset(found);
        if (!handle_)
            throw std::bad_alloc();
        findings_ = detail::findings(found);
    }

    detail::handle<mayrelay_audit, mayrelay_audit_free> handle_;
    detail::owned_report report_;
    std::vector<finding> findings_;
};

} /* namespace mayrelay */

#endif
