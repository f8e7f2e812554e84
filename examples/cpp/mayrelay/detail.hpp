/* mayrelay/detail.hpp: what the other headers share; not for hosts. */
#ifndef MAYRELAY_DETAIL_HPP
#define MAYRELAY_DETAIL_HPP

#include "mayrelay/error.hpp"

#include <memory>
#include <string_view>

namespace mayrelay
{

namespace detail
{

inline void
check(mayrelay_status status)
{
    const char *text = mayrelay_status_text(status);
    switch (status) {
    case MAYRELAY_OK: return;
    case MAYRELAY_ERR_MEMORY: throw std::bad_alloc();
    case MAYRELAY_ERR_TEXT: throw text_error(text);
    case MAYRELAY_ERR_STAGE: throw stage_error(text);
    case MAYRELAY_ERR_IO:
        throw std::system_error(errno, std::generic_category(), text);
    case MAYRELAY_ERR_ARGUMENT: break;
    }
    throw error(text);
}

template <auto call> struct frees {
    template <typename T>
    void
    operator()(T *object) const
    {
        call(object);
    }
};

template <typename T, auto call> using handle = std::unique_ptr<T, frees<call>>;

/* A view's text is never null, or the library would take its length for that
 * of nothing: absent. */
inline const char *
data(std::string_view text)
{
    return text.data() ? text.data() : "";
}

/* For calls whose texts end in NUL, and would be cut at one. */
inline std::string
terminated(std::string_view text)
{
    if (text.find('\0') != text.npos)
        throw text_error("a NUL inside the text");
    return std::string(text);
}

inline std::optional<std::string_view>
maybe(const char *text)
{
    return text ? std::optional<std::string_view>(text) : std::nullopt;
}

inline std::optional<std::string>
copied(const char *text)
{
    return text ? std::optional<std::string>(text) : std::nullopt;
}

/* What a call prints into a buffer, however long: it is asked again with as
 * much room as it said it needs. */
template <typename Write>
std::string
whole(Write write)
{
    std::string text(4096, '\0');
    for (;;) {
        std::size_t needed = write(text.data(), text.size());
        bool fits = needed < text.size();
        text.resize(fits ? needed : needed + 1);
        if (fits)
            return text;
    }
}

using owned_report = handle<mayrelay_report, mayrelay_report_free>;

inline finding
finding_at(const mayrelay_report *report, std::size_t index)
{
    return {mayrelay_report_get_severity(report, index),
            mayrelay_report_get_id(report, index),
            copied(mayrelay_report_get_file(report, index)),
            mayrelay_report_get_line(report, index),
            mayrelay_report_get_column(report, index),
            mayrelay_report_get_text(report, index),
            copied(mayrelay_report_get_hint(report, index)),
            copied(mayrelay_report_get_witness(report, index)),
            whole([=](char *buffer, std::size_t size) {
                return mayrelay_report_to_text(report, index, buffer, size);
            })};
}

inline std::vector<finding>
findings(const mayrelay_report *report)
{
    std::vector<finding> all;
    for (std::size_t i = 0; i < mayrelay_report_count(report); i++)
        all.push_back(finding_at(report, i));
    return all;
}

[[noreturn]] inline void
refuse(const std::string &name, std::vector<finding> all)
{
    std::string lines;
    for (const finding &one : all)
        lines += (lines.empty() ? "" : "\n") + one.full;
    throw policy_error(lines.empty() ? name + ": does not load" : lines,
                       std::move(all));
}

} /* namespace detail */

} /* namespace mayrelay */

#endif
