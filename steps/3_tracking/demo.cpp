// Counts the words of a text once more, with your tracker between the map and the buffer; then
// looks for what a program forgot to give back.

#include <bump.hpp>
#include <memory_resource.hpp>
#include <tracking.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using namespace workshop;
namespace fs = std::filesystem;

template <class Tracker>
void show_report(const Tracker& tracked) {
    tracked.report([](std::string_view text) { fmt::print("{}", text); });
}

/// The calls of the lesson's question, and what is counted after each.
void show_prediction() {
    alignas(64) std::array<std::byte, 256> buffer{};
    BumpAllocator bump{buffer};
    Tracking<BumpAllocator, Checks::off> tracked{bump};
    const auto show = [&](const char* call) {
        const Stats now = tracked.stats();
        fmt::print("  {:<28}{:>6}{:>6}{:>7}{:>10}{:>6}\n", call, now.live_bytes, now.peak_bytes,
                   now.total_bytes, now.failures, bump.used());
    };
    fmt::print("  {:<28}{:>6}{:>6}{:>7}{:>10}{:>6}\n", "", "live", "peak", "total", "failures",
               "used");
    void* const a = tracked.allocate(*Layout::make(100, 1));
    show("a = allocate(100, 1)");
    void* const b = tracked.allocate(*Layout::make(60, 8));
    show("b = allocate(60, 8)");
    tracked.deallocate(a, *Layout::make(100, 1));
    show("deallocate(a)");
    void* const c = tracked.allocate(*Layout::make(100, 1));
    show(c == nullptr ? "allocate(100, 1): nullptr" : "allocate(100, 1)");
    tracked.deallocate(b, *Layout::make(60, 8));
    show("deallocate(b)");
    static_cast<void>(tracked.allocate(*Layout::make(0, 1)));
    show("allocate(0, 1)");
}

// The program of step 2.

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

void show_word_count(std::string_view text) {
    std::vector<std::byte> buffer(2 * text.size() + 128 * 1024);
    BumpAllocator bump{buffer};
    Tracking<BumpAllocator, Checks::off> tracked{bump};
    MemoryResource resource{tracked};
    try {
        Counts counts{&resource};
        count_words(text, counts);
        fmt::print("  {} different words, and the map that holds them is still there.\n\n",
                   counts.size());
        show_report(tracked);
    } catch (const std::bad_alloc&) {
        fmt::print("  The buffer is full: allocate() returned nullptr, the adapter threw.\n\n");
        show_report(tracked);
    }
    fmt::print(
        "\n  The map is gone now, and {} blocks are live. {} bytes of the buffer are used\n"
        "  nevertheless, for a program that never had more than {} in its hands.\n",
        tracked.live_blocks(), bump.used(), tracked.peak_bytes());
}

// A program that forgets something.

struct Song {
    const char* title;
    Song* next;
};

using Tracked = Tracking<BumpAllocator, Checks::on>;

class Playlist {
public:
    explicit Playlist(Tracked& memory) : memory_{memory} {}

    ~Playlist() {
        while (first_ != nullptr) {
            skip();
        }
    }

    void add(const char* title) {
        void* const block = memory_.allocate(Layout::of<Song>());
        if (block != nullptr) {
            // SAFETY: a fresh block of the layout of a Song.
            first_ = ::new (block) Song{title, first_};
        }
    }

    /// Takes the first song off the list.
    void skip() {
        Song* const song = first_;
        first_ = song->next;
        memory_.deallocate(song, Layout::of<Song>());
    }

    /// A text for the display, which the caller gives back.
    char* label() {
        const std::string text = fmt::format("now playing: {}", first_->title);
        void* const block = memory_.allocate(*Layout::make(text.size() + 1, 1));
        return block == nullptr ? nullptr : std::strcpy(static_cast<char*>(block), text.c_str());
    }

private:
    Tracked& memory_;
    Song* first_ = nullptr;
};

void on_misuse(const Misuse& misuse, void*) {
    constexpr std::array what{"was given back before", "was never handed out",
                              "was asked for with another layout"};
    fmt::print("  line {}: this block {}", misuse.place.line,
               what[static_cast<std::size_t>(misuse.kind)]);
    if (misuse.block) {
        fmt::print("; it is #{}, of {} bytes, from line {}", misuse.block->number,
                   misuse.block->layout.size(), misuse.block->place.line);
    }
    fmt::print("\n");
}

void show_leak() {
    std::vector<std::byte> buffer(4096);
    BumpAllocator bump{buffer};
    Tracked tracked{bump};
    tracked.on_misuse(on_misuse);
    {
        Playlist playlist{tracked};
        for (const char* const title : {"Autumn Leaves", "Blue in Green", "Caravan", "Django"}) {
            playlist.add(title);
            char* const label = playlist.label();
            if (label == nullptr) {
                break;
            }
            if (std::string_view{title} != "Caravan") {
                tracked.deallocate(label, *Layout::make(std::strlen(label) + 1, 1));
            }
        }
        playlist.skip();
    }
    fmt::print("  The playlist is gone. Is everything back?\n\n");
    show_report(tracked);

    fmt::print("\n4. Three calls that should not have been made\n\n");
    void* const block = tracked.allocate(*Layout::make(100, 1));
    tracked.deallocate(block, *Layout::make(99, 1));
    tracked.deallocate(block, *Layout::make(100, 1));
    tracked.deallocate(block, *Layout::make(100, 1));
    tracked.deallocate(&bump, *Layout::make(100, 1));
    fmt::print("\n  Live blocks: {}, as before. No counter moved, and upstream heard of none.\n",
               tracked.live_blocks());
}

/// The first task that the demo needs and does not find; empty when all is there.
std::string missing() {
    alignas(64) std::array<std::byte, 64> buffer{};
    BumpAllocator bump{buffer};
    const std::optional<Layout> layout = Layout::make(8, 8);
    if (!layout || bump.allocate(*layout) == nullptr || bump.used() != 8) {
        return "step 1 or 2 is not done yet, and step 3 stands on both";
    }
    Tracking<BumpAllocator, Checks::off> counting{bump};
    if (counting.allocate(*layout) == nullptr || counting.live_bytes() != 8) {
        return "3.1 is not done yet: after a block of 8 bytes, live_bytes() is not 8";
    }
    if (counting.stats().peak_bytes != 8) {
        return fmt::format("3.2 is not done yet: after a block of 8 bytes, the peak is {}",
                           counting.stats().peak_bytes);
    }
    Tracked tracked{bump};
    int told = 0;
    tracked.on_misuse([](const Misuse&, void* count) { ++*static_cast<int*>(count); }, &told);
    tracked.deallocate(tracked.allocate(*layout), *Layout::make(7, 8));
    if (told != 1) {
        return "3.3 is not done yet: a block that went back with another layout was not told";
    }
    std::size_t seen = 0;
    tracked.for_each_live([&](const Record& record) { seen += record.layout.size(); });
    if (seen != 8 || Tracked::size_class(8) != 4) {
        return "3.4 is not done yet: for_each_live() or size_class()";
    }
    return {};
}

/// The licence texts that every Debian has; elsewhere nothing.
std::vector<fs::path> default_files() {
    std::vector<fs::path> files;
    std::error_code not_there;
    for (const auto& entry : fs::directory_iterator{"/usr/share/common-licenses", not_there}) {
        if (entry.is_regular_file() && !entry.is_symlink()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<fs::path> files =
        argc > 1 ? std::vector<fs::path>{argv + 1, argv + argc} : default_files();
    std::string text;
    for (const fs::path& file : files) {
        std::ifstream in{file, std::ios::binary};
        if (!in || fs::is_directory(file)) {
            fmt::print(stderr, "{} cannot be read.\n", file.string());
            return 2;
        }
        text.append(std::istreambuf_iterator<char>{in}, {});
        text += '\n';
    }
    if (const std::string what = missing(); !what.empty()) {
        fmt::print("{}\n", what);
        return 0;
    }

    fmt::print("1. The question of the lesson\n\n");
    show_prediction();
    if (files.empty()) {
        fmt::print("\n2. There is nothing to read: give me the path of a text file.\n");
    } else {
        fmt::print("\n2. The words of {} bytes of text, counted in a buffer\n\n", text.size());
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        show_word_count(text);
    }
    fmt::print("\n3. A playlist that forgets something\n\n");
    show_leak();
}
