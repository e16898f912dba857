#include "real_program.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <type_traits>

#include "interruption.hpp"
#include "problem.hpp"
#include "text.hpp"

namespace runner {
namespace {

using ElfHeader = std::conditional_t<sizeof(void*) == 8, Elf64_Ehdr, Elf32_Ehdr>;
using ElfSegment = std::conditional_t<sizeof(void*) == 8, Elf64_Phdr, Elf32_Phdr>;

constexpr int most_interpreters = 4;  // of scripts whose interpreter is a script; as the kernel

bool is_executable(const std::string& file) {
    struct stat status = {};
    return stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           access(file.c_str(), X_OK) == 0;
}

template <class T>
std::optional<T> read_at(std::ifstream& file, std::streamoff offset) {
    T value;
    file.seekg(offset);
    file.read(reinterpret_cast<char*>(&value), sizeof value);
    return file ? std::optional{value} : std::nullopt;
}

/// "/bin/sh" of "#!/bin/sh -e"; empty where the file is no script.
std::string interpreter_of(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::string line;
    std::getline(in, line);
    if (line.substr(0, 2) != "#!") {
        return {};
    }
    const std::vector<std::string_view> words = words_of(std::string_view{line}.substr(2));
    return words.empty() ? std::string{} : std::string{words.front()};
}

/// The kind of machine that this program itself was compiled for.
std::optional<ElfHeader> own_header() {
    std::ifstream in{"/proc/self/exe", std::ios::binary};
    return read_at<ElfHeader>(in, 0);
}

bool asks_for_dynamic_linker(std::ifstream& in, const ElfHeader& header) {
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto offset =
            static_cast<std::streamoff>(header.e_phoff) + std::streamoff{header.e_phentsize} * i;
        const std::optional<ElfSegment> segment = read_at<ElfSegment>(in, offset);
        if (segment && segment->p_type == PT_INTERP) {
            return true;
        }
    }
    return false;
}

/// True when the program runs with other rights than ours: the dynamic linker is careful then.
bool gains_rights(const std::string& file) {
    struct stat status = {};
    if (stat(file.c_str(), &status) != 0) {
        return false;
    }
    const bool other_user = (status.st_mode & S_ISUID) != 0 && status.st_uid != getuid();
    const bool other_group = (status.st_mode & S_ISGID) != 0 && status.st_gid != getgid();
    const bool capabilities =
        getuid() != 0 && getxattr(file.c_str(), "security.capability", nullptr, 0) > 0;
    return other_user || other_group || capabilities;
}

std::string why_not_preloadable(const std::string& file, int interpreters) {
    if (const std::string interpreter = interpreter_of(file); !interpreter.empty()) {
        if (interpreters == 0 || !is_executable(interpreter)) {
            return fmt::format("{} is a script for {}, which cannot be run.", file, interpreter);
        }
        return why_not_preloadable(interpreter, interpreters - 1);
    }
    std::ifstream in{file, std::ios::binary};
    const std::optional<ElfHeader> header = read_at<ElfHeader>(in, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        return fmt::format(
            "{} is no program: expected an ELF file, or a script that begins with #!.", file);
    }
    const std::optional<ElfHeader> own = own_header();
    if (own && (header->e_ident[EI_CLASS] != own->e_ident[EI_CLASS] ||
                header->e_machine != own->e_machine)) {
        return fmt::format("{} is a program for another kind of machine than the workshop.", file);
    }
    if (!asks_for_dynamic_linker(in, *header)) {
        return fmt::format(
            "{} is linked statically: its malloc is part of it, and no other can be put in front.",
            file);
    }
    if (gains_rights(file)) {
        return fmt::format(
            "{} runs with the rights of another user (setuid, setgid or capabilities), so the "
            "dynamic linker puts nothing in front of its malloc.",
            file);
    }
    return {};
}

/// What LD_PRELOAD is to be: ours before others.
std::string preload_list(const std::string& library) {
    const char* const others = std::getenv("LD_PRELOAD");
    return others == nullptr || *others == '\0' ? library : library + ":" + others;
}

}  // namespace

std::string find_program(const std::string& word) {
    if (word.find('/') != word.npos) {
        if (access(word.c_str(), F_OK) != 0) {
            throw Problem{fmt::format("There is no file {}.", word)};
        }
        if (!is_executable(word)) {
            throw Problem{fmt::format("{} is no program: it is not executable.", word)};
        }
        return word;
    }
    const char* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
    while (true) {
        const std::size_t colon = rest.find(':');
        const std::string folder{rest.substr(0, colon)};
        const std::string file = (folder.empty() ? "." : folder) + "/" + word;
        if (!word.empty() && is_executable(file)) {
            return file;
        }
        if (colon == rest.npos) {
            throw Problem{fmt::format("There is no program `{}` on the PATH.", word)};
        }
        rest.remove_prefix(colon + 1);
    }
}

std::string why_not_preloadable(const std::string& file) {
    return why_not_preloadable(file, most_interpreters);
}

void check(const Preloaded& program) {
    const std::string obstacle = why_not_preloadable(find_program(program.command.front()));
    if (!obstacle.empty()) {
        throw Problem{obstacle};
    }
    if (program.library.find_first_of(" :") != program.library.npos) {
        throw Problem{
            fmt::format("LD_PRELOAD cannot name {}, as it has a blank or a colon in it; another "
                        "build folder helps: WORKSHOP_BUILD=FOLDER ./workshop run ...",
                        program.library)};
    }
}

void become(const Preloaded& program) {
    const std::string file = find_program(program.command.front());
    std::vector<std::string> words = program.command;
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    for (const auto& [name, value] : program.environment) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    setenv("LD_PRELOAD", preload_list(program.library).c_str(), 1);
    // The launcher's: a `./workshop` that the program starts finds its own.
    unsetenv("WORKSHOP_ROOT");
    unsetenv("WORKSHOP_BUILD");
    stop_watching_for_interruption();
    execv(file.c_str(), arguments.data());
    throw Problem{fmt::format("{} could not be started: {}.", file, std::strerror(errno))};
}

}  // namespace runner
