#include <harness/assertions.hpp>

#include <harness/cases.hpp>
#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/place.hpp>
#include <harness/story.hpp>

#include <fmt/core.h>

#include <exception>
#include <string>
#include <string_view>

namespace harness {

// The two ends of the section with the test cases. The linker knows them, if there is one.
#ifdef __APPLE__
extern const CaseEntry first_case[] __asm("section$start$__DATA$workshop_cases");
extern const CaseEntry end_of_cases[] __asm("section$end$__DATA$workshop_cases");
#else
[[gnu::weak]] extern const CaseEntry first_case[] __asm("__start_workshop_cases");
[[gnu::weak]] extern const CaseEntry end_of_cases[] __asm("__stop_workshop_cases");
#endif

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
    return "an address in no buffer of this test";
}

std::string text_of(Value value) {
    switch (value.type) {
        case Value::Type::boolean:
            return value.bits != 0 ? "true" : "false";
        case Value::Type::number:
            return number_text(value.bits);
        case Value::Type::signed_number:
            return fmt::format("{}", static_cast<long long>(value.bits));
        case Value::Type::address:
            return address_text(value.bits);
        case Value::Type::layout:
            return fmt::format("({}, {})", number_text(value.bits), number_text(value.alignment));
        case Value::Type::none:
        case Value::Type::unprintable:
            break;
    }
    return "?";
}

bool printable(Value value) {
    return value.type != Value::Type::unprintable && value.type != Value::Type::none;
}

/// How two sides that do not compare as expected differ: "it is 8, not 16".
std::string difference(const Outcome& outcome) {
    const std::string left = text_of(outcome.left);
    const std::string right = text_of(outcome.right);
    const std::string_view sign = outcome.comparison;
    if (sign == " == ") {
        return left == right ? "it is another one" : fmt::format("it is {}, not {}", left, right);
    }
    if (sign == " != ") {
        return fmt::format("it is {}", left);
    }
    const std::string_view instead = sign == " >= "   ? "less than"
                                     : sign == " > "  ? "not more than"
                                     : sign == " <= " ? "more than"
                                                      : "not less than";
    return fmt::format("{} is {} {}", left, instead, right);
}

thread_local const Capture* newest_capture = nullptr;
thread_local const char* asserted = "";

std::string spoken() {
    return without_noise(asserted);
}

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

void register_cases() {
    for (const CaseEntry* entry = first_case; entry != end_of_cases; ++entry) {
        doctest::detail::TestCase test{entry->function, entry->file, entry->line, entry->suite()};
        test * entry->name;
        test.m_skip = entry->options.skip;
        test.m_timeout = entry->options.timeout;
        doctest::detail::regTest(test);
    }
}

void (*case_at(std::string_view file, unsigned line))() {
    for (const CaseEntry* entry = first_case; entry != end_of_cases; ++entry) {
        if (entry->line == line && entry->file == file) {
            return entry->function;
        }
    }
    return nullptr;
}

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
    Journal::current().set_asserted(text);
    return {};
}

void expect(bool expected, const Outcome& outcome) {
    if (outcome.held == expected) {
        Journal::current().set_asserted(nullptr);
        return;
    }
    if (outcome.comparison == nullptr || !expected || !printable(outcome.left) ||
        !printable(outcome.right)) {
        fail_here(fmt::format("{} is {}, and should be {}", spoken(), outcome.held, expected));
    }
    fail_here(fmt::format("expected {}, but {}", spoken(), difference(outcome)));
}

void did_not_throw(const char* type) {
    fail_here(fmt::format("expected {} to throw {}, and it did not", spoken(), type));
}

void threw_another(const char* type) {
    std::string what;
    try {
        throw;
    } catch (const std::exception& exception) {
        what = fmt::format(" ({})", exception.what());
    } catch (...) {
    }
    fail_here(fmt::format("expected {} to throw {}, but it threw another exception{}", spoken(),
                          type, what));
}

}  // namespace harness
