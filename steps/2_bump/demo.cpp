// Counts the words of a text in a std::pmr::unordered_map that lives in one buffer, served by your
// BumpAllocator; then once more on the heap.

#include <bump.hpp>
#include <memory_resource.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using namespace workshop;
namespace fs = std::filesystem;

// The program. It asks a std::pmr::memory_resource and does not know what stands behind it.

using Counts = std::pmr::unordered_map<std::pmr::string, int>;

bool is_letter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalpha(byte) != 0 || byte >= 0x80;  // from 0x80 on: part of a letter in UTF-8
}

void count_words(std::string_view text, Counts& counts) {
    auto end = text.begin();
    while (true) {
        const auto begin = std::find_if(end, text.end(), is_letter);
        end = std::find_if_not(begin, text.end(), is_letter);
        if (begin == end) {
            return;
        }
        ++counts[std::pmr::string{begin, end, counts.get_allocator()}];
    }
}

void show_most_frequent(const Counts& counts) {
    std::vector<std::pair<int, std::string_view>> words;
    for (const auto& [word, count] : counts) {
        words.emplace_back(-count, word);
    }
    std::sort(words.begin(), words.end());
    words.resize(std::min<std::size_t>(words.size(), 10));
    for (const auto& [count, word] : words) {
        fmt::print("  {:>7} {}\n", -count, word);
    }
}

// The instruments: one for the buffer, one for the heap.

constexpr char unused = '.', live = '#', lost = 'x', padding = ' ';

/// An allocator around yours. Notes for each byte of the buffer what it holds, and fails where it
/// gets a block that would harm the program.
class Painted {
public:
    Painted(BumpAllocator& upstream, std::span<std::byte> buffer)
        : upstream_{upstream}, first_{buffer.data()}, bytes_(buffer.size(), unused) {}

    void* allocate(Layout layout) noexcept {
        void* const block = upstream_.allocate(layout);
        const std::span<char> bytes = bytes_of(block, layout);
        if (block == nullptr) {
            return nullptr;
        }
        if (bytes.empty() || address_of(block) % layout.alignment() != 0 ||
            std::find(bytes.begin(), bytes.end(), live) != bytes.end()) {
            harmful_ = true;
            return nullptr;
        }
        std::fill(bytes.begin(), bytes.end(), live);
        return block;
    }

    void deallocate(void* block, Layout layout) noexcept {
        upstream_.deallocate(block, layout);
        const std::span<char> bytes = bytes_of(block, layout);
        const bool reusable = address_of(block) - address_of(first_) >= upstream_.used();
        (reusable ? reusable_ : lost_) += bytes.size();
        std::fill(bytes.begin(), bytes.end(), reusable ? unused : lost);
    }

    /// What each byte holds.
    std::string picture() const {
        std::string bytes{bytes_.begin(), bytes_.end()};
        const std::size_t used = std::min(upstream_.used(), bytes.size());
        std::replace(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(used), unused,
                     padding);
        return bytes;
    }

    /// Bytes given back that can be handed out again, and bytes given back that cannot.
    std::size_t reusable() const { return reusable_; }
    std::size_t lost_for_good() const { return lost_; }

    /// True when a block was outside the buffer, misaligned, or in use already.
    bool harmful() const { return harmful_; }

private:
    std::span<char> bytes_of(const void* block, Layout layout) {
        const std::size_t offset = address_of(block) - address_of(first_);
        if (offset > bytes_.size() || layout.block_size() > bytes_.size() - offset) {
            return {};
        }
        return std::span{bytes_}.subspan(offset, layout.block_size());
    }

    BumpAllocator& upstream_;
    const std::byte* first_;
    std::vector<char> bytes_;
    std::size_t reusable_ = 0;
    std::size_t lost_ = 0;
    bool harmful_ = false;
};

/// The heap, and what was asked of it.
class CountedHeap final : public std::pmr::memory_resource {
public:
    std::size_t calls = 0;
    std::size_t bytes = 0;
    std::size_t given_back = 0;

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        calls += 1;
        bytes += size;
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }

    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        given_back += size;
        std::pmr::new_delete_resource()->deallocate(block, size, alignment);
    }

    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

// What is shown.

/// The four blocks of the lesson's question, in a buffer at an odd address.
void show_prediction() {
    alignas(64) std::array<std::byte, 65> bytes{};
    const std::span<std::byte> buffer = std::span{bytes}.subspan(1);
    const std::array<std::pair<std::size_t, std::size_t>, 4> asked{
        {{1, 1}, {8, 8}, {0, 1}, {16, 16}}};
    BumpAllocator bump{buffer};
    std::string picture(buffer.size(), unused);
    char name = 'a';
    for (const auto& [size, alignment] : asked) {
        const Layout layout = *Layout::make(size, alignment);
        const std::size_t offset = address_of(bump.allocate(layout)) - address_of(buffer.data());
        const bool inside = offset < buffer.size();
        fmt::print("  {}: {:>2} bytes at a multiple of {:>2}  ->  {}\n", name, size, alignment,
                   inside ? fmt::format("+{}", offset) : "not in the buffer");
        if (inside) {
            picture.replace(offset, layout.block_size(), layout.block_size(), name);
        }
        ++name;
    }
    fmt::print("  [{}]\n  used {}, remaining {}\n", picture, bump.used(), bump.remaining());
}

/// The whole buffer in four lines; each character stands for what most bytes of its cell hold.
void show_picture(const std::string& bytes) {
    constexpr std::size_t cells_in_a_line = 64;
    const std::size_t cell = bytes.size() / (4 * cells_in_a_line);
    for (std::size_t at = 0; at + cell <= bytes.size(); at += cell) {
        if (at % (cell * cells_in_a_line) == 0) {
            fmt::print("{}  +{:#07x}  ", at == 0 ? "" : "\n", at);
        }
        const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto last = first + static_cast<std::ptrdiff_t>(cell);
        const std::array kinds{live, lost, unused};
        fmt::print("{}", *std::max_element(kinds.begin(), kinds.end(), [&](char a, char b) {
                       return std::count(first, last, a) < std::count(first, last, b);
                   }));
    }
    const auto count = [&](char kind) { return std::count(bytes.begin(), bytes.end(), kind); };
    fmt::print("\n  # {:>9} bytes hold the map\n", count(live));
    fmt::print("  x {:>9} bytes the map gave back, lost until reset()\n", count(lost));
    fmt::print("    {:>9} bytes of padding\n", count(padding));
    fmt::print("  . {:>9} bytes free\n", count(unused));
}

/// The first task that the demo needs and does not find; empty when all is there.
std::string missing() {
    alignas(64) std::array<std::byte, 64> buffer{};
    const std::optional<Layout> layout = Layout::make(8, 8);
    if (!layout || padding_for(&buffer[1], 8) != 7) {
        return "step 1 is not done yet, and step 2 stands on it";
    }
    BumpAllocator bump{buffer};
    if (bump.allocate(*layout) == nullptr) {
        return "2.1 is not done yet: allocate() returned nullptr";
    }
    if (bump.used() != 8 || bump.remaining() != 56) {
        return fmt::format("2.2 is not done yet: after 8 of 64 bytes, used() is {}, remaining() {}",
                           bump.used(), bump.remaining());
    }
    try {
        static_cast<void>(MemoryResource{bump}.allocate(8, 8));
    } catch (const std::bad_alloc&) {
        return "2.4 is not done yet: the adapter threw std::bad_alloc where there was room";
    }
    try {
        static_cast<void>(MemoryResource{bump}.allocate(1024, 8));
        return "2.4 is not done yet: the adapter did not throw where there was no room";
    } catch (const std::bad_alloc&) {
        return {};
    }
}

// The text.

std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::string text;
    std::array<char, 4096> chunk;
    while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
        text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    }
    return in.is_open() && !in.bad() ? std::optional{text} : std::nullopt;
}

/// The files in `folder` and below it, with this ending or with any.
std::vector<fs::path> files_in(const fs::path& folder, std::string_view ending = "") {
    std::vector<fs::path> files;
    std::error_code not_there;
    const auto entries = fs::recursive_directory_iterator{
        folder, fs::directory_options::skip_permission_denied, not_there};
    for (const fs::directory_entry& entry : entries) {
        if (entry.is_regular_file() && !entry.is_symlink() &&
            entry.path().native().ends_with(ending)) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// The licence texts that every Debian has; elsewhere the lessons of this project.
std::vector<fs::path> default_files(const fs::path& program) {
    std::vector<fs::path> files = files_in("/usr/share/common-licenses");
    fs::path folder = fs::weakly_canonical(program).parent_path();
    while (files.empty() && folder != folder.parent_path()) {
        if (fs::exists(folder / "CONCEPTS.md")) {
            files = files_in(folder, ".md");
        }
        folder = folder.parent_path();
    }
    return files;
}

/// The program in the buffer. Returns how much it used of it, or nullopt when it was told no.
std::optional<std::size_t> show_in_buffer(std::string_view text, std::span<std::byte> buffer) {
    BumpAllocator bump{buffer};
    Painted painted{bump, buffer};
    MemoryResource resource{painted};
    Counts counts{&resource};
    try {
        count_words(text, counts);
    } catch (const std::bad_alloc&) {
        if (painted.harmful()) {
            fmt::print(
                "  2.1 or 2.3 is wrong: a block was misaligned, outside the buffer, or in "
                "use already.\n");
        } else {
            fmt::print(
                "  The buffer is full, {} of {} bytes are left: allocate() returned "
                "nullptr, the adapter threw.\n",
                bump.remaining(), buffer.size());
        }
        return std::nullopt;
    }
    show_most_frequent(counts);
    fmt::print("\n3. The buffer when the last word was counted, {} bytes\n\n", buffer.size());
    show_picture(painted.picture());
    fmt::print("\n  The map gave back {} bytes. {} of them could be used again.\n",
               painted.reusable() + painted.lost_for_good(), painted.reusable());
    return bump.used();
}

void show_on_heap(std::string_view text, std::size_t buffer_size, std::size_t buffer_used) {
    CountedHeap heap;
    Counts counts{&heap};
    count_words(text, counts);

    constexpr auto line = "  {:<30} {:>10} {:>10}\n";
    fmt::print("\n4. The same program on the heap\n\n");
    fmt::print(line, "", "buffer", "heap");
    fmt::print(line, "calls of operator new", 1, heap.calls);
    fmt::print(line, "bytes asked for in all", buffer_size, heap.bytes);
    fmt::print(line, "bytes taken at the last word", buffer_used, heap.bytes - heap.given_back);
    fmt::print("\n  What the heap itself needs beside each block comes on top.\n");
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<fs::path> files =
        argc > 1 ? std::vector<fs::path>{argv + 1, argv + argc} : default_files(argv[0]);
    std::string text;
    for (const fs::path& file : files) {
        const std::optional<std::string> content = read_file(file);
        if (!content) {
            fmt::print(stderr, "{} cannot be read.\n", file.string());
            return 2;
        }
        text += *content + '\n';
    }
    if (files.empty()) {
        fmt::print(stderr, "There is nothing to read: give me the path of a text file.\n");
        return 2;
    }
    if (const std::string what = missing(); !what.empty()) {
        fmt::print("{}\n", what);
        return 0;
    }

    fmt::print("1. The question of the lesson\n\n");
    show_prediction();
    fmt::print("\n2. The most frequent words in {} bytes of text, {}\n\n", text.size(),
               files.size() == 1 ? files.front().string() : fmt::format("{} files", files.size()));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // Enough for prose, where most words have been met before. If not, the program is told no.
    std::vector<std::byte> buffer(2 * text.size() + 128 * 1024);
    if (const auto used = show_in_buffer(text, buffer)) {
        show_on_heap(text, buffer.size(), *used);
    }
}
