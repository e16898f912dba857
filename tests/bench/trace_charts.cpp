#include "trace_charts.hpp"

#include "statistics.hpp"

namespace bench {
namespace {

using traces::Column;
using traces::Outcome;
using traces::TraceResults;

using Values = std::vector<double> (*)(const TraceResults&, const Outcome&);

std::vector<double> utilisation(const TraceResults& trace, const Outcome& outcome) {
    return outcome.buffer > 0 ? std::vector{trace.peak / outcome.buffer} : std::vector<double>{};
}

std::string name_of(const Column& column, const std::string& contender) {
    return column.heading.empty() ? contender : contender + ", " + column.heading;
}

Bar bar_of(const Outcome& outcome, const std::vector<double>& values, std::size_t colour) {
    Bar bar;
    bar.colour = colour;
    if (!outcome.failure.empty()) {
        bar.failure = outcome.failure;
    } else if (!values.empty()) {
        bar.value = median(values);
        bar.lowest = quantile(values, 0);
        bar.highest = quantile(values, 1);
    } else {
        bar.failure = "not measured";
    }
    return bar;
}

const TraceResults* find(const traces::Results& results, const std::string& name) {
    for (const TraceResults& trace : results.traces()) {
        if (trace.name == name) {
            return &trace;
        }
    }
    return nullptr;
}

BarGroup group_of(const std::string& name, const std::vector<Column>& columns, Values values) {
    BarGroup group{name, {}};
    std::size_t colour = 0;
    for (const std::string& contender : columns.front().results->contenders()) {
        for (const Column& column : columns) {
            const TraceResults* const trace = find(*column.results, name);
            if (trace != nullptr && trace->outcomes.contains(contender)) {
                const Outcome& outcome = trace->outcomes.at(contender);
                group.bars.push_back(bar_of(outcome, values(*trace, outcome), colour));
            }
            ++colour;
        }
    }
    return group;
}

BarChart chart_of(const std::vector<Column>& columns, const char* title, const char* unit,
                  Values values) {
    BarChart chart;
    chart.title = title;
    chart.unit = unit;
    for (const std::string& contender : columns.front().results->contenders()) {
        for (const Column& column : columns) {
            chart.colours.push_back(name_of(column, contender));
        }
    }
    for (const TraceResults& trace : columns.front().results->traces()) {
        chart.groups.push_back(group_of(trace.name, columns, values));
    }
    return chart;
}

}  // namespace

std::vector<BarChart> trace_charts(const Findings& findings) {
    const std::vector<Column> columns = findings.trace_columns();
    if (columns.empty()) {
        return {};
    }
    return {chart_of(columns, "throughput on traces", "speed, as a multiple of malloc's",
                     traces::speeds),
            chart_of(columns, "utilisation on traces",
                     "the most bytes live, of the smallest buffer that is enough", utilisation)};
}

}  // namespace bench
