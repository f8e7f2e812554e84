/* What any number of threads may do at once; built with ThreadSanitizer, too.
 */
#include "expect.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <thread>

namespace
{

constexpr auto POLICY = R"(
mayrelay: 1
domains: {inbound: [example.com]}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8], senders: ["/^a[0-9]*@b[.]example$/"]}
)";
constexpr auto SHUT = "mayrelay: 1\n";
constexpr auto FILE_NAME = "threads.yaml";

void
replace(const char *text)
{
    std::ofstream("threads.new") << text;
    EXPECT(std::rename("threads.new", FILE_NAME) == 0);
}

/* Four at once. */
template <typename Work>
void
together(Work work)
{
    std::vector<std::thread> all;
    for (int number = 0; number < 4; number++)
        all.emplace_back(work, number);
    for (auto &thread : all)
        thread.join();
}

mayrelay::session
asks(const mayrelay::policy &policy, const char *client)
{
    mayrelay::session session(policy);
    session.connect(client);
    session.mail("a7@b.example");
    session.rcpt("c@far.example");
    return session;
}

void
one_policy()
{
    auto policy = mayrelay::policy::load(FILE_NAME);
    together([&](int) {
        int wrong_here = 0;
        for (int i = 0; i < 300; i++) {
            auto mine = policy;
            auto session = asks(mine, "10.1.2.3");
            wrong_here += !session.decision();
            wrong_here += !policy.check("10.1.2.3", std::nullopt, "a@b.example",
                                        "c@far.example");
        }
        EXPECT(wrong_here == 0);
    });
}

/* A session is for one thread at a time: it may go from one to the next. */
void
handed_over()
{
    auto session = asks(mayrelay::policy::load(FILE_NAME), "203.0.113.9");
    for (int i = 0; i < 20; i++)
        std::thread([&] { EXPECT(!session.rcpt("d@far.example")); }).join();
}

void
one_watch()
{
    mayrelay::watch watch(FILE_NAME);
    std::vector<std::thread> all;
    for (int number = 0; number < 3; number++)
        all.emplace_back([&watch] {
            for (int i = 0; i < 300; i++)
                EXPECT(watch.policy().rules().size() <= 1);
        });
    for (int turn = 0; turn < 20; turn++) {
        replace(turn % 2 ? POLICY : SHUT);
        EXPECT(bool(watch.reload()));
    }
    for (auto &thread : all)
        thread.join();
}

/* What never changes is read by all of them, and made by all of them. */
void
one_audit()
{
    auto policy = mayrelay::policy::load(FILE_NAME);
    auto session = asks(policy, "203.0.113.9");
    const mayrelay::cases all(policy);
    const mayrelay::audit audit(policy);
    const mayrelay::advice advice(session, FILE_NAME);
    const mayrelay::diff diff(policy, mayrelay::policy::parse(SHUT));
    const auto page = audit.to_html(), text = advice.to_text(),
               change = diff.to_text();
    together([&](int) {
        EXPECT(audit.to_html() == page && advice.to_text() == text);
        EXPECT(!all.decision(all.size() - 1).empty());
        auto mine = asks(policy, "203.0.113.9");
        EXPECT(mine.decision().fingerprint() != 0);
        EXPECT(!mine.decision().scope().empty() && !mine.to_log().empty());
        EXPECT(mayrelay::audit(policy).to_html() == page);
        EXPECT(mayrelay::advice(mine, FILE_NAME).to_text() == text);
        EXPECT(mayrelay::cases(policy).size() == all.size());
        EXPECT(mayrelay::diff(policy, policy).verdict() ==
               MAYRELAY_DIFF_EQUIVALENT);
        EXPECT(diff.to_text() == change);
        mayrelay::coverage coverage(policy);
        coverage.add(mine);
        EXPECT(!coverage.lists().empty());
    });
}

} /* namespace */

int
main()
{
    replace(POLICY);
    one_policy();
    handed_over();
    one_watch();
    one_audit();
    return summary();
}
