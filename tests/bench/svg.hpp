// Charts as SVG: no scripts, no fonts from elsewhere, readable on light and on dark.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "chart.hpp"

namespace bench {

/// The text with &, <, > and quotes as XML and HTML want them.
std::string escaped(std::string_view text);

/// The rules by which charts are coloured; for a page that has charts in it.
std::string chart_style();

/// How many colours chart_style() has; further ones begin anew.
inline constexpr std::size_t colour_count = 8;

enum class Heading { title, none };

/// One chart, to stand in a page that has chart_style(). Without its title where the page says it.
std::string svg_of(const BarChart& chart, Heading heading = Heading::title);

/// Values over the operations of a trace.
struct Curve {
    std::string name;
    std::vector<double> values;  // each from 0 to 1, at equal distances
};

/// Curves in one picture, the vertical axis from 0 to 1; to stand in a page.
std::string svg_of(const std::vector<Curve>& curves, std::string_view title, double operations);

/// All charts below each other, as a file of its own.
std::string svg_file(const std::vector<BarChart>& charts, std::string_view title);

}  // namespace bench
