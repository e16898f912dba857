// Promises that are kept at compile time, judged without a compile error.

#pragma once

#include <type_traits>

namespace harness {

/// True when `F{}()` is a constant expression, whatever its value. F is the type of a lambda
/// without captures.
template <class F>
concept ConstantExpression = requires {
    typename std::bool_constant<(F{}(), true)>;
};

/// The value of `F{}()` where it is a constant expression, else false.
template <class F>
consteval bool at_compile_time(F) {
    if constexpr (ConstantExpression<F>) {
        return F{}();
    } else {
        return false;
    }
}

}  // namespace harness
