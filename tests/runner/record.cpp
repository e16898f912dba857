// `workshop record -o FILE -- PROGRAM ARGS`: runs the program with a library in front of its malloc
// that notes each call, and makes a trace of the notes.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "judging.hpp"
#include "problem.hpp"
#include "process.hpp"
#include "real_program.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* recorder_target = "tests/preload/libworkshop_recorder.so";
constexpr const char* converter_target = "tests/preload/trace_of";

/// A folder for what is noted, gone at the end.
class NoteFolder {
public:
    NoteFolder() {
        std::string pattern = (fs::temp_directory_path() / "workshop-record-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw Problem{fmt::format("No folder for what is noted, in {}: {}.",
                                      fs::temp_directory_path().string(), std::strerror(errno))};
        }
        path_ = pattern;
    }
    NoteFolder(const NoteFolder&) = delete;
    NoteFolder& operator=(const NoteFolder&) = delete;
    ~NoteFolder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }

    const fs::path& path() const { return path_; }

    /// The notes of each process: of PROCESS.0, PROCESS.1 and so on the last, as a process may
    /// become another program.
    std::map<long, fs::path> notes() const {
        std::map<long, std::pair<long, fs::path>> last;
        for (const fs::directory_entry& entry : fs::directory_iterator{path_}) {
            const long process = std::atol(entry.path().stem().c_str());
            const long number = std::atol(entry.path().extension().c_str() + 1);
            last[process] = std::max(last[process], {number, entry.path()});
        }
        std::map<long, fs::path> result;
        for (const auto& [process, numbered] : last) {
            result[process] = numbered.second;
        }
        return result;
    }

private:
    fs::path path_;
};

/// Starts the program and waits for its end. Signals that a terminal sends reach both of us, and we
/// only remember them.
int run_recorded(Preloaded program, pid_t& process) {
    process = fork();
    if (process < 0) {
        throw Problem{fmt::format("No process for the program: {}.", std::strerror(errno))};
    }
    if (process == 0) {
        program.environment.emplace_back("WORKSHOP_RECORD_PROCESS", std::to_string(getpid()));
        try {
            become(program);
        } catch (const Problem& problem) {
            print_error(std::string{problem.what()} + "\n");
            _exit(usage);
        }
    }
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// The command line, as one types it in a shell.
std::string spoken(const std::vector<std::string>& command) {
    std::string text;
    for (const std::string& word : command) {
        const bool plain =
            !word.empty() && word.find_first_of(" \t\n'\"\\$`*?[]{}()<>|&;#~!") == word.npos;
        std::string shown = plain ? word : "'";
        for (std::size_t i = 0; !plain && i < word.size(); ++i) {
            shown += word[i] == '\'' ? "'\\''" : word[i] == '\n' ? " " : std::string{word[i]};
        }
        text += (text.empty() ? "" : " ") + shown + (plain ? "" : "'");
    }
    return text;
}

/// What stands in the first line of the trace.
std::string comment(const RecordOptions& options) {
    std::string text = spoken(options.command);
    if (!options.program.empty()) {
        text += fmt::format(", its process {}", options.program);
    }
    if (options.first != 0) {
        text += fmt::format(", the first {} operations", options.first);
    }
    return text;
}

fs::path chosen_notes(const RecordOptions& options, const NoteFolder& folder, pid_t process) {
    const std::map<long, fs::path> notes = folder.notes();
    const auto found = options.program.empty() ? notes.find(process) : notes.begin();
    if (found == notes.end()) {
        throw Problem{options.program.empty()
                          ? "The program noted nothing: it ended before it allocated, or could not "
                            "write to the folder for temporary files."
                          : fmt::format("No process of the name {} was started.", options.program)};
    }
    return found->second;
}

/// To be known before the program has done its work.
void check_output(const std::string& output) {
    const fs::path folder = fs::absolute(output).parent_path();
    if (!fs::is_directory(folder)) {
        throw Problem{fmt::format("There is no folder {} for {}.", folder.string(), output)};
    }
}

void build(const Project& project) {
    show_progress("building the recorder ...");
    const auto output = build_targets(project, {recorder_target, converter_target});
    if (!output) {
        return;
    }
    if (output->find("unknown target") != output->npos) {
        throw Problem{"`record` is for Linux with glibc; on this system it is off."};
    }
    throw Problem{fmt::format("The recorder does not build; ninja says:\n{}", *output)};
}

}  // namespace

int record(const Project& project, const RecordOptions& options) {
    Preloaded program{options.command, (project.build / recorder_target).string(), {}};
    check(program);
    check_output(options.output);
    build(project);
    print("");
    const NoteFolder folder;
    program.environment.emplace_back("WORKSHOP_RECORD_FOLDER", folder.path().string());
    if (!options.program.empty()) {
        program.environment.emplace_back("WORKSHOP_RECORD_PROGRAM", options.program);
    }
    pid_t process = 0;
    const int status = run_recorded(program, process);

    Command converting;
    converting.arguments = {(project.build / converter_target).string(),
                            chosen_notes(options, folder, process).string(), options.output,
                            std::to_string(options.first), comment(options)};
    const Outcome outcome = run_program(std::move(converting));
    if (!outcome.success()) {
        throw Problem{outcome.output.empty() ? outcome.ending()
                                             : std::string{trimmed(outcome.output)}};
    }
    print_error(fmt::format("{}: {} operations\n", options.output, trimmed(outcome.output)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace runner
