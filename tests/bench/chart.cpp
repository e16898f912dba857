#include "chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cases.hpp"

namespace bench {
namespace {

constexpr double longest_bar = 36;  // letters

std::size_t width_of_labels(const BarChart& chart) {
    std::size_t width = 0;
    for (const BarGroup& group : chart.groups) {
        for (const Bar& bar : group.bars) {
            width = std::max(width, bar.label.size());
        }
    }
    return width;
}

std::string line_of(const Bar& bar, double most, std::size_t width) {
    const std::string label = fmt::format("  {:>{}}  ", bar.label, width);
    if (!bar.failure.empty()) {
        return label + bar.failure + "\n";
    }
    const auto length = static_cast<std::size_t>(bar.value / most * longest_bar + 0.5);
    return label + std::string(std::max<std::size_t>(length, 1), '#') + " " + number(bar.value) +
           (bar.note.empty() ? "" : ", " + bar.note) + "\n";
}

}  // namespace

double largest(const BarChart& chart) {
    double most = 0;
    for (const BarGroup& group : chart.groups) {
        for (const Bar& bar : group.bars) {
            most = std::max({most, bar.value, bar.highest});
        }
    }
    return most;
}

std::string text_of(const BarChart& chart) {
    const std::size_t width = width_of_labels(chart);
    const double most = largest(chart);
    std::string text = chart.title + ": " + chart.unit + "\n";
    text += chart.explanation.empty() ? "" : chart.explanation + "\n";
    for (const BarGroup& group : chart.groups) {
        text += "\n" + group.label + "\n";
        for (const Bar& bar : group.bars) {
            text += line_of(bar, most, width);
        }
    }
    return text;
}

}  // namespace bench
