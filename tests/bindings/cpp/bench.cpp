/* What a call costs in C++, beside one that does nothing. */
#include "mayrelay.hpp"

#include <chrono>
#include <cstdio>

extern "C" int binding_noop(void *policy, const char *client,
                            const char *identity, const char *sender,
                            const char *recipient, char *reply,
                            std::size_t reply_size);

template <typename Call>
static void
measure(const char *name, Call call)
{
    const long calls = 1'000'000;
    long sum = 0;
    auto began = std::chrono::steady_clock::now();
    for (long i = 0; i < calls; i++)
        sum += call();
    std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - began;
    std::printf("c++      %-40s %8.1f ns\n", name, took.count() / calls);
    if (sum == 0)
        std::abort();
}

int
main()
{
    auto policy = mayrelay::policy::parse(
        "mayrelay: 1\ndomains: {inbound: [example.com]}\n"
        "relay: {allow: [{name: office, clients: [10.0.0.0/8]}]}\n");
    mayrelay::session session(policy);
    session.connect("10.1.2.3");
    session.mail("a@sender.example");
    char reply[512];
    measure("a bare call that does nothing", [&] {
        return binding_noop(nullptr, "10.1.2.3", "alice", "a@sender.example",
                            "x@far.example", reply, sizeof reply);
    });
    measure("a bare call of mayrelay_check", [&] {
        return mayrelay_check(policy.get(), "10.1.2.3", "alice",
                              "a@sender.example", "x@far.example", reply,
                              sizeof reply);
    });
    measure("policy.check", [&] {
        return policy
            .check("10.1.2.3", "alice", "a@sender.example", "x@far.example")
            .code;
    });
    measure("a bare call of mayrelay_session_rcpt", [&] {
        return mayrelay_session_rcpt(session.get(), "x@far.example", 13);
    });
    measure("session.rcpt",
            [&] { return session.rcpt("x@far.example").code(); });
}
