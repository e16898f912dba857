#include "page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "statistics.hpp"
#include "svg.hpp"
#include "trace_charts.hpp"

namespace bench {
namespace {

constexpr const char* page_style = R"(:root{color-scheme:light dark;--ink:#1c1c1c;--paper:#fff;
--soft:#f2f3f5;--line:#c9ccd1;--quiet:#565b63;--link:#1a56a8}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#16181b;--soft:#20242a;
--line:#3f454e;--quiet:#adb3bd;--link:#8ab8f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:66rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.3rem;margin:2.2rem 0 .4rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.4rem 0 .3rem}
p{max-width:44rem;margin:.4rem 0 .8rem}
nav a{margin-right:1rem}
a{color:var(--link)}
.wide{overflow-x:auto;max-width:100%}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums;margin:.3rem 0 1rem}
th,td{padding:.2rem .5rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;
vertical-align:top;font-weight:400}
thead th{font-weight:600;border-bottom:2px solid var(--line)}
th:first-child{text-align:left;padding-left:0;position:sticky;left:0;background:var(--paper)}
@media(max-width:34rem){th,td{padding:.2rem .4rem}body{font-size:15px}}
td small{display:block;color:var(--quiet);font-size:.75rem;line-height:1.1}
.quiet{color:var(--quiet)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem 2rem;
align-items:start;max-width:62rem}
.chart{width:100%;max-width:30rem;height:auto;display:block}
figure{margin:.5rem 0 1.2rem;min-width:0}
figcaption{font-size:.9rem}
.map{display:block;width:100%;height:auto;border:1px solid var(--line);background:var(--soft);
image-rendering:pixelated}
.ends{display:flex;justify-content:space-between;font-size:.8rem;color:var(--quiet)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem;list-style:none;margin:.4rem 0;
padding:0}
.legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.35rem;vertical-align:-.08rem}
details{border-top:1px solid var(--line);padding:.4rem 0}
summary{cursor:pointer;font-weight:600}
summary span{font-weight:400;color:var(--quiet)}
dt{font-weight:600}
dd{margin:0 0 .5rem;overflow-wrap:anywhere}
code{font-size:.92em}
@media print{
:root{--ink:#000;--paper:#fff;--soft:#fff;--line:#999;--quiet:#333;--link:#000;color-scheme:light}
body{font-size:10pt}
main{max-width:none;padding:0}
nav{display:none}
h2,h3,summary{break-after:avoid}
figure,tr,.chart{break-inside:avoid}
.wide{overflow:visible}
.charts{grid-template-columns:repeat(2,1fr);gap:.3rem 1rem}
.chart{max-height:23cm}
th,td{padding:.1rem .35rem}
details::details-content{content-visibility:visible;block-size:auto}
.map,.legend i{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
)";

std::string with_commas(double number) {
    std::string digits = fmt::format("{:.0f}", number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, 1, ',');
    }
    return digits;
}

/// The median, and below it from the least to the most.
std::string cell_of(const std::vector<double>& values) {
    if (values.empty()) {
        return "-";
    }
    std::string text = number(median(values));
    if (values.size() > 1) {
        text += fmt::format("<small>{} to {}</small>", number(quantile(values, 0)),
                            number(quantile(values, 1)));
    }
    return text;
}

/// A table whose first column names the rows. Cells are HTML, headings and names are text.
class HtmlTable {
public:
    HtmlTable(std::string caption, const std::vector<std::string>& headings)
        : caption_{std::move(caption)} {
        head_ = "<tr><th scope=\"col\"></th>";
        for (const std::string& heading : headings) {
            head_ += "<th scope=\"col\">" + escaped(heading) + "</th>";
        }
        head_ += "</tr>";
    }

    void add(const std::string& name, const std::vector<std::string>& cells) {
        body_ += "<tr><th scope=\"row\">" + escaped(name) + "</th>";
        for (const std::string& cell : cells) {
            body_ += "<td>" + cell + "</td>";
        }
        body_ += "</tr>\n";
    }

    std::string text() const {
        return fmt::format(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n"
            "<thead>{}</thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
            escaped(caption_), head_, body_);
    }

private:
    std::string caption_;
    std::string head_;
    std::string body_;
};

class Page {
public:
    Page(const Findings& findings, const std::vector<TreeHeaps>& heaps)
        : findings_{findings}, heaps_{heaps} {}

    std::string text() {
        if (findings_.has_cases()) {
            add_cases();
            add_latencies();
        }
        if (findings_.has_traces()) {
            add_traces();
        }
        add_origin();
        return fmt::format(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<title>{0}, measured</title>\n<style>\n{1}{2}</style>\n</head>\n<body>\n<main>\n"
            "<h1>{0}, measured</h1>\n<nav>{3}</nav>\n{4}</main>\n</body>\n</html>\n",
            escaped(findings_.title), page_style, chart_style(), contents_, body_);
    }

private:
    void add_heading(const char* id, const char* words) {
        body_ += fmt::format("<h2 id=\"{}\">{}</h2>\n", id, words);
        contents_ += fmt::format("<a href=\"#{}\">{}</a>", id, words);
    }

    void add_paragraph(const std::string& words) { body_ += "<p>" + escaped(words) + "</p>\n"; }

    std::vector<std::string> headings(const char* single) const {
        std::vector<std::string> all;
        for (const CaseColumn& column : findings_.columns) {
            all.push_back(column.heading.empty() ? single : column.heading);
        }
        return all;
    }

    // --- Cases ---

    void add_cases() {
        add_heading("speed", "Speed");
        add_paragraph(
            "How many times as fast as the first of its table; more is better. A ratio is taken "
            "within a round. The number is the median, below it stand the least and the most.");
        for (const BarChart& chart : charts(findings_.names, findings_.columns)) {
            const bool named = !parts_of(findings_.names.front()).workload.empty();
            body_ += named ? "<h3>" + escaped(chart.title) + "</h3>\n" : std::string{};
            body_ += "<div class=\"charts\">\n<div>";
            add_case_table(chart);
            body_ += "</div>\n<figure>" + svg_of(chart, Heading::none) + "</figure>\n</div>\n";
        }
        add_failures();
    }

    /// The names of a chart's cases, by contender and threads.
    std::string case_of(const BarChart& chart, const std::string& contender,
                        unsigned threads) const {
        for (const std::string& name : findings_.names) {
            const CaseName parts = parts_of(name);
            const std::string workload = parts.workload.empty() ? "all cases" : parts.workload;
            if (workload == chart.title && parts.contender == contender &&
                parts.threads == threads) {
                return name;
            }
        }
        return {};
    }

    std::vector<unsigned> thread_counts(const BarChart& chart) const {
        std::vector<unsigned> all;
        for (const std::string& name : findings_.names) {
            const CaseName parts = parts_of(name);
            const std::string workload = parts.workload.empty() ? "all cases" : parts.workload;
            if (workload == chart.title &&
                std::find(all.begin(), all.end(), parts.threads) == all.end()) {
                all.push_back(parts.threads);
            }
        }
        return all;
    }

    std::string ratio_of(const CaseColumn& column, const std::string& name) const {
        const auto known = column.cases.find(name);
        if (known != column.cases.end() && !known->second.failure.empty()) {
            return escaped(known->second.failure);
        }
        return cell_of(speeds(column, findings_.names, name));
    }

    void add_case_table(const BarChart& chart) {
        const std::vector<unsigned> counts = thread_counts(chart);
        std::vector<std::string> heads;
        for (const unsigned threads : counts) {
            for (const std::string& tree : headings("speed")) {
                const std::string with =
                    fmt::format("{} thread{}", threads, threads == 1 ? "" : "s");
                heads.push_back(threads == 0                    ? tree
                                : findings_.columns.size() == 1 ? with
                                                                : with + ", " + tree);
            }
        }
        if (!chart.of_threads) {
            heads.emplace_back("time");
        }
        HtmlTable table{"Speeds, " + chart.title, heads};
        for (const BarGroup& group : chart.groups) {
            std::vector<std::string> cells;
            for (const unsigned threads : counts) {
                const std::string name = case_of(chart, group.label, threads);
                for (const CaseColumn& column : findings_.columns) {
                    cells.push_back(name.empty() ? "" : ratio_of(column, name));
                }
                if (!chart.of_threads) {
                    cells.push_back(time_of(name));
                }
            }
            table.add(group.label, cells);
        }
        body_ += table.text();
    }

    std::string time_of(const std::string& name) const {
        const auto& cases = findings_.columns.front().cases;
        const auto known = cases.find(name);
        return known == cases.end() || known->second.times.empty()
                   ? "-"
                   : duration(median(known->second.times));
    }

    void add_failures() {
        for (const CaseColumn& column : findings_.columns) {
            for (const auto& [name, known] : column.cases) {
                if (!known.failure.empty()) {
                    add_paragraph(fmt::format("{}{}: {}. {}",
                                              column.heading.empty() ? "" : column.heading + ", ",
                                              name, known.failure, known.reason));
                }
            }
        }
    }

    void add_latencies() {
        const std::vector<Latency> all = latencies(findings_.names, findings_.columns);
        if (all.empty()) {
            return;
        }
        add_heading("latency", "Latency");
        add_paragraph(fmt::format(
            "How long a single call takes under random churn: half of all calls "
            "take no longer than p50, 99 of 100 no longer than p99. Reading the clock twice takes "
            "{} ns, which is part of each number. The most is what the system did meanwhile as "
            "much as the allocator.",
            number(latency_overhead(findings_.names, findings_.columns).value_or(0))));
        HtmlTable table{"Latencies", latency_headings};
        for (const Latency& latency : all) {
            std::vector<std::string> cells;
            for (const double value : latency.values) {
                cells.push_back(duration(value));
            }
            table.add(latency.contender + ", " + latency.call +
                          (latency.heading.empty() ? "" : ", " + latency.heading),
                      cells);
        }
        body_ += table.text();
    }

    // --- Traces ---

    void add_traces() {
        add_heading("traces", "Traces");
        add_paragraph(
            "What real programs asked of their allocator, and what generators make up, replayed.");
        body_ += "<h3>Throughput</h3>\n";
        add_paragraph(
            "As a multiple of malloc's in the same round, whose time for an operation stands in "
            "the last column; more is better.");
        add_throughput_table();
        body_ += "<h3>Utilisation</h3>\n";
        add_paragraph(
            "The most bytes that were live, of the smallest buffer in which the trace succeeds.");
        add_utilisation_table();
        add_resident_table();
        body_ += "<div class=\"charts\">\n";
        for (const BarChart& chart : trace_charts(findings_)) {
            body_ += "<figure>" + svg_of(chart) + "</figure>\n";
        }
        body_ += "</div>\n";
        add_heaps();
    }

    static const traces::TraceResults* find(const traces::Results& results,
                                            const std::string& name) {
        for (const traces::TraceResults& trace : results.traces()) {
            if (trace.name == name) {
                return &trace;
            }
        }
        return nullptr;
    }

    /// The heading of a column for each contender and tree.
    static std::vector<std::string> contender_headings(const std::vector<traces::Column>& columns) {
        std::vector<std::string> heads;
        for (const std::string& contender : columns.front().results->contenders()) {
            for (const traces::Column& column : columns) {
                heads.push_back(contender + (column.heading.empty() ? "" : ", " + column.heading));
            }
        }
        return heads;
    }

    static std::vector<std::string> contender_cells(const std::vector<traces::Column>& columns,
                                                    const std::string& trace, bool speed) {
        std::vector<std::string> cells;
        for (const std::string& contender : columns.front().results->contenders()) {
            for (const traces::Column& column : columns) {
                const traces::TraceResults* const own = find(*column.results, trace);
                cells.push_back(own == nullptr ? "-" : outcome_cell(*own, contender, speed));
            }
        }
        return cells;
    }

    void add_throughput_table() {
        const std::vector<traces::Column> columns = findings_.trace_columns();
        const traces::Results& first = *columns.front().results;
        std::vector<std::string> heads = contender_headings(columns);
        heads.insert(heads.end(), first.others().begin(), first.others().end());
        heads.emplace_back("malloc");
        HtmlTable table{"Throughput on traces", heads};
        for (const traces::TraceResults& trace : first.traces()) {
            std::vector<std::string> cells = contender_cells(columns, trace.name, true);
            for (const std::string& other : first.others()) {
                const auto found = trace.others.find(other);
                cells.push_back(found == trace.others.end()
                                    ? "-"
                                    : cell_of(traces::speeds(trace, found->second)));
            }
            const auto base = trace.outcomes.find(traces::yardstick);
            cells.push_back(base == trace.outcomes.end() || base->second.times.empty()
                                ? "-"
                                : number(median(base->second.times)) + " ns");
            table.add(trace.name, cells);
        }
        body_ += table.text();
    }

    /// Nothing where the system does not tell it.
    void add_resident_table() {
        const std::vector<traces::Column> columns = findings_.trace_columns();
        const traces::Results& first = *columns.front().results;
        std::vector<std::string> heads = contender_headings(columns);
        heads.emplace_back(traces::yardstick);
        heads.insert(heads.end(), first.others().begin(), first.others().end());
        HtmlTable table{"Resident memory on traces", heads};
        bool any = false;
        const auto cell = [&](const traces::TraceResults* trace, const std::string& contender) {
            const traces::Outcome* const outcome =
                trace == nullptr ? nullptr : outcome_of(*trace, contender);
            any = any || (outcome != nullptr && outcome->resident > 0);
            return outcome == nullptr || outcome->resident <= 0
                       ? std::string{"-"}
                       : number(trace->peak / outcome->resident);
        };
        for (const traces::TraceResults& trace : first.traces()) {
            std::vector<std::string> cells;
            for (const std::string& contender : first.contenders()) {
                for (const traces::Column& column : columns) {
                    cells.push_back(cell(find(*column.results, trace.name), contender));
                }
            }
            cells.push_back(cell(&trace, traces::yardstick));
            for (const std::string& other : first.others()) {
                cells.push_back(cell(&trace, other));
            }
            table.add(trace.name, cells);
        }
        if (any) {
            body_ += "<h3>Resident memory</h3>\n";
            add_paragraph(
                "The most bytes that were live, of those in the pages that were in use at most. "
                "A page has 4 KiB, so small traces say little.");
            body_ += table.text();
        }
    }

    static const traces::Outcome* outcome_of(const traces::TraceResults& trace,
                                             const std::string& contender) {
        const auto own = trace.outcomes.find(contender);
        const auto other = trace.others.find(contender);
        return own != trace.outcomes.end()   ? &own->second
               : other != trace.others.end() ? &other->second
                                             : nullptr;
    }

    void add_utilisation_table() {
        const std::vector<traces::Column> columns = findings_.trace_columns();
        std::vector<std::string> heads = contender_headings(columns);
        heads.insert(heads.end(), {"operations", "peak bytes"});
        HtmlTable table{"Utilisation on traces", heads};
        for (const traces::TraceResults& trace : columns.front().results->traces()) {
            std::vector<std::string> cells = contender_cells(columns, trace.name, false);
            cells.push_back(with_commas(trace.operations));
            cells.push_back(with_commas(trace.peak));
            table.add(trace.name, cells);
        }
        body_ += table.text();
    }

    static std::string outcome_cell(const traces::TraceResults& trace, const std::string& contender,
                                    bool speed) {
        const auto found = trace.outcomes.find(contender);
        if (found == trace.outcomes.end()) {
            return "-";
        }
        const traces::Outcome& outcome = found->second;
        if (!outcome.failure.empty()) {
            return escaped(outcome.failure);
        }
        if (speed) {
            return cell_of(traces::speeds(trace, outcome));
        }
        return outcome.buffer > 0 ? number(trace.peak / outcome.buffer) : "-";
    }

    // --- Heaps ---

    void add_heaps() {
        if (heaps_.empty()) {
            return;
        }
        add_heading("heaps", "Heaps");
        add_paragraph(
            "Where the blocks lie while a trace is replayed: time goes to the right, offsets in "
            "the buffer go upwards, and what is pale is partly free. The buffer is the smallest "
            "one in which the trace succeeds; malloc has a heap that grows. The curves tell how "
            "much "
            "of the buffer is live at each time.");
        body_ += "<ul class=\"legend\" aria-label=\"Sizes of blocks\">";
        for (std::size_t i = 0; i < size_classes; ++i) {
            body_ += fmt::format("<li><i style=\"background:{}\"></i>{}</li>",
                                 size_class_colours[i], size_class_names[i]);
        }
        body_ += "</ul>\n";
        bool first = true;
        for (const traces::TraceResults& trace : findings_.replays.front().traces()) {
            add_heaps_of(trace, first);
            first = false;
        }
    }

    /// All heaps of a trace with their names: the trees of a contender beside each other, as in
    /// the charts, and malloc's, which is the same in each tree, once.
    std::vector<std::pair<std::string, const Heap*>> heaps_of(const std::string& trace) const {
        std::vector<std::pair<std::string, const Heap*>> all;
        std::vector<std::string> contenders = findings_.replays.front().contenders();
        contenders.emplace_back(traces::yardstick);
        for (const std::string& contender : contenders) {
            const bool once = contender == traces::yardstick;
            for (const TreeHeaps& tree : heaps_) {
                for (const Heap& heap : tree.heaps) {
                    if (heap.trace == trace && heap.contender == contender &&
                        (!once || &tree == &heaps_.front())) {
                        all.emplace_back(
                            contender + (tree.heading.empty() || once ? "" : ", " + tree.heading),
                            &heap);
                    }
                }
            }
        }
        return all;
    }

    void add_heaps_of(const traces::TraceResults& trace, bool open) {
        std::string maps;
        std::vector<Curve> curves;
        for (const auto& [name, heap] : heaps_of(trace.name)) {
            curves.push_back({name, utilisation_over_time(*heap, HeapPicture::columns)});
            maps += map_of(*heap, name);
        }
        if (curves.empty()) {
            return;
        }
        body_ += fmt::format(
            "<details{}>\n<summary>{} <span>{} operations, at most {} bytes live</span></summary>\n"
            "<div class=\"charts\">\n<figure>{}<figcaption>Live bytes, of the buffer"
            "</figcaption></figure>\n{}</div>\n</details>\n",
            open ? " open" : "", escaped(trace.name), with_commas(trace.operations),
            with_commas(trace.peak),
            svg_of(curves, "Utilisation over time, " + trace.name, trace.operations), maps);
    }

    static std::string map_of(const Heap& heap, const std::string& name) {
        return fmt::format(
            "<figure><figcaption>{0}</figcaption><div class=\"ends\"><span>offset {1}"
            "</span></div><img class=\"map\" alt=\"Blocks of {2} on {0}, offsets over time\" "
            "width=\"{3}\" height=\"{4}\" src=\"data:image/png;base64,{5}\">"
            "<div class=\"ends\"><span>offset 0, operation 0</span><span>operation {6}</span>"
            "</div></figure>\n",
            escaped(name), with_commas(static_cast<double>(heap.bytes)), escaped(heap.trace),
            HeapPicture::columns, HeapPicture::rows, base64(HeapPicture{heap}.png()),
            with_commas(static_cast<double>(heap.operations)));
    }

    void add_origin() {
        add_heading("origin", "How this was made");
        body_ += "<dl>\n";
        for (const auto& [key, value] : findings_.about) {
            const bool typed = key == "command";
            body_ += fmt::format("<dt>{}</dt><dd>{}{}{}</dd>\n", escaped(key),
                                 typed ? "<code>" : "", escaped(value), typed ? "</code>" : "");
        }
        body_ += "</dl>\n";
    }

    const Findings& findings_;
    const std::vector<TreeHeaps>& heaps_;
    std::string contents_;
    std::string body_;
};

}  // namespace

std::string page_of(const Findings& findings, const std::vector<TreeHeaps>& heaps) {
    return Page{findings, heaps}.text();
}

}  // namespace bench
