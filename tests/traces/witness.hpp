// Watches a replay: which blocks are live, and whether their bytes are kept. The shadow model of
// the harness looks at every byte after every operation, and tells a story; a trace has tens of
// thousands of operations, so this one looks at the blocks that the operation is about.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace traces {

/// Each function returns what is wrong, in a sentence, or nothing.
class Witness {
public:
    explicit Witness(std::span<std::byte> buffer) : buffer_{buffer} {}

    /// A block was handed out: aligned, in the buffer, apart from the live ones. Fills it.
    std::string allocated(void* block, std::size_t size, std::size_t alignment);

    /// A block is about to be given back, or resized: its bytes are what they were.
    std::string about_to_leave(const void* block);

    /// It was given back.
    void left(const void* block) { live_.erase(address(block)); }

    /// It has another size now, and perhaps another place.
    std::string resized(const void* from, void* block, std::size_t size, std::size_t alignment);

    /// The bytes from the start of the buffer to the end of the highest block that there was.
    std::size_t reach() const { return reach_; }

private:
    struct Block {
        std::size_t size;  // at least 1
        std::uint64_t key;
    };

    static std::uintptr_t address(const void* block) {
        return reinterpret_cast<std::uintptr_t>(block);
    }

    std::string misplaced(void* block, std::size_t size, std::size_t alignment) const;
    std::string changed(const void* block, std::size_t size, std::uint64_t key) const;

    std::span<std::byte> buffer_;
    std::map<std::uintptr_t, Block> live_;
    std::uint64_t next_key_ = 1;
    std::size_t reach_ = 0;
};

}  // namespace traces
