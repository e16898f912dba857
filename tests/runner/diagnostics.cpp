#include "diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "../harness/report.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

/// A number at the start of `text`, taken off it; 0 where there is none.
int take_number(std::string_view& text) {
    int number = 0;
    while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
           number < 100'000'000) {
        number = number * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    return number;
}

/// "../steps/2_bump/bump.hpp" as seen from the build folder -> "steps/2_bump/bump.hpp".
std::string from_root(std::string_view file, const fs::path& root, const fs::path& build) {
    for (const std::string_view known : {"steps/", "tests/", "solutions/"}) {
        if (file.substr(0, known.size()) == known) {
            return std::string{file};
        }
    }
    const fs::path path{file};
    const fs::path whole = (path.is_absolute() ? path : build / path).lexically_normal();
    const fs::path relative = whole.lexically_relative(root.lexically_normal());
    const bool outside = relative.empty() || *relative.begin() == "..";
    return outside ? whole.string() : relative.string();
}

/// "FILE:12:3: rest" or "FILE:12: rest".
struct PlacedLine {
    std::string_view file;
    int line = 0;
    int column = 0;
    std::string_view rest;
};

std::optional<PlacedLine> parse_placed(std::string_view text) {
    if (text.empty() || text.front() == ' ') {
        return std::nullopt;
    }
    for (std::size_t colon = text.find(':'); colon != text.npos;
         colon = text.find(':', colon + 1)) {
        std::string_view rest = text.substr(colon + 1);
        const int line = take_number(rest);
        if (line == 0 || rest.empty() || rest.front() != ':') {
            continue;
        }
        rest.remove_prefix(1);
        std::string_view after = rest;
        const int column = take_number(after);
        if (column != 0 && !after.empty() && after.front() == ':') {
            rest = after.substr(1);
            return PlacedLine{text.substr(0, colon), line, column, trimmed(rest)};
        }
        return PlacedLine{text.substr(0, colon), line, 0, trimmed(rest)};
    }
    return std::nullopt;
}

enum class Severity { error, warning, note, none };

struct Said {
    Severity severity = Severity::none;
    std::string_view message;
};

Said parse_severity(std::string_view text) {
    struct Word {
        std::string_view word;
        Severity severity;
    };
    constexpr Word words[] = {{"fatal error: ", Severity::error},
                              {"error: ", Severity::error},
                              {"sorry, unimplemented: ", Severity::error},
                              {"internal compiler error: ", Severity::error},
                              {"undefined reference to ", Severity::error},
                              {"multiple definition of ", Severity::error},
                              {"warning: ", Severity::warning},
                              {"note: ", Severity::note}};
    for (const Word& word : words) {
        if (text.substr(0, word.word.size()) == word.word) {
            const bool is_linker =
                word.word.back() == ' ' && word.word[word.word.size() - 2] != ':';
            return {word.severity, is_linker ? text : text.substr(word.word.size())};
        }
    }
    return {};
}

/// Lines of a linker or of the compiler as a whole, which have no place.
std::optional<std::string_view> parse_unplaced(std::string_view text) {
    for (const std::string_view word : {"undefined reference to ", "multiple definition of ",
                                        "undefined symbol: ", "duplicate symbol: "}) {
        const std::size_t at = text.find(word);
        if (at != text.npos) {
            return text.substr(at);
        }
    }
    for (const std::string_view word :
         {": fatal error: ", ": internal compiler error: ", ": error: "}) {
        const std::size_t at = text.find(word);
        if (at != text.npos && text.substr(0, at).find(' ') == text.npos) {
            return text.substr(at + word.size());
        }
    }
    return std::nullopt;
}

/// Linkers say the same in their own words and quotes; here it is in those of GNU ld.
std::string spoken(std::string_view message) {
    for (const std::string_view words : {"undefined reference to ", "undefined symbol: "}) {
        if (message.substr(0, words.size()) == words) {
            std::string_view name = message.substr(words.size());
            if (name.size() > 2 && name.back() == '\'') {
                name = name.substr(1, name.size() - 2);
            }
            return fmt::format("undefined reference to `{}'", name);
        }
    }
    return std::string{message};
}

/// ">>> referenced by bump.hpp:44 (../steps/2_bump/bump.hpp:44)": where lld and mold tell it.
std::optional<PlacedLine> parse_reference(std::string_view line) {
    const std::size_t open = line.find('(');
    if (line.substr(0, 18) != ">>> referenced by " || open == line.npos || line.back() != ')') {
        return std::nullopt;
    }
    std::string_view file = line.substr(open + 1, line.size() - open - 2);
    const std::size_t colon = file.rfind(':');
    if (colon == file.npos) {
        return std::nullopt;
    }
    std::string_view number = file.substr(colon + 1);
    const int at = take_number(number);
    return at == 0 ? std::nullopt : std::optional{PlacedLine{file.substr(0, colon), at, 0, {}}};
}

/// "In file included from ../steps/2_bump/bump.hpp:11," and its continuation lines say only how
/// the compiler got there.
bool is_include_line(std::string_view line) {
    return line.substr(0, 22) == "In file included from " || trimmed(line).substr(0, 5) == "from ";
}

}  // namespace

std::string Place::spoken() const {
    return fmt::format("{}:{}", file, line);
}

bool Place::below(std::string_view folder) const {
    return file.size() > folder.size() && file.compare(0, folder.size(), folder) == 0 &&
           file[folder.size()] == '/';
}

const Place* Diagnostic::place_below(std::string_view folder) const {
    if (place && place->below(folder)) {
        return &*place;
    }
    for (const Mention& mention : mentions) {
        if (mention.place.below(folder)) {
            return &mention.place;
        }
    }
    return nullptr;
}

const Place* Diagnostic::place_in(std::string_view file) const {
    if (place && place->file == file) {
        return &*place;
    }
    for (const Mention& mention : mentions) {
        if (mention.place.file == file) {
            return &mention.place;
        }
    }
    return nullptr;
}

std::vector<Diagnostic> parse_diagnostics(std::string_view output, const fs::path& root,
                                          const fs::path& build) {
    const std::string plain = harness::without_colour(output);
    std::vector<Diagnostic> found;
    std::vector<Mention> before;  // lines that lead to the next error
    for (const std::string_view line : lines_of(plain)) {
        if (is_include_line(line)) {
            continue;
        }
        if (const auto reference = parse_reference(line)) {
            if (!found.empty() && !found.back().place) {
                found.back().place =
                    Place{from_root(reference->file, root, build), reference->line, 0};
            }
            continue;
        }
        const std::optional<PlacedLine> placed = parse_placed(line);
        if (!placed) {
            if (const auto message = parse_unplaced(line)) {
                found.push_back({true, std::nullopt, spoken(*message), {}});
            }
            continue;
        }
        const Place place{from_root(placed->file, root, build), placed->line, placed->column};
        const Said said = parse_severity(placed->rest);
        switch (said.severity) {
            case Severity::error:
            case Severity::warning:
                found.push_back({said.severity == Severity::error, place, spoken(said.message),
                                 std::move(before)});
                before.clear();
                break;
            case Severity::note:
                if (!found.empty()) {
                    std::vector<Mention>& mentions = found.back().mentions;
                    mentions.insert(mentions.end(), before.begin(), before.end());
                    mentions.push_back({place, std::string{said.message}});
                }
                before.clear();
                break;
            case Severity::none:
                before.push_back({place, std::string{placed->rest}});
                break;
        }
    }
    return found;
}

bool is_static_assertion(const Diagnostic& diagnostic) {
    const std::string_view message = diagnostic.message;
    return message.substr(0, 16) == "static assertion" || message.substr(0, 13) == "static_assert";
}

const Place* Diagnostic::place_of_judge(std::string_view judge) const {
    const Place* const own = place_in(judge);
    return own != nullptr ? own : place_below("tests/bridges");
}

const Diagnostic* first_error(const std::vector<Diagnostic>& diagnostics, std::string_view folder,
                              std::string_view judge) {
    const auto find = [&](const auto& fits) -> const Diagnostic* {
        for (const Diagnostic& diagnostic : diagnostics) {
            if (diagnostic.is_error && fits(diagnostic)) {
                return &diagnostic;
            }
        }
        return nullptr;
    };
    const auto touches_folder = [&](const Diagnostic& error) {
        return error.place_below(folder) != nullptr;
    };
    const auto touches_judge = [&](const Diagnostic& error) {
        return error.place_of_judge(judge) != nullptr;
    };
    const auto is_in_folder = [&](const Diagnostic& error) {
        return error.place && error.place->below(folder);
    };
    const Diagnostic* const first = find([](const Diagnostic&) { return true; });
    if (first == nullptr) {
        return nullptr;
    }
    if (!touches_folder(*first) && !touches_judge(*first)) {
        const Diagnostic* const later = find(is_in_folder);
        return later != nullptr ? later : first;
    }
    const Diagnostic* const own = find(touches_folder);
    if (own == nullptr) {
        return find(touches_judge);
    }
    const Diagnostic* const syntax = find([&](const Diagnostic& error) {
        return is_in_folder(error) && error.message.compare(0, 9, "expected ") == 0;
    });
    return is_static_assertion(*own) && syntax != nullptr ? syntax : own;
}

const Diagnostic* first_warning(const std::vector<Diagnostic>& diagnostics,
                                std::string_view folder) {
    const auto warning =
        std::find_if(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& diagnostic) {
            return !diagnostic.is_error && diagnostic.place && diagnostic.place->below(folder);
        });
    return warning == diagnostics.end() ? nullptr : &*warning;
}

std::string excerpt(std::string_view source, const Place& place) {
    const std::string_view line = line_of(source, place.line);
    if (trimmed(line).empty()) {
        return {};
    }
    const auto column = static_cast<std::size_t>(place.column);
    // Compilers do not agree on how wide a tab is: then no mark is better than a wrong one.
    const std::string_view before = line.substr(0, column == 0 ? 0 : column - 1);
    std::string text;
    if (column != 0 && trimmed(before).empty() &&
        !trimmed(line_of(source, place.line - 1)).empty()) {
        // What is wrong with the first word of a line often is that the line above has no end.
        text += fmt::format("{:>5} | {}\n", place.line - 1, line_of(source, place.line - 1));
    }
    text += fmt::format("{:>5} | {}\n", place.line, line);
    if (column != 0 && column <= line.size() + 1 && before.find('\t') == before.npos) {
        text += fmt::format("{:>5} | {:>{}}\n", "", "^", column);
    }
    return text;
}

}  // namespace runner
