// Notes what is measured, in the lines that tests/bench/findings.hpp describes.

#pragma once

#include <fmt/format.h>

#include <string>

#include "commands.hpp"
#include "project.hpp"

namespace runner {

class BenchRecord {
public:
    /// What is measured, by which command, when, on what, and compiled with what.
    void begin(const Part& part, const BenchOptions& options);

    /// A line of these words.
    template <class... Words>
    void add(const Words&... words) {
        std::string line;
        ((line += (line.empty() ? "" : "\t") + fmt::format("{}", words)), ...);
        add_line(std::move(line));
    }

    /// The same, for something that was measured.
    template <class... Words>
    void add_measured(const Words&... words) {
        measured_ = true;
        add(words...);
    }

    bool has_measured() const { return measured_; }
    const std::string& text() const { return text_; }

private:
    void add_line(std::string line);

    bool measured_ = false;
    std::string text_ = "workshop-bench 1\n";
};

}  // namespace runner
