// The commands of `workshop`, each in a file of its own. Each returns the exit code.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "project.hpp"

namespace runner {

inline constexpr int green = 0;
inline constexpr int red = 1;
inline constexpr int usage = 2;  // also: nothing could be judged

struct TestOptions {
    std::string step;  // empty: all, up to the first that is not done
    bool solution = false;
    bool from_solutions = false;
    bool raw = false;
    std::optional<std::string> bug;  // a planted one instead of the learner's step; empty: which?
    bool list = false;               // all about the bugs' names
    bool reveal = false;             // the bug itself
};

struct HintOptions {
    std::string task;  // empty: the next one
    bool all = false;
    bool again = false;
};

struct ResetOptions {
    std::string step;
    bool yes = false;
};

struct DemoOptions {
    std::string step;
    bool solution = false;
    std::vector<std::string> arguments;
};

struct JudgeOptions {
    std::vector<std::string> programs;
    bool verdicts = false;
};

struct SelftestOptions {
    bool full = false;
};

struct BenchOptions {
    std::string step;  // empty: all
    bool solution = false;
    unsigned rounds = 5;
    std::vector<std::string> traces;  // files, instead of the workshop's own
};

struct RunOptions {
    std::vector<std::string> command;
    bool solution = false;
    std::string allocator = "locked";  // a stack of tests/preload
    std::string report;                // a file; empty: standard error
};

struct RecordOptions {
    std::vector<std::string> command;
    std::string output;
    std::string program;    // the name of the process to record; empty: the one that is started
    std::size_t first = 0;  // operations to keep; 0: all
};

struct GradeOptions {
    std::vector<std::string> folders;  // clones and folders of clones; none: the learner's own tree
    bool json = false;
    bool csv = false;
    std::string junit;      // a file to write; empty: none
    bool verdicts = false;  // print the lines that a grade of several clones is put together from
    unsigned jobs = 0;      // at a time; 0: as many as there are processors
};

int show_map(const Project& project);
int test(const Project& project, const TestOptions& options);
/// The part of `test` that judges planted bugs.
int practise(const Project& project, const TestOptions& options);
int watch(const Project& project, const TestOptions& options);
int hint(const Project& project, const HintOptions& options);
int diff(const Project& project, const std::string& step);
int reset(const Project& project, const ResetOptions& options);
int demo(const Project& project, const DemoOptions& options);
int selftest(const Project& project, const SelftestOptions& options);
int judge(const JudgeOptions& options);
int bench(const Project& project, const BenchOptions& options);
int run(const Project& project, const RunOptions& options);
int record(const Project& project, const RecordOptions& options);
int grade(const Project& project, const GradeOptions& options);

}  // namespace runner
