#include <harness/shadow.hpp>

#include <harness/failure.hpp>
#include <harness/guarded_buffer.hpp>
#include <harness/journal.hpp>
#include <harness/pattern.hpp>
#include <harness/story.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace harness {
namespace {

struct Block {
    std::size_t asked;  // bytes asked for
    std::size_t size;   // bytes that carry the pattern: at least 1
    std::size_t alignment;
    std::uint64_t key;  // of the pattern: never the same twice
};

std::uintptr_t number(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace

struct Shadow::State {
    const GuardedBuffer& buffer;
    std::map<std::uintptr_t, Block> blocks;
    std::size_t live_bytes = 0;
    std::uint64_t next_key = 1;
    Operation operation{};      // the one under way, or the last
    Operation* slot = nullptr;  // its place in the journal; nullptr when that is full

    void begin(const Operation& next) {
        operation = next;
        operation.buffer = buffer.index();
        slot = Journal::current().add_operation();
        publish();
    }

    void finish() {
        operation.returned = true;
        publish();
    }

    void publish() const {
        if (slot != nullptr) {
            *slot = operation;
        }
    }

    BufferEntry entry() const { return {number(buffer.data()), buffer.size()}; }
    std::string at(std::uintptr_t address) const { return symbolic(address, entry()); }
    std::string tell(std::uintptr_t address, std::size_t size, std::size_t operations) const;

    [[noreturn]] static void wrong(std::string summary, const std::vector<Mark>& marks = {}) {
        fail({std::move(summary), tell_story(Journal::current(), marks)});
    }

    void check_place(std::uintptr_t address, std::size_t size) const;
    void check_apart(std::uintptr_t address, std::size_t size) const;
    void check_pattern(std::uintptr_t address, const Block& block, std::size_t size) const;
    void check_all_patterns() const;
    std::map<std::uintptr_t, Block>::iterator find(void* block, std::size_t size,
                                                   std::size_t alignment);
    void fill(std::uintptr_t address, const Block& block, std::size_t from) const;
};

/// "[b] (24 bytes at +0x040)"; the letter is that of the block in the story, after its first
/// `operations` operations.
std::string Shadow::State::tell(std::uintptr_t address, std::size_t size,
                                std::size_t operations) const {
    std::string letter;
    if (!Journal::current().overflowed()) {
        for (const StoryBlock& block :
             harness::live_blocks(Journal::current(), buffer.index(), operations)) {
            if (block.address == address && block.size == size) {
                letter = fmt::format("[{}] ", block.letter);
            }
        }
    }
    return fmt::format("{}({} at {})", letter, bytes_text(size), at(address));
}

void Shadow::State::check_place(std::uintptr_t address, std::size_t size) const {
    const auto [begin, length] = entry();
    const std::uintptr_t end = begin + length;
    if (address < begin || address > end || size > end - address) {
        const std::string_view how = address < begin || address >= end
                                         ? "the block does not lie inside the buffer"
                                         : "the block runs past the end of the buffer";
        const std::uintptr_t outside = std::clamp(end, address, address + std::min(size, length));
        wrong(fmt::format("{}: {} at {}, and the buffer ends at {}", how, bytes_text(size),
                          at(address), at(end)),
              {{outside, address + std::min(size, length) - outside, "outside the buffer"}});
    }
    const std::size_t past = address % operation.alignment;
    if (past == 0) {
        return;
    }
    const std::string multiple = fmt::format("a multiple of {}", number_text(operation.alignment));
    const bool offset_is_aligned = (address - begin) % operation.alignment == 0;
    wrong(offset_is_aligned
              ? fmt::format("the block is not aligned: its offset in the buffer, {}, is {}, but "
                            "its address is {} past one",
                            at(address), multiple, bytes_text(past))
              : fmt::format("the block is not aligned: the address at {} is {} past {}",
                            at(address), bytes_text(past), multiple),
          {{address, size, "not aligned"}});
}

void Shadow::State::check_apart(std::uintptr_t address, std::size_t size) const {
    const auto overlap = [&](const auto& entry) {
        const auto& [other, block] = entry;
        if (other < address + size && address < other + block.size) {
            const std::uintptr_t first = std::max(other, address);
            const std::uintptr_t last = std::min(other + block.size, address + size);
            const std::size_t count = Journal::current().operation_count();
            wrong(fmt::format("the new block {} overlaps the live block {}",
                              tell(address, size, count), tell(other, block.size, count - 1)),
                  {{first, last - first, "in both"}});
        }
    };
    const auto after = blocks.lower_bound(address);
    if (after != blocks.end()) {
        overlap(*after);
    }
    if (after != blocks.begin()) {
        overlap(*std::prev(after));
    }
}

void Shadow::State::check_pattern(std::uintptr_t address, const Block& block,
                                  std::size_t size) const {
    const std::byte* const first = buffer.data() + (address - number(buffer.data()));
    const std::size_t i = first_changed(first, block.key, 0, size);
    if (i == size) {
        return;
    }
    const std::size_t count = first_unchanged(first, block.key, i, size) - i;
    wrong(fmt::format("the live block {} has changed: {} from {} on",
                      tell(address, block.size, Journal::current().operation_count()),
                      bytes_text(count), at(address + i)),
          {{address + i, count, "changed by the last operation"}});
}

void Shadow::State::check_all_patterns() const {
    buffer.check_canaries();
    for (const auto& [address, block] : blocks) {
        check_pattern(address, block, block.size);
    }
}

void Shadow::State::fill(std::uintptr_t address, const Block& block, std::size_t from) const {
    fill_pattern(buffer.data() + (address - number(buffer.data())), block.key, from, block.size);
}

std::map<std::uintptr_t, Block>::iterator Shadow::State::find(void* block, std::size_t size,
                                                              std::size_t alignment) {
    const auto found = blocks.find(number(block));
    if (found == blocks.end() || found->second.asked != size ||
        found->second.alignment != alignment) {
        wrong(
            "this test gives back a block that is not live, or with another layout: "
            "the test is wrong, not your code");
    }
    return found;
}

Shadow::Shadow(const GuardedBuffer& buffer) : state_{new State{buffer, {}}} {}
Shadow::~Shadow() {
    delete state_;
}

void Shadow::about_to_allocate(std::size_t size, std::size_t alignment) {
    state_->begin({.what = Operation::What::allocate, .size = size, .alignment = alignment});
}

void Shadow::allocated(void* block) {
    State& state = *state_;
    state.operation.block = number(block);
    state.finish();
    if (block != nullptr) {
        const std::size_t asked = state.operation.size;
        const Block made{asked, std::max<std::size_t>(1, asked), state.operation.alignment,
                         state.next_key++};
        state.check_place(number(block), made.size);
        state.check_apart(number(block), made.size);
        state.fill(number(block), made, 0);
        state.blocks.emplace(number(block), made);
        state.live_bytes += asked;
    }
    state.check_all_patterns();
}

void Shadow::about_to_deallocate(void* block, std::size_t size, std::size_t alignment) {
    state_->check_all_patterns();
    state_->begin({.what = Operation::What::deallocate,
                   .size = size,
                   .alignment = alignment,
                   .block = number(block)});
    if (block != nullptr) {
        const auto found = state_->find(block, size, alignment);
        state_->live_bytes -= found->second.asked;
        state_->blocks.erase(found);
    }
}

void Shadow::deallocated() {
    state_->finish();
    state_->check_all_patterns();
}

void Shadow::about_to_resize(void* block, std::size_t size, std::size_t alignment,
                             std::size_t new_size) {
    state_->check_all_patterns();
    state_->find(block, size, alignment);
    state_->begin({.what = Operation::What::resize,
                   .size = size,
                   .alignment = alignment,
                   .new_size = new_size,
                   .block = number(block)});
}

void Shadow::resized(bool done) {
    State& state = *state_;
    const Operation operation = state.operation;
    state.operation.alignment = done ? operation.alignment : 0;  // 0 is how the story says "no"
    state.finish();
    if (done) {
        const auto found = state.blocks.find(operation.block);
        Block& block = found->second;
        const std::size_t kept = std::min(block.size, operation.new_size);
        state.check_pattern(found->first, block, kept);
        const Block old = block;
        state.blocks.erase(found);
        Block grown = old;
        grown.asked = operation.new_size;
        grown.size = std::max<std::size_t>(1, operation.new_size);
        state.check_place(operation.block, grown.size);
        state.check_apart(operation.block, grown.size);
        state.fill(operation.block, grown, kept);
        state.live_bytes += grown.asked - old.asked;
        state.blocks.emplace(operation.block, grown);
    }
    state.check_all_patterns();
}

void Shadow::about_to_reset() {
    state_->check_all_patterns();
    state_->begin({.what = Operation::What::reset});
}

void Shadow::was_reset() {
    state_->finish();
    state_->blocks.clear();
    state_->live_bytes = 0;
}

void Shadow::note(const char* text) {
    Operation note{.what = Operation::What::note};
    std::snprintf(note.text, sizeof note.text, "%s", text);
    state_->begin(note);
    state_->finish();
}

void Shadow::check_contents() const {
    state_->check_all_patterns();
}
std::size_t Shadow::live_blocks() const noexcept {
    return state_->blocks.size();
}
std::size_t Shadow::live_bytes() const noexcept {
    return state_->live_bytes;
}

}  // namespace harness
