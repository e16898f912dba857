#include <harness/threads.hpp>

#include <chrono>
#include <thread>
#include <vector>

namespace harness {
namespace {

std::vector<std::thread>& other_threads() {
    static std::vector<std::thread> threads;
    return threads;
}

}  // namespace

void Meeting::wait() noexcept {
    const unsigned before = arrivals_.fetch_add(1);
    const unsigned both = (before | 1U) + 1;
    for (int patience = 1000; arrivals_.load() < both; --patience) {
        if (patience <= 0) {
            std::this_thread::yield();
        }
    }
}

void in_two_threads(FunctionRef<std::size_t> work) {
    Meeting start;
    const auto run = [&](std::size_t thread) {
        start.wait();
        work(thread);
    };
    std::thread first{run, std::size_t{0}};
    std::thread second{run, std::size_t{1}};
    first.join();
    second.join();
}

void in_another_thread(FunctionRef<> work, int milliseconds) {
    static std::atomic<bool> done;
    done = false;
    other_threads().emplace_back([work] {
        work();
        done = true;
    });
    for (int i = 0; i < milliseconds && !done; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

void join_other_threads() {
    for (std::thread& thread : other_threads()) {
        thread.join();
    }
    other_threads().clear();
}

}  // namespace harness
