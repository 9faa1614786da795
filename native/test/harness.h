// A minimal test harness. A program defines TEST("what is true") { ... } bodies and calls run_tests() from main().
// CHECK goes on after a failure, REQUIRE ends its test. The last line of a program is "N passed, N failed".

#pragma once

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace harness {

struct test_case {
    const char * name;
    void (*body)();
};

struct end_of_test : std::exception {};

inline std::vector<test_case> tests;
inline int n_failed_checks = 0;

inline bool check(bool ok, const char * what, const char * file, int line, const std::string & detail) {
    if (!ok) {
        n_failed_checks++;
        printf("  %s:%d: not true: %s%s%s\n", file, line, what, detail.empty() ? "" : "; ", detail.c_str());
    }
    return ok;
}

struct registration {
    registration(const char * name, void (*body)()) { tests.push_back({ name, body }); }
};

inline bool run_one(const test_case & test) {
    n_failed_checks = 0;
    try {
        test.body();
    } catch (const end_of_test &) {
    } catch (const std::exception & error) {
        check(false, "no exception", test.name, 0, error.what());
    }
    printf("%s  %s\n", n_failed_checks == 0 ? "ok    " : "FAILED", test.name);
    fflush(stdout);
    return n_failed_checks == 0;
}

inline int run_tests() {
    int n_failed = 0;
    for (const test_case & test : tests) {
        n_failed += run_one(test) ? 0 : 1;
    }
    printf("%d passed, %d failed\n", (int) tests.size() - n_failed, n_failed);
    return n_failed == 0 && !tests.empty() ? 0 : 1;
}

} // namespace harness

#define HARNESS_JOIN_(a, b) a##b
#define HARNESS_JOIN(a, b) HARNESS_JOIN_(a, b)

#define TEST(name) \
    static void HARNESS_JOIN(test_, __LINE__)(); \
    static const harness::registration HARNESS_JOIN(registered_, __LINE__)(name, HARNESS_JOIN(test_, __LINE__)); \
    static void HARNESS_JOIN(test_, __LINE__)()

#define CHECK(condition) harness::check((condition), #condition, __FILE__, __LINE__, "")
#define CHECK_BECAUSE(condition, detail) harness::check((condition), #condition, __FILE__, __LINE__, (detail))
#define REQUIRE(condition) do { if (!CHECK(condition)) { throw harness::end_of_test(); } } while (false)
#define REQUIRE_BECAUSE(condition, detail) \
    do { if (!CHECK_BECAUSE(condition, detail)) { throw harness::end_of_test(); } } while (false)

// The value is compared and, if different, printed.
#define CHECK_EQUAL(got, want) do { \
        const auto got_value = (got); const auto want_value = (want); \
        harness::check(got_value == want_value, #got " == " #want, __FILE__, __LINE__, \
                       "got " + std::to_string((long long) got_value) + ", want " + std::to_string((long long) want_value)); \
    } while (false)
