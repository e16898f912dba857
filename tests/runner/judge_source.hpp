// The tasks and test cases that a judge's source names, so that they are known before it is built.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner {

struct Part;
struct Project;

struct Suite {
    std::string title;  // "2.1 allocate"
    std::string hint;   // its description
    int first_line = 0;
    int last_line = 0;
    std::vector<std::string> cases;

    /// "2.1".
    std::string task() const { return title.substr(0, title.find(' ')); }
};

struct JudgeSource {
    std::string judge;  // "2_bump"
    std::vector<Suite> suites;

    /// The suite around this line, or nullptr.
    const Suite* at(int line) const;
    bool has_task(std::string_view task) const;
};

/// The order of tasks, by numbers where there are numbers: "2.10" comes after "2.9".
bool task_before(std::string_view left, std::string_view right);
void sort_suites(std::vector<Suite>& suites);

JudgeSource scan_judge(std::string_view text);

/// Opened minus closed braces of a C++ file, comments and literals left out.
int brace_balance(std::string_view text);

/// All judges of a part. A judge whose source cannot be read has no suites.
std::vector<JudgeSource> read_judges(const Project& project, const Part& part);
JudgeSource read_judge(const Project& project, const std::string& judge);

}  // namespace runner
