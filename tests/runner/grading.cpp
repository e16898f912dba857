#include "grading.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <map>
#include <thread>

#include "problem.hpp"
#include "process.hpp"
#include "text.hpp"
#include "workbench.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

using harness::Verdict;

/// A folder below the build folder, gone at the end.
class Yard {
public:
    explicit Yard(const fs::path& build) {
        std::error_code error;
        std::string name = (fs::canonical(build, error) / "grade-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw Problem{"Cannot make a folder in " + build.string() +
                          "; is it writable and the disk not full?"};
        }
        path_ = name;
    }
    ~Yard() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Yard(const Yard&) = delete;
    Yard& operator=(const Yard&) = delete;

    fs::path place(std::size_t number) const { return path_ / std::to_string(number); }

private:
    fs::path path_;
};

Command grading_command(const Project& bench, const ClassOptions& options, unsigned jobs) {
    Command command;
    command.arguments = {options.program, "grade", "--verdicts", "--jobs", std::to_string(jobs)};
    command.environment = {{"WORKSHOP_ROOT", bench.root.string()},
                           {"WORKSHOP_BUILD", bench.build.string()}};
    command.limit = options.limit;
    command.cap = std::size_t{64} << 20U;
    return command;
}

std::string first_line(std::string_view text) {
    const std::vector<std::string_view> lines = lines_of(text);
    return lines.empty() ? std::string{"it said nothing"} : std::string{lines.front()};
}

/// Why there are no verdicts of a clone.
std::string what_went_wrong(const Outcome& outcome, const ClassOptions& options) {
    if (outcome.timed_out) {
        const std::chrono::duration<double> seconds = options.limit;
        return fmt::format("It was not judged within {:g} s.", seconds.count());
    }
    if (outcome.success()) {
        return "Judging it gave no verdicts.";
    }
    if (outcome.exit_code >= 0) {
        return first_line(outcome.output);
    }
    return fmt::format("Judging it ended with {}.", outcome.ending());
}

}  // namespace

Grade grade_own_tree(const Project& project) {
    std::error_code error;
    return {
        fs::canonical(project.root, error).filename().string(), {}, read_whole_progress(project)};
}

std::string grade_lines(const std::vector<PartProgress>& parts) {
    std::string text;
    for (const PartProgress& part : parts) {
        for (Verdict verdict : part.verdicts) {
            verdict.story.clear();
            text += part.part->label + "\t" + harness::to_line(verdict) + "\n";
        }
        if (part.kills) {
            const std::string remark = harness::to_line(harness::kills_remark(*part.kills));
            text += part.part->label + "\t" + remark + "\n";
        }
    }
    return text + std::string{harness::end_of_verdicts} + "\n";
}

bool read_grade_lines(const Project& project, std::string_view lines, Grade& grade) {
    std::map<std::string, std::vector<Verdict>, std::less<>> by_label;
    std::map<std::string, std::optional<harness::Kills>, std::less<>> kills;
    bool complete = false;
    for (const std::string_view line : lines_of(lines)) {
        complete = complete || line == harness::end_of_verdicts;
        const std::size_t tab = line.find('\t');
        if (tab == line.npos) {
            continue;
        }
        const std::string label{line.substr(0, tab)};
        if (auto verdict = harness::from_line(line.substr(tab + 1))) {
            by_label[label].push_back(std::move(*verdict));
        } else if (const auto remark = harness::remark_from_line(line.substr(tab + 1))) {
            kills[label] = harness::kills_in(*remark);
        }
    }
    if (!complete) {
        return false;
    }
    for (const Part& part : project.parts) {
        grade.parts.push_back(progress_of(project, part, std::move(by_label[part.label])));
        grade.parts.back().kills = kills[part.label];
    }
    return true;
}

std::vector<Grade> grade_clones(const Project& project, const std::vector<Clone>& clones,
                                const ClassOptions& options) {
    const Workbenches benches{project};
    const Yard yard{project.build};
    const unsigned processors =
        options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
    const auto judged = static_cast<unsigned>(std::count_if(
        clones.begin(), clones.end(), [](const Clone& clone) { return clone.problem.empty(); }));
    const unsigned jobs_each = std::max(1U, processors / std::max(1U, judged));

    std::vector<Grade> grades;
    std::map<std::size_t, std::size_t> places;  // a command's number -> the clone's
    std::size_t finished = 0;
    Crew crew{processors};
    for (const Clone& clone : clones) {
        const std::size_t place = grades.size();
        grades.push_back({clone.name, clone.problem, {}});
        if (clone.problem.empty()) {
            const Project bench = benches.set_up(clone.folder, yard.place(place));
            places[crew.start(grading_command(bench, options, jobs_each))] = place;
        }
    }
    crew.run([&](std::size_t number, const Outcome& outcome) {
        const std::size_t place = places.at(number);
        std::error_code ignored;
        fs::remove_all(yard.place(place), ignored);  // its programs are large
        if (!outcome.success() || !read_grade_lines(project, outcome.output, grades[place])) {
            grades[place].problem = what_went_wrong(outcome, options);
        }
        if (options.progress) {
            options.progress(++finished);
        }
    });
    return grades;
}

}  // namespace runner
