// Threads that allocate and give back, as fast as they can. The ordinary writes into the blocks are
// made here, in the judge's own code, so that ThreadSanitizer sees them.

#pragma once

#include <harness/own.hpp>
#include <harness/stress.hpp>

#include <alignment.hpp>

namespace harness {

struct ChurnRules {
    unsigned threads = 4;
    std::size_t slots = 8;      // blocks that a thread holds at most
    std::size_t largest = 64;   // bytes
    std::size_t strictest = 1;  // alignment
    bool hand_over = false;     // blocks are also given back by threads that did not get them
};

/// Numbers that look random, the same in every run.
class Dice {
public:
    HARNESS_OWN explicit Dice(unsigned seed) : state_{seed * 2654435769U + 1} {}
    HARNESS_OWN std::size_t below(std::size_t count) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_ % count;
    }

private:
    std::uint32_t state_;
};

/// What one thread does in a churn.
template <class A>
class Churner {
public:
    HARNESS_OWN Churner(A& allocator, Stamps& stamps, const ChurnRules& rules, unsigned who)
        : allocator_{allocator}, stamps_{stamps}, rules_{rules}, who_{who}, dice_{who + 1} {}

    HARNESS_OWN void turn() {
        Held& held = mine_[dice_.below(rules_.slots)];
        if (held.block == nullptr) {
            take(held);
        } else {
            give_back(held);
        }
    }

    HARNESS_OWN void give_back_all() {
        for (Held& held : mine_) {
            if (held.block != nullptr) {
                give_back(held);
            }
        }
    }

    HARNESS_OWN Held& any() { return mine_[dice_.below(rules_.slots)]; }
    HARNESS_OWN bool got_any() const { return got_any_; }

private:
    static constexpr std::size_t most_slots = 32;

    HARNESS_OWN void take(Held& held) {
        held.size = dice_.below(rules_.largest + 1);
        held.alignment = 1;
        for (std::size_t i = dice_.below(8); i != 0 && held.alignment < rules_.strictest; --i) {
            held.alignment *= 2;
        }
        const workshop::Layout layout = *workshop::Layout::make(held.size, held.alignment);
        held.block = static_cast<std::byte*>(allocator_.allocate(layout));
        if (held.block == nullptr) {
            return;
        }
        got_any_ = true;
        stamps_.claim(held.block, held.size, held.alignment, who_);
        held.pattern = static_cast<unsigned char>(dice_.below(256));
        for (std::size_t i = 0; i < held.size; ++i) {
            held.block[i] = static_cast<std::byte>(held.pattern + i);
        }
    }

    HARNESS_OWN void give_back(Held& held) {
        for (std::size_t i = 0; i < held.size; ++i) {
            if (held.block[i] != static_cast<std::byte>(held.pattern + i)) {
                damaged(held, i, who_);
            }
        }
        const workshop::Layout layout = *workshop::Layout::make(held.size, held.alignment);
        stamps_.release(held.block, held.size, who_);
        allocator_.deallocate(held.block, layout);
        held.block = nullptr;
    }

    A& allocator_;
    Stamps& stamps_;
    const ChurnRules& rules_;
    unsigned who_;
    Dice dice_;
    bool got_any_ = false;
    Held mine_[most_slots];
};

/// A place where threads leave blocks for each other.
class Exchange {
public:
    /// Gives away what is in `held` and takes what somebody else has left; nothing happens when
    /// another thread is at this place.
    HARNESS_OWN void swap(Held& held) {
        if (!taken_.exchange(true, std::memory_order_acquire)) {
            const Held other = held_;
            held_ = held;
            held = other;
            taken_.store(false, std::memory_order_release);
        }
    }

private:
    std::atomic<bool> taken_ = false;
    Held held_;
};

/// Threads allocate and give back blocks of mixed sizes and alignments, as fast as they can, for
/// `rounds` turns each. In the end all is given back. False when nobody ever got a block: on a busy
/// machine one thread may well hold all of them while another one has its turns.
template <class A>
HARNESS_OWN bool churn(A& allocator, Stamps& stamps, const ChurnRules& rules, std::size_t rounds) {
    Exchange exchange[4];
    std::atomic<bool> somebody_got_one = false;
    in_threads(rules.threads, [&](unsigned who) HARNESS_OWN {
        Churner<A> churner{allocator, stamps, rules, who};
        for (std::size_t i = 0; i < rounds; ++i) {
            churner.turn();
            if (rules.hand_over && i % 3 == 0) {
                exchange[i % 4].swap(churner.any());
            }
        }
        churner.give_back_all();
        if (churner.got_any()) {
            somebody_got_one = true;
        }
    });
    ChurnRules last = rules;
    last.slots = 1;
    Churner<A> collector{allocator, stamps, last, rules.threads};
    for (Exchange& place : exchange) {
        place.swap(collector.any());
        collector.give_back_all();
    }
    return somebody_got_one;
}

}  // namespace harness
