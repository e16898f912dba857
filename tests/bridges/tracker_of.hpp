// From a Tracking of the learner's to the tracker that a judge sees.

#pragma once

#include <bridges/learners.hpp>
#include <bridges/tracking.hpp>

#include <harness/own.hpp>

#include <tracking.hpp>

#include <cstddef>
#include <string_view>

namespace bridge {

/// The judge's upstream, as the learner's code calls it.
class CalledUpstream {
public:
    HARNESS_OWN explicit CalledUpstream(Upstream& upstream) : upstream_{upstream} {}

    HARNESS_OWN void* allocate(workshop::Layout asked,
                               workshop::Place place = workshop::Place::here()) noexcept {
        return upstream_.allocate(asked.size(), asked.alignment(), {place.file, place.line});
    }
    HARNESS_OWN void deallocate(void* block, workshop::Layout given,
                                workshop::Place place = workshop::Place::here()) noexcept {
        upstream_.deallocate(block, given.size(), given.alignment(), {place.file, place.line});
    }
    HARNESS_OWN bool try_resize(void* block, workshop::Layout from, workshop::Layout to,
                                workshop::Place place = workshop::Place::here()) noexcept {
        return upstream_.try_resize(block, from.size(), to.size(), to.alignment(),
                                    {place.file, place.line});
    }
    HARNESS_OWN void reset() noexcept { upstream_.reset(); }
    HARNESS_OWN bool owns(const void* pointer) const noexcept { return upstream_.owns(pointer); }
    HARNESS_OWN bool check() const noexcept { return upstream_.check(); }

    template <class Visit>
    HARNESS_OWN void for_each_block(Visit&& visit) const {
        upstream_.for_each_block(visit);
    }

private:
    Upstream& upstream_;
};

HARNESS_OWN inline Stats told(const workshop::Stats& now) {
    return {now.live_blocks,  now.live_bytes,  now.peak_bytes,
            now.total_blocks, now.total_bytes, now.failures};
}

HARNESS_OWN inline Layout told(workshop::Layout layout) {
    return {layout.size(), layout.alignment()};
}

HARNESS_OWN inline Place told(workshop::Place place) {
    return {place.file, place.line};
}

HARNESS_OWN inline Record told(const workshop::Record& record) {
    return {record.block, told(record.layout), told(record.place), record.number, record.live};
}

HARNESS_OWN inline Misuse::Kind told(workshop::Misuse::Kind kind) {
    using Kind = workshop::Misuse::Kind;
    return kind == Kind::double_free       ? Misuse::Kind::double_free
           : kind == Kind::foreign_pointer ? Misuse::Kind::foreign_pointer
           : kind == Kind::wrong_layout    ? Misuse::Kind::wrong_layout
                                           : Misuse::Kind::other;
}

/// `T` is a Tracking<CalledUpstream, ...>.
template <class T, class Base = Watcher>
class WatcherOf : public Base {
public:
    HARNESS_OWN explicit WatcherOf(Upstream& upstream) : upstream_{upstream} {}

    HARNESS_OWN void* allocate(Layout asked, Place place) override {
        return tracker_.allocate(learners(asked), {place.file, place.line});
    }
    HARNESS_OWN void deallocate(void* block, Layout given, Place place) override {
        tracker_.deallocate(block, learners(given), {place.file, place.line});
    }
    HARNESS_OWN std::size_t live_blocks() const override { return tracker_.live_blocks(); }
    HARNESS_OWN std::size_t live_bytes() const override { return tracker_.live_bytes(); }

    HARNESS_OWN void on_misuse(MisuseHandler handler, void* context) override {
        handler_ = handler;
        context_ = context;
        if (handler == nullptr) {
            tracker_.on_misuse(nullptr);
        } else {
            tracker_.on_misuse(&WatcherOf::hear, this);
        }
    }

private:
    HARNESS_OWN static void hear(const workshop::Misuse& misuse, void* self) {
        const WatcherOf& listener = *static_cast<const WatcherOf*>(self);
        const Record record = misuse.block ? told(*misuse.block) : Record{};
        const Misuse told_misuse{told(misuse.kind), misuse.pointer, told(misuse.layout),
                                 told(misuse.place), misuse.block ? &record : nullptr};
        listener.handler_(told_misuse, listener.context_);
    }

    CalledUpstream upstream_;
    MisuseHandler handler_ = nullptr;
    void* context_ = nullptr;

protected:
    T tracker_{upstream_};
};

template <class T, class Base = Counters>
class CountersOf : public WatcherOf<T, Base> {
public:
    using WatcherOf<T, Base>::WatcherOf;
    using WatcherOf<T, Base>::tracker_;

    HARNESS_OWN std::size_t peak_bytes() const override { return tracker_.peak_bytes(); }
    HARNESS_OWN std::size_t total_blocks() const override { return tracker_.total_blocks(); }
    HARNESS_OWN std::size_t total_bytes() const override { return tracker_.total_bytes(); }
    HARNESS_OWN std::size_t failures() const override { return tracker_.failures(); }

    HARNESS_OWN Stats stats() const override { return told(tracker_.stats()); }

    HARNESS_OWN std::size_t size_class(std::size_t size) const override {
        return T::size_class(size);
    }
    HARNESS_OWN std::size_t size_classes() const override { return T::size_classes; }
    HARNESS_OWN std::size_t total_blocks_of(std::size_t which) const override {
        return tracker_.total_blocks_of(which);
    }
};

template <class T>
class TrackerOf final : public CountersOf<T, Tracker> {
public:
    using CountersOf<T, Tracker>::CountersOf;
    using CountersOf<T, Tracker>::tracker_;

    HARNESS_OWN bool try_resize(void* block, Layout from, Layout to) override {
        return tracker_.try_resize(block, learners(from), learners(to));
    }
    HARNESS_OWN void reset() override { tracker_.reset(); }
    HARNESS_OWN bool owns(const void* pointer) const override { return tracker_.owns(pointer); }
    HARNESS_OWN bool check() const override { return tracker_.check(); }

    HARNESS_OWN void for_each_block(
        harness::FunctionRef<std::size_t, std::size_t, int> visit) const override {
        tracker_.for_each_block(visit);
    }

    /// For a bridge that needs more of it than this class passes on.
    HARNESS_OWN const T& learners_own() const { return tracker_; }

    // The call and what tells its place stand in one line.
    HARNESS_OWN Tracker::Allocated allocate_here(Layout asked) override {
        return {tracker_.allocate(learners(asked)), Place::here()};
    }
    HARNESS_OWN Place deallocate_here(void* block, Layout given) override {
        return (tracker_.deallocate(block, learners(given)), Place::here());
    }

    HARNESS_OWN Promises promises() const override { return promises_of<T>(); }
};

using CountingTracker = workshop::Tracking<CalledUpstream, workshop::Checks::off>;
using WatchingTracker = workshop::Tracking<CalledUpstream, workshop::Checks::on>;

}  // namespace bridge
