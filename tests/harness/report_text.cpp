#include <harness/report_text.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace harness {
namespace {

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::size_t number_in(std::string_view line, std::size_t index) {
    std::size_t at = 0;
    while (true) {
        while (at < line.size() && !is_digit(line[at])) {
            ++at;
        }
        if (at == line.size()) {
            return ReportText::none;
        }
        std::size_t number = 0;
        for (; at < line.size() && is_digit(line[at]); ++at) {
            number = number * 10 + static_cast<std::size_t>(line[at] - '0');
        }
        if (index-- == 0) {
            return number;
        }
    }
}

std::string_view without_indent(std::string_view line) {
    return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

}  // namespace

struct ReportText::State {
    std::string text;

    /// The lines for which `wanted(line)` holds, without indent and line end.
    template <class Wanted>
    std::vector<std::string_view> lines(Wanted wanted) const {
        std::vector<std::string_view> found;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            const std::string_view line =
                without_indent(std::string_view{text}.substr(at, end - at));
            if (!line.empty() && wanted(line)) {
                found.push_back(line);
            }
            at = end + 1;
        }
        return found;
    }

    std::vector<std::string_view> bars() const {
        return lines([](std::string_view line) { return is_digit(line.front()); });
    }
    std::vector<std::string_view> blocks() const {
        return lines([](std::string_view line) { return line.front() == '#'; });
    }
};

namespace {

std::string_view at(const std::vector<std::string_view>& lines, std::size_t index) {
    return index < lines.size() ? lines[index] : std::string_view{};
}

}  // namespace

ReportText::ReportText() : state_{new State} {}
ReportText::~ReportText() {
    delete state_;
}

void ReportText::add(std::string_view piece) {
    state_->text += piece;
}

std::size_t ReportText::number(std::string_view word, std::size_t index) const {
    const auto lines =
        state_->lines([&](std::string_view line) { return line.substr(0, word.size()) == word; });
    return number_in(at(lines, 0), index);
}

std::size_t ReportText::bars() const {
    return state_->bars().size();
}

std::size_t ReportText::number_of_bar(std::size_t bar, std::size_t index) const {
    return number_in(at(state_->bars(), bar), index);
}

std::size_t ReportText::length_of_bar(std::size_t bar) const {
    const std::string_view line = at(state_->bars(), bar);
    return static_cast<std::size_t>(std::count(line.begin(), line.end(), '#'));
}

std::size_t ReportText::blocks() const {
    return state_->blocks().size();
}

std::size_t ReportText::number_of_block(std::size_t block, std::size_t index) const {
    return number_in(at(state_->blocks(), block), index);
}

bool ReportText::block_ends_with(std::size_t block, std::string_view text) const {
    const std::string_view line = at(state_->blocks(), block);
    return line.size() >= text.size() && line.substr(line.size() - text.size()) == text;
}

bool ReportText::block_contains(std::size_t block, std::string_view text) const {
    return at(state_->blocks(), block).find(text) != std::string_view::npos;
}

bool ReportText::ends_with_line_end() const {
    return !state_->text.empty() && state_->text.back() == '\n';
}

bool operator==(const ReportText& left, const ReportText& right) {
    return left.state_->text == right.state_->text;
}

}  // namespace harness
