// Ctrl-C and the other ways to be asked to stop.

#pragma once

namespace runner {

/// From here on SIGINT, SIGTERM and SIGHUP are only remembered, so that our children can be ended.
void watch_for_interruption();

/// Signals do again what they did when we started; for the program that we become.
void stop_watching_for_interruption();

/// The signal that came, or 0.
int interrupted() noexcept;

/// From here on as if none had come: what is left to do gets done, unless another one comes.
void forget_interruption() noexcept;

}  // namespace runner
