// Plays the ABA problem by hand, move by move; then measures what locks cost, with your measure().

#include <atomic_bump.hpp>
#include <cost.hpp>
#include <free_list.hpp>
#include <lock_free_pool.hpp>
#include <locked.hpp>
#include <spin_lock.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace workshop;

// ---- ABA ---------------------------------------------------------------------------------------

/// A stack of free blocks whose head is an index and nothing more, as one writes it first. Its pop
/// is cut in two, so that something can happen between the halves.
class Untagged {
public:
    struct Plan {
        int head, next;
    };

    Plan look() const { return {head_, links_[static_cast<std::size_t>(head_)]}; }

    /// What compare_exchange would do.
    std::optional<int> take(Plan plan) {
        if (head_ != plan.head) {
            return std::nullopt;
        }
        head_ = plan.next;
        return plan.head;
    }

    int pop() { return *take(look()); }

    void push(int index) {
        links_[static_cast<std::size_t>(index)] = head_;
        head_ = index;
    }

    std::string picture() const {
        std::string text = "head";
        int index = head_;
        for (int i = 0; index != none && i < 5; ++i) {
            text += fmt::format(" -> {}", index);
            index = links_[static_cast<std::size_t>(index)];
        }
        return text;
    }

private:
    static constexpr int none = -1;
    int head_ = 0;
    std::array<int, 3> links_{1, 2, none};
};

void show_aba() {
    constexpr auto line = "  {:<34}{:<34}{}\n";
    Untagged stack;
    fmt::print(line, "thread a", "thread b", "the list");
    const Untagged::Plan plan = stack.look();
    fmt::print(line, fmt::format("pop: the head is {}, behind it is {}", plan.head, plan.next), "",
               stack.picture());
    const int first = stack.pop();
    fmt::print(line, "", fmt::format("pop: gets block {}", first), stack.picture());
    const int second = stack.pop();
    fmt::print(line, "", fmt::format("pop: gets block {}", second), stack.picture());
    stack.push(first);
    fmt::print(line, "", fmt::format("push: gives block {} back", first), stack.picture());
    const std::optional<int> mine = stack.take(plan);
    fmt::print(line, fmt::format("the head still is {}: gets it", *mine), "", stack.picture());
    const int again = stack.pop();
    fmt::print(line, fmt::format("pop: gets block {}", again), "", stack.picture());
    fmt::print("\n  Block {} was never given back: a and b both hold it now.\n", again);
}

// ---- What is measured --------------------------------------------------------------------------

constexpr std::size_t block_size = 64;
constexpr std::size_t blocks = 1024;
constexpr std::size_t held = 8;  // by each thread
constexpr std::size_t operations = 200'000;
constexpr unsigned most_threads = 8;

alignas(4096) std::array<std::byte, blocks*(block_size + 16)> buffer;

/// For an allocator that gets back only its newest block, and loses all others. Never written to.
std::array<std::byte, most_threads * operations * block_size> all_blocks;

Layout block_layout() {
    return *Layout::make(block_size, 16);
}

/// What a thread holds, on cache lines of its own: otherwise the table would measure that.
struct alignas(2 * cache_line) Mine {
    std::array<void*, held> blocks{};
    std::size_t turn = 0;
};

/// Each operation gives the oldest block of the thread back and takes a new one.
template <class A>
Cost churn(A& allocator, unsigned threads) {
    std::array<Mine, most_threads> all{};
    const Cost cost = measure(threads, operations, [&](unsigned thread) {
        Mine& mine = all[thread];
        void*& block = mine.blocks[mine.turn++ % held];
        allocator.deallocate(block, block_layout());
        block = allocator.allocate(block_layout());
        if (block != nullptr) {
            *static_cast<unsigned char*>(block) = 1;
        }
    });
    for (const Mine& mine : all) {
        for (void* const block : mine.blocks) {
            allocator.deallocate(block, block_layout());
        }
    }
    return cost;
}

/// The program's own.
struct Malloc {
    void* allocate(Layout layout) noexcept { return std::malloc(layout.size()); }
    void deallocate(void* block, Layout) noexcept { std::free(block); }
};

/// The standard library's answer.
struct Synchronized {
    void* allocate(Layout layout) noexcept {
        return pool.allocate(layout.size(), layout.alignment());
    }
    void deallocate(void* block, Layout layout) noexcept {
        if (block != nullptr) {
            pool.deallocate(block, layout.size(), layout.alignment());
        }
    }
    std::pmr::synchronized_pool_resource pool;
};

/// The middle one of three measurements: each is short, and no machine is ever quite idle.
template <class Measure>
Cost middle_of_three(Measure measure_once) {
    std::array<Cost, 3> costs;
    std::generate(costs.begin(), costs.end(), measure_once);
    const auto middle = costs.begin() + costs.size() / 2;
    std::nth_element(costs.begin(), middle, costs.end(), [](const Cost& a, const Cost& b) {
        return a.operations_per_second < b.operations_per_second;
    });
    return *middle;
}

template <class Measure>
void show_row(std::string_view name, Measure measure_with) {
    fmt::print("  {:<36}", name);
    for (const unsigned threads : {1U, 2U, 4U, 8U}) {
        const Cost cost = middle_of_three([&] { return measure_with(threads); });
        fmt::print("{:>7.1f} {:>5.1f}", cost.operations_per_second / 1e6, cost.unfairness);
    }
    fmt::print("\n");
}

template <class Mutex>
void show_locked(std::string_view name) {
    show_row(name, [](unsigned threads) {
        FreeListAllocator<> list{buffer};
        Locked<FreeListAllocator<>, Mutex> locked{list};
        return churn(locked, threads);
    });
}

void show_costs() {
    fmt::print("  {:<36}", "");
    for (const unsigned threads : {1U, 2U, 4U, 8U}) {
        fmt::print("{:>13}", fmt::format("{} thread{}", threads, threads == 1 ? "" : "s"));
    }
    fmt::print("\n");
    show_locked<std::mutex>("Locked free list, std::mutex");
    show_locked<SpinLock<>>("Locked free list, SpinLock");
    show_row("AtomicBump, its newest block", [](unsigned threads) {
        AtomicBump<> bump{all_blocks};
        return measure(threads, operations, [&](unsigned) {
            bump.deallocate(bump.allocate(block_layout()), block_layout());
        });
    });
    show_row("LockFreePool", [](unsigned threads) {
        LockFreePool<> pool{buffer, block_layout()};
        return churn(pool, threads);
    });
    show_row("std::pmr::synchronized_pool_resource", [](unsigned threads) {
        Synchronized synchronized;
        return churn(synchronized, threads);
    });
    show_row("malloc", [](unsigned threads) {
        Malloc heap;
        return churn(heap, threads);
    });
}

/// The first task that the demo needs and does not find; empty when all is there.
std::string missing() {
    const std::optional<Layout> small = Layout::make(8, 8);
    if (!small) {
        return "step 1 is not done yet, and step 5 stands on it";
    }
    SpinLock<> lock;
    if (!lock.try_lock() || lock.try_lock()) {
        return "5.1 is not done yet: try_lock() should take a lock that is free, and only that";
    }
    FreeListAllocator<> list{buffer};
    if (list.allocate(*small) == nullptr) {
        return "step 4 is not done yet, and step 5 stands on it";
    }
    Locked<FreeListAllocator<>> locked{list};
    if (locked.allocate(*small) == nullptr) {
        return "5.2 is not done yet: allocate() returned nullptr";
    }
    AtomicBump<> bump{buffer};
    if (bump.allocate(*small) == nullptr) {
        return "5.3 is not done yet: allocate() returned nullptr";
    }
    LockFreePool<> pool{buffer, *small};
    if (pool.allocate(*small) == nullptr) {
        return "5.4 is not done yet: allocate() returned nullptr";
    }
    if (measure(1, 1, [](unsigned) {}).operations_per_second <= 0) {
        return "5.5 is not done yet: measure() found no operations";
    }
    return {};
}

}  // namespace

int main() {
    fmt::print("1. A list without a tag, and two threads: the ABA problem\n\n");
    show_aba();
    fmt::print(
        "\n2. Millions of operations a second, and how many times slower the slowest thread "
        "is than the fastest\n\n");
    if (const std::string what = missing(); !what.empty()) {
        fmt::print("  {}\n", what);
        return 0;
    }
    show_costs();
    fmt::print("\n  This machine runs {} threads at once.\n", std::thread::hardware_concurrency());
}
