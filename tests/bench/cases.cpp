#include "cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

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

/// All columns behind error_message: what the case counted itself.
void read_counters(const std::vector<std::string>& header, const std::vector<std::string>& fields,
                   std::map<std::string, double>& counters) {
    const auto last = std::find(header.begin(), header.end(), "error_message");
    const auto first = static_cast<std::size_t>(last - header.begin()) + 1;
    for (std::size_t i = first; i < std::min(header.size(), fields.size()); ++i) {
        if (!fields[i].empty()) {
            counters[header[i]] = std::strtod(fields[i].c_str(), nullptr);
        }
    }
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
    read_counters(header, fields, result.counters);
    return result;
}

const Case* find(const CaseColumn& column, const std::string& name) {
    const auto found = column.cases.find(name);
    return found == column.cases.end() ? nullptr : &found->second;
}

std::string cell(const CaseColumn& column, const std::vector<std::string>& names,
                 const std::string& name) {
    const Case* const own = find(column, name);
    if (own != nullptr && !own->failure.empty()) {
        return own->failure;
    }
    const std::vector<double> ratios = speeds(column, names, name);
    return ratios.empty() ? "-" : number(median(ratios));
}

std::string time_of(const CaseColumn& column, const std::string& name) {
    const Case* const own = find(column, name);
    return own == nullptr || own->times.empty() ? "-" : duration(median(own->times));
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

/// A case that times single calls says nothing about speed.
bool tells_latency(const std::string& name) {
    return parts_of(name).workload == "latency";
}

/// The cases of one workload that are measured in the same way.
struct Workload {
    std::string name;
    bool threads = false;
    std::vector<std::string> cases;
    std::vector<std::string> contenders;
    std::vector<unsigned> thread_counts;
};

template <class T>
void add_once(std::vector<T>& values, const T& value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) {
        values.push_back(value);
    }
}

std::vector<Workload> workloads(const std::vector<std::string>& names) {
    std::vector<Workload> all;
    for (const std::string& name : names) {
        if (tells_latency(name)) {
            continue;
        }
        const CaseName parts = parts_of(name);
        auto found = std::find_if(all.begin(), all.end(), [&](const Workload& workload) {
            return workload.name == parts.workload && workload.threads == (parts.threads != 0);
        });
        if (found == all.end()) {
            found = all.insert(found, {parts.workload, parts.threads != 0, {}, {}, {}});
        }
        found->cases.push_back(name);
        add_once(found->contenders, parts.contender);
        if (parts.threads != 0) {
            add_once(found->thread_counts, parts.threads);
        }
    }
    return all;
}

/// The name of this case; empty where there is none.
std::string case_of(const Workload& workload, const std::string& contender, unsigned threads) {
    for (const std::string& name : workload.cases) {
        const CaseName parts = parts_of(name);
        if (parts.contender == contender && parts.threads == threads) {
            return name;
        }
    }
    return {};
}

void set_values(Bar& bar, const std::vector<double>& values) {
    bar.value = median(values);
    bar.lowest = quantile(values, 0);
    bar.highest = quantile(values, 1);
}

Bar bar_of_speed(const CaseColumn& column, const std::vector<std::string>& names,
                 const std::string& name) {
    Bar bar;
    const Case* const own = find(column, name);
    const std::vector<double> ratios = speeds(column, names, name);
    if (!ratios.empty()) {
        set_values(bar, ratios);
    } else {
        bar.failure = own == nullptr || own->failure.empty() ? "not measured" : own->failure;
    }
    return bar;
}

Bar bar_of_rate(const CaseColumn& column, const std::string& name, unsigned threads) {
    Bar bar;
    bar.label = std::to_string(threads);
    const Case* const own = find(column, name);
    if (own == nullptr || own->times.empty()) {
        bar.failure = own == nullptr || own->failure.empty() ? "not measured" : own->failure;
        return bar;
    }
    std::vector<double> rates;
    for (const double time : own->times) {
        rates.push_back(1e3 / time);
    }
    set_values(bar, rates);
    const auto unfairness = own->counters.find("unfairness");
    if (threads > 1 && unfairness != own->counters.end()) {
        bar.note = "unfairness " + number(median(unfairness->second));
    }
    return bar;
}

BarGroup group_of(const Workload& workload, const std::string& contender,
                  const std::vector<std::string>& names, const std::vector<CaseColumn>& columns) {
    BarGroup group{contender, {}};
    const std::vector<unsigned> counts =
        workload.threads ? workload.thread_counts : std::vector<unsigned>{0};
    for (const unsigned threads : counts) {
        const std::string name = case_of(workload, contender, threads);
        for (std::size_t i = 0; i < columns.size() && !name.empty(); ++i) {
            group.bars.push_back(threads != 0 ? bar_of_rate(columns[i], name, threads)
                                              : bar_of_speed(columns[i], names, name));
            Bar& bar = group.bars.back();
            bar.colour = i;
            if (columns.size() > 1) {
                bar.label += (bar.label.empty() ? "" : " ") + columns[i].heading;
            }
        }
    }
    return group;
}

/// Each case a line, with its time.
void add_plain_rows(Table& table, const Workload& workload, const std::vector<std::string>& names,
                    const std::vector<CaseColumn>& columns) {
    const std::string indent = workload.name.empty() ? "" : "  ";
    if (!workload.name.empty()) {
        table.add_row({workload.name});
    }
    for (const std::string& name : workload.cases) {
        std::vector<std::string> cells{indent + parts_of(name).contender};
        for (const CaseColumn& column : columns) {
            cells.push_back(cell(column, names, name));
        }
        cells.push_back(time_of(columns.front(), name));
        table.add_row(std::move(cells));
    }
}

std::string plain_table(const std::vector<Workload>& all, const std::vector<std::string>& names,
                        const std::vector<CaseColumn>& columns) {
    Table table;
    std::vector<std::string> headings{""};
    for (const CaseColumn& column : columns) {
        headings.push_back(column.heading.empty() ? "speed" : column.heading);
    }
    headings.emplace_back("time");
    table.add_row(std::move(headings));
    bool any = false;
    for (const Workload& workload : all) {
        if (!workload.threads) {
            add_plain_rows(table, workload, names, columns);
            any = true;
        }
    }
    return any ? table.text() : std::string{};
}

/// Each contender a line, with a column for each number of threads and each tree.
std::string thread_table(const Workload& workload, const std::vector<std::string>& names,
                         const std::vector<CaseColumn>& columns) {
    Table table;
    std::vector<std::string> headings;
    for (const unsigned threads : workload.thread_counts) {
        headings.push_back(fmt::format("{} thread{}", threads, threads == 1 ? "" : "s"));
    }
    table.add_headings(headings, columns.size());
    if (columns.size() > 1) {
        std::vector<std::string> trees{""};
        for (std::size_t i = 0; i < columns.size() * headings.size(); ++i) {
            trees.push_back(columns[i % columns.size()].heading);
        }
        table.add_row(std::move(trees));
    }
    for (const std::string& contender : workload.contenders) {
        std::vector<std::string> cells{contender};
        for (const unsigned threads : workload.thread_counts) {
            const std::string name = case_of(workload, contender, threads);
            for (const CaseColumn& column : columns) {
                cells.push_back(name.empty() ? "" : cell(column, names, name));
            }
        }
        table.add_row(std::move(cells));
    }
    return "\n" + workload.name + "\n\n" + table.text();
}

/// "malloc's", or what is said where it depends on the workload.
std::string spoken_yardstick(const std::vector<Workload>& all) {
    std::vector<std::string> yardsticks;
    for (const Workload& workload : all) {
        add_once(yardsticks, parts_of(workload.cases.front()).contender);
    }
    const std::string whose =
        yardsticks.size() == 1 ? yardsticks.front() : std::string{"the first one"};
    return whose + "'s" + (all.size() > 1 ? " at the same work" : "");
}

std::string latency_table(const std::vector<std::string>& names,
                          const std::vector<CaseColumn>& columns) {
    const std::vector<Latency> all = latencies(names, columns);
    if (all.empty()) {
        return {};
    }
    Table table;
    std::vector<std::string> headings{""};
    headings.insert(headings.end(), latency_headings.begin(), latency_headings.end());
    table.add_row(std::move(headings));
    for (const Latency& latency : all) {
        std::vector<std::string> cells{latency.contender + ", " + latency.call +
                                       (latency.heading.empty() ? "" : ", " + latency.heading)};
        for (const double value : latency.values) {
            cells.push_back(duration(value));
        }
        table.add_row(std::move(cells));
    }
    return fmt::format(
               "\nLatency of a single call under random churn. Of a hundred calls, 99 take no "
               "longer than\n"
               "p99. The most is as much what the system did meanwhile as what the allocator did.\n"
               "Reading the clock twice takes {} ns, which is part of each.\n\n",
               number(latency_overhead(names, columns).value_or(0))) +
           table.text();
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

void Case::add(const Measured& measured) {
    times.push_back(measured.nanoseconds);
    for (const auto& [name, value] : measured.counters) {
        counters[name].push_back(value);
    }
}

CaseName parts_of(std::string_view name) {
    CaseName parts;
    std::vector<std::string> words;
    while (!name.empty()) {
        const std::string_view word = name.substr(0, name.find('/'));
        name.remove_prefix(std::min(word.size() + 1, name.size()));
        if (word.substr(0, 8) == "threads:") {
            parts.threads = static_cast<unsigned>(
                std::strtoul(std::string{word.substr(8)}.c_str(), nullptr, 10));
        } else if (word != "real_time" && word.substr(0, 11) != "iterations:") {
            words.emplace_back(word);
        }
    }
    parts.contender = words.empty() ? std::string{} : words.back();
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        parts.workload += (i == 0 ? "" : "/") + words[i];
    }
    return parts;
}

std::vector<std::string> in_order(const std::vector<std::string>& names) {
    std::vector<std::string> keys;
    const auto key_of = [](const std::string& name) {
        const CaseName parts = parts_of(name);
        return fmt::format("{}/{}", parts.workload, parts.threads);
    };
    std::vector<std::string> workloads;
    for (const std::string& name : names) {
        add_once(workloads, parts_of(name).workload);
    }
    for (const std::string& workload : workloads) {
        for (const std::string& name : names) {
            if (parts_of(name).workload == workload) {
                add_once(keys, key_of(name));
            }
        }
    }
    std::vector<std::string> ordered;
    for (const std::string& key : keys) {
        std::copy_if(names.begin(), names.end(), std::back_inserter(ordered),
                     [&](const std::string& name) { return key_of(name) == key; });
    }
    return ordered;
}

const std::string& yardstick_of(const std::vector<std::string>& names, const std::string& name) {
    const CaseName own = parts_of(name);
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& other) {
        const CaseName parts = parts_of(other);
        return parts.workload == own.workload && parts.threads == own.threads;
    });
    return found == names.end() ? name : *found;
}

std::vector<double> speeds(const CaseColumn& column, const std::vector<std::string>& names,
                           const std::string& name) {
    const Case* const base = find(column, yardstick_of(names, name));
    const Case* const own = find(column, name);
    std::vector<double> ratios;
    if (base != nullptr && own != nullptr) {
        for (std::size_t i = 0; i < std::min(base->times.size(), own->times.size()); ++i) {
            ratios.push_back(base->times[i] / own->times[i]);
        }
    }
    return ratios;
}

std::string number(double value) {
    return fmt::format("{:.{}f}", value, value < 0.1 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string duration(double nanoseconds) {
    return nanoseconds < 1e4   ? number(nanoseconds) + " ns"
           : nanoseconds < 1e6 ? number(nanoseconds / 1e3) + " us"
                               : number(nanoseconds / 1e6) + " ms";
}

std::vector<Latency> latencies(const std::vector<std::string>& names,
                               const std::vector<CaseColumn>& columns) {
    std::vector<Latency> all;
    for (const char* const call : {"allocate", "deallocate"}) {
        for (const std::string& name : names) {
            for (const CaseColumn& column : columns) {
                const Case* const own = tells_latency(name) ? find(column, name) : nullptr;
                Latency latency{parts_of(name).contender, column.heading, call, {}};
                for (const std::string& heading : latency_headings) {
                    const std::string counter = std::string{call} + " " + heading;
                    if (own != nullptr && own->counters.contains(counter)) {
                        latency.values.push_back(median(own->counters.at(counter)));
                    }
                }
                if (latency.values.size() == latency_headings.size()) {
                    all.push_back(std::move(latency));
                }
            }
        }
    }
    return all;
}

std::optional<double> latency_overhead(const std::vector<std::string>& names,
                                       const std::vector<CaseColumn>& columns) {
    std::vector<double> all;
    for (const CaseColumn& column : columns) {
        for (const std::string& name : names) {
            const Case* const own = find(column, name);
            if (own != nullptr && own->counters.contains("overhead")) {
                const std::vector<double>& values = own->counters.at("overhead");
                all.insert(all.end(), values.begin(), values.end());
            }
        }
    }
    return all.empty() ? std::nullopt : std::optional{median(all)};
}

std::vector<BarChart> charts(const std::vector<std::string>& names,
                             const std::vector<CaseColumn>& columns) {
    std::vector<BarChart> all;
    for (const Workload& workload : workloads(names)) {
        BarChart chart;
        chart.of_threads = workload.threads;
        chart.title = workload.name.empty() ? "all cases" : workload.name;
        const std::string yardstick = parts_of(workload.cases.front()).contender;
        chart.unit = workload.threads ? "millions of operations a second, by number of threads"
                                      : "speed, as a multiple of " + yardstick + "'s";
        chart.explanation =
            workload.threads ? "unfairness: the slowest thread's time over the fastest's" : "";
        for (const CaseColumn& column : columns) {
            chart.colours.push_back(column.heading);
        }
        for (const std::string& contender : workload.contenders) {
            chart.groups.push_back(group_of(workload, contender, names, columns));
        }
        all.push_back(std::move(chart));
    }
    return all;
}

std::string spread_of(const std::vector<std::string>& names,
                      const std::vector<CaseColumn>& columns) {
    std::vector<double> spreads;
    std::size_t rounds = 0;
    for (const CaseColumn& column : columns) {
        for (const std::string& name : names) {
            const std::vector<double> ratios = speeds(column, names, name);
            if (ratios.size() > 1 && name != yardstick_of(names, name) && !tells_latency(name)) {
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

std::string render(const std::vector<std::string>& names, const std::vector<CaseColumn>& columns) {
    const std::vector<Workload> all = workloads(names);
    std::string text =
        fmt::format("Speed, as a multiple of {}. More is better.\n", spoken_yardstick(all));
    const std::string plain = plain_table(all, names, columns);
    text += plain.empty() ? "" : "\n" + plain;
    for (const Workload& workload : all) {
        text += workload.threads ? thread_table(workload, names, columns) : "";
    }
    for (const BarChart& chart : charts(names, columns)) {
        text += chart.of_threads ? "\n" + text_of(chart) : "";
    }
    return text + latency_table(names, columns) + spread_of(names, columns) +
           failures(names, columns);
}

}  // namespace bench
