// The learner's trackers that watch, for the judges of step 3.

#include <tracking.hpp>

#include "tracker_of.hpp"

#include <harness/explorer.hpp>

#include <type_traits>

namespace bridge {
namespace {

using workshop::Checks;

using Explored = workshop::Tracking<CalledUpstream, Checks::on, harness::Explored>;

}  // namespace

HARNESS_OWN Owner<Tracker> watching(Upstream& upstream) {
    return Owner<Tracker>{new TrackerOf<WatchingTracker>{upstream}};
}

HARNESS_OWN Owner<Watcher> watching_explored(Upstream& upstream) {
    return Owner<Watcher>{new WatcherOf<Explored>{upstream}};
}

HARNESS_OWN bool checks_are_on_by_default() {
    return workshop::default_checks == Checks::on &&
           std::is_same_v<workshop::Tracking<CalledUpstream>, WatchingTracker>;
}

}  // namespace bridge
