#include "bench_record.hpp"

#include <algorithm>
#include <ctime>
#include <thread>

#include "text.hpp"

namespace runner {
namespace {

/// What was typed.
std::string command_of(const Part& part, const BenchOptions& options) {
    std::string words = "./workshop bench " + part.label;
    words += options.solution ? " --solution" : "";
    words += fmt::format(" --rounds {}", options.rounds);
    for (const std::string& file : options.traces) {
        words += " --trace " + file;
    }
    return words;
}

std::string date() {
    char text[32] = "";
    const std::time_t now = std::time(nullptr);
    std::tm parts = {};
    gmtime_r(&now, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
    return text;
}

/// As the kernel calls it, and how many there are.
std::string processor() {
    const std::string count = fmt::format("{} processors", std::thread::hardware_concurrency());
    const std::string description = read_file("/proc/cpuinfo").value_or("");
    for (const std::string_view line : lines_of(description)) {
        const std::size_t colon = line.find(": ");
        if (line.substr(0, 10) == "model name" && colon != line.npos) {
            return fmt::format("{}, {}", line.substr(colon + 2), count);
        }
    }
    return count;
}

/// The one that compiles this compiles what is measured.
constexpr const char* compiler =
#ifdef __clang__
    __VERSION__ ", -O2 -DNDEBUG";
#else
    "g++ " __VERSION__ ", -O2 -DNDEBUG";
#endif

}  // namespace

void BenchRecord::begin(const Part& part, const BenchOptions& options) {
    add("part", part.title());
    add("about", "command", command_of(part, options));
    add("about", "date", date());
    add("about", "processor", processor());
    add("about", "compiler", compiler);
}

void BenchRecord::add_line(std::string line) {
    std::replace(line.begin(), line.end(), '\n', ' ');
    text_ += line + "\n";
}

}  // namespace runner
