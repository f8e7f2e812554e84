/* mayrelay/watch.hpp: a policy that follows its files. */
#ifndef MAYRELAY_WATCH_HPP
#define MAYRELAY_WATCH_HPP

#include "mayrelay/policy.hpp"

namespace mayrelay
{

/* What came of reading the files; true only if another policy is in force. */
struct reload {
    mayrelay_reload outcome;
    std::vector<finding> findings; /* its warnings, or why it failed */

    explicit operator bool() const
    {
        return outcome == MAYRELAY_RELOAD_DONE;
    }
};

/* For one event loop: watch fd(), and dispatch().  What has an error never
 * comes into force.  Threads: as in C, any may ask for policy(), while another
 * dispatches too.  Make it behind a fork. */
class watch
{
  public:
    /* As policy::load. */
    explicit watch(std::string_view path, unsigned flags = 0)
    {
        std::string name = detail::terminated(path);
        mayrelay_report *found = nullptr;
        handle_.reset(mayrelay_watch_new(name.c_str(), flags, &found));
        detail::owned_report report(found);
        warnings_ = detail::findings(found);
        if (!handle_)
            detail::refuse(name, std::move(warnings_));
    }

    /* The one in force: take it for each connection.  What it warns of was told
     * by the reload. */
    mayrelay::policy
    policy() const
    {
        return mayrelay::policy(mayrelay_watch_ref_policy(handle_.get()));
    }
    int
    fd() const
    {
        return mayrelay_watch_get_fd(handle_.get());
    }
    /* To call when the descriptor can be read; at other times it does no harm.
     */
    mayrelay::reload
    dispatch()
    {
        return read(mayrelay_watch_dispatch);
    }
    /* Reads the files now, changed or not. */
    mayrelay::reload
    reload()
    {
        return read(mayrelay_watch_reload);
    }
    /* Of the policy that was loaded first. */
    const std::vector<finding> &
    warnings() const
    {
        return warnings_;
    }
    /* For calls that are not here. */
    mayrelay_watch *
    get() const
    {
        return handle_.get();
    }

  private:
    using reader = mayrelay_reload (*)(mayrelay_watch *, mayrelay_report **);

    mayrelay::reload
    read(reader call)
    {
        mayrelay_report *found = nullptr;
        mayrelay_reload outcome = call(handle_.get(), &found);
        detail::owned_report report(found);
        return {outcome, detail::findings(found)};
    }

    detail::handle<mayrelay_watch, mayrelay_watch_free> handle_;
    std::vector<finding> warnings_;
};

} /* namespace mayrelay */

#endif
