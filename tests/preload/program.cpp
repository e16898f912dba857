// The program's heap: small blocks from an allocator of the workshop, large ones from the kernel.
//
// It is there from the first malloc, which comes before all constructors, to the last free, which
// comes after all destructors. So it lies in static storage, is made when it is first used, and is
// never destroyed.

#include "program.hpp"

#include "failures.hpp"
#include "heap_mutex.hpp"
#include "large_blocks.hpp"
#include "story.hpp"

#include PRELOAD_STACK

#include <reallocate.hpp>

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

namespace preload {
namespace {

constexpr std::size_t most_addresses = std::size_t{64} << 30;
constexpr std::size_t least_addresses = std::size_t{1} << 20;

/// A fresh page that is only read costs no memory, so reading is what calloc tries first. For a few
/// pages it is not worth its while.
constexpr std::size_t least_to_look_at = std::size_t{32} << 10;

void on_fault(Fault fault, const void* block, Layout layout) noexcept;

struct Program {
    AddressSpace space;
    LargeBlocks large;
    Stack stack;

    Program() noexcept : stack{space, on_fault} { space.reserve(most_addresses, least_addresses); }
};

alignas(Program) constinit std::byte program_storage[sizeof(Program)] = {};
constinit bool started = false;

/// Set while this thread is in the allocator.
__thread bool inside = false;

class Inside {
public:
    Inside() noexcept { inside = true; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { inside = false; }
};

Program& made_program() noexcept {
    // SAFETY: start() made it there.
    return *std::launder(reinterpret_cast<Program*>(program_storage));
}

void start() noexcept;

Program& program() noexcept {
    // No race: the first call comes from the first thread, since to begin another takes memory.
    if (!started) [[unlikely]] {
        start();
    }
    return made_program();
}

// ---- What goes wrong ----------------------------------------------------------------------------

Scene scene_at(const void* place) noexcept {
    const auto& heap = made_program().stack.heap();
    Scene scene;
    scene.operations = &heap.operations();
    scene.heap = heap.space().begin();
    scene.place = place;
    if (const auto* const arena = heap.arena_at(place); arena != nullptr) {
        scene.arena = arena->begin();
        scene.codes = &arena->codes();
    }
    return scene;
}

/// Of the operation that is under way, or else of the last one.
Scene scene_now() noexcept {
    const HeapOperations& operations = made_program().stack.heap().operations();
    const HeapOperation& now = operations[operations.count()];
    const HeapOperation& last = operations[operations.count() - 1];
    const bool under_way = !now.done && now.block != nullptr;
    const void* const place = under_way || operations.count() == 0 ? now.block : last.block;
    return scene_at(place);
}

void on_fault(Fault fault, const void* block, Layout layout) noexcept {
    tell_failure(Failure{fault, block, layout.size(), layout.alignment()}, scene_at(block));
}

/// Where nobody is just changing the heap.
void look_for_damage(void (*found)(const void* place)) noexcept {
    if (!heap_lock.is_taken()) {
        made_program().stack.heap().look_for_damage(found);
    }
}

void start() noexcept {
    started = true;
    const int error = errno;
    watch_for_failures({[]() noexcept { return inside; }, scene_now, scene_at, look_for_damage});
    if constexpr (Stack::reports) {
        prepare_report();
    }
    const Inside guard;
    ::new (program_storage) Program;
    errno = error;
}

// ---- Blocks -------------------------------------------------------------------------------------

std::optional<Layout> layout_for(std::size_t size, std::size_t alignment) noexcept {
    if (size > PTRDIFF_MAX - unit_bytes) {
        return std::nullopt;
    }
    if constexpr (Stack::sizes == Sizes::rounded) {
        size = workshop::align_up(size == 0 ? 1 : size, unit_bytes);
    }
    return Layout::make(size, alignment);
}

void* allocate_small(Program& program, Layout layout) noexcept {
    const Inside guard;
    return program.stack.top().allocate(layout);
}

/// Ends the program: this is no pointer of ours.
[[noreturn]] void refuse(const char* function, const void* block) noexcept {
    tell_foreign_pointer(function, block);
}

LargeBlocks::Header large_header(const char* function, const void* block) noexcept {
    const std::optional<LargeBlocks::Header> header = LargeBlocks::find(block);
    if (!header) {
        refuse(function, block);
    }
    return *header;
}

/// The layout of a small block.
Layout small_layout(Program& program, const char* function, const void* block) noexcept {
    if (!program.stack.heap().is_live(block)) [[unlikely]] {
        refuse(function, block);
    }
    return program.stack.heap().layout_of(block);
}

void deallocate_small(Program& program, void* block, Layout layout) noexcept {
    const Inside guard;
    program.stack.top().deallocate(block, layout);
}

/// Another block with the content of this one, which is given back.
void* move(void* block, std::size_t content, std::size_t size) noexcept {
    void* const moved = allocate(size);
    if (moved != nullptr) {
        std::memcpy(moved, block, content < size ? content : size);
        deallocate(block);
    }
    return moved;
}

void* resize_small(Program& program, void* block, std::size_t size) noexcept {
    const Layout from = small_layout(program, "realloc", block);
    const std::optional<Layout> to = layout_for(size, from.alignment());
    if (!to || size >= program.large.threshold()) {
        return move(block, from.size(), size);
    }
    if (*to == from) {
        return block;
    }
    void* resized = nullptr;
    {
        const Inside guard;
        resized = workshop::reallocate(program.stack.top(), block, from, *to);
    }
    return resized != nullptr ? resized : move(block, from.size(), size);
}

void* resize_large(Program& program, void* block, std::size_t size) noexcept {
    const LargeBlocks::Header header = large_header("realloc", block);
    if (size >= program.large.threshold()) {
        if (void* const resized = LargeBlocks::resize(block, header, size); resized != nullptr) {
            return resized;
        }
    }
    return move(block, LargeBlocks::size_of(header), size);
}

/// Writes zeros where there are none yet.
void clear(std::byte* first, std::size_t size) noexcept {
    if (size < least_to_look_at) {
        std::memset(first, 0, size);
        return;
    }
    const std::size_t page = page_size();
    while (size != 0) {
        const std::size_t to_page = page - (workshop::address_of(first) & (page - 1));
        const std::size_t piece = to_page < size ? to_page : size;
        // All bytes are equal to the one before them, and the first is zero.
        const bool is_clear =
            *first == std::byte{0} && std::memcmp(first, first + 1, piece - 1) == 0;
        if (!is_clear) {
            std::memset(first, 0, piece);
        }
        first += piece;
        size -= piece;
    }
}

// ---- Fork ---------------------------------------------------------------------------------------

// The child is a copy of the process, but of one thread only. If another one is in the allocator at
// that moment, its work is half done in the copy, and will stay so. So fork() waits for the lock.
//
// -z initfirst: our constructor is the first, so the handlers of all others run before ours.
__attribute__((constructor)) void prepare_for_fork() {
    program();
    pthread_atfork([] { heap_lock.lock_for_fork(); }, [] { heap_lock.unlock_in_parent(); },
                   [] { heap_lock.unlock_in_child(); });
}

// ---- The report ---------------------------------------------------------------------------------

template <class AnyStack>
void report(const AnyStack& stack) {
    if constexpr (AnyStack::reports) {
        write_report([&stack](Text& text) {
            stack.tracker().report(
                [&text](std::string_view piece) { text.add(piece.data(), piece.size()); });
        });
    }
}

__attribute__((destructor)) void report_at_exit() {
    report(program().stack);
}

}  // namespace

void* allocate(std::size_t size) noexcept {
    return allocate(size, unit_bytes);
}

void* allocate(std::size_t size, std::size_t alignment) noexcept {
    Program& all = program();
    const std::optional<Layout> layout =
        layout_for(size, alignment < unit_bytes ? unit_bytes : alignment);
    if (!layout) [[unlikely]] {
        return nullptr;
    }
    const bool is_small = size < all.large.threshold();
    if (is_small) [[likely]] {
        if (void* const block = allocate_small(all, *layout); block != nullptr) [[likely]] {
            return block;
        }
    }
    void* const block = all.large.allocate(size, layout->alignment());
    // Under a limit on its addresses that a program sets itself, only what we reserved is left.
    return block != nullptr || is_small ? block : allocate_small(all, *layout);
}

void* allocate_zeroed(std::size_t size) noexcept {
    void* const block = allocate(size);
    if (block != nullptr && made_program().stack.heap().owns(block)) {
        clear(static_cast<std::byte*>(block), size);
    }
    return block;
}

void* resize(void* block, std::size_t size) noexcept {
    Program& all = program();
    return all.stack.heap().owns(block) ? resize_small(all, block, size)
                                        : resize_large(all, block, size);
}

void deallocate(void* block) noexcept {
    Program& all = program();
    if (all.stack.heap().owns(block)) [[likely]] {
        deallocate_small(all, block, small_layout(all, "free", block));
    } else {
        all.large.deallocate(block, large_header("free", block));
    }
}

std::size_t usable_size(const void* block) noexcept {
    Program& all = program();
    return all.stack.heap().owns(block)
               ? small_layout(all, "malloc_usable_size", block).size()
               : LargeBlocks::size_of(large_header("malloc_usable_size", block));
}

}  // namespace preload
