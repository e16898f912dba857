#include "findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace bench {
namespace {

constexpr std::string_view header = "workshop-bench 1";
constexpr std::size_t most_trees = 2;

/// The words up to `count`; the last one takes the rest of the line.
std::vector<std::string> words_of(std::string_view line, std::size_t count) {
    std::vector<std::string> words;
    while (words.size() + 1 < count) {
        const std::size_t tab = line.find('\t');
        if (tab == line.npos) {
            break;
        }
        words.emplace_back(line.substr(0, tab));
        line.remove_prefix(tab + 1);
    }
    words.emplace_back(line);
    return words;
}

class Reader {
public:
    void read(std::string_view line) {
        ++number_;
        if (number_ == 1) {
            demand(line == header, fmt::format("`{}`", header));
        } else if (!line.empty()) {
            read_fact(line);
        }
    }

    Findings take() {
        demand(number_ > 0, fmt::format("`{}`", header));
        return std::move(found_);
    }

private:
    void demand(bool good, std::string_view expected) const {
        if (!good) {
            throw FindingsError{fmt::format("line {}: expected {}", number_, expected)};
        }
    }

    std::vector<std::string> words(std::string_view line, std::size_t count) const {
        std::vector<std::string> words = words_of(line, count);
        demand(words.size() == count, fmt::format("{} words between tabs", count));
        return words;
    }

    std::size_t tree(const std::string& word) const {
        demand(word.size() == 1 && word[0] >= '0' &&
                   static_cast<std::size_t>(word[0] - '0') < found_.columns.size(),
               "the number of a tree that was named before");
        return static_cast<std::size_t>(word[0] - '0');
    }

    double value(const std::string& word) const {
        char* end = nullptr;
        const double result = std::strtod(word.c_str(), &end);
        demand(!word.empty() && *end == '\0', "a number");
        return result;
    }

    void read_fact(std::string_view line) {
        const std::string kind = words_of(line, 2).front();
        if (kind == "part") {
            found_.title = words(line, 2)[1];
        } else if (kind == "about") {
            std::vector<std::string> all = words(line, 3);
            found_.about.emplace_back(std::move(all[1]), std::move(all[2]));
        } else if (kind == "name") {
            found_.names.push_back(words(line, 2)[1]);
        } else if (kind == "tree") {
            add_tree(words(line, 3));
        } else if (kind == "case") {
            add_case(words(line, 4));
        } else if (kind == "failed-case") {
            const std::vector<std::string> all = words(line, 5);
            Case& known = found_.columns[tree(all[1])].cases[all[2]];
            known.failure = all[3];
            known.reason = all[4];
        } else if (kind == "replay") {
            const std::vector<std::string> all = words(line, 3);
            demand(found_.replays[tree(all[1])].add(all[2]), "a line of a replay");
        } else if (kind == "heap") {
            const std::vector<std::string> all = words(line, 3);
            found_.heaps[tree(all[1])] = all[2];
        } else {
            demand(false, "part, about, tree, name, case, failed-case, replay or heap");
        }
    }

    /// The cases name their trees, and the replays do so again.
    void add_tree(const std::vector<std::string>& all) {
        const std::size_t wanted = all[1] == "0" ? 0 : all[1] == "1" ? 1 : most_trees;
        demand(wanted < most_trees && wanted <= found_.columns.size(), "a tree of 0 or 1");
        if (wanted == found_.columns.size()) {
            found_.columns.emplace_back();
            found_.replays.emplace_back();
            found_.heaps.emplace_back();
        }
        found_.columns[wanted].heading = all[2];
    }

    void add_case(const std::vector<std::string>& all) {
        const std::vector<std::string> numbers = words_of(all[3], SIZE_MAX);
        demand(numbers.size() % 2 == 1, "a time, and then names with values");
        Measured measured{all[2], value(numbers[0]), {}, {}};
        for (std::size_t i = 1; i < numbers.size(); i += 2) {
            measured.counters[numbers[i]] = value(numbers[i + 1]);
        }
        found_.columns[tree(all[1])].cases[all[2]].add(measured);
    }

    Findings found_;
    std::size_t number_ = 0;
};

}  // namespace

std::vector<traces::Column> Findings::trace_columns() const {
    std::vector<traces::Column> all;
    for (std::size_t i = 0; i < replays.size(); ++i) {
        if (!replays[i].traces().empty()) {
            all.push_back({columns[i].heading, &replays[i]});
        }
    }
    return all;
}

Findings read_findings(std::string_view text) {
    Reader reader;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        reader.read(line);
    }
    return reader.take();
}

}  // namespace bench
