// Property-based testing: a property is written once and tried on many random runs; of a run that
// breaks it, a smaller one is looked for that breaks it, too.

#pragma once

#include <harness/function_ref.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace suite {

/// One step of a random run: a few random choices. What a step means is up to the property.
class Step {
public:
    /// As many choices as a step has in it; a further one is always the simplest.
    static constexpr std::size_t choices = 6;
    using Raw = std::array<std::uint64_t, choices>;

    explicit Step(const Raw& raw) noexcept : raw_{raw} {}

    /// A number from `first` to `last`, both included, all equally likely. `first` is the
    /// simplest: shrinking moves towards it.
    std::size_t between(std::size_t first, std::size_t last) noexcept {
        const std::uint64_t raw = next();
        const std::uint64_t count = last - first + 1;
        return first + (count == 0 ? raw : raw % count);
    }

    /// One of these; the first is the simplest. One that stands there twice is twice as likely.
    template <class T>
    T one_of(std::initializer_list<T> values) noexcept {
        return values.begin()[between(0, values.size() - 1)];
    }

private:
    std::uint64_t next() noexcept { return used_ < choices ? raw_[used_++] : 0; }

    Raw raw_;
    std::size_t used_ = 0;
};

struct Runs {
    unsigned count = 100;  // how many runs
    unsigned steps = 60;   // in the longest of them; the first runs are short
};

/// Calls `property(steps)` for many random runs. It holds for a run when it returns: a CHECK that
/// fails ends it, as does a crash. The property makes its subject anew each time.
///
/// The seed is fixed, so that a verdict repeats; WORKSHOP_SEED sets another. A run that fails is
/// made smaller, by leaving out steps and by simplifying choices, as long as it still fails; then
/// the smallest is told, with the seed.
void for_all_steps(const Runs& runs, harness::FunctionRef<std::span<Step>> property);

}  // namespace suite
