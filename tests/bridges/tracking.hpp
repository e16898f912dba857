// What the judges of step 3 see of the learner's code: trackers without their types.
//
//     judge, compiled once  ──>  this header  <──  counting.cpp, watching.cpp, report.cpp, at every
//                                                  save

#pragma once

#include <bridges/layout.hpp>
#include <bridges/owner.hpp>

#include <harness/function_ref.hpp>
#include <harness/own.hpp>
#include <harness/place.hpp>
#include <harness/subject.hpp>
#include <harness/upstream.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace bridge {

using harness::Place;
using harness::Upstream;

/// As that of tracking.hpp.
struct Stats {
    std::size_t live_blocks = 0;
    std::size_t live_bytes = 0;
    std::size_t peak_bytes = 0;
    std::size_t total_blocks = 0;
    std::size_t total_bytes = 0;
    std::size_t failures = 0;

    friend bool operator==(const Stats&, const Stats&) = default;
};

/// As that of records.hpp.
struct Record {
    const void* block = nullptr;
    Layout layout = {0, 1};
    Place place = {"", 0};
    std::size_t number = 0;
    bool live = false;
};

/// As that of tracking.hpp; `other` is none of its three kinds.
struct Misuse {
    enum class Kind { double_free, foreign_pointer, wrong_layout, other };

    Kind kind;
    const void* pointer;
    Layout layout;
    Place place;
    const Record* block;  // lives as long as the handler runs; nullptr for a foreign pointer
};

using MisuseHandler = void (*)(const Misuse& misuse, void* context);

// Of a tracker that a judge needs for little, little is compiled.

/// Enough for one that is watched by the explorer.
class Watcher {
public:
    virtual ~Watcher() = default;

    virtual void* allocate(Layout asked, Place place = Place::here()) = 0;
    virtual void deallocate(void* block, Layout given, Place place = Place::here()) = 0;
    virtual std::size_t live_blocks() const = 0;
    virtual std::size_t live_bytes() const = 0;
    virtual void on_misuse(MisuseHandler handler, void* context = nullptr) = 0;
};

/// One that tells what it has counted.
class Counters : public Watcher {
public:
    virtual std::size_t peak_bytes() const = 0;
    virtual std::size_t total_blocks() const = 0;
    virtual std::size_t total_bytes() const = 0;
    virtual std::size_t failures() const = 0;
    virtual Stats stats() const = 0;

    virtual std::size_t size_class(std::size_t size) const = 0;
    virtual std::size_t size_classes() const = 0;
    virtual std::size_t total_blocks_of(std::size_t which) const = 0;
};

/// Everything.
class Tracker : public Counters {
public:
    virtual bool try_resize(void* block, Layout from, Layout to) = 0;
    virtual void reset() = 0;
    virtual bool owns(const void* pointer) const = 0;
    virtual bool check() const = 0;
    virtual void for_each_block(
        harness::FunctionRef<std::size_t, std::size_t, int> visit) const = 0;

    /// The calls without a place, and the place where they are: a line in the bridge.
    struct Allocated {
        void* block;
        Place place;
    };
    virtual Allocated allocate_here(Layout asked) = 0;
    virtual Place deallocate_here(void* block, Layout given) = 0;

    virtual Promises promises() const = 0;
};

/// A tracker with Checks::off, and one whose atomics are the explorer's.
Owner<Tracker> counting(Upstream& upstream);
Owner<Counters> counting_explored(Upstream& upstream);

/// The same with Checks::on.
Owner<Tracker> watching(Upstream& upstream);
Owner<Watcher> watching_explored(Upstream& upstream);

/// The reports of trackers that counting() and watching() made.
using Write = harness::FunctionRef<std::string_view>;
void report_of_counting(const Tracker& counting, Write write);
void report_of_watching(const Tracker& watching, Write write);
void for_each_live(const Tracker& watching, harness::FunctionRef<const Record&> visit);

/// On a bump allocator of step 2 a tracker with Checks::off, the inner one, and on it another one,
/// the outer one, which serves the subject's calls.
class TrackedBump : public harness::Subject {
public:
    virtual ~TrackedBump() = default;
    virtual void* allocate_from_inner(Layout asked) = 0;
    virtual void deallocate_to_inner(void* block, Layout given) = 0;
    virtual Stats inner() const = 0;
    virtual Stats outer() const = 0;
    virtual std::size_t used() const = 0;  // of the bump allocator
};
Owner<TrackedBump> tracked_bump(std::span<std::byte> buffer);

/// Which of upstream's members a tracker offers.
struct Offers {
    bool owns;
    bool reset;
    bool check;
    bool try_resize;
};
/// On an allocator that has them all, and on one that has none.
Offers offers_on_all();
Offers offers_on_none();

bool size_class_works_at_compile_time();
bool checks_are_on_by_default();

}  // namespace bridge
