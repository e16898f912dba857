// From a run that fails to a smaller one that fails, too.

#pragma once

#include <suite/steps.hpp>

#include <functional>
#include <vector>

namespace suite {

using RawSteps = std::vector<Step::Raw>;

/// True when this was built with RapidCheck, which knows how to shrink; without, nothing is shrunk.
extern const bool can_shrink;

/// Takes the first smaller run for which `fails` is true, again and again, until there is none.
RawSteps shrunk(RawSteps failing, const std::function<bool(const RawSteps&)>& fails);

}  // namespace suite
