// A function to be called later, at the compile cost of two pointers.

#pragma once

#include <harness/own.hpp>

namespace harness {

/// Refers to a function object, which must live as long as it may be called.
template <class... Arguments>
class FunctionRef {
public:
    FunctionRef() = default;

    template <class F>
    // NOLINTNEXTLINE(google-explicit-constructor): stands for it
    HARNESS_OWN FunctionRef(const F& function)
        : object_{&function}, call_{[](const void* object, Arguments... arguments) HARNESS_OWN {
              (*static_cast<const F*>(object))(arguments...);
          }} {}

    HARNESS_OWN explicit operator bool() const { return call_ != nullptr; }
    HARNESS_OWN void operator()(Arguments... arguments) const { call_(object_, arguments...); }

private:
    const void* object_ = nullptr;
    void (*call_)(const void*, Arguments...) = nullptr;
};

}  // namespace harness
