#include <harness/upstream.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace harness {
namespace {

constexpr std::size_t storage_size = std::size_t{1} << 18;
constexpr std::size_t largest_alignment = 4096;

std::byte everybodys;
thread_local std::byte own;

void call_once(FunctionRef<>& function) {
    if (function) {
        const FunctionRef<> now = function;
        function = {};
        now();
    }
}

}  // namespace

Upstream::Upstream(Serves serves) : serves_{serves} {
    if (serves == Serves::blocks) {
        storage_ = static_cast<std::byte*>(std::aligned_alloc(largest_alignment, storage_size));
    }
}

Upstream::~Upstream() {
    std::free(storage_);
}

void* Upstream::allocate(std::size_t size, std::size_t alignment, Place place) noexcept {
    if (serves_ == Serves::own_byte) {
        return &own;  // at once: threads are to meet in the layer, not here
    }
    allocations_ += 1;
    switch (serves_) {
        case Serves::blocks:
            last_size = size;
            last_alignment = alignment;
            last_place = place;
            call_once(on_allocate);
            return refuse ? nullptr : last_block = take(size, alignment);
        case Serves::heap:
            return std::malloc(std::max<std::size_t>(1, size));
        case Serves::same_byte:
            return &everybodys;
        case Serves::own_byte:
        case Serves::nothing:
            break;
    }
    return nullptr;
}

void* Upstream::take(std::size_t size, std::size_t alignment) noexcept {
    if (free_ != nullptr && free_size_ == size && free_alignment_ == alignment) {
        void* const block = free_;
        free_ = nullptr;
        return block;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(storage_ + used_);
    const std::size_t padding = (0 - address) & (alignment - 1);
    const std::size_t taken = std::clamp<std::size_t>(size, 1, 64);
    if (padding > storage_size - used_ || taken > storage_size - used_ - padding) {
        return nullptr;
    }
    std::byte* const block = storage_ + used_ + padding;
    used_ += padding + taken;
    return block;
}

void Upstream::deallocate(void* block, std::size_t size, std::size_t alignment,
                          Place place) noexcept {
    if (serves_ == Serves::own_byte) {
        return;
    }
    deallocations_ += block != nullptr ? 1 : 0;
    if (serves_ == Serves::heap) {
        std::free(block);
    }
    if (serves_ != Serves::blocks) {
        return;
    }
    last_block = free_ = block;
    last_size = free_size_ = size;
    last_alignment = free_alignment_ = alignment;
    last_place = place;
    call_once(on_deallocate);
}

bool Upstream::try_resize(void* block, std::size_t size, std::size_t new_size,
                          std::size_t alignment, Place place) noexcept {
    resizes_ += 1;
    last_block = block;
    old_size = size;
    last_size = new_size;
    last_alignment = alignment;
    last_place = place;
    return !refuse;
}

void Upstream::reset() noexcept {
    resets_ += 1;
    used_ = 0;
    free_ = nullptr;
}

bool Upstream::owns(const void* pointer) const noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer) - reinterpret_cast<std::uintptr_t>(storage_) <
           storage_size;
}

}  // namespace harness
