// The test cases of this program, and what may be done before they are judged.

#pragma once

#include <harness/verdict.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace harness {

struct TestCase {
    Verdict blank;  // kind not_run
    double time_limit;
    std::size_t number;  // in doctest's order, from 1
    std::string file;
    int line = 0;
    void (*function)() = nullptr;  // of a judge's case; others are run by doctest
};

/// Makes the test cases of the judges known to doctest. Call it once, before anything else here.
void register_cases();
/// The function of the judge's case that begins in this line; nullptr where there is none.
void (*case_at(std::string_view file, unsigned line))();

/// Runs one test case in this process and returns when it has come to its end; one that fails ends
/// the process.
void run_case(const TestCase& test);

/// For a judge that judges tests. Only the test cases in its own `file` are judged; before them,
/// `prepare` is called with the others and the task that was asked for, if any, in the process that
/// watches. What it returns is told before the verdicts. While it works it must call `alive` more
/// often than each second.
struct Preparation {
    const char* file;
    std::vector<Remark> (*prepare)(const std::vector<TestCase>& others, std::string_view task,
                                   void (*alive)());
};

/// There is one, or none. Call it before main.
void set_preparation(const Preparation& preparation);

}  // namespace harness
