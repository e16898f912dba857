// Small helpers for text and files.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// The whole file; nullopt where it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path);

/// Replaces the file in one step, so that a reader sees the old or the new one. Throws Problem.
void write_file(const std::filesystem::path& path, std::string_view text);

/// The lines, without their line ends ("\n" or "\r\n").
std::vector<std::string_view> lines_of(std::string_view text);

std::string_view trimmed(std::string_view text);

/// The words between blanks.
std::vector<std::string_view> words_of(std::string_view text);

/// The pieces between the signs, also empty ones; at least one.
std::vector<std::string_view> split(std::string_view text, char sign);

/// "one, two, three".
std::string listed(const std::vector<std::string>& words);

/// Line `number` of the text, counted from 1; empty where there is none.
std::string_view line_of(std::string_view text, int number);

/// True when `text` holds `key` ("2.1") and no digit or letter belongs to it on either side: "2.1"
/// is not in "2.10" nor in "12.1".
bool mentions_key(std::string_view text, std::string_view key);

}  // namespace runner
