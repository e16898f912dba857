// Step 4: another size for a block, whatever allocator it came from.
//
//   [ a a a a | free . . . ]   in place, where the allocator can     [ a a a a a a | free . ]
//   [ a a a a | b b | free ]   otherwise into a block of its own     [ free . | b b | a a .. ]
//
// See CONCEPTS.md, "Growing a block".

#pragma once

#include <alignment.hpp>
#include <layer.hpp>
#include <todo.hpp>

#include <cstring>

namespace workshop {

/// Returns a block of the layout `to` that begins with the content of `block`, up to the smaller of
/// the two sizes; `block` is given back, or it is the block that is returned. When there is no
/// room: nullptr, and `block` is as it was. A `block` that is nullptr has no content.
template <Allocator A>
[[nodiscard]] void* reallocate(A& allocator, void* block, Layout from, Layout to,
                               Place place = Place::here()) noexcept {
    // TODO 4.9: try it in place, where the allocator has try_resize; otherwise allocate, copy, and
    // give back.
    todo<void>(allocator, place);
    return todo<void*>(block, from, to);
}

}  // namespace workshop
