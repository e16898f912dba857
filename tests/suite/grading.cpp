#include <suite/grading.hpp>

#include <suite/unrest.hpp>

#include <harness/failure.hpp>
#include <harness/place.hpp>
#include <harness/processor_time.hpp>
#include <harness/test_case.hpp>
#include <harness/verdict.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>
#include <todo.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <memory_resource>
#include <optional>
#include <string>
#include <thread>

namespace suite {
namespace {

using harness::processor_time;
using harness::TestCase;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::string_view stress_task = "6.3";
constexpr unsigned attempts_at_a_race = 5;

// ---- How long a case may take -------------------------------------------------------------------

// Who is busy shows it by the time of the processor, however little of it a loaded machine gives;
// who waits for ever uses none. What is neither, and looks now and then, gets `most_of_all`.
struct Limits {
    microseconds busy;  // of processor time
    microseconds idle;  // since processor time was last used
};

constexpr Limits limits_on_correct{milliseconds{5000}, milliseconds{5000}};
// On a bug, a case that takes much longer than on any correct allocator hangs.
constexpr Limits limits_on_bug{milliseconds{60}, milliseconds{1000}};
constexpr int times_longer = 10;
constexpr auto most_of_all = milliseconds{60'000};

// ---- In the process that runs a subject's cases -------------------------------------------------

/// In place of the default resource: a model that allocates from it may well allocate from the
/// allocator under test.
class NotedResource final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        note(Seen::default_resource);
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(block, size, alignment);
    }
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

void prepare_process(int record) {
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    harness::send_record_to(record);
    workshop::on_todo = harness::to_do;
    static NotedResource resource;
    std::pmr::set_default_resource(&resource);
}

// ---- In the process that grades -----------------------------------------------------------------

/// One subject with the cases that are still to be run on it.
struct Job {
    std::size_t subject;
    std::deque<std::size_t> cases;
    unsigned attempt = 0;  // at a race that was missed
};

/// A process that runs a job's cases, one after the other, until one ends it.
struct Worker {
    Job job;
    pid_t process = -1;
    int record = -1;
    std::size_t running;  // the case that we last saw running
    Clock::time_point since;
    microseconds busy_before{0};
    Clock::time_point last_busy;  // when we last saw that processor time had been used
    microseconds busy{0};         // and how much that was
    std::string text;
    bool stopped = false;
};

class Grader {
public:
    Grader(Grade& grade, Cell* cells, void (*alive)())
        : grade_{grade}, cells_{cells}, alive_{alive} {}

    void run(std::deque<Job> jobs) {
        const std::size_t slots = std::max(2U, std::thread::hardware_concurrency()) + 1;
        while (!jobs.empty() || !workers_.empty()) {
            while (!jobs.empty() && workers_.size() < slots) {
                start(std::move(jobs.front()));
                jobs.pop_front();
            }
            wait();
        }
    }

private:
    Cell& cell(std::size_t subject, std::size_t test) {
        return cells_[subject * grade_.cases.size() + test];
    }

    /// No case that cries wolf or is to do is worth another run.
    void drop_what_is_known(Job& job) {
        std::erase_if(job.cases, [this](std::size_t test) {
            return grade_.cries_wolf(test) || grade_.is_to_do(test);
        });
    }

    void start(Job job) {
        drop_what_is_known(job);
        if (job.cases.empty()) {
            return;
        }
        int ends[2];
        if (pipe(ends) != 0) {
            std::perror("suite: no pipe");
            std::abort();
        }
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        const pid_t process = fork();
        if (process == -1) {
            std::perror("suite: no process for a subject");
            std::abort();
        }
        if (process == 0) {
            work(job, ends[1]);
        }
        setpgid(process, process);
        close(ends[1]);
        const std::size_t first = job.cases.front();
        workers_.push_back(Worker{.job = std::move(job),
                                  .process = process,
                                  .record = ends[0],
                                  .running = first,
                                  .since = Clock::now(),
                                  .last_busy = Clock::now()});
    }

    [[noreturn]] void work(const Job& job, int record) {
        prepare_process(record);
        for (const std::size_t test : job.cases) {
            Cell& own = cell(job.subject, test);
            this_run() = {grade_.subjects[job.subject], &own.sightings, false};
            set_unrest(grade_.cases[test].blank.task() == stress_task, job.attempt);
            const microseconds before = processor_time(getpid());
            own.fate = Fate::running;
            harness::run_case(grade_.cases[test]);
            own.microseconds =
                static_cast<std::uint32_t>((processor_time(getpid()) - before).count());
            own.fate = Fate::passed;
        }
        _exit(0);
    }

    void wait() {
        std::vector<pollfd> fds;
        for (const Worker& worker : workers_) {
            fds.push_back({worker.record, POLLIN, 0});
        }
        poll(fds.data(), fds.size(), 10);
        alive_();
        for (auto worker = workers_.begin(); worker != workers_.end();) {
            const auto next = std::next(worker);
            if (has_ended(*worker)) {
                finish(worker);
            } else {
                stop_if_late(*worker);
            }
            worker = next;
        }
    }

    static bool has_ended(Worker& worker) {
        char chunk[4096];
        ssize_t size = 0;
        while ((size = read(worker.record, chunk, sizeof chunk)) > 0) {
            worker.text.append(chunk, static_cast<std::size_t>(size));
        }
        return size == 0;
    }

    Limits limits_of(const Worker& worker) const {
        if (grade_.subjects[worker.job.subject]->is_correct()) {
            return limits_on_correct;
        }
        const microseconds usual = slowest_[worker.running] * times_longer;
        return {limits_on_bug.busy + usual, limits_on_bug.idle + usual};
    }

    void stop_if_late(Worker& worker) {
        const Clock::time_point now = Clock::now();
        if (const microseconds busy = processor_time(worker.process); busy != worker.busy) {
            worker.busy = busy;
            worker.last_busy = now;
        }
        if (const std::size_t test = running_case(worker); test != worker.running) {
            worker.running = test;
            worker.since = now;
            worker.busy_before = worker.busy;
            return;
        }
        const Limits limits = limits_of(worker);
        if (worker.busy - worker.busy_before > limits.busy ||
            now - worker.last_busy > limits.idle || now - worker.since > most_of_all) {
            worker.stopped = true;
            kill(-worker.process, SIGKILL);
        }
    }

    /// The first case that is not through.
    std::size_t running_case(const Worker& worker) {
        for (const std::size_t test : worker.job.cases) {
            if (cell(worker.job.subject, test).fate != Fate::passed) {
                return test;
            }
        }
        return worker.job.cases.back();
    }

    void finish(std::list<Worker>::iterator worker) {
        kill(-worker->process, SIGKILL);  // whatever it left behind
        int status = 0;
        waitpid(worker->process, &status, 0);
        close(worker->record);
        Job rest = std::move(worker->job);
        note_times(rest);
        while (!rest.cases.empty() && through(rest.subject, rest.cases.front())) {
            rest.cases.pop_front();
        }
        bool again = !rest.cases.empty();
        if (again) {
            Cell& last = cell(rest.subject, rest.cases.front());
            last.fate = worker->stopped ? Fate::hung : fate_of(worker->text);
            rest.cases.pop_front();
            again = last.fate != Fate::hung || grade_.subjects[rest.subject]->is_correct();
        }
        workers_.erase(worker);
        if (again) {
            start(std::move(rest));
        }
    }

    bool through(std::size_t subject, std::size_t test) {
        return cell(subject, test).fate == Fate::passed;
    }

    void note_times(const Job& job) {
        slowest_.resize(grade_.cases.size());
        for (const std::size_t test : job.cases) {
            if (grade_.subjects[job.subject]->is_correct()) {
                slowest_[test] = std::max(
                    slowest_[test], microseconds{cell(job.subject, test).microseconds.load()});
            }
        }
    }

    static Fate fate_of(const std::string& record) {
        const std::optional<harness::Verdict> verdict = harness::from_line(record);
        if (!verdict) {
            return Fate::crashed;
        }
        return verdict->kind == harness::Kind::to_do ? Fate::to_do : Fate::failed;
    }

    Grade& grade_;
    Cell* cells_;
    void (*alive_)();
    std::list<Worker> workers_;
    std::vector<microseconds> slowest_ = std::vector<microseconds>(grade_.cases.size());
};

/// The cases for a subject, those of its own task first.
std::deque<std::size_t> cases_for(const Grade& grade, const SubjectType& subject) {
    std::deque<std::size_t> cases;
    for (std::size_t test = 0; test < grade.cases.size(); ++test) {
        if (is_for(grade.cases[test].blank.task(), subject)) {
            cases.push_back(test);
        }
    }
    std::stable_partition(cases.begin(), cases.end(), [&](std::size_t test) {
        return grade.cases[test].blank.task() == subject.task;
    });
    return cases;
}

/// A race needs luck to be caught. The bugs that no stress test caught, with all stress tests.
std::deque<Job> missed_races(const Grade& grade, unsigned attempt) {
    std::deque<Job> jobs;
    for (std::size_t subject = 0; subject < grade.subjects.size(); ++subject) {
        Job job{subject, {}, attempt};
        bool caught = grade.subjects[subject]->task != stress_task;
        for (std::size_t test = 0; test < grade.cases.size(); ++test) {
            if (grade.cases[test].blank.task() == stress_task) {
                caught = caught || rejected(grade.at(subject, test).fate);
                job.cases.push_back(test);
            }
        }
        if (!caught && !job.cases.empty()) {
            jobs.push_back(std::move(job));
        }
    }
    return jobs;
}

template <class T>
T* shared_array(std::size_t count) {
    void* const memory = mmap(nullptr, std::max<std::size_t>(count, 1) * sizeof(T),
                              PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("suite: no memory for the results");
        std::abort();
    }
    return static_cast<T*>(memory);  // zeros: nothing was run
}

}  // namespace

bool Grade::cries_wolf(std::size_t test) const {
    for (std::size_t subject = 0; subject < subjects.size(); ++subject) {
        if (subjects[subject]->is_correct() && rejected(at(subject, test).fate)) {
            return true;
        }
    }
    return false;
}

bool Grade::is_to_do(std::size_t test) const {
    for (std::size_t subject = 0; subject < subjects.size(); ++subject) {
        if (at(subject, test).fate == Fate::to_do) {
            return true;
        }
    }
    return false;
}

bool Grade::saw(std::size_t test, Seen what) const {
    std::uint32_t all = 0;
    for (std::size_t subject = 0; subject < subjects.size(); ++subject) {
        if (subjects[subject]->is_correct()) {
            all |= at(subject, test).sightings;
        }
    }
    return (all & static_cast<std::uint32_t>(what)) != 0;
}

bool is_for(std::string_view task, const SubjectType& subject) {
    return (task != "6.2" || subject.any_size) && (task != stress_task || subject.for_threads);
}

Grade grade(const std::vector<TestCase>& cases, std::string_view task, void (*alive)()) {
    Grade grade;
    for (const TestCase& test : cases) {
        if (task.empty() || test.blank.task() == task) {
            grade.cases.push_back(test);
        }
    }
    for (const SubjectType& subject : all_subjects()) {
        if (task.empty() || subject.is_correct() || subject.task == task) {
            grade.subjects.push_back(&subject);
        }
    }
    Cell* const cells = shared_array<Cell>(grade.subjects.size() * grade.cases.size());
    grade.cells = cells;
    std::deque<Job> correct;
    std::deque<Job> bugs;
    for (std::size_t subject = 0; subject < grade.subjects.size(); ++subject) {
        const SubjectType& type = *grade.subjects[subject];
        (type.is_correct() ? correct : bugs).push_back({subject, cases_for(grade, type)});
    }
    Grader grader{grade, cells, alive};
    grader.run(std::move(correct));
    grader.run(std::move(bugs));
    for (unsigned attempt = 1; attempt < attempts_at_a_race; ++attempt) {
        grader.run(missed_races(grade, attempt));
    }
    return grade;
}

}  // namespace suite
