// What is said of numbers that were measured several times.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace bench {

/// The value below which this fraction of the values lies; between two values, in proportion.
/// Requires at least one value.
inline double quantile(std::vector<double> values, double fraction) {
    std::sort(values.begin(), values.end());
    const double at = fraction * static_cast<double>(values.size() - 1);
    const std::size_t below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
}

inline double median(const std::vector<double>& values) {
    return quantile(values, 0.5);
}

/// Half of the width of the middle half of the values, as a fraction of the median: the median is
/// right to about plus or minus this.
inline double spread(const std::vector<double>& values) {
    return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
}

/// The mean for ratios: twice as fast and half as fast make 1. Requires positive values.
inline double geometric_mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) {
        sum += std::log(value);
    }
    return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace bench
