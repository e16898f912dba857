// CHECK, REQUIRE and CAPTURE for judges: doctest's words, at a fraction of their compile time.
//
// A judge is compiled at every save, under two sanitizers, and with doctest's own macros its
// hundred assertions cost four times as much as everything else in it. Here an assertion is three
// calls, and what it says is put together in the harness. The first failure ends the test case,
// so CHECK and REQUIRE are the same; REQUIRE says that what follows stands on it.

#pragma once
#pragma GCC system_header  // comparisons of signed with unsigned are the judge's own business

#include <harness/own.hpp>

#include <doctest/doctest.h>

#include <type_traits>

// For the judge that includes this: CHECK is made of a << in front of a comparison, and lists of
// sizes are written as plain numbers.
#ifdef __clang__
#pragma clang diagnostic ignored "-Woverloaded-shift-op-parentheses"
#pragma clang diagnostic ignored "-Wsign-conversion"
#endif

namespace harness {

/// One side of a comparison, for printing.
struct Value {
    enum class Type : unsigned char {
        none,
        boolean,
        number,
        signed_number,
        address,
        layout,
        unprintable
    };

    Type type = Type::none;
    unsigned long long bits = 0;
    unsigned long long alignment = 0;  // of a layout
};

template <class T>
concept LooksLikeLayout = requires(const T& value) {
    value.size();
    value.alignment();
};

template <class T>
HARNESS_OWN constexpr Value value_of(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return {Value::Type::boolean, value};
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
        return {Value::Type::signed_number, static_cast<unsigned long long>(value)};
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        return {Value::Type::number, static_cast<unsigned long long>(value)};
    } else if constexpr (std::is_null_pointer_v<T>) {
        return {Value::Type::address, 0};
    } else if constexpr (std::is_pointer_v<T>) {
        return {Value::Type::address, reinterpret_cast<unsigned long long>(value)};
    } else if constexpr (LooksLikeLayout<T>) {
        return {Value::Type::layout, value.size(), value.alignment()};
    } else {
        return {Value::Type::unprintable, 0};
    }
}

struct Outcome {
    bool held;
    const char* comparison;  // " == "; nullptr where the assertion is no comparison
    Value left, right;
};

template <class L>
struct LeftSide {
    const L& value;

#define WORKSHOP_COMPARISON(sign)                                                   \
    template <class R>                                                              \
    HARNESS_OWN constexpr Outcome operator sign(const R& right) const {             \
        return {value sign right, " " #sign " ", value_of(value), value_of(right)}; \
    }
    WORKSHOP_COMPARISON(==)
    WORKSHOP_COMPARISON(!=)
    WORKSHOP_COMPARISON(<)
    WORKSHOP_COMPARISON(<=)
    WORKSHOP_COMPARISON(>)
    WORKSHOP_COMPARISON(>=)
#undef WORKSHOP_COMPARISON

    HARNESS_OWN constexpr operator Outcome() const {
        return {static_cast<bool>(value), nullptr, value_of(value), {}};
    }
};

struct Decompose {
    template <class L>
    HARNESS_OWN constexpr LeftSide<L> operator<<(const L& left) const {
        return {left};
    }
};

/// Remembers where this thread is and what it is about to assert: also a crash in the expression
/// is told with it.
Decompose begin(const char* file, int line, const char* text);
/// Ends the test case as wrong unless the outcome is what was expected.
void expect(bool expected, const Outcome& outcome);
[[noreturn]] void did_not_throw(const char* type);
/// Inside of a handler: what is being handled is not of this type.
[[noreturn]] void threw_another(const char* type);

/// What can be said of a test case besides its name.
struct CaseOptions {
    bool skip = false;
    double timeout = 0;  // a time limit of its own, in seconds
};

/// A test case of a judge. They stand in a section of the program, where the harness finds them:
/// what doctest's own macro runs before main takes longer to compile than many a test.
struct CaseEntry {
    void (*function)();
    const char* file;
    unsigned line;
    doctest::detail::TestSuite& (*suite)();
    const char* name;
    CaseOptions options = {};
};

/// A value that is told when an assertion below it fails.
class Capture {
public:
    Capture(const char* name, Value value);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    const char* name;
    Value value;
    const Capture* older;
};

}  // namespace harness

#define TEST_SUITE DOCTEST_TEST_SUITE

#ifdef __APPLE__
#define WORKSHOP_CASES "__DATA,workshop_cases"
#else
#define WORKSHOP_CASES "workshop_cases"
#endif

/// TEST_CASE("a sentence") { ... }, or TEST_CASE("a sentence", {.timeout = 3}).
#define TEST_CASE(...) WORKSHOP_TEST_CASE(DOCTEST_ANONYMOUS(judge_case_), __VA_ARGS__)
#define WORKSHOP_TEST_CASE(function, ...)                                                   \
    HARNESS_OWN static void function();                                                     \
    [[gnu::section(WORKSHOP_CASES), gnu::used,                                              \
      gnu::aligned(alignof(harness::CaseEntry))]] static constinit const harness::CaseEntry \
        DOCTEST_ANONYMOUS(entry_){function, __FILE__, __LINE__,                             \
                                  &doctest_detail_test_suite_ns::getCurrentTestSuite,       \
                                  __VA_ARGS__};                                             \
    static void function()

#define CHECK(...) \
    harness::expect(true, harness::begin(__FILE__, __LINE__, #__VA_ARGS__) << __VA_ARGS__)
#define CHECK_FALSE(...) \
    harness::expect(false, harness::begin(__FILE__, __LINE__, #__VA_ARGS__) << __VA_ARGS__)
#define REQUIRE(...) \
    harness::expect(true, harness::begin(__FILE__, __LINE__, #__VA_ARGS__) << __VA_ARGS__)
#define REQUIRE_FALSE(...) \
    harness::expect(false, harness::begin(__FILE__, __LINE__, #__VA_ARGS__) << __VA_ARGS__)

#define CHECK_THROWS_AS(expression, exception)                 \
    do {                                                       \
        (void)harness::begin(__FILE__, __LINE__, #expression); \
        bool threw = false;                                    \
        try {                                                  \
            expression;                                        \
        } catch (const exception&) {                           \
            threw = true;                                      \
        } catch (...) {                                        \
            harness::threw_another(#exception);                \
        }                                                      \
        if (!threw) {                                          \
            harness::did_not_throw(#exception);                \
        }                                                      \
    } while (false)

#define WORKSHOP_JOIN_(a, b) a##b
#define WORKSHOP_JOIN(a, b) WORKSHOP_JOIN_(a, b)
#define CAPTURE(variable)                                      \
    const harness::Capture WORKSHOP_JOIN(capture_, __LINE__) { \
#variable, harness::value_of(variable)                 \
    }
