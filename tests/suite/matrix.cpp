#include <suite/matrix.hpp>

#include <harness/report.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace suite {
namespace {

constexpr std::size_t name_width = 42;
constexpr std::size_t page_width = 100;

std::string_view task_of(const Grade& grade, std::size_t test) {
    return grade.cases[test].blank.task();
}

/// "4_free_list/stays_in_the_list" -> "stays_in_the_list".
std::string_view short_name(std::string_view name) {
    return name.substr(name.find('/') + 1);
}

char mark(Fate fate) {
    switch (fate) {
        case Fate::failed:
            return 'x';
        case Fate::crashed:
            return '!';
        case Fate::hung:
            return '~';
        case Fate::passed:
            return '.';
        default:
            return ' ';
    }
}

/// The tests that stand in the matrix: those that are written and accept what is correct.
std::vector<std::size_t> columns_of(const Grade& grade) {
    std::vector<std::size_t> columns;
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        if (!grade.is_to_do(test) && !grade.cries_wolf(test)) {
            columns.push_back(test);
        }
    }
    std::stable_sort(columns.begin(), columns.end(), [&](std::size_t left, std::size_t right) {
        return task_of(grade, left) < task_of(grade, right);
    });
    return columns;
}

/// Calls `cell(test)` for each column, with two blanks between tasks.
template <class CellText>
std::string across(const Grade& grade, const std::vector<std::size_t>& columns, CellText cell) {
    std::string text;
    std::string_view task;
    for (const std::size_t test : columns) {
        if (!task.empty() && task != task_of(grade, test)) {
            text += "  ";
        }
        task = task_of(grade, test);
        text += cell(test);
    }
    return text;
}

class Matrix {
public:
    explicit Matrix(const Grade& grade) : grade_{grade}, columns_{columns_of(grade)} {}

    std::string text() {
        std::string_view task;
        for (std::size_t subject = 0; subject < grade_.subjects.size(); ++subject) {
            const SubjectType& bug = *grade_.subjects[subject];
            if (bug.is_correct()) {
                continue;
            }
            const bool begins = task != bug.task;
            task = bug.task;
            if (!is_shown(task)) {
                begins ? summary(task) : void();
                continue;
            }
            begins ? head(task) : void();
            row(subject);
        }
        legend();
        return std::move(text_);
    }

private:
    /// In short, as long as there is something to do and the other tasks are shown, too.
    bool is_shown(std::string_view task) const {
        bool to_do = false;
        bool others = false;
        for (std::size_t test = 0; test < grade_.cases.size(); ++test) {
            const bool own = task_of(grade_, test) == task;
            to_do = to_do || (own && grade_.is_to_do(test));
            others = others || !own;
        }
        return !to_do || !others;
    }

    void summary(std::string_view task) {
        std::size_t bugs = 0;
        for (const SubjectType* const subject : grade_.subjects) {
            bugs += subject->task == task ? 1 : 0;
        }
        text_ += fmt::format("bugs of {}: {} of {} caught; ./workshop test {} shows which\n", task,
                             bugs - survivors(grade_, task).size(), bugs, task);
    }

    void head(std::string_view task) {
        const std::string title = fmt::format("bugs of {}", task);
        text_ += fmt::format(
            "{:{}}   {}\n", title, name_width,
            across(grade_, columns_, [this](std::size_t test) { return letter_of(grade_, test); }));
    }

    void row(std::size_t subject) {
        const SubjectType& bug = *grade_.subjects[subject];
        std::string line = fmt::format(
            "{} {:{}} {}", is_caught(grade_, subject) ? " " : ">", short_name(bug.name), name_width,
            across(grade_, columns_,
                   [&](std::size_t test) { return mark(grade_.at(subject, test).fate); }));
        line.erase(line.find_last_not_of(' ') + 1);
        text_ += line + '\n';
    }

    void legend() {
        text_ +=
            "\n  x failed   ! crashed   ~ hung   . passed   > no test of the bug's own task "
            "catches it\n";
        std::string_view task;
        for (const std::size_t test : columns_) {
            if (task != task_of(grade_, test)) {
                task = task_of(grade_, test);
                text_ += fmt::format("\n{}\n", grade_.cases[test].blank.suite);
            }
            text_ += fmt::format("  {}  catches {:>2}  {}\n", letter_of(grade_, test),
                                 catches(test), grade_.cases[test].blank.name);
        }
        text_ += '\n' + spare_tests();
    }

    std::string spare_tests() const {
        std::string letters;
        for (const std::size_t test : columns_) {
            if (is_spare(test)) {
                letters += (letters.empty() ? "" : ", ") + std::string{letter_of(grade_, test)};
            }
        }
        return letters.empty() ? letters
                               : harness::wrapped(
                                     "Of their own task, these catch no bug that another test "
                                     "does not catch: " +
                                         letters +
                                         ". That may be as it should be: a test also tells its "
                                         "reader what is promised.",
                                     0, page_width) +
                                     '\n';
    }

    std::size_t catches(std::size_t test) const {
        std::size_t count = 0;
        for (std::size_t subject = 0; subject < grade_.subjects.size(); ++subject) {
            count += catches(subject, test) ? 1 : 0;
        }
        return count;
    }

    bool catches(std::size_t subject, std::size_t test) const {
        return !grade_.subjects[subject]->is_correct() && rejected(grade_.at(subject, test).fate);
    }

    /// True when each bug of its task that it catches is caught by another test of the task.
    bool is_spare(std::size_t test) const {
        for (std::size_t subject = 0; subject < grade_.subjects.size(); ++subject) {
            if (is_of_its_task(subject, test) && catches(subject, test) &&
                std::none_of(columns_.begin(), columns_.end(), [&](std::size_t other) {
                    return other != test && is_of_its_task(subject, other) &&
                           catches(subject, other);
                })) {
                return false;
            }
        }
        return true;
    }

    bool is_of_its_task(std::size_t subject, std::size_t test) const {
        return grade_.subjects[subject]->task == task_of(grade_, test);
    }

    const Grade& grade_;
    std::vector<std::size_t> columns_;
    std::string text_;
};

std::string level_text(const Grade& grade) {
    const auto [caught, bugs] = kills(grade);
    const std::string_view reached = level(caught, bugs);
    const std::string_view next = reached.empty()       ? "bronze is 60 %"
                                  : reached == "bronze" ? "silver is 80 %"
                                  : reached == "silver" ? "gold is all of them"
                                                        : "";
    std::string text = fmt::format("{} of {} bugs caught", caught, bugs);
    if (!reached.empty()) {
        text += fmt::format(": {}", reached);
    }
    return text + (next.empty() ? ".\n" : fmt::format("; {}.\n", next));
}

/// "bump", or "bump and 3 others": the correct allocators that a test rejects.
std::string rejected_by(const Grade& grade, std::size_t test) {
    std::string_view first;
    std::size_t others = 0;
    for (std::size_t subject = 0; subject < grade.subjects.size(); ++subject) {
        if (grade.subjects[subject]->is_correct() && rejected(grade.at(subject, test).fate)) {
            others += first.empty() ? 0 : 1;
            first = first.empty() ? short_name(grade.subjects[subject]->name) : first;
        }
    }
    return others == 0   ? std::string{first}
           : others == 1 ? fmt::format("{} and another one", first)
                         : fmt::format("{} and {} others", first, others);
}

/// Which tests take long, where all of them together do.
std::string slow_tests(const Grade& grade) {
    constexpr double long_time = 30;  // seconds of processor time
    std::vector<std::pair<double, std::size_t>> times;
    double all = 0;
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        double seconds = 0;
        for (std::size_t subject = 0; subject < grade.subjects.size(); ++subject) {
            seconds += grade.at(subject, test).microseconds / 1e6;
        }
        times.emplace_back(seconds, test);
        all += seconds;
    }
    if (all < long_time) {
        return {};
    }
    std::sort(times.rbegin(), times.rend());
    times.resize(std::min<std::size_t>(times.size(), 3));
    std::string text = fmt::format(
        "All tests together took {:.0f} s of processor time on all allocators. Most of it:\n", all);
    for (const auto& [seconds, test] : times) {
        text += fmt::format("  {:>3.0f} s  {}\n", seconds, grade.cases[test].blank.name);
    }
    return text +
           "A look at everything after each step costs most where there are many blocks.\n\n";
}

/// What must be mended before anything is worth something.
std::string false_alarms(const Grade& grade) {
    std::string text;
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        if (grade.cries_wolf(test)) {
            text += harness::wrapped(
                grade.cases[test].blank.suite + ": " + grade.cases[test].blank.name, 4, page_width);
            text += fmt::format("        rejects {}\n", rejected_by(grade, test));
        }
    }
    return text.empty() ? text
                        : "These tests reject a correct allocator. What they catch does not count, "
                          "and there is no\nlevel until they are mended:\n\n" +
                              text + "\n";
}

}  // namespace

bool is_caught(const Grade& grade, std::size_t subject) {
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        if (grade.cases[test].blank.task() == grade.subjects[subject]->task &&
            rejected(grade.at(subject, test).fate) && !grade.cries_wolf(test)) {
            return true;
        }
    }
    return false;
}

std::vector<std::size_t> other_catchers(const Grade& grade, std::size_t subject) {
    std::vector<std::size_t> catchers;
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        if (grade.cases[test].blank.task() != grade.subjects[subject]->task &&
            rejected(grade.at(subject, test).fate) && !grade.cries_wolf(test)) {
            catchers.push_back(test);
        }
    }
    return catchers;
}

char letter_of(const Grade& grade, std::size_t test) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const std::vector<std::size_t> columns = columns_of(grade);
    const auto found = std::find(columns.begin(), columns.end(), test) - columns.begin();
    const auto at = static_cast<std::size_t>(found);
    return at < letters.size() ? letters[at] : '?';
}

std::vector<std::size_t> survivors(const Grade& grade, std::string_view task) {
    std::vector<std::size_t> found;
    for (std::size_t subject = 0; subject < grade.subjects.size(); ++subject) {
        const SubjectType& type = *grade.subjects[subject];
        if (!type.is_correct() && (task.empty() || task == type.task) &&
            !is_caught(grade, subject)) {
            found.push_back(subject);
        }
    }
    return found;
}

std::string_view level(std::size_t caught, std::size_t bugs) {
    constexpr std::size_t silver = 80;  // per cent
    constexpr std::size_t bronze = 60;
    if (bugs == 0 || caught * 100 < bronze * bugs) {
        return {};
    }
    return caught == bugs ? "gold" : caught * 100 >= silver * bugs ? "silver" : "bronze";
}

harness::Kills kills(const Grade& grade) {
    harness::Kills kills;
    for (const SubjectType* const subject : grade.subjects) {
        kills.bugs += subject->is_correct() ? 0 : 1;
    }
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        if (grade.cries_wolf(test)) {
            return kills;
        }
    }
    kills.caught = kills.bugs - survivors(grade, {}).size();
    return kills;
}

std::string matrix_text(const Grade& grade) {
    const std::string alarms = false_alarms(grade);
    if (!alarms.empty()) {
        return alarms;
    }
    const bool nothing_written = columns_of(grade).empty();
    return (nothing_written ? std::string{} : Matrix{grade}.text()) + slow_tests(grade) +
           level_text(grade);
}

}  // namespace suite
