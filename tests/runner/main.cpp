// The command line of `workshop`. The only file that knows CLI11, which is slow to compile.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "interruption.hpp"
#include "problem.hpp"
#include "terminal.hpp"

namespace runner {
namespace {

constexpr const char* overview =
    R"(./workshop                       the map: each step's tasks, done or not, and what is next
./workshop test [STEP]           build and judge; STEP is 4, 4.2, 4_free_list or pool
./workshop watch [STEP]          the same at every save
./workshop hint [TASK]           one more hint each time, the solution's idea last
./workshop diff STEP             your file beside the solution; a task (4.2) shows only its part
./workshop reset STEP            the starter again; your file is kept aside first
./workshop demo STEP [-- ARGS]   see the allocator in action
./workshop bench [STEP]          measured beside the solution and what one would use instead
./workshop run -- PROGRAM ARGS   a real program on your malloc
./workshop record -o FILE -- PROGRAM ARGS   what it asks of malloc, as a trace for bench
./workshop grade [DIR...]        a report; over folders of clones, one for the class
./workshop selftest [--full]     the project's own tests

`./workshop COMMAND --help` tells more. Exit code: 0 green, 1 red, 2 nothing could be judged.
)";

constexpr const char* step_help = "4, 4.2, 4_free_list or pool";

/// Understands the words and calls the command.
class CommandLine {
public:
    CommandLine() {
        app_.name("./workshop");
        app_.require_subcommand(0, 1);
        app_.set_help_flag("-h,--help", "Show this text");
        app_.failure_message(CLI::FailureMessage::simple);
        add_judging();
        add_learning();
        add_later();
    }

    int run(int count, char** words) {
        if (count >= 2 && is_unknown_command(words[1])) {
            return usage;
        }
        try {
            app_.parse(count, words);
        } catch (const CLI::CallForHelp&) {
            const CLI::App* const command = chosen();
            print(command == &app_ ? overview : command->help("./workshop"));
            return green;
        } catch (const CLI::ParseError& error) {
            return explain(error);
        }
        return action_ ? action_() : show_map(find_project());
    }

private:
    /// A command that takes its options from `fill` and then does `action`.
    CLI::App& add(const char* name, const char* description, std::function<int()> action) {
        CLI::App& command = *app_.add_subcommand(name, description);
        command.callback([this, action = std::move(action)] {
            for (const TestOptions& options : {test_, watch_}) {
                if (options.solution && options.from_solutions) {
                    throw CLI::ExcludesError("--solution", "--from-solutions");
                }
                if (options.bug && (options.solution || options.from_solutions)) {
                    throw CLI::ExcludesError("--bug",
                                             options.solution ? "--solution" : "--from-solutions");
                }
            }
            action_ = action;
        });
        return command;
    }

    void add_judging() {
        for (const bool watching : {false, true}) {
            TestOptions& options = watching ? watch_ : test_;
            CLI::App& command =
                add(watching ? "watch" : "test",
                    watching ? "Build and judge at every save; Ctrl-C ends it" : "Build and judge",
                    [&options, watching] {
                        return watching ? watch(find_project(), options)
                                        : test(find_project(), options);
                    });
            command.add_option("STEP", options.step,
                               std::string{step_help} + "; none: up to the first that is not done");
            command.add_flag("--solution", options.solution, "The solution instead of yours");
            command.add_flag("--from-solutions", options.from_solutions,
                             "Your step on the solutions' earlier steps");
            command.add_flag("--raw", options.raw, "All that the compiler wrote");
            if (!watching) {
                add_practice(command);
            }
        }
        CLI::App& judging = add("judge", "Run judge programs", [this] { return judge(judge_); });
        judging.group("");  // hidden: `meson test` calls it
        judging.add_option("PROGRAM", judge_.programs, "Judges")->required();
        judging.add_flag("--verdicts", judge_.verdicts, "Print the verdicts' lines");
        CLI::App& own = add("selftest", "The project's own tests",
                            [this] { return selftest(find_project(), selftest_); });
        own.add_flag("--full", selftest_.full, "The long ones, too");
    }

    void add_practice(CLI::App& command) {
        CLI::Option* const bug =
            command
                .add_option_function<std::vector<std::string>>(
                    "--bug",
                    [this](const std::vector<std::string>& words) {
                        test_.bug = words.empty() ? std::string{} : words.front();
                    },
                    "A planted bug instead of your step, to practise: a number, a name, `random`; "
                    "none: which there are")
                ->type_name("WHICH")
                ->expected(0, 1);
        command.add_flag("--list", test_.list, "With --bug: the names and symptoms")->needs(bug);
        command.add_flag("--reveal", test_.reveal, "With --bug: what the bug is")->needs(bug);
    }

    void add_learning() {
        CLI::App& hints = add("hint", "One more hint each time, the solution's idea last",
                              [this] { return hint(find_project(), hint_); });
        hints.add_option("TASK", hint_.task, "4.2; none: the next task");
        hints.add_flag("--all", hint_.all, "All hints of the task");
        hints.add_flag("--again", hint_.again, "Those that were shown, no new one");

        CLI::App& differences = add("diff", "Your file beside the solution",
                                    [this] { return diff(find_project(), diff_); });
        differences.add_option("STEP", diff_, step_help)->required();

        CLI::App& starter = add("reset", "The starter again; your file is kept aside first",
                                [this] { return reset(find_project(), reset_); });
        starter.add_option("STEP", reset_.step, "4, 4_free_list or pool")->required();
        starter.add_flag("-y,--yes", reset_.yes, "Do not ask");

        CLI::App& showing = add("demo", "See the allocator in action",
                                [this] { return demo(find_project(), demo_); });
        showing.add_option("STEP", demo_.step, "4, 4_free_list or pool")->required();
        showing.add_flag("--solution", demo_.solution, "The solution instead of yours");
        showing.add_option("ARGS", demo_.arguments, "Behind --: for the demo");
    }

    void add_later() {
        CLI::App& measuring = add("bench", "Measured beside the solution",
                                  [this] { return bench(find_project(), bench_); });
        measuring.add_option("STEP", bench_.step, "4, 4_free_list or pool");
        measuring.add_flag("--solution", bench_.solution, "The solution only");
        measuring
            .add_option("--rounds", bench_.rounds, "How often each is measured; 5 if not said")
            ->check(CLI::Range(1, 1000));
        measuring.add_option("--trace", bench_.traces, "Replay these files instead of our traces");

        CLI::App& program = add("run", "A real program on your malloc",
                                [this] { return runner::run(find_project(), run_); });
        program.add_option("PROGRAM", run_.command, "Behind --: the program and its arguments")
            ->required();
        program.add_flag("--solution", run_.solution, "On the solution's malloc");
        program
            .add_option("--allocator", run_.allocator,
                        "locked, or tracked: with the report of step 3 at the end")
            ->check(CLI::IsMember({"locked", "tracked"}));
        program.add_option("--report", run_.report,
                           "The file for the report; standard error if not said");

        CLI::App& recording = add("record", "What a program asks of malloc, as a trace for bench",
                                  [this] { return record(find_project(), record_); });
        recording
            .add_option("PROGRAM", record_.command, "Behind --: the program and its arguments")
            ->required();
        recording
            .add_option("-o", record_.output,
                        "The file for the trace; compressed when its name ends with .gz")
            ->required();
        recording.add_option("--program", record_.program,
                             "Record the first process of this name; the started one if not said");
        recording.add_option("--first", record_.first,
                             "End the trace after so many operations; all if not said");

        CLI::App& grading = add("grade", "A report; over folders of clones, one for the class",
                                [this] { return grade(find_project(), grade_); });
        grading.add_option("DIR", grade_.folders, "Clones, or folders of clones");
        grading.add_flag("--json", grade_.json, "As JSON, with every test case");
        grading.add_flag("--csv", grade_.csv, "The class as CSV, for spreadsheets");
        grading.add_option("--junit", grade_.junit, "Also write FILE, JUnit's XML; without DIR")
            ->type_name("FILE");
        grading.add_flag("--verdicts", grade_.verdicts)->group("");  // hidden: for ourselves
        grading.add_option("--jobs", grade_.jobs)->group("");
    }

    const CLI::App* chosen() const {
        const std::vector<CLI::App*> commands = app_.get_subcommands();
        return commands.empty() ? &app_ : commands.front();
    }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
            if (!command->get_group().empty()) {
                names.push_back(command->get_name());
            }
        }
        return names;
    }

    bool is_unknown_command(const std::string& word) const {
        const std::vector<std::string> known = names();
        if (word.empty() || word.front() == '-' || word == "judge" ||
            std::find(known.begin(), known.end(), word) != known.end()) {
            return false;
        }
        std::string all;
        for (const std::string& name : known) {
            all += (all.empty() ? "" : ", ") + name;
        }
        print_error(harness::wrapped(
            "There is no command `" + word + "`; expected one of " + all + ".", 0));
        return true;
    }

    int explain(const CLI::ParseError& error) const {
        const CLI::App& command = *chosen();
        const std::string what = error.what();
        print_error(harness::wrapped(what + (what.empty() || what.back() == '.' ? "" : "."), 0));
        print_error(&command == &app_ ? std::string{overview} : command.help("./workshop"));
        return usage;
    }

    CLI::App app_;
    std::function<int()> action_;
    TestOptions test_;
    TestOptions watch_;
    JudgeOptions judge_;
    SelftestOptions selftest_;
    HintOptions hint_;
    std::string diff_;
    ResetOptions reset_;
    DemoOptions demo_;
    BenchOptions bench_;
    RunOptions run_;
    RecordOptions record_;
    GradeOptions grade_;
};

}  // namespace
}  // namespace runner

int main(int count, char** words) {
    runner::watch_for_interruption();
    try {
        return runner::CommandLine{}.run(count, words);
    } catch (const runner::Problem& problem) {
        runner::print_error(std::string{problem.what()} + "\n");
    } catch (const std::exception& error) {
        runner::print_error(std::string{"Something unexpected went wrong: "} + error.what() + "\n");
    }
    return runner::usage;
}
