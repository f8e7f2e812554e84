/* Audits, and a policy that follows its files. */
#include "expect.hpp"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

using namespace std::string_view_literals;

namespace
{

constexpr auto WIDE = R"(
mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: office, clients: [192.0.2.0/24]}
    - {name: wide, clients: [32.0.0.0/3]}
)";
constexpr auto OPEN =
    "mayrelay: 1\nrelay: {allow: [{name: office, clients: [10.0.0.0/8]}]}\n";
constexpr auto SHUT = "mayrelay: 1\n";
constexpr auto BAD = "mayrelay: 1\nrelay: {alow: []}\n";
constexpr int TRIES = 300; /* of a tenth of a second */

constexpr auto FILE_NAME = "followed.yaml";

void
replace(const char *text)
{
    std::ofstream("followed.new") << text;
    EXPECT(std::rename("followed.new", FILE_NAME) == 0);
}

std::string
names(const mayrelay::policy &policy)
{
    std::vector<std::string> all;
    for (const auto &rule : policy.rules())
        all.emplace_back(rule.name);
    std::sort(all.begin(), all.end());
    std::string joined;
    for (const auto &one : all)
        joined += one + " ";
    return joined;
}

mayrelay::reload
dispatched(mayrelay::watch &watch)
{
    for (int i = 0; i < TRIES; i++) {
        pollfd ready = {watch.fd(), POLLIN, 0};
        poll(&ready, 1, 100);
        auto reload = watch.dispatch();
        if (reload.outcome != MAYRELAY_RELOAD_NONE)
            return reload;
    }
    return {MAYRELAY_RELOAD_NONE, {}};
}

long
descriptors()
{
    DIR *folder = opendir("/proc/self/fd");
    long count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

void
a_file_that_changes()
{
    replace(OPEN);
    mayrelay::watch watch(FILE_NAME);
    auto first = watch.policy();
    EXPECT(names(first) == "office " && watch.warnings().size() == 1);
    EXPECT(!watch.dispatch() && watch.policy().digest() == first.digest());
    replace(SHUT);
    auto done = dispatched(watch);
    EXPECT(done && done.findings.size() == 1);
    EXPECT(names(watch.policy()).empty() && names(first) == "office ");
    replace(BAD);
    auto failed = watch.reload();
    EXPECT(failed.outcome == MAYRELAY_RELOAD_FAILED);
    EXPECT(failed.findings.back().line == 2 && names(watch.policy()).empty());
}

void
what_outlives_it()
{
    replace(OPEN);
    long before = descriptors();
    auto policy = mayrelay::watch(FILE_NAME).policy();
    mayrelay::session session(mayrelay::watch(FILE_NAME).policy());
    session.connect("10.1.2.3");
    session.mail("");
    EXPECT(session.rcpt("c@far.example").rule() == "office");
    EXPECT(names(policy) == "office ");
    mayrelay::watch first(FILE_NAME);
    auto second = std::move(first);
    EXPECT(names(second.policy()) == "office ");
    EXPECT(first.fd() == -1 && first.policy().digest().empty());
    EXPECT(first.reload().outcome == MAYRELAY_RELOAD_FAILED);
    first = std::move(second);
    EXPECT(names(first.policy()) == "office ");
    first = mayrelay::watch(FILE_NAME);
    EXPECT(descriptors() > before);
    {
        auto last = std::move(first);
    }
    EXPECT(descriptors() == before);
}

void
wrong_watches()
{
    using mayrelay::watch;
    replace(BAD);
    try {
        watch none(FILE_NAME);
        EXPECT(false);
    } catch (const mayrelay::policy_error &error) {
        EXPECT(error.findings().back().line == 2);
    }
    EXPECT(throws<mayrelay::text_error>([] { watch("followed.yaml\0"sv); }));
    const std::string huge(10'000'000, 'x');
    EXPECT(throws<mayrelay::policy_error>([&] { watch none(huge); }));
    EXPECT(
        throws<mayrelay::policy_error>([] { watch none(std::string_view{}); }));
    std::remove(FILE_NAME);
}

void
verdicts()
{
    auto policy = mayrelay::policy::parse(WIDE, "policy.yaml");
    mayrelay::audit audit(policy);
    EXPECT(audit.verdict(MAYRELAY_SOURCE_STRANGER) == MAYRELAY_AUDIT_OPEN);
    EXPECT(audit.witness(MAYRELAY_SOURCE_STRANGER)->find("RCPT TO") !=
           std::string_view::npos);
    EXPECT(!audit.reason(MAYRELAY_SOURCE_STRANGER).empty());
    EXPECT(audit.verdict(MAYRELAY_SOURCE_HOST) == MAYRELAY_AUDIT_CLOSED);
    EXPECT(!audit.witness(MAYRELAY_SOURCE_HOST) && audit.unknown_is_closed());
    EXPECT(std::any_of(audit.findings().begin(), audit.findings().end(),
                       [](const auto &it) { return it.witness.has_value(); }));
    EXPECT(audit.to_text().find("192.0.2.0/24") != std::string::npos);
    EXPECT(audit.to_json().front() == '{');
    EXPECT(mayrelay::name(MAYRELAY_SOURCE_DNS) == "dns");
    EXPECT(mayrelay::name(MAYRELAY_AUDIT_OPEN) == "OPEN");
    mayrelay::audit trusted(policy, {"32.0.0.0/3", "192.0.2.0/24"});
    EXPECT(trusted.verdict(MAYRELAY_SOURCE_STRANGER) == MAYRELAY_AUDIT_CLOSED);
    mayrelay::audit orphan(mayrelay::policy::parse(WIDE));
    auto moved = std::move(orphan);
    EXPECT(moved.to_text().find("OPEN") != std::string::npos);
    EXPECT(orphan.verdict(MAYRELAY_SOURCE_HOST) == MAYRELAY_AUDIT_INCOMPLETE);
}

void
stamps()
{
    using mayrelay::policy;
    const std::string image = "stamped.mrp";
    auto wide = policy::parse(WIDE);
    mayrelay::audit open(wide), closed(policy::parse(SHUT));
    open.save(image);
    EXPECT(!open.is_closed() && !wide.stamp() && policy::load(image).stamp());
    EXPECT(throws<mayrelay::policy_error>(
        [&] { policy::load(image, MAYRELAY_LOAD_REQUIRE_CLOSED); }));
    closed.save(image);
    EXPECT(closed.is_closed() &&
           policy::load(image, MAYRELAY_LOAD_REQUIRE_CLOSED).stamp());
    EXPECT(
        throws<std::system_error>([&] { closed.save("/nowhere/policy.mrp"); }));
    EXPECT(throws<mayrelay::text_error>([&] { closed.save("a\0b"sv); }));
    std::remove(image.c_str());
}

void
wrong_audits()
{
    auto policy = mayrelay::policy::parse(WIDE);
    const std::string huge(10'000'000, '1');
    for (std::string_view network :
         {"nonsense"sv, "192.0.2.1\0"sv, "\xed\xa0\x80"sv, ""sv,
          std::string_view(), std::string_view(huge)})
        EXPECT(throws<mayrelay::text_error>(
            [&] { mayrelay::audit none(policy, {network}); }));
}

void
rules()
{
    auto policy = mayrelay::policy::parse(WIDE, "policy.yaml");
    EXPECT(names(policy) == "office wide ");
    for (const auto &rule : policy.rules())
        EXPECT(rule.file == "policy.yaml" &&
               rule.line == (rule.name == "office" ? 6 : 7));
    EXPECT(mayrelay::policy::parse(SHUT).rules().empty());
}

} /* namespace */

void
audits()
{
    verdicts();
    stamps();
    wrong_audits();
    rules();
}

void
watches()
{
    a_file_that_changes();
    what_outlives_it();
    wrong_watches();
}
