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

long milliseconds_now() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

void in_two_threads(FunctionRef<std::size_t> work) {
    std::atomic<int> missing = 2;
    const auto run = [&](std::size_t thread) {
        missing -= 1;
        while (missing != 0) {
            std::this_thread::yield();
        }
        work(thread);
    };
    std::thread first{run, std::size_t{0}};
    std::thread second{run, std::size_t{1}};
    first.join();
    second.join();
}

bool Overlap::go_on(std::size_t thread) noexcept {
    const std::size_t others = rounds_[1 - thread].load(std::memory_order_relaxed);
    if (others != seen_[thread]) {
        seen_[thread] = others;
        overlaps_.fetch_add(1, std::memory_order_relaxed);
    }
    const std::size_t mine = rounds_[thread].load(std::memory_order_relaxed);
    if (mine % 64 == 0) {
        const long now = milliseconds_now();
        long none = 0;
        deadline_.compare_exchange_strong(none, now + 300);
        if (now > deadline_ || overlaps_ > enough) {
            done_ = true;
        }
    }
    if (done_) {
        return false;
    }
    rounds_[thread].store(mine + 1, std::memory_order_relaxed);
    return true;
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
