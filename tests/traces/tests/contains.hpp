// What the tests ask of tables.

#pragma once

#include <string_view>

namespace traces_tests {

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

}  // namespace traces_tests
