/* Scopes, advice, cases and coverage: lifetimes, and bad input.  That they say
 * what the C library says is in the replay. */
#include "expect.hpp"

#include <fstream>

using namespace std::string_view_literals;

namespace
{

constexpr auto POLICY = R"(
mayrelay: 1
domains: {inbound: [example.com]}
lists: {branches: [192.0.2.0/24, 198.51.100.7]}
relay:
  allow:
    - {name: office, clients: [$branches]}
)";
constexpr auto FILE_NAME = "learned.yaml";

mayrelay::session
refused(const mayrelay::policy &policy)
{
    mayrelay::session session(policy);
    session.connect("203.0.113.9");
    session.mail("a@b.example");
    EXPECT(!session.rcpt("c@far.example"));
    return session;
}

bool
begins(const std::string &text, const char *start)
{
    return text.rfind(start, 0) == 0;
}

void
scopes(const mayrelay::policy &policy)
{
    auto session = refused(policy), other = refused(policy);
    auto decision = session.decision();
    EXPECT(begins(decision.scope(), "connector default; client "));
    EXPECT(begins(decision.scope(MAYRELAY_JSON), "{\"fingerprint\":\""));
    EXPECT(decision.fingerprint() == other.decision().fingerprint());
    EXPECT(mayrelay::decision(nullptr).fingerprint() == 0);
}

void
advises()
{
    auto session = refused(mayrelay::policy::load(FILE_NAME));
    auto advice = std::make_unique<mayrelay::advice>(session, FILE_NAME);
    auto moved = std::move(*advice);
    auto edits = moved.edits();
    EXPECT(advice->edits().empty() && !advice->note());
    advice.reset();
    session = refused(mayrelay::policy::load(FILE_NAME));
    EXPECT(!edits.empty() && edits[0].file == FILE_NAME && edits[0].line > 0);
    EXPECT(moved.to_text().find(edits[0].text) != std::string::npos);
    EXPECT(!edits[0].radius.empty() && begins(moved.to_json(), "{\"note\""));
    const std::string huge(10'000'000, 'x');
    for (std::string_view path : {""sv, "/nowhere"sv, std::string_view(huge),
                                  "\xed\xa0\x80"sv, std::string_view()})
        EXPECT(throws<mayrelay::policy_error>(
            [&] { mayrelay::advice none(session, path); }));
    EXPECT(throws<mayrelay::text_error>(
        [&] { mayrelay::advice none(session, "a\0b"sv); }));
    auto gone = std::move(session);
    EXPECT(throws<mayrelay::policy_error>(
        [&] { mayrelay::advice none(session, FILE_NAME); }));
}

void
all_cases()
{
    mayrelay::cases all(mayrelay::policy::load(FILE_NAME));
    EXPECT(all.extent() == MAYRELAY_CASES_COMBINATIONS && all.size() > 1);
    EXPECT(all.facts(0).find("\"client\":") != std::string_view::npos);
    EXPECT(all.decision(0).find("\"code\":") != std::string_view::npos);
    EXPECT(all.facts(all.size()).empty() && all.decision(SIZE_MAX).empty());
    auto policy = mayrelay::policy::load(FILE_NAME);
    EXPECT(mayrelay::cases(policy, 2).size() == 2);
    auto gone = std::move(policy);
    EXPECT(throws<std::bad_alloc>([&] { mayrelay::cases none(policy); }));
    EXPECT(throws<std::bad_alloc>([&] { mayrelay::coverage none(policy); }));
}

void
diffs()
{
    std::string wider = POLICY;
    wider.replace(wider.find("192.0.2.0/24"), 12, "192.0.2.0/23");
    auto older = mayrelay::policy::load(FILE_NAME);
    auto newer = mayrelay::policy::parse(wider);
    auto it = std::make_unique<mayrelay::diff>(older, newer);
    EXPECT(mayrelay::diff(newer, older).verdict() == MAYRELAY_DIFF_STRICTER);
    EXPECT(mayrelay::diff(older, older).verdict() == MAYRELAY_DIFF_EQUIVALENT);
    older = newer = mayrelay::policy::parse("mayrelay: 1");
    EXPECT(it->verdict() == MAYRELAY_DIFF_LOOSER && !it->bug());
    EXPECT(it->count() > 0 && it->count() == it->changes().size());
    EXPECT(it->changes()[0].effect == MAYRELAY_DIFF_GAINED);
    EXPECT(it->changes()[0].witness->find("RCPT TO") != std::string_view::npos);
    EXPECT(!it->to_text().empty() && begins(it->to_json(0), "{"));
    auto moved = std::move(*it);
    EXPECT(it->changes().empty() && it->verdict() == MAYRELAY_DIFF_INCOMPLETE);
    auto gone = std::move(older);
    EXPECT(throws<std::bad_alloc>([&] { mayrelay::diff none(older, newer); }));
}

void
covers()
{
    auto policy =
        std::make_unique<mayrelay::policy>(mayrelay::policy::load(FILE_NAME));
    mayrelay::coverage coverage(*policy);
    mayrelay::session session(*policy);
    EXPECT(throws<mayrelay::stage_error>([&] { coverage.add(session); }));
    session.connect("192.0.2.7");
    coverage.add(session);
    policy.reset();
    for (const auto &list : coverage.lists()) {
        if (list.name != "$branches")
            continue;
        EXPECT(list.entries == 2 && list.matched == 1);
        EXPECT(list.missed.size() == 1 && list.missed[0].line == 4);
    }
    EXPECT(throws<mayrelay::error>(
        [&] { coverage.add(refused(mayrelay::policy::load(FILE_NAME))); }));
    auto moved = std::move(session);
    EXPECT(throws<mayrelay::error>([&] { coverage.add(session); }));
    auto kept = std::move(coverage);
    EXPECT(throws<mayrelay::error>([&] { coverage.lists(); }));
}

void
logs(const mayrelay::policy &policy)
{
    auto session = refused(policy);
    EXPECT(begins(session.to_log(MAYRELAY_TEXT, "12:00", "7"),
                  "mayrelay=1 time=12:00 id=7 "));
    EXPECT(begins(session.to_log(MAYRELAY_JSON), "{\"mayrelay\":1"));
    EXPECT(throws<mayrelay::text_error>(
        [&] { session.to_log(MAYRELAY_TEXT, "a\0b"sv); }));
    const std::string huge(1'000'000, 'x');
    EXPECT(session.to_log(MAYRELAY_TEXT, std::nullopt, huge).size() > 100'000);
}

} /* namespace */

void
learned()
{
    std::ofstream(FILE_NAME) << POLICY;
    auto policy = mayrelay::policy::load(FILE_NAME);
    scopes(policy);
    advises();
    all_cases();
    diffs();
    covers();
    logs(policy);
    mayrelay::audit audit(policy);
    EXPECT(begins(audit.to_html(), "<!DOCTYPE html>"));
    EXPECT(!audit.disagreement());
}
