// In place of shrink.cpp where RapidCheck is not installed.

#include <suite/shrink.hpp>

namespace suite {

const bool can_shrink = false;

RawSteps shrunk(RawSteps failing, const std::function<bool(const RawSteps&)>&) {
    return failing;
}

}  // namespace suite
