// `workshop bench [STEP]`: what a step's code costs, the learner's beside the solution's. The cases
// of Google Benchmark (tests/bench) and the traces (tests/traces) are programs of each tree; they
// take turns, round by round, so that what disturbs the machine disturbs all of them alike.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <system_error>

#include "../bench/cases.hpp"
#include "../harness/report.hpp"
#include "../traces/results.hpp"
#include "bench_record.hpp"
#include "commands.hpp"
#include "interruption.hpp"
#include "judging.hpp"
#include "malloc_libraries.hpp"
#include "pace.hpp"
#include "problem.hpp"
#include "process.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

constexpr std::chrono::seconds limit_of_a_case{60};
constexpr std::chrono::minutes limit_of_a_replay{10};
constexpr int exit_code_to_do = 3;  // of tests/bench/main.cpp

constexpr std::string_view benchmark_is_missing =
    "Google Benchmark is missing (libbenchmark-dev), so this part is off: `./workshop --yes` "
    "installs it.";

bool has_source(const Project& project, std::string_view folder, const Part& part) {
    std::error_code error;
    return std::filesystem::exists(project.root / "tests" / folder / (part.folder + ".cpp"), error);
}

/// "tests/learner_bench_2_bump"; `kind` is "bench" or "replay".
std::string measuring_target(std::string_view kind, const Part& part, Tree tree) {
    std::string name = part.folder;
    std::replace(name.begin(), name.end(), '/', '_');
    return fmt::format("tests/{}_{}_{}", tree == Tree::solution ? "solution" : "learner", kind,
                       name);
}

std::string listed_tasks(const std::vector<std::string>& keys) {
    std::string text;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const char* const between = i == 0 ? "" : i + 1 == keys.size() ? " and " : ", ";
        text += between + keys[i];
    }
    return text;
}

/// What the learner has to know of his own code before he sees it measured, or does not see it.
struct OwnState {
    bool measurable = true;
    std::string sentence;  // nothing where all is done
};

OwnState own_state(const Part& part, const Judgement& judgement) {
    const std::string more = fmt::format("`./workshop test {}` tells more.", part.label);
    std::vector<std::string> open;
    std::size_t done = 0;
    for (const harness::Verdict& verdict : judgement.verdicts) {
        const std::string key{verdict.task()};
        if (verdict.kind == harness::Kind::done) {
            ++done;
        } else if (std::find(open.begin(), open.end(), key) == open.end()) {
            open.push_back(key);
        }
    }
    const harness::Verdict* const first = harness::first_to_mend(judgement.verdicts);
    if (first == nullptr) {
        return {};
    }
    if (first->kind == harness::Kind::does_not_compile) {
        const std::string place =
            first->learner_place.empty() ? std::string{} : first->learner_place + ": ";
        return {false, fmt::format("Your {} does not compile, so only the solution is measured. "
                                   "{}{}. {}",
                                   part.spoken(), place, first->summary, more)};
    }
    if (done == 0) {
        return {false, fmt::format("Nothing of your {} is done yet, so only the solution is "
                                   "measured. {}",
                                   part.spoken(), more)};
    }
    return {true, fmt::format("Your {} is not done: {}. It is measured as it is. {}", part.spoken(),
                              listed_tasks(open), more)};
}

/// What became of the programs that measure.
enum class Built {
    yes,
    no,     // interrupted
    never,  // the build folder does not know them: something is not installed
};

/// Why a measuring program brought nothing back.
struct Failed {
    std::string what;  // "to do", "crashed"
    std::string reason;
};

Failed failure_of(const Outcome& outcome) {
    if (outcome.timed_out) {
        return {"hung", "no end"};
    }
    if (outcome.exit_code == exit_code_to_do) {
        for (const std::string_view line : lines_of(outcome.output)) {
            const std::size_t place = line.rfind("steps/");
            if (line.substr(0, 6) == "todo()") {
                return {"to do",
                        "todo() in " + std::string{line.substr(place == line.npos ? 10 : place)}};
            }
        }
    }
    return {"crashed", outcome.ending()};
}

/// A pattern that matches this name and no other.
std::string only_case(std::string_view name) {
    std::string pattern = "^";
    for (const char letter : name) {
        if (std::string_view{".[]{}()\\*+?^$|"}.find(letter) != std::string_view::npos) {
            pattern += '\\';
        }
        pattern += letter;
    }
    return pattern + "$";
}

constexpr const char* page_target = "tests/bench_page";

/// One part, measured.
class Measuring {
public:
    Measuring(const Project& project, const Part& part, const BenchOptions& options)
        : project_{project}, part_{part}, options_{options} {}

    int run() {
        if (!options_.solution) {
            look_at_learner();
        }
        print(part_.title() + "\n\n");
        tell_note();
        record_.begin(part_, options_);
        if (!note_.empty()) {
            record_.add("about", "note", note_);
        }
        build_all();
        try {
            if (cases_ == Built::yes && !stopped_) {
                measure_cases();
            }
            if (replays_ == Built::yes && !stopped_) {
                measure_traces();
            }
        } catch (const Problem&) {
            write_page();  // what was measured until then
            throw;
        }
        const bool measured = record_.has_measured();
        write_page();
        return stopped_ || !measured ? usage : learner_ || options_.solution ? green : red;
    }

private:
    void look_at_learner() {
        show_progress("testing your " + part_.spoken() + " ...");
        const Judgement judgement = judge_part(project_, part_, {Tree::learner, {}, std::nullopt});
        const OwnState state = own_state(part_, judgement);
        learner_ = state.measurable && !judgement.stopped;
        stopped_ = judgement.stopped;
        note_ = state.sentence;
    }

    void tell_note() const {
        if (!note_.empty()) {
            print(harness::wrapped(note_, 0) + "\n");
        }
    }

    /// All that will be needed, so that nothing that was measured waits for a compiler.
    void build_all() {
        if (options_.traces.empty() && has_source(project_, "bench", part_)) {
            cases_ = build("bench");
            if (cases_ == Built::never) {
                print(harness::wrapped(benchmark_is_missing, 0) + "\n");
            }
        }
        if (has_source(project_, "traces", part_) && !stopped_) {
            replays_ = build("replay");
        }
        if (replays_ == Built::never) {
            throw Problem{
                fmt::format("The build folder knows no {}; set it up again with "
                            "`./workshop --yes`.",
                            measuring_target("replay", part_, Tree::solution))};
        }
        if (cases_ == Built::yes || replays_ == Built::yes) {
            build_page();
        }
    }

    void build_page() {
        const auto failure = build_targets(project_, {page_target});
        stopped_ = stopped_ || interrupted() != 0;
        if (failure && !stopped_) {
            throw Problem{
                fmt::format("What writes the page does not build; ninja says:\n{}", *failure)};
        }
    }

    /// What was measured as a file, and a page and a picture made of it. An interruption ends the
    /// measuring; only a second one ends this.
    void write_page() {
        if (!record_.has_measured()) {
            return;
        }
        if (stopped_) {
            constexpr const char* sentence = "Interrupted: this is what was measured until then.";
            print(std::string{sentence} + "\n");
            record_.add("about", "note", sentence);
            forget_interruption();
        }
        show_progress("writing the page ...");
        std::filesystem::create_directories(folder());
        const std::filesystem::path file = folder() / (file_name() + ".tsv");
        write_file(file, record_.text());
        Command command;
        command.arguments = {(project_.build / page_target).string(), file.string()};
        const Outcome outcome = run_program(std::move(command));
        if (!outcome.success() && !outcome.stopped) {
            throw Problem{
                fmt::format("The page could not be written: {}", trimmed(outcome.output))};
        }
        print(outcome.output);
    }

    std::filesystem::path folder() const { return project_.build / "bench"; }

    /// "4_free_list", "extensions_pool".
    std::string file_name() const {
        std::string name = part_.folder;
        std::replace(name.begin(), name.end(), '/', '_');
        return name;
    }

    std::vector<Tree> trees() const {
        return learner_ ? std::vector{Tree::solution, Tree::learner} : std::vector{Tree::solution};
    }

    std::string heading(Tree tree) const {
        if (!learner_) {
            return {};
        }
        return tree == Tree::solution ? "solution" : "yours";
    }

    /// Where the learner's program does not compile, it is left out from here on.
    Built build(std::string_view kind) {
        show_progress(fmt::format("building what measures {} ...", part_.spoken()));
        for (const Tree tree : trees()) {
            const auto failure = build_targets(project_, {measuring_target(kind, part_, tree)});
            if (!failure) {
                continue;
            }
            if (interrupted() != 0) {
                stopped_ = true;
                return Built::no;
            }
            if (failure->find("unknown target") != failure->npos) {
                return Built::never;
            }
            if (tree == Tree::solution) {
                throw Problem{fmt::format("What measures {} does not build; ninja says:\n{}",
                                          part_.spoken(), *failure)};
            }
            learner_ = false;
            note_ = fmt::format(
                "Your {} does not compile where it is measured, so only the solution is. "
                "`./workshop test {}` tells more.",
                part_.spoken(), part_.label);
            tell_note();
        }
        return Built::yes;
    }

    Outcome start(std::string_view kind, Tree tree, std::vector<std::string> arguments,
                  std::chrono::milliseconds limit, const MallocLibrary* library = nullptr) {
        Command command;
        if (library != nullptr) {
            command.environment = {{"LD_PRELOAD", library->file}};
        }
        command.arguments = std::move(arguments);
        command.arguments.insert(command.arguments.begin(),
                                 (project_.build / measuring_target(kind, part_, tree)).string());
        command.limit = limit;
        command.on_output = on_output_;
        Outcome outcome = run_program(std::move(command));
        stopped_ = stopped_ || outcome.stopped;
        return outcome;
    }

    // --- Google Benchmark ---

    void measure_cases() {
        const std::vector<ListedCase> cases = list_cases();
        std::vector<std::string> names;
        for (const ListedCase& listed : cases) {
            names.push_back(listed.shown);
            record_.add("name", listed.shown);
        }
        std::vector<bench::CaseColumn> columns;
        for (const Tree tree : trees()) {
            record_.add("tree", columns.size(), heading(tree));
            columns.push_back({heading(tree), {}});
        }
        Pace pace{options_.rounds * cases.size()};
        for (unsigned round = 1; round <= options_.rounds && !stopped_; ++round) {
            for (const ListedCase& listed : cases) {
                const bench::CaseName parts = bench::parts_of(listed.shown);
                show_progress(fmt::format("round {} of {}, {}: {} {} ...", round, options_.rounds,
                                          pace.left(), parts.workload, parts.contender));
                // Another malloc is the same whatever the tree.
                const std::size_t count = listed.library == nullptr ? columns.size() : 1;
                for (std::size_t i = 0; i < count && !stopped_; ++i) {
                    measure_case(i, listed, columns[i].cases[listed.shown]);
                }
                pace.advance();
            }
        }
        if (!columns.front().cases.empty()) {
            print(bench::render(names, columns) + "\n");
        }
    }

    /// A case as the program knows it, and as it is shown: with another malloc under it, it has
    /// another name.
    struct ListedCase {
        std::string name;
        std::string shown;
        const MallocLibrary* library = nullptr;
    };

    std::vector<ListedCase> list_cases() {
        const Outcome listing =
            start("bench", Tree::solution, {"--benchmark_list_tests=true"}, limit_of_a_case);
        std::vector<std::string> names;
        for (const std::string_view line : lines_of(listing.output)) {
            if (!trimmed(line).empty()) {
                names.emplace_back(trimmed(line));
            }
        }
        std::vector<ListedCase> cases;
        for (const std::string& name : bench::in_order(names)) {
            add_listed(name, cases);
        }
        if (!listing.stopped && (!listing.success() || cases.empty())) {
            throw Problem{fmt::format("What measures {} lists no cases: {}.", part_.spoken(),
                                      listing.ending())};
        }
        return cases;
    }

    void add_listed(const std::string& name, std::vector<ListedCase>& cases) {
        cases.push_back({name, name, nullptr});
        if (bench::parts_of(name).contender != malloc_name) {
            return;
        }
        find_libraries();
        for (const MallocLibrary& library : libraries_) {
            std::string shown = name;
            shown.replace(shown.rfind(malloc_name), malloc_name.size(), library.name);
            cases.push_back({name, std::move(shown), &library});
        }
    }

    /// Looks for them once, and says which are not there.
    void find_libraries() {
        if (!searched_) {
            searched_ = true;
            libraries_ = installed_malloc_libraries();
            const std::string sentence = sentence_on_missing(libraries_);
            if (!sentence.empty() && !stopped_) {
                print(harness::wrapped(sentence, 0) + "\n");
                record_.add("about", "note", sentence);
            }
        }
    }

    void measure_case(std::size_t column, const ListedCase& listed, bench::Case& known) {
        if (!known.failure.empty()) {
            return;
        }
        const Outcome outcome = start("bench", trees()[column],
                                      {"--benchmark_filter=" + only_case(listed.name),
                                       "--benchmark_format=csv", "--benchmark_min_time=0.05"},
                                      limit_of_a_case, listed.library);
        const std::vector<bench::Measured> measured = bench::parse_csv(outcome.output);
        if (outcome.stopped) {
            return;
        }
        if (!outcome.success() || measured.size() != 1) {
            const Failed failed = failure_of(outcome);
            known.failure = failed.what;
            known.reason = failed.reason;
        } else if (!measured.front().error.empty()) {
            known.failure = "wrong";
            known.reason = measured.front().error;
        } else {
            known.add(measured.front());
            std::string counters;
            for (const auto& [name, value] : measured.front().counters) {
                counters += fmt::format("\t{}\t{}", name, value);
            }
            record_.add_measured("case", column, listed.shown,
                                 fmt::format("{}{}", measured.front().nanoseconds, counters));
            return;
        }
        record_.add("failed-case", column, listed.shown, known.failure, known.reason);
    }

    // --- Traces ---

    void measure_traces() {
        const std::vector<Tree> all = trees();
        for (std::size_t i = 0; i < all.size(); ++i) {
            record_.add("tree", i, heading(all[i]));
        }
        std::vector<traces::Results> results(all.size());
        find_libraries();
        Pace pace{options_.rounds * (all.size() + libraries_.size())};
        for (unsigned round = 1; round <= options_.rounds && !stopped_; ++round) {
            const std::string where = fmt::format("traces, round {} of {}", round, options_.rounds);
            for (std::size_t i = 0; i < all.size() && !stopped_; ++i) {
                replay(i, round, results[i], where + ", " + pace.left());
                pace.advance();
            }
            for (std::size_t i = 0; i < libraries_.size() && !stopped_; ++i) {
                replay_on_other_malloc(libraries_[i], round, results.front(),
                                       where + ", " + pace.left());
                pace.advance();
            }
            if (round == 1) {
                // It measured the buffers, too, which takes its time and is not repeated.
                pace = Pace{(options_.rounds - 1) * (all.size() + libraries_.size())};
            }
        }
        std::vector<traces::Column> columns;
        for (std::size_t i = 0; i < all.size(); ++i) {
            columns.push_back({heading(all[i]), &results[i]});
        }
        if (!results.front().traces().empty()) {
            print(traces::render(columns) + "\n");
        }
    }

    void replay(std::size_t column, unsigned round, traces::Results& results,
                const std::string& where) {
        const Tree tree = trees()[column];
        std::vector<std::string> arguments{"--rows", "--rounds", "1"};
        if (round > 1) {
            arguments.emplace_back("--times-only");
        } else {
            const std::string heap = file_name() + (column == 0 ? ".solution.heap" : ".yours.heap");
            std::filesystem::create_directories(folder());
            arguments.insert(arguments.end(), {"--heap", (folder() / heap).string()});
            record_.add("heap", column, heap);
        }
        for (const traces::TraceResults& trace : results.traces()) {
            for (const auto& [contender, outcome] : trace.outcomes) {
                if (!outcome.failure.empty()) {
                    arguments.insert(arguments.end(), {"--without", trace.name + ":" + contender});
                }
            }
        }
        take_replay(column, std::move(arguments), nullptr, results,
                    where + (tree == Tree::solution ? ", solution" : ", yours"));
    }

    void replay_on_other_malloc(const MallocLibrary& library, unsigned round,
                                traces::Results& results, const std::string& where) {
        std::vector<std::string> arguments{"--rows", "--rounds", "1", "--only-malloc",
                                           library.name};
        if (round > 1) {
            arguments.emplace_back("--times-only");
        }
        take_replay(0, std::move(arguments), &library, results, where);
    }

    /// Runs a replay program, and takes its lines as they come.
    void take_replay(std::size_t column, std::vector<std::string> arguments,
                     const MallocLibrary* library, traces::Results& results,
                     const std::string& where) {
        arguments.insert(arguments.end(), options_.traces.begin(), options_.traces.end());
        std::string pending;
        on_output_ = [&](std::string_view piece) {
            pending += piece;
            for (std::size_t end = pending.find('\n'); end != pending.npos;
                 end = pending.find('\n')) {
                take_line(column, pending.substr(0, end), results, where);
                pending.erase(0, end + 1);
            }
        };
        show_progress(where + " ...");
        const Outcome outcome =
            start("replay", trees()[column], std::move(arguments), limit_of_a_replay, library);
        on_output_ = nullptr;
        if (outcome.exit_code == usage) {
            throw Problem{std::string{trimmed(outcome.output)}};
        }
        if (!outcome.success() && !outcome.stopped) {
            throw Problem{fmt::format("The replay of {} ended early: {}.", part_.spoken(),
                                      failure_of(outcome).reason)};
        }
    }

    void take_line(std::size_t column, const std::string& line, traces::Results& results,
                   const std::string& where) {
        if (results.add(line)) {
            record_.add_measured("replay", column, line);
            const std::size_t name = line.find('\t') + 1;
            show_progress(
                fmt::format("{}: {} ...", where, line.substr(name, line.find('\t', name) - name)));
        }
    }

    const Project& project_;
    const Part& part_;
    const BenchOptions& options_;
    bool learner_ = false;
    bool stopped_ = false;
    std::string note_;
    Built cases_ = Built::no;
    Built replays_ = Built::no;
    BenchRecord record_;
    std::vector<MallocLibrary> libraries_;
    bool searched_ = false;
    std::function<void(std::string_view)> on_output_;  // of what start() starts
};

}  // namespace

int bench(const Project& project, const BenchOptions& options) {
    std::vector<const Part*> parts;
    for (const Part& part : project.parts) {
        if (has_source(project, "bench", part) || has_source(project, "traces", part)) {
            parts.push_back(&part);
        }
    }
    if (!options.step.empty()) {
        const Part* const wanted = project.select(options.step).part;
        if (std::find(parts.begin(), parts.end(), wanted) == parts.end()) {
            throw Problem{fmt::format("There is nothing to measure in {}.", wanted->spoken())};
        }
        parts = {wanted};
    }
    if (!options.traces.empty() &&
        (parts.size() != 1 || !has_source(project, "traces", *parts.front()))) {
        throw Problem{
            "Expected a step that replays traces with --trace: `./workshop bench 4 "
            "--trace FILE`."};
    }
    int code = green;
    for (const Part* part : parts) {
        if (interrupted() == 0) {
            code = std::max(code, Measuring{project, *part, options}.run());
        }
    }
    return code;
}

}  // namespace runner
