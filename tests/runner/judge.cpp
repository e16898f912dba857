// `workshop judge PROGRAM...`: what `meson test` runs.

#include <filesystem>
#include <map>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "interruption.hpp"
#include "judge_process.hpp"
#include "problem.hpp"
#include "terminal.hpp"

namespace runner {
namespace {

using harness::Verdict;

/// "build/tests/learner_2_bump" -> "2_bump".
std::string judge_of(const std::string& program) {
    const std::string name = std::filesystem::path{program}.filename().string();
    for (const std::string prefix : {"learner_", "mixed_", "solution_"}) {
        if (name.compare(0, prefix.size(), prefix) == 0) {
            return name.substr(prefix.size());
        }
    }
    return name;
}

/// The judge's tasks, where we stand in the project that it belongs to.
JudgeSource source_of(const std::string& program) {
    const std::string judge = judge_of(program);
    try {
        const Project project = find_project();
        for (const Part& part : project.parts) {
            for (JudgeSource& source : read_judges(project, part)) {
                if (std::filesystem::path{source.judge}.filename() == judge) {
                    return std::move(source);
                }
            }
        }
    } catch (const Problem&) {
        // Then its own words must do.
    }
    JudgeSource source;
    source.judge = judge;
    return source;
}

}  // namespace

int judge(const JudgeOptions& options) {
    Crew crew;
    std::map<std::size_t, std::vector<Verdict>> by_program;
    for (const std::string& program : options.programs) {
        crew.start(judge_command(std::filesystem::absolute(program), {}));
    }
    crew.run([&](std::size_t number, const Outcome& outcome) {
        by_program[number] = verdicts_of(outcome, source_of(options.programs[number]), {});
    });
    if (interrupted() != 0) {
        return usage;
    }
    std::vector<Verdict> verdicts;
    for (auto& [number, some] : by_program) {
        verdicts.insert(verdicts.end(), some.begin(), some.end());
    }
    sort_by_task(verdicts);
    if (options.verdicts) {
        for (const Verdict& verdict : verdicts) {
            print(harness::to_line(verdict) + "\n");
        }
    } else {
        harness::Guide guide;
        guide.title = judge_of(options.programs.front());
        print(harness::report(verdicts, guide, colour()));
    }
    return harness::all_done(verdicts) ? green : red;
}

}  // namespace runner
