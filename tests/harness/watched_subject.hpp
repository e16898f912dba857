// A subject in a guarded buffer, with the shadow model watching each call.

#pragma once

#include <harness/guarded_buffer.hpp>
#include <harness/place.hpp>
#include <harness/shadow.hpp>
#include <harness/subject.hpp>

#include <cstddef>

namespace harness {

class WatchedSubject {
public:
    /// Both must live longer than this does.
    WatchedSubject(GuardedBuffer& buffer, Subject& subject);

    [[nodiscard]] std::byte* allocate(std::size_t size, std::size_t alignment,
                                      Place place = Place::here());
    void deallocate(void* block, std::size_t size, std::size_t alignment,
                    Place place = Place::here());
    bool try_resize(void* block, std::size_t size, std::size_t alignment, std::size_t new_size,
                    Place place = Place::here());
    void reset(Place place = Place::here());

    Shadow& shadow() noexcept { return shadow_; }

private:
    Subject& subject_;
    Shadow shadow_;
};

}  // namespace harness
