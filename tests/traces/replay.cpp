#include "replay.hpp"

#include "generate.hpp"
#include "resident.hpp"
#include "results.hpp"
#include "yardsticks.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string_view>

namespace traces {
namespace {

namespace fs = std::filesystem;

constexpr int seconds_to_prove = 60;
constexpr int seconds_to_fit = 120;
constexpr int seconds_to_time = 30;
constexpr int usage_error = 2;

struct Options {
    bool rows = false;
    bool times_only = false;
    std::size_t rounds = 5;
    std::uint64_t seed = 1;
    std::set<std::string> without;  // "trace:contender"
    std::string only_malloc;        // the name under which it is timed
    std::string heap;               // the file for the pictures
    std::vector<std::string> files;
};

/// Memory for a buffer, untouched; whoever forks has pages of his own.
class Memory {
public:
    explicit Memory(std::size_t size)
        : size_{size},
          first_{mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)} {
        if (first_ == MAP_FAILED) {
            throw TraceError{fmt::format("no memory for a buffer of {} bytes", size)};
        }
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { munmap(first_, size_); }

    std::span<std::byte> span() const { return {static_cast<std::byte*>(first_), size_}; }

private:
    std::size_t size_;
    void* first_;
};

/// More than any allocator should need.
std::size_t ample_buffer(const Trace& trace) {
    constexpr std::size_t page = 4096;
    return (4 * trace.peak_bytes() + 64 * 1024 + page - 1) / page * page;
}

/// The smallest buffer in which the trace succeeds, to a five hundredth. A larger one is not always
/// enough, as blocks fall differently; so some that are up to 3 % larger must be, too.
std::size_t smallest_buffer(const Contender& contender, const Trace& trace,
                            std::span<std::byte> ample) {
    constexpr std::size_t line = 64;
    const std::size_t grain = std::max(line, trace.peak_bytes() / 512 / line * line);
    Script script{trace};
    const auto fits = [&](std::size_t size) {
        return size >= ample.size() || contender.fits(script, ample.first(size));
    };
    std::size_t too_small = trace.peak_bytes() / line * line;
    while (true) {
        std::size_t enough = ample.size();
        while (enough - too_small > grain) {
            const std::size_t middle = too_small + (enough - too_small) / 2 / line * line;
            (fits(middle) ? enough : too_small) = middle;
        }
        const std::size_t found = enough;
        for (const std::size_t grains : {1U, 2U, 4U, 8U, 16U}) {
            if (!fits(found + grains * grain)) {
                too_small = found + grains * grain;
            }
        }
        if (too_small < found) {
            return found;
        }
    }
}

/// Prints lines, or keeps them for the tables.
class Driver {
public:
    Driver(const Options& options, const std::vector<Contender>& contenders)
        : options_{options}, contenders_{contenders} {
        if (!options_.heap.empty()) {
            heap_.reset(std::fopen(options_.heap.c_str(), "w"));
            if (heap_ == nullptr) {
                throw TraceError{fmt::format("cannot write {}", options_.heap)};
            }
            fmt::print(heap_.get(), "workshop-heap 1\n");
        }
    }

    void run(const std::vector<Trace>& traces) {
        for (const Trace& trace : traces) {
            emit({"trace", trace.name, std::to_string(trace.operations.size()),
                  std::to_string(trace.peak_bytes()), std::to_string(trace.peak_bytes(16))});
        }
        for (const Trace& trace : traces) {
            if (options_.times_only) {
                continue;
            }
            if (options_.only_malloc.empty()) {
                measure_use(trace);
            } else {
                measure_resident(trace, options_.only_malloc, yardstick, 0);
            }
        }
        for (std::size_t round = 0; round < options_.rounds; ++round) {
            for (const Trace& trace : traces) {
                if (options_.only_malloc.empty()) {
                    measure_times(trace, round);
                } else {
                    measure_other_malloc(trace);
                }
            }
        }
    }

    const Results& results() const { return results_; }

private:
    void emit(const std::vector<std::string>& fields) {
        const std::string line = fmt::format("{}", fmt::join(fields, "\t"));
        results_.add(line);
        if (options_.rows) {
            std::puts(line.c_str());
            std::fflush(stdout);
        }
    }

    /// Work for one contender on one trace. What goes wrong is noted, and ends it for good.
    std::string done(const Trace& trace, const char* contender, int seconds,
                     const std::function<std::string()>& work) {
        if (options_.without.contains(trace.name + ":" + contender) ||
            results_.failed(trace.name, contender)) {
            return {};
        }
        Report report = apart(work, seconds);
        if (report.fate == Fate::done) {
            return report.text;
        }
        std::replace(report.text.begin(), report.text.end(), '\t', ' ');
        emit({"failed", trace.name, contender, spoken(report.fate), report.text});
        return {};
    }

    void measure_use(const Trace& trace) {
        const Memory memory{ample_buffer(trace)};
        for (const Contender& contender : contenders_) {
            const std::string reach = done(trace, contender.name, seconds_to_prove, [&] {
                return std::to_string(contender.size + contender.prove(trace, memory.span()));
            });
            const std::string buffer = done(trace, contender.name, seconds_to_fit, [&] {
                return std::to_string(contender.size +
                                      smallest_buffer(contender, trace, memory.span()));
            });
            if (!buffer.empty()) {
                emit({"use", trace.name, contender.name, buffer, reach});
                const std::size_t bytes = std::stoull(buffer) - contender.size;
                measure_resident(trace, contender.name, contender.name, bytes);
                draw(trace, contender.name, bytes,
                     [&] { return contender.draw(trace, memory.span().first(bytes)); });
            }
        }
        const std::string reach = done(trace, yardstick, seconds_to_prove,
                                       [&] { return std::to_string(reach_of_malloc(trace)); });
        if (!reach.empty()) {
            emit({"use", trace.name, yardstick, "0", reach});
        }
        measure_resident(trace, yardstick, yardstick, 0);
        if (!reach.empty() && reach != "0") {
            draw(trace, yardstick, std::stoull(reach), [&] { return draw_malloc(trace); });
        }
    }

    /// `shown` is the name of what `contender` is, which another malloc may be.
    void measure_resident(const Trace& trace, const std::string& shown,
                          const std::string& contender, std::size_t bytes) {
        const std::string resident = done(trace, shown.c_str(), seconds_to_prove, [&] {
            return std::to_string(resident_bytes(trace, contender, bytes));
        });
        if (!resident.empty()) {
            emit({"resident", trace.name, shown, resident});
        }
    }

    /// Where a contender's blocks are, in a buffer of so many bytes.
    void draw(const Trace& trace, const char* contender, std::size_t bytes,
              const std::function<std::string()>& work) {
        if (heap_ != nullptr) {
            const std::string text = done(trace, contender, seconds_to_prove, work);
            fmt::print(heap_.get(), "heap\t{}\t{}\t{}\t{}\n{}", trace.name, contender, bytes,
                       trace.operations.size(), text);
            std::fflush(heap_.get());
        }
    }

    void measure_other_malloc(const Trace& trace) {
        const std::string time = done(trace, options_.only_malloc.c_str(), seconds_to_time,
                                      [&] { return fmt::format("{:.4f}", time_malloc(trace)); });
        if (!time.empty()) {
            emit({"other", trace.name, options_.only_malloc, time});
        }
    }

    void measure_times(const Trace& trace, std::size_t round) {
        const Memory memory{ample_buffer(trace)};
        const std::size_t count = contenders_.size() + 2;
        // Each begins once, so that none profits from its turn.
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t turn = (i + round) % count;
            const char* const name = turn == 0   ? yardstick
                                     : turn == 1 ? bare_loop
                                                 : contenders_[turn - 2].name;
            const std::string time = done(trace, name, seconds_to_time, [&] {
                const double nanoseconds = turn == 0 ? time_malloc(trace)
                                           : turn == 1
                                               ? time_loop(trace)
                                               : contenders_[turn - 2].time(trace, memory.span());
                return fmt::format("{:.4f}", nanoseconds);
            });
            if (!time.empty()) {
                emit({"time", trace.name, name, time});
            }
        }
    }

    const Options& options_;
    const std::vector<Contender>& contenders_;
    Results results_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> heap_{nullptr, std::fclose};
};

/// The word after words[at], as a number or as it is. Throws TraceError.
template <class Number>
Number number_after(const std::vector<std::string_view>& words, std::size_t& at) {
    const std::string_view name = words[at++];
    const std::string_view text = at < words.size() ? words[at] : std::string_view{};
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        throw TraceError{fmt::format("expected a number after {}", name)};
    }
    return number;
}

Options parse(const std::vector<std::string_view>& words) {
    Options options;
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--rows") {
            options.rows = true;
        } else if (words[at] == "--times-only") {
            options.times_only = true;
        } else if (words[at] == "--rounds") {
            options.rounds = number_after<std::size_t>(words, at);
        } else if (words[at] == "--seed") {
            options.seed = number_after<std::uint64_t>(words, at);
        } else if (words[at] == "--without" && at + 1 < words.size()) {
            options.without.emplace(words[++at]);
        } else if (words[at] == "--only-malloc" && at + 1 < words.size()) {
            options.only_malloc = words[++at];
        } else if (words[at] == "--heap" && at + 1 < words.size()) {
            options.heap = words[++at];
        } else if (words[at].substr(0, 1) == "-") {
            throw TraceError{
                fmt::format("expected --rows, --times-only, --only-malloc NAME, --rounds N, --seed "
                            "N, --without "
                            "TRACE:CONTENDER, --heap FILE or files; found {}",
                            words[at])};
        } else {
            options.files.emplace_back(words[at]);
        }
    }
    return options;
}

/// The files named, or else all of ours.
std::vector<Trace> load(const Options& options) {
    std::vector<Trace> traces;
    if (options.files.empty()) {
        traces = generate_all(options.seed);
        std::set<fs::path> recorded;
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator{RECORDED_FOLDER, error}) {
            if (entry.path().extension() == ".trace") {
                recorded.insert(entry.path());
            }
        }
        for (const fs::path& file : recorded) {
            traces.push_back(read_trace(file));
        }
    }
    for (const std::string& file : options.files) {
        traces.push_back(read_trace(file));
    }
    return traces;
}

}  // namespace

int replay_main(int count, char** words, const std::vector<Contender>& contenders) {
    try {
        if (count > 1 && words[1] == resident_word) {
            return measure_resident_bytes({words + 1, words + count}, contenders);
        }
        const Options options = parse({words + 1, words + count});
        Driver driver{options, contenders};
        driver.run(load(options));
        if (!options.rows) {
            std::fputs(render({{"", &driver.results()}}).c_str(), stdout);
        }
        return 0;
    } catch (const TraceError& error) {
        std::fprintf(stderr, "%s\n", error.what());
    } catch (const Wrong& wrong) {
        std::fprintf(stderr, "%s\n", wrong.why.c_str());
    }
    return usage_error;
}

}  // namespace traces
