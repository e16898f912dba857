// Makes races between threads likely.

#pragma once

namespace suite {

/// From now on the subjects for several threads give up the processor now and then, in the middle
/// of what they do; at other places in each attempt. Not while they are at work.
void set_unrest(bool on, unsigned attempt = 0);

}  // namespace suite
