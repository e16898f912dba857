#include "judge_source.hpp"

#include <algorithm>
#include <cctype>

#include "project.hpp"
#include "text.hpp"

namespace runner {
namespace {

bool is_name_letter(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

/// Knows just enough C++ to find TEST_SUITE and TEST_CASE: comments, literals, braces.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_{text} {}

    std::vector<Suite> suites() {
        while (at_ < text_.size()) {
            step();
        }
        if (open_) {
            close_suite();
        }
        return std::move(suites_);
    }

    /// Call it after suites().
    int depth() const { return depth_; }

private:
    void step() {
        const char letter = text_[at_];
        if (skip_comment()) {
            return;
        }
        if (letter == '"') {
            literal();
        } else if (letter == '\'') {
            skip_character();
        } else if (is_name_letter(letter)) {
            name();
        } else {
            braces(letter);
            advance();
        }
    }

    void braces(char letter) {
        if (letter == '{') {
            ++depth_;
        } else if (letter == '}') {
            --depth_;
            if (open_ && depth_ == suite_depth_) {
                close_suite();
            }
        }
    }

    void close_suite() {
        suites_.back().last_line = line_;
        open_ = false;
    }

    void name() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_name_letter(text_[at_])) {
            advance();
        }
        const std::string_view word = text_.substr(start, at_ - start);
        if (word == "R" && at_ < text_.size() && text_[at_] == '"') {
            raw_literal();
        } else if (word == "TEST_SUITE") {
            Suite suite;
            suite.first_line = line_;
            arguments(suite.title, &suite.hint);
            suites_.push_back(std::move(suite));
            suite_depth_ = depth_;
            open_ = true;
        } else if (word.substr(0, 9) == "TEST_CASE" && open_) {
            std::string title;
            arguments(title, nullptr);
            suites_.back().cases.push_back(std::move(title));
        }
    }

    /// Reads `( ... )`: its first string, and the string behind `description(`.
    void arguments(std::string& first, std::string* description) {
        int parentheses = 0;
        bool described = false;
        while (at_ < text_.size()) {
            if (skip_comment()) {
                continue;
            }
            const char letter = text_[at_];
            if (letter == '"') {
                std::string value = literal();
                if (described && description != nullptr) {
                    *description += value;
                } else if (first_open_ || first.empty()) {
                    first += value;
                    first_open_ = true;
                }
                continue;
            }
            if (is_name_letter(letter)) {
                const std::size_t start = at_;
                while (at_ < text_.size() && is_name_letter(text_[at_])) {
                    advance();
                }
                described = text_.substr(start, at_ - start) == "description";
                first_open_ = false;
                continue;
            }
            parentheses += letter == '(' ? 1 : letter == ')' ? -1 : 0;
            if (std::isspace(static_cast<unsigned char>(letter)) == 0) {
                first_open_ = false;
            }
            advance();
            if (parentheses == 0 && letter == ')') {
                break;
            }
        }
        first_open_ = false;
    }

    bool skip_comment() {
        if (text_.substr(at_, 2) == "//") {
            while (at_ < text_.size() && text_[at_] != '\n') {
                advance();
            }
            return true;
        }
        if (text_.substr(at_, 2) == "/*") {
            advance();
            do {
                advance();
            } while (at_ < text_.size() && text_.substr(at_ - 1, 2) != "*/");
            advance();
            return true;
        }
        return false;
    }

    std::string literal() {
        std::string value;
        advance();
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                advance();
            }
            value += text_[at_];
            advance();
        }
        advance();
        return value;
    }

    void raw_literal() {
        const std::size_t open = text_.find('(', at_);
        if (open == text_.npos) {
            return;
        }
        const std::string close = ")" + std::string{text_.substr(at_ + 1, open - at_ - 1)} + "\"";
        const std::size_t end = std::min(text_.find(close, open), text_.size() - close.size());
        while (at_ < end + close.size()) {
            advance();
        }
    }

    /// 'x', '\'' and the digit separator of 1'000.
    void skip_character() {
        advance();
        if (at_ + 1 < text_.size() && (text_[at_] == '\\' || text_[at_ + 1] == '\'')) {
            advance();
            while (at_ < text_.size() && text_[at_] != '\'' && text_[at_] != '\n') {
                advance();
            }
            advance();
        }
    }

    void advance() {
        if (at_ < text_.size()) {
            line_ += text_[at_] == '\n' ? 1 : 0;
            ++at_;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    int depth_ = 0;
    int suite_depth_ = 0;
    bool open_ = false;        // in the braces of a suite
    bool first_open_ = false;  // adjacent literals still belong to the first string
    std::vector<Suite> suites_;
};

}  // namespace

const Suite* JudgeSource::at(int line) const {
    for (const Suite& suite : suites) {
        if (suite.first_line <= line && line <= suite.last_line) {
            return &suite;
        }
    }
    return nullptr;
}

bool JudgeSource::has_task(std::string_view task) const {
    return std::any_of(suites.begin(), suites.end(),
                       [task](const Suite& suite) { return suite.task() == task; });
}

bool task_before(std::string_view left, std::string_view right) {
    const auto digit = [](char letter) {
        return std::isdigit(static_cast<unsigned char>(letter)) != 0;
    };
    std::size_t at = 0;
    while (at < left.size() && at < right.size() && left[at] == right[at]) {
        ++at;
    }
    const auto digits = [&](std::string_view text) {
        std::size_t start = at;
        while (start > 0 && digit(text[start - 1])) {
            --start;
        }
        std::size_t end = at;
        while (end < text.size() && digit(text[end])) {
            ++end;
        }
        return text.substr(start, end - start);
    };
    const std::string_view left_number = digits(left);
    const std::string_view right_number = digits(right);
    if (left_number.size() != right_number.size()) {
        return left_number.size() < right_number.size();
    }
    return left < right;
}

void sort_suites(std::vector<Suite>& suites) {
    std::stable_sort(suites.begin(), suites.end(), [](const Suite& left, const Suite& right) {
        return task_before(left.task(), right.task());
    });
}

JudgeSource scan_judge(std::string_view text) {
    return {{}, Scanner{text}.suites()};
}

int brace_balance(std::string_view text) {
    Scanner scanner{text};
    scanner.suites();
    return scanner.depth();
}

JudgeSource read_judge(const Project& project, const std::string& judge) {
    JudgeSource source =
        scan_judge(read_file(project.root / Project::judge_source(judge)).value_or(std::string{}));
    source.judge = judge;
    return source;
}

std::vector<JudgeSource> read_judges(const Project& project, const Part& part) {
    std::vector<JudgeSource> sources;
    for (const std::string& judge : part.judges) {
        sources.push_back(read_judge(project, judge));
    }
    return sources;
}

}  // namespace runner
