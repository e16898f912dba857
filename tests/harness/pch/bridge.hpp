// Precompiled for the bridges: what the harness's side of one needs, and the usual headers of a
// step. No file of the learner's.

#include <harness/function_ref.hpp>
#include <harness/own.hpp>
#include <harness/place.hpp>
#include <harness/subject.hpp>

#include <bit>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
