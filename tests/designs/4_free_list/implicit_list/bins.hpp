// This design has one placement, or none that bins would change.

#pragma once

#include <free_list.hpp>

namespace workshop {

struct SegregatedFit {};

}  // namespace workshop
