/* mayrelay/diff.hpp: what a change of the policy changes, exactly. */
#ifndef MAYRELAY_DIFF_HPP
#define MAYRELAY_DIFF_HPP

#include "mayrelay/policy.hpp"

namespace mayrelay
{

inline std::string_view
name(mayrelay_diff_verdict verdict)
{
    return mayrelay_diff_verdict_name(verdict);
}

inline std::string_view
name(mayrelay_diff_effect effect)
{
    return mayrelay_diff_effect_name(effect);
}

/* A box of transactions that are decided differently; good as long as the diff.
 */
struct change {
    mayrelay_diff_effect effect;
    /* A dialogue that both policies have decided. */
    std::optional<std::string_view> witness;
};

/* All transactions at once.  It outlives both policies, never changes, and may
 * be read by any thread. */
class diff
{
  public:
    diff(const policy &older, const policy &newer)
        : handle_(mayrelay_policy_diff(older.get(), newer.get()))
    {
        if (!handle_)
            throw std::bad_alloc();
    }

    mayrelay_diff_verdict
    verdict() const
    {
        return mayrelay_diff_get_verdict(get());
    }
    /* How many boxes; UINT64_MAX: too many to count. */
    std::uint64_t
    count() const
    {
        return mayrelay_diff_count(get());
    }
    /* Of the first boxes, those gained first. */
    std::vector<change>
    changes() const
    {
        std::vector<change> all;
        for (std::size_t i = 0; i < mayrelay_diff_count_shown(get()); i++)
            all.push_back({mayrelay_diff_get_effect(get(), i),
                           detail::maybe(mayrelay_diff_get_witness(get(), i))});
        return all;
    }
    /* A dialogue that the evaluator judges otherwise: a bug of mayrelay's. */
    std::optional<std::string_view>
    bug() const
    {
        return detail::maybe(mayrelay_diff_get_bug(get()));
    }

    /* Verdict and boxes, at most `limit` of them. */
    std::string
    to_text(std::size_t limit = 100) const
    {
        return detail::whole([=](char *buffer, std::size_t size) {
            return mayrelay_diff_to_text(get(), limit, buffer, size);
        });
    }
    std::string
    to_json(std::size_t limit = 100) const
    {
        return detail::whole([=](char *buffer, std::size_t size) {
            return mayrelay_diff_to_json(get(), limit, buffer, size);
        });
    }

    /* For calls that are not here. */
    const mayrelay_diff *
    get() const
    {
        return handle_.get();
    }

  private:
    detail::handle<mayrelay_diff, mayrelay_diff_free> handle_;
};

} /* namespace mayrelay */

#endif
