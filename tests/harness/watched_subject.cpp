#include <harness/watched_subject.hpp>

namespace harness {

WatchedSubject::WatchedSubject(GuardedBuffer& buffer, Subject& subject)
    : subject_{subject}, shadow_{buffer} {}

std::byte* WatchedSubject::allocate(std::size_t size, std::size_t alignment, Place place) {
    now_at(place);
    shadow_.about_to_allocate(size, alignment);
    void* const block = subject_.allocate(size, alignment);
    shadow_.allocated(block);
    return static_cast<std::byte*>(block);
}

void WatchedSubject::deallocate(void* block, std::size_t size, std::size_t alignment, Place place) {
    now_at(place);
    shadow_.about_to_deallocate(block, size, alignment);
    subject_.deallocate(block, size, alignment);
    shadow_.deallocated();
}

bool WatchedSubject::try_resize(void* block, std::size_t size, std::size_t alignment,
                                std::size_t new_size, Place place) {
    now_at(place);
    shadow_.about_to_resize(block, size, alignment, new_size);
    const bool done = subject_.try_resize(block, size, alignment, new_size);
    shadow_.resized(done);
    return done;
}

void WatchedSubject::reset(Place place) {
    now_at(place);
    shadow_.about_to_reset();
    subject_.reset();
    shadow_.was_reset();
}

}  // namespace harness
