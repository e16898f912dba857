// Step 3: what is known of each block. Given: read it, there is nothing to write here.
//
//   index    [ . | 2 | . | . | 3 | 1 | . | . ]     by address: the position of a block's record
//                  |           |   |
//   records  [ #1 | #2 | #3 |   |   ]              in the order in which blocks were handed out
//
// The memory is mapped by the kernel for this table alone, so the table works whatever allocator
// it keeps book of, be it the program's malloc.

#pragma once

#include <alignment.hpp>
#include <layer.hpp>

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

namespace workshop {

/// A block that was handed out.
struct Record {
    const void* block;
    Layout layout;       // as it was asked for
    Place place;         // of the call that asked
    std::size_t number;  // 1 for the first block that was ever handed out, then 2, 3, ...
    bool live = true;    // false once it was given back
};

/// Room for a fixed number of records, and the way from an address to its record.
class RecordTable {
public:
    /// No room, and no memory.
    RecordTable() noexcept = default;

    /// Room for `capacity` records, a power of two; none when the kernel has no memory for them.
    explicit RecordTable(std::size_t capacity) noexcept : capacity_{capacity} {
        void* const mapping = mmap(nullptr, mapping_size(), PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapping == MAP_FAILED) {
            capacity_ = 0;
            return;
        }
        // SAFETY: the mapping is ours alone. It has room for capacity_ records and, behind them,
        // the index, and begins at a page, so both are aligned. Its bytes are zero: an empty
        // index (2). The numbers of the index live there from now on: like malloc, mmap is for the
        // compiler a function that creates what is used in its memory.
        records_ = static_cast<Record*>(mapping);
        index_ = static_cast<std::uint32_t*>(static_cast<void*>(records_ + capacity_));
    }

    RecordTable(const RecordTable&) = delete;
    RecordTable& operator=(const RecordTable&) = delete;

    ~RecordTable() {
        if (records_ != nullptr) {
            munmap(records_, mapping_size());
        }
    }

    /// The newest record of this address, or nullptr. O(1) on average.
    Record* find(const void* block) const noexcept {
        const std::uint32_t position = capacity_ == 0 ? 0 : *entry_of(block);
        return position == 0 ? nullptr : records_ + (position - 1);
    }

    /// Adds a record; older ones of the same address are found no longer. Requires !full().
    void append(const Record& record) noexcept {
        // SAFETY: count_ < capacity_, and nothing lives at that position yet.
        ::new (static_cast<void*>(records_ + count_)) Record{record};
        count_ += 1;
        *entry_of(record.block) = static_cast<std::uint32_t>(count_);
    }

    bool full() const noexcept { return count_ == capacity_; }
    std::size_t capacity() const noexcept { return capacity_; }
    const Record* begin() const noexcept { return records_; }
    const Record* end() const noexcept { return records_ + count_; }

    void swap(RecordTable& other) noexcept {
        std::swap(records_, other.records_);
        std::swap(index_, other.index_);
        std::swap(capacity_, other.capacity_);
        std::swap(count_, other.count_);
    }

private:
    // Invariants
    //   1. capacity_ is 0, or a power of two with 2 * capacity_ entries in the index.
    //   2. An entry of the index is 0, or 1 + the position of the newest record of its address.
    //   3. From the entry that hash() gives for an address, up to its own, no entry is 0.
    std::uint32_t* entry_of(const void* block) const noexcept {
        std::size_t at = hash(block);
        while (index_[at] != 0 && records_[index_[at] - 1].block != block) {
            at = (at + 1) & (2 * capacity_ - 1);
        }
        return index_ + at;
    }

    std::size_t hash(const void* block) const noexcept {
        // 2^64 divided by the golden ratio: products of near addresses lie far apart.
        const std::uint64_t product = std::uint64_t{address_of(block)} * 0x9E37'79B9'7F4A'7C15;
        return static_cast<std::size_t>(product >> 32) & (2 * capacity_ - 1);
    }

    std::size_t mapping_size() const noexcept {
        return capacity_ * (sizeof(Record) + 2 * sizeof(std::uint32_t));
    }

    Record* records_ = nullptr;
    std::uint32_t* index_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t count_ = 0;
};

/// The records of all blocks, live and given back, as many as there are. For one thread at a time.
class Records {
public:
    /// Adds the record of a block that was just handed out. False when the kernel has no memory
    /// for it.
    [[nodiscard]] bool add(const void* block, Layout layout, Place place) noexcept {
        if (table_.full() && !make_room()) {
            return false;
        }
        if (Record* const older = find(block); older != nullptr) {
            older->live = false;
        }
        last_number_ += 1;
        table_.append({block, layout, place, last_number_});
        return true;
    }

    /// What is known of this address: its newest record, live or given back; nullptr when it was
    /// never handed out. Good until the next add().
    Record* find(const void* block) noexcept { return table_.find(block); }

    /// The first live block that was handed out after block number `number`, if there is one.
    std::optional<Record> next_live(std::size_t number) const noexcept {
        for (const Record* record = first_after(number); record != table_.end(); ++record) {
            if (record->live) {
                return *record;
            }
        }
        return std::nullopt;
    }

    /// Forgets all blocks; numbers go on.
    void clear() noexcept { RecordTable{}.swap(table_); }

private:
    /// The first record with a higher number. They are in order, so halving finds it.
    const Record* first_after(std::size_t number) const noexcept {
        const Record* first = table_.begin();
        const Record* last = table_.end();
        while (first != last) {
            const Record* const middle = first + (last - first) / 2;
            if (middle->number > number) {
                last = middle;
            } else {
                first = middle + 1;
            }
        }
        return first;
    }

    /// Moves to a new table, without the records that are found no longer.
    bool make_room() noexcept {
        std::size_t found = 0;
        for (const Record& record : table_) {
            found += table_.find(record.block) == &record ? 1 : 0;
        }
        const bool roomy = found <= table_.capacity() / 2;
        const std::size_t capacity = roomy ? table_.capacity() : 2 * table_.capacity();
        RecordTable next{capacity == 0 ? first_capacity : capacity};
        if (next.full()) {
            return false;
        }
        for (const Record& record : table_) {
            if (table_.find(record.block) == &record) {
                next.append(record);
            }
        }
        next.swap(table_);
        return true;
    }

    static constexpr std::size_t first_capacity = 1024;  // a few dozen KiB of addresses

    RecordTable table_;
    std::size_t last_number_ = 0;
};

}  // namespace workshop
