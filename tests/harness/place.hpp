// Where a judge is, and how it says that something is wrong.

#pragma once

namespace harness {

/// A line of a judge. As a default argument it is the line of the call.
struct Place {
    const char* file;
    int line;

    static constexpr Place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
        return {file, line};
    }
};

/// Ends the test case as wrong, with the story so far.
[[noreturn]] void wrong(const char* summary, Place place = Place::here());

/// Remembers where the judge is, for a crash or a finding of the shadow model.
void now_at(Place place);

/// Where it is: the latest that was told.
Place where();

/// The same for a placeholder that is a comment and no todo(): ends the case as *to do*.
[[noreturn]] void to_do(const char* file, int line);

}  // namespace harness
