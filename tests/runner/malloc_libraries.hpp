// Other people's malloc, where it is installed: a library that takes the place of the C library's
// with LD_PRELOAD.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// What cases that call the C library's malloc call themselves.
inline constexpr std::string_view malloc_name = "malloc";

struct MallocLibrary {
    std::string name;     // "jemalloc"
    std::string file;     // "libjemalloc.so.2": the loader knows where it is
    std::string package;  // Debian's
};

/// Those that the loader finds.
std::vector<MallocLibrary> installed_malloc_libraries();

/// Which ones are not there, and the packages to install; nothing where all are.
std::string sentence_on_missing(const std::vector<MallocLibrary>& installed);

}  // namespace runner
