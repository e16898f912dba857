#include <harness/crash_report.hpp>

#include <harness/story.hpp>

#include <fmt/core.h>

#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

namespace harness {
namespace {

constexpr auto npos = std::string_view::npos;

/// The text between `open` and `close`, the first time that they come in this order.
std::optional<std::string_view> between(std::string_view text, std::string_view open,
                                        std::string_view close) {
    const std::size_t first = text.find(open);
    if (first == npos) {
        return std::nullopt;
    }
    text.remove_prefix(first + open.size());
    return text.substr(0, text.find(close));
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == npos ? text.size() : end + 1);
    }
    return lines;
}

std::optional<std::uintptr_t> hexadecimal(std::string_view text) {
    std::uintptr_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return error == std::errc{} ? std::optional{value} : std::nullopt;
}

/// "path:line" from "...path:line:column..." or "...path:line)"; empty when it is none.
std::string place_in(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == npos) {
        return "";
    }
    const std::string path = project_path(text.substr(0, colon));
    const std::size_t digits = text.find_first_not_of("0123456789", colon + 1);
    const std::string_view line = text.substr(colon + 1, digits - colon - 1);
    return path.empty() || line.empty() ? "" : fmt::format("{}:{}", path, line);
}

/// The place of a frame of a stack trace, as each of the sanitizers writes it; empty when the line
/// is none:
///     #1 0x55d0 in workshop::BumpAllocator::allocate(...) ../steps/2_bump/bump.hpp:40
///     #1 workshop::SpinLock::lock() ../steps/5_thread_safe/spin_lock.hpp:40 (5_spin_lock+0x2b)
std::string place_of_frame(std::string_view line) {
    if (line.find("    #") != 0) {
        return "";
    }
    if (const std::size_t module = line.rfind(" ("); module != npos && line.ends_with(')')) {
        line = line.substr(0, module);
    }
    const std::size_t blank = line.rfind(' ');
    return place_in(line.substr(blank + 1));
}

/// The place of the innermost frame of a stack trace that is in the learner's code.
std::string learners_frame(std::string_view output) {
    for (const std::string_view line : lines_of(output)) {
        const std::string place = place_of_frame(line);
        if (is_learners(place)) {
            return place;
        }
    }
    return "";
}

/// How far an address is from a buffer: 0 inside of it and just past its end.
std::size_t distance(std::uintptr_t address, const BufferEntry& buffer) {
    const std::uintptr_t end = buffer.address + buffer.size;
    return address < buffer.address ? buffer.address - address : address > end ? address - end : 0;
}

std::string bytes(std::size_t count) {
    return fmt::format("{} byte{}", count, count == 1 ? "" : "s");
}

/// Where an address lies, seen from this buffer.
std::string where(std::uintptr_t address, const BufferEntry& buffer) {
    const std::uintptr_t end = buffer.address + buffer.size;
    if (address >= end) {
        return fmt::format("{} past the end of the buffer of {} ({})",
                           address == end ? "just" : bytes(address - end), bytes(buffer.size),
                           symbolic(address, buffer));
    }
    return address < buffer.address
               ? fmt::format("{} before the start of the buffer of {}",
                             bytes(buffer.address - address), bytes(buffer.size))
               : fmt::format("at {} in the buffer", symbolic(address, buffer));
}

/// The same, seen from the nearest buffer of the test case.
std::string where(std::uintptr_t address, const Journal& journal) {
    std::size_t shortest = std::size_t{1} << 20;
    const BufferEntry* nearest = nullptr;
    for (std::size_t i = journal.buffer_count(); i-- > 0;) {
        if (const std::size_t away = distance(address, journal.buffer(i)); away < shortest) {
            shortest = away;
            nearest = &journal.buffer(i);
        }
    }
    if (nearest != nullptr) {
        return where(address, *nearest);
    }
    if (address < 4096) {
        return address == 0 ? "through a null pointer"
                            : fmt::format("through a null pointer (address {:#x})", address);
    }
    return fmt::format("at address {:#x}, which belongs to nobody", address);
}

std::string segmentation_fault(std::string_view output, const Journal& journal) {
    const std::string_view access = output.find("caused by a WRITE") != npos  ? "a write "
                                    : output.find("caused by a READ") != npos ? "a read "
                                                                              : "an access ";
    const auto address = between(output, "unknown address 0x", " ");
    const auto value = address ? hexadecimal(*address) : std::nullopt;
    if (!value) {  // the processor tells only that it is none
        return "an access through a pointer that holds no address: was it ever set?";
    }
    return std::string{access} + where(*value, journal);
}

std::string address_sanitizer(std::string_view kind, std::string_view output,
                              const Journal& journal) {
    if (kind == "SEGV") {
        return segmentation_fault(output, journal);
    }
    if (kind == "stack-overflow") {
        return "the stack overflowed: does a function call itself without end?";
    }
    if (kind == "ABRT") {
        return "abort() was called";
    }
    if (kind == "FPE") {
        return "an arithmetic fault, such as a division by zero";
    }
    if (kind == "attempting") {
        return output.find("attempting double-free") != npos
                   ? "free() or delete was called twice for the same memory"
                   : "free() or delete was called for memory that was not handed out for it";
    }
    if (kind.substr(0, 3) == "mem" && kind.find("param-overlap") != npos) {
        return fmt::format("{} was given two pieces of memory that overlap",
                           kind.substr(0, kind.find('-')));
    }
    const auto access = between(output, "\nWRITE of size ", " ");
    const auto read = between(output, "\nREAD of size ", " ");
    if (access || read) {
        return fmt::format("{} of {} bytes where it is not allowed: {}",
                           access ? "a write" : "a read", access ? *access : *read, kind);
    }
    return fmt::format("the address sanitizer says: {}", kind);
}

/// One of the two accesses of a data race: "a write of 8 bytes at steps/2_bump/bump.hpp:40".
struct Access {
    std::string_view kind;  // "write", "atomic read"
    std::string_view size;
    std::string place;  // the innermost one of the project; empty: none
};

/// "  Previous atomic write of size 8 at 0x7b04 by thread T2:", and its stack trace below it.
std::vector<Access> accesses_of(std::string_view report) {
    std::vector<Access> accesses;
    for (std::string_view line : lines_of(report)) {
        const std::size_t size = line.find(" of size ");
        if (line.starts_with("  ") && !line.starts_with("    ") && size != npos) {
            const std::size_t first = line.starts_with("  Previous ") ? 11 : 2;
            const std::string_view count = line.substr(size + 9);
            accesses.push_back(
                {line.substr(first, size - first), count.substr(0, count.find(' ')), ""});
        } else if (!accesses.empty() && accesses.back().place.empty()) {
            accesses.back().place = place_of_frame(line);
        }
        if (line.starts_with("  Location is ") || line.starts_with("  Thread ")) {
            break;
        }
    }
    return accesses;
}

std::string tell_access(const Access& access) {
    std::string kind{access.kind};
    kind[0] = static_cast<char>(std::tolower(kind[0]));
    return fmt::format("{} {} of {} byte{}{}{}", kind[0] == 'a' ? "an" : "a", kind, access.size,
                       access.size == "1" ? "" : "s", access.place.empty() ? "" : " at ",
                       access.place);
}

std::string thread_sanitizer(std::string_view kind, std::string_view output,
                             const Journal& journal) {
    if (kind.starts_with("SEGV")) {
        return segmentation_fault(output, journal);
    }
    const std::vector<Access> accesses = accesses_of(output);
    if (kind.starts_with("data race") && accesses.size() >= 2) {
        return fmt::format("a data race: {}, and {} by another thread, and nothing orders them",
                           tell_access(accesses[0]), tell_access(accesses[1]));
    }
    return fmt::format("the thread sanitizer says: {}", kind.substr(0, kind.find(" (")));
}

std::string refused_request(std::string_view output) {
    auto size = between(output, "requested allocation size 0x", " ");
    size = size ? size : between(output, "trying to allocate 0x", " ");
    const auto value = size ? hexadecimal(*size) : std::nullopt;
    return value ? fmt::format("asked the heap for {}, more than it has", bytes(*value))
                 : "asked the heap for more than it has";
}

/// std::terminate and assert speak before the abort that they end in.
std::string last_words(std::string_view output) {
    if (const auto type =
            between(output, "terminate called after throwing an instance of '", "'")) {
        const auto what = between(output, "  what():  ", "\n");
        return fmt::format("an exception ({}{}) met a noexcept function or nobody who catches it",
                           *type, what && what != type ? fmt::format(": {}", *what) : "");
    }
    if (output.find("terminate called") != npos) {
        return "std::terminate was called";
    }
    if (const auto condition = between(output, "Assertion `", "' failed")) {
        return fmt::format("an assertion failed: {}", *condition);
    }
    return "";
}

/// "load of misaligned address 0x7f35e2c01004 for type ..." with what this address is to the
/// reader.
std::string with_symbolic_address(std::string_view text, const Journal& journal) {
    constexpr std::string_view before = "address 0x";
    const std::size_t begin = text.find(before);
    if (begin == npos) {
        return std::string{text};
    }
    const std::size_t digits = begin + before.size();
    const std::size_t end =
        std::min(text.find_first_not_of("0123456789abcdef", digits), text.size());
    const std::uintptr_t address = hexadecimal(text.substr(digits, end - digits)).value_or(0);
    std::string name = "address";
    for (std::size_t i = 0; i < journal.buffer_count(); ++i) {
        if (distance(address, journal.buffer(i)) == 0) {
            name = fmt::format("address {} of the buffer", symbolic(address, journal.buffer(i)));
        }
    }
    const std::string_view article =
        name == "address" && text.substr(0, begin).ends_with("within ") ? "an " : "";
    return fmt::format("{}{}{}{}", text.substr(0, begin), article, name, text.substr(end));
}

}  // namespace

Cause find_cause(std::string_view output, const Journal& journal) {
    Cause cause;
    cause.learner_place = learners_frame(output);
    if (const auto undefined = between(output, "runtime error: ", "\n")) {
        cause.summary = "undefined behaviour: " + with_symbolic_address(*undefined, journal);
        const std::size_t end = output.find(": runtime error: ");
        const std::size_t begin = output.rfind('\n', end);
        const std::string place =
            place_in(output.substr(begin == npos ? 0 : begin + 1, end - begin - 1));
        if (is_learners(place)) {
            cause.learner_place = place;
        }
        return cause;
    }
    cause.summary = last_words(output);
    if (const auto kind = between(output, "ERROR: AddressSanitizer: ", "\n")) {
        const std::string_view word = kind->substr(0, kind->find_first_of(" :("));
        cause.out_of_memory = kind->find("out of memory") != npos ||
                              kind->find("out-of-memory") != npos || word == "requested" ||
                              word == "rss-limit-exceeded";
        if (cause.summary.empty()) {
            cause.summary = cause.out_of_memory ? refused_request(output)
                                                : address_sanitizer(word, output, journal);
        }
    }
    if (const auto kind = between(output, ": ThreadSanitizer: ", "\n");
        kind && cause.summary.empty()) {
        cause.summary = thread_sanitizer(*kind, output, journal);
    }
    return cause;
}

std::string place_of_hang(std::string_view output) {
    std::string latest;
    std::string_view latest_folder;
    for (const std::string_view line : lines_of(output)) {
        const std::string place = place_of_frame(line);
        if (!is_learners(place)) {
            continue;
        }
        // Folders are numbered in the order of the steps, and lie side by side.
        const std::string_view folder = std::string_view{place}.substr(place.find('/') + 1);
        if (latest.empty() || folder.front() > latest_folder.front()) {
            latest = place;
            latest_folder = std::string_view{latest}.substr(latest.find('/') + 1);
        }
    }
    return latest;
}

std::string without_reports(std::string_view output) {
    std::size_t end = output.find("=================================================");
    end = std::min(end, output.find("AddressSanitizer:DEADLYSIGNAL"));
    end = std::min(end, output.find("ThreadSanitizer:DEADLYSIGNAL"));
    end = std::min(end, output.find("==================\nWARNING: ThreadSanitizer"));
    const std::size_t undefined = output.find(": runtime error: ");
    if (undefined != npos) {
        const std::size_t line = output.rfind('\n', undefined);
        end = std::min(end, line == npos ? 0 : line + 1);
    }
    end = std::min(end, output.find("terminate called"));
    end = std::min(end, output.find("    #0 0x"));  // where a case hung
    return std::string{output.substr(0, end)};
}

std::string project_path(std::string_view path) {
    for (const std::string_view folder : {"steps/", "solutions/", "tests/"}) {
        std::size_t found = path.rfind(folder);
        if (found != npos && (found == 0 || path[found - 1] == '/')) {
            return std::string{path.substr(found)};
        }
    }
    return "";
}

bool is_learners(std::string_view place) {
    return (place.starts_with("steps/") && !place.starts_with("steps/todo.hpp")) ||
           place.starts_with("solutions/") || place.starts_with("tests/bugs/");
}

}  // namespace harness
