// Precompiled for the judges: what each of them needs, and the usual headers of a step. Not more of
// the harness than what knows no file of the learner's.

#include <harness/assertions.hpp>
#include <harness/guarded_buffer.hpp>
#include <harness/shadow.hpp>

#include <bit>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
