// Promises that are kept at compile time, judged without a compile error.

#pragma once

namespace harness {

/// True when `F{}()` is a constant expression, whatever its value. F is the type of a lambda
/// without captures. (A requires-expression would say the same, and ends clang 14.)
template <class F, bool = (F{}(), true)>
constexpr bool is_constant_expression(int) {
    return true;
}
template <class F>
constexpr bool is_constant_expression(...) {
    return false;
}

/// The value of `F{}()` where it is a constant expression, else false.
template <class F>
constexpr bool at_compile_time(F) {
    if constexpr (is_constant_expression<F>(0)) {
        constexpr bool value = F{}();
        return value;
    } else {
        return false;
    }
}

}  // namespace harness
