// Precompiled for the judges of what uses <atomic>, which costs more than most judges.

#include "judge.hpp"

#include <atomic>
#include <bit>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
