#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../harness/report.hpp"
#include "text.hpp"

namespace runner {
namespace {

bool progress_shown = false;

bool is_dumb() {
    const char* const terminal = std::getenv("TERM");
    return terminal == nullptr || std::string_view{terminal} == "dumb";
}

void hide_progress() {
    if (progress_shown) {
        std::fputs("\r\x1b[K", stdout);
        progress_shown = false;
    }
}

std::size_t terminal_width() {
    winsize size = {};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col : 80;
}

}  // namespace

bool is_terminal() {
    return isatty(STDOUT_FILENO) == 1 && !is_dumb();
}

bool colour() {
    return harness::wants_colour(STDOUT_FILENO);
}

void print(std::string_view text) {
    hide_progress();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void print_error(std::string_view text) {
    hide_progress();
    std::fflush(stdout);
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void show_progress(std::string_view text) {
    if (is_terminal()) {
        hide_progress();
        // A line that is too long would wrap, and could not be taken away.
        const std::string_view shown = text.substr(0, terminal_width() - 1);
        std::fwrite(shown.data(), 1, shown.size(), stdout);
        std::fflush(stdout);
        progress_shown = true;
    }
}

void clear_screen() {
    hide_progress();
    print(is_terminal() ? "\x1b[H\x1b[2J\x1b[3J" : "\n----\n\n");
}

bool can_ask() {
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

bool ask(std::string_view question) {
    print(std::string{question} + " [y/N] ");
    std::string answer;
    for (int letter = std::getchar(); letter != EOF && letter != '\n'; letter = std::getchar()) {
        answer += static_cast<char>(letter);
    }
    const std::string_view word = trimmed(answer);
    return word == "y" || word == "Y" || word == "yes" || word == "Yes";
}

}  // namespace runner
