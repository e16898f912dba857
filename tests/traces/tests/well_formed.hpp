// What the tests ask of SVG and HTML.

#pragma once

#include "contains.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace traces_tests {

inline std::size_t count(std::string_view text, std::string_view part) {
    std::size_t number = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
        ++number;
    }
    return number;
}

/// Each element that is opened is closed, in order; no attribute is left open.
inline bool well_formed(std::string_view text) {
    std::vector<std::string> open;
    for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
        const std::size_t end = text.find('>', at);
        const std::string_view tag = text.substr(at + 1, end - at - 1);
        const std::string name{tag.substr(0, tag.find_first_of(" \n/", 1))};
        const auto is_void = [&](std::string_view other) { return name == other; };
        const std::initializer_list<std::string_view> voids{"meta", "img", "br"};
        if (tag.front() == '?' || tag.front() == '!' || tag.back() == '/' ||
            std::any_of(voids.begin(), voids.end(), is_void)) {
            continue;
        }
        if (tag.front() == '/') {
            if (open.empty() || "/" + open.back() != tag) {
                return false;
            }
            open.pop_back();
        } else {
            open.push_back(name);
        }
    }
    return open.empty() && !contains(text, "nan\"") && !contains(text, "nan ") &&
           !contains(text, "inf\"");
}

}  // namespace traces_tests
