// Precompiled for the judges that need it: <thread> and <functional> cost more than a judge.

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
