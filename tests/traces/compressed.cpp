#include "compressed.hpp"

#include "trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#ifdef WORKSHOP_ZLIB
#include <zlib.h>
#endif

namespace traces {
namespace {

[[noreturn]] void fail(const std::string& file, std::string_view why) {
    throw TraceError{fmt::format("{}: {}", file, why)};
}

#ifndef WORKSHOP_ZLIB
constexpr std::string_view zlib_is_missing =
    "expected zlib (package zlib1g-dev) to be installed, as the file is compressed: "
    "`./workshop --yes` installs it";
#endif

}  // namespace

bool is_compressed(std::string_view bytes) {
    return bytes.substr(0, 2) == "\x1f\x8b";
}

#ifdef WORKSHOP_ZLIB

std::string unpacked(std::string_view bytes, const std::string& file) {
    constexpr int window_of_gzip = 15 + 16;
    z_stream stream = {};
    if (inflateInit2(&stream, window_of_gzip) != Z_OK) {
        fail(file, "no memory to unpack it");
    }
    std::string source{bytes};
    stream.next_in = reinterpret_cast<Bytef*>(source.data());
    stream.avail_in = static_cast<uInt>(source.size());
    std::string text;
    int state = Z_OK;
    while (state == Z_OK) {
        char piece[65536];
        stream.next_out = reinterpret_cast<Bytef*>(piece);
        stream.avail_out = sizeof piece;
        state = inflate(&stream, Z_NO_FLUSH);
        text.append(piece, sizeof piece - stream.avail_out);
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END) {
        fail(file, "expected a file that gzip can unpack; it is damaged, or its end is missing");
    }
    return text;
}

#else

std::string unpacked(std::string_view, const std::string& file) {
    fail(file, zlib_is_missing);
}

#endif

Output::Output(const std::filesystem::path& file) : name_{file.string()} {
    if (file.extension() == ".gz") {
#ifdef WORKSHOP_ZLIB
        packed_ = gzopen(name_.c_str(), "wb");
#else
        fail(name_, zlib_is_missing);
#endif
    } else {
        plain_ = std::fopen(name_.c_str(), "w");
    }
    if (plain_ == nullptr && packed_ == nullptr) {
        fail(name_, std::strerror(errno));
    }
}

Output::~Output() {
    try {
        finish();
    } catch (const TraceError&) {
        // Whoever wants to know calls finish().
    }
}

void Output::write(std::string_view text) {
    if (plain_ != nullptr) {
        failed_ |= std::fwrite(text.data(), 1, text.size(), static_cast<std::FILE*>(plain_)) !=
                   text.size();
    }
#ifdef WORKSHOP_ZLIB
    if (packed_ != nullptr) {
        failed_ |= gzwrite(static_cast<gzFile>(packed_), text.data(),
                           static_cast<unsigned>(text.size())) != static_cast<int>(text.size());
    }
#endif
}

void Output::finish() {
    if (plain_ != nullptr) {
        failed_ |= std::fclose(static_cast<std::FILE*>(plain_)) != 0;
        plain_ = nullptr;
    }
#ifdef WORKSHOP_ZLIB
    if (packed_ != nullptr) {
        failed_ |= gzclose(static_cast<gzFile>(packed_)) != Z_OK;
        packed_ = nullptr;
    }
#endif
    if (failed_) {
        failed_ = false;
        fail(name_, "could not be written to its end; is the disk full?");
    }
}

}  // namespace traces
