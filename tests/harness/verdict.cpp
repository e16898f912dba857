#include "verdict.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>

namespace harness {
namespace {

constexpr std::array<std::string_view, 8> words = {
    "done", "to do", "wrong", "crashed", "hung", "out of memory", "does not compile", "not run"};

constexpr std::size_t field_count = 9;
constexpr std::string_view remark_word = "remark";

void append_escaped(std::string& line, std::string_view field) {
    for (const char letter : field) {
        switch (letter) {
            case '\t':
                line += "\\t";
                break;
            case '\n':
                line += "\\n";
                break;
            case '\\':
                line += "\\\\";
                break;
            default:
                line += letter;
        }
    }
}

/// nullopt for an escape that to_line never writes.
std::optional<std::string> unescaped(std::string_view field) {
    std::string text;
    for (std::size_t at = 0; at < field.size(); ++at) {
        if (field[at] != '\\') {
            text += field[at];
            continue;
        }
        if (++at == field.size()) {
            return std::nullopt;
        }
        switch (field[at]) {
            case 't':
                text += '\t';
                break;
            case 'n':
                text += '\n';
                break;
            case '\\':
                text += '\\';
                break;
            default:
                return std::nullopt;
        }
    }
    return text;
}

std::optional<Kind> kind_of(std::string_view text) {
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == text) {
            return static_cast<Kind>(at);
        }
    }
    return std::nullopt;
}

template <std::size_t count>
std::optional<std::array<std::string, count>> fields_of(std::string_view line) {
    std::array<std::string, count> fields;
    for (std::size_t at = 0; at < count; ++at) {
        const std::size_t tab = line.find('\t');
        if ((tab == line.npos) != (at + 1 == count)) {
            return std::nullopt;
        }
        std::optional<std::string> field = unescaped(line.substr(0, tab));
        if (!field) {
            return std::nullopt;
        }
        fields[at] = std::move(*field);
        line.remove_prefix(tab == line.npos ? line.size() : tab + 1);
    }
    return fields;
}

template <class Fields>
std::string joined(const Fields& fields) {
    std::string line;
    for (const std::string_view field : fields) {
        if (!line.empty()) {
            line += '\t';
        }
        append_escaped(line, field);
    }
    return line;
}

}  // namespace

std::string_view word(Kind kind) noexcept {
    return words[static_cast<std::size_t>(kind)];
}

std::string_view Verdict::task() const noexcept {
    const std::string_view title = suite;
    return title.substr(0, title.find(' '));
}

std::string to_line(const Verdict& verdict) {
    const std::string milliseconds = std::to_string(verdict.milliseconds);
    const std::array<std::string_view, field_count> fields = {
        word(verdict.kind),  verdict.suite,         verdict.hint,
        verdict.name,        verdict.summary,       verdict.story,
        verdict.judge_place, verdict.learner_place, milliseconds};
    return joined(fields);
}

std::optional<Verdict> from_line(std::string_view line) {
    auto fields = fields_of<field_count>(line);
    if (!fields) {
        return std::nullopt;
    }
    auto& [kind_word, suite, hint, name, summary, story, judge_place, learner_place, time] =
        *fields;
    const std::optional<Kind> kind = kind_of(kind_word);
    long milliseconds = 0;
    const char* const end = time.data() + time.size();
    if (!kind || std::from_chars(time.data(), end, milliseconds).ptr != end || time.empty()) {
        return std::nullopt;
    }
    Verdict verdict;
    verdict.suite = std::move(suite);
    verdict.hint = std::move(hint);
    verdict.name = std::move(name);
    verdict.kind = *kind;
    verdict.summary = std::move(summary);
    verdict.story = std::move(story);
    verdict.judge_place = std::move(judge_place);
    verdict.learner_place = std::move(learner_place);
    verdict.milliseconds = milliseconds;
    return verdict;
}

Remark kills_remark(Kills kills) {
    return {"all", "kills",
            std::to_string(kills.caught) + " of " + std::to_string(kills.bugs) + "\n"};
}

std::optional<Kills> kills_in(const Remark& remark) {
    Kills kills;
    if (remark.about != "kills" ||
        std::sscanf(remark.text.c_str(), "%zu of %zu", &kills.caught, &kills.bugs) != 2) {
        return std::nullopt;
    }
    return kills;
}

std::string to_line(const Remark& remark) {
    return joined(
        std::array<std::string_view, 4>{remark_word, remark.task, remark.about, remark.text});
}

std::optional<Remark> remark_from_line(std::string_view line) {
    auto fields = fields_of<4>(line);
    if (!fields || (*fields)[0] != remark_word) {
        return std::nullopt;
    }
    auto& [kind, task, about, text] = *fields;
    return Remark{std::move(task), std::move(about), std::move(text)};
}

}  // namespace harness
