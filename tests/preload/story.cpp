#include "story.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace preload {
namespace {

constexpr std::size_t operations_told = 8;
constexpr std::size_t pieces_told = 7;
constexpr std::size_t units_around = 256;

std::uintptr_t address(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

void print_offset(Text& text, const Scene& scene, const void* block) {
    if (block == nullptr) {
        text.print("nullptr");
    } else {
        text.print("+0x%06zx", static_cast<std::size_t>(address(block) - address(scene.heap)));
    }
}

void tell_operation(Text& text, const Scene& scene, std::uint64_t number) {
    const HeapOperation& operation = (*scene.operations)[number];
    text.print("    %6zu  ", static_cast<std::size_t>(number) + 1);
    switch (operation.action) {
        case Action::allocate:
            text.print("allocate   %zu bytes", operation.size);
            if (operation.more > unit_bytes) {
                text.print(" at a multiple of %zu", operation.more);
            }
            if (operation.done) {
                text.print(" -> ");
                print_offset(text, scene, operation.block);
            }
            break;
        case Action::deallocate:
            text.print("deallocate ");
            print_offset(text, scene, operation.block);
            text.print(", %zu bytes", operation.size);
            break;
        case Action::resize:
            text.print("try_resize ");
            print_offset(text, scene, operation.block);
            text.print(", %zu -> %zu bytes", operation.size, operation.more);
            if (operation.done) {
                text.print(" -> %s", operation.succeeded ? "true" : "false");
            }
            break;
    }
    text.print("%s\n", operation.done ? "" : "    <- this one");
}

void tell_operations(Text& text, const Scene& scene) {
    const std::uint64_t ended = scene.operations->count();
    const bool under_way =
        !(*scene.operations)[ended].done &&
        ((*scene.operations)[ended].size != 0 || (*scene.operations)[ended].block != nullptr);
    const std::uint64_t first = ended < operations_told ? 0 : ended - operations_told;
    text.print("\nThe last operations on your allocator, offsets from the start of the heap:\n");
    for (std::uint64_t number = first; number < ended; ++number) {
        tell_operation(text, scene, number);
    }
    if (under_way) {
        tell_operation(text, scene, ended);
    }
}

/// A piece of the neighbourhood, in units.
struct Piece {
    std::size_t first;
    std::size_t units;
    bool live;
};

/// The pieces around a unit, as the codes know them. Returns how many there are.
std::size_t pieces_around(const BlockCodes& codes, std::size_t unit, Piece (&pieces)[64]) {
    std::size_t at = unit < units_around ? 0 : unit - units_around;
    const std::size_t end = std::min(codes.units(), unit + units_around);
    std::size_t count = 0;
    while (at < end && count + 1 < 64) {
        const std::size_t next = codes.next(at, end);
        if (next == end) {
            pieces[count++] = {at, end - at, false};
            break;
        }
        if (!codes.begins_at(next)) {  // the end of a block that began before the window
            pieces[count++] = {at, next + 1 - at, true};
            at = next + 1;
            continue;
        }
        if (next > at) {
            pieces[count++] = {at, next - at, false};
        }
        const BlockCodes::Extent extent = codes.extent(next);
        pieces[count++] = {next, extent.units, true};
        at = next + extent.units;
    }
    return count;
}

void tell_neighbourhood(Text& text, const Scene& scene) {
    if (scene.codes == nullptr || address(scene.place) < address(scene.arena)) {
        return;
    }
    const std::size_t unit = (address(scene.place) - address(scene.arena)) / unit_bytes;
    Piece pieces[64];
    const std::size_t count = pieces_around(*scene.codes, unit, pieces);
    std::size_t middle = 0;
    while (middle + 1 < count && pieces[middle].first + pieces[middle].units <= unit) {
        ++middle;
    }
    const std::size_t first = middle < pieces_told / 2 ? 0 : middle - pieces_told / 2;
    const std::size_t last = std::min(count, first + pieces_told);
    const std::size_t base = address(scene.arena) - address(scene.heap);
    text.print("\nThe heap around it, as the program knows it:\n");
    for (std::size_t i = first; i < last; ++i) {
        text.print("    +0x%06zx  %8zu bytes  %s%s\n", base + pieces[i].first * unit_bytes,
                   pieces[i].units * unit_bytes, pieces[i].live ? "live" : "free",
                   i == middle ? "    <- here" : "");
    }
}

bool is_plain(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || std::strchr("-_./=,:+@%", letter) != nullptr;
}

/// A word of a command line, as one types it in a shell.
void print_word(Text& text, const char* word) {
    const std::size_t size = std::strlen(word);
    if (size != 0 && std::all_of(word, word + size, is_plain)) {
        text.add(word, size);
        return;
    }
    text.add("'", 1);
    for (std::size_t i = 0; i < size; ++i) {
        text.add(word[i] == '\'' ? "'\\''" : word + i, word[i] == '\'' ? 4 : 1);
    }
    text.add("'", 1);
}

void print_command(Text& text) {
    static char line[2048];
    const int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    const ssize_t size = file < 0 ? 0 : read(file, line, sizeof line - 1);
    if (file >= 0) {
        close(file);
    }
    if (size <= 0) {
        text.print("PROGRAM");
        return;
    }
    line[size] = '\0';
    for (const char* word = line; word < line + size; word += std::strlen(word) + 1) {
        text.add(" ", word == line ? 0 : 1);
        print_word(text, word);
    }
}

}  // namespace

void Text::print(const char* format, ...) noexcept {
    char piece[256];
    va_list values;
    va_start(values, format);
    const int size = std::vsnprintf(piece, sizeof piece, format, values);
    va_end(values);
    add(piece, std::min(sizeof piece - 1, static_cast<std::size_t>(std::max(size, 0))));
}

void Text::add(const char* text, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size; ++i) {
        if (used_ == sizeof text_) {
            flush();
        }
        text_[used_++] = text[i];
    }
}

void Text::flush() noexcept {
    for (std::size_t done = 0; done < used_;) {
        const ssize_t written = write(descriptor_, text_ + done, used_ - done);
        if (written <= 0) {
            break;
        }
        done += static_cast<std::size_t>(written);
    }
    used_ = 0;
}

void tell_scene(Text& text, const Scene& scene) noexcept {
    tell_operations(text, scene);
    tell_neighbourhood(text, scene);
    text.print(
        "\nTo see it again without the program, record what it asks for, and replay that:\n"
        "    ./workshop record -o crash.trace -- ");
    print_command(text);
    text.print("\n    ./workshop bench 4 --trace crash.trace\n");
}

}  // namespace preload
