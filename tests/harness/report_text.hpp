// What a report of step 3 says, whatever its columns.

#pragma once

#include <harness/function_ref.hpp>
#include <harness/own.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace harness {

class ReportText {
public:
    ReportText();
    ReportText(const ReportText&) = delete;
    ReportText& operator=(const ReportText&) = delete;
    ~ReportText();

    /// The report of `tracked`; calls `meanwhile()` at each piece of it.
    template <class Tracker>
    HARNESS_OWN explicit ReportText(const Tracker& tracked, FunctionRef<> meanwhile = {})
        : ReportText{} {
        tracked.report(Writer{*this, meanwhile});
    }

    /// What there is where a number is missing.
    static constexpr std::size_t none = SIZE_MAX;

    /// The number of that index in the line that begins with this word.
    std::size_t number(std::string_view word, std::size_t index) const;

    /// The lines of size classes: those that begin with a digit. A bar is made of '#'.
    std::size_t bars() const;
    std::size_t number_of_bar(std::size_t bar, std::size_t index) const;
    std::size_t length_of_bar(std::size_t bar) const;

    /// The lines of live blocks: those that begin with '#'.
    std::size_t blocks() const;
    std::size_t number_of_block(std::size_t block, std::size_t index) const;
    bool block_ends_with(std::size_t block, std::string_view text) const;
    bool block_contains(std::size_t block, std::string_view text) const;

    bool ends_with_line_end() const;

    friend bool operator==(const ReportText& left, const ReportText& right);

private:
    struct Writer {
        HARNESS_OWN void operator()(std::string_view piece) const {
            if (meanwhile) {
                meanwhile();
            }
            text.add(piece);
        }
        ReportText& text;
        FunctionRef<> meanwhile;
    };

    void add(std::string_view piece);

    struct State;
    State* state_;
};

}  // namespace harness
