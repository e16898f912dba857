// An allocator of the learner's in a guarded buffer, with the shadow model watching each call.

#pragma once

#include <harness/guarded_buffer.hpp>
#include <harness/layout.hpp>
#include <harness/own.hpp>
#include <harness/place.hpp>
#include <harness/subject_of.hpp>
#include <harness/watched_subject.hpp>

namespace harness {

/// A base class, so that the subject is made before WatchedSubject is, which refers to it.
template <class A>
struct Holder {
    SubjectOf<A> subject;
};

/// `Watched<BumpAllocator> bump{buffer};` then `bump.allocate(24, 8)` for what is watched, and
/// `bump->used()` for everything else.
template <class A>
class Watched : Holder<A>, public WatchedSubject {
public:
    template <class... More>
    HARNESS_OWN explicit Watched(GuardedBuffer& buffer, More&&... more)
        : Holder<A>{SubjectOf<A>{buffer.span(), more...}}, WatchedSubject{buffer, this->subject} {}

    /// An allocator that has no reset() does not compile here.
    HARNESS_OWN void reset(Place place = Place::here()) {
        if (false) {
            this->subject.allocator.reset();
        }
        WatchedSubject::reset(place);
    }

    HARNESS_OWN A& operator*() noexcept { return this->subject.allocator; }
    HARNESS_OWN A* operator->() noexcept { return &this->subject.allocator; }
};

}  // namespace harness
