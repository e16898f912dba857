#include <harness/safety_comments.hpp>

#include <harness/failure.hpp>
#include <harness/place.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harness {
namespace {

constexpr int words_of_a_sentence = 6;

std::vector<std::string> read_lines(const char* path) {
    std::ifstream file{path};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string_view code_of(std::string_view line) {
    return line.substr(0, line.find("//"));
}

std::string_view comment_of(std::string_view line) {
    const std::size_t found = line.find("//");
    return found == std::string_view::npos ? "" : line.substr(found);
}

bool is_part_of_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// True when the line of code has `name(` with nothing of a longer name before it.
bool mentions_function(std::string_view code, std::string_view name) {
    const std::size_t found = code.find(fmt::format("{}(", name));
    return found != std::string_view::npos && (found == 0 || !is_part_of_name(code[found - 1])) &&
           (found == 0 || (code[found - 1] != '.' && code[found - 1] != '>'));
}

struct Lines {
    std::size_t first, last;  // [first, last)
};

/// The lines of the definition of `name`: from its name to the brace that closes its body.
std::optional<Lines> find_definition(const std::vector<std::string>& lines, std::string_view name) {
    for (std::size_t first = 0; first < lines.size(); ++first) {
        if (!mentions_function(code_of(lines[first]), name)) {
            continue;
        }
        int depth = 0;
        bool opened = false;
        for (std::size_t i = first; i < lines.size(); ++i) {
            for (const char c : code_of(lines[i])) {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                opened = opened || c == '{';
                if (opened && depth == 0) {
                    return Lines{first, i + 1};
                }
            }
            if (!opened && code_of(lines[i]).find(';') != std::string_view::npos) {
                break;  // a declaration or a call
            }
        }
    }
    return std::nullopt;
}

/// With the comment just above it.
Lines with_comment_above(const std::vector<std::string>& lines, Lines definition) {
    while (definition.first > 0) {
        const std::string_view line = lines[definition.first - 1];
        if (line.find_first_not_of(' ') == std::string_view::npos ||
            code_of(line).find_first_not_of(' ') != std::string_view::npos) {
            break;
        }
        --definition.first;
    }
    return definition;
}

int count_words(std::string_view text) {
    int count = 0;
    bool inside = false;
    for (const char c : text) {
        const bool letter = is_part_of_name(c);
        count += letter && !inside;
        inside = letter;
    }
    return count;
}

/// The comment that begins in line `first`, to its end.
std::string whole_comment(const std::vector<std::string>& lines, std::size_t first) {
    std::string text{comment_of(lines[first])};
    for (std::size_t i = first + 1; i < lines.size(); ++i) {
        if (code_of(lines[i]).find_first_not_of(' ') != std::string_view::npos ||
            comment_of(lines[i]).empty()) {
            break;
        }
        text += comment_of(lines[i]);
    }
    return text;
}

}  // namespace

void check_safety_comment(const char* path, const char* name) {
    const std::vector<std::string> lines = read_lines(path);
    const std::optional<Lines> definition = find_definition(lines, name);
    if (!definition) {
        fail({fmt::format("I found no function '{}' in this file", name), ""});
    }
    const Lines range = with_comment_above(lines, *definition);
    for (std::size_t i = range.first; i < range.last; ++i) {
        if (lines[i].find("TODO 2.5") != std::string::npos) {
            to_do(path, static_cast<int>(i) + 1);
        }
    }
    for (std::size_t i = range.first; i < range.last; ++i) {
        if (comment_of(lines[i]).find("SAFETY:") == std::string_view::npos) {
            continue;
        }
        if (count_words(whole_comment(lines, i)) - 1 >= words_of_a_sentence) {
            return;
        }
        fail({fmt::format("the SAFETY comment in '{}' is no sentence yet: who promised what, and "
                          "where?",
                          name),
              fmt::format("  line {}: {}\n", i + 1, comment_of(lines[i]))});
    }
    fail({fmt::format("'{}' has no `// SAFETY:` comment in or above it", name), ""});
}

}  // namespace harness
