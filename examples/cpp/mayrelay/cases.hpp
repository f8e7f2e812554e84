/* mayrelay/cases.hpp: the transactions that a policy can tell apart, and which
 * entries of its lists some transactions have matched. */
#ifndef MAYRELAY_CASES_HPP
#define MAYRELAY_CASES_HPP

#include "mayrelay/session.hpp"

namespace mayrelay
{

inline std::string_view
name(mayrelay_cases_extent extent)
{
    return mayrelay_cases_extent_name(extent);
}

/* Each with today's decision.  They outlive their policy, never change, and may
 * be read by any thread. */
class cases
{
  public:
    /* At most `limit`; 0 stands for 10,000. */
    explicit cases(const policy &policy, std::size_t limit = 0)
        : handle_(mayrelay_policy_cases(policy.get(), limit))
    {
        if (!handle_)
            throw std::bad_alloc();
    }

    std::size_t
    size() const
    {
        return mayrelay_cases_count(get());
    }
    /* JSON, as `mayrelay check --batch` reads and writes it. */
    std::string_view
    facts(std::size_t index) const
    {
        return detail::maybe(mayrelay_cases_get_facts(get(), index))
            .value_or("");
    }
    std::string_view
    decision(std::size_t index) const
    {
        return detail::maybe(mayrelay_cases_get_decision(get(), index))
            .value_or("");
    }

    mayrelay_cases_extent
    extent() const
    {
        return mayrelay_cases_get_extent(get());
    }
    /* Of classes; UINT64_MAX: too many, or not known. */
    std::uint64_t
    combinations() const
    {
        return mayrelay_cases_get_combinations(get());
    }
    /* Values that others of their class stand for. */
    std::uint64_t
    left_out() const
    {
        return mayrelay_cases_get_left_out(get());
    }

    /* For calls that are not here. */
    const mayrelay_cases *
    get() const
    {
        return handle_.get();
    }

  private:
    detail::handle<mayrelay_cases, mayrelay_cases_free> handle_;
};

struct place {
    std::optional<std::string_view> file;
    std::uint32_t line;
};

/* A list of a policy, and what of it has been matched; good as long as the
 * coverage. */
struct list_coverage {
    std::string_view name; /* "$drop"; "" for entries that stand in its place */
    place first;           /* of the first entry, if there is one */
    std::size_t entries, matched;
    std::vector<place> missed; /* the entries that nothing has matched */
};

/* Which entries of a policy's lists the transactions have matched that some
 * sessions have decided.  For one thread at a time. */
class coverage
{
  public:
    explicit coverage(const policy &policy)
        : handle_(mayrelay_coverage_new(policy.get()))
    {
        if (!handle_)
            throw std::bad_alloc();
    }

    /* What a session of this policy has just decided. */
    void
    add(const session &session)
    {
        detail::check(mayrelay_coverage_add(get(), session.get()));
    }

    /* Looks at every entry of every list. */
    std::vector<list_coverage>
    lists()
    {
        std::vector<list_coverage> all;
        detail::check(mayrelay_coverage_count(get()));
        for (std::size_t i = 0; i < mayrelay_coverage_count_lists(get()); i++)
            all.push_back(at(i));
        return all;
    }

    /* For calls that are not here. */
    mayrelay_coverage *
    get() const
    {
        return handle_.get();
    }

  private:
    list_coverage
    at(std::size_t i) const
    {
        const mayrelay_coverage *it = get();
        list_coverage list{
            mayrelay_coverage_get_list(it, i),
            {detail::maybe(mayrelay_coverage_get_list_file(it, i)),
             mayrelay_coverage_get_list_line(it, i)},
            mayrelay_coverage_get_list_entries(it, i),
            mayrelay_coverage_get_list_matched(it, i),
            {}};
        for (std::size_t j = 0; j < list.entries - list.matched; j++)
            list.missed.push_back(
                {detail::maybe(mayrelay_coverage_get_missed_file(it, i, j)),
                 mayrelay_coverage_get_missed_line(it, i, j)});
        return list;
    }

    detail::handle<mayrelay_coverage, mayrelay_coverage_free> handle_;
};

} /* namespace mayrelay */

#endif
