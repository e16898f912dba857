// Draws the buffer of your free list after each operation, and what becomes of it in the long run.

#include <bins.hpp>
#include <free_list.hpp>
#include <reallocate.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace workshop;

// A byte of the buffer is one of these, or the letter of the live block that it belongs to.
constexpr char free_byte = '.';
constexpr char header = '=';    // of a live block, in front of it
constexpr char padding = '-';   // of a live block, behind it
constexpr char overhead = '#';  // the allocator's own

constexpr std::size_t unit = 16;

struct Block {
    char name;
    std::byte* first;
    Layout layout;
};

/// An allocator, its buffer, and the blocks that are live in it.
template <class A>
class Stage {
public:
    explicit Stage(std::span<std::byte> buffer) : buffer_{buffer}, allocator_{buffer} {}

    bool allocate(char name, std::size_t size, std::size_t alignment) {
        const Layout layout = *Layout::make(size, alignment);
        void* const block = allocator_.allocate(layout);
        if (block != nullptr) {
            blocks_.push_back({name, static_cast<std::byte*>(block), layout});
        }
        return block != nullptr;
    }

    void deallocate(std::size_t index) {
        const Block block = blocks_[index];
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index));
        allocator_.deallocate(block.first, block.layout);
    }

    void deallocate(char name) {
        if (const std::size_t index = index_of(name); index != blocks_.size()) {
            deallocate(index);
        }
    }

    bool resize(char name, std::size_t size) {
        const std::size_t index = index_of(name);
        if (index == blocks_.size()) {
            return false;
        }
        Block& block = blocks_[index];
        const Layout to = *Layout::make(size, block.layout.alignment());
        void* const moved = reallocate(allocator_, block.first, block.layout, to);
        if (moved == nullptr) {
            return false;
        }
        block = {name, static_cast<std::byte*>(moved), to};
        return true;
    }

    /// What each byte of the buffer is.
    std::string picture() const {
        std::string bytes(buffer_.size(), overhead);
        allocator_.for_each_block([&](std::size_t offset, std::size_t size, BlockState state) {
            const char kind = state == BlockState::free   ? free_byte
                              : state == BlockState::live ? padding
                                                          : overhead;
            bytes.replace(offset, size, size, kind);
        });
        for (const Block& block : blocks_) {
            bytes.replace(offset_of(block), block.layout.block_size(), block.layout.block_size(),
                          block.name);
        }
        mark_headers(bytes);
        return bytes;
    }

    std::size_t blocks() const { return blocks_.size(); }

    /// The sizes of the free blocks, in the order of their addresses.
    std::vector<std::size_t> free_sizes() const {
        std::vector<std::size_t> sizes;
        allocator_.for_each_block([&](std::size_t, std::size_t size, BlockState state) {
            if (state == BlockState::free) {
                sizes.push_back(size);
            }
        });
        return sizes;
    }

private:
    /// The number of blocks where there is none of this name.
    std::size_t index_of(char name) const {
        std::size_t index = 0;
        while (index != blocks_.size() && blocks_[index].name != name) {
            ++index;
        }
        return index;
    }

    std::size_t offset_of(const Block& block) const {
        return static_cast<std::size_t>(block.first - buffer_.data());
    }

    /// What is between a live block and the beginning of its piece is its header; and every other
    /// block has one of that size, too.
    void mark_headers(std::string& bytes) const {
        std::size_t size = bytes.size();
        for (const Block& block : blocks_) {
            const std::size_t at = offset_of(block);
            std::size_t before = 0;
            while (before < at && bytes[at - before - 1] == padding) {
                ++before;
            }
            size = std::min(size, before);
        }
        for (const Block& block : blocks_) {
            bytes.replace(offset_of(block) - size, size, size, header);
        }
    }

    std::span<std::byte> buffer_;
    A allocator_;
    std::vector<Block> blocks_;
};

// Pictures.

const bool in_colour = isatty(STDOUT_FILENO) != 0;

std::string_view colour_of(char kind) {
    switch (kind) {
        case free_byte:
            return "\033[2m";  // faint
        case header:
            return "\033[35m";  // magenta
        case padding:
            return "\033[33m";  // yellow
        case overhead:
            return "\033[34m";  // blue
        default:
            return "\033[32m";  // green: live
    }
}

bool is_payload(char kind) {
    return kind >= 'a' && kind <= 'z';
}

/// What a cell with these bytes shows: in a small one, a block of even one byte; otherwise what
/// most bytes are.
char kind_of(std::string_view cell) {
    const auto payload = std::find_if(cell.begin(), cell.end(), is_payload);
    if (cell.size() <= unit && payload != cell.end()) {
        return *payload;
    }
    std::array<std::size_t, 256> counts{};
    for (const char kind : cell) {
        ++counts[static_cast<unsigned char>(kind)];
    }
    return static_cast<char>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

/// The buffer in 64 cells.
void show_strip(std::string_view bytes) {
    constexpr std::size_t cells = 64;
    fmt::print("    |");
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const std::size_t from = bytes.size() * cell / cells;
        const std::size_t to = bytes.size() * (cell + 1) / cells;
        const char kind = kind_of(bytes.substr(from, to - from));
        if (in_colour) {
            fmt::print("{}{}\033[0m", colour_of(kind), kind);
        } else {
            fmt::print("{}", kind);
        }
    }
    fmt::print("|\n");
}

std::string percent(std::size_t part, std::size_t whole) {
    return whole == 0 ? "-" : fmt::format("{} %", (100 * part + whole / 2) / whole);
}

struct Numbers {
    std::size_t payload, live, free, largest_free, free_blocks;
};

template <class A>
Numbers numbers_of(const Stage<A>& stage) {
    const std::string bytes = stage.picture();
    const auto count = [&](auto kind) {
        return static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), kind));
    };
    const std::size_t payload = count(is_payload);
    const std::size_t live = payload + count([](char c) { return c == header || c == padding; });
    const std::vector<std::size_t> sizes = stage.free_sizes();
    const std::size_t largest = sizes.empty() ? 0 : *std::max_element(sizes.begin(), sizes.end());
    const std::size_t free = count([](char c) { return c == free_byte; });
    return {payload, live, free, largest, sizes.size()};
}

template <class A>
void show(const Stage<A>& stage) {
    const std::string bytes = stage.picture();
    show_strip(bytes);
    const Numbers now = numbers_of(stage);
    fmt::print(
        "    utilisation {:>5}   largest free {:>4}   fragmentation: internal {:>5}, "
        "external {:>5}\n\n",
        percent(now.payload, bytes.size()), now.largest_free,
        percent(now.live - now.payload, now.live), percent(now.free - now.largest_free, now.free));
}

void show_legend() {
    fmt::print(
        "    a letter: a live block   {} its header   {} its padding   {} free   "
        "{} the allocator's own\n\n",
        header, padding, free_byte, overhead);
}

// The parts of the demo.

/// A buffer that begins at a multiple of 64 and has this many units besides the allocator's own.
std::span<std::byte> buffer_of(std::size_t units) {
    alignas(4096) static std::array<std::byte, 64 * 1024> bytes{};
    return std::span{bytes}.first(units * unit + 8 * (units / 64 + 1));
}

void show_prediction() {
    Stage<FreeListAllocator<>> stage{buffer_of(12)};
    for (const char name : {'a', 'b', 'c', 'd'}) {
        stage.allocate(name, 3 * unit, 1);
    }
    const auto show_free = [&](std::string_view what) {
        fmt::print("  {:<14}", what);
        for (const std::size_t size : stage.free_sizes()) {
            fmt::print(" {} units", size / unit);
        }
        fmt::print("\n");
        show_strip(stage.picture());
    };
    show_free("a, b, c, d:");
    for (const char name : {'b', 'd', 'c', 'a'}) {
        stage.deallocate(name);
        show_free(fmt::format("{} goes back:", name));
    }
    fmt::print("\n");
}

void show_operations() {
    Stage<FreeListAllocator<>> stage{buffer_of(31)};
    const auto allocate = [&](char name, std::size_t size, std::size_t alignment) {
        const bool done = stage.allocate(name, size, alignment);
        const Numbers now = numbers_of(stage);
        fmt::print("  {} = allocate({}, {}){}\n", name, size, alignment,
                   done ? ""
                        : fmt::format("    nullptr: {} bytes are free, the largest block has {}",
                                      now.free, now.largest_free));
        show(stage);
    };
    const auto deallocate = [&](char name) {
        fmt::print("  deallocate({})\n", name);
        stage.deallocate(name);
        show(stage);
    };
    const auto resize = [&](char name, std::size_t size) {
        const bool done = stage.resize(name, size);
        fmt::print("  {0} = reallocate({0}, {1}){2}\n", name, size, done ? "" : "    nullptr");
        show(stage);
    };
    allocate('a', 40, 8);
    allocate('b', 100, 8);
    allocate('c', 24, 64);
    allocate('d', 120, 16);
    allocate('e', 1, 1);
    deallocate('b');
    deallocate('d');
    allocate('f', 200, 8);
    resize('a', 90);
    deallocate('c');
    allocate('g', 150, 8);
}

struct Run {
    std::string_view name;
    std::size_t requests, refused;
    Numbers end;
    std::string picture;
};

/// Keeps the buffer about three quarters full, with blocks of all sizes that live for a while.
template <class A>
Run run(std::string_view name) {
    const std::span<std::byte> buffer = buffer_of(1024);
    Stage<A> stage{buffer};
    std::minstd_rand random;
    Run result{name, 20'000, 0, {}, {}};
    std::size_t payload = 0;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < result.requests; ++i) {
        const std::size_t size = (random() % 8 == 0 ? 400 : 16) + random() % 100;
        while (payload + size > buffer.size() * 3 / 4) {
            const std::size_t index = random() % stage.blocks();
            stage.deallocate(index);
            payload -= sizes[index];
            sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(index));
        }
        if (stage.allocate('a', size, 8)) {
            payload += size;
            sizes.push_back(size);
        } else {
            ++result.refused;
        }
    }
    result.end = numbers_of(stage);
    result.picture = stage.picture();
    return result;
}

void show_long_run(bool with_best_fit, bool with_bins) {
    std::vector<Run> runs{run<FreeListAllocator<FirstFit>>("first fit")};
    if (with_best_fit) {
        runs.push_back(run<FreeListAllocator<BestFit>>("best fit"));
    }
    if (with_bins) {
        runs.push_back(run<FreeListAllocator<SegregatedFit>>("bins"));
    }
    for (const Run& result : runs) {
        fmt::print("  {}\n", result.name);
        show_strip(result.picture);
    }
    fmt::print("\n  {:<12}{:>10}{:>14}{:>14}{:>12}{:>12}\n", "", "refused", "free blocks",
               "largest free", "internal", "external");
    for (const Run& result : runs) {
        const Numbers& end = result.end;
        fmt::print("  {:<12}{:>10}{:>14}{:>14}{:>12}{:>12}\n", result.name, result.refused,
                   end.free_blocks, end.largest_free, percent(end.live - end.payload, end.live),
                   percent(end.free - end.largest_free, end.free));
    }
}

// What is there.

/// True when aligned blocks can be had from it, given back, and had again as one.
template <class A>
bool works(std::size_t alignment) {
    A allocator{buffer_of(64)};
    const Layout small = *Layout::make(24, alignment);
    const Layout whole = *Layout::make(allocator.capacity(), 1);
    void* const first = allocator.allocate(small);
    void* const second = allocator.allocate(small);
    if (second == nullptr || first == second || !is_aligned(second, alignment)) {
        return false;
    }
    allocator.deallocate(first, small);
    allocator.deallocate(second, small);
    return allocator.allocate(whole) != nullptr;
}

/// The first task that the demo cannot do without and does not find; empty when all is there.
std::string missing() {
    const std::optional<Layout> small = Layout::make(48, 8);
    if (!small || padding_for(buffer_of(1).data() + 1, 8) != 7) {
        return "step 1 is not done yet, and step 4 stands on it";
    }
    FreeListAllocator<> list{buffer_of(64)};
    if (list.capacity() == 0) {
        return "4.1 is not done yet: a buffer of a KiB has a capacity of nothing";
    }
    void* const block = list.allocate(*small);
    if (block == nullptr) {
        return "4.2 is not done yet: allocate() returned nullptr";
    }
    if (list.allocate(*small) == nullptr) {
        return "4.3 is not done yet: the first block took the whole buffer";
    }
    while (list.allocate(*small) != nullptr) {
    }
    list.deallocate(block, *small);
    void* const again = list.allocate(*small);
    if (again == nullptr) {
        return "4.4 is not done yet: a block that was given back was not handed out again";
    }
    if (!works<FreeListAllocator<>>(8)) {
        return "4.5 is not done yet: what was given back is not one block again";
    }
    if (!works<FreeListAllocator<>>(64)) {
        return "4.6 is not done yet: blocks at a multiple of 64";
    }
    if (reallocate(list, again, *small, *small) == nullptr) {
        return "4.9 is not done yet: reallocate() returned nullptr";
    }
    return "";
}

}  // namespace

int main() {
    if (const std::string what = missing(); !what.empty()) {
        fmt::print("{}\n", what);
        return 0;
    }
    fmt::print("1. The question of the lesson\n\n");
    show_prediction();
    fmt::print("2. A buffer of 512 bytes, 8 bytes a cell, first fit\n\n");
    show_legend();
    show_operations();
    const bool with_best_fit = works<FreeListAllocator<BestFit>>(64);
    const bool with_bins = works<FreeListAllocator<SegregatedFit>>(64);
    fmt::print("3. Twenty thousand requests later, three quarters full\n\n");
    show_long_run(with_best_fit, with_bins);
    if (!with_best_fit || !with_bins) {
        fmt::print("\n  {} not done yet, and not shown.\n", with_best_fit ? "4.8 is"
                                                            : with_bins   ? "4.7 is"
                                                                          : "4.7 and 4.8 are");
    }
}
