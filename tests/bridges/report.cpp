// What the learner's trackers report, for the judge of task 3.4.

#include <tracking.hpp>

#include "tracker_of.hpp"

#include <harness/compile_time.hpp>

namespace bridge {

HARNESS_OWN void report_of_counting(const Tracker& counting, Write write) {
    static_cast<const TrackerOf<CountingTracker>&>(counting).learners_own().report(write);
}

HARNESS_OWN void report_of_watching(const Tracker& watching, Write write) {
    static_cast<const TrackerOf<WatchingTracker>&>(watching).learners_own().report(write);
}

HARNESS_OWN void for_each_live(const Tracker& watching, harness::FunctionRef<const Record&> visit) {
    const auto tell = [visit](const workshop::Record& record) HARNESS_OWN { visit(told(record)); };
    static_cast<const TrackerOf<WatchingTracker>&>(watching).learners_own().for_each_live(tell);
}

HARNESS_OWN bool size_class_works_at_compile_time() {
    return harness::at_compile_time([] { return WatchingTracker::size_class(100) == 8; });
}

}  // namespace bridge
