#include "trace.hpp"

#include "compressed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace traces {
namespace {

constexpr std::string_view header_word = "workshop-trace";
constexpr std::uint64_t version = 1;
constexpr std::size_t rep_header_lines = 4;

bool is_power_of_two(std::size_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/// The word in quotes, and nothing in it that a terminal would take for a command.
std::string quoted(std::string_view word) {
    constexpr std::size_t longest = 24;
    if (word.empty()) {
        return "the end of the line";
    }
    std::string text;
    for (const char letter : word.substr(0, longest)) {
        text += letter >= ' ' && letter <= '~' ? letter : '?';
    }
    return '"' + text + (word.size() > longest ? "..." : "") + '"';
}

std::optional<std::uint64_t> number_in(std::string_view word) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc{} && end == word.data() + word.size() && !word.empty();
    return whole ? std::optional{value} : std::nullopt;
}

/// The lines and words of a text, and where it is wrong.
class Reader {
public:
    Reader(std::string_view text, const std::string& file) : text_{text}, file_{file} {}

    /// Goes to the next line that has a word beside its comment; false when there is none.
    bool next_line() {
        do {
            if (text_.empty()) {
                rest_ = {};
                return false;
            }
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            rest_ = text_.substr(0, end);
            rest_ = rest_.substr(0, rest_.find('#'));
            text_.remove_prefix(std::min(end + 1, text_.size()));
            ++line_;
        } while (peek().empty());
        return true;
    }

    std::string_view peek() const {
        Reader copy{*this};
        return copy.word();
    }

    /// The next word of the line; empty at its end.
    std::string_view word() {
        constexpr std::string_view blanks = " \t\r";
        const std::size_t first = std::min(rest_.find_first_not_of(blanks), rest_.size());
        rest_.remove_prefix(first);
        const std::string_view word = rest_.substr(0, rest_.find_first_of(blanks));
        rest_.remove_prefix(word.size());
        return word;
    }

    /// The next word as a number; `what` is "an id".
    std::uint64_t number(std::string_view what) {
        const std::string_view text = word();
        const std::optional<std::uint64_t> value = number_in(text);
        if (!value) {
            expected(what, text);
        }
        return *value;
    }

    void end_of_line() {
        if (const std::string_view more = word(); !more.empty()) {
            expected("the end of the line", more);
        }
    }

    [[noreturn]] void expected(std::string_view what, std::string_view found) const {
        wrong(fmt::format("expected {}; found {}", what, quoted(found)));
    }

    [[noreturn]] void wrong(const std::string& what) const {
        throw TraceError{fmt::format("{}:{}: {}", file_, line_, what)};
    }

    int line() const { return line_; }

private:
    std::string_view text_;
    const std::string& file_;
    std::string_view rest_;  // of the line
    int line_ = 0;
};

/// The lines behind the header; both formats have the same.
class OperationReader {
public:
    OperationReader(Reader& lines, TraceBuilder& builder, std::optional<std::uint64_t> ids)
        : lines_{lines}, builder_{builder}, ids_{ids} {}

    void read_line() {
        std::uint32_t thread = 0;
        if (!lines_.peek().empty() && lines_.peek().front() == '@') {
            thread = read_thread(lines_.word());
        }
        const std::string_view action = lines_.word();
        if (action == "a") {
            read_allocate(thread);
        } else if (action == "r") {
            read_resize(thread);
        } else if (action == "f") {
            read_deallocate(thread);
        } else {
            lines_.expected("a, r or f", action);
        }
        lines_.end_of_line();
    }

private:
    struct Known {
        std::uint32_t slot = null_block;
        std::size_t alignment = default_alignment;
        int line = 0;  // where it was allocated, or freed
        bool live = false;
    };

    std::uint32_t read_thread(std::string_view word) const {
        const std::optional<std::uint64_t> number = number_in(word.substr(1));
        if (!number || *number > UINT32_MAX) {
            lines_.expected("a thread's number behind @", word);
        }
        return static_cast<std::uint32_t>(*number);
    }

    std::uint64_t read_id() {
        const std::uint64_t id = lines_.number("an id");
        if (ids_ && id >= *ids_) {
            lines_.wrong(
                fmt::format("expected an id below {}, as the header says; found {}", *ids_, id));
        }
        return id;
    }

    std::size_t read_size() { return lines_.number("a size in bytes"); }

    /// A Layout has it rounded up, and at most PTRDIFF_MAX.
    void check_size(std::size_t size, std::size_t alignment) const {
        const std::size_t largest = PTRDIFF_MAX - (alignment - 1);
        if (size > largest) {
            lines_.wrong(fmt::format("expected a size of at most {}; found {}", largest, size));
        }
    }

    std::size_t read_alignment() {
        if (lines_.peek().empty()) {
            return default_alignment;
        }
        const std::string_view word = lines_.peek();
        const std::uint64_t alignment = lines_.number("an alignment, or the end of the line");
        if (!is_power_of_two(alignment) || alignment > PTRDIFF_MAX) {
            lines_.expected("a power of two as alignment", word);
        }
        return alignment;
    }

    Known& live_block(std::uint64_t id) {
        const auto found = known_.find(id);
        if (found == known_.end()) {
            lines_.wrong(fmt::format("expected a live id; {} was never allocated", id));
        }
        if (!found->second.live) {
            lines_.wrong(
                fmt::format("expected a live id; {} was freed in line {}", id, found->second.line));
        }
        return found->second;
    }

    void read_allocate(std::uint32_t thread) {
        const std::uint64_t id = read_id();
        Known& block = known_[id];
        if (block.live) {
            lines_.wrong(fmt::format("expected an id that is not live; {} is, since line {}", id,
                                     block.line));
        }
        const std::size_t size = read_size();
        const std::size_t alignment = read_alignment();
        check_size(size, alignment);
        block = {builder_.allocate(size, alignment, thread), alignment, lines_.line(), true};
    }

    void read_resize(std::uint32_t thread) {
        const Known& block = live_block(read_id());
        const std::size_t size = read_size();
        check_size(size, block.alignment);
        builder_.resize(block.slot, size, thread);
    }

    void read_deallocate(std::uint32_t thread) {
        if (lines_.peek() == "-1") {
            lines_.word();
            builder_.deallocate(null_block, thread);
            return;
        }
        Known& block = live_block(read_id());
        builder_.deallocate(block.slot, thread);
        block.live = false;
        block.line = lines_.line();
    }

    Reader& lines_;
    TraceBuilder& builder_;
    std::optional<std::uint64_t> ids_;  // all are below it
    std::unordered_map<std::uint64_t, Known> known_;
};

void read_own(Reader& lines, TraceBuilder& builder) {
    lines.word();
    const std::string_view word = lines.peek();
    const std::uint64_t found = lines.number("the format's version");
    if (found != version) {
        lines.expected(fmt::format("version {}, the only one that is known here", version), word);
    }
    lines.end_of_line();
    OperationReader operations{lines, builder, std::nullopt};
    while (lines.next_line()) {
        operations.read_line();
    }
}

/// The header of a .rep file: a size of heap that was suggested once, the number of ids, the
/// number of operations, and a weight.
void read_rep(Reader& lines, TraceBuilder& builder) {
    std::uint64_t header[rep_header_lines] = {};
    for (std::size_t i = 0; i < rep_header_lines; ++i) {
        if (i != 0 && !lines.next_line()) {
            lines.wrong("expected the four numbers of a .rep file; found the end of the file");
        }
        header[i] = lines.number("a number, one of the four that begin a .rep file");
        lines.end_of_line();
    }
    const std::uint64_t ids = header[1];
    const std::uint64_t announced = header[2];
    OperationReader operations{lines, builder, ids};
    for (std::uint64_t i = 0; i < announced; ++i) {
        if (!lines.next_line()) {
            lines.wrong(fmt::format(
                "expected {} operations, as the header says; found the end of the file after {}",
                announced, i));
        }
        operations.read_line();
    }
    if (lines.next_line()) {
        lines.expected(fmt::format("the end of the file after {} operations", announced),
                       lines.word());
    }
}

/// "perl.trace" for "perl.trace.gz".
std::filesystem::path without_gz(std::filesystem::path file) {
    return file.extension() == ".gz" ? file.replace_extension() : file;
}

}  // namespace

std::size_t Trace::peak_bytes() const {
    return peak_bytes(1);
}

std::size_t Trace::peak_bytes(std::size_t unit) const {
    const auto rounded = [unit](std::size_t size) { return (size + unit - 1) & ~(unit - 1); };
    std::size_t live = 0;
    std::size_t peak = 0;
    for (const Operation& operation : operations) {
        live += rounded(operation.size) - rounded(operation.old_size);
        peak = std::max(peak, live);
    }
    return peak;
}

std::uint32_t TraceBuilder::allocate(std::size_t size, std::size_t alignment,
                                     std::uint32_t thread) {
    if (unused_.empty()) {
        unused_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t block = unused_.back();
    unused_.pop_back();
    slots_[block] = {size, alignment, true};
    trace_.operations.push_back({Action::allocate, thread, block, 0, size, alignment});
    return block;
}

void TraceBuilder::resize(std::uint32_t block, std::size_t size, std::uint32_t thread) {
    Slot& slot = slots_[block];
    trace_.operations.push_back({Action::resize, thread, block, slot.size, size, slot.alignment});
    slot.size = size;
}

void TraceBuilder::deallocate(std::uint32_t block, std::uint32_t thread) {
    if (block == null_block) {
        trace_.operations.push_back({Action::deallocate, thread, block, 0, 0, default_alignment});
        return;
    }
    Slot& slot = slots_[block];
    trace_.operations.push_back({Action::deallocate, thread, block, slot.size, 0, slot.alignment});
    slot.live = false;
    unused_.push_back(block);
}

Trace TraceBuilder::finish() && {
    for (std::uint32_t block = 0; block < slots_.size(); ++block) {
        if (slots_[block].live) {
            deallocate(block);
        }
    }
    trace_.slots = static_cast<std::uint32_t>(slots_.size());
    return std::move(trace_);
}

Trace parse_trace(std::string_view text, const std::string& file) {
    Reader lines{text, file};
    TraceBuilder builder{std::filesystem::path{file}.stem().string()};
    if (!lines.next_line()) {
        throw TraceError{fmt::format("{}: expected a trace; found nothing", file)};
    }
    if (lines.peek() == header_word) {
        read_own(lines, builder);
    } else if (number_in(lines.peek())) {
        read_rep(lines, builder);
    } else {
        lines.expected(
            fmt::format("\"{} {}\", or the four numbers of a .rep file", header_word, version),
            lines.peek());
    }
    Trace trace = std::move(builder).finish();
    if (trace.operations.empty()) {
        throw TraceError{fmt::format("{}: expected an operation; found none", file)};
    }
    return trace;
}

Trace read_trace(const std::filesystem::path& file) {
    errno = 0;
    std::ifstream stream{file, std::ios::binary};
    std::stringstream text;
    // A folder can be opened, and then fails at the first byte.
    if (!stream || (stream.peek() != EOF && !(text << stream.rdbuf())) || stream.bad()) {
        const char* const reason = std::strerror(errno == 0 ? EIO : errno);
        throw TraceError{fmt::format("{}: cannot be read: {}", file.string(), reason)};
    }
    if (is_compressed(text.view())) {
        return parse_trace(unpacked(text.view(), file.string()), without_gz(file).string());
    }
    return parse_trace(text.str(), file.string());
}

std::string write_trace(const Trace& trace) {
    std::string text = fmt::format("{} {}\n", header_word, version);
    for (const Operation& operation : trace.operations) {
        if (operation.thread != 0) {
            text += fmt::format("@{} ", operation.thread);
        }
        if (operation.action == Action::allocate) {
            text += fmt::format("a {} {}", operation.block, operation.size);
            if (operation.alignment != default_alignment) {
                text += fmt::format(" {}", operation.alignment);
            }
        } else if (operation.action == Action::resize) {
            text += fmt::format("r {} {}", operation.block, operation.size);
        } else if (operation.block == null_block) {
            text += "f -1";
        } else {
            text += fmt::format("f {}", operation.block);
        }
        text += '\n';
    }
    return text;
}

}  // namespace traces
