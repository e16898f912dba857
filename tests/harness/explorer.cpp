#include <harness/explorer.hpp>

#include <harness/crash_report.hpp>
#include <harness/failure.hpp>
#include <harness/fiber.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harness {
namespace {

constexpr unsigned setup = 0;     // the thread that is not explored
constexpr unsigned patience = 3;  // looks at what has not changed, before a thread must wait
constexpr std::size_t any_size = SIZE_MAX;
constexpr std::size_t idle_limit = 1000;  // steps of which none changes anything

char letter(unsigned thread) {
    return static_cast<char>('a' + thread - 1);
}

std::string who(unsigned thread) {
    return thread == setup ? "the judge" : std::string{letter(thread)};
}

bool acquires(std::memory_order order) {
    return order != std::memory_order_relaxed && order != std::memory_order_release;
}

bool releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

void join(VectorClock& clock, const VectorClock& other) {
    for (unsigned i = 0; i <= max_explored_threads; ++i) {
        clock.at[i] = std::max(clock.at[i], other.at[i]);
    }
}

/// A line of the ladder.
struct Event {
    enum class What : std::uint8_t { step, waits, reads, writes, gets, gives, note };

    What what = What::step;
    unsigned thread = setup;
    AtomicStep step{};
    const char* text = "";
    std::size_t number = 0;  // of the block; 0 when there is none
    Place place{"", 0};
};

/// What a thread has read. Where nothing orders the load behind the store, real memory may have
/// given it an older value.
struct Look {
    AtomicStep step;
    std::size_t number;  // of the step
    bool ordered;
    std::size_t write_step;
    int write_line;
};

struct Thread {
    enum class State : std::uint8_t { ready, waiting, finished };

    Fiber fiber;
    void (*call)(void*) = nullptr;
    void* self = nullptr;

    State state = State::finished;
    const void* waits_for = nullptr;
    AtomicStep blocked_at{};
    VectorClock clock;
    std::vector<Look> looks;
    unsigned stale_looks = 0;
    bool resting = false;  // it looked in vain, and nothing has changed since
};

/// A point at which there was more than one way to go on. Way 0 is to let the thread continue.
struct Decision {
    unsigned way;
    unsigned ways;
    std::size_t step;  // the number of the step that comes next
    char name;         // the thread that was let go, or '!' for a weak exchange that failed
};

}  // namespace

struct Explorer {
    // One search.
    ExploreRules rules;
    std::vector<Decision> path;
    std::string asked;  // the schedule to play alone
    std::size_t schedules = 0;
    std::optional<Failure> doubt;  // told when no schedule fails

    // One schedule.
    std::array<Thread, max_explored_threads + 1> threads;
    unsigned current = setup;
    unsigned previous = setup;  // who ran before
    unsigned thread_count = 0;
    bool running = false;
    unsigned bound = 0;
    unsigned deviations = 0;
    std::size_t decisions = 0;
    std::size_t steps = 0;
    std::size_t last_change = 0;
    std::size_t switched_at = 0;  // the number of the step before the last switch
    std::vector<Event> events;

    Thread& now() { return threads[current]; }

    // ---- Decisions -----------------------------------------------------------------------------

    /// One of `ways`, as this schedule wants it; `names` has a letter for each.
    unsigned decide(unsigned ways, const char* names) {
        if (ways <= 1) {
            return 0;
        }
        unsigned way = 0;
        if (!asked.empty()) {
            for (unsigned i = 0; i < ways; ++i) {
                if (is_asked(names[i])) {
                    way = i;
                }
            }
            path.push_back({way, ways, steps + 1, names[way]});
        } else if (decisions < path.size()) {
            path[decisions].name = names[path[decisions].way];
            way = path[decisions].way;
        } else {
            path.push_back({0, ways, steps + 1, names[0]});
        }
        ++decisions;
        return way;
    }

    bool is_asked(char name) const {
        const std::string wanted = fmt::format(".{}{}.", steps + 1, name);
        return fmt::format(".{}.", asked).find(wanted) != std::string::npos;
    }

    /// Goes on to the next schedule; false when there is none.
    bool advance() {
        while (!path.empty() && path.back().way + 1 == path.back().ways) {
            path.pop_back();
        }
        if (path.empty()) {
            return false;
        }
        ++path.back().way;
        return true;
    }

    std::string name() const {
        std::string text;
        for (std::size_t i = 0; i < std::min(decisions, path.size()); ++i) {
            if (path[i].way != 0) {
                text += fmt::format("{}{}{}", text.empty() ? "" : ".", path[i].step, path[i].name);
            }
        }
        return text.empty() ? "0" : text;
    }

    // ---- Switching -----------------------------------------------------------------------------

    /// Lets another thread go on, or this one; called before each step.
    void schedule() {
        std::array<unsigned, max_explored_threads> ways{};
        std::array<char, max_explored_threads> names{};
        unsigned count = 0;
        const auto offer = [&](unsigned thread) {
            ways[count] = thread;
            names[count] = letter(thread);
            ++count;
        };
        const bool goes_on = now().state == Thread::State::ready && !now().resting && current != 0;
        if (goes_on) {
            offer(current);
        }
        // A thread that was let go does one step at least: to stop it before that would be the same
        // as not to let it go.
        if (!goes_on || (deviations < bound && steps != switched_at)) {
            for (unsigned thread = 1; thread <= thread_count; ++thread) {
                if (thread != current && threads[thread].state == Thread::State::ready &&
                    !threads[thread].resting) {
                    offer(thread);
                }
            }
        }
        if (count == 0) {
            switch_to(next_resting());
            return;
        }
        const unsigned way = decide(count, names.data());
        deviations += goes_on && way != 0 ? 1 : 0;
        switch_to(ways[way]);
    }

    /// Everybody who could go on has looked in vain: in turn, each looks again.
    unsigned next_resting() {
        for (unsigned i = 1; i <= thread_count; ++i) {
            const unsigned thread = (current + i - 1) % thread_count + 1;
            if (threads[thread].state == Thread::State::ready) {
                return thread;
            }
        }
        for (unsigned thread = 1; thread <= thread_count; ++thread) {
            if (threads[thread].state == Thread::State::waiting) {
                fail("nobody can go on: " + who_waits(), threads[thread].blocked_at.place);
            }
        }
        return setup;
    }

    void switch_to(unsigned next) {
        if (next == current) {
            return;
        }
        Thread& from = now();
        previous = current;
        current = next;
        switched_at = steps;
        from.fiber.switch_to(threads[next].fiber,
                             previous != setup && from.state == Thread::State::finished);
    }

    [[noreturn]] static void main_of_fiber();

    void start(unsigned number) {
        Thread& thread = threads[number];
        thread.fiber.prepare(main_of_fiber);
        thread.state = Thread::State::ready;
        thread.stale_looks = 0;
        thread.resting = false;
        thread.looks.clear();
        thread.clock = threads[setup].clock;
        thread.clock.at[number] += 1;
    }

    void begin_schedule() {
        deviations = 0;
        decisions = 0;
        steps = 0;
        last_change = 0;
        events.clear();
        threads[setup].clock = {};
        threads[setup].clock.at[setup] = 1;
    }

    // ---- What happens --------------------------------------------------------------------------

    void count_step() {
        steps += 1;
        now().clock.at[current] += 1;
        if (!running) {
            return;
        }
        if (steps - last_change > idle_limit) {
            fail("nobody gets any further: " + who_waits(), now().blocked_at.place);
        }
        if (steps > rules.steps) {
            fail(fmt::format("after {} steps the threads are still not through", rules.steps),
                 now().blocked_at.place);
        }
    }

    void changed() {
        last_change = steps;
        for (Thread& thread : threads) {
            thread.resting = false;
            thread.stale_looks = 0;
        }
    }

    void note_look(const AtomicStep& step) {
        AtomicState& state = *step.state;
        const bool changes = step.wrote && step.before.bits != step.after.bits;
        if (changes || step.kind == AtomicKind::notify) {
            state.version += 1;
            changed();
        } else if (step.read) {
            const bool in_vain = state.seen[current] == state.version && !step.spurious;
            now().stale_looks = in_vain ? now().stale_looks + 1 : 0;
            now().resting = running && now().stale_looks >= patience;
            state.seen[current] = state.version;
        }
    }

    void update_clocks(const AtomicStep& step) {
        if (step.read && acquires(step.order)) {
            join(now().clock, step.state->released);
        }
        if (step.wrote && releases(step.order)) {
            if (!step.read) {
                step.state->released = {};
            }
            join(step.state->released, now().clock);
        } else if (step.wrote && !step.read) {
            step.state->released = {};  // ends the release sequence
        }
    }

    /// Notes what was read, and who has stored.
    void note_value(const AtomicStep& step) {
        AtomicState& state = *step.state;
        if (running && step.kind == AtomicKind::compare_exchange && step.wrote) {
            look_for_doubt(step);
        } else if (running && step.read && !step.wrote) {
            const bool ordered = state.write_time <= now().clock.at[state.writer];
            now().looks.push_back({step, steps, ordered, state.write_step, state.write_line});
        }
        if (step.wrote) {
            state.writer = current;
            state.write_time = now().clock.at[current];
            state.write_step = running ? steps : 0;
            state.write_line = step.place.line;
        }
    }

    /// An exchange confirms what was read of its own object, not what was read of others since. So
    /// what it writes must not come from a load that might have read an older value: one that was
    /// there to be read already, with no order that says that it must be.
    void look_for_doubt(const AtomicStep& exchange) {
        const std::vector<Look>& looks = now().looks;
        const auto confirmed = std::find_if(looks.rbegin(), looks.rend(), [&](const Look& look) {
            return look.step.state == exchange.state;
        });
        if (confirmed == looks.rend() || doubt) {
            return;
        }
        const std::uint64_t written = exchange.after.bits;
        for (auto look = looks.rbegin(); look != confirmed; ++look) {
            const std::uint64_t read = look->step.before.bits;
            const bool taken =
                written == read || (written & UINT32_MAX) == read || written >> 32 == read;
            if (taken && !look->ordered && look->write_step < confirmed->number) {
                tell_doubt(*look, exchange);
                return;
            }
        }
    }

    void add(Event::What what, const AtomicStep& step) {
        if (running) {
            events.push_back({what, current, step, "", 0, step.place});
        }
    }

    void add(Event::What what, const char* text, std::size_t number, Place place) {
        if (running) {
            events.push_back({what, current, {}, text, number, place});
        }
    }

    void block(const AtomicStep& step, const void* object) {
        now().state = Thread::State::waiting;
        now().waits_for = object;
        now().blocked_at = step;
        add(Event::What::waits, step);
        schedule();
    }

    void wake(const void* object) {
        for (Thread& thread : threads) {
            if (thread.state == Thread::State::waiting && thread.waits_for == object) {
                thread.state = Thread::State::ready;
            }
        }
    }

    // ---- Telling -------------------------------------------------------------------------------

    std::string who_waits();
    std::string ladder();
    void tell_doubt(const Look& look, const AtomicStep& exchange);
    [[noreturn]] void fail(const std::string& summary, Place place);
};

namespace {

Explorer* explorer = nullptr;  // while a search is on

Explorer& active() {
    if (explorer == nullptr) {
        wrong("the judge uses an explored atomic outside of explore()");
    }
    return *explorer;
}

// ---- Names and values --------------------------------------------------------------------------

/// The lines of a source file; empty when it cannot be read.
const std::vector<std::string>& lines_of(const char* path) {
    static std::vector<std::pair<std::string, std::vector<std::string>>> files;
    for (const auto& [name, lines] : files) {
        if (name == path) {
            return lines;
        }
    }
    std::vector<std::string> lines;
    std::ifstream in{path};
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return files.emplace_back(path, std::move(lines)).second;
}

bool is_word(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Where the expression that ends before `end` begins: `a.b_[c]` and the like.
std::size_t expression_before(std::string_view line, std::size_t end) {
    std::size_t at = end;
    int depth = 0;
    while (at > 0) {
        const char c = line[at - 1];
        if (c == ']' || c == ')') {
            ++depth;
        } else if (c == '[' || c == '(') {
            if (depth-- == 0) {
                break;
            }
        } else if (depth == 0 && !is_word(c) && c != '.') {
            break;
        }
        --at;
    }
    return at;
}

std::string_view method(AtomicKind kind) {
    switch (kind) {
        case AtomicKind::load:
        case AtomicKind::wait:
            return "load";
        case AtomicKind::store:
            return "store";
        case AtomicKind::exchange:
            return "exchange";
        case AtomicKind::compare_exchange:
            return "compare_exchange";
        case AtomicKind::fetch:
            return "fetch";
        default:
            return "";
    }
}

/// What the source calls the object of this step.
std::string name_of(const AtomicStep& step) {
    if (step.kind == AtomicKind::lock || step.kind == AtomicKind::unlock ||
        step.kind == AtomicKind::try_lock) {
        return "the mutex";
    }
    const std::vector<std::string>& lines = lines_of(step.place.file);
    const auto number = static_cast<std::size_t>(step.place.line);
    for (std::size_t i = number; i + 3 > number && i > 0; --i) {
        if (i > lines.size()) {
            break;
        }
        const std::string& line = lines[i - 1];
        for (const std::string_view word : {method(step.kind), std::string_view{"wait"}}) {
            const std::size_t at = line.find(fmt::format(".{}", word));
            if (at != std::string::npos) {
                const std::size_t first = expression_before(line, at);
                return line.substr(first, at - first);
            }
        }
    }
    return "the atomic";
}

std::string half(std::uint64_t bits) {
    const auto low = static_cast<std::uint32_t>(bits);
    return low == UINT32_MAX ? "~0" : fmt::format("{}", low);
}

std::string text_of(const AtomicValue& value) {
    using Shape = AtomicValue::Shape;
    if (value.shape == Shape::boolean) {
        return value.bits != 0 ? "true" : "false";
    }
    if (value.shape == Shape::address) {
        return value.bits == 0 ? "null" : fmt::format("{:#x}", value.bits);
    }
    const bool negative = value.bits > UINT64_MAX / 2;
    if (value.shape == Shape::number && value.size == 8 && negative) {
        return fmt::format("-{}, wrapped", 0 - value.bits);
    }
    if (value.shape == Shape::number) {
        return value.size <= 4 ? half(value.bits) : fmt::format("{}", value.bits);
    }
    if (value.shape == Shape::pair) {
        return value.bits == UINT64_MAX
                   ? "~0"
                   : fmt::format("{{{}, {}}}", half(value.bits), half(value.bits >> 32));
    }
    return half(value.bits);
}

std::string_view text_of(std::memory_order order) {
    switch (order) {
        case std::memory_order_relaxed:
            return "relaxed";
        case std::memory_order_release:
            return "release";
        case std::memory_order_acq_rel:
            return "acq_rel";
        case std::memory_order_seq_cst:
            return "seq_cst";
        default:
            return "acquire";
    }
}

std::string text_of(const AtomicStep& step) {
    const std::string name = name_of(step);
    const std::string before = text_of(step.before);
    const std::string after = text_of(step.after);
    const std::string_view order = text_of(step.order);
    switch (step.kind) {
        case AtomicKind::lock:
            return "takes the mutex";
        case AtomicKind::unlock:
            return "gives the mutex back";
        case AtomicKind::try_lock:
            return step.failed ? "finds the mutex taken" : "takes the mutex";
        case AtomicKind::notify:
            return fmt::format("notifies {}", name);
        case AtomicKind::store:
            return fmt::format("{} = {}, {}", name, after, order);
        case AtomicKind::load:
        case AtomicKind::wait:
            return fmt::format("{} is {}, {}", name, before, order);
        default:
            break;
    }
    if (step.spurious) {
        return fmt::format("{} is {}, but the weak exchange fails, {}", name, before, order);
    }
    if (step.failed) {
        return fmt::format("{} is {}: exchange fails, {}", name, before, order);
    }
    return fmt::format("{}: {} -> {}, {}", name, before, after, order);
}

/// Blocks are A, B, C and so on, in the order in which they were first seen: a number could be
/// taken for an index of the learner's own.
char block_letter(std::size_t number) {
    return static_cast<char>('A' + number - 1);
}

/// "counter", "the bytes of block B".
std::string numbered(const char* name, std::size_t number) {
    return number == 0 ? name : fmt::format("{} {}", name, block_letter(number));
}

/// What is wrong with handing out a block to `thread`, while `holder` holds another or the same.
std::string overlap_text(unsigned thread, bool same, std::size_t number, std::size_t other_number,
                         unsigned holder) {
    const char block = block_letter(number);
    if (thread == setup && holder == setup) {
        return same ? fmt::format(
                          "block {} is on the list twice: in the end, when all blocks are "
                          "taken once more, it comes a second time",
                          block)
                    : fmt::format(
                          "in the end, when all blocks are taken once more, block {} "
                          "overlaps block {}",
                          block, block_letter(other_number));
    }
    return same ? fmt::format("block {} is handed to {} while {} still holds it", block,
                              who(thread), who(holder))
                : fmt::format("block {}, handed to {}, overlaps block {}, which {} still holds",
                              block, who(thread), block_letter(other_number), who(holder));
}

/// False for a step of an operator, such as ++: it knows no line of the source.
bool has_line(const Event& event) {
    return project_path(event.place.file) != "tests/harness/explorer.hpp";
}

std::string text_of(const Event& event) {
    switch (event.what) {
        case Event::What::step:
            return has_line(event) ? fmt::format("{:>4}  {}", event.place.line, text_of(event.step))
                                   : fmt::format("      {}", text_of(event.step));
        case Event::What::waits:
            return fmt::format("{:>4}  waits for {}", event.place.line, name_of(event.step));
        case Event::What::reads:
            return fmt::format("      reads {}", numbered(event.text, event.number));
        case Event::What::writes:
            return fmt::format("      writes {}", numbered(event.text, event.number));
        case Event::What::gets:
            return fmt::format("      gets block {}", block_letter(event.number));
        case Event::What::gives:
            return fmt::format("      gives block {} back", block_letter(event.number));
        case Event::What::note:
            break;
    }
    return fmt::format("      {}", event.text);
}

// ---- The ladder --------------------------------------------------------------------------------

/// The file in which most steps are.
std::string main_file(const std::vector<Event>& events) {
    std::vector<std::string> files;
    for (const Event& event : events) {
        if (event.what == Event::What::step && has_line(event)) {
            files.push_back(project_path(event.place.file));
        }
    }
    std::string best;
    for (const std::string& file : files) {
        if (std::count(files.begin(), files.end(), file) >
            std::count(files.begin(), files.end(), best)) {
            best = file;
        }
    }
    return best;
}

std::string draw_ladder(const std::vector<Event>& events, unsigned threads) {
    constexpr std::size_t longest = 200;  // lines; of a livelock the end is enough
    const std::size_t first = events.size() > longest ? events.size() - longest : 0;
    std::vector<std::string> texts;
    std::array<std::size_t, max_explored_threads + 2> width{};
    for (std::size_t i = first; i < events.size(); ++i) {
        texts.push_back(text_of(events[i]));
        width[events[i].thread] = std::max(width[events[i].thread], texts.back().size() + 3);
    }
    std::string text = "  step  ";
    for (unsigned thread = 1; thread <= threads; ++thread) {
        text += fmt::format("{:<{}}", fmt::format("line  {}", letter(thread)), width[thread]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += first == 0 ? "\n" : "\n  ...\n";
    std::size_t number = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& event = events[i];
        number += event.what == Event::What::step ? 1 : 0;
        if (i < first) {
            continue;
        }
        std::size_t indent = 0;
        for (unsigned thread = 1; thread < event.thread; ++thread) {
            indent += width[thread];
        }
        text += fmt::format("  {:>4}  {:{}}{}\n",
                            event.what == Event::What::step ? fmt::format("{}", number) : "", "",
                            indent, texts[i - first]);
    }
    return text;
}

}  // namespace

std::string Explorer::who_waits() {
    std::string text;
    for (unsigned thread = 1; thread <= thread_count; ++thread) {
        const AtomicStep& step = threads[thread].blocked_at;
        if (threads[thread].state != Thread::State::finished) {
            text += fmt::format("{}{} waits for {} in line {}", text.empty() ? "" : ", ",
                                letter(thread), name_of(step), step.place.line);
        }
    }
    return text;
}

/// The schedule as it is up to here, and how to play it again.
std::string Explorer::ladder() {
    std::string details = draw_ladder(events, thread_count);
    const std::string file = main_file(events);
    if (!file.empty()) {
        details += fmt::format("\n  Lines are those of {}.", file);
    }
    if (!std::all_of(events.begin(), events.end(), has_line)) {
        details +=
            "\n  Where no line stands, the code uses an operator (++, +=, =): load(), store() and"
            "\n  fetch_add() would have one.";
    }
    details += fmt::format(
        "\n  Schedule {}, found after {} other{}. Play it alone with WORKSHOP_SCHEDULE={}\n",
        name(), schedules, schedules == 1 ? "" : "s", name());
    return details;
}

void Explorer::tell_doubt(const Look& look, const AtomicStep& exchange) {
    add(Event::What::step, exchange);
    doubt = Failure{
        fmt::format("line {} may read an older value of {}: nothing orders it behind the store in "
                    "line {}, and line {} puts what it read into {}",
                    look.step.place.line, name_of(look.step), look.write_line, exchange.place.line,
                    name_of(exchange)),
        ladder()};
    events.pop_back();
}

void Explorer::fail(const std::string& summary, Place place) {
    const std::string details = ladder();
    running = false;
    if (place.line != 0 && !is_learners(project_path(place.file))) {
        now_at(place);
    }
    harness::fail({summary, details});
}

void Explorer::main_of_fiber() {
    Explorer& self = *explorer;
    Fiber::arrived(self.threads[self.previous].fiber);
    Thread& thread = self.now();
    thread.call(thread.self);
    thread.state = Thread::State::finished;
    self.schedule();
    std::abort();  // nobody lets a finished thread go on
}

// ---- What atomics tell -------------------------------------------------------------------------

void before_step(const AtomicStep& step) {
    Explorer& self = active();
    if (self.running) {
        self.now().blocked_at = step;
        self.schedule();
    }
    self.count_step();
}

bool fails_for_no_reason() {
    Explorer& self = active();
    if (!self.running || !self.rules.weak_failures || self.deviations >= self.bound) {
        return false;
    }
    // The step is counted already; decide() names the next one.
    self.steps -= 1;
    const bool fails = self.decide(2, "=!") == 1;
    self.steps += 1;
    self.deviations += fails ? 1 : 0;
    return fails;
}

void after_step(const AtomicStep& step) {
    Explorer& self = active();
    self.update_clocks(step);
    self.note_value(step);
    self.add(Event::What::step, step);
    self.note_look(step);
}

void wait_for_notify(const AtomicStep& step) {
    Explorer& self = active();
    if (!self.running) {
        wrong("the setup waits for an atomic that nobody can change");
    }
    self.block(step, step.object);
}

void notify(const AtomicStep& step) {
    before_step(step);
    Explorer& self = active();
    self.wake(step.object);
    self.add(Event::What::step, step);
    self.note_look(step);
}

void ExploredMutex::lock(Place place) {
    const AtomicStep step{AtomicKind::lock, std::memory_order_acquire, this, &state_, place};
    before_step(step);
    Explorer& self = active();
    if (owner_ == self.current) {
        self.fail("a thread locks the mutex that it holds already: it waits for itself", place);
    }
    while (owner_ != no_owner) {
        self.block(step, this);
    }
    owner_ = self.current;
    join(self.now().clock, state_.released);
    self.add(Event::What::step, step);
    self.changed();
}

bool ExploredMutex::try_lock(Place place) {
    AtomicStep step{AtomicKind::try_lock, std::memory_order_acquire, this, &state_, place};
    before_step(step);
    Explorer& self = active();
    step.failed = owner_ != no_owner;
    step.read = step.failed;
    if (!step.failed) {
        owner_ = self.current;
        join(self.now().clock, state_.released);
        self.changed();
    }
    self.add(Event::What::step, step);
    if (step.failed) {
        self.note_look(step);
    }
    return !step.failed;
}

void ExploredMutex::unlock(Place place) {
    const AtomicStep step{AtomicKind::unlock, std::memory_order_release, this, &state_, place};
    before_step(step);
    Explorer& self = active();
    if (owner_ != self.current) {
        self.fail("a thread unlocks a mutex that it does not hold", place);
    }
    owner_ = no_owner;
    state_.released = self.now().clock;
    state_.version += 1;
    self.add(Event::What::step, step);
    self.changed();
    self.wake(this);
}

// ---- What is not atomic ------------------------------------------------------------------------

void Cell::access(bool writes, Place place) {
    Explorer& self = active();
    const unsigned thread = self.current;
    const VectorClock& clock = self.now().clock;
    self.add(writes ? Event::What::writes : Event::What::reads, name_, 0, place);
    const auto report = [&](unsigned other, const char* did) {
        self.fail(fmt::format("a data race: {} {} {}, and nothing makes that happen after {} {} it",
                              who(thread), writes ? "writes" : "reads", name_, who(other), did),
                  place);
    };
    if (write_time_ > clock.at[writer_]) {
        report(writer_, "wrote");
    }
    for (unsigned other = 0; writes && other <= max_explored_threads; ++other) {
        if (reads_.at[other] > clock.at[other]) {
            report(other, "read");
        }
    }
    if (writes) {
        writer_ = thread;
        write_time_ = clock.at[thread];
    } else {
        reads_.at[thread] = clock.at[thread];
    }
}

void Cell::read(Place place) {
    access(false, place);
}

void Cell::write(Place place) {
    access(true, place);
}

Blocks::Blocks() noexcept {
    std::memset(bytes_, 0, sizeof bytes_);
}

std::size_t Blocks::find(const void* block, std::size_t size) {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    for (std::size_t i = 0; i < count_; ++i) {
        // Of a block that is given back only the address is known; it may have been a block of
        // another size before.
        const bool same = size == any_size ? blocks_[i].held : blocks_[i].size == size;
        if (blocks_[i].address == address && same) {
            return i;
        }
    }
    if (count_ == most_blocks) {
        wrong("the judge knows too many blocks");
    }
    blocks_[count_] = {address, size, setup, false};
    return count_++;
}

/// As an ordinary program writes: every byte.
void Blocks::write(std::size_t which, Place place) {
    Explorer& self = active();
    const VectorClock& clock = self.now().clock;
    const Block& block = blocks_[which];
    self.add(Event::What::writes, "the bytes of block", which + 1, place);
    for (std::uintptr_t address = block.address; address < block.address + block.size; ++address) {
        Byte& byte = bytes_[address % most_bytes];
        if (byte.address != 0 && byte.address != address) {
            self.fail("a block is not where the others are", place);
        }
        if (byte.write_time > clock.at[byte.writer]) {
            self.fail(fmt::format("a data race: {} writes the bytes of block {}, and nothing makes "
                                  "that happen after {} wrote byte {} of it",
                                  who(self.current), block_letter(which + 1), who(byte.writer),
                                  address - block.address),
                      place);
        }
        byte = {address, clock.at[self.current], self.current};
    }
}

void Blocks::got(const void* block, std::size_t size, Place place) {
    Explorer& self = active();
    if (block == nullptr) {
        self.add(Event::What::note, "gets nullptr", 0, place);
        return;
    }
    const std::size_t which = find(block, size);
    self.add(Event::What::gets, "", which + 1, place);
    const auto end = [](const Block& some) { return some.address + some.size; };
    for (std::size_t i = 0; i < count_; ++i) {
        const Block& other = blocks_[i];
        const bool overlap = other.address < end(blocks_[which]) &&
                             blocks_[which].address < end(other) && other.held;
        if (overlap) {
            self.fail(overlap_text(self.current, blocks_[which].address == other.address, which + 1,
                                   i + 1, other.holder),
                      place);
        }
    }
    write(which, place);
    blocks_[which].held = true;
    blocks_[which].holder = self.current;
}

void Blocks::gives(const void* block, Place place) {
    if (block == nullptr) {
        return;
    }
    const std::size_t which = find(block, any_size);
    write(which, place);
    active().add(Event::What::gives, "", which + 1, place);
    blocks_[which].held = false;
}

// ---- Play --------------------------------------------------------------------------------------

void Play::run(const Body* bodies, std::size_t count) {
    Explorer& self = active();
    self.thread_count = static_cast<unsigned>(count);
    self.steps = 0;
    self.last_change = 0;
    for (unsigned i = 0; i < self.thread_count; ++i) {
        self.threads[i + 1].call = bodies[i].call;
        self.threads[i + 1].self = bodies[i].self;
        self.start(i + 1);
    }
    self.running = true;
    self.schedule();  // comes back when all have ended
    self.running = false;
    for (unsigned i = 1; i <= self.thread_count; ++i) {
        join(self.threads[setup].clock, self.threads[i].clock);
    }
}

void Play::expect(bool holds, const char* sentence, Place place) {
    if (!holds) {
        active().fail(fmt::format("expected: {}", sentence), place);
    }
}

void Play::note(const char* text) {
    active().add(Event::What::note, text, 0, {"", 0});
}

std::size_t explore(const ExploreRules& rules, void (*body)(Play&, void*), void* self,
                    Place place) {
    now_at(place);
    Explorer search;
    search.rules = rules;
    explorer = &search;
    Play play;
    const char* const asked = std::getenv("WORKSHOP_SCHEDULE");
    search.asked = asked == nullptr ? "" : asked;
    // With few preemptions first, so that the first failure is the simplest.
    for (search.bound = search.asked.empty() ? 0 : rules.preemptions;
         search.bound <= rules.preemptions; ++search.bound) {
        search.path.clear();
        do {
            search.begin_schedule();
            body(play, self);
            now_at(place);
            // Those with fewer preemptions were counted in an earlier round.
            search.schedules += search.deviations == search.bound ? 1 : 0;
        } while (search.asked.empty() && search.advance());
    }
    explorer = nullptr;
    if (search.doubt) {
        harness::fail(*search.doubt);
    }
    return search.schedules;
}

}  // namespace harness
