/* What the tests have in common: they count, and go on. */
#ifndef EXPECT_HPP
#define EXPECT_HPP

#include "mayrelay.hpp"

#include <atomic>
#include <iostream>
#include <string>
#include <vector>

/* Of any thread. */
inline std::atomic<int> passed, wrong;

#define EXPECT(condition) expect(condition, #condition, __LINE__)

inline void
expect(bool good, const char *what, int line)
{
    good ? passed++ : wrong++;
    if (!good)
        std::cout << "FAILED: line " << line << ": " << what << "\n";
}

/* What main returns. */
inline int
summary()
{
    std::cout << passed << " passed, " << wrong << " failed\n";
    return wrong != 0;
}

template <typename Error, typename Call>
bool
throws(Call call)
{
    try {
        call();
    } catch (const Error &) {
        return true;
    }
    return false;
}

/* In watch.cpp. */
void audits();
void watches();

/* In learned.cpp. */
void learned();

#endif
