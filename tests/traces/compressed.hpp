// Text in compressed files, with zlib where it is installed.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace traces {

/// True when the bytes begin as those of a file that gzip made.
bool is_compressed(std::string_view bytes);

/// The text in such a file. Throws TraceError, with the name of the file, where the bytes are
/// damaged or zlib is missing.
std::string unpacked(std::string_view bytes, const std::string& file);

/// A file that is written piece by piece; compressed when its name ends with .gz.
class Output {
public:
    /// Throws TraceError.
    explicit Output(const std::filesystem::path& file);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output();

    void write(std::string_view text);

    /// Writes what is left. Throws TraceError where anything could not be written.
    void finish();

private:
    std::string name_;
    void* plain_ = nullptr;   // a std::FILE
    void* packed_ = nullptr;  // a gzFile
    bool failed_ = false;
};

}  // namespace traces
