// Makes races between threads likely.

#pragma once

namespace suite {

/// From now on the subjects for several threads give up the processor now and then, in the middle
/// of what they do. Not while they are at work.
void set_unrest(bool on);

}  // namespace suite
