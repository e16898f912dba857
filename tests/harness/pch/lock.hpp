// Precompiled for the judges of what locks a mutex: <mutex> costs as much as <memory_resource>.

#include "judge.hpp"

#include <atomic>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <type_traits>
#include <vector>
