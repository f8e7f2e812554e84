/* Lifetimes, fork, and whatever a careless caller hands over. */
#include "expect.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>

static mayrelay::policy
some_policy()
{
    return mayrelay::policy::parse(R"(
mayrelay: 1
domains: {inbound: [{domain: example.com, mailboxes: ask}]}
groups: {admins: ask}
relay:
  allow:
    - {name: office, clients: [10.0.0.0/8]}
    - {name: known, clients: [.trusted.example]}
    - {name: admins, users: [$admins]}
)",
                                   "policy.yaml");
}

static mayrelay::session
at_rcpt(const mayrelay::policy &policy)
{
    mayrelay::session session(policy);
    session.connect("10.1.2.3");
    session.mail("a@b.example");
    EXPECT(bool(session.rcpt("c@far.example")));
    return session;
}

static void
the_face()
{
    auto policy = some_policy();
    auto session = at_rcpt(policy);
    auto it = session.decision();
    EXPECT(it.rule() == "office" && it.file() == "policy.yaml" &&
           it.line() == 7);
    EXPECT(it.is_relay() && it.recipient() == "c@far.example");
    EXPECT(it.explain().find("office") != std::string::npos);
    EXPECT(it.to_json().front() == '{');
    session.connect("203.0.113.9");
    session.mail("");
    EXPECT(session.rcpt("c@far.example").needs(MAYRELAY_FACT_CLIENT_NAME));
    session.client_names(std::vector<std::string>{"a.trusted.example"});
    EXPECT(session.resume().rule() == "known");
    session.client_names(std::array<const char *, 1>{"b.example"});
    EXPECT(mayrelay::name(session.resume().reason()) == "relay-denied");
    session.client_names(mayrelay::failed);
    EXPECT(session.resume().verdict() == MAYRELAY_DEFER);
    session.auth("joe");
    session.mail("a@b.example");
    session.groups(std::vector<std::string_view>{"admins"});
    EXPECT(session.rcpt("c@far.example").rule() == "admins");
    EXPECT(session.rcpt("joe@example.com").needs() == MAYRELAY_FACT_RECIPIENT);
    session.recipient_exists(true);
    EXPECT(bool(session.resume()));
    session.recipient_exists(mayrelay::failed);
    EXPECT(!session.resume() && session.needs() == 0);
    session.auth(std::nullopt);
    session.tls();
    session.reset();
}

static void
errors()
{
    try {
        mayrelay::policy::parse("mayrelay: 1\nrelay: {alow: []}\n", "bad.yaml");
        EXPECT(false);
    } catch (const mayrelay::policy_error &error) {
        const auto &last = error.findings().back();
        EXPECT(last.file == "bad.yaml" && last.line == 2 && last.column == 9);
        EXPECT(last.severity == MAYRELAY_ERROR && last.hint);
        EXPECT(std::string(error.what()).find("bad.yaml:2:9: error:") !=
               std::string::npos);
    }
    using mayrelay::policy;
    EXPECT(throws<mayrelay::policy_error>([] { policy::load("/nowhere"); }));
    EXPECT(throws<std::system_error>(
        [] { some_policy().save("/nowhere/policy.mrp"); }));
    EXPECT(!policy::parse("mayrelay: 1").warnings().empty());
    EXPECT(throws<mayrelay::stage_error>(
        [] { mayrelay::session(some_policy()).recipient_exists(true); }));
}

static void
lifetimes()
{
    auto orphan = at_rcpt(some_policy());
    EXPECT(bool(orphan.rcpt("d@far.example")));
    auto policy = some_policy();
    auto copy = policy;
    policy = some_policy();
    auto moved = std::move(policy);
    EXPECT(copy.digest() == moved.digest());
    const auto &same = copy;
    copy = same;
    EXPECT(!copy.digest().empty());
    auto session = at_rcpt(copy);
    auto other = std::move(session);
    EXPECT(bool(other.decision()));
    EXPECT(!session.decision() && session.rcpt("c@far.example").code() == 451);
    EXPECT(throws<mayrelay::error>([&] { session.auth("joe"); }));
    EXPECT(throws<std::bad_alloc>([&] { mayrelay::session none(policy); }));
    EXPECT(policy.digest().empty() && policy.check("", "", "", "").code == 451);
    session = std::move(other);
    EXPECT(bool(session.decision()));
}

/* Whatever goes first, what is left still works. */
static void
any_order()
{
    std::array<int, 4> order{0, 1, 2, 3};
    do {
        auto policy = std::make_unique<mayrelay::policy>(some_policy());
        auto copy = std::make_unique<mayrelay::policy>(*policy);
        auto session = std::make_unique<mayrelay::session>(at_rcpt(*policy));
        auto audit = std::make_unique<mayrelay::audit>(*policy);
        for (int one : order) {
            switch (one) {
            case 0: policy.reset(); break;
            case 1: copy.reset(); break;
            case 2: session.reset(); break;
            default: audit.reset();
            }
            EXPECT(!policy || policy->rules().size() == 3);
            EXPECT(!copy || copy->rules().size() == 3);
            EXPECT(!session || session->rcpt("d@far.example"));
            EXPECT(!audit || !audit->to_text().empty());
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

static long
resident()
{
    long total = 0, pages = 0;
    std::ifstream("/proc/self/statm") >> total >> pages;
    return pages * sysconf(_SC_PAGESIZE);
}

static void
some_sessions(const mayrelay::policy &policy, long count)
{
    for (long i = 0; i < count; i++) {
        mayrelay::session session(policy);
        session.connect("10.1.2.3");
        session.auth("joe");
        session.mail("a@b.example");
        if (session.rcpt("c@far.example").explain().empty())
            wrong++;
    }
}

static void
memory(long count)
{
    auto policy = some_policy();
    some_sessions(policy, count < 5000 ? count : 5000);
    long before = resident();
    some_sessions(policy, count);
    EXPECT(resident() - before < 4 << 20);
}

static void
forks()
{
    auto policy = some_policy();
    auto session = at_rcpt(policy);
    pid_t child = fork();
    if (child == 0)
        _exit(session.rcpt("d@far.example") &&
                      policy.check("10.1.2.3", "", "", "c@far.example")
                  ? 0
                  : 1);
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT(status == 0);
    EXPECT(bool(session.rcpt("d@far.example")));
}

static void
bad_input()
{
    using namespace std::string_view_literals;
    auto policy = some_policy();
    const std::string huge(10'000'000, 'x');
    for (std::string_view text :
         {"a\0b@far.example"sv, "\xed\xa0\x80@x.example"sv,
          std::string_view(huge), "\xff\xfe"sv}) {
        auto session = at_rcpt(policy);
        EXPECT(!session.mail(text));
        EXPECT(!session.rcpt(text));
        EXPECT(throws<mayrelay::text_error>([&] { session.auth(text); }));
        EXPECT(throws<mayrelay::text_error>([&] { session.tls(text); }));
        EXPECT(!session.resume());
        session = at_rcpt(policy);
        EXPECT(throws<mayrelay::text_error>(
            [&] { session.groups(std::vector<std::string_view>{text}); }));
        EXPECT(!session.resume());
        EXPECT(throws<mayrelay::policy_error>(
            [&] { mayrelay::policy::parse(text); }));
    }
    auto session = at_rcpt(policy);
    EXPECT(
        throws<mayrelay::text_error>([&] { session.connect("10.1.2.3\0"sv); }));
    EXPECT(!session.resume() && !session.decision());
    session = at_rcpt(policy);
    EXPECT(throws<mayrelay::text_error>(
        [&] { session.connect("10.1.2.3", "192.0.2.25\0"sv); }));
    EXPECT(!session.resume());
    EXPECT(!session.connect("nonsense"));
    EXPECT(!session.mail(std::string_view()).needs());
    EXPECT(!session.rcpt(std::string_view()));
    EXPECT(throws<mayrelay::text_error>(
        [&] { policy.check("10.1.2.3\0"sv, "", "", ""); }));
    EXPECT(
        throws<mayrelay::text_error>([] { mayrelay::policy::load("a\0b"sv); }));
    EXPECT(throws<mayrelay::policy_error>(
        [] { mayrelay::policy::parse(std::string_view()); }));
}

/* Nobody answers at port 1: a look-up that fails is an answer, too. */
static void
look_ups()
{
    std::optional<mayrelay::resolver> resolver(std::in_place);
    resolver->set_servers("127.0.0.1:1");
    resolver->set_deadline_ms(5000);
    EXPECT(resolver->fd() >= 0);
    resolver->ask("192.0.2.7", 7);
    auto answer = resolver->resolve("192.0.2.7", 5000);
    EXPECT(!answer.is_known() && answer.names().empty());
    auto next = resolver->next();
    EXPECT(next && next->first == 7 && next->second.client() == "192.0.2.7");
    EXPECT(!resolver->next());
    EXPECT(throws<mayrelay::error>([&] { resolver->ask("nonsense", 1); }));
    EXPECT(throws<mayrelay::error>([&] { resolver->resolve("", 1); }));
    EXPECT(throws<mayrelay::error>([&] { resolver->set_servers("x"); }));
    resolver.reset();
    EXPECT(answer.explain().find("192.0.2.7") != std::string::npos);
    mayrelay::session session(some_policy());
    session.connect("192.0.2.7");
    session.mail("");
    session.rcpt("c@far.example");
    session.take(answer);
    EXPECT(mayrelay::name(session.resume().reason()) == "lookup-failed");
    session.connect("192.0.2.8");
    EXPECT(throws<mayrelay::error>([&] { session.take(answer); }));
}

int
main(int argc, char **argv)
{
    const char *count = argc > 1 ? argv[1] : std::getenv("MAYRELAY_SESSIONS");
    the_face();
    errors();
    lifetimes();
    any_order();
    forks();
    bad_input();
    look_ups();
    audits();
    watches();
    learned();
    memory(count ? std::atol(count) : 20000);
    return summary();
}
