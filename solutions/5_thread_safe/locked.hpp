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

#include <cstddef>
#include <mutex>
#include <vector>

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
        const std::lock_guard guard{mutex_};
        return allocate_from(upstream_, layout, place);
    }

    /// Gives the block back to upstream. nullptr is ignored.
    void deallocate(void* block, Layout layout, Place place = Place::here()) noexcept {
        const std::lock_guard guard{mutex_};
        deallocate_to(upstream_, block, layout, place);
    }

    // Whatever else upstream offers is offered here, under the lock too.

    /// Takes all blocks back at once, where upstream can. Requires that no thread still uses one.
    void reset() noexcept requires HasReset<Upstream> {
        const std::lock_guard guard{mutex_};
        upstream_.reset();
    }

    /// As upstream's.
    bool owns(const void* pointer) const noexcept requires HasOwns<Upstream> {
        const std::lock_guard guard{mutex_};
        return upstream_.owns(pointer);
    }

    /// As upstream's.
    bool check() const noexcept requires HasCheck<Upstream> {
        const std::lock_guard guard{mutex_};
        return upstream_.check();
    }

    /// As upstream's: makes the block larger or smaller where it stands, or returns false.
    bool try_resize(void* block, Layout layout, Layout new_layout,
                    Place place = Place::here()) noexcept requires HasTryResize<Upstream> {
        const std::lock_guard guard{mutex_};
        return try_resize_in(upstream_, block, layout, new_layout, place);
    }

    /// Calls `visit(offset, size, state)` for each piece of upstream's buffer, as it was at one
    /// moment of this call. The lock is not held while `visit` runs, so it may use this allocator.
    template <class Visit>
    requires HasForEachBlock<Upstream, Visit>
    void for_each_block(Visit&& visit) const {
        for (const Piece& piece : pieces()) {
            visit(piece.offset, piece.size, piece.state);
        }
    }

private:
    struct Piece {
        std::size_t offset, size;
        BlockState state;
    };

    /// The pieces of upstream's buffer. The vector grows only while the lock is free: its memory
    /// may come from this very allocator.
    std::vector<Piece> pieces() const {
        std::vector<Piece> pieces;
        while (true) {
            const std::size_t count = copy_to(pieces);
            if (count <= pieces.size()) {
                pieces.resize(count);
                return pieces;
            }
            pieces.resize(count + count / 8 + 8);  // others may split blocks meanwhile
        }
    }

    /// Copies as many pieces as there are elements, and returns how many pieces there are.
    std::size_t copy_to(std::vector<Piece>& pieces) const {
        const std::lock_guard guard{mutex_};
        std::size_t count = 0;
        upstream_.for_each_block([&](std::size_t offset, std::size_t size, BlockState state) {
            if (count < pieces.size()) {
                pieces[count] = {offset, size, state};
            }
            ++count;
        });
        return count;
    }

    // Invariants
    //   1. upstream_ is used only while mutex_ is held.
    //   2. While mutex_ is held, nobody's function is called but upstream's.
    Upstream& upstream_;
    mutable Mutex mutex_;
};

}  // namespace workshop
