// Step 5: a layer that lets one thread at a time into an allocator.
//
//   a ── allocate ──> |       |
//   b ── allocate ──> | mutex | ── one at a time ──> Upstream
//   c ─ deallocate ─> |       |
//
// It is right for every allocator, and as slow as the queue in front of it. See CONCEPTS.md,
// "Locks".

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>
#include <layer.hpp>
#include <todo.hpp>

#include <cstddef>
#include <mutex>

namespace workshop {

/// Passes every request on to an allocator, which must live longer than this does and which nobody
/// uses but through this. As many threads as like may use it at once.
template <Allocator Upstream, class Mutex = std::mutex>
class Locked {
public:
    explicit Locked(Upstream& upstream) noexcept : upstream_{upstream} {}

    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

    /// Returns upstream's block for this layout, or nullptr where upstream has none.
    [[nodiscard]] void* allocate(Layout layout, Place place = Place::here()) noexcept {
        // TODO 5.2: take the lock so that every way out of this function gives it back, and ask
        // upstream with allocate_from().
        return todo<void*>(upstream_, mutex_, layout, place);
    }

    /// Gives the block back to upstream. nullptr is ignored.
    void deallocate(void* block, Layout layout, Place place = Place::here()) noexcept {
        // TODO 5.2: the same with deallocate_to().
        todo<void>(upstream_, block, layout, place);
    }

    // Whatever else upstream offers is offered here, under the lock too.

    /// Takes all blocks back at once, where upstream can. Requires that no thread still uses one.
    void reset() noexcept requires HasReset<Upstream> {
        // TODO 5.2: the same.
        todo<void>(upstream_);
    }

    /// As upstream's.
    bool owns(const void* pointer) const noexcept requires HasOwns<Upstream> {
        // TODO 5.2: the same. It only reads; why is that no reason to go without the lock?
        return todo<bool>(upstream_, pointer);
    }

    /// As upstream's.
    bool check() const noexcept requires HasCheck<Upstream> {
        // TODO 5.2: the same.
        return todo<bool>(upstream_);
    }

    /// As upstream's: makes the block larger or smaller where it stands, or returns false.
    bool try_resize(void* block, Layout layout, Layout new_layout,
                    Place place = Place::here()) noexcept requires HasTryResize<Upstream> {
        // TODO 5.2: the same with try_resize_in().
        static_cast<void>(place);
        return todo<bool>(upstream_, block, layout, new_layout);
    }

    /// Calls `visit(offset, size, state)` for each piece of upstream's buffer, as it was at one
    /// moment of this call. The lock is not held while `visit` runs, so it may use this allocator.
    template <class Visit>
    requires HasForEachBlock<Upstream, Visit>
    void for_each_block(Visit&& visit) const {
        // TODO 5.2: copy the pieces under the lock, visit the copy without it. Where does the
        // memory for the copy come from, and who may be holding the lock when you ask for it?
        todo<void>(upstream_, mutex_, visit);
    }

private:
    // Invariants
    //   1. upstream_ is used only while mutex_ is held.
    //   2. While mutex_ is held, nobody's function is called but upstream's.
    Upstream& upstream_;
    mutable Mutex mutex_;
};

}  // namespace workshop
