#include "hints.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "text.hpp"

namespace runner {
namespace {

/// The lines between "## 2.1 ..." and the next heading of that level or above.
std::vector<std::string_view> lines_under(std::string_view file, std::string_view task) {
    std::vector<std::string_view> lines;
    bool inside = false;
    for (const std::string_view line : lines_of(file)) {
        if (line.substr(0, 2) == "# " || line.substr(0, 3) == "## ") {
            const std::vector<std::string_view> words = words_of(line);
            inside = words.size() >= 2 && words[0] == "##" &&
                     (words[1] == task || words[1] == std::string{task} + ":");
        } else if (inside) {
            lines.push_back(line);
        }
    }
    return lines;
}

/// The width of "1. " at the start of a line; 0 where there is none.
std::size_t item_width(std::string_view line) {
    const auto digits = static_cast<std::size_t>(
        std::find_if_not(
            line.begin(), line.end(),
            [](char letter) { return std::isdigit(static_cast<unsigned char>(letter)) != 0; }) -
        line.begin());
    if (digits == 0 || line.substr(digits, 2) != ". ") {
        return 0;
    }
    const std::size_t text = line.find_first_not_of(' ', digits + 1);
    return text == line.npos ? digits + 2 : text;
}

std::string_view without_indent(std::string_view line, std::size_t width) {
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(std::min(blanks, width));
}

}  // namespace

std::vector<std::string> hints_of(std::string_view hints_file, std::string_view task) {
    std::vector<std::string> hints;
    std::size_t width = 0;
    for (const std::string_view line : lines_under(hints_file, task)) {
        const std::size_t item = item_width(line);
        if (item != 0) {
            width = item;
            hints.emplace_back(line.substr(std::min(width, line.size())));
        } else if (!hints.empty()) {
            hints.back() += '\n';
            hints.back() += without_indent(line, width);
        }
    }
    for (std::string& hint : hints) {
        while (!hint.empty() && (hint.back() == '\n' || hint.back() == ' ')) {
            hint.pop_back();
        }
    }
    return hints;
}

HintCounters::HintCounters(std::filesystem::path file) : file_{std::move(file)} {
    const std::string text = read_file(file_).value_or(std::string{});
    for (const std::string_view line : lines_of(text)) {
        const std::vector<std::string_view> words = words_of(line);
        std::size_t count = 0;
        if (words.size() == 2 &&
            std::from_chars(words[1].data(), words[1].data() + words[1].size(), count).ec ==
                std::errc{}) {
            counts_[std::string{words[0]}] = count;
        }
    }
}

std::size_t HintCounters::shown(std::string_view task) const {
    const auto entry = counts_.find(task);
    return entry == counts_.end() ? 0 : entry->second;
}

void HintCounters::set(std::string_view task, std::size_t count) {
    counts_[std::string{task}] = count;
    std::string text;
    for (const auto& [key, shown] : counts_) {
        text += key + " " + std::to_string(shown) + "\n";
    }
    write_file(file_, text);
}

}  // namespace runner
