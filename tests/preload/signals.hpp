// Handlers of ours that the program does not see.

#pragma once

#include <signal.h>

namespace preload {

/// sigaction(2) itself.
int real_sigaction(int signal, const struct sigaction* action, struct sigaction* old) noexcept;

/// Installs a handler for the signals of a crash, where nobody else wants them. A program that asks
/// finds the default action there, and its own handlers take the place of ours.
void hide_handlers(const struct sigaction& action) noexcept;

}  // namespace preload
