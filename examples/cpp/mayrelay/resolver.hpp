/* mayrelay/resolver.hpp: the client's confirmed host names, in the host's loop.
 */
#ifndef MAYRELAY_RESOLVER_HPP
#define MAYRELAY_RESOLVER_HPP

#include "mayrelay/detail.hpp"

namespace mayrelay
{

/* What a look-up found; it outlives its resolver. */
class dns_answer
{
  public:
    explicit dns_answer(mayrelay_dns_answer *owned) : handle_(owned)
    {
    }

    bool
    is_known() const
    {
        return mayrelay_dns_answer_is_known(get());
    }
    std::vector<std::string>
    names() const
    {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < mayrelay_dns_answer_count(get()); i++)
            all.emplace_back(mayrelay_dns_answer_get_name(get(), i));
        return all;
    }
    std::string_view
    client() const
    {
        return detail::maybe(mayrelay_dns_answer_get_client(get()))
            .value_or("");
    }
    mayrelay_dns_result
    result() const
    {
        return mayrelay_dns_answer_get_result(get());
    }
    std::uint32_t
    ttl() const
    {
        return mayrelay_dns_answer_get_ttl(get());
    }
    std::string
    explain(mayrelay_format format = MAYRELAY_TEXT) const
    {
        return detail::whole([this, format](char *buffer, std::size_t size) {
            return mayrelay_dns_answer_explain(get(), format, buffer, size);
        });
    }
    const mayrelay_dns_answer *
    get() const
    {
        return handle_.get();
    }

  private:
    detail::handle<mayrelay_dns_answer, mayrelay_dns_answer_free> handle_;
};

/* For one event loop: watch fd(), dispatch(), and take what next() gives. */
class resolver
{
  public:
    resolver() : handle_(mayrelay_resolver_new())
    {
        if (!handle_)
            throw error("no resolver: no memory, or built without DNS");
    }

    /* "192.0.2.53,127.0.0.1:5353,[::1]:53" */
    void
    set_servers(std::string_view servers)
    {
        detail::check(mayrelay_resolver_set_servers(
            handle_.get(), detail::terminated(servers).c_str()));
    }
    void
    set_deadline_ms(std::uint32_t deadline)
    {
        detail::check(
            mayrelay_resolver_set_deadline_ms(handle_.get(), deadline));
    }
    int
    fd()
    {
        return mayrelay_resolver_get_fd(handle_.get());
    }
    void
    dispatch()
    {
        detail::check(mayrelay_resolver_dispatch(handle_.get()));
    }
    void
    ask(std::string_view client, std::uint64_t token)
    {
        detail::check(mayrelay_resolver_ask(
            handle_.get(), detail::terminated(client).c_str(), token));
    }
    /* The next finished answer with its token; none if there is none. */
    std::optional<std::pair<std::uint64_t, dns_answer>>
    next()
    {
        std::uint64_t token = 0;
        mayrelay_dns_answer *got =
            mayrelay_resolver_next(handle_.get(), &token);
        if (!got)
            return std::nullopt;
        return std::pair(token, dns_answer(got));
    }
    void
    cancel(std::uint64_t token)
    {
        mayrelay_resolver_cancel(handle_.get(), token);
    }
    /* Waits; an answer that is not known if none comes. */
    dns_answer
    resolve(std::string_view client, std::uint32_t timeout_ms)
    {
        mayrelay_dns_answer *got = mayrelay_resolver_resolve(
            handle_.get(), detail::terminated(client).c_str(), timeout_ms);
        if (!got)
            throw error("no IP address, or no memory");
        return dns_answer(got);
    }

  private:
    detail::handle<mayrelay_resolver, mayrelay_resolver_free> handle_;
};

} /* namespace mayrelay */

#endif
