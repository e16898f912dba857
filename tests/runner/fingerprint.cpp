#include "fingerprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <set>

#include "../harness/report.hpp"
#include "bugs.hpp"
#include "judge_source.hpp"
#include "text.hpp"

namespace runner {
namespace {

using harness::Kind;
using harness::Verdict;

// Measured with each of the 334 planted bugs as the learner's mistake: 287 are found. Each left out
// of the table in turn, 29 are taken for another one, nearly all of them for one next to it: of
// best fit, that it takes the largest block and not the last one.
constexpr double least_likeness = 0.9;
constexpr double least_lead = 0.2;
constexpr std::size_t enough_cases = 3;  // that fail; of fewer, it must be half of what a bug fails

constexpr std::string_view sometimes = "sometimes -";

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_hexadecimal(char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'f');
}

/// An address, and a number of four digits or more: they differ from run to run, or with what the
/// learner keeps in a block. Small ones say which mistake it is.
bool is_left_out(std::string_view number) {
    return number.substr(0, 2) == "0x" || number.size() > 3;
}

/// The end of the number that begins at `at`, or `at` where none does.
std::size_t end_of_number(std::string_view text, std::size_t at) {
    std::size_t end = at;
    if (text.substr(at, 2) == "0x" && at + 2 < text.size() && is_hexadecimal(text[at + 2])) {
        for (end = at + 2; end < text.size() && is_hexadecimal(text[end]); ++end) {
        }
        return end;
    }
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    return end;
}

Fate fate_of(const Verdict& verdict) {
    const bool wrong = verdict.kind == Kind::wrong;
    return fmt::format("{} {}", harness::word(verdict.kind),
                       wrong ? shape_of(verdict.summary) : std::string{"-"});
}

bool is_failure(Kind kind) {
    return kind == Kind::wrong || kind == Kind::crashed || kind == Kind::hung ||
           kind == Kind::out_of_memory;
}

CaseKey key_of(const Verdict& verdict) {
    return {std::string{verdict.task()}, verdict.name};
}

/// The fields between tabs.
std::vector<std::string_view> split_at_tabs(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t tab = line.find('\t');
        fields.push_back(line.substr(0, tab));
        if (tab == line.npos) {
            return fields;
        }
        line.remove_prefix(tab + 1);
    }
}

/// "2.1 3fa2 wrong: size 0 is served as 1".
std::optional<std::pair<CaseKey, Fate>> parse_case(std::string_view text) {
    const std::size_t first = text.find(' ');
    const std::size_t second = first == text.npos ? first : text.find(' ', first + 1);
    const std::size_t colon = second == text.npos ? second : text.find(": ", second + 1);
    if (colon == text.npos) {
        return std::nullopt;
    }
    return std::pair{CaseKey{text.substr(0, first), text.substr(colon + 2)},
                     fmt::format("{} {}", text.substr(second + 1, colon - second - 1),
                                 text.substr(first + 1, second - first - 1))};
}

/// All that is known where these cases were run.
Failures failures_of(const Project& project, const Part& part,
                     const std::vector<Verdict>& verdicts) {
    Failures failures;
    for (const JudgeSource& source : read_judges(project, part)) {
        for (const Suite& suite : source.suites) {
            for (const std::string& name : suite.cases) {
                failures.judges[{suite.task(), name}] = source.judge;
                failures.unknown[{suite.task(), name}] = true;
            }
        }
    }
    for (const Verdict& verdict : verdicts) {
        if (is_failure(verdict.kind)) {
            failures.failing[key_of(verdict)] = fate_of(verdict);
        }
        if (is_failure(verdict.kind) || verdict.kind == Kind::done) {
            failures.unknown.erase(key_of(verdict));
        }
    }
    return failures;
}

std::string symptom_of(const Project& project, const Part& part, const std::string& bug) {
    const std::optional<std::string> text =
        read_file(project.root / "tests/bugs" / part.folder / (bug + ".diff"));
    return parse_bug(bug, text.value_or(std::string{})).symptom;
}

}  // namespace

std::string shape_of(std::string_view summary) {
    std::string text;
    for (std::size_t at = 0; at < summary.size();) {
        const std::size_t end = std::max(end_of_number(summary, at), at + 1);
        const std::string_view piece = summary.substr(at, end - at);
        text += is_left_out(piece) ? "#" : piece;
        at = end;
    }
    std::uint32_t value = 2166136261U;  // FNV-1a
    for (const char letter : text) {
        value = (value ^ static_cast<unsigned char>(letter)) * 16777619U;
    }
    return fmt::format("{:04x}", (value >> 16U) ^ (value & 0xFFFFU));
}

std::vector<Fingerprint> parse_fingerprints(std::string_view text, std::string_view part) {
    std::vector<Fingerprint> fingerprints;
    for (const std::string_view line : lines_of(text)) {
        const std::vector<std::string_view> fields = split_at_tabs(line);
        if (fields.size() < 4 || fields[0] != part) {
            continue;
        }
        Fingerprint fingerprint{std::string{part}, std::string{fields[1]}, {}, {}};
        for (const std::string_view judge : words_of(fields[2])) {
            fingerprint.judges.emplace_back(judge);
        }
        for (std::size_t at = 3; at < fields.size(); ++at) {
            if (auto entry = parse_case(fields[at])) {
                fingerprint.failing.insert(std::move(*entry));
            }
        }
        fingerprints.push_back(std::move(fingerprint));
    }
    return fingerprints;
}

double likeness(const Failures& failures, const Fingerprint& fingerprint) {
    std::set<CaseKey> cases;
    for (const auto& [key, fate] : failures.failing) {
        const auto judge = failures.judges.find(key);
        if (judge != failures.judges.end() &&
            std::count(fingerprint.judges.begin(), fingerprint.judges.end(), judge->second) != 0) {
            cases.insert(key);
        }
    }
    for (const auto& [key, fate] : fingerprint.failing) {
        if (failures.unknown.count(key) == 0) {
            cases.insert(key);
        }
    }
    std::size_t alike = 0;
    std::size_t all = 0;
    for (const CaseKey& key : cases) {
        const auto ours = failures.failing.find(key);
        const auto theirs = fingerprint.failing.find(key);
        const bool in_both = ours != failures.failing.end() && theirs != fingerprint.failing.end();
        if (theirs != fingerprint.failing.end() && theirs->second == sometimes) {
            continue;
        }
        ++all;
        alike += in_both && ours->second == theirs->second ? 1 : 0;
    }
    return all == 0 ? 0.0 : static_cast<double>(alike) / static_cast<double>(all);
}

std::vector<std::string> suspects(const Failures& failures,
                                  const std::vector<Fingerprint>& fingerprints,
                                  const CaseKey& shown) {
    std::vector<std::pair<double, const Fingerprint*>> all;
    for (const Fingerprint& fingerprint : fingerprints) {
        all.emplace_back(likeness(failures, fingerprint), &fingerprint);
    }
    double best = 0.0;
    for (const auto& [alike, fingerprint] : all) {
        best = std::max(best, alike);
    }
    std::vector<std::string> names;
    for (const auto& [alike, fingerprint] : all) {
        if (alike <= best - least_lead) {
            continue;
        }
        // A bug of which too little was tried, or one that is only near: then nothing is clear.
        const auto tried = std::count_if(
            fingerprint->failing.begin(), fingerprint->failing.end(),
            [&](const auto& entry) { return failures.unknown.count(entry.first) == 0; });
        const auto count = static_cast<std::size_t>(tried);
        const bool enough = count >= enough_cases || 2 * count >= fingerprint->failing.size();
        if (alike < least_likeness || !enough || fingerprint->failing.count(shown) == 0) {
            return {};
        }
        names.push_back(fingerprint->bug);
    }
    return names;
}

std::string guess_at(const Project& project, const Part& part,
                     const std::vector<Verdict>& verdicts) {
    const Verdict* const shown = harness::first_to_mend(verdicts);
    if (shown == nullptr || !is_failure(shown->kind)) {
        return {};
    }
    const std::string table =
        read_file(project.root / "tests/bugs/fingerprints.txt").value_or(std::string{});
    std::set<std::string> symptoms;
    for (const std::string& bug :
         suspects(failures_of(project, part, verdicts), parse_fingerprints(table, part.folder),
                  key_of(*shown))) {
        symptoms.insert(symptom_of(project, part, bug));
    }
    if (symptoms.size() != 1 || symptoms.begin()->empty()) {
        return {};
    }
    return harness::wrapped("This is how it looks when " + *symptoms.begin() + ".", 0);
}

}  // namespace runner
