// Work done in a process of its own, so that whatever becomes of it costs no more than its result.

#pragma once

#include <functional>
#include <string>

namespace traces {

enum class Fate { done, to_do, wrong, crashed, hung };

struct Report {
    Fate fate = Fate::crashed;
    std::string text;  // what the work returned, or why there is nothing
};

/// What the work returns when it finds that something is wrong.
struct Wrong {
    std::string why;
};

/// Calls `work` in a child process, which gets that many seconds. It returns a text, or throws
/// Wrong. A todo() that is reached ends it.
Report apart(const std::function<std::string()>& work, int seconds);

/// "to do", "wrong" and so on.
std::string spoken(Fate fate);

}  // namespace traces
