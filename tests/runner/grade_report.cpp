#include "grade_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "../harness/report.hpp"
#include "escaping.hpp"

namespace runner {
namespace {

using harness::Colour;
using harness::Kind;
using harness::paint;
using harness::Verdict;

std::vector<const TaskProgress*> all_tasks(const Grade& grade) {
    std::vector<const TaskProgress*> tasks;
    for (const PartProgress& part : grade.parts) {
        for (const TaskProgress& task : part.tasks) {
            tasks.push_back(&task);
        }
    }
    return tasks;
}

std::vector<const Verdict*> all_verdicts(const Grade& grade) {
    std::vector<const Verdict*> verdicts;
    for (const PartProgress& part : grade.parts) {
        for (const Verdict& verdict : part.verdicts) {
            verdicts.push_back(&verdict);
        }
    }
    return verdicts;
}

bool fails(Kind kind) {
    return kind != Kind::done && kind != Kind::to_do && kind != Kind::not_run;
}

std::vector<Verdict> cases_of(const PartProgress& part, const TaskProgress& task) {
    std::vector<Verdict> cases;
    std::copy_if(part.verdicts.begin(), part.verdicts.end(), std::back_inserter(cases),
                 [&](const Verdict& verdict) { return verdict.task() == task.key(); });
    return cases;
}

std::size_t count_done(const std::vector<Verdict>& cases) {
    return static_cast<std::size_t>(
        std::count_if(cases.begin(), cases.end(),
                      [](const Verdict& verdict) { return verdict.kind == Kind::done; }));
}

Colour colour_of(Kind kind) {
    return kind == Kind::done ? Colour::green : fails(kind) ? Colour::red : Colour::yellow;
}

/// "wrong: used() is 0 after a reset"; what does not compile has no case that is to blame.
std::string spoken(const Verdict& verdict) {
    const bool compiles = verdict.kind != Kind::does_not_compile;
    const std::string& what = compiles || verdict.summary.empty() ? verdict.name : verdict.summary;
    return fmt::format("{}: {}", harness::word(verdict.kind), what);
}

std::string place_of(const Verdict& verdict) {
    return verdict.learner_place.empty() ? verdict.judge_place : verdict.learner_place;
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char letter) {
        return (static_cast<unsigned char>(letter) & 0xC0U) != 0x80U;
    }));
}

std::string padded(std::string text, std::size_t width) {
    text.append(width - std::min(width, columns(text)), ' ');
    return text;
}

}  // namespace

std::size_t Grade::tasks_done() const {
    std::size_t count = 0;
    for (const PartProgress& part : parts) {
        count += part.done();
    }
    return count;
}

std::size_t Grade::tasks() const {
    return all_tasks(*this).size();
}

std::optional<harness::Kills> Grade::kills() const {
    for (const PartProgress& part : parts) {
        if (part.kills) {
            return part.kills;
        }
    }
    return std::nullopt;
}

const TaskProgress* Grade::stuck_at() const {
    for (const PartProgress& part : parts) {
        if (const TaskProgress* const task = part.next()) {
            return task;
        }
    }
    return nullptr;
}

const Verdict* Grade::first_failing() const {
    const Verdict* first = nullptr;
    for (const Verdict* const verdict : all_verdicts(*this)) {
        if (!fails(verdict->kind)) {
            continue;
        }
        const bool of_its_task = first == nullptr || first->suite == verdict->suite;
        if (first == nullptr || (of_its_task && first->summary.empty())) {
            first = verdict;
        }
        if (!first->summary.empty()) {
            break;
        }
    }
    return first;
}

// ---- Text ---------------------------------------------------------------------------------------

namespace {

constexpr std::size_t word_width = std::string_view{"does not compile"}.size();

std::string part_text(const PartProgress& part, bool colour) {
    const std::size_t tests = part.verdicts.size();
    const std::string kills =
        part.kills ? fmt::format(", {} of {} bugs caught", part.kills->caught, part.kills->bugs)
                   : "";
    std::string text = fmt::format("{}: {} of {} tasks, {} of {} tests{}\n",
                                   paint(Colour::bold, part.part->title(), colour), part.done(),
                                   part.tasks.size(), count_done(part.verdicts), tests, kills);
    for (const TaskProgress& task : part.tasks) {
        const std::vector<Verdict> cases = cases_of(part, task);
        const std::string word = padded(std::string{harness::word(task.state)}, word_width);
        text += fmt::format("  {}  {} {} of {}\n", paint(colour_of(task.state), word, colour),
                            padded(task.title, 48), count_done(cases), cases.size());
    }
    return text + "\n";
}

}  // namespace

std::string grade_text(const Grade& grade, bool colour) {
    std::string text;
    for (const PartProgress& part : grade.parts) {
        text += part_text(part, colour);
    }
    text += fmt::format("{} of {} tasks done\n", grade.tasks_done(), grade.tasks());
    if (const TaskProgress* const task = grade.stuck_at()) {
        text += fmt::format("stuck at {}\n", task->title);
    }
    if (const Verdict* const failing = grade.first_failing()) {
        text += harness::wrapped("first failing case: " + spoken(*failing), 0);
        const std::string place = place_of(*failing);
        text += place.empty() ? "" : fmt::format("  {}\n", place);
    }
    return text;
}

// ---- The class ----------------------------------------------------------------------------------

namespace {

/// What the table and the CSV say of a clone, in short. A new column is a new line in `columns_of`.
struct Column {
    std::string heading;
    std::string cell;
};

/// At most so many columns that a table can be read on a terminal.
std::string shortened(const std::string& text) {
    constexpr std::size_t most = 72;
    if (columns(text) <= most) {
        return text;
    }
    std::size_t end = text.size();
    for (std::size_t left = columns(text); left > most - 3; --left) {
        do {
            --end;
        } while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U);
    }
    return text.substr(0, end) + "...";
}

std::vector<Column> columns_of(const Grade& grade) {
    const TaskProgress* const stuck = grade.stuck_at();
    const Verdict* const failing = grade.first_failing();
    const std::string done = fmt::format("{} of {}", grade.tasks_done(), grade.tasks());
    const auto kills = grade.kills();
    return {
        {"clone", one_line(grade.name)},
        {"done", grade.problem.empty() ? done : "-"},
        {"kills", kills ? fmt::format("{} of {}", kills->caught, kills->bugs) : "-"},
        {"stuck at", stuck == nullptr ? "" : stuck->title},
        {"first failing case", !grade.problem.empty() ? one_line(grade.problem)
                               : failing == nullptr   ? ""
                                                      : shortened(one_line(spoken(*failing)))},
    };
}

std::vector<Column> fields_of(const Grade& grade) {
    const TaskProgress* const stuck = grade.stuck_at();
    const Verdict* const failing = grade.first_failing();
    const bool judged = grade.problem.empty();
    const auto kills = grade.kills();
    return {
        {"clone", grade.name},
        {"done", judged ? std::to_string(grade.tasks_done()) : ""},
        {"tasks", judged ? std::to_string(grade.tasks()) : ""},
        {"kills", kills ? std::to_string(kills->caught) : ""},
        {"bugs", kills ? std::to_string(kills->bugs) : ""},
        {"stuck_at", stuck == nullptr ? "" : stuck->key()},
        {"failing_task", failing == nullptr ? "" : std::string{failing->task()}},
        {"failing_case", failing == nullptr ? "" : failing->name},
        {"verdict", failing == nullptr ? "" : std::string{harness::word(failing->kind)}},
        {"summary", failing == nullptr ? "" : failing->summary},
        {"place", failing == nullptr ? "" : place_of(*failing)},
        {"problem", grade.problem},
    };
}

std::string csv_line(const std::vector<Column>& fields, std::string Column::*member) {
    std::string line;
    for (const Column& field : fields) {
        line += (line.empty() && &field == &fields.front() ? "" : ",") + csv_field(field.*member);
    }
    return line + "\n";
}

std::string table_line(const std::vector<Column>& row, std::string Column::*member,
                       const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t at = 0; at < row.size(); ++at) {
        line += padded(row[at].*member, widths[at]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

std::string class_text(const std::vector<Grade>& grades, bool colour) {
    const std::vector<Column> headings = columns_of({});
    std::vector<std::size_t> widths;
    for (const Column& column : headings) {
        widths.push_back(column.heading.size());
    }
    for (const Grade& grade : grades) {
        const std::vector<Column> row = columns_of(grade);
        for (std::size_t at = 0; at < row.size(); ++at) {
            widths[at] = std::max(widths[at], columns(row[at].cell));
        }
    }
    std::string text =
        paint(Colour::bold, table_line(headings, &Column::heading, widths), colour) + "\n";
    for (const Grade& grade : grades) {
        text += table_line(columns_of(grade), &Column::cell, widths) + "\n";
    }
    return text;
}

std::string class_csv(const std::vector<Grade>& grades) {
    std::string text = csv_line(fields_of({}), &Column::heading);
    for (const Grade& grade : grades) {
        text += csv_line(fields_of(grade), &Column::cell);
    }
    return text;
}

// ---- JSON ---------------------------------------------------------------------------------------

namespace {

constexpr std::string_view json_format = "workshop grade 1";

/// Objects and lists, indented.
class Json {
public:
    void open(char bracket, std::string_view name = {}) {
        begin(name);
        text_ += bracket;
        first_ = true;
        ++depth_;
    }
    void close(char bracket) {
        --depth_;
        if (!first_) {
            new_line();
        }
        text_ += bracket;
        first_ = false;
    }
    void text(std::string_view name, std::string_view value) {
        begin(name);
        text_ += json_string(value);
    }
    void number(std::string_view name, std::size_t value) {
        begin(name);
        text_ += std::to_string(value);
    }
    void null(std::string_view name) {
        begin(name);
        text_ += "null";
    }
    std::string take() && { return std::move(text_) + "\n"; }

private:
    void begin(std::string_view name) {
        text_ += first_ ? "" : ",";
        if (depth_ > 0) {
            new_line();
        }
        first_ = false;
        if (!name.empty()) {
            text_ += json_string(name) + ": ";
        }
    }
    void new_line() {
        text_ += '\n';
        text_.append(depth_ * 2, ' ');
    }

    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true;
};

void write_counts(Json& json, std::string_view name, std::size_t done, std::size_t total) {
    json.open('{', name);
    json.number("done", done);
    json.number("total", total);
    json.close('}');
}

void write_case(Json& json, std::string_view name, const Verdict& verdict) {
    json.open('{', name);
    if (!name.empty()) {
        json.text("task", verdict.task());
    }
    json.text("case", verdict.name);
    json.text("verdict", harness::word(verdict.kind));
    json.text("summary", verdict.summary);
    json.text("judge", verdict.judge_place);
    json.text("code", verdict.learner_place);
    json.number("milliseconds", static_cast<std::size_t>(std::max(0L, verdict.milliseconds)));
    json.close('}');
}

void write_part(Json& json, const PartProgress& part) {
    json.open('{');
    json.text("label", part.part->label);
    json.text("folder", part.part->folder);
    json.text("kind", part.part->numbered() ? "step" : "extension");
    json.open('[', "tasks");
    for (const TaskProgress& task : part.tasks) {
        json.open('{');
        json.text("task", task.key());
        json.text("title", task.title);
        json.text("verdict", harness::word(task.state));
        json.open('[', "cases");
        for (const Verdict& verdict : cases_of(part, task)) {
            write_case(json, {}, verdict);
        }
        json.close(']');
        json.close('}');
    }
    json.close(']');
    json.close('}');
}

void write_grade(Json& json, const Grade& grade) {
    json.open('{');
    json.text("clone", grade.name);
    if (grade.problem.empty()) {
        json.null("problem");
    } else {
        json.text("problem", grade.problem);
    }
    const std::vector<const Verdict*> verdicts = all_verdicts(grade);
    const auto passed = std::count_if(verdicts.begin(), verdicts.end(),
                                      [](const Verdict* each) { return each->kind == Kind::done; });
    write_counts(json, "tasks", grade.tasks_done(), grade.tasks());
    write_counts(json, "tests", static_cast<std::size_t>(passed), verdicts.size());
    if (const auto kills = grade.kills()) {
        json.open('{', "kills");
        json.number("caught", kills->caught);
        json.number("bugs", kills->bugs);
        json.close('}');
    } else {
        json.null("kills");
    }
    if (const TaskProgress* const task = grade.stuck_at()) {
        json.text("stuck_at", task->key());
    } else {
        json.null("stuck_at");
    }
    if (const Verdict* const failing = grade.first_failing()) {
        write_case(json, "first_failing", *failing);
    } else {
        json.null("first_failing");
    }
    json.open('[', "parts");
    for (const PartProgress& part : grade.parts) {
        write_part(json, part);
    }
    json.close(']');
    json.close('}');
}

}  // namespace

std::string grades_json(const std::vector<Grade>& grades) {
    Json json;
    json.open('{');
    json.text("format", json_format);
    json.open('[', "clones");
    for (const Grade& grade : grades) {
        write_grade(json, grade);
    }
    json.close(']');
    json.close('}');
    return std::move(json).take();
}

// ---- JUnit --------------------------------------------------------------------------------------

namespace {

/// The element below a test case; empty where the case is done.
std::string_view junit_element(Kind kind) {
    switch (kind) {
        case Kind::done:
            return {};
        case Kind::wrong:
            return "failure";
        case Kind::to_do:
        case Kind::not_run:
            return "skipped";
        default:
            return "error";
    }
}

struct JunitCounts {
    std::size_t tests = 0;
    std::size_t failures = 0;
    std::size_t errors = 0;
    std::size_t skipped = 0;
    long milliseconds = 0;

    void add(const Verdict& verdict) {
        const std::string_view element = junit_element(verdict.kind);
        ++tests;
        failures += element == "failure" ? 1 : 0;
        errors += element == "error" ? 1 : 0;
        skipped += element == "skipped" ? 1 : 0;
        milliseconds += verdict.milliseconds;
    }
};

std::string seconds(long milliseconds) {
    return fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
}

std::string junit_counts(const std::vector<Verdict>& verdicts) {
    JunitCounts counts;
    for (const Verdict& verdict : verdicts) {
        counts.add(verdict);
    }
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{}")",
                       counts.tests, counts.failures, counts.errors, counts.skipped,
                       seconds(counts.milliseconds));
}

std::string junit_case(const PartProgress& part, const Verdict& verdict) {
    std::string text = fmt::format(R"(    <testcase classname="{}" name="{}" time="{}")",
                                   xml_attribute(part.part->title()), xml_attribute(verdict.name),
                                   seconds(verdict.milliseconds));
    const std::string_view element = junit_element(verdict.kind);
    if (element.empty()) {
        return text + "/>\n";
    }
    const std::string message = fmt::format("{}{}{}", harness::word(verdict.kind),
                                            verdict.summary.empty() ? "" : ": ", verdict.summary);
    text += fmt::format(">\n      <{} message=\"{}\"", element, xml_attribute(message));
    if (element == "skipped") {
        return text + "/>\n    </testcase>\n";
    }
    std::string story = verdict.story;
    for (const std::string& place : {verdict.judge_place, verdict.learner_place}) {
        story +=
            place.empty() ? "" : (story.empty() || story.back() == '\n' ? "" : "\n") + place + "\n";
    }
    return text + fmt::format(" type=\"{}\">{}</{}>\n    </testcase>\n",
                              harness::word(verdict.kind), xml_text(story), element);
}

std::string junit_suite(const PartProgress& part, const TaskProgress& task) {
    const std::vector<Verdict> cases = cases_of(part, task);
    std::string text = fmt::format("  <testsuite name=\"{}\" {}>\n", xml_attribute(task.title),
                                   junit_counts(cases));
    for (const Verdict& verdict : cases) {
        text += junit_case(part, verdict);
    }
    return text + "  </testsuite>\n";
}

}  // namespace

std::string grade_junit(const Grade& grade) {
    std::vector<Verdict> all;
    for (const Verdict* const verdict : all_verdicts(grade)) {
        all.push_back(*verdict);
    }
    std::string text =
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n",
                    xml_attribute(grade.name), junit_counts(all));
    for (const PartProgress& part : grade.parts) {
        for (const TaskProgress& task : part.tasks) {
            text += junit_suite(part, task);
        }
    }
    return text + "</testsuites>\n";
}

}  // namespace runner
