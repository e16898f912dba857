#include "text.hpp"

#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <memory>

#include "problem.hpp"

namespace runner {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

bool is_word_letter(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        return std::nullopt;
    }
    const File file{std::fopen(path.c_str(), "rb"), std::fclose};
    if (file == nullptr) {
        return std::nullopt;
    }
    std::string text;
    char piece[16384];
    while (const std::size_t count = std::fread(piece, 1, sizeof piece, file.get())) {
        text.append(piece, count);
    }
    return text;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::path temporary = path;
    temporary += ".new-" + std::to_string(getpid());
    File file{std::fopen(temporary.c_str(), "wb"), std::fclose};
    bool written =
        file != nullptr && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
    if (file != nullptr) {
        written = std::fclose(file.release()) == 0 && written;
    }
    std::error_code error;
    if (written) {
        std::filesystem::rename(temporary, path, error);
    }
    if (!written || error) {
        std::filesystem::remove(temporary, error);
        throw Problem{"Cannot write " + path.string() +
                      "; is the folder writable and the disk not full?"};
    }
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        lines.push_back(line);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return lines;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char sign) {
    std::vector<std::string_view> pieces;
    for (std::size_t end = text.find(sign); end != text.npos; end = text.find(sign)) {
        pieces.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    pieces.push_back(text);
    return pieces;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!(text = trimmed(text)).empty()) {
        const std::size_t end = text.find_first_of(" \t");
        words.push_back(text.substr(0, end));
        text.remove_prefix(words.back().size());
    }
    return words;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string_view line_of(std::string_view text, int number) {
    const std::vector<std::string_view> lines = lines_of(text);
    const auto index = static_cast<std::size_t>(number) - 1;
    return number >= 1 && index < lines.size() ? lines[index] : std::string_view{};
}

bool mentions_key(std::string_view text, std::string_view key) {
    for (std::size_t at = text.find(key); at != text.npos; at = text.find(key, at + 1)) {
        const std::size_t end = at + key.size();
        const bool starts = at == 0 || (!is_word_letter(text[at - 1]) && text[at - 1] != '.');
        // A full stop behind the key ends a sentence, unless a digit follows.
        const bool ends = end == text.size() || !is_word_letter(text[end]);
        const bool longer =
            end + 1 < text.size() && text[end] == '.' && is_word_letter(text[end + 1]);
        if (starts && ends && !longer) {
            return true;
        }
    }
    return false;
}

}  // namespace runner
