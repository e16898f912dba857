#include <suite/judge.hpp>

#include <suite/grading.hpp>
#include <suite/matrix.hpp>
#include <suite/shrink.hpp>
#include <suite/unrest.hpp>

#include <harness/child.hpp>
#include <harness/ending_verdict.hpp>
#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/report.hpp>
#include <harness/test_case.hpp>

#include <fmt/format.h>
#include <signal.h>
#include <todo.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace suite {
namespace {

using harness::Kind;
using harness::Verdict;

/// Of the whole suite; made before the judge's own cases run, each in a process that inherits it.
Grade the_grade;

constexpr std::size_t text_width = 76;

std::vector<std::size_t> tests_of(std::string_view task) {
    std::vector<std::size_t> tests;
    for (std::size_t test = 0; test < the_grade.cases.size(); ++test) {
        if (the_grade.cases[test].blank.task() == task) {
            tests.push_back(test);
        }
    }
    return tests;
}

const harness::TestCase& test_case(std::size_t test) {
    return the_grade.cases[test];
}

/// Ends the judge's case. `test`, where there is one, is the place to look at.
[[noreturn]] void end_as(Kind kind, std::string summary, std::string story = {},
                         std::string place = {}) {
    harness::end_case({.kind = kind,
                       .summary = std::move(summary),
                       .story = std::move(story),
                       .learner_place = std::move(place)});
}

/// Runs a test on a subject once more, and lets it tell what it does.
Verdict told(std::size_t test, const SubjectType& subject) {
    const harness::Limits limits;
    harness::Journal& journal = harness::Journal::current();
    journal.clear();
    const harness::Ending ending = harness::run_in_child(
        [&](int record) {
            harness::send_record_to(record);
            this_run() = {&subject, nullptr, true};
            set_unrest(subject.for_threads && test_case(test).blank.task() == "6.3");
            harness::run_case(test_case(test));
            harness::end_case({.kind = Kind::done});
        },
        limits);
    Verdict verdict = harness::verdict_of(ending, limits, journal, test_case(test).blank);
    journal.clear();
    return verdict;
}

/// A task is to do while a test of it is, and where it has no test.
void end_if_to_do(std::string_view task) {
    const std::vector<std::size_t> tests = tests_of(task);
    if (tests.empty()) {
        end_as(Kind::wrong, fmt::format("task {0} has no test; expected a TEST_SUITE whose name "
                                        "begins with \"{0} \", with test cases in it",
                                        task));
    }
    for (const std::size_t test : tests) {
        if (the_grade.is_to_do(test)) {
            const Verdict verdict = told(test, all_subjects().front());
            end_as(Kind::to_do, "not written yet", {}, verdict.learner_place);
        }
    }
}

/// True when some test of the task rejects a correct allocator.
bool cries_wolf(std::string_view task) {
    const std::vector<std::size_t> tests = tests_of(task);
    return std::any_of(tests.begin(), tests.end(),
                       [](std::size_t test) { return the_grade.cries_wolf(test); });
}

bool saw(std::string_view task, Seen what) {
    const std::vector<std::size_t> tests = tests_of(task);
    return std::any_of(tests.begin(), tests.end(),
                       [what](std::size_t test) { return the_grade.saw(test, what); });
}

std::string what_was_never_done(std::string_view task, bool with_reset) {
    std::string text;
    const auto add = [&](Seen what, std::string_view words) {
        if (!saw(task, what)) {
            text += (text.empty() ? "" : ", ") + std::string{words};
        }
    };
    add(Seen::size_zero, "ask for size 0");
    add(Seen::over_aligned, "ask for an alignment above 16");
    add(Seen::huge, "ask for more than the buffer has");
    add(Seen::nearly_full, "ask for so much that the other blocks are in the way");
    if (with_reset) {
        add(Seen::use_after_reset, "ask for a block after reset()");
    }
    return text;
}

/// One line of a bug that got through.
std::string symptom_line(std::size_t subject) {
    const SubjectType& bug = *the_grade.subjects[subject];
    const std::vector<std::size_t> others = other_catchers(the_grade, subject);
    const std::string others_text =
        others.empty() ? ""
                       : fmt::format(" ({} does, by {})",
                                     harness::Verdict{test_case(others.front()).blank}.task(),
                                     letter_of(the_grade, others.front()));
    std::string line = harness::wrapped(bug.symptom + others_text, 2, text_width);
    line.replace(0, 2, "- ");
    return line;
}

/// The hints about a bug, the diff last.
std::vector<harness::Remark> hints_about(const SubjectType& bug) {
    const std::string name{bug.name};
    return {
        {bug.task, name + ":idea",
         fmt::format("A bug that gets through: {}.\n{}", bug.symptom,
                     harness::wrapped(bug.idea, 0, text_width))},
        {bug.task, name + ":diff",
         fmt::format("The bug `{}`, as a diff against the solution:\n\n{}", bug.name, bug.diff)}};
}

std::vector<harness::Remark> prepare(const std::vector<harness::TestCase>& cases,
                                     std::string_view task, void (*alive)()) {
    the_grade = grade(cases, task, alive);
    std::vector<harness::Remark> remarks = {{"", "matrix", matrix_text(the_grade)},
                                            harness::kills_remark(kills(the_grade))};
    for (const std::size_t subject : survivors(the_grade, task)) {
        for (harness::Remark& hint : hints_about(*the_grade.subjects[subject])) {
            remarks.push_back(std::move(hint));
        }
    }
    return remarks;
}

struct FalseAlarm {
    std::size_t test;
    const SubjectType* subject;  // a correct allocator, which the test rejects
};

std::vector<FalseAlarm> false_alarms(std::string_view task) {
    std::vector<FalseAlarm> alarms;
    for (const std::size_t test : tests_of(task)) {
        for (std::size_t subject = 0; subject < the_grade.subjects.size(); ++subject) {
            const SubjectType* const type = the_grade.subjects[subject];
            if (type->is_correct() && rejected(the_grade.at(subject, test).fate)) {
                alarms.push_back({test, type});
            }
        }
    }
    return alarms;
}

constexpr std::size_t most_repetitions = 10;

/// In words that "a correct allocator" follows.
std::string_view what_happened_on(std::size_t test, const SubjectType& type) {
    for (std::size_t subject = 0; subject < the_grade.subjects.size(); ++subject) {
        if (the_grade.subjects[subject] == &type) {
            switch (the_grade.at(subject, test).fate) {
                case Fate::hung:
                    return "took more than 5 s of processor time, or waited for ever, on";
                case Fate::crashed:
                    return "crashed on";
                default:
                    break;
            }
        }
    }
    return "rejected";
}

}  // namespace

bool judge_the_tests_outside_of(const char* file, const char* project) {
    set_project_folder(project);
    harness::set_preparation({file, prepare});
    return true;
}

void correct_allocators_pass(std::string_view task) {
    end_if_to_do(task);
    const std::vector<FalseAlarm> alarms = false_alarms(task);
    if (alarms.empty()) {
        return;
    }
    // Who is told why wants to see it again.
    for (std::size_t i = 0; i < std::min(alarms.size(), most_repetitions); ++i) {
        const auto& [test, subject] = alarms[i];
        const Verdict verdict = told(test, *subject);
        if (verdict.kind != Kind::done) {
            end_as(Kind::wrong,
                   fmt::format("\"{}\" rejects a correct allocator, `{}`: {}",
                               test_case(test).blank.name, subject->name, verdict.summary),
                   verdict.story, verdict.judge_place);
        }
    }
    const auto& [test, subject] = alarms.front();
    end_as(Kind::wrong,
           fmt::format("\"{}\" {} a correct allocator, `{}`, and not when it was repeated: does it "
                       "depend on time, or on luck?",
                       test_case(test).blank.name, what_happened_on(test, *subject), subject->name),
           {}, test_case(test).blank.judge_place);
}

void planted_bugs_are_caught(std::string_view task) {
    end_if_to_do(task);
    if (cries_wolf(task)) {
        end_as(Kind::not_run, "counts when the correct allocators pass");
    }
    const std::vector<std::size_t> missed = survivors(the_grade, task);
    if (missed.empty()) {
        return;
    }
    const std::size_t bugs = static_cast<std::size_t>(
        std::count_if(the_grade.subjects.begin(), the_grade.subjects.end(),
                      [task](const SubjectType* subject) { return subject->task == task; }));
    std::string story;
    for (const std::size_t subject : missed) {
        story += symptom_line(subject);
    }
    const std::string never = what_was_never_done(task, task == "6.1");
    if (!never.empty() && task != "6.2" && task != "6.3") {
        story += "\n" +
                 harness::wrapped("No test of " + std::string{task} + " does this: " + never + ".",
                                  0, text_width);
    }
    end_as(Kind::wrong,
           fmt::format("{} of {} bugs get{} through:", missed.size(), bugs,
                       missed.size() == 1 ? "s" : ""),
           story);
}

void requests_are_of_every_kind(std::string_view task) {
    end_if_to_do(task);
    const std::string never = what_was_never_done(task, false);
    if (!never.empty()) {
        end_as(Kind::wrong, fmt::format("no random run of {} does this: {}", task, never));
    }
}

void model_has_memory_of_its_own(std::string_view task) {
    end_if_to_do(task);
    if (saw(task, Seen::default_resource)) {
        end_as(Kind::wrong,
               fmt::format("a container in {} takes its memory from std::pmr's default resource, "
                           "which may be the allocator under test: then the model changes what it "
                           "watches. std::vector and std::map have memory of their own",
                           task));
    }
    if (saw(task, Seen::resource)) {
        end_as(Kind::wrong,
               fmt::format("a test of {} calls resource(): a model that allocates from its subject "
                           "changes what it watches. Containers on the subject belong to 6.2",
                           task));
    }
}

void failures_can_be_repeated(std::string_view task) {
    end_if_to_do(task);
    if (!saw(task, Seen::random_steps)) {
        end_as(Kind::wrong,
               fmt::format("no test of {} calls for_all_steps(), which prints the seed of a run "
                           "that fails and makes it smaller; nobody can repeat a random failure "
                           "without",
                           task));
    }
}

}  // namespace suite
