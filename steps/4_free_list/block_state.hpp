// Step 4: the words in which an allocator tells how its buffer is divided.
//
// Every allocator that can offers `for_each_block(f)`. It calls `f(offset, size, state)` for piece
// after piece, in bytes from the start of the buffer, lowest first: the pieces tile the whole
// buffer, with no gap and no overlap, and none is empty. See CONCEPTS.md, "Seeing the heap".

#pragma once

namespace workshop {

/// What a piece of the buffer is.
///   free      a block that can be handed out; what is free and adjacent is one piece, unless the
///             design has a reason for keeping it apart.
///   live      blocks that are handed out, with the headers and padding that go with them; an
///             allocator need not know where one of them ends and the next begins.
///   overhead  serves no block: tables, sentinels, bytes at either end too few to use.
enum class BlockState { free, live, overhead };

}  // namespace workshop
