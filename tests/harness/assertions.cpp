#include <harness/assertions.hpp>

#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/place.hpp>
#include <harness/story.hpp>

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace harness {
namespace {

/// An address is told by its offset in a buffer of the test case, where it lies in one.
std::string address_text(unsigned long long address) {
    if (address == 0) {
        return "nullptr";
    }
    const Journal& journal = Journal::current();
    for (std::size_t i = 0; i < journal.buffer_count(); ++i) {
        const BufferEntry& buffer = journal.buffer(i);
        if (address - buffer.address <= buffer.size) {
            return symbolic(address, buffer);
        }
    }
    return fmt::format("{:#x}", address);
}

std::string text_of(Value value) {
    switch (value.type) {
        case Value::Type::boolean:
            return value.bits != 0 ? "true" : "false";
        case Value::Type::number:
            return fmt::format("{}", value.bits);
        case Value::Type::signed_number:
            return fmt::format("{}", static_cast<long long>(value.bits));
        case Value::Type::address:
            return address_text(value.bits);
        case Value::Type::none:
        case Value::Type::unprintable:
            break;
    }
    return "?";
}

bool printable(Value value) {
    return value.type != Value::Type::unprintable && value.type != Value::Type::none;
}

thread_local const Capture* newest_capture = nullptr;
thread_local const char* asserted = "";

std::string captured() {
    std::string text;
    for (const Capture* capture = newest_capture; capture != nullptr; capture = capture->older) {
        text = fmt::format("  {} = {}\n", capture->name, text_of(capture->value)) + text;
    }
    return text;
}

[[noreturn]] void fail_here(std::string summary) {
    const std::string values = captured();
    const std::string story = tell_story(Journal::current());
    const bool both = !values.empty() && !story.empty();
    fail({std::move(summary), values + (both ? "\n" : "") + story});
}

}  // namespace

Capture::Capture(const char* its_name, Value its_value)
    : name{its_name}, value{its_value}, older{newest_capture} {
    newest_capture = this;
}

Capture::~Capture() {
    newest_capture = older;
}

Decompose begin(const char* file, int line, const char* text) {
    now_at({file, line});
    asserted = text;
    return {};
}

void expect(bool expected, const Outcome& outcome) {
    if (outcome.held == expected) {
        return;
    }
    std::string summary =
        expected ? fmt::format("expected {}", asserted) : fmt::format("expected not: {}", asserted);
    if (outcome.comparison != nullptr && printable(outcome.left) && printable(outcome.right)) {
        summary += fmt::format("; found {}{}{}", text_of(outcome.left), outcome.comparison,
                               text_of(outcome.right));
    }
    fail_here(std::move(summary));
}

void did_not_throw(const char* type) {
    fail_here(fmt::format("expected {} to throw {}, and it did not", asserted, type));
}

}  // namespace harness
