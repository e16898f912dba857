// A table as text: the first column to the left, numbers to the right.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

class Table {
public:
    /// A line of cells. An empty cell stays empty; a row may be shorter than others.
    void add_row(std::vector<std::string> cells) { rows_.push_back({std::move(cells), false}); }

    /// A row of headings, each of which spans `width` columns, behind the first column.
    void add_headings(const std::vector<std::string>& headings, std::size_t width);

    /// A line across.
    void add_rule() { rows_.push_back({{}, true}); }

    /// All lines, each ended.
    std::string text() const;

private:
    struct Row {
        std::vector<std::string> cells;
        bool is_rule = false;
        std::size_t span = 1;  // columns that each cell takes, but the first
    };

    std::vector<std::size_t> widths() const;

    std::vector<Row> rows_;
};

}  // namespace bench
