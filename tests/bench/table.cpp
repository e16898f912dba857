#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace bench {
namespace {

constexpr std::size_t gap = 2;  // blanks between two columns

}  // namespace

void Table::add_headings(const std::vector<std::string>& headings, std::size_t width) {
    Row row;
    row.span = width;
    row.cells.emplace_back();
    row.cells.insert(row.cells.end(), headings.begin(), headings.end());
    rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (const Row& row : rows_) {
        const std::size_t count = row.cells.empty() ? 0 : 1 + (row.cells.size() - 1) * row.span;
        widths.resize(std::max(widths.size(), count));
        for (std::size_t i = 0; row.span == 1 && i < row.cells.size(); ++i) {
            widths[i] = std::max(widths[i], row.cells[i].size());
        }
    }
    // A heading that is wider than its columns makes the last of them wider.
    for (const Row& row : rows_) {
        for (std::size_t i = 1; row.span != 1 && i < row.cells.size(); ++i) {
            const auto first = widths.begin() + static_cast<std::ptrdiff_t>(1 + (i - 1) * row.span);
            const auto last = first + static_cast<std::ptrdiff_t>(row.span);
            const std::size_t have = std::accumulate(first, last, (row.span - 1) * gap);
            if (row.cells[i].size() > have) {
                *(last - 1) += row.cells[i].size() - have;
            }
        }
    }
    return widths;
}

std::string Table::text() const {
    const std::vector<std::size_t> widths = this->widths();
    const std::size_t whole =
        std::accumulate(widths.begin(), widths.end(), (widths.size() - 1) * gap);
    std::string text;
    for (const Row& row : rows_) {
        std::string line = row.is_rule ? std::string(whole, '-') : std::string{};
        std::size_t column = 0;
        for (const std::string& cell : row.cells) {
            if (column == 0) {
                line += fmt::format("{:<{}}", cell, widths[0]);
                column = 1;
                continue;
            }
            std::size_t width = row.span * gap;
            for (std::size_t i = 0; i < row.span; ++i) {
                width += widths[column++];
            }
            line += fmt::format("{:>{}}", cell, width);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

}  // namespace bench
