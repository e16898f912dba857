// What a layer under test stands on: an allocator that remembers what it was asked.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace harness {

/// Serves from an array of its own. The block that came back last is the next to go out, if it
/// has the right layout. It lends 64 bytes at most, since nobody writes into what it hands out,
/// and can so serve requests of any size. Not for concurrent use.
class Upstream {
public:
    void* allocate(workshop::Layout layout) noexcept {
        allocations += 1;
        last_layout = layout;
        call(on_allocate);
        if (refuse) {
            return nullptr;
        }
        if (free_ != nullptr && free_layout_ == layout) {
            last_block = free_;
            free_ = nullptr;
            return last_block;
        }
        const std::size_t mask = layout.alignment() - 1;
        const std::size_t padding = (0 - reinterpret_cast<std::uintptr_t>(storage_ + used_)) & mask;
        const std::size_t size = layout.size() == 0 ? 1 : layout.size() < 64 ? layout.size() : 64;
        if (padding + size > sizeof storage_ - used_) {
            return nullptr;
        }
        last_block = storage_ + used_ + padding;
        used_ += padding + size;
        return last_block;
    }

    void deallocate(void* block, workshop::Layout layout) noexcept {
        deallocations += block != nullptr ? 1 : 0;
        last_block = block;
        last_layout = layout;
        free_ = block;
        free_layout_ = layout;
        call(on_deallocate);
    }

    bool try_resize(void* block, workshop::Layout layout, workshop::Layout new_layout) noexcept {
        resizes += 1;
        last_block = block;
        old_layout = layout;
        last_layout = new_layout;
        return !refuse;
    }

    void reset() noexcept {
        resets += 1;
        used_ = 0;
        free_ = nullptr;
    }

    bool owns(const void* pointer) const noexcept {
        return reinterpret_cast<std::uintptr_t>(pointer) -
                   reinterpret_cast<std::uintptr_t>(storage_) <
               sizeof storage_;
    }

    bool check() const noexcept { return sound; }

    template <class Visit>
    void for_each_block(Visit&& visit) const {
        visit(std::size_t{1}, std::size_t{20}, 0);
        visit(std::size_t{300}, std::size_t{4000}, 0);
    }
    static constexpr std::size_t sum_of_visit = 4321;

    // To be set.
    bool refuse = false;
    bool sound = true;
    std::function<void()> on_allocate;    // called once, before a block is chosen
    std::function<void()> on_deallocate;  // called once, after the block is back

    // To be looked at.
    std::size_t allocations = 0;
    std::size_t deallocations = 0;
    std::size_t resizes = 0;
    std::size_t resets = 0;
    void* last_block = nullptr;
    std::optional<workshop::Layout> last_layout;
    std::optional<workshop::Layout> old_layout;

private:
    static void call(std::function<void()>& hook) {
        if (hook) {
            const std::function<void()> now = std::move(hook);
            hook = nullptr;
            now();
        }
    }

    alignas(4096) std::byte storage_[std::size_t{1} << 18];
    std::size_t used_ = 0;
    void* free_ = nullptr;
    std::optional<workshop::Layout> free_layout_;
};

}  // namespace harness
