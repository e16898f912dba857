// From a stack of allocators to an Instance. Copied into each subject's own namespace, together
// with the workshop's headers that it is made of; see make_subjects.py.

#include <alignment.hpp>
#include <block_state.hpp>
#include <layer.hpp>
#include <memory_resource.hpp>

#include <suite/subjects/instance.hpp>

#include <optional>
#include <utility>

namespace workshop {

template <class Stack>
concept TellsMisuse = requires(const Stack& stack) {
    stack.misuses();
};

/// `Stack` has the allocator to be tested as `top`, and may say more of it than its type does.
template <class Stack>
class InstanceOf final : public suite::Instance {
    using Top = std::remove_reference_t<decltype(std::declval<Stack&>().top)>;

public:
    explicit InstanceOf(std::span<std::byte> buffer) : stack_{buffer}, resource_{stack_.top} {}

    suite::Facts facts() const override {
        return {.any_order = Stack::any_order,
                .any_size = Stack::any_size,
                .for_threads = Stack::for_threads,
                .owns = HasOwns<Top>,
                .reset = HasReset<Top>,
                .check = HasCheck<Top>,
                .for_each_block = HasForEachBlock<Top, Visit>,
                .try_resize = HasTryResize<Top>,
                .tells_misuse = TellsMisuse<Stack>};
    }

    void* allocate(std::size_t size, std::size_t alignment) override {
        const std::optional<Layout> layout = Layout::make(size, alignment);
        return layout ? stack_.top.allocate(*layout) : nullptr;
    }

    void deallocate(void* block, std::size_t size, std::size_t alignment) override {
        if (const std::optional<Layout> layout = Layout::make(size, alignment)) {
            stack_.top.deallocate(block, *layout);
        }
    }

    std::size_t capacity() const override { return stack_.capacity(); }

    std::size_t largest_alignment() const override {
        if constexpr (requires { stack_.largest_alignment(); }) {
            return stack_.largest_alignment();
        } else {
            return ~(~std::size_t{0} >> 1);  // the highest bit
        }
    }

    std::pmr::memory_resource& resource() override { return resource_; }

    bool owns([[maybe_unused]] const void* pointer) const override {
        if constexpr (HasOwns<Top>) {
            return stack_.top.owns(pointer);
        } else {
            return false;
        }
    }

    void reset() override {
        if constexpr (HasReset<Top>) {
            stack_.top.reset();
        }
    }

    bool check() const override {
        if constexpr (HasCheck<Top>) {
            return stack_.top.check();
        } else {
            return true;
        }
    }

    void for_each_block(
        [[maybe_unused]] harness::FunctionRef<std::size_t, std::size_t, suite::Piece> f)
        const override {
        if constexpr (HasForEachBlock<Top, Visit>) {
            stack_.top.for_each_block(Visit{f});
        }
    }

    bool try_resize([[maybe_unused]] void* block, [[maybe_unused]] std::size_t size,
                    [[maybe_unused]] std::size_t alignment,
                    [[maybe_unused]] std::size_t new_size) override {
        if constexpr (HasTryResize<Top>) {
            const std::optional<Layout> from = Layout::make(size, alignment);
            const std::optional<Layout> to = Layout::make(new_size, alignment);
            return from && to && stack_.top.try_resize(block, *from, *to);
        } else {
            return false;
        }
    }

    std::size_t misuses() const override {
        if constexpr (TellsMisuse<Stack>) {
            return stack_.misuses();
        } else {
            return 0;
        }
    }

private:
    struct Visit {
        harness::FunctionRef<std::size_t, std::size_t, suite::Piece> f;

        void operator()(std::size_t offset, std::size_t size, BlockState state) const {
            f(offset, size,
              state == BlockState::free   ? suite::Piece::free
              : state == BlockState::live ? suite::Piece::live
                                          : suite::Piece::overhead);
        }
    };

    Stack stack_;
    MemoryResource<Top> resource_;
};

}  // namespace workshop
