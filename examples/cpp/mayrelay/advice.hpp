/* mayrelay/advice.hpp: what to change in a policy, so that it accepts. */
#ifndef MAYRELAY_ADVICE_HPP
#define MAYRELAY_ADVICE_HPP

#include "mayrelay/session.hpp"

namespace mayrelay
{

/* One way to have it accepted; what else it changes has been measured.  Good as
 * long as the advice. */
struct edit {
    std::string_view text; /* "add 10.4.2.7 to $branch-offices" */
    std::string_view file; /* where its first step is */
    std::uint32_t line;
    std::optional<std::string_view> patch; /* not if lines are too long */
    std::optional<std::string_view> rule;  /* that then grants, if it has to */
    std::string_view radius; /* what else it opens, moves or closes */
    std::optional<std::string_view> warning; /* which verdicts get worse */
};

/* What would have the policy in a file (YAML or JSON, as it is now) accept what
 * a session was told last.  It outlives both, never changes, and may be read by
 * any thread. */
class advice
{
  public:
    /* Tries many edits, so it takes its time.  policy_error: the file cannot be
     * read, or changes meanwhile. */
    advice(const session &session, std::string_view path)
    {
        std::string name = detail::terminated(path);
        mayrelay_report *found = nullptr;
        handle_.reset(
            mayrelay_session_advise(session.get(), name.c_str(), &found));
        detail::owned_report report(found);
        if (!handle_)
            detail::refuse(name, detail::findings(found));
    }

    /* The least harmful first. */
    std::vector<edit>
    edits() const
    {
        std::vector<edit> all;
        for (std::size_t i = 0; i < mayrelay_advice_count(get()); i++)
            all.push_back(at(i));
        return all;
    }
    /* Why there is none, or why others were left out. */
    std::optional<std::string_view>
    note() const
    {
        return detail::maybe(mayrelay_advice_get_note(get()));
    }

    std::string
    to_text() const
    {
        return detail::whole([this](char *buffer, std::size_t size) {
            return mayrelay_advice_to_text(get(), buffer, size);
        });
    }
    std::string
    to_json() const
    {
        return detail::whole([this](char *buffer, std::size_t size) {
            return mayrelay_advice_to_json(get(), buffer, size);
        });
    }

    /* For calls that are not here. */
    const mayrelay_advice *
    get() const
    {
        return handle_.get();
    }

  private:
    edit
    at(std::size_t index) const
    {
        const mayrelay_advice *it = get();
        return {
            mayrelay_advice_get_text(it, index),
            detail::maybe(mayrelay_advice_get_file(it, index)).value_or(""),
            mayrelay_advice_get_line(it, index),
            detail::maybe(mayrelay_advice_get_patch(it, index)),
            detail::maybe(mayrelay_advice_get_rule(it, index)),
            detail::maybe(mayrelay_advice_get_radius(it, index)).value_or(""),
            detail::maybe(mayrelay_advice_get_warning(it, index))};
    }

    detail::handle<mayrelay_advice, mayrelay_advice_free> handle_;
};

} /* namespace mayrelay */

#endif
