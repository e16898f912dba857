#include "pace.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner {

std::string Pace::left() const {
    const std::string count = fmt::format("{} of {}", std::min(done_ + 1, pieces_), pieces_);
    if (done_ == 0) {
        return count;
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
    const double each = spent.count() / static_cast<double>(done_);
    return count + ", " + spoken_time(each * static_cast<double>(pieces_ - done_)) + " left";
}

std::string spoken_time(double seconds) {
    return seconds < 100 ? fmt::format("about {:.0f} s", std::max(seconds, 1.0))
                         : fmt::format("about {:.0f} min", seconds / 60);
}

}  // namespace runner
