#include <suite/subject.hpp>

#include <suite/buffer.hpp>
#include <suite/run.hpp>

#include <harness/failure.hpp>
#include <harness/journal.hpp>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace suite {
namespace {

using harness::Journal;
using harness::Operation;

/// A line of the story: what was asked, and later what came of it.
class Noted {
public:
    Noted(harness::Place place, const Buffer& buffer, Operation::What what) {
        harness::now_at(place);
        operation_ = this_run().telling ? Journal::current().add_operation() : nullptr;
        if (operation_ != nullptr) {
            operation_->what = what;
            operation_->buffer = buffer.index();
        }
    }

    void asked(const void* block, std::size_t size, std::size_t alignment,
               std::size_t new_size = 0) {
        if (operation_ != nullptr) {
            operation_->block = reinterpret_cast<std::uintptr_t>(block);
            operation_->size = size;
            operation_->alignment = alignment;
            operation_->new_size = new_size;
        }
    }

    void returned() {
        if (operation_ != nullptr) {
            operation_->returned = true;
        }
    }

    void handed_out(const void* block) {
        if (operation_ != nullptr) {
            operation_->block = reinterpret_cast<std::uintptr_t>(block);
            operation_->returned = true;
        }
    }

    void refused_to_resize(std::size_t size) {
        if (operation_ != nullptr) {
            operation_->new_size = size;
        }
    }

private:
    Operation* operation_;
};

/// "4_free_list/stays_in_the_list", or only "stays_in_the_list".
bool is_named(const SubjectType& subject, std::string_view name) {
    const std::string_view whole = subject.name;
    return whole == name || whole.substr(whole.find('/') + 1) == name;
}

/// For a debugger (--here), where nobody says which: WORKSHOP_SUBJECT names it.
const SubjectType* named_subject() {
    const char* const name = std::getenv("WORKSHOP_SUBJECT");
    if (name == nullptr) {
        return &all_subjects().front();
    }
    for (const SubjectType& subject : all_subjects()) {
        if (is_named(subject, name)) {
            return &subject;
        }
    }
    std::fprintf(stderr, "WORKSHOP_SUBJECT is '%s'; expected one of:\n", name);
    for (const SubjectType& subject : all_subjects()) {
        std::fprintf(stderr, "  %s%s\n", std::string{subject.name}.c_str(),
                     subject.is_correct() ? "  (correct)" : "");
    }
    std::exit(2);
}

/// Size 0 is served as 1.
std::size_t block_size(std::size_t size) {
    return size == 0 ? 1 : size;
}

}  // namespace

Run& this_run() {
    static Run run = {named_subject(), nullptr, true};
    return run;
}

struct Subject::State {
    explicit State(std::size_t size) : buffer{size} { make(); }
    State(std::size_t size, std::size_t misalignment) : buffer{size, misalignment} { make(); }

    void make() { instance.reset(this_run().subject->make(buffer.span())); }

    Buffer buffer;
    std::unique_ptr<Instance> instance;
    bool was_reset = false;
};

Subject::Subject(std::size_t buffer_size) : state_{std::make_unique<State>(buffer_size)} {}

Subject::Subject(std::size_t buffer_size, std::size_t misalignment)
    : state_{std::make_unique<State>(buffer_size, misalignment)} {}

Subject::~Subject() = default;

std::byte* Subject::allocate(std::size_t size, std::size_t alignment, Place place) {
    Noted noted{place, state_->buffer, Operation::What::allocate};
    noted.asked(nullptr, size, alignment);
    void* const block = state_->instance->allocate(size, alignment);
    noted.handed_out(block);

    if (size == 0) {
        note(Seen::size_zero);
    }
    if (alignment > alignof(std::max_align_t) && std::has_single_bit(alignment)) {
        note(Seen::over_aligned);
    }
    if (size > buffer().size()) {
        note(Seen::huge);
    }
    if (block == nullptr && makes_room_for(size, alignment)) {
        note(Seen::nearly_full);
    }
    if (state_->was_reset) {
        note(Seen::use_after_reset);
    }
    return static_cast<std::byte*>(block);
}

void Subject::deallocate(void* block, std::size_t size, std::size_t alignment, Place place) {
    Noted noted{place, state_->buffer, Operation::What::deallocate};
    noted.asked(block, size, alignment);
    state_->instance->deallocate(block, size, alignment);
    noted.returned();
}

std::span<std::byte> Subject::buffer() const {
    return state_->buffer.span();
}

std::size_t Subject::capacity() const {
    return state_->instance->capacity();
}

bool Subject::makes_room_for(std::size_t size, std::size_t alignment) const {
    const bool is_layout =
        std::has_single_bit(alignment) && size <= std::size_t{PTRDIFF_MAX} - (alignment - 1);
    if (!is_layout || alignment > state_->instance->largest_alignment()) {
        return false;
    }
    const std::size_t block = block_size(size);
    // Whoever cuts blocks at multiples of 16 and keeps a tag in front of each may have to cut off a
    // whole block, too, in front of one with a larger alignment.
    const std::size_t most = alignment <= alignof(std::max_align_t) ? alignment - 1 : 2 * alignment;
    const std::size_t padding = state_->instance->facts().any_size ? most : 0;
    return block <= capacity() && padding <= capacity() - block;
}

std::size_t Subject::room_for(std::size_t size) const {
    // The most that a correct design was seen to take: buddies go up to the next power of two,
    // tags and padding cost some bytes more.
    const std::size_t most = 2 * (block_size(size) + 32);
    const std::size_t at_least_one = makes_room_for(size, alignof(std::max_align_t)) ? 1 : 0;
    const std::size_t count = size > capacity() ? 0 : capacity() / most;
    return count > at_least_one ? count : at_least_one;
}

bool Subject::reuses_any_block() const {
    return state_->instance->facts().any_order;
}

bool Subject::has_owns() const {
    return state_->instance->facts().owns;
}

bool Subject::owns(const void* pointer) const {
    return state_->instance->owns(pointer);
}

bool Subject::has_reset() const {
    return state_->instance->facts().reset;
}

void Subject::reset(Place place) {
    Noted noted{place, state_->buffer, Operation::What::reset};
    state_->instance->reset();
    state_->was_reset = true;
    noted.returned();
}

bool Subject::has_check() const {
    return state_->instance->facts().check;
}

bool Subject::check() const {
    return state_->instance->check();
}

bool Subject::has_for_each_block() const {
    return state_->instance->facts().for_each_block;
}

void Subject::for_each_block(harness::FunctionRef<std::size_t, std::size_t, Piece> f) const {
    state_->instance->for_each_block(f);
}

bool Subject::has_try_resize() const {
    return state_->instance->facts().try_resize;
}

bool Subject::try_resize(void* block, std::size_t size, std::size_t alignment, std::size_t new_size,
                         Place place) {
    Noted noted{place, state_->buffer, Operation::What::resize};
    noted.asked(block, size, alignment, new_size);
    const bool done = state_->instance->try_resize(block, size, alignment, new_size);
    if (!done) {
        noted.refused_to_resize(size);
    }
    noted.returned();
    return done;
}

bool Subject::has_misuses() const {
    return state_->instance->facts().tells_misuse;
}

std::size_t Subject::misuses() const {
    return state_->instance->misuses();
}

std::pmr::memory_resource& Subject::resource() {
    note(Seen::resource);
    return state_->instance->resource();
}

}  // namespace suite
