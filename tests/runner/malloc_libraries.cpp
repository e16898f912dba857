#include "malloc_libraries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "process.hpp"

namespace runner {
namespace {

const std::vector<MallocLibrary>& known() {
    static const std::vector<MallocLibrary> all{
        {"jemalloc", "libjemalloc.so.2", "libjemalloc2"},
        {"mimalloc", "libmimalloc.so.2", "libmimalloc2.0"},
        {"tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"},
    };
    return all;
}

/// A loader that does not find it says so, and goes on or gives up.
bool is_installed(const MallocLibrary& library) {
    Command command;
    command.arguments = {"true"};
    command.environment = {{"LD_PRELOAD", library.file}};
    const Outcome outcome = run_program(std::move(command));
    return outcome.success() && outcome.output.empty();
}

}  // namespace

std::vector<MallocLibrary> installed_malloc_libraries() {
    std::vector<MallocLibrary> found;
    std::copy_if(known().begin(), known().end(), std::back_inserter(found), is_installed);
    return found;
}

std::string sentence_on_missing(const std::vector<MallocLibrary>& installed) {
    std::string names;
    std::string packages;
    for (const MallocLibrary& library : known()) {
        const bool there =
            std::any_of(installed.begin(), installed.end(),
                        [&](const MallocLibrary& other) { return other.name == library.name; });
        if (!there) {
            names += (names.empty() ? "" : ", ") + library.name;
            packages += (packages.empty() ? "" : ", ") + library.package;
        }
    }
    return names.empty()
               ? names
               : fmt::format("Not measured, as not installed: {} (packages {}).", names, packages);
}

}  // namespace runner
