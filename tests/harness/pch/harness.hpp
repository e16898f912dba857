// Precompiled for the harness's own objects: the headers of the standard library and of fmt that
// most of them include, and that take longer to compile than they do.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
