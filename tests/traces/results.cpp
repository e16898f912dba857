#include "results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <optional>

#include "../bench/statistics.hpp"
#include "../bench/table.hpp"

namespace traces {
namespace {

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    while (true) {
        const std::size_t tab = line.find('\t');
        fields.emplace_back(line.substr(0, tab));
        if (tab == line.npos) {
            return fields;
        }
        line.remove_prefix(tab + 1);
    }
}

std::optional<double> value_in(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0' && value >= 0 ? std::optional{value} : std::nullopt;
}

/// All of these fields as numbers, or nothing.
std::optional<std::vector<double>> values_in(const std::vector<std::string>& fields,
                                             std::size_t first) {
    std::vector<double> numbers;
    for (std::size_t i = first; i < fields.size(); ++i) {
        const std::optional<double> number = value_in(fields[i]);
        if (!number) {
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    return numbers;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
    }
}

const Outcome* outcome_of(const TraceResults& trace, const std::string& contender) {
    const auto found = trace.outcomes.find(contender);
    return found == trace.outcomes.end() ? nullptr : &found->second;
}

const TraceResults* trace_of(const Results& results, const std::string& name) {
    for (const TraceResults& trace : results.traces()) {
        if (trace.name == name) {
            return &trace;
        }
    }
    return nullptr;
}

std::optional<double> speed(const TraceResults& trace, const Outcome& outcome) {
    const std::vector<double> ratios = speeds(trace, outcome);
    return ratios.empty() ? std::nullopt : std::optional{bench::median(ratios)};
}

std::optional<double> ratio(double part, double whole) {
    return whole == 0 ? std::nullopt : std::optional{part / whole};
}

std::optional<double> utilisation(const TraceResults& trace, const Outcome& outcome) {
    return ratio(trace.peak, outcome.buffer);
}

std::optional<double> reach(const TraceResults& trace, const Outcome& outcome) {
    return ratio(trace.peak, outcome.reach);
}

std::optional<double> resident(const TraceResults& trace, const Outcome& outcome) {
    return ratio(trace.peak, outcome.resident);
}

using Measure = std::function<std::optional<double>(const TraceResults&, const Outcome&)>;
using Extra = std::function<std::string(const TraceResults&)>;

/// A column that belongs to no contender.
struct ExtraColumn {
    std::string heading;
    Extra cell;
    std::vector<double> values;  // for the mean; may be empty
};

std::string with_commas(double number) {
    std::string digits = fmt::format("{:.0f}", number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, 1, ',');
    }
    return digits;
}

/// The cell of one contender in one column, for one trace; its value goes to `values`.
std::string cell(const TraceResults* trace, const std::string& contender, const Measure& measure,
                 std::vector<double>& values) {
    const Outcome* const outcome = trace == nullptr ? nullptr : outcome_of(*trace, contender);
    if (outcome == nullptr) {
        return "-";
    }
    if (!outcome->failure.empty()) {
        return outcome->failure;
    }
    const std::optional<double> value = measure(*trace, *outcome);
    if (!value) {
        return "-";
    }
    values.push_back(*value);
    return fmt::format("{:.2f}", *value);
}

class TraceTable {
public:
    TraceTable(const std::vector<Column>& columns, std::vector<std::string> contenders)
        : columns_{columns}, contenders_{std::move(contenders)} {}

    std::string text(const Measure& measure, const std::vector<ExtraColumn>& extras) const {
        bench::Table table;
        add_headings(table, extras);
        const std::size_t rows = columns_.front().results->traces().size();
        std::vector<std::vector<double>> values(contenders_.size() * columns_.size());
        for (const TraceResults& trace : columns_.front().results->traces()) {
            std::vector<std::string> cells{trace.name};
            for (std::size_t i = 0; i < values.size(); ++i) {
                const Column& column = columns_[i % columns_.size()];
                cells.push_back(cell(trace_of(*column.results, trace.name),
                                     contenders_[i / columns_.size()], measure, values[i]));
            }
            for (const ExtraColumn& extra : extras) {
                cells.push_back(extra.cell(trace));
            }
            table.add_row(std::move(cells));
        }
        table.add_rule();
        std::vector<std::string> means{"geometric mean"};
        for (const std::vector<double>& column : values) {
            means.push_back(mean_of(column, rows));
        }
        for (const ExtraColumn& extra : extras) {
            means.push_back(extra.values.empty() ? "" : mean_of(extra.values, rows));
        }
        table.add_row(std::move(means));
        return table.text();
    }

private:
    /// Of all traces; of some of them it would be no comparison.
    static std::string mean_of(const std::vector<double>& values, std::size_t rows) {
        return values.size() == rows && rows != 0
                   ? fmt::format("{:.2f}", bench::geometric_mean(values))
                   : "-";
    }

    void add_headings(bench::Table& table, const std::vector<ExtraColumn>& extras) const {
        std::vector<std::string> headings{""};
        if (columns_.size() > 1) {
            table.add_headings(contenders_, columns_.size());
            for (std::size_t i = 0; i < contenders_.size() * columns_.size(); ++i) {
                headings.push_back(columns_[i % columns_.size()].heading);
            }
        } else {
            headings.insert(headings.end(), contenders_.begin(), contenders_.end());
        }
        for (const ExtraColumn& extra : extras) {
            headings.push_back(extra.heading);
        }
        table.add_row(std::move(headings));
    }

    const std::vector<Column>& columns_;
    std::vector<std::string> contenders_;
};

/// Another malloc, or the yardstick, as all are told.
ExtraColumn column_of(const Results& results, const std::string& name, const Measure& measure) {
    const auto value = [name, measure](const TraceResults& trace) {
        const auto found = trace.others.find(name);
        const Outcome* const outcome =
            found == trace.others.end() ? outcome_of(trace, name) : &found->second;
        return outcome == nullptr ? std::nullopt : measure(trace, *outcome);
    };
    ExtraColumn column{name, {}, {}};
    for (const TraceResults& trace : results.traces()) {
        if (const std::optional<double> own = value(trace)) {
            column.values.push_back(*own);
        }
    }
    column.cell = [value](const TraceResults& trace) {
        const std::optional<double> own = value(trace);
        return own ? fmt::format("{:.2f}", *own) : std::string{"-"};
    };
    return column;
}

std::vector<ExtraColumn> beside_throughput(const Results& results) {
    const auto nanoseconds = [](const char* contender) {
        return [contender](const TraceResults& trace) {
            const Outcome* const outcome = outcome_of(trace, contender);
            return outcome == nullptr || outcome->times.empty()
                       ? std::string{"-"}
                       : fmt::format("{:.1f} ns", bench::median(outcome->times));
        };
    };
    std::vector<ExtraColumn> extras;
    for (const std::string& name : results.others()) {
        extras.push_back(column_of(results, name, speed));
    }
    extras.push_back({"malloc", nanoseconds(yardstick), {}});
    extras.push_back({"replay", nanoseconds(bare_loop), {}});
    return extras;
}

std::vector<ExtraColumn> beside_utilisation(const Results& results) {
    ExtraColumn units{"16 B", {}, {}};
    for (const TraceResults& trace : results.traces()) {
        if (const auto value = ratio(trace.peak, trace.peak_in_units)) {
            units.values.push_back(*value);
        }
    }
    units.cell = [](const TraceResults& trace) {
        const auto value = ratio(trace.peak, trace.peak_in_units);
        return value ? fmt::format("{:.2f}", *value) : std::string{"-"};
    };
    ExtraColumn peak{
        "peak bytes", [](const TraceResults& trace) { return with_commas(trace.peak); }, {}};
    return {units, peak};
}

/// For malloc the reach is the only measure: it has no buffer that could be made smaller.
std::vector<ExtraColumn> beside_reach(const Results& results) {
    ExtraColumn operations{
        "operations", [](const TraceResults& trace) { return with_commas(trace.operations); }, {}};
    return {column_of(results, yardstick, reach), operations};
}

std::vector<ExtraColumn> beside_resident(const Results& results) {
    std::vector<ExtraColumn> extras{column_of(results, yardstick, resident)};
    for (const std::string& name : results.others()) {
        extras.push_back(column_of(results, name, resident));
    }
    return extras;
}

/// Whether the system tells how much memory is resident.
bool knows_resident(const Results& results) {
    return std::any_of(results.traces().begin(), results.traces().end(),
                       [](const TraceResults& trace) {
                           const Outcome* const outcome = outcome_of(trace, yardstick);
                           return outcome != nullptr && outcome->resident > 0;
                       });
}

std::string rounds_of(const std::vector<Column>& columns) {
    std::vector<double> spreads;
    std::size_t rounds = 0;
    for (const Column& column : columns) {
        for (const TraceResults& trace : column.results->traces()) {
            for (const std::string& contender : column.results->contenders()) {
                const Outcome* const outcome = outcome_of(trace, contender);
                const auto ratios =
                    outcome == nullptr ? std::vector<double>{} : speeds(trace, *outcome);
                if (ratios.size() > 1) {
                    spreads.push_back(bench::spread(ratios));
                }
                rounds = std::max(rounds, ratios.size());
            }
        }
    }
    if (rounds == 0) {
        return {};
    }
    if (spreads.empty()) {
        return "One round; say nothing of differences below a tenth.\n";
    }
    return fmt::format(
        "Medians of {} rounds. Half of the rounds lie within {:.0f} % of the median; for the\n"
        "ratio that varied most, within {:.0f} %.\n",
        rounds, 100 * bench::median(spreads), 100 * bench::quantile(spreads, 1));
}

/// A line for each contender that failed: its first failure.
std::string failures(const std::vector<Column>& columns) {
    std::string text;
    for (const Column& column : columns) {
        for (const std::string& contender : column.results->contenders()) {
            for (const TraceResults& trace : column.results->traces()) {
                const Outcome* const outcome = outcome_of(trace, contender);
                if (outcome != nullptr && !outcome->failure.empty()) {
                    text += fmt::format("{}{}, {}: {}{}\n",
                                        column.heading.empty() ? "" : column.heading + ", ",
                                        contender, trace.name, outcome->failure,
                                        outcome->reason.empty() ? "" : ": " + outcome->reason);
                    break;
                }
            }
        }
    }
    return text.empty() ? text : "\n" + text;
}

}  // namespace

std::vector<double> speeds(const TraceResults& trace, const Outcome& outcome) {
    std::vector<double> ratios;
    const Outcome* const base = outcome_of(trace, yardstick);
    const std::size_t rounds =
        base == nullptr ? 0 : std::min(base->times.size(), outcome.times.size());
    for (std::size_t i = 0; i < rounds; ++i) {
        ratios.push_back(base->times[i] / outcome.times[i]);
    }
    return ratios;
}

TraceResults* Results::find(std::string_view name) {
    const auto found = std::find_if(traces_.begin(), traces_.end(),
                                    [name](const auto& trace) { return trace.name == name; });
    return found == traces_.end() ? nullptr : &*found;
}

bool Results::failed(std::string_view trace, std::string_view contender) const {
    const TraceResults* const results = trace_of(*this, std::string{trace});
    const Outcome* const outcome =
        results == nullptr ? nullptr : outcome_of(*results, std::string{contender});
    return outcome != nullptr && !outcome->failure.empty();
}

bool Results::add(std::string_view line) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() == 5 && fields[0] == "trace") {
        const auto numbers = values_in(fields, 2);
        if (!numbers || find(fields[1]) != nullptr) {
            return false;
        }
        traces_.push_back({fields[1], (*numbers)[0], (*numbers)[1], (*numbers)[2], {}, {}});
        return true;
    }
    TraceResults* const trace = fields.size() < 4 ? nullptr : find(fields[1]);
    if (trace == nullptr) {
        return false;
    }
    const std::string& contender = fields[2];
    const auto numbers = values_in(fields, 3);
    if (fields[0] == "other" && fields.size() == 4 && numbers && numbers->front() > 0) {
        trace->others[contender].times.push_back(numbers->front());
        add_once(others_, contender);
        return true;
    }
    if (fields[0] == "resident" && fields.size() == 4 && numbers) {
        // A malloc that is put under the program is no contender of it.
        const bool own = trace->outcomes.contains(contender);
        (own ? trace->outcomes : trace->others)[contender].resident = numbers->front();
        if (!own) {
            add_once(others_, contender);
        }
        return true;
    }
    const Outcome* const known = outcome_of(*trace, contender);
    Outcome outcome = known == nullptr ? Outcome{} : *known;
    if (fields[0] == "use" && fields.size() == 5 && numbers) {
        outcome.buffer = (*numbers)[0];
        outcome.reach = (*numbers)[1];
    } else if (fields[0] == "time" && fields.size() == 4 && numbers && numbers->front() > 0) {
        outcome.times.push_back(numbers->front());
    } else if (fields[0] == "failed" && fields.size() == 5) {
        outcome.failure = fields[3];
        outcome.reason = fields[4];
    } else {
        return false;
    }
    trace->outcomes[contender] = std::move(outcome);
    if (contender != yardstick && contender != bare_loop) {
        add_once(contenders_, contender);
    }
    return true;
}

std::string render(const std::vector<Column>& columns) {
    const Results& first = *columns.front().results;
    const TraceTable own{columns, first.contenders()};
    std::string text = "Throughput, as a multiple of malloc's. More is better.\n\n";
    text += own.text(speed, beside_throughput(first));
    text += "\n" + rounds_of(columns);
    text +=
        "\nUtilisation: the most bytes that were live, of those in the smallest buffer in which\n"
        "the trace succeeds, and in the allocator itself. 16 B: if sizes were rounded to\n"
        "16 bytes, and nothing else were lost.\n\n";
    text += own.text(utilisation, beside_utilisation(first));
    text +=
        "\nReach: the most bytes that were live, of all from the start to the highest byte used,\n"
        "in a buffer that is more than large enough. For malloc there is no other measure. Who\n"
        "places blocks at both ends of the buffer, as the bins do, reaches over all of it.\n\n";
    text += own.text(reach, beside_reach(first));
    if (knows_resident(first)) {
        text +=
            "\nResident: the most bytes that were live, of those in the pages that were in use at\n"
            "most, in a buffer of the smallest size that is enough.\n\n";
        text += own.text(resident, beside_resident(first));
    }
    return text + failures(columns);
}

}  // namespace traces
