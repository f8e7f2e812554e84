/* mayrelay/session.hpp: one SMTP connection, from connect to RCPT. */
#ifndef MAYRELAY_SESSION_HPP
#define MAYRELAY_SESSION_HPP

#include "mayrelay/decision.hpp"
#include "mayrelay/policy.hpp"
#include "mayrelay/resolver.hpp"

namespace mayrelay
{

/* Stands for the answer of a look-up that failed. */
struct failed_t {
};
inline constexpr failed_t failed{};

/* One SMTP connection; what each call clears is in mayrelay/session.h. */
class session
{
  public:
    /* `rewrites`: this host delivers to the decision's recipient. */
    explicit session(const policy &policy, bool rewrites = false)
        : handle_(mayrelay_session_new(policy.get()))
    {
        if (!handle_)
            throw std::bad_alloc();
        mayrelay_session_rewrites(get(), rewrites);
    }

    mayrelay::decision
    connect(std::string_view client,
            std::optional<std::string_view> listener = std::nullopt)
    {
        mayrelay_session_connect(get(), nullptr, nullptr); /* should we throw */
        std::string ours = listener ? detail::terminated(*listener) : "";
        mayrelay_session_connect(get(), detail::terminated(client).c_str(),
                                 listener ? ours.c_str() : nullptr);
        return decision();
    }
    mayrelay::decision
    mail(std::string_view sender)
    {
        mayrelay_session_mail(get(), detail::data(sender), sender.size());
        return decision();
    }
    mayrelay::decision
    rcpt(std::string_view recipient)
    {
        mayrelay_session_rcpt(get(), detail::data(recipient), recipient.size());
        return decision();
    }
    /* A null pointer is no text, not even for a view. */
    mayrelay::decision connect(std::nullptr_t) = delete;
    mayrelay::decision mail(std::nullptr_t) = delete;
    mayrelay::decision rcpt(std::nullptr_t) = delete;

    /* Judges again, with what has been answered since. */
    mayrelay::decision
    resume()
    {
        mayrelay_session_resume(get());
        return decision();
    }
    void
    reset()
    {
        mayrelay_session_reset(get());
    }

    /* Encrypted now; the certificate's SHA-256 in hex, if there is one. */
    void
    tls(std::optional<std::string_view> certificate = std::nullopt)
    {
        state(mayrelay_session_tls, certificate);
    }
    /* No identity: anonymous again. */
    void
    auth(std::optional<std::string_view> identity)
    {
        state(mayrelay_session_auth, identity);
    }

    /* All confirmed names of the client: any range of texts. */
    template <typename Range>
    void
    client_names(const Range &names)
    {
        answer(MAYRELAY_FACT_CLIENT_NAME, names,
               mayrelay_session_add_client_name);
    }
    void
    client_names(failed_t)
    {
        give_up(MAYRELAY_FACT_CLIENT_NAME);
    }
    /* All groups of the identity. */
    template <typename Range>
    void
    groups(const Range &groups)
    {
        answer(MAYRELAY_FACT_GROUPS, groups, mayrelay_session_add_group);
    }
    void
    groups(failed_t)
    {
        give_up(MAYRELAY_FACT_GROUPS);
    }
    void
    recipient_exists(bool exists)
    {
        detail::check(mayrelay_session_set_recipient_exists(get(), exists));
    }
    void
    recipient_exists(failed_t)
    {
        give_up(MAYRELAY_FACT_RECIPIENT);
    }
    /* The client's names as a resolver found them; then resume. */
    void
    take(const dns_answer &answer)
    {
        detail::check(mayrelay_session_take(get(), answer.get()));
    }

    /* The last one. */
    mayrelay::decision
    decision() const
    {
        return mayrelay::decision(mayrelay_session_get_decision(get()));
    }
    unsigned
    needs() const
    {
        return mayrelay_session_needs(get());
    }
    /* The last decision and all facts behind it as one line for a log (logfmt,
     * or JSON): `mayrelay explain --log` reads it.  Time and id are the host's.
     */
    std::string
    to_log(mayrelay_format format = MAYRELAY_TEXT,
           std::optional<std::string_view> time = std::nullopt,
           std::optional<std::string_view> id = std::nullopt) const
    {
        std::string when = detail::terminated(time.value_or(""));
        std::string which = detail::terminated(id.value_or(""));
        return detail::whole([&](char *buffer, std::size_t size) {
            return mayrelay_session_to_log(
                get(), format, time ? when.c_str() : nullptr,
                id ? which.c_str() : nullptr, buffer, size);
        });
    }

    /* For calls that are not here. */
    mayrelay_session *
    get() const
    {
        return handle_.get();
    }

  private:
    using setter = mayrelay_status (*)(mayrelay_session *, const char *,
                                       std::size_t);

    void
    state(setter set, std::optional<std::string_view> text)
    {
        detail::check(text ? set(get(), detail::data(*text), text->size())
                           : set(get(), nullptr, 0));
    }

    /* Ends what has been said of the fact before: what comes is all. */
    void
    give_up(mayrelay_fact fact)
    {
        detail::check(mayrelay_session_answer(get(), fact, MAYRELAY_FAILED));
    }

    template <typename Range>
    void
    answer(mayrelay_fact fact, const Range &texts, setter add)
    {
        give_up(fact);
        for (std::string_view text : texts)
            detail::check(add(get(), detail::data(text), text.size()));
        detail::check(mayrelay_session_answer(get(), fact, MAYRELAY_KNOWN));
    }

    detail::handle<mayrelay_session, mayrelay_session_free> handle_;
};

} /* namespace mayrelay */

#endif
