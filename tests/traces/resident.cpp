// A process is needed that has nothing in its heap: what a program has freed before, its malloc
// would use again, and no page would be new. So the program starts itself once more, and finds
// the steps in a file in memory.

#include "resident.hpp"

#include "results.hpp"
#include "yardsticks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <type_traits>

namespace traces {
namespace {

static_assert(std::is_trivially_copyable_v<Step>, "it goes from one process to another as bytes");

/// Memory that does not come from malloc, and is resident from the start. Given back at the end of
/// the process.
template <class T>
std::span<T> mapped(std::size_t count, int file) {
    const std::size_t bytes = std::max<std::size_t>(count * sizeof(T), 1);
    const int flags = MAP_POPULATE | MAP_PRIVATE | (file < 0 ? MAP_ANONYMOUS : 0);
    void* const first = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
    if (first == MAP_FAILED) {
        throw Wrong{"no memory for the steps"};
    }
    // So that no page of it becomes resident only later, as a copy.
    volatile char* const letters = static_cast<char*>(first);
    for (std::size_t i = 0; i < bytes; i += 4096) {
        letters[i] = letters[i];
    }
    return {static_cast<T*>(first), count};
}

/// The bytes of all pages that this process has for itself; 0 where the kernel does not tell. What
/// getrusage() and /proc/self/status say may be wrong by 64 pages, as each processor counts by
/// itself; here the kernel goes through the pages. Allocates nothing.
std::size_t own_pages() {
    constexpr std::string_view name = "Anonymous:";
    static char text[4096];
    const int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    const ssize_t count = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) {
        close(file);
    }
    const std::string_view all{text, static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    const std::size_t at = all.find(name);
    return at == all.npos ? 0 : std::strtoull(text + at + name.size(), nullptr, 10) * 1024;
}

std::size_t most_pages = 0;

void note_pages() {
    most_pages = std::max(most_pages, own_pages());
}

std::size_t number_in(std::string_view word) {
    return std::strtoull(std::string{word}.c_str(), nullptr, 10);
}

}  // namespace

std::size_t resident_bytes(const Trace& trace, const std::string& contender, std::size_t bytes) {
    const Script script{trace};
    const int file = memfd_create("steps", 0);
    const std::size_t size = script.steps.size() * sizeof(Step);
    if (file < 0 || write(file, script.steps.data(), size) != static_cast<ssize_t>(size)) {
        throw Wrong{"no file in memory for the steps"};
    }
    std::error_code error;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
    const std::string command =
        fmt::format("exec '{}' {} '{}' {} {} {} {}", program, resident_word, contender, bytes, file,
                    script.steps.size(), script.blocks.size());
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output{popen(command.c_str(), "r"),
                                                                 pclose};
    close(file);
    char line[64] = "";
    if (error || output == nullptr || std::fgets(line, sizeof line, output.get()) == nullptr) {
        throw Wrong{"the replay that counts resident bytes did not end well"};
    }
    return number_in(line);
}

int measure_resident_bytes(const std::vector<std::string_view>& words,
                           const std::vector<Contender>& contenders) {
    if (words.size() != 6) {
        return 2;
    }
    const std::string_view name = words[1];
    const std::size_t bytes = number_in(words[2]);
    const std::span<Step> steps =
        mapped<Step>(number_in(words[4]), static_cast<int>(number_in(words[3])));
    const std::span<void*> blocks = mapped<void*>(number_in(words[5]), -1);
    void* const buffer = mmap(nullptr, std::max<std::size_t>(bytes, 1), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const auto found = std::find_if(contenders.begin(), contenders.end(),
                                    [&](const Contender& one) { return one.name == name; });
    if (buffer == MAP_FAILED || (found == contenders.end() && name != yardstick)) {
        return 2;
    }
    own_pages();  // so that its own are there
    const std::size_t before = own_pages();
    if (found == contenders.end()) {
        touch_malloc(steps, blocks, note_pages);
    } else {
        found->touch(steps, blocks, {static_cast<std::byte*>(buffer), bytes}, note_pages);
    }
    std::printf("%zu\n", most_pages > before ? most_pages - before : 0);
    return 0;
}

}  // namespace traces
