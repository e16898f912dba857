// std::unique_ptr at a fraction of the compile time of <memory>, for what is compiled at every
// save.

#pragma once

#include <harness/own.hpp>

namespace bridge {

/// Owns what `new` made.
template <class T>
class Owner {
public:
    HARNESS_OWN explicit Owner(T* object) : object_{object} {}
    HARNESS_OWN Owner(Owner&& other) noexcept : object_{other.object_} { other.object_ = nullptr; }
    Owner& operator=(Owner&&) = delete;
    HARNESS_OWN ~Owner() { delete object_; }

    HARNESS_OWN T& operator*() const { return *object_; }
    HARNESS_OWN T* operator->() const { return object_; }

private:
    T* object_;
};

}  // namespace bridge
