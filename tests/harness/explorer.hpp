// Plays two or three threads of a judge through every order in which their atomic operations can
// follow each other, up to a number of preemptions. See EXPLORER.md.
//
//     harness::explore({.preemptions = 3}, [](harness::Play& play) {
//         SpinLock<Explored> lock;                  // made anew for each schedule
//         Cell counter{"counter"};
//         const auto work = [&] { lock.lock(); counter.write(); lock.unlock(); };
//         play.threads(work, work);                 // returns when both have ended
//     });
//
// All of it runs on one thread of the machine, so that a schedule repeats exactly. Nothing heavy is
// included here.

#pragma once
#pragma GCC system_header  // what a judge's compiler would warn of is this file's business

#include <harness/own.hpp>
#include <harness/place.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace harness {

/// The judges are built a second time under ThreadSanitizer, which has no use for the explorer; and
/// Valgrind, which is confused by stacks of our own, does without.
#if defined(__SANITIZE_THREAD__)
#define WORKSHOP_NO_EXPLORER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WORKSHOP_NO_EXPLORER
#endif
#endif
#ifdef WORKSHOP_NO_EXPLORER
inline constexpr bool has_explorer = false;
#else
inline constexpr bool has_explorer = true;
#endif

inline constexpr unsigned max_explored_threads = 3;

struct ExploreRules {
    unsigned preemptions = 3;  // at most, in one schedule; a weak exchange that fails counts as one
    std::size_t steps = 4000;  // a schedule of more is a livelock
    bool weak_failures = true;  // let compare_exchange_weak fail for no reason
};

// ---- What atomics and cells tell the explorer --------------------------------------------------

/// A moment for each thread: 0 is the thread that sets up, 1 to 3 are those that are explored.
struct VectorClock {
    HARNESS_OWN constexpr VectorClock() noexcept {}

    std::uint32_t at[max_explored_threads + 1] = {};
};

enum class AtomicKind : std::uint8_t {
    load,
    store,
    exchange,
    compare_exchange,
    fetch,
    wait,
    notify,
    lock,
    unlock,
    try_lock
};

/// A value of any type, for printing.
struct AtomicValue {
    enum class Shape : std::uint8_t { boolean, number, pair, address };
    std::uint64_t bits = 0;
    Shape shape = Shape::number;
    std::uint8_t size = 8;
};

/// What is known of one atomic object.
struct AtomicState {
    HARNESS_OWN constexpr AtomicState() noexcept {}

    VectorClock released;       // what an acquire of the present value brings with it
    std::uint32_t version = 1;  // grows with each change of the value
    std::uint32_t seen[max_explored_threads + 1] = {};  // the version a thread looked at last
    unsigned writer = 0;                                // who stored the present value,
    std::uint32_t write_time = 0;                       // at which moment of its own,
    std::size_t write_step = 0;                         // in which step of the schedule,
    int write_line = 0;                                 // and in which line
};

/// What one operation is about to do, or has done.
struct AtomicStep {
    AtomicKind kind;
    std::memory_order order;
    const void* object;
    AtomicState* state;
    Place place;
    AtomicValue before = {};
    AtomicValue after = {};
    bool wrote = false;
    bool read = false;
    bool failed = false;    // an exchange that compared unequal, or a try_lock that found it taken
    bool spurious = false;  // a weak one that failed for no reason
};

/// Before an operation: another thread may be let go first.
void before_step(const AtomicStep& step);
/// True when this weak exchange is to fail although the values are equal.
bool fails_for_no_reason();
/// After it: what it read and wrote.
void after_step(const AtomicStep& step);
/// Blocks the calling thread until the object is notified.
void wait_for_notify(const AtomicStep& step);
void notify(const AtomicStep& step);

// ---- For judges --------------------------------------------------------------------------------

/// Stands in for std::atomic: `LockFreePool<Explored>`.
template <class T>
class Explored {
public:
    static_assert(std::is_trivially_copyable_v<T>);
    using value_type = T;
    static constexpr bool is_always_lock_free = std::atomic<T>::is_always_lock_free;

    constexpr Explored() noexcept = default;
    HARNESS_OWN constexpr Explored(T value) noexcept : value_{value} {}
    Explored(const Explored&) = delete;
    Explored& operator=(const Explored&) = delete;

    HARNESS_OWN bool is_lock_free() const noexcept { return is_always_lock_free; }

    HARNESS_OWN T load(std::memory_order order = std::memory_order_seq_cst,
                       Place place = Place::here()) const noexcept {
        AtomicStep step = begin(AtomicKind::load, order, place);
        step.read = true;
        const T value = value_;
        end(step, value, value);
        return value;
    }
    HARNESS_OWN operator T() const noexcept { return load(); }

    HARNESS_OWN void store(T desired, std::memory_order order = std::memory_order_seq_cst,
                           Place place = Place::here()) noexcept {
        AtomicStep step = begin(AtomicKind::store, order, place);
        write(step, desired);
    }
    HARNESS_OWN T operator=(T desired) noexcept {
        store(desired);
        return desired;
    }

    HARNESS_OWN T exchange(T desired, std::memory_order order = std::memory_order_seq_cst,
                           Place place = Place::here()) noexcept {
        AtomicStep step = begin(AtomicKind::exchange, order, place);
        step.read = true;
        return write(step, desired);
    }

    HARNESS_OWN bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                             std::memory_order failure,
                                             Place place = Place::here()) noexcept {
        return compare_exchange(expected, desired, success, failure, false, place);
    }
    HARNESS_OWN bool compare_exchange_strong(T& expected, T desired,
                                             std::memory_order order = std::memory_order_seq_cst,
                                             Place place = Place::here()) noexcept {
        return compare_exchange(expected, desired, order, of_failure(order), false, place);
    }
    HARNESS_OWN bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                                           std::memory_order failure,
                                           Place place = Place::here()) noexcept {
        return compare_exchange(expected, desired, success, failure, true, place);
    }
    HARNESS_OWN bool compare_exchange_weak(T& expected, T desired,
                                           std::memory_order order = std::memory_order_seq_cst,
                                           Place place = Place::here()) noexcept {
        return compare_exchange(expected, desired, order, of_failure(order), true, place);
    }

    HARNESS_OWN T fetch_add(T value, std::memory_order order = std::memory_order_seq_cst,
                            Place place = Place::here()) noexcept {
        return fetch([=](T old) HARNESS_OWN { return static_cast<T>(old + value); }, order, place);
    }
    HARNESS_OWN T fetch_sub(T value, std::memory_order order = std::memory_order_seq_cst,
                            Place place = Place::here()) noexcept {
        return fetch([=](T old) HARNESS_OWN { return static_cast<T>(old - value); }, order, place);
    }
    HARNESS_OWN T fetch_and(T value, std::memory_order order = std::memory_order_seq_cst,
                            Place place = Place::here()) noexcept {
        return fetch([=](T old) HARNESS_OWN { return static_cast<T>(old & value); }, order, place);
    }
    HARNESS_OWN T fetch_or(T value, std::memory_order order = std::memory_order_seq_cst,
                           Place place = Place::here()) noexcept {
        return fetch([=](T old) HARNESS_OWN { return static_cast<T>(old | value); }, order, place);
    }
    HARNESS_OWN T fetch_xor(T value, std::memory_order order = std::memory_order_seq_cst,
                            Place place = Place::here()) noexcept {
        return fetch([=](T old) HARNESS_OWN { return static_cast<T>(old ^ value); }, order, place);
    }
    HARNESS_OWN T operator+=(T value) noexcept { return static_cast<T>(fetch_add(value) + value); }
    HARNESS_OWN T operator-=(T value) noexcept { return static_cast<T>(fetch_sub(value) - value); }
    HARNESS_OWN T operator++() noexcept { return static_cast<T>(fetch_add(1) + 1); }
    HARNESS_OWN T operator--() noexcept { return static_cast<T>(fetch_sub(1) - 1); }
    HARNESS_OWN T operator++(int) noexcept { return fetch_add(1); }
    HARNESS_OWN T operator--(int) noexcept { return fetch_sub(1); }

    HARNESS_OWN void wait(T old, std::memory_order order = std::memory_order_seq_cst,
                          Place place = Place::here()) const noexcept {
        while (equal(load(order, place), old)) {
            wait_for_notify(step_of(AtomicKind::wait, order, place));
        }
    }
    HARNESS_OWN void notify_one(Place place = Place::here()) noexcept { notify_all(place); }
    HARNESS_OWN void notify_all(Place place = Place::here()) noexcept {
        notify(step_of(AtomicKind::notify, std::memory_order_relaxed, place));
    }

private:
    HARNESS_OWN static constexpr std::memory_order of_failure(std::memory_order order) {
        return order == std::memory_order_acq_rel   ? std::memory_order_acquire
               : order == std::memory_order_release ? std::memory_order_relaxed
                                                    : order;
    }

    // As std::atomic compares: the bytes.
    HARNESS_OWN static bool equal(const T& a, const T& b) {
        return std::memcmp(&a, &b, sizeof(T)) == 0;
    }

    HARNESS_OWN static AtomicValue value_of(const T& value) {
        using Shape = AtomicValue::Shape;
        AtomicValue result;
        std::memcpy(&result.bits, &value, sizeof(T) < 8 ? sizeof(T) : 8);
        result.size = sizeof(T) < 8 ? sizeof(T) : 8;
        result.shape = std::is_same_v<T, bool>                      ? Shape::boolean
                       : std::is_pointer_v<T>                       ? Shape::address
                       : std::is_integral_v<T> || std::is_enum_v<T> ? Shape::number
                                                                    : Shape::pair;
        return result;
    }

    HARNESS_OWN AtomicStep step_of(AtomicKind kind, std::memory_order order, Place place) const {
        return {kind, order, this, &state_, place};
    }
    HARNESS_OWN AtomicStep begin(AtomicKind kind, std::memory_order order, Place place) const {
        AtomicStep step = step_of(kind, order, place);
        before_step(step);
        return step;
    }
    HARNESS_OWN void end(AtomicStep& step, const T& before, const T& after) const {
        step.before = value_of(before);
        step.after = value_of(after);
        after_step(step);
    }
    HARNESS_OWN T write(AtomicStep& step, const T& desired) {
        const T old = value_;
        value_ = desired;
        step.wrote = true;
        end(step, old, desired);
        return old;
    }

    template <class Change>
    HARNESS_OWN T fetch(Change change, std::memory_order order, Place place) {
        AtomicStep step = begin(AtomicKind::fetch, order, place);
        step.read = true;
        return write(step, change(value_));
    }

    HARNESS_OWN bool compare_exchange(T& expected, const T& desired, std::memory_order success,
                                      std::memory_order failure, bool weak, Place place) {
        AtomicStep step = begin(AtomicKind::compare_exchange, success, place);
        step.read = true;
        const bool same = equal(value_, expected);
        step.spurious = same && weak && fails_for_no_reason();
        if (same && !step.spurious) {
            write(step, desired);
            return true;
        }
        step.order = failure;
        step.failed = true;
        expected = value_;
        end(step, expected, expected);
        return false;
    }

    T value_{};
    mutable AtomicState state_;
};

/// A mutex: `Locked<Upstream, ExploredMutex>`.
class ExploredMutex {
public:
    ExploredMutex() noexcept = default;
    ExploredMutex(const ExploredMutex&) = delete;
    ExploredMutex& operator=(const ExploredMutex&) = delete;

    void lock(Place place = Place::here());
    bool try_lock(Place place = Place::here());
    void unlock(Place place = Place::here());

private:
    AtomicState state_;
    unsigned owner_ = no_owner;
    static constexpr unsigned no_owner = ~0U;
};

/// An ordinary variable, or the bytes of a block. Two accesses of which one is a write, on
/// different threads and with nothing that puts one before the other, are a data race and fail the
/// case.
class Cell {
public:
    HARNESS_OWN explicit Cell(const char* name) noexcept : name_{name} {}
    Cell(const Cell&) = delete;
    Cell& operator=(const Cell&) = delete;

    void read(Place place = Place::here());
    void write(Place place = Place::here());

private:
    void access(bool writes, Place place);

    const char* name_;
    VectorClock reads_;
    std::uint32_t write_time_ = 0;
    unsigned writer_ = 0;
};

/// Who holds which block of an allocator, and who wrote each byte last. Handing out bytes that
/// somebody holds fails the case, and so does a use that races with the last holder's.
class Blocks {
public:
    Blocks() noexcept;
    Blocks(const Blocks&) = delete;
    Blocks& operator=(const Blocks&) = delete;

    /// Writes into a block that was just handed out; nullptr is only noted.
    void got(const void* block, std::size_t size, Place place = Place::here());
    /// Writes into a block that is about to be given back.
    void gives(const void* block, Place place = Place::here());

private:
    struct Block {
        std::uintptr_t address;
        std::size_t size;
        unsigned holder;
        bool held;
    };
    struct Byte {
        std::uintptr_t address;
        std::uint32_t write_time;
        unsigned writer;
    };
    static constexpr std::size_t most_blocks = 24;
    static constexpr std::size_t most_bytes = 256;  // the blocks lie within so many

    std::size_t find(const void* block, std::size_t size);
    void write(std::size_t which, Place place);

    Block blocks_[most_blocks];
    Byte bytes_[most_bytes];
    std::size_t count_ = 0;
};

/// The threads of one schedule.
class Play {
public:
    /// Runs each function on a thread of its own, a, b and c, and returns when all have ended.
    template <class... Function>
    HARNESS_OWN void threads(Function&&... function) {
        static_assert(sizeof...(Function) >= 1 && sizeof...(Function) <= max_explored_threads);
        const Body all[] = {{[](void* self) HARNESS_OWN {
                                 (*static_cast<std::remove_reference_t<Function>*>(self))();
                             },
                             const_cast<void*>(static_cast<const void*>(&function))}...};
        run(all, sizeof...(Function));
    }

    /// Fails the case, with the schedule, unless `holds`; in a thread or after they have ended.
    void expect(bool holds, const char* sentence, Place place = Place::here());

    /// Adds a line to the ladder, in the column of the calling thread.
    void note(const char* text);

private:
    struct Body {
        void (*call)(void*);
        void* self;
    };
    friend struct Explorer;
    void run(const Body* bodies, std::size_t count);
};

/// Calls `body(play)` once for each schedule, in the order of their preemptions. The first schedule
/// that fails ends the case, with the schedule as a ladder and its name, which WORKSHOP_SCHEDULE
/// takes to play it alone. Returns the number of schedules.
std::size_t explore(const ExploreRules& rules, void (*body)(Play&, void*), void* self, Place place);

template <class Body>
HARNESS_OWN std::size_t explore(const ExploreRules& rules, Body body, Place place = Place::here()) {
    const auto call = [](Play& play, void* self) HARNESS_OWN { (*static_cast<Body*>(self))(play); };
    return explore(rules, call, &body, place);
}

}  // namespace harness
