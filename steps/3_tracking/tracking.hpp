// Step 3: a layer that keeps count of what an allocator does, and catches who misuses it.
//
//     caller ──── allocate ───> Tracking<Upstream> ──── allocate ───> Upstream
//            <──── block ──────   counts, watches  <──── block ──────  serves
//
// It is an allocator itself, so whoever works with upstream works with the layer. See CONCEPTS.md,
// "Tracking".

#pragma once

#include <alignment.hpp>
#include <layer.hpp>
#include <records.hpp>
#include <todo.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <type_traits>

namespace workshop {

/// What has been counted. Bytes are the bytes that were asked for, and nothing else.
struct Stats {
    std::size_t live_blocks = 0;
    std::size_t live_bytes = 0;
    std::size_t peak_bytes = 0;    // the most that live_bytes has been
    std::size_t total_blocks = 0;  // handed out so far, whatever became of them
    std::size_t total_bytes = 0;
    std::size_t failures = 0;  // requests that got nullptr

    friend bool operator==(const Stats&, const Stats&) = default;
};

/// The counters of a tracker, for any number of threads. `Atomic` is std::atomic, unless somebody
/// wants to watch.
template <template <class> class Atomic = std::atomic>
class Counters {
public:
    // ORDER: relaxed, here and wherever a counter is used. An addition is never lost, whatever its
    // order; and no thread concludes from a counter that other memory is ready to be read.

    /// Blocks that are handed out and not given back.
    std::size_t live_blocks() const noexcept {
        return live_blocks_.load(std::memory_order_relaxed);
    }

    /// Bytes that were asked for by the live blocks.
    std::size_t live_bytes() const noexcept { return live_bytes_.load(std::memory_order_relaxed); }

    /// The most that live_bytes() has ever been.
    std::size_t peak_bytes() const noexcept { return peak_bytes_.load(std::memory_order_relaxed); }

    /// Blocks that were ever handed out.
    std::size_t total_blocks() const noexcept {
        return total_blocks_.load(std::memory_order_relaxed);
    }

    /// Bytes that were asked for by all blocks that were ever handed out.
    std::size_t total_bytes() const noexcept {
        return total_bytes_.load(std::memory_order_relaxed);
    }

    /// Requests that got nullptr.
    std::size_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

    /// All of these at once. Exact while no other call is under way. While other threads allocate,
    /// each number is one that its counter had during this call (the peak, one that it had or was
    /// about to pass), but they need not belong to one moment; only that peak_bytes is at least
    /// live_bytes is certain.
    Stats stats() const noexcept {
        // TODO 3.2: read the counters, one after the other, and keep the last promise above.
        return todo<Stats>(live_bytes_, peak_bytes_);
    }

    /// The class that a size falls into: 0 for 0, 1 for 1, 2 for 2, 3 for 3..4, 4 for 5..8, and so
    /// on: each ends with a power of two.
    static constexpr std::size_t size_class(std::size_t size) noexcept {
        // TODO 3.4: how many bits has the number before `size`?
        return todo<std::size_t>(size);
    }

    /// As many classes as there are: no block is larger than PTRDIFF_MAX.
    static constexpr std::size_t size_classes = std::bit_width(std::size_t{PTRDIFF_MAX}) + 2;

    /// Blocks of a class that were ever handed out. Requires which < size_classes.
    std::size_t total_blocks_of(std::size_t which) const noexcept {
        return total_blocks_of_[which].load(std::memory_order_relaxed);
    }

protected:
    /// Counts a block that was handed out.
    void count_block(std::size_t size) noexcept {
        // TODO 3.1: one more block, live and in all; then its bytes.
        // TODO 3.4: one more in its size class.
        todo<void>(size, live_blocks_, total_blocks_, total_blocks_of_);
    }

    /// Counts bytes that were handed out, in a new block or at the end of one that grew.
    void count_bytes(std::size_t size) noexcept {
        // TODO 3.1: more bytes, live and in all.
        // TODO 3.2: raise the peak to what live_bytes_ has become.
        todo<void>(size, live_bytes_, total_bytes_);
    }

    /// Counts a block out that is no longer live.
    void uncount_block(std::size_t size) noexcept {
        // TODO 3.1: one live block less, and its bytes.
        todo<void>(size, live_blocks_);
    }

    /// Counts bytes out that are no longer live, of a block or from the end of one that shrank.
    void uncount_bytes(std::size_t size) noexcept {
        // TODO 3.1: fewer live bytes.
        todo<void>(size, live_bytes_);
    }

    /// Counts all blocks out. Not while other threads are at work.
    void uncount_all() noexcept {
        live_blocks_.store(0, std::memory_order_relaxed);
        live_bytes_.store(0, std::memory_order_relaxed);
    }

    /// Counts a request that got nullptr.
    void count_failure() noexcept { failures_.fetch_add(1, std::memory_order_relaxed); }

private:
    /// Makes the peak `live`, unless it is higher.
    void raise_peak(std::size_t live) noexcept {
        // TODO 3.2: compare and exchange, until the peak is high enough, by whoever's doing.
        todo<void>(live, peak_bytes_);
    }

    // Invariants
    //   1. A block that a caller holds is counted, from before allocate() returns it until just
    //      before upstream gets it back.
    //   2. live_blocks_ and live_bytes_ therefore never pass below 0.
    //   3. peak_bytes_ never falls.
    Atomic<std::size_t> live_blocks_ = 0;
    Atomic<std::size_t> live_bytes_ = 0;
    Atomic<std::size_t> peak_bytes_ = 0;
    Atomic<std::size_t> total_blocks_ = 0;
    Atomic<std::size_t> total_bytes_ = 0;
    Atomic<std::size_t> failures_ = 0;
    Atomic<std::size_t> total_blocks_of_[size_classes] = {};
};

/// A call that should not have been made.
struct Misuse {
    enum class Kind {
        double_free,      // the block was given back before
        foreign_pointer,  // no block that was handed out begins here
        wrong_layout,     // the block was asked for with another layout
    };

    Kind kind;
    const void* pointer;
    Layout layout;                // as given in the call
    Place place;                  // of the call
    std::optional<Record> block;  // what is known of the block; nullopt for a foreign pointer
};

/// Told of a misuse, and of the `context` that was registered with it.
using MisuseHandler = void (*)(const Misuse& misuse, void* context);

/// Knows every block, and so tells use from misuse. For any number of threads.
template <template <class> class Atomic = std::atomic>
class Watch {
public:
    /// Sets who is told; nullptr: nobody, and a misuse ends the program with std::abort().
    void set_handler(MisuseHandler handler, void* context) noexcept {
        // TODO 3.3: keep both for tell().
        todo<void>(handler, context, handler_, context_);
    }

    /// Keeps a record of a block that was handed out. False when there is no memory for it.
    [[nodiscard]] bool remember(const void* block, Layout layout, Place place) noexcept {
        // TODO 3.3: take the guard, then add a record.
        return todo<bool>(block, layout, place, records_);
    }

    /// What a call makes of a block.
    struct Change {
        Layout layout;
        bool live;
    };

    /// Makes the change, if the block is live and was asked for with this layout. If not, tells
    /// the handler, with no lock held, and returns false.
    bool accept(const void* block, Layout layout, Place place, Change change) noexcept {
        // TODO 3.3: find the record under the guard. There are three ways in which the call can be
        // a misuse. Let go of the guard before you tell().
        todo<void>(block, layout, place, change);
        return todo<bool>(records_);
    }

    /// No block is live any more.
    void forget_all() noexcept {
        const Guard guard{taken_};
        records_.clear();
    }

    /// The first live block that was handed out after block number `number`, if there is one.
    std::optional<Record> next_live(std::size_t number) noexcept {
        const Guard guard{taken_};
        return records_.next_live(number);
    }

private:
    /// Keeps other threads away from the records while it lives.
    class Guard {
    public:
        explicit Guard(Atomic<bool>& taken) noexcept : taken_{taken} {
            // ORDER: acquire pairs with the release of the thread that was here before us, so that
            // we see what it wrote.
            while (taken_.exchange(true, std::memory_order_acquire)) {
                taken_.wait(true, std::memory_order_relaxed);
            }
        }

        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

        ~Guard() {
            // ORDER: release shows what we wrote to the thread that comes next.
            taken_.store(false, std::memory_order_release);
            taken_.notify_one();
        }

    private:
        Atomic<bool>& taken_;
    };

    /// Tells the handler, or ends the program where there is none.
    void tell(const Misuse& misuse) const noexcept {
        if (handler_ == nullptr) {
            std::abort();
        }
        handler_(misuse, context_);
    }

    // Invariants
    //   1. A block that a caller holds has a live record, from before allocate() returns it until
    //      just before upstream gets it back.
    //   2. While a Guard lives, neither upstream nor anybody's function is called.
    //   3. Nobody touches records_ without a Guard.
    Atomic<bool> taken_ = false;
    Records records_;
    MisuseHandler handler_ = nullptr;
    void* context_ = nullptr;
};

/// Writes the first five lines of a report.
template <class Write>
void report_counters(Write& write, const Stats& now) {
    char text[320];
    const int length =
        std::snprintf(text, sizeof text,
                      "%30s %13s\n"
                      "live  %24zu %13zu\n"
                      "peak  %38zu\n"
                      "total %24zu %13zu\n"
                      "failed%24zu\n",
                      "blocks", "bytes", now.live_blocks, now.live_bytes, now.peak_bytes,
                      now.total_blocks, now.total_bytes, now.failures);
    write(std::string_view{text, static_cast<std::size_t>(length)});
}

/// Writes the line of one size class, its bar `bar` wide.
template <class Write>
void report_size_class(Write& write, std::size_t which, std::size_t blocks, std::size_t bar) {
    const std::size_t last = which == 0 ? 0 : std::size_t{1} << (which - 1);
    const std::size_t first = which < 3 ? last : last / 2 + 1;
    char text[96];
    const int width = first == last ? std::snprintf(text, sizeof text, "%zu", last)
                                    : std::snprintf(text, sizeof text, "%zu..%zu", first, last);
    write(std::string_view{text, static_cast<std::size_t>(width)});
    const int rest =
        std::snprintf(text, sizeof text, " %*zu  ", width < 29 ? 29 - width : 0, blocks);
    write(std::string_view{text, static_cast<std::size_t>(rest)});
    for (std::size_t i = 0; i < bar; ++i) {
        write(std::string_view{"#"});
    }
    write(std::string_view{"\n"});
}

/// Writes a line for each size class of which there were blocks.
template <class Write, class Tracker>
void report_size_classes(Write& write, const Tracker& tracker) {
    // TODO 3.4: look for the class with the most blocks, then write the lines, with
    // report_size_class().
    todo<void>(write, tracker, Tracker::size_classes);
}

/// Writes the line of one live block.
template <class Write>
void report_block(Write& write, const Record& record) {
    // TODO 3.4: number, bytes and place, as the example further below has them. The name of a file
    // can have any length.
    todo<void>(write, record);
}

/// Whether a tracker watches, or only counts.
enum class Checks { off, on };

#ifdef NDEBUG
constexpr Checks default_checks = Checks::off;
#else
constexpr Checks default_checks = Checks::on;
#endif

/// Passes every request on to an allocator, which must live longer than this does, and keeps
/// count. As many threads as upstream bears may use it at once.
template <Allocator Upstream, Checks checks = default_checks,
          template <class> class Atomic = std::atomic>
class Tracking : public Counters<Atomic> {
public:
    explicit Tracking(Upstream& upstream) noexcept : upstream_{upstream} {}

    Tracking(const Tracking&) = delete;
    Tracking& operator=(const Tracking&) = delete;

    /// Returns upstream's block for this layout, or nullptr where upstream has none; then nothing
    /// but a failure is counted. With Checks::on, a block for whose record the kernel has no
    /// memory is refused too.
    [[nodiscard]] void* allocate(Layout layout, Place place = Place::here()) noexcept {
        // TODO 3.1: ask upstream, with allocate_from(), and count what came of it.
        // TODO 3.3: with Checks::on, first have the block remembered. Where that fails, give it
        // back to upstream: then the request has failed.
        return todo<void*>(upstream_, layout, place);
    }

    /// Gives the block back to upstream; by the time upstream has it, it counts no longer. nullptr
    /// is ignored. With Checks::on, a misuse is told to the handler and does nothing else: no
    /// counter changes, and upstream never hears of it.
    void deallocate(void* block, Layout layout, Place place = Place::here()) noexcept {
        // TODO 3.1: count the block out, and give it back with deallocate_to(). Which one first?
        // TODO 3.3: with Checks::on, only if the watch accepts it.
        todo<void>(block, layout, place, upstream_);
    }

    /// From now on `handler(misuse, context)` is called at each misuse, on the thread that made
    /// it. It may use this tracker, and must not throw. Until there is a handler, and after
    /// nullptr, a misuse ends the program with std::abort(). Not while other threads are at work.
    void on_misuse(MisuseHandler handler, void* context = nullptr) noexcept {
        if constexpr (checks == Checks::on) {
            watch_.set_handler(handler, context);
        }
    }

    /// Calls `visit(record)` for each live block, in the order in which they were handed out.
    /// `visit` may use this tracker. Blocks that come or go meanwhile may be seen or not.
    template <class Visit>
    void for_each_live(Visit&& visit) const requires(checks == Checks::on) {
        // TODO 3.4: ask the watch for one live block after the other.
        todo<void>(visit, watch_);
    }

    /// Writes a report by calling `write(text)` with one piece after the other, std::string_views;
    /// `write` may use this tracker. Two trackers that saw the same calls report the same text:
    ///
    ///                             blocks         bytes
    ///     live                         2            96
    ///     peak                                     256
    ///     total                        7           400
    ///     failed                       1
    ///     33..64                       5  ########################################
    ///     65..128                      2  ################
    ///     #3                                        48  main.cpp:31
    ///     #7                                        48  main.cpp:44
    ///
    /// A line for each size class of which there were blocks, the longest bar 40 wide, the others
    /// in proportion and at least 1. With Checks::on, a line for each live block: its number, its
    /// bytes, and the place that asked for it.
    template <class Write>
    void report(Write&& write) const {
        report_counters(write, this->stats());
        report_size_classes(write, *this);
        if constexpr (checks == Checks::on) {
            for_each_live([&write](const Record& record) { report_block(write, record); });
        }
    }

    // What else upstream offers is offered here.

    /// Takes all blocks back at once, where upstream can. Nothing is live then; the peak, the
    /// totals and the failures stay. Not while other threads are at work.
    void reset() noexcept requires HasReset<Upstream> {
        // TODO 3.1: nothing is live any more, here and in upstream.
        // TODO 3.3: nor in the records, with Checks::on.
        todo<void>(upstream_);
    }

    /// As upstream's: makes the block larger or smaller where it stands, or returns false. New
    /// bytes count as asked for; a refusal counts as nothing. With Checks::on, a misuse is told to
    /// the handler and refused.
    bool try_resize(void* block, Layout layout, Layout new_layout,
                    Place place = Place::here()) noexcept requires HasTryResize<Upstream> {
        if constexpr (checks == Checks::on) {
            if (!watch_.accept(block, layout, place, {layout, true})) {
                return false;
            }
        }
        if (!try_resize_in(upstream_, block, layout, new_layout, place)) {
            return false;
        }
        if constexpr (checks == Checks::on) {
            watch_.accept(block, layout, place, {new_layout, true});
        }
        if (new_layout.size() > layout.size()) {
            count_bytes(new_layout.size() - layout.size());
        } else {
            uncount_bytes(layout.size() - new_layout.size());
        }
        return true;
    }

    /// As upstream's.
    bool owns(const void* pointer) const noexcept requires HasOwns<Upstream> {
        return upstream_.owns(pointer);
    }

    /// As upstream's.
    bool check() const noexcept requires HasCheck<Upstream> { return upstream_.check(); }

    /// As upstream's.
    template <class Visit>
    requires HasForEachBlock<Upstream, Visit>
    void for_each_block(Visit&& visit) const { upstream_.for_each_block(visit); }

private:
    // What a base that depends on a parameter has must be asked for by name.
    using Base = Counters<Atomic>;
    using Base::count_block;
    using Base::count_bytes;
    using Base::count_failure;
    using Base::uncount_all;
    using Base::uncount_block;
    using Base::uncount_bytes;

    struct NoWatch {};

    Upstream& upstream_;
    [[no_unique_address]] mutable std::conditional_t<checks == Checks::on, Watch<Atomic>, NoWatch>
        watch_;
};

}  // namespace workshop
