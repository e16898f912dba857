#include "svg.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cases.hpp"
#include "markup.hpp"

namespace bench {
namespace {

// In the units of the picture. A chart is narrow, so that its letters stay readable on a telephone.
constexpr double width = 400;
constexpr double letter = 6.9;  // wide, at most, on average
constexpr double line = 19;
constexpr double bar_line = 17;
constexpr double bar_height = 11;
constexpr double margin = 4;

/// SVG in the making: a piece, and the height that it has so far.
struct Drawing {
    std::string text;
    double height = 0;

    void write(double x, double y, std::string_view words, std::string_view attributes = "") {
        text += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, attributes,
                            escaped(words));
    }
};

std::string value_of(const Bar& bar) {
    if (!bar.failure.empty()) {
        return bar.failure;
    }
    return number(bar.value) + (bar.note.empty() ? "" : ", " + bar.note);
}

/// Where the bars of a chart begin and end.
struct Columns {
    double first = 0;
    double last = width;
};

Columns columns_of(const BarChart& chart) {
    std::size_t label = 0;
    std::size_t value = 0;
    for (const BarGroup& group : chart.groups) {
        for (const Bar& bar : group.bars) {
            label = std::max(label, bar.label.size());
            value = std::max(value, value_of(bar).size());
        }
    }
    const double first = margin + (label == 0 ? 8 : static_cast<double>(label) * letter + 8);
    const double last = width - margin - static_cast<double>(value) * letter - 8;
    return {first, std::max(last, first + 60)};
}

/// From the least to the most that was measured.
std::string whisker(const Columns& columns, const Bar& bar, double most, double middle) {
    const double scale = (columns.last - columns.first) / most;
    const double from = columns.first + bar.lowest * scale;
    const double to = columns.first + bar.highest * scale;
    if (to - from < 0.5) {
        return {};
    }
    return fmt::format("<path class=\"whisker\" d=\"M{:.1f} {:.1f}v6m0-3H{:.1f}m0-3v6\"/>\n", from,
                       middle - 3, to);
}

void draw_bar(Drawing& drawing, const Columns& columns, const BarChart& chart,
              const BarGroup& group, const Bar& bar) {
    const double most = largest(chart);
    const double middle = drawing.height + bar_line / 2;
    if (!bar.label.empty()) {
        drawing.write(columns.first - 6, middle + 4.5, bar.label, " class=\"end\"");
    }
    double end = columns.first;
    if (bar.failure.empty() && most > 0) {
        const double length = bar.value / most * (columns.last - columns.first);
        end += bar.highest / most * (columns.last - columns.first);
        drawing.text += fmt::format(
            "<g><title>{}: {} ({} to {})</title><rect class=\"c{}\" x=\"{:.1f}\" y=\"{:.1f}\" "
            "width=\"{:.1f}\" height=\"{:.0f}\"/>\n",
            escaped(group.label + (bar.label.empty() ? "" : ", " + bar.label)), number(bar.value),
            number(bar.lowest), number(bar.highest), bar.colour % colour_count, columns.first,
            middle - bar_height / 2, std::max(length, 1.0), bar_height);
        drawing.text += whisker(columns, bar, most, middle) + "</g>\n";
    }
    drawing.write(end + 6, middle + 4.5, value_of(bar));
    drawing.height += bar_line;
}

void draw_legend(Drawing& drawing, const std::vector<std::string>& names) {
    double x = margin;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const double needed = 18 + static_cast<double>(names[i].size()) * letter + 10;
        if (x + needed > width && x > margin) {
            x = margin;
            drawing.height += line;
        }
        drawing.text += fmt::format(
            "<rect class=\"c{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"11\"/>\n",
            i % colour_count, x, drawing.height + 4);
        drawing.write(x + 17, drawing.height + 14, names[i]);
        x += needed;
    }
    drawing.height += line + 2;
}

void draw(Drawing& drawing, const BarChart& chart, Heading heading) {
    if (heading == Heading::title) {
        drawing.write(margin, drawing.height + 14, chart.title, " class=\"title\"");
        drawing.height += line;
    }
    drawing.write(margin, drawing.height + 14, chart.unit, " class=\"small\"");
    drawing.height += line + 2;
    if (!chart.explanation.empty()) {
        drawing.write(margin, drawing.height + 12, chart.explanation, " class=\"small\"");
        drawing.height += line;
    }
    if (chart.colours.size() > 1) {
        draw_legend(drawing, chart.colours);
    }
    const Columns columns = columns_of(chart);
    for (const BarGroup& group : chart.groups) {
        drawing.write(margin, drawing.height + 15, group.label);
        drawing.height += line;
        const double top = drawing.height;
        for (const Bar& bar : group.bars) {
            draw_bar(drawing, columns, chart, group, bar);
        }
        drawing.text += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n",
                                    columns.first, top, drawing.height);
        drawing.height += 3;
    }
}

std::string wrapped_in_svg(const Drawing& drawing, std::string_view title,
                           std::string_view attributes, std::string_view style) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" "
        "viewBox=\"0 0 {:.0f} {:.0f}\"{}>\n<title>{}</title>\n{}{}</svg>\n",
        width, drawing.height + margin, attributes, escaped(title), style, drawing.text);
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    for (const char each : text) {
        const std::string_view entity = entity_of(each);
        result += entity.empty() ? std::string_view{&each, 1} : entity;
    }
    return result;
}

std::string chart_style() {
    return R"(.chart text{font:13px system-ui,sans-serif;fill:#1c1c1c}
.chart .title{font-weight:600}
.chart .small{font-size:12px}
.chart .end{text-anchor:end}
.chart .paper{fill:#fff}
.chart .axis,.chart .whisker{fill:none;stroke:#1c1c1c;stroke-width:1}
.chart .grid{fill:none;stroke:#8a8a8a;stroke-width:.5}
.chart .curve{fill:none;stroke-width:1.5;stroke-linejoin:round}
.c0{fill:#6f9fd4;stroke:#2a66ad}
.c1{fill:#e79a54;stroke:#a84d06}
.c2{fill:#74b98f;stroke:#21754a}
.c3{fill:#b08fd6;stroke:#7340ab}
.c4{fill:#a3a3a3;stroke:#5e5e5e}
.c5{fill:#d98aa4;stroke:#a52d56}
.c6{fill:#5fb6bd;stroke:#14707a}
.c7{fill:#c9b458;stroke:#7d6a06}
.chart rect{stroke:none}
@media(prefers-color-scheme:dark){
.chart text{fill:#e8e8e8}
.chart .paper{fill:#16181b}
.chart .axis,.chart .whisker{stroke:#e8e8e8}
.c0{fill:#3f78ba;stroke:#7fb2ec}
.c1{fill:#b5651d;stroke:#f2a964}
.c2{fill:#368a5c;stroke:#73d19e}
.c3{fill:#8459b8;stroke:#c9a2f2}
.c4{fill:#787878;stroke:#b4b4b4}
.c5{fill:#ad4a6c;stroke:#f095b3}
.c6{fill:#2b8088;stroke:#6ed0d9}
.c7{fill:#8f7c23;stroke:#e0cc70}
}
@media print{
.chart text{fill:#000}
.chart .paper{fill:#fff}
.chart .axis,.chart .whisker{stroke:#000}
.chart rect{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
)";
}

std::string svg_of(const BarChart& chart, Heading heading) {
    Drawing drawing;
    draw(drawing, chart, heading);
    return wrapped_in_svg(drawing, chart.title + ": " + chart.unit, "", "");
}

std::string svg_of(const std::vector<Curve>& curves, std::string_view title, double operations) {
    constexpr double left = 40;
    constexpr double top = 8;
    constexpr double high = 130;
    Drawing drawing;
    for (const double value : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double y = top + (1 - value) * high;
        drawing.text += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>\n", left, y, width);
        drawing.write(left - 5, y + 4.5, fmt::format("{:.2f}", value), " class=\"end\"");
    }
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const std::vector<double>& values = curves[i].values;
        drawing.text +=
            fmt::format("<path class=\"curve c{}\" style=\"fill:none\" d=\"", i % colour_count);
        for (std::size_t at = 0; at < values.size(); ++at) {
            const double x = left + (width - left) * (static_cast<double>(at) + 0.5) /
                                        static_cast<double>(values.size());
            drawing.text += fmt::format("{}{:.1f} {:.1f}", at == 0 ? "M" : "L", x,
                                        top + (1 - std::min(values[at], 1.0)) * high);
        }
        drawing.text += "\"/>\n";
    }
    drawing.height = top + high + 3;
    drawing.write(left, drawing.height + 12, "0", " class=\"small\"");
    drawing.write(width, drawing.height + 12, fmt::format("operation {:.0f}", operations),
                  " class=\"small end\"");
    drawing.height += line;
    std::vector<std::string> names;
    for (const Curve& curve : curves) {
        names.push_back(curve.name);
    }
    draw_legend(drawing, names);
    return wrapped_in_svg(drawing, title, "", "");
}

std::string svg_file(const std::vector<BarChart>& charts, std::string_view title) {
    Drawing drawing;
    drawing.height = margin;
    for (const BarChart& chart : charts) {
        draw(drawing, chart, Heading::title);
        drawing.height += line;
    }
    const std::string paper =
        fmt::format("<rect class=\"paper\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", width,
                    drawing.height + margin);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
           wrapped_in_svg(drawing, title,
                          fmt::format(" width=\"{:.0f}\" height=\"{:.0f}\"", width * 1.5,
                                      (drawing.height + margin) * 1.5),
                          "<style>" + chart_style() + "</style>\n" + paper);
}

}  // namespace bench
