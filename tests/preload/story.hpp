// What is told when the allocator fails under a program. Everything here works without memory.

#pragma once

#include "block_codes.hpp"
#include "operations.hpp"

#include <cstddef>

namespace preload {

/// The words of one message, which go to a file descriptor piece by piece.
class Text {
public:
    explicit Text(int descriptor) noexcept : descriptor_{descriptor} {}
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    ~Text() { flush(); }

    __attribute__((format(printf, 2, 3))) void print(const char* format, ...) noexcept;
    void add(const char* text, std::size_t size) noexcept;

private:
    void flush() noexcept;

    int descriptor_;
    std::size_t used_ = 0;
    char text_[1024];
};

/// What of the heap the story is about.
struct Scene {
    const HeapOperations* operations = nullptr;
    const std::byte* heap = nullptr;    // offsets are told from here
    const std::byte* arena = nullptr;   // the first byte that `codes` is about
    const BlockCodes* codes = nullptr;  // nullptr where nothing is known
    const void* place = nullptr;        // what the picture shows the neighbourhood of
};

/// The last operations, the neighbourhood, and how to see it again.
void tell_scene(Text& text, const Scene& scene) noexcept;

}  // namespace preload
