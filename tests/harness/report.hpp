// The verdicts of a judge, as a text for people: what is done, and the one thing to look at next.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verdict.hpp"

namespace harness {

/// What the runner knows beyond the verdicts. What is empty is left out of the report.
struct Guide {
    std::string title;                                       // "Step 2: bump"
    std::map<std::string, std::string, std::less<>> places;  // task -> where to type, "path:line"
    std::string again;      // the command to run again, without the task: "./workshop test"
    std::string hint;       // the command for a hint, without the task: "./workshop hint"
    std::string done;       // said when everything is: "Step 2 is done"
    std::string next;       // lines that follow when everything is done
    bool one_task = false;  // only this task's cases were asked for
};

/// The report, each line with its line end. At most 80 columns where we choose the words.
std::string report(const std::vector<Verdict>& verdicts, const Guide& guide, bool colour);

bool all_done(const std::vector<Verdict>& verdicts) noexcept;

/// The case that the report shows in full: what does not compile before what fails before what is
/// not written yet; nullptr when all are done.
const Verdict* first_to_mend(const std::vector<Verdict>& verdicts) noexcept;

/// True when this file descriptor is a terminal that wants colour: NO_COLOR and TERM=dumb say no.
bool wants_colour(int file_descriptor) noexcept;

/// `text` without its SGR sequences.
std::string without_colour(std::string_view text);

enum class Colour { red, green, yellow, bold, faint };

/// `text` in a colour, or as it is where `on` is false.
std::string paint(Colour colour, std::string_view text, bool on);

/// `text` broken at blanks so that each line fits in `width` columns, each with `indent` blanks
/// before it. A word that is too long gets a line of its own.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace harness
