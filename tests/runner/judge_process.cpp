#include "judge_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <set>

#include "../harness/report.hpp"
#include "text.hpp"

namespace runner {
namespace {

using harness::Kind;
using harness::Verdict;
using namespace std::chrono_literals;

constexpr auto judge_limit = 60s;  // the whole judge
constexpr std::size_t last_lines = 20;

/// Between two verdicts. The judge itself ends a case that takes long, on a busy machine after
/// twice its time, so this is reached only where it cannot: before its tests began.
std::chrono::milliseconds silence_limit() {
    const char* const text = std::getenv("WORKSHOP_TIME_LIMIT");  // of a case; the judge reads it
    return std::chrono::milliseconds{text != nullptr ? std::atoi(text) : 5000} * 2 + 3s;
}

struct Reported {
    std::vector<Verdict> verdicts;
    bool complete = false;
};

Reported parse(std::string_view text) {
    Reported reported;
    for (const std::string_view line : lines_of(text)) {
        if (line == harness::end_of_verdicts) {
            reported.complete = true;
        } else if (auto verdict = harness::from_line(line)) {
            reported.verdicts.push_back(std::move(*verdict));
        }
    }
    return reported;
}

/// The end of what a program wrote: there it says why it died.
std::string last_lines_of(std::string_view output) {
    const std::string plain = harness::without_colour(output);
    const std::vector<std::string_view> lines = lines_of(plain);
    const std::size_t first = lines.size() - std::min(lines.size(), last_lines);
    std::string text;
    for (std::size_t at = first; at < lines.size(); ++at) {
        text += std::string{lines[at]} + "\n";
    }
    return text;
}

std::string summary_of(const Outcome& outcome, bool before_the_tests) {
    if (!outcome.started) {
        return "the judge could not be started; expected a program that was just built";
    }
    const std::string when =
        before_the_tests ? "before its tests began" : "in the middle of its tests";
    if (outcome.timed_out) {
        return fmt::format("the program did nothing more {}, until its time was up", when);
    }
    return fmt::format("the program ended {} ({})", when, outcome.ending());
}

}  // namespace

Command judge_command(const std::filesystem::path& program, std::string_view task) {
    Command command;
    const std::filesystem::path whole = std::filesystem::absolute(program);
    command.arguments = {whole.string()};
    // The build folder: the names of the learner's files in the judge are relative to it.
    command.folder = whole.parent_path().parent_path();
    if (!task.empty()) {
        command.arguments.insert(command.arguments.end(), {"--task", std::string{task}});
    }
    command.verdicts = true;
    command.limit = judge_limit;
    command.quiet_limit = silence_limit();
    return command;
}

std::vector<Verdict> all_cases(const JudgeSource& source, std::string_view task, Kind kind) {
    std::vector<Verdict> verdicts;
    for (const Suite& suite : source.suites) {
        if (!task.empty() && suite.task() != task) {
            continue;
        }
        Verdict verdict;
        verdict.suite = suite.title;
        verdict.hint = suite.hint;
        verdict.kind = kind;
        verdict.judge_place = fmt::format("tests/{}.cpp:{}", source.judge, suite.first_line);
        for (const std::string& name : suite.cases) {
            verdict.name = name;
            verdicts.push_back(verdict);
        }
        if (suite.cases.empty()) {
            verdicts.push_back(verdict);
        }
    }
    if (verdicts.empty()) {
        Verdict verdict;
        verdict.name = source.judge;
        verdict.kind = kind;
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

std::vector<Verdict> verdicts_of(const Outcome& outcome, const JudgeSource& source,
                                 std::string_view task) {
    Reported reported = parse(outcome.verdicts);
    if (reported.complete || outcome.stopped) {
        return std::move(reported.verdicts);
    }
    std::set<std::pair<std::string, std::string>> known;
    for (const Verdict& verdict : reported.verdicts) {
        known.emplace(verdict.suite, verdict.name);
    }
    const bool before_the_tests = reported.verdicts.empty();
    bool first = true;
    for (Verdict& verdict : all_cases(source, task, Kind::not_run)) {
        if (known.count({verdict.suite, verdict.name}) != 0) {
            continue;
        }
        if (first || before_the_tests) {
            verdict.kind = outcome.timed_out ? Kind::hung : Kind::crashed;
        }
        if (first) {
            verdict.summary = summary_of(outcome, before_the_tests);
            verdict.story = last_lines_of(outcome.output);
            verdict.learner_place = first_learner_place(outcome.output);
        }
        first = false;
        reported.verdicts.push_back(std::move(verdict));
    }
    return std::move(reported.verdicts);
}

std::vector<harness::Remark> remarks_of(const Outcome& outcome) {
    std::vector<harness::Remark> remarks;
    for (const std::string_view line : lines_of(outcome.verdicts)) {
        if (auto remark = harness::remark_from_line(line)) {
            remarks.push_back(std::move(*remark));
        }
    }
    return remarks;
}

std::string first_learner_place(std::string_view text) {
    for (std::size_t at = text.find("steps/"); at != text.npos; at = text.find("steps/", at + 1)) {
        const bool starts = at == 0 || text[at - 1] == '/' || text[at - 1] == ' ';
        const std::size_t end = text.find_first_of(" \n\t:'\"()", at);
        if (!starts || end == text.npos || text[end] != ':') {
            continue;
        }
        std::size_t number_end = end + 1;
        while (number_end < text.size() &&
               std::isdigit(static_cast<unsigned char>(text[number_end])) != 0) {
            ++number_end;
        }
        if (number_end > end + 1) {
            return std::string{text.substr(at, number_end - at)};
        }
    }
    return {};
}

void sort_by_task(std::vector<Verdict>& verdicts) {
    std::stable_sort(verdicts.begin(), verdicts.end(),
                     [](const Verdict& left, const Verdict& right) {
                         return task_before(left.task(), right.task());
                     });
}

}  // namespace runner
