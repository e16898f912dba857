#include "cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "statistics.hpp"
#include "table.hpp"

namespace bench {
namespace {

/// The fields of a line of comma-separated values; a quoted one may hold commas.
std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields{""};
    bool quoted = false;
    for (const char letter : line) {
        if (letter == '"') {
            quoted = !quoted;
        } else if (letter == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += letter;
        }
    }
    return fields;
}

std::string field(const std::vector<std::string>& header, const std::vector<std::string>& fields,
                  std::string_view name) {
    const auto found = std::find(header.begin(), header.end(), name);
    const auto at = static_cast<std::size_t>(found - header.begin());
    return at < fields.size() ? fields[at] : std::string{};
}

Measured measured(const std::vector<std::string>& header, const std::vector<std::string>& fields) {
    Measured result;
    result.name = field(header, fields, "name");
    const double a_second = std::strtod(field(header, fields, "items_per_second").c_str(), nullptr);
    result.error = field(header, fields, "error_message");
    if (a_second > 0) {
        result.nanoseconds = 1e9 / a_second;
    } else if (result.error.empty()) {
        result.error = "it measured nothing";
    }
    return result;
}

const Case* find(const CaseColumn& column, const std::string& name) {
    const auto found = column.cases.find(name);
    return found == column.cases.end() ? nullptr : &found->second;
}

/// Of each round: how many times as fast as the first case.
std::vector<double> speeds(const CaseColumn& column, const std::string& first,
                           const std::string& name) {
    const Case* const base = find(column, first);
    const Case* const own = find(column, name);
    std::vector<double> ratios;
    if (base != nullptr && own != nullptr) {
        for (std::size_t i = 0; i < std::min(base->times.size(), own->times.size()); ++i) {
            ratios.push_back(base->times[i] / own->times[i]);
        }
    }
    return ratios;
}

/// With three digits, as far as they mean something.
std::string number(double value) {
    return fmt::format("{:.{}f}", value, value < 0.1 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string cell(const CaseColumn& column, const std::string& first, const std::string& name) {
    const Case* const own = find(column, name);
    if (own != nullptr && !own->failure.empty()) {
        return own->failure;
    }
    const std::vector<double> ratios = speeds(column, first, name);
    return ratios.empty() ? "-" : number(median(ratios));
}

std::string time_of(const CaseColumn& column, const std::string& name) {
    const Case* const own = find(column, name);
    return own == nullptr || own->times.empty() ? "-" : number(median(own->times)) + " ns";
}

std::string spread_of(const std::vector<std::string>& names,
                      const std::vector<CaseColumn>& columns) {
    std::vector<double> spreads;
    std::size_t rounds = 0;
    for (const CaseColumn& column : columns) {
        for (const std::string& name : names) {
            const std::vector<double> ratios = speeds(column, names.front(), name);
            if (ratios.size() > 1 && name != names.front()) {
                spreads.push_back(spread(ratios));
                rounds = std::max(rounds, ratios.size());
            }
        }
    }
    if (spreads.empty()) {
        return {};
    }
    return fmt::format(
        "\nMedians of {} rounds. Half of the rounds lie within {:.0f} % of the median; for the\n"
        "ratio that varied most, within {:.0f} %.\n",
        rounds, 100 * median(spreads), 100 * quantile(spreads, 1));
}

std::string failures(const std::vector<std::string>& names,
                     const std::vector<CaseColumn>& columns) {
    std::string text;
    for (const CaseColumn& column : columns) {
        for (const std::string& name : names) {
            const Case* const own = find(column, name);
            if (own != nullptr && !own->failure.empty()) {
                text +=
                    fmt::format("{}{}: {}{}\n", column.heading.empty() ? "" : column.heading + ", ",
                                name, own->failure, own->reason.empty() ? "" : ": " + own->reason);
            }
        }
    }
    return text.empty() ? text : "\n" + text;
}

}  // namespace

std::vector<Measured> parse_csv(std::string_view text) {
    std::vector<Measured> all;
    std::vector<std::string> header;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.substr(0, 5) == "name,") {
            header = fields_of(line);
        } else if (line.substr(0, 1) == "\"" && !header.empty()) {
            all.push_back(measured(header, fields_of(line)));
        }
    }
    return all;
}

std::string render(const std::vector<std::string>& names, const std::vector<CaseColumn>& columns) {
    Table table;
    std::vector<std::string> headings{""};
    for (const CaseColumn& column : columns) {
        headings.push_back(column.heading.empty() ? "speed" : column.heading);
    }
    headings.emplace_back("time");
    table.add_row(std::move(headings));
    for (const std::string& name : names) {
        std::vector<std::string> cells{name};
        for (const CaseColumn& column : columns) {
            cells.push_back(cell(column, names.front(), name));
        }
        cells.push_back(time_of(columns.front(), name));
        table.add_row(std::move(cells));
    }
    return fmt::format("Speed, as a multiple of {}'s. More is better.\n\n", names.front()) +
           table.text() + spread_of(names, columns) + failures(names, columns);
}

}  // namespace bench
