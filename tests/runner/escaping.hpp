// Text as the formats that `grade` writes want it.

#pragma once

#include <string>
#include <string_view>

namespace runner {

/// With U+FFFD in place of what is no UTF-8.
std::string valid_utf8(std::string_view text);

/// In quotation marks, as in RFC 8259.
std::string json_string(std::string_view text);

/// For the content of an element. Colours are taken out; what XML 1.0 has no place for becomes
/// U+FFFD.
std::string xml_text(std::string_view text);
/// The same for an attribute in double quotes, which keeps its line ends.
std::string xml_attribute(std::string_view text);

/// As in RFC 4180, in quotation marks where it needs them. Where a spreadsheet would take text for
/// a formula, an apostrophe stands before it.
std::string csv_field(std::string_view text);

/// For a line of a table: UTF-8, with a `?` in place of each control character.
std::string one_line(std::string_view text);

}  // namespace runner
