#include "escaping.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "../bench/markup.hpp"
#include "../harness/report.hpp"

namespace runner {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// The bytes of the code point at the beginning of `text`; 0 where there is none. Table 3-7 of the
/// Unicode Standard: nothing overlong, no surrogates, at most U+10FFFF.
std::size_t code_point_length(std::string_view text) {
    const unsigned char first = byte_at(text, 0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) {
        return 0;
    }
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte_at(text, at) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    const unsigned char second = byte_at(text, 1);
    const bool out_of_range = (first == 0xE0 && second < 0xA0) ||
                              (first == 0xED && second > 0x9F) ||
                              (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return out_of_range ? 0 : length;
}

bool is_control(char letter) {
    return static_cast<unsigned char>(letter) < 0x20;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t length = code_point_length(text);
        result += length == 0 ? replacement : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

std::string json_string(std::string_view text) {
    std::string result = "\"";
    for (const char letter : valid_utf8(text)) {
        if (letter == '"' || letter == '\\') {
            result += '\\';
            result += letter;
        } else if (letter == '\n') {
            result += "\\n";
        } else if (letter == '\t') {
            result += "\\t";
        } else if (is_control(letter)) {
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
        } else {
            result += letter;
        }
    }
    return result + '"';
}

std::string xml_text(std::string_view text) {
    std::string result;
    for (const char letter : valid_utf8(harness::without_colour(text))) {
        const bool has_no_place = is_control(letter) && letter != '\n' && letter != '\t';
        const std::string_view entity = has_no_place ? replacement : bench::entity_of(letter);
        result += entity.empty() ? std::string_view{&letter, 1} : entity;
    }
    // The two code points at the end of the plane are no characters of XML.
    for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
        for (std::size_t at = result.find(none); at != result.npos; at = result.find(none, at)) {
            result.replace(at, none.size(), replacement);
        }
    }
    return result;
}

std::string xml_attribute(std::string_view text) {
    std::string result;
    for (const char letter : xml_text(text)) {
        // As they are, a reader takes them for blanks.
        result += letter == '\n'   ? std::string{"&#10;"}
                  : letter == '\t' ? std::string{"&#9;"}
                                   : std::string{letter};
    }
    return result;
}

std::string one_line(std::string_view text) {
    std::string result = valid_utf8(harness::without_colour(text));
    for (char& letter : result) {
        letter = is_control(letter) || letter == '\x7f' ? '?' : letter;
    }
    return result;
}

std::string csv_field(std::string_view text) {
    std::string field = valid_utf8(text);
    if (!field.empty() &&
        std::string_view{"=+-@\t\r"}.find(field.front()) != std::string_view::npos) {
        field.insert(0, 1, '\'');
    }
    if (field.find_first_of(",\"\r\n") == field.npos) {
        return field;
    }
    std::string quoted = "\"";
    for (const char letter : field) {
        quoted += letter;
        if (letter == '"') {
            quoted += '"';
        }
    }
    return quoted + '"';
}

}  // namespace runner
