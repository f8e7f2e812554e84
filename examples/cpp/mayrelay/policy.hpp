/* mayrelay/policy.hpp: immutable, and shared by its copies. */
#ifndef MAYRELAY_POLICY_HPP
#define MAYRELAY_POLICY_HPP

#include "mayrelay/detail.hpp"

namespace mayrelay
{

/* The answer of policy::check; true only if it accepts. */
struct reply {
    int code;
    std::string line;

    explicit operator bool() const
    {
        return code == 250;
    }
};

/* One rule of a policy, and its place; good as long as the policy. */
struct rule {
    std::string_view name; /* as decision::rule() */
    std::string_view file;
    std::uint32_t line;
};

/* Immutable; copies share one. */
class policy
{
  public:
    /* YAML, JSON or an image; flags: a set of enum mayrelay_load_flag. */
    static policy
    load(std::string_view path, unsigned flags = 0)
    {
        std::string name = detail::terminated(path);
        mayrelay_report *report = nullptr;
        mayrelay_policy *got =
            mayrelay_policy_load(name.c_str(), flags, &report);
        return policy(got, report, name);
    }

    /* `name` stands for the file in errors and decisions. */
    static policy
    parse(std::string_view text, std::string_view name = "policy")
    {
        std::string place = detail::terminated(name);
        mayrelay_report *report = nullptr;
        mayrelay_policy *got = mayrelay_policy_parse(
            detail::data(text), text.size(), place.c_str(), &report);
        return policy(got, report, place);
    }

    /* Takes over a reference. */
    explicit policy(mayrelay_policy *owned) : handle_(owned)
    {
    }
    policy(const policy &other)
        : handle_(mayrelay_policy_ref(other.get())), warnings_(other.warnings_)
    {
    }
    policy(policy &&) noexcept = default;
    policy &
    operator=(policy other) noexcept
    {
        handle_.swap(other.handle_);
        warnings_.swap(other.warnings_);
        return *this;
    }

    /* What was found, though it loads. */
    const std::vector<finding> &
    warnings() const
    {
        return warnings_;
    }

    /* One decision without listener, names, groups or mailbox look-up.  No
     * identity: anonymous. */
    reply
    check(std::string_view client, std::optional<std::string_view> identity,
          std::string_view sender, std::string_view recipient) const
    {
        std::string who = identity ? detail::terminated(*identity) : "";
        char line[512];
        int code = mayrelay_check(get(), detail::terminated(client).c_str(),
                                  identity ? who.c_str() : nullptr,
                                  detail::terminated(sender).c_str(),
                                  detail::terminated(recipient).c_str(), line,
                                  sizeof line);
        return {code, line};
    }

    /* Writes the image that load maps, at once or not at all. */
    void
    save(std::string_view image) const
    {
        detail::check(
            mayrelay_policy_save(get(), detail::terminated(image).c_str()));
    }

    std::string_view
    digest() const
    {
        return detail::maybe(mayrelay_policy_get_digest(get())).value_or("");
    }

    /* What the audit has stamped on the image that was loaded. */
    std::optional<std::string_view>
    stamp() const
    {
        return detail::maybe(mayrelay_policy_get_stamp(get()));
    }

    /* Which facts some rule may ask for: a set of enum mayrelay_fact. */
    unsigned
    facts() const
    {
        return mayrelay_policy_get_facts(get());
    }

    bool
    has_reroute() const
    {
        return mayrelay_policy_has_reroute(get());
    }

    /* Each once, in no order that means anything. */
    std::vector<rule>
    rules() const
    {
        std::vector<rule> all;
        for (std::size_t i = 0; i < mayrelay_policy_count_rules(get()); i++)
            all.push_back({mayrelay_policy_get_rule(get(), i),
                           mayrelay_policy_get_rule_file(get(), i),
                           mayrelay_policy_get_rule_line(get(), i)});
        return all;
    }

    /* For calls that are not here. */
    mayrelay_policy *
    get() const
    {
        return handle_.get();
    }

  private:
    policy(mayrelay_policy *got, mayrelay_report *found,
           const std::string &name)
        : handle_(got)
    {
        detail::owned_report report(found);
        warnings_ = detail::findings(found);
        if (!got)
            detail::refuse(name, std::move(warnings_));
    }

    detail::handle<mayrelay_policy, mayrelay_policy_unref> handle_;
    std::vector<finding> warnings_;
};

} /* namespace mayrelay */

#endif
