// What the judges of step 3 share.

#pragma once

#include <bridges/tracking.hpp>

#include <harness/assertions.hpp>
#include <harness/explorer.hpp>

#include <cstddef>

using bridge::layout;
using bridge::Layout;
using bridge::Place;
using bridge::Stats;
using bridge::Upstream;
using harness::Play;
using std::size_t;

/// `Made<bridge::Tracker, bridge::counting> tracked{upstream};`, then `tracked->allocate(...)`.
template <class T, bridge::Owner<T> (&make)(Upstream&)>
class Made : public bridge::Owner<T> {
public:
    explicit Made(Upstream& upstream) : bridge::Owner<T>{make(upstream)} {}
};
