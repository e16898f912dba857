// `workshop` alone: the map.

#include <fmt/format.h>

#include <algorithm>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "guide.hpp"
#include "interruption.hpp"
#include "progress.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

using harness::Colour;
using harness::paint;

/// The files that there is something to write in. The others of a step are given: they are the same
/// in the solution.
std::vector<std::string> files_to_edit(const Project& project, const Part& part) {
    const std::vector<std::string> all = project.files_of(part, Tree::learner);
    std::vector<std::string> files;
    for (const std::string& file : all) {
        const std::string solution = "solutions" + file.substr(file.find('/'));
        if (read_file(project.root / file) != read_file(project.root / solution)) {
            files.push_back(file);
        }
    }
    return files.empty() ? all : files;
}

std::string files_of(const Project& project, const Part& part) {
    std::string text;
    for (const std::string& file : files_to_edit(project, part)) {
        const std::string name = file.substr(file.rfind('/') + 1);
        text += (text.empty() ? "" : " ") + (text.empty() ? file : name);
    }
    return text;
}

std::string part_line(const Project& project, const PartProgress& progress, bool is_next,
                      std::size_t label_width, std::size_t topic_width) {
    const Part& part = *progress.part;
    const bool done = progress.all_done() && !progress.tasks.empty();
    const std::string mark = done ? "done" : is_next ? "next" : "";
    const Colour colour_of_mark = done ? Colour::green : Colour::yellow;
    return fmt::format("  {}  {:>{}}  {:<{}}  {:>2} of {:<2}  {}\n",
                       paint(colour_of_mark, fmt::format("{:4}", mark), colour()), part.label,
                       label_width, part.numbered() ? part.topic() : "extension", topic_width,
                       progress.done(), progress.tasks.size(), files_of(project, part));
}

std::string task_lines(const PartProgress& progress) {
    std::string text;
    for (const TaskProgress& task : progress.tasks) {
        const Colour colour_of_task = task.done()                          ? Colour::green
                                      : task.state == harness::Kind::to_do ? Colour::yellow
                                                                           : Colour::red;
        const std::string word = fmt::format("{:16}", harness::word(task.state));
        text +=
            fmt::format("          {}  {}\n", paint(colour_of_task, word, colour()), task.title);
    }
    return text;
}

std::string next_steps(const Project& project, const PartProgress& progress) {
    const Part& part = *progress.part;
    const TaskProgress* const task = progress.next();
    if (task == nullptr) {
        return {};
    }
    const std::string place = place_of_task(project, part, task->key());
    std::string text = paint(Colour::bold, "Next: " + task->title, colour()) + "\n";
    text += fmt::format("  read   steps/{}/README.md\n", part.folder);
    text += fmt::format("  edit   {}\n", place.empty() ? files_of(project, part) : place);
    text += fmt::format("  check  ./workshop test {}\n", task->key());
    text += fmt::format("  stuck? ./workshop hint {}\n", task->key());
    return text;
}

}  // namespace

int show_map(const Project& project) {
    show_progress("reading your progress from the tests ...");
    const std::vector<PartProgress> all = read_progress(project);
    if (interrupted() != 0) {
        return usage;
    }
    std::size_t done = 0;
    std::size_t total = 0;
    std::size_t label_width = 0;
    std::size_t topic_width = 0;
    for (const PartProgress& progress : all) {
        done += progress.done();
        total += progress.tasks.size();
        label_width = std::max(label_width, progress.part->label.size());
        topic_width =
            std::max(topic_width, progress.part->numbered() ? progress.part->topic().size()
                                                            : sizeof "extension" - 1);
    }
    const PartProgress* const next = next_part(all);
    std::string text = paint(Colour::bold, "Build a memory allocator", colour()) +
                       fmt::format(": {} of {} tasks done\n\n", done, total);
    for (const PartProgress& progress : all) {
        text += part_line(project, progress, &progress == next, label_width, topic_width);
        if (&progress == next) {
            text += task_lines(progress);
        }
    }
    text += '\n';
    text += next == nullptr ? "Everything is done.\n" : next_steps(project, *next);
    text += "\n`./workshop --help` shows all commands.\n";
    print(text);
    return green;
}

}  // namespace runner
