#include <harness/journal.hpp>

#include <harness/shared.hpp>

#include <algorithm>

namespace harness {
namespace {

// Not in the journal, which is shared: a child that crashes leaves its buffers behind.
std::atomic<int> buffers_alive = 0;

Journal* running = nullptr;

void forget_earlier_buffers(Journal& journal) {
    if (journal.buffer_count() == 0) {
        return;
    }
    const Operation first = journal.operation_count() > 0 ? journal.operation(0) : Operation{};
    journal.clear_operations();
    if (first.what == Operation::What::note) {
        *journal.add_operation() = first;
    }
}

}  // namespace

Journal& Journal::current() {
    if (running == nullptr) {
        begin_own();
    }
    return *running;
}

void Journal::begin_own() {
    running = &new_shared<Journal>();
}

void Journal::clear() noexcept {
    clear_operations();
    todo_line_ = 0;
    place_line_ = 0;
    asserted_ = nullptr;
    random_type_ = nullptr;
}

void Journal::clear_operations() noexcept {
    operations_started_ = 0;
    buffers_started_ = 0;
}

BufferEntry* Journal::add_buffer() noexcept {
    const std::size_t index = buffers_started_++;
    return index < max_buffers ? &buffers_[index] : nullptr;
}

Operation* Journal::add_operation() noexcept {
    const std::size_t index = operations_started_++;
    return index < max_operations ? &(operations_[index] = Operation{}) : nullptr;
}

void Journal::note_todo(const char* file, int line) noexcept {
    int none = 0;
    if (todo_line_.compare_exchange_strong(none, line)) {
        std::snprintf(todo_file_, sizeof todo_file_, "%s", file);
    }
}

void Journal::set_place(Place place) noexcept {
    place_file_ = place.file;
    place_line_ = place.line;
    asserted_ = nullptr;
}

void Journal::found_by_seed(std::uint64_t seed, const char* type) noexcept {
    seed_ = seed;
    random_type_ = type;
}

std::size_t Journal::buffer_count() const noexcept {
    return std::min<std::size_t>(buffers_started_, max_buffers);
}

std::size_t Journal::operation_count() const noexcept {
    return std::min<std::size_t>(operations_started_, max_operations);
}

unsigned enter_buffer(const std::byte* first, std::size_t size) noexcept {
    Journal& journal = Journal::current();
    if (buffers_alive++ == 0) {
        forget_earlier_buffers(journal);
    }
    if (BufferEntry* const entry = journal.add_buffer(); entry != nullptr) {
        *entry = {reinterpret_cast<std::uintptr_t>(first), size};
    }
    return static_cast<unsigned>(journal.buffer_count() - 1);
}

void leave_buffer() noexcept {
    --buffers_alive;
}

}  // namespace harness
