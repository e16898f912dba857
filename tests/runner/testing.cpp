#include "testing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "../harness/report.hpp"
#include "fingerprint.hpp"
#include "guide.hpp"
#include "interruption.hpp"
#include "terminal.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

Tree tree_of(const TestOptions& options) {
    if (options.solution) {
        return Tree::solution;
    }
    return options.from_solutions ? Tree::mixed : Tree::learner;
}

std::string warning_line(const Judgement& judgement) {
    const bool compiles = std::none_of(
        judgement.verdicts.begin(), judgement.verdicts.end(),
        [](const auto& verdict) { return verdict.kind == harness::Kind::does_not_compile; });
    if (!judgement.warning || !compiles) {
        return {};
    }
    return harness::wrapped(fmt::format("warning: {}: {}", judgement.warning->place->spoken(),
                                        judgement.warning->message),
                            0);
}

/// What a judge told besides its verdicts.
std::string told_of_all(const Judgement& judgement) {
    std::string text;
    for (const harness::Remark& remark : judgement.remarks) {
        text += remark.task.empty() ? remark.text + "\n" : "";
    }
    return text;
}

/// What is green is judged once more, under ThreadSanitizer. Where that is red, it becomes the
/// judgement; else what is to be said of it is returned.
std::string judge_threads(const Project& project, const TestOptions& options, const Part& part,
                          const std::string& task, Judgement& judgement) {
    show_progress("all tests pass; once more, under ThreadSanitizer ...");
    Judgement threads = judge_part(project, part, {tree_of(options), task, judgement.judged, true});
    if (threads.stopped || threads.verdicts.empty()) {
        return {};
    }
    if (harness::all_done(threads.verdicts)) {
        return "Under ThreadSanitizer, too.\n";
    }
    judgement = std::move(threads);
    return "Seen under ThreadSanitizer only: all of these tests pass without it.\n";
}

void judge_into(const Project& project, const TestOptions& options, const Part& part,
                const std::string& task, TestRun& run) {
    const bool first_time = !fs::exists(project.build / "tests/harness/libharness.a");
    show_progress("building and testing " + part.spoken() +
                  (first_time ? " (the first time: about a minute) ..." : " ..."));
    const auto tell = [](const auto& verdicts) { show_progress(standing(verdicts)); };
    run.last =
        judge_part(project, part, {.tree = tree_of(options), .task = task, .on_judged = tell});
    if (run.last.stopped) {
        run.code = usage;
        return;
    }
    std::string more;
    if (harness::all_done(run.last.verdicts) && !part.thread_judges.empty()) {
        more = judge_threads(project, options, part, task, run.last);
    }
    const harness::Guide guide =
        guide_for(project, part, tree_of(options), task, run.last.verdicts);
    const std::string report = harness::report(run.last.verdicts, guide, colour());
    run.first_line = report.substr(0, report.find('\n') + 1);
    run.text += (options.raw ? run.last.compiler_output : "") + told_of_all(run.last) + report +
                warning_line(run.last) + more;
    run.code = harness::all_done(run.last.verdicts) ? green : red;
}

/// All parts, up to the first that is not done.
TestRun test_in_order(const Project& project, const TestOptions& options) {
    TestRun run;
    for (const Part& part : project.parts) {
        TestRun one;
        judge_into(project, options, part, {}, one);
        const bool last = &part == &project.parts.back();
        if (one.code == green && !last) {
            one.text = one.first_line;  // what is next follows
        }
        run.text += one.text;
        run.code = one.code;
        run.last = std::move(one.last);
        if (run.code != green) {
            break;
        }
    }
    return run;
}

const Part* earlier_part_at(const Project& project, const Part& part, std::string_view place) {
    for (const Part* earlier : project.earlier(part)) {
        if (place.find("steps/" + earlier->folder + "/") == 0) {
            return earlier;
        }
    }
    return nullptr;
}

/// True where another run on the solutions' earlier steps may tell something new.
bool is_worth_a_try(const Project& project, const Judgement& judgement) {
    // Tests do not stand on the learner's earlier steps.
    if (judgement.stopped || project.earlier(*judgement.part).empty() ||
        project.is_suite(*judgement.part)) {
        return false;
    }
    using harness::Kind;
    const std::string own = "steps/" + judgement.part->folder + "/";
    return std::any_of(judgement.verdicts.begin(), judgement.verdicts.end(),
                       [&](const harness::Verdict& verdict) {
                           switch (verdict.kind) {
                               case Kind::wrong:
                               case Kind::crashed:
                               case Kind::hung:
                               case Kind::out_of_memory:
                                   return true;
                               // A place of his own in this step's file: then the earlier ones did
                               // compile.
                               case Kind::does_not_compile:
                                   return !verdict.summary.empty() && verdict.learner_place.empty();
                               default:
                                   return false;
                           }
                       });
}

bool passes(const std::vector<harness::Verdict>& verdicts, const harness::Verdict& failed) {
    return std::any_of(verdicts.begin(), verdicts.end(), [&](const harness::Verdict& verdict) {
        return verdict.suite == failed.suite && verdict.name == failed.name &&
               verdict.kind == harness::Kind::done;
    });
}

/// Which earlier step's own tests show the fault.
std::string where_it_shows(const Project& project, const Part& part) {
    const std::vector<const Part*> earlier = project.earlier(part);
    for (const Judgement& judgement :
         judge_parts(project, earlier, {Tree::learner, {}, std::nullopt})) {
        if (!judgement.stopped && !harness::all_done(judgement.verdicts)) {
            return fmt::format("The tests of {} show it: ./workshop test {}\n",
                               judgement.part->spoken(), judgement.part->label);
        }
    }
    return fmt::format("Its own tests do not show it; compare: ./workshop diff {}\n",
                       earlier.back()->label);
}

}  // namespace

std::string standing(const std::vector<harness::Verdict>& verdicts) {
    const auto passed = std::count_if(
        verdicts.begin(), verdicts.end(),
        [](const harness::Verdict& verdict) { return verdict.kind == harness::Kind::done; });
    const harness::Verdict* const first = harness::first_to_mend(verdicts);
    if (first == nullptr) {
        return fmt::format("so far all {} tests pass ...", passed);
    }
    return fmt::format("so far {} of {} tests pass; {}: {} ...", passed, verdicts.size(),
                       first->suite, first->summary);
}

TestRun test_once(const Project& project, const TestOptions& options) {
    if (options.step.empty()) {
        return test_in_order(project, options);
    }
    const Selection selection = project.select(options.step);
    TestRun run;
    judge_into(project, options, *selection.part, selection.task, run);
    return run;
}

std::string earlier_fault(const Project& project, const TestOptions& options, const TestRun& run) {
    if (options.solution || options.from_solutions || run.code != red) {
        return {};
    }
    const Judgement& own = run.last;
    const harness::Verdict* const shown = harness::first_to_mend(own.verdicts);
    if (shown != nullptr && shown->kind == harness::Kind::to_do) {
        const Part* const earlier = earlier_part_at(project, *own.part, shown->learner_place);
        return earlier == nullptr
                   ? std::string{}
                   : fmt::format(
                         "\nThat code belongs to {}, which {} stands on. Write it first "
                         "(./workshop test {}),\nor start here on the solutions: "
                         "./workshop test {} --from-solutions\n",
                         earlier->spoken(), own.part->spoken(), earlier->label, own.part->label);
    }
    if (shown == nullptr || !is_worth_a_try(project, own)) {
        return {};
    }
    show_progress("trying the same on the solutions' earlier steps ...");
    const std::string task{options.step.empty() ? std::string{}
                                                : project.select(options.step).task};
    const Judgement mixed =
        judge_part(project, *own.part, {Tree::mixed, task, own.judged, own.under_thread_sanitizer});
    if (mixed.stopped || !passes(mixed.verdicts, *shown)) {
        return {};
    }
    // A test with threads may pass by chance; then the steps under it have nothing to do with it.
    const Judgement again = judge_part(
        project, *own.part, {Tree::learner, task, own.judged, own.under_thread_sanitizer});
    if (again.stopped || passes(again.verdicts, *shown)) {
        return {};
    }
    const std::string verdict =
        harness::all_done(mixed.verdicts)
            ? fmt::format(
                  "Your {} is right: on the solutions' earlier steps all of it passes. The fault "
                  "is in an earlier step.",
                  own.part->spoken())
            : "On the solutions' earlier steps this test passes: the fault is in an earlier step.";
    return "\n" + harness::wrapped(verdict, 0) + where_it_shows(project, *own.part);
}

std::string remark_on(const Project& project, const TestOptions& options, const TestRun& run) {
    const std::string fault = earlier_fault(project, options, run);
    if (!fault.empty() || options.solution || run.code != red || run.last.part == nullptr ||
        run.last.under_thread_sanitizer || interrupted() != 0) {
        return fault;
    }
    const std::string guess = guess_at(project, *run.last.part, run.last.verdicts);
    return guess.empty() ? guess : "\n" + guess;
}

}  // namespace runner
