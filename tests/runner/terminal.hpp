// Where we print to: colour, and lines that go away, only where a terminal shows them.

#pragma once

#include <string_view>

namespace runner {

bool is_terminal();
bool colour();

/// Prints at once.
void print(std::string_view text);
void print_error(std::string_view text);

/// Shows what is going on until the next print(); nothing where there is no terminal.
void show_progress(std::string_view text);

/// Empties the screen; a line between two runs where there is no terminal.
void clear_screen();

/// Asks on the terminal; true for "y" and "yes". Ask only where can_ask().
bool ask(std::string_view question);
bool can_ask();

}  // namespace runner
