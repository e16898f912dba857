// Replays traces on an allocator: to see that it is right, how small its buffer may be, and how
// fast it is.

#pragma once

#include "apart.hpp"
#include "trace.hpp"
#include "witness.hpp"

#include <alignment.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace traces {

/// An operation as the allocator is asked for it.
struct Step {
    Action action;
    std::uint32_t block;      // index in the table of blocks; one of them is always nullptr
    workshop::Layout before;  // of the block that there is; for resize and deallocate
    workshop::Layout after;   // of the block that is wanted; for allocate and resize
};

/// The trace as steps, ready to be replayed many times.
struct Script {
    explicit Script(const Trace& trace) : blocks(trace.slots + 1) {
        steps.reserve(trace.operations.size());
        for (const Operation& operation : trace.operations) {
            const std::uint32_t block =
                operation.block == null_block ? trace.slots : operation.block;
            steps.push_back({operation.action, block,
                             layout(operation.old_size, operation.alignment),
                             layout(operation.size, operation.alignment)});
        }
    }

    static workshop::Layout layout(std::size_t size, std::size_t alignment) {
        const auto made = workshop::Layout::make(size, alignment);
        if (!made) {
            throw Wrong{"Layout::make refused a good layout"};
        }
        return *made;
    }

    std::vector<Step> steps;
    std::vector<void*> blocks;
};

/// By the allocator itself where it can, else by the workshop's reallocate(), which is step 4.
template <class A>
void* resize(A& allocator, void* block, workshop::Layout before, workshop::Layout after) {
    if constexpr (requires { allocator.resize(block, before, after); }) {
        return allocator.resize(block, before, after);
    } else {
        return reallocate(allocator, block, before, after);
    }
}

/// All steps. False as soon as the allocator has no block to give.
template <class A>
bool replay(A& allocator, Script& script) {
    for (const Step& step : script.steps) {
        void*& block = script.blocks[step.block];
        switch (step.action) {
            case Action::allocate:
                block = allocator.allocate(step.after);
                if (block == nullptr) {
                    return false;
                }
                // A program asks for memory because it wants to write there.
                *static_cast<std::byte*>(block) = std::byte{1};
                break;
            case Action::resize: {
                void* const resized = resize(allocator, block, step.before, step.after);
                if (resized == nullptr) {
                    return false;
                }
                block = resized;
                break;
            }
            case Action::deallocate:
                allocator.deallocate(block, step.before);
                break;
        }
    }
    return true;
}

/// The same, with a witness at each step. Throws Wrong.
template <class A>
void replay_with_witness(A& allocator, Script& script, Witness& witness) {
    const auto demand = [](std::size_t index, const std::string& wrong) {
        if (!wrong.empty()) {
            throw Wrong{"operation " + std::to_string(index + 1) + ": " + wrong};
        }
    };
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
        const Step& step = script.steps[i];
        void*& block = script.blocks[step.block];
        if (step.action != Action::allocate && block != nullptr) {
            demand(i, witness.about_to_leave(block));
        }
        if (step.action == Action::deallocate) {
            allocator.deallocate(block, step.before);
            if (block != nullptr) {
                witness.left(block);
            }
            block = nullptr;
            continue;
        }
        void* const made = step.action == Action::allocate
                               ? allocator.allocate(step.after)
                               : resize(allocator, block, step.before, step.after);
        demand(i, made == nullptr ? "no block, in a buffer of four times the bytes" : "");
        demand(i, step.action == Action::allocate
                      ? witness.allocated(made, step.after.size(), step.after.alignment())
                      : witness.resized(block, made, step.after.size(), step.after.alignment()));
        block = made;
    }
}

/// Replays, and notes where the blocks are, for a picture: a line `OPERATION OFFSET SIZE` for each
/// that begins, and with size 0 for each that ends. Offsets are from `base`. Throws Wrong.
template <class A>
std::string draw(A& allocator, Script& script, const std::byte* base) {
    std::string text;
    const auto note = [&](std::size_t operation, const void* block, std::size_t size) {
        text += std::to_string(operation) + ' ' +
                std::to_string(static_cast<const std::byte*>(block) - base) + ' ' +
                std::to_string(size) + '\n';
    };
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
        const Step& step = script.steps[i];
        void*& block = script.blocks[step.block];
        if (step.action != Action::allocate && block != nullptr) {
            note(i, block, 0);
        }
        if (step.action == Action::deallocate) {
            allocator.deallocate(block, step.before);
            block = nullptr;
            continue;
        }
        block = step.action == Action::allocate ? allocator.allocate(step.after)
                                                : resize(allocator, block, step.before, step.after);
        if (block == nullptr) {
            throw Wrong{"no block, though there was one before"};
        }
        note(i, block, step.after.block_size());
    }
    return text;
}

/// Replays, and writes to each page of each block. Calls `look` some five hundred times. Throws
/// Wrong.
template <class A>
void touch(A& allocator, std::span<const Step> steps, std::span<void*> blocks, void (*look)()) {
    constexpr std::size_t page = 4096;
    const std::size_t between = 1 + steps.size() / 512;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        void*& block = blocks[step.block];
        if (i % between == 0) {
            look();
        }
        if (step.action == Action::deallocate) {
            allocator.deallocate(block, step.before);
            continue;
        }
        block = step.action == Action::allocate ? allocator.allocate(step.after)
                                                : resize(allocator, block, step.before, step.after);
        if (block == nullptr) {
            throw Wrong{"no block, though there was one before"};
        }
        volatile std::byte* const bytes = static_cast<std::byte*>(block);
        for (std::size_t at = 0; at < step.after.block_size(); at += page) {
            bytes[at] = std::byte{1};
        }
        bytes[step.after.block_size() - 1] = std::byte{1};
    }
}

/// The processor time of this thread: what others take meanwhile does not count.
double nanoseconds_of_this_thread();

/// Nanoseconds an operation: the first replay is not counted, the others are repeated for a while.
template <class A>
double time_replays(A& allocator, Script& script) {
    constexpr double at_least = 8e6;
    // Looking at the clock takes as long as a hundred operations do.
    const std::size_t replays_a_look = 1 + 10'000 / script.steps.size();
    if (!replay(allocator, script)) {
        throw Wrong{"no block, though there was one before"};
    }
    const double begin = nanoseconds_of_this_thread();
    double end = begin;
    std::size_t replays = 0;
    while (end - begin < at_least) {
        for (std::size_t i = 0; i < replays_a_look; ++i) {
            if (!replay(allocator, script)) {
                throw Wrong{"no block, though there was one before: something is lost each time"};
            }
        }
        replays += replays_a_look;
        end = nanoseconds_of_this_thread();
    }
    return (end - begin) / static_cast<double>(replays * script.steps.size());
}

/// An allocator of the workshop by name, its type forgotten. Each function runs in a child process
/// and throws Wrong.
struct Contender {
    const char* name;
    /// The bytes of the allocator itself, which it needs beside its buffer.
    std::size_t size;
    /// Replays with a witness, and at the end wants the whole buffer in one block. Returns the
    /// bytes up to the end of the highest block that there was.
    std::size_t (*prove)(const Trace& trace, std::span<std::byte> buffer);
    /// True when the trace succeeds in this buffer.
    bool (*fits)(Script& script, std::span<std::byte> buffer);
    double (*time)(const Trace& trace, std::span<std::byte> buffer);
    /// As draw().
    std::string (*draw)(const Trace& trace, std::span<std::byte> buffer);
    /// As touch().
    void (*touch)(std::span<const Step> steps, std::span<void*> blocks, std::span<std::byte> buffer,
                  void (*look)());
};

template <class A>
Contender contender(const char* name) {
    const auto prove = [](const Trace& trace, std::span<std::byte> buffer) {
        A allocator{buffer};
        Script script{trace};
        Witness witness{buffer};
        replay_with_witness(allocator, script, witness);
        const auto all = workshop::Layout::make(allocator.capacity(), 1);
        if (!all || allocator.allocate(*all) == nullptr) {
            throw Wrong{"all blocks are given back, and the whole buffer is not to be had"};
        }
        return witness.reach();
    };
    const auto fits = [](Script& script, std::span<std::byte> buffer) {
        A allocator{buffer};
        return replay(allocator, script);
    };
    const auto time = [](const Trace& trace, std::span<std::byte> buffer) {
        A allocator{buffer};
        Script script{trace};
        return time_replays(allocator, script);
    };
    const auto draw = [](const Trace& trace, std::span<std::byte> buffer) {
        A allocator{buffer};
        Script script{trace};
        return traces::draw(allocator, script, buffer.data());
    };
    const auto touch = [](std::span<const Step> steps, std::span<void*> blocks,
                          std::span<std::byte> buffer, void (*look)()) {
        A allocator{buffer};
        traces::touch(allocator, steps, blocks, look);
    };
    return {name, sizeof(A), prove, fits, time, draw, touch};
}

/// The command line of a replay program; it understands
///     PROGRAM [--rows] [--times-only] [--only-malloc NAME] [--rounds N] [--seed N]
///             [--without TRACE:CONTENDER]... [--heap FILE] [FILE ...]
/// and prints tables, or with --rows the lines that results.hpp describes. With --only-malloc, the
/// malloc that was put under the program with LD_PRELOAD is timed under this name, and nothing
/// else. With --heap, tests/bench/heap.hpp says what is in the file.
int replay_main(int count, char** words, const std::vector<Contender>& contenders);

}  // namespace traces
