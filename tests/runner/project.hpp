// Where the workshop lies, and the parts it has.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// A step or an extension, as build/parts.txt lists it.
struct Part {
    std::string folder;               // "2_bump", "extensions/pool", under steps/ and solutions/
    std::string label;                // what is typed: "2", "pool"
    std::vector<std::string> judges;  // "2_bump": tests/2_bump.cpp
    std::vector<std::string> thread_judges;  // those that also run under ThreadSanitizer
    /// Of a judge that is compiled once, what stands between it and the learner's code and is
    /// compiled at every save: "bins", tests/bridges/bins.cpp.
    std::map<std::string, std::vector<std::string>, std::less<>> bridges;

    const std::vector<std::string>& bridges_of(std::string_view judge) const;

    /// "2_bump", "pool".
    std::string_view name() const;
    /// "bump", "free list", "pool".
    std::string topic() const;
    /// "step 2", "extension pool".
    std::string spoken() const;
    /// "Step 2: bump".
    std::string title() const;
    bool numbered() const;
};

/// What STEP on the command line names.
struct Selection {
    const Part* part = nullptr;
    std::string task;  // "2.1"; empty: the whole part
};

/// The learner's tree, the learner's step on the solutions' earlier ones, or the solutions.
enum class Tree { learner, mixed, solution };

struct Project {
    std::filesystem::path root;
    std::filesystem::path build;
    std::vector<Part> parts;

    /// Understands "4", "4.2", "4_free_list", "free_list" and "pool". Throws Problem.
    Selection select(std::string_view text) const;
    /// As select; Problem where no task is named.
    Selection select_task(std::string_view text) const;

    /// The numbered parts before this one: those it stands on.
    std::vector<const Part*> earlier(const Part& part) const;
    const Part* after(const Part& part) const;

    /// "steps" or "solutions".
    static std::string_view folder_of(Tree tree);
    /// Relative to the root: "steps/2_bump/bump.hpp" and so on. All files the learner edits: those
    /// that the solution has, too.
    std::vector<std::string> files_of(const Part& part, Tree tree) const;
    /// True where the learner writes tests: a program's files, and no headers.
    bool is_suite(const Part& part) const;
    /// Relative to the root: "tests/2_bump.cpp".
    static std::string judge_source(const std::string& judge);
    /// Relative to build: "tests/learner_2_bump".
    static std::string judge_target(const std::string& judge, Tree tree);
    /// The same judge, built for ThreadSanitizer.
    static std::string thread_judge_target(const std::string& judge, Tree tree);
    /// "tests/bridges/bins.cpp", and relative to build: "tests/liblearner_bridge_bins.a".
    static std::string bridge_source(const std::string& bridge);
    static std::string bridge_target(const std::string& bridge, Tree tree);
    static std::string demo_target(const Part& part, Tree tree);
};

std::vector<Part> parse_parts(std::string_view text);

/// From WORKSHOP_ROOT and WORKSHOP_BUILD, which the launcher sets; else the nearest folder upwards
/// that has meson.build and steps/, and its build/. Throws Problem.
Project find_project();

}  // namespace runner
