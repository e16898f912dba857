// The placeholder for code that is not written yet.

#pragma once

#include <type_traits>

namespace workshop {

/// Called with file and line of each todo() that is reached; the tests set it, and so tell
/// "not written yet" from "wrong".
inline void (*on_todo)(const char* file, int line) = nullptr;

struct Nothing {};

/// Stands where your code will go. The arguments are the ingredients you will need; the result is
/// a `Result()`: harmless, and wrong.
template <class Result, class A = Nothing, class B = Nothing, class C = Nothing, class D = Nothing>
constexpr Result todo(const A& = {}, const B& = {}, const C& = {}, const D& = {},
                      const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (!std::is_constant_evaluated() && on_todo != nullptr) {
        on_todo(file, line);
    }
    return Result();
}

}  // namespace workshop
