// Step 3: a layer that keeps count of what an allocator does, and catches who misuses it.
//
//     caller ──── allocate ───> Tracking<Upstream> ──── allocate ───> Upstream
//            <──── block ──────   counts, records  <──── block ──────  serves
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

/// Whether a tracker keeps a record of each block and so can tell misuse.
enum class Checks { off, on };

#ifdef NDEBUG
constexpr Checks default_checks = Checks::off;
#else
constexpr Checks default_checks = Checks::on;
#endif

/// What a tracker has counted. Bytes are the bytes that were asked for, and nothing else.
struct Stats {
    std::size_t live_blocks = 0;
    std::size_t live_bytes = 0;
    std::size_t peak_bytes = 0;    // the most that live_bytes has been
    std::size_t total_blocks = 0;  // handed out so far, whatever became of them
    std::size_t total_bytes = 0;
    std::size_t failures = 0;  // requests that got nullptr

    friend bool operator==(const Stats&, const Stats&) = default;
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

/// Passes every request on to an allocator, which must live longer than this does, and keeps
/// count. As many threads as upstream bears may use it at once.
template <Allocator Upstream, Checks checks = default_checks>
class Tracking {
public:
    explicit Tracking(Upstream& upstream) noexcept : upstream_{upstream} {}

    Tracking(const Tracking&) = delete;
    Tracking& operator=(const Tracking&) = delete;

    /// Returns upstream's block for this layout, or nullptr where upstream has none; then nothing
    /// but `failures` is counted. With Checks::on, a block for whose record the kernel has no
    /// memory is refused too.
    [[nodiscard]] void* allocate(Layout layout, Place place = Place::here()) noexcept {
        // TODO 3.1: ask upstream with allocate_from(); count the block, or the failure.
        // TODO 3.3: remember the block before anybody else can hear of it. Where that fails, give
        // it back to upstream, and the request has failed.
        return todo<void*>(upstream_, layout, place, failures_);
    }

    /// Gives the block back to upstream; by the time upstream has it, it counts no longer. nullptr
    /// is ignored. With Checks::on, a misuse is told to the handler and does nothing else: no
    /// counter changes, and upstream never hears of it.
    void deallocate(void* block, Layout layout, Place place = Place::here()) noexcept {
        // TODO 3.1: count the block out and give it back with deallocate_to(). Which first?
        // TODO 3.3: unless it is a misuse.
        todo<void>(block, layout, place, upstream_);
    }

    // ORDER: relaxed, here and wherever a counter is used. An increment is never lost, whatever
    // its order; and no thread concludes from a counter that other memory is ready to be read.

    /// Blocks that are handed out and not given back.
    std::size_t live_blocks() const noexcept {
        return live_blocks_.load(std::memory_order_relaxed);
    }

    /// Bytes that were asked for by the live blocks.
    std::size_t live_bytes() const noexcept { return live_bytes_.load(std::memory_order_relaxed); }

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

    /// The most that live_bytes() has ever been.
    std::size_t peak_bytes() const noexcept { return peak_bytes_.load(std::memory_order_relaxed); }

    /// All counters at once. Exact while no other call is under way. While other threads allocate,
    /// each number is one that its counter had during this call, but they need not belong to one
    /// moment; only that peak_bytes is at least live_bytes is certain.
    Stats stats() const noexcept {
        // TODO 3.2: read the counters, one after the other, and keep the last promise above.
        return todo<Stats>(live_bytes_, peak_bytes_);
    }

    /// From now on `handler(misuse, context)` is called at each misuse, on the thread that made
    /// it. It may use this tracker, and must not throw. Until there is a handler, and after
    /// nullptr, a misuse ends the program with std::abort(). Not while other threads are at work.
    void on_misuse(MisuseHandler handler, void* context = nullptr) noexcept {
        if constexpr (checks == Checks::on) {
            // TODO 3.3: keep both for tell().
            todo<void>(handler, context, watch_);
        }
    }

    /// Calls `visit(record)` for each live block, in the order in which they were handed out.
    /// `visit` may use this tracker. Blocks that come or go meanwhile may be seen or not.
    template <class Visit>
    void for_each_live(Visit&& visit) const requires(checks == Checks::on) {
        // TODO 3.4: get one live block after the other from the records. `visit` may come back to
        // this tracker, so hold the guard only while you ask.
        todo<void>(visit, watch_.records);
    }

    /// The class that a size falls into: 0 for 0, 1 for 1, 2 for 2, 3 for 3..4, 4 for 5..8, and so
    /// on: each ends with a power of two.
    static constexpr std::size_t size_class(std::size_t size) noexcept {
        // TODO 3.4: how many bits has the number before `size`?
        return todo<std::size_t>(size);
    }

    /// Blocks of that class that were ever handed out. Requires size_class < size_classes.
    std::size_t total_blocks_of(std::size_t size_class) const noexcept {
        return total_blocks_of_[size_class].load(std::memory_order_relaxed);
    }

    /// As many classes as there are: no block is larger than PTRDIFF_MAX.
    static constexpr std::size_t size_classes = std::bit_width(std::size_t{PTRDIFF_MAX}) + 2;

    /// Writes a report by calling `write(text)` with one piece after the other, std::string_views;
    /// `write` may use this tracker. Two trackers that saw the same calls report the same text:
    ///
    ///                 blocks        bytes
    ///     live             2           96
    ///     peak                        256
    ///     total            7          400
    ///     failed           1
    ///     33..64           5  ########################################
    ///     65..128          2  ################
    ///     #3              48  main.cpp:31
    ///     #7              48  main.cpp:44
    ///
    /// A line for each size class of which there were blocks, the longest bar 40 wide, the others
    /// in proportion and at least 1. With Checks::on, a line for each live block: its number, its
    /// bytes, and the place that asked for it.
    template <class Write>
    void report(Write&& write) const {
        report_totals(write);
        report_size_classes(write);
        if constexpr (checks == Checks::on) {
            report_live_blocks(write);
        }
    }

    // Whatever else upstream offers is offered here.

    /// Takes all blocks back at once, where upstream can. Nothing is live then; the peak, the
    /// totals and the failures stay. Not while other threads are at work.
    void reset() noexcept requires HasReset<Upstream> {
        // TODO 3.1: nothing is live any more, here and in upstream.
        // TODO 3.3: nor in the records.
        todo<void>(live_blocks_, live_bytes_, upstream_);
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

    /// As upstream's: makes the block larger or smaller where it stands, or returns false. New
    /// bytes count as asked for; a refusal counts as nothing. With Checks::on, a misuse is told to
    /// the handler and refused.
    bool try_resize(void* block, Layout layout, Layout new_layout,
                    Place place = Place::here()) noexcept requires HasTryResize<Upstream> {
        if (!accept(block, layout, place, [](Record&) {}) ||
            !try_resize_in(upstream_, block, layout, new_layout, place)) {
            return false;
        }
        accept(block, layout, place, [=](Record& record) { record.layout = new_layout; });
        if (new_layout.size() > layout.size()) {
            count_bytes(new_layout.size() - layout.size());
        } else {
            live_bytes_.fetch_sub(layout.size() - new_layout.size(), std::memory_order_relaxed);
        }
        return true;
    }

private:
    /// Counts a block of this size that was handed out.
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

    /// Makes the peak `live`, unless it is higher.
    void raise_peak(std::size_t live) noexcept {
        // TODO 3.2: compare and exchange, until the peak is high enough, by whoever's doing.
        todo<void>(live, peak_bytes_);
    }

    /// With Checks::on, keeps a record of the block; false when there is no memory for it.
    bool remember(const void* block, Layout layout, Place place) noexcept {
        if constexpr (checks == Checks::on) {
            // TODO 3.3: take the guard, add a record.
            return todo<bool>(block, layout, place, watch_.records);
        }
        return true;
    }

    /// With Checks::on, calls `change(record)` where the block is live and was asked for with this
    /// layout; where not, tells the handler, with no lock held, and returns false.
    template <class Change>
    bool accept(const void* block, Layout layout, Place place, Change change) noexcept {
        if constexpr (checks == Checks::on) {
            // TODO 3.3: find the record under the guard. There are three ways in which the call
            // can be a misuse. Let go of the guard before you tell().
            todo<void>(block, layout, place, change);
            return todo<bool>(watch_.records);
        }
        return true;
    }

    /// Tells the handler, or ends the program where there is none.
    void tell(const Misuse& misuse) const noexcept {
        if (watch_.handler == nullptr) {
            std::abort();
        }
        watch_.handler(misuse, watch_.context);
    }

    /// The first five lines of the report.
    template <class Write>
    void report_totals(Write& write) const {
        const Stats now = stats();
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

    /// The bar chart: a line for each size class of which there were blocks.
    template <class Write>
    void report_size_classes(Write& write) const {
        // TODO 3.4: find the largest count, then write each line with report_size_class().
        todo<void>(write, size_classes, total_blocks_of_);
    }

    /// One line of the bar chart, its bar `length` wide.
    template <class Write>
    static void report_size_class(Write& write, std::size_t which, std::size_t blocks,
                                  std::size_t length) {
        const std::size_t last = which == 0 ? 0 : std::size_t{1} << (which - 1);
        const std::size_t first = which < 3 ? last : last / 2 + 1;
        char text[96];
        const int width = first == last ? std::snprintf(text, sizeof text, "%zu", last)
                                        : std::snprintf(text, sizeof text, "%zu..%zu", first, last);
        write(std::string_view{text, static_cast<std::size_t>(width)});
        const int rest =
            std::snprintf(text, sizeof text, " %*zu  ", width < 29 ? 29 - width : 0, blocks);
        write(std::string_view{text, static_cast<std::size_t>(rest)});
        for (std::size_t i = 0; i < length; ++i) {
            write(std::string_view{"#"});
        }
        write(std::string_view{"\n"});
    }

    /// A line for each live block.
    template <class Write>
    void report_live_blocks(Write& write) const {
        // TODO 3.4: number, bytes and place of each. A place's file can have any length.
        todo<void>(write);
    }

    // There only with Checks::on.
    struct Watch {
        Records records;
        MisuseHandler handler = nullptr;
        void* context = nullptr;
    };
    struct NoWatch {};

    // Invariants
    //   1. A block that a caller holds is counted and, with Checks::on, recorded as live: from
    //      before allocate() returns it until just before upstream gets it back.
    //   2. live_blocks_ and live_bytes_ therefore never pass below 0.
    //   3. peak_bytes_ never falls.
    //   4. While a Guard lives, neither upstream nor anybody's function is called.
    Upstream& upstream_;
    std::atomic<std::size_t> live_blocks_ = 0;
    std::atomic<std::size_t> live_bytes_ = 0;
    std::atomic<std::size_t> peak_bytes_ = 0;
    std::atomic<std::size_t> total_blocks_ = 0;
    std::atomic<std::size_t> total_bytes_ = 0;
    std::atomic<std::size_t> failures_ = 0;
    std::atomic<std::size_t> total_blocks_of_[size_classes] = {};
    [[no_unique_address]] mutable std::conditional_t<checks == Checks::on, Watch, NoWatch> watch_;
};

}  // namespace workshop
