#include "sections.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "text.hpp"

namespace runner {
namespace {

bool is_contract(std::string_view line) {
    return trimmed(line).substr(0, 3) == "///";
}

bool is_access(std::string_view line) {
    const std::string_view word = trimmed(line);
    return word == "public:" || word == "protected:" || word == "private:";
}

std::string contract_text(std::string_view line) {
    return std::string{trimmed(trimmed(line).substr(3))} + " ";
}

/// The part of a line behind `//`, or nothing.
std::string_view comment_of(std::string_view line) {
    const std::size_t start = line.find("//");
    return start == line.npos ? std::string_view{} : line.substr(start);
}

/// A digit or letter that a key is made of, as in "2.1" and "pool.3".
bool is_key_letter(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '.';
}

/// "TODO 2.1: what" -> "2.1".
std::string_view key_of_todo(std::string_view comment) {
    constexpr std::string_view word = "TODO ";
    const std::size_t start = comment.find(word);
    if (start == comment.npos) {
        return {};
    }
    std::string_view key = comment.substr(start + word.size());
    key = key.substr(0, static_cast<std::size_t>(
                            std::find_if_not(key.begin(), key.end(), is_key_letter) - key.begin()));
    while (!key.empty() && key.back() == '.') {
        key.remove_suffix(1);
    }
    return key.find('.') == key.npos ? std::string_view{} : key;
}

const Section* section_at(const std::vector<Section>& sections, int line) {
    for (const Section& section : sections) {
        if (section.first_line <= line && line <= section.last_line) {
            return &section;
        }
    }
    return nullptr;
}

bool names_task(const Section& section, std::string_view task) {
    const std::vector<std::string> tasks = tasks_in(section.text);
    return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

}  // namespace

std::vector<Section> sections_of(std::string_view header) {
    std::vector<Section> sections(1);
    int number = 0;
    bool in_contract = false;
    for (const std::string_view line : lines_of(header)) {
        ++number;
        if (is_contract(line)) {
            if (!in_contract) {
                sections.push_back({{}, number, number, {}});
            }
            sections.back().key += contract_text(line);
        } else if (is_access(line)) {
            sections.push_back({std::string{trimmed(line)}, number, number, {}});
        }
        in_contract = is_contract(line);
        sections.back().last_line = number;
        sections.back().text += std::string{line} + "\n";
    }
    std::map<std::string, int> seen;
    for (Section& section : sections) {
        const int times = ++seen[section.key];
        if (times > 1) {
            section.key += "#" + std::to_string(times);
        }
    }
    return sections;
}

std::string function_of(const Section& section) {
    for (std::string_view line : lines_of(section.text)) {
        line = line.substr(0, line.find("//"));
        if (trimmed(line).substr(0, 2) == "[[") {
            line.remove_prefix(std::min(line.size(), line.find("]]") + 2));
        }
        const std::size_t open = line.find('(');
        if (open != line.npos) {
            const std::string_view before = line.substr(0, open);
            const auto is_letter = [](char letter) { return is_key_letter(letter); };
            const auto begin = std::find_if_not(before.rbegin(), before.rend(), is_letter).base();
            return std::string{begin, before.end()};
        }
        if (line.find_first_of("{};") != line.npos) {
            break;  // a class, or a variable
        }
    }
    return {};
}

std::optional<int> todo_line(std::string_view text, std::string_view task) {
    int number = 0;
    for (const std::string_view line : lines_of(text)) {
        ++number;
        if (key_of_todo(comment_of(line)) == task) {
            return number;
        }
    }
    return std::nullopt;
}

int count_todo_calls(std::string_view text) {
    int count = 0;
    for (std::string_view line : lines_of(text)) {
        line = line.substr(0, line.find("//"));
        for (std::size_t at = line.find("todo"); at != line.npos; at = line.find("todo", at + 4)) {
            const bool starts = at == 0 || !is_key_letter(line[at - 1]);
            const char next = at + 4 < line.size() ? line[at + 4] : ' ';
            count += starts && (next == '(' || next == '<') ? 1 : 0;
        }
    }
    return count;
}

std::vector<std::string> tasks_in(std::string_view text) {
    std::vector<std::string> tasks;
    for (const std::string_view line : lines_of(text)) {
        const std::string_view key = key_of_todo(comment_of(line));
        if (!key.empty() && std::find(tasks.begin(), tasks.end(), key) == tasks.end()) {
            tasks.emplace_back(key);
        }
    }
    return tasks;
}

std::vector<Section> sections_of_task(std::string_view text, std::string_view starter,
                                      std::string_view task) {
    const std::vector<Section> in_starter = sections_of(starter);
    std::vector<Section> found;
    for (Section& section : sections_of(text)) {
        const auto same =
            std::find_if(in_starter.begin(), in_starter.end(),
                         [&](const Section& other) { return other.key == section.key; });
        if (same != in_starter.end() && names_task(*same, task)) {
            found.push_back(std::move(section));
        }
    }
    return found;
}

std::string task_at(std::string_view text, std::string_view starter, int line) {
    const std::vector<Section> sections = sections_of(text);
    const Section* const section = section_at(sections, line);
    if (section == nullptr) {
        return {};
    }
    for (const Section& other : sections_of(starter)) {
        if (other.key == section->key) {
            const std::vector<std::string> tasks = tasks_in(other.text);
            // "SAFETY: TODO 2.5" stands beside the task whose code it is about, which comes first.
            return tasks.empty() ? std::string{} : tasks.front();
        }
    }
    return {};
}

}  // namespace runner
