#include "report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace harness {
namespace {

constexpr std::size_t page_width = 80;

/// Consecutive or not, the cases of one suite.
struct Task {
    std::string suite;
    std::vector<const Verdict*> cases;

    std::size_t done() const {
        return static_cast<std::size_t>(
            std::count_if(cases.begin(), cases.end(),
                          [](const Verdict* verdict) { return verdict->kind == Kind::done; }));
    }
    bool all(Kind kind) const {
        return std::all_of(cases.begin(), cases.end(),
                           [kind](const Verdict* verdict) { return verdict->kind == kind; });
    }
};

std::vector<Task> tasks_of(const std::vector<Verdict>& verdicts) {
    std::vector<Task> tasks;
    for (const Verdict& verdict : verdicts) {
        auto task = std::find_if(tasks.begin(), tasks.end(),
                                 [&](const Task& known) { return known.suite == verdict.suite; });
        if (task == tasks.end()) {
            task = tasks.insert(task, Task{verdict.suite, {}});
        }
        task->cases.push_back(&verdict);
    }
    return tasks;
}

/// What shows first: the lower, the more urgent.
int urgency(Kind kind) {
    switch (kind) {
        case Kind::does_not_compile:
            return 0;
        case Kind::wrong:
        case Kind::crashed:
        case Kind::hung:
        case Kind::out_of_memory:
            return 1;
        case Kind::to_do:
            return 2;
        case Kind::not_run:
            return 3;
        case Kind::done:
            return 4;
    }
    return 4;
}

Kind state_of(const Task& task) {
    const auto most_urgent = std::min_element(task.cases.begin(), task.cases.end(),
                                              [](const Verdict* left, const Verdict* right) {
                                                  return urgency(left->kind) < urgency(right->kind);
                                              });
    return (*most_urgent)->kind;
}

Colour colour_of(Kind kind) {
    switch (kind) {
        case Kind::done:
            return Colour::green;
        case Kind::to_do:
        case Kind::not_run:
            return Colour::yellow;
        default:
            return Colour::red;
    }
}

/// Columns that UTF-8 text takes: one for each code point.
std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char letter) {
        return (static_cast<unsigned char>(letter) & 0xC0U) != 0x80U;
    }));
}

std::string padded(std::string_view text, std::size_t width) {
    std::string result{text};
    result.append(width - std::min(width, columns(text)), ' ');
    return result;
}

class Writer {
public:
    Writer(const std::vector<Verdict>& verdicts, const Guide& guide, bool colour)
        : verdicts_{verdicts}, guide_{guide}, colour_{colour}, tasks_{tasks_of(verdicts)} {
        for (const Verdict& verdict : verdicts) {
            word_width_ = std::max(word_width_, word(verdict.kind).size());
        }
    }

    std::string text() {
        if (verdicts_.empty()) {
            return "No test case ran.\n";
        }
        if (all_done(verdicts_)) {
            write_success();
            return std::move(text_);
        }
        if (!guide_.title.empty()) {
            text_ += paint(Colour::bold, guide_.title, colour_) + "\n\n";
        }
        const Verdict& shown = *first_to_mend(verdicts_);
        for (const Task& task : tasks_) {
            write_task(task, shown);
        }
        text_ += '\n';
        if (is_untouched(shown)) {
            write_start(shown);
        } else {
            write_case(shown);
        }
        return std::move(text_);
    }

private:
    /// Not so where the task is written, and all of it waits for another one.
    bool is_untouched(const Verdict& shown) const {
        const auto todo = guide_.places.find(shown.task());
        return std::all_of(verdicts_.begin(), verdicts_.end(),
                           [](const Verdict& verdict) { return verdict.kind == Kind::to_do; }) &&
               (todo == guide_.places.end() || !todo->second.empty());
    }

    void write_success() {
        const std::string done = guide_.done.empty() ? "Everything is done" : guide_.done;
        const std::size_t count = verdicts_.size();
        text_ +=
            fmt::format("{}: {}\n", paint(Colour::green, done, colour_),
                        count == 1 ? "its test passes." : fmt::format("all {} tests pass.", count));
        text_ += guide_.next;
    }

    void write_task(const Task& task, const Verdict& shown) {
        const Kind state = state_of(task);
        const std::string count = fmt::format("{} of {}", task.done(), task.cases.size());
        const std::string suite = task.suite.empty() ? "tests" : task.suite;
        const std::size_t left = word_width_ + 4;
        const std::size_t title_width = page_width - left - 1 - count.size();
        text_ +=
            fmt::format("  {}  {} {}\n", painted_word(state), padded(suite, title_width), count);
        if (lists_cases(task, shown)) {
            for (const Verdict* verdict : task.cases) {
                write_name(*verdict);
            }
        }
    }

    void write_name(const Verdict& verdict) {
        const std::size_t left = 2 * word_width_ + 6;
        std::string lines = wrapped(verdict.name, left, page_width);
        lines.erase(0, left);
        text_ += fmt::format("  {:{}}  {}  {}", "", word_width_, painted_word(verdict.kind), lines);
    }

    /// Cases are listed where they tell more than the task's own line does.
    bool lists_cases(const Task& task, const Verdict& shown) const {
        const Kind kind = task.cases.front()->kind;
        if (!task.all(kind)) {
            return true;
        }
        switch (kind) {
            case Kind::done:
            case Kind::does_not_compile:
                return false;
            case Kind::to_do:
            case Kind::not_run:
                return guide_.one_task || shown.suite == task.suite;
            default:
                return say_why(task, shown);
        }
    }

    /// False where one fate met them all, as a crash before the tests began.
    static bool say_why(const Task& task, const Verdict& shown) {
        return std::any_of(task.cases.begin(), task.cases.end(), [&](const Verdict* verdict) {
            return verdict != &shown && !verdict->summary.empty();
        });
    }

    void write_start(const Verdict& first) {
        text_ += "Nothing is written yet: this is the expected start.\n";
        const std::string task{first.task()};
        // The task's own TODO, even where an earlier one was reached first.
        const auto own = guide_.places.find(task);
        const bool known = own != guide_.places.end() && !own->second.empty();
        const std::string place = known ? own->second : place_of(first);
        text_ += place.empty() ? fmt::format("Begin with task {}.\n", task)
                               : fmt::format("Begin with task {} at {}\n", task, place);
        text_ += '\n';
        write_links(first);
    }

    void write_case(const Verdict& shown) {
        const std::string heading = fmt::format("{}: ", word(shown.kind));
        text_ += paint(colour_of(shown.kind), heading, colour_);
        text_ += shown.kind == Kind::does_not_compile ? shown.suite : shown.name;
        text_ += '\n';
        if (!shown.summary.empty()) {
            text_ += wrapped(shown.summary, 2, page_width);
        }
        if (!shown.story.empty()) {
            text_ += '\n';
            write_story(shown.story);
        }
        text_ += '\n';
        line("the judge", shown.judge_place);
        // Where it is not known which line it was, there is at least where the task begins.
        line(shown.learner_place.empty() ? "the task" : "your code", place_of(shown));
        write_links(shown);
    }

    void write_story(std::string_view story) {
        const std::string plain = colour_ ? std::string{story} : without_colour(story);
        std::string_view rest = plain;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            if (end != 0) {
                text_ += "  ";
            }
            text_ += rest.substr(0, end);
            text_ += '\n';
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }

    void write_links(const Verdict& verdict) {
        line("read", verdict.hint);
        const std::string task{verdict.task()};
        if (!guide_.hint.empty() && !task.empty()) {
            line("a hint", fmt::format("{} {}", guide_.hint, task));
        }
        if (!guide_.again.empty() && !task.empty()) {
            line("again", fmt::format("{} {}", guide_.again, task));
        }
    }

    void line(std::string_view label, std::string_view value) {
        if (!value.empty()) {
            text_ +=
                fmt::format("  {}  {}\n", paint(Colour::faint, padded(label, 9), colour_), value);
        }
    }

    std::string place_of(const Verdict& verdict) const {
        if (!verdict.learner_place.empty()) {
            return verdict.learner_place;
        }
        const auto place = guide_.places.find(verdict.task());
        return place == guide_.places.end() ? std::string{} : place->second;
    }

    std::string painted_word(Kind kind) const {
        return paint(colour_of(kind), padded(word(kind), word_width_), colour_);
    }

    const std::vector<Verdict>& verdicts_;
    const Guide& guide_;
    bool colour_;
    std::vector<Task> tasks_;
    std::size_t word_width_ = 0;
    std::string text_;
};

}  // namespace

std::string report(const std::vector<Verdict>& verdicts, const Guide& guide, bool colour) {
    return Writer{verdicts, guide, colour}.text();
}

bool all_done(const std::vector<Verdict>& verdicts) noexcept {
    return !verdicts.empty() &&
           std::all_of(verdicts.begin(), verdicts.end(),
                       [](const Verdict& verdict) { return verdict.kind == Kind::done; });
}

const Verdict* first_to_mend(const std::vector<Verdict>& verdicts) noexcept {
    const Verdict* first = nullptr;
    const auto rank = [](const Verdict& verdict) {
        // Of equally urgent ones, the one that says why.
        return urgency(verdict.kind) * 2 + (verdict.summary.empty() ? 1 : 0);
    };
    for (const Verdict& verdict : verdicts) {
        if (verdict.kind != Kind::done && (first == nullptr || rank(verdict) < rank(*first))) {
            first = &verdict;
        }
    }
    return first;
}

bool wants_colour(int file_descriptor) noexcept {
    const char* const no_colour = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
           std::string_view{terminal} != "dumb" && isatty(file_descriptor) == 1;
}

std::string without_colour(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\x1b' || at + 1 == text.size() || text[at + 1] != '[') {
            plain += text[at];
            continue;
        }
        // A sequence ends with its first letter.
        at += 2;
        while (at < text.size() && (text[at] < '@' || text[at] > '~')) {
            ++at;
        }
    }
    return plain;
}

std::string paint(Colour colour, std::string_view text, bool on) {
    if (!on) {
        return std::string{text};
    }
    constexpr std::string_view codes[] = {"31", "32", "33", "1", "2"};
    return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string result;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view piece = text.substr(0, end);
        if (column != 0 && column + 1 + columns(piece) > width) {
            result += '\n';
            column = 0;
        }
        if (!piece.empty()) {
            result.append(column == 0 ? indent : 1, ' ');
            result += piece;
            column += (column == 0 ? indent : 1) + columns(piece);
        }
        if (end < text.size() && text[end] == '\n') {
            result += '\n';
            column = 0;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return column == 0 ? result : result + '\n';
}

}  // namespace harness
