/* mayrelay/error.hpp: what can go wrong, as exceptions. */
#ifndef MAYRELAY_ERROR_HPP
#define MAYRELAY_ERROR_HPP

#include <mayrelay.h>

#include <cerrno>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mayrelay
{

class error : public std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/* Too long, not UTF-8, or control characters inside. */
class text_error : public error
{
    using error::error;
};

/* Nothing to answer, to reset or to resume yet. */
class stage_error : public error
{
    using error::error;
};

struct finding {
    mayrelay_severity severity;
    std::string id;
    std::optional<std::string> file;
    std::uint32_t line, column; /* from 1; 0: the file as a whole */
    std::string text;
    std::optional<std::string> hint;
    std::optional<std::string> witness; /* a transaction that shows it */
    std::string full;                   /* all of it, as people read it */
};

/* The policy does not load; what() is what `mayrelay lint` prints. */
class policy_error : public error
{
  public:
    policy_error(const std::string &what, std::vector<finding> all)
        : error(what), findings_(std::move(all))
    {
    }

    const std::vector<finding> &
    findings() const
    {
        return findings_;
    }

  private:
    std::vector<finding> findings_;
};

} /* namespace mayrelay */

#endif
