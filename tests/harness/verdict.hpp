// What became of one test case, as the judge writes it down and the runner reads it.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace harness {

enum class Kind {
    done,              // every assertion held
    to_do,             // a todo() was reached: the code is not written yet
    wrong,             // an assertion failed
    crashed,           // a signal, an abort, a report of a sanitizer, an uncaught exception, exit()
    hung,              // the time limit passed
    out_of_memory,     // the memory limit passed
    does_not_compile,  // only the runner says this, of all cases of a judge
    not_run,           // listed, or the time for the whole run was used up before its turn
};

/// The word for a verdict: "done", "to do", "does not compile".
std::string_view word(Kind kind) noexcept;

/// One test case and what became of it. Places are "path:line", relative to the project's root.
struct Verdict {
    std::string suite;  // "2.1 allocate"
    std::string hint;   // the suite's description: where to read
    std::string name;   // "a block lies inside the buffer"
    Kind kind = Kind::not_run;
    std::string summary;      // one line: what is wrong; empty when done
    std::string story;        // lines below it: operations, pictures, values; may hold SGR colours
    std::string judge_place;  // the assertion, or the test case
    std::string learner_place;  // the line in the learner's code, where it is known
    long milliseconds = 0;

    /// The key of the task, "2.1": the first word of the suite.
    std::string_view task() const noexcept;
};

/// One line of text without its line end. Fields are separated by tabs; tab, line end and
/// backslash are written as \t, \n and \\.
std::string to_line(const Verdict& verdict);

/// The inverse of to_line; nullopt where the line is none of it.
std::optional<Verdict> from_line(std::string_view line);

/// What a judge tells besides its verdicts.
struct Remark {
    std::string task;   // "6.1"; empty: of all, to be shown above the verdicts
    std::string about;  // a name that tells it from others of the task
    std::string text;   // lines, each with its line end

    bool operator==(const Remark& other) const = default;
};

/// Of a part whose files are tests: how many of the planted bugs they catch.
struct Kills {
    std::size_t caught = 0;
    std::size_t bugs = 0;

    bool operator==(const Kills& other) const = default;
};

/// What a judge of tests tells of it, as a remark for programs.
Remark kills_remark(Kills kills);
/// The inverse; nothing where the remark is another one.
std::optional<Kills> kills_in(const Remark& remark);

/// As for verdicts; no line is both.
std::string to_line(const Remark& remark);
std::optional<Remark> remark_from_line(std::string_view line);

/// The line that ends a judge's report, so that a judge that vanished is told from one that is
/// through.
inline constexpr std::string_view end_of_verdicts = "end of verdicts";

}  // namespace harness
