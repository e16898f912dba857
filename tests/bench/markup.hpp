// What a character is written as in SVG, HTML and XML.

#pragma once

#include <string_view>

namespace bench {

/// The entity that stands for a character with a meaning of its own; empty for all others.
constexpr std::string_view entity_of(char letter) {
    switch (letter) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        default:
            return {};
    }
}

}  // namespace bench
