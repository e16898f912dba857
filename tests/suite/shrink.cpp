#include <suite/shrink.hpp>

#include <rapidcheck.h>

namespace suite {
namespace {

/// Runs that are smaller than this one: without some of its steps, or with a simpler choice.
rc::Seq<RawSteps> smaller(const RawSteps& run) {
    return rc::seq::concat(
        rc::shrink::removeChunks(run), rc::shrink::eachElement(run, [](const Step::Raw& step) {
            return rc::shrink::eachElement(
                step, [](std::uint64_t choice) { return rc::shrink::integral(choice); });
        }));
}

}  // namespace

const bool can_shrink = true;

RawSteps shrunk(RawSteps failing, const std::function<bool(const RawSteps&)>& fails) {
    for (bool found = true; found;) {
        found = false;
        rc::Seq<RawSteps> candidates = smaller(failing);
        for (auto candidate = candidates.next(); candidate; candidate = candidates.next()) {
            if (fails(*candidate)) {
                failing = std::move(*candidate);
                found = true;
                break;
            }
        }
    }
    return failing;
}

}  // namespace suite
