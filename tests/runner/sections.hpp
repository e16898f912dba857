// A header cut at its contracts: which lines of the starter, the learner's file and the solution
// belong together.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// From the first `///` line of a contract, or from `private:` and the like, to the line before the
/// next of them; the lines before the first make a section of their own, with an empty key.
struct Section {
    std::string
        key;  // the contract's text, or "private:"; "#2" behind it the second time, and so on
    int first_line = 1;
    int last_line = 0;
    std::string text;  // with line ends
};

std::vector<Section> sections_of(std::string_view header);

/// The name of the function that the contract is about, "allocate"; empty where it is about none.
std::string function_of(const Section& section);

/// The line in which a comment says "TODO 2.1", or nullopt.
std::optional<int> todo_line(std::string_view text, std::string_view task);

/// Calls of todo() in a text, comments left out.
int count_todo_calls(std::string_view text);

/// Which tasks "TODO 2.1" comments of a section name, each once.
std::vector<std::string> tasks_in(std::string_view text);

/// The sections of `text` whose contract stands above "TODO `task`" in the starter.
std::vector<Section> sections_of_task(std::string_view text, std::string_view starter,
                                      std::string_view task);

/// The task whose section in the starter has the same contract as the section of `text` that
/// holds `line`, the first where it has several; empty where there is none.
std::string task_at(std::string_view text, std::string_view starter, int line);

}  // namespace runner
