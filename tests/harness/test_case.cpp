#include <harness/test_case.hpp>

#include <harness/crash_report.hpp>
#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/place.hpp>
#include <harness/story.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace harness {
namespace {

int record_descriptor = -1;

}  // namespace

void send_record_to(int descriptor) {
    record_descriptor = descriptor;
}

void end_case(const Verdict& verdict) {
    if (record_descriptor == -1) {
        fmt::print(stderr, "\n{}: {}\n\n{}\n", verdict.judge_place, verdict.summary, verdict.story);
        std::abort();  // the debugger stops here
    }
    const std::string line = to_line(verdict);
    std::size_t written = 0;
    while (written < line.size()) {
        const ssize_t size = write(record_descriptor, line.data() + written, line.size() - written);
        if (size <= 0) {
            break;
        }
        written += static_cast<std::size_t>(size);
    }
    _exit(0);
}

std::string current_place() {
    const Place place = Journal::current().place();
    return place.line == 0 ? "" : fmt::format("{}:{}", project_path(place.file), place.line);
}

std::string indented(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        result += fmt::format("  {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

void now_at(Place place) {
    Journal::current().set_place(place);
}

Place where() {
    return Journal::current().place();
}

void fail(const Failure& failure) {
    end_case({.kind = Kind::wrong,
              .summary = failure.summary,
              .story = failure.details,
              .judge_place = current_place()});
}

void to_do(const char* file, int line) {
    Journal::current().note_todo(file, line);
    end_case({.kind = Kind::to_do});
}

void wrong(const char* summary, Place place) {
    now_at(place);
    fail({summary, tell_story(Journal::current())});
}

}  // namespace harness
