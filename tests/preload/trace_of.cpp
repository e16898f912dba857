// Makes a trace of what the recorder noted.
//
//     trace_of RECORDING OUTPUT FIRST COMMENT
//
// FIRST is the number of operations to take, 0 for all; COMMENT is the first line of the trace. An
// OUTPUT that ends with .gz is compressed.

#include "recording.hpp"

#include <traces/compressed.hpp>
#include <traces/trace.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using preload::Event;
using preload::Note;

/// Blocks get numbers for addresses: the smallest that is not in use.
class Writer {
public:
    /// `most` operations are taken; 0: all.
    Writer(traces::Output& output, std::uint64_t most) : output_{output}, most_{most} {}

    void add(const Event& event) {
        const std::uint64_t address = event.address();
        switch (event.note()) {
            case Note::allocated:
                begin(event, address);
                break;
            case Note::ends:
                if (const std::optional<Block> block = end(address)) {
                    print(event, fmt::format("f {}", block->number));
                }
                break;
            case Note::resize_begins:
                if (const std::optional<Block> block = end_for_now(address)) {
                    resizing_[event.thread()] = {*block, address};
                }
                break;
            case Note::resize_done:
                finish_resize(event);
                break;
        }
    }

    bool is_full() const { return most_ != 0 && written_ == most_; }
    std::uint64_t written() const { return written_; }

private:
    struct Block {
        std::uint64_t number;
        std::size_t alignment;
    };
    struct Resizing {
        Block block;
        std::uint64_t address;
    };

    void begin(const Event& event, std::uint64_t address) {
        end(address);  // where somebody freed it who did not come by us
        if (unused_.empty()) {
            unused_.push_back(live_.size() + resizing_.size());
        }
        const Block block{unused_.back(), event.alignment()};
        unused_.pop_back();
        live_[address] = block;
        const bool ordinary = block.alignment == traces::default_alignment;
        print(event, ordinary
                         ? fmt::format("a {} {}", block.number, event.size())
                         : fmt::format("a {} {} {}", block.number, event.size(), block.alignment));
    }

    std::optional<Block> end_for_now(std::uint64_t address) {
        const auto found = live_.find(address);
        if (found == live_.end()) {
            return std::nullopt;
        }
        const Block block = found->second;
        live_.erase(found);
        return block;
    }

    std::optional<Block> end(std::uint64_t address) {
        const std::optional<Block> block = end_for_now(address);
        if (block) {
            unused_.push_back(block->number);
        }
        return block;
    }

    void finish_resize(const Event& event) {
        const auto found = resizing_.find(event.thread());
        if (found == resizing_.end()) {  // a block from before the recording
            if (event.address() != 0) {
                begin(event, event.address());
            }
            return;
        }
        const Resizing was = found->second;
        resizing_.erase(found);
        if (event.address() == 0) {  // refused: the block is what it was
            live_[was.address] = was.block;
            return;
        }
        live_[event.address()] = was.block;
        print(event, fmt::format("r {} {}", was.block.number, event.size()));
    }

    void print(const Event& event, const std::string& operation) {
        const unsigned thread = event.thread();
        output_.write(thread == 0 ? operation + "\n" : fmt::format("@{} {}\n", thread, operation));
        ++written_;
    }

    traces::Output& output_;
    std::uint64_t most_;
    std::uint64_t written_ = 0;
    std::unordered_map<std::uint64_t, Block> live_;
    std::unordered_map<unsigned, Resizing> resizing_;  // by thread
    std::vector<std::uint64_t> unused_;
};

/// The file as memory; nullptr where it is none of the recorder's.
preload::Recording* mapped(const char* name) {
    const int file = open(name, O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (file < 0 || fstat(file, &status) != 0 ||
        status.st_size < static_cast<off_t>(sizeof(preload::Recording))) {
        return nullptr;
    }
    void* const mapping = mmap(nullptr, static_cast<std::size_t>(status.st_size),
                               PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0);
    close(file);
    return mapping == MAP_FAILED ? nullptr : static_cast<preload::Recording*>(mapping);
}

}  // namespace

int main(int count, char** words) {
    if (count != 5) {
        std::fputs("usage: trace_of RECORDING OUTPUT FIRST COMMENT\n", stderr);
        return 2;
    }
    preload::Recording* const recording = mapped(words[1]);
    if (recording == nullptr) {
        fmt::print(stderr, "{}: expected what the recorder writes\n", words[1]);
        return 2;
    }
    try {
        traces::Output output{words[2]};
        output.write(fmt::format("# {}\nworkshop-trace 1\n", words[4]));
        Writer writer{output, std::strtoull(words[3], nullptr, 10)};
        const std::uint64_t events = std::min<std::uint64_t>(recording->count, recording->capacity);
        for (std::uint64_t i = 0; i < events && !writer.is_full(); ++i) {
            writer.add(recording->events()[i]);
        }
        output.finish();
        fmt::print("{}\n", writer.written());
    } catch (const traces::TraceError& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
    return 0;
}
