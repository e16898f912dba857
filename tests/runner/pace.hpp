// How long something that is done piece by piece is still going to take.

#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace runner {

class Pace {
public:
    explicit Pace(std::size_t pieces) : pieces_{pieces} {}

    void advance() { ++done_; }

    /// "12 of 40, about 20 s left"; without the time where nothing is known yet.
    std::string left() const;

private:
    std::size_t pieces_;
    std::size_t done_ = 0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// "about 20 s", "about 3 min".
std::string spoken_time(double seconds);

}  // namespace runner
