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
        void* const block = allocate_from(upstream_, layout, place);
        if (block != nullptr && remember(block, layout, place)) {
            count_block(layout.size());
            return block;
        }
        if (block != nullptr) {
            deallocate_to(upstream_, block, layout, place);
        }
        failures_.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }

    /// Gives the block back to upstream; by the time upstream has it, it counts no longer. nullptr
    /// is ignored. With Checks::on, a misuse is told to the handler and does nothing else: no
    /// counter changes, and upstream never hears of it.
    void deallocate(void* block, Layout layout, Place place = Place::here()) noexcept {
        const auto give_back = [](Record& record) { record.live = false; };
        if (block == nullptr || !accept(block, layout, place, give_back)) {
            return;
        }
        // Before upstream has the block (1): from then on another thread may get it and count it.
        live_blocks_.fetch_sub(1, std::memory_order_relaxed);
        live_bytes_.fetch_sub(layout.size(), std::memory_order_relaxed);
        deallocate_to(upstream_, block, layout, place);
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
        Stats stats{.live_blocks = live_blocks(),
                    .live_bytes = live_bytes(),
                    .peak_bytes = peak_bytes(),
                    .total_blocks = total_blocks(),
                    .total_bytes = total_bytes(),
                    .failures = failures()};
        if (stats.peak_bytes < stats.live_bytes) {
            stats.peak_bytes = stats.live_bytes;  // another thread is about to write it down
        }
        return stats;
    }

    /// From now on `handler(misuse, context)` is called at each misuse, on the thread that made
    /// it. It may use this tracker, and must not throw. Until there is a handler, and after
    /// nullptr, a misuse ends the program with std::abort(). Not while other threads are at work.
    void on_misuse(MisuseHandler handler, void* context = nullptr) noexcept {
        if constexpr (checks == Checks::on) {
            watch_.handler = handler;
            watch_.context = context;
        }
    }

    /// Calls `visit(record)` for each live block, in the order in which they were handed out.
    /// `visit` may use this tracker. Blocks that come or go meanwhile may be seen or not.
    template <class Visit>
    void for_each_live(Visit&& visit) const requires(checks == Checks::on) {
        std::optional<Record> record = next_live(0);
        while (record) {
            visit(*record);
            record = next_live(record->number);
        }
    }

    /// The class that a size falls into: 0 for 0, 1 for 1, 2 for 2, 3 for 3..4, 4 for 5..8, and so
    /// on: each ends with a power of two.
    static constexpr std::size_t size_class(std::size_t size) noexcept {
        return size == 0 ? 0 : static_cast<std::size_t>(std::bit_width(size - 1)) + 1;
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
        if constexpr (checks == Checks::on) {
            const Records::Guard guard{watch_.records};
            watch_.records.clear();
        }
        live_blocks_.store(0, std::memory_order_relaxed);
        live_bytes_.store(0, std::memory_order_relaxed);
        upstream_.reset();
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
        total_blocks_.fetch_add(1, std::memory_order_relaxed);
        total_blocks_of_[size_class(size)].fetch_add(1, std::memory_order_relaxed);
        live_blocks_.fetch_add(1, std::memory_order_relaxed);
        count_bytes(size);
    }

    /// Counts bytes that were handed out, in a new block or at the end of one that grew.
    void count_bytes(std::size_t size) noexcept {
        total_bytes_.fetch_add(size, std::memory_order_relaxed);
        // What fetch_add found plus what it added is a value that live_bytes_ had. A load after
        // it could miss that value: another thread may have subtracted meanwhile.
        raise_peak(live_bytes_.fetch_add(size, std::memory_order_relaxed) + size);
    }

    /// Makes the peak `live`, unless it is higher.
    void raise_peak(std::size_t live) noexcept {
        std::size_t peak = peak_bytes_.load(std::memory_order_relaxed);
        // An exchange that fails loads the peak anew: another thread has changed it, and may have
        // raised it past us.
        while (peak < live &&
               !peak_bytes_.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
        }
    }

    /// With Checks::on, keeps a record of the block; false when there is no memory for it.
    bool remember(const void* block, Layout layout, Place place) noexcept {
        if constexpr (checks == Checks::on) {
            const Records::Guard guard{watch_.records};
            return watch_.records.add(block, layout, place);
        }
        return true;
    }

    /// With Checks::on, calls `change(record)` where the block is live and was asked for with this
    /// layout; where not, tells the handler, with no lock held, and returns false.
    template <class Change>
    bool accept(const void* block, Layout layout, Place place, Change change) noexcept {
        if constexpr (checks == Checks::on) {
            if (const auto misuse = find_misuse(block, layout, place, change)) {
                tell(*misuse);
                return false;
            }
        }
        return true;
    }

    // The misuse, if it is one; if not, calls `change(record)`.
    template <class Change>
    std::optional<Misuse> find_misuse(const void* block, Layout layout, Place place,
                                      Change change) noexcept {
        using enum Misuse::Kind;
        const Records::Guard guard{watch_.records};
        Record* const record = watch_.records.find(block);
        if (record == nullptr) {
            return Misuse{foreign_pointer, block, layout, place, std::nullopt};
        }
        if (!record->live) {
            return Misuse{double_free, block, layout, place, *record};
        }
        if (record->layout != layout) {
            return Misuse{wrong_layout, block, layout, place, *record};
        }
        change(*record);
        return std::nullopt;
    }

    /// Tells the handler, or ends the program where there is none.
    void tell(const Misuse& misuse) const noexcept {
        if (watch_.handler == nullptr) {
            std::abort();
        }
        watch_.handler(misuse, watch_.context);
    }

    // A copy, so that no lock is held while it is used.
    std::optional<Record> next_live(std::size_t number) const noexcept {
        const Records::Guard guard{watch_.records};
        return watch_.records.next_live(number);
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
        std::size_t most = 0;
        for (std::size_t i = 0; i < size_classes; ++i) {
            most = total_blocks_of(i) > most ? total_blocks_of(i) : most;
        }
        for (std::size_t i = 0; i < size_classes; ++i) {
            if (const std::size_t blocks = total_blocks_of(i); blocks != 0) {
                constexpr std::size_t longest = 40;
                const std::size_t length = blocks >= most ? longest : blocks * longest / most;
                report_size_class(write, i, blocks, length == 0 ? 1 : length);
            }
        }
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
        for_each_live([&write](const Record& record) {
            char text[96];
            const int length = std::snprintf(text, sizeof text, "#%-29zu %13zu  ", record.number,
                                             record.layout.size());
            write(std::string_view{text, static_cast<std::size_t>(length)});
            write(std::string_view{record.place.file});
            const int rest = std::snprintf(text, sizeof text, ":%d\n", record.place.line);
            write(std::string_view{text, static_cast<std::size_t>(rest)});
        });
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
