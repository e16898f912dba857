// What was measured of a part as a page: one file, no scripts, nothing from the network.

#pragma once

#include <string>
#include <vector>

#include "findings.hpp"
#include "heap.hpp"

namespace bench {

/// The heaps of one tree.
struct TreeHeaps {
    std::string heading;
    std::vector<Heap> heaps;
};

std::string page_of(const Findings& findings, const std::vector<TreeHeaps>& heaps);

}  // namespace bench
