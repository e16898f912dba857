// What `ninja` writes, cut into what each step of the build said.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "process.hpp"
#include "project.hpp"

namespace runner {

/// One finished step of the build: a compilation, a link.
struct BuildEdge {
    std::string description;  // "Linking target tests/learner_2_bump"
    bool failed = false;
    std::vector<std::string> outputs;  // only where it failed
    std::string text;                  // what the compiler wrote

    /// True when it belongs to this target: it compiles one of its objects, or links it.
    bool of(std::string_view target) const;
};

/// Takes the output piece by piece.
class BuildLog {
public:
    void add(std::string_view piece);
    /// Call it when there is no more to come.
    void finish();

    const std::vector<BuildEdge>& edges() const { return edges_; }
    /// Lines that belong to no step: ninja's own errors.
    const std::string& rest() const { return rest_; }

    bool failed(std::string_view target) const;
    /// What the compiler wrote about this target.
    std::string text_of(std::string_view target) const;

    /// Told of each target that was just linked. A link that failed is reported too: it is known
    /// only afterwards.
    std::function<void(std::string_view target)> on_link;

private:
    void add_line(std::string_view line);

    std::string pending_;
    std::vector<BuildEdge> edges_;
    std::string rest_;
    bool in_command_ = false;
};

/// `ninja -C build -k 0 TARGETS`, in English and without colour, whatever the user's settings. At
/// most `jobs` commands at a time; 0: ninja's own choice.
Command ninja_command(const Project& project, const std::vector<std::string>& targets,
                      unsigned jobs = 0);

/// Deletes the target's objects, so that it is compiled again even where ninja takes it to be up
/// to date.
void forget_objects(const Project& project, std::string_view target);

}  // namespace runner
