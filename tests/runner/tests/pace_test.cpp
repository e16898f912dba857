// What is said of the time that is left.

#include "../pace.hpp"

#include <doctest/doctest.h>

using runner::Pace;
using runner::spoken_time;

TEST_CASE("seconds at first, then minutes") {
    CHECK(spoken_time(0.2) == "about 1 s");
    CHECK(spoken_time(45.4) == "about 45 s");
    CHECK(spoken_time(99.4) == "about 99 s");
    CHECK(spoken_time(181) == "about 3 min");
}

TEST_CASE("before anything is done, nothing is known of the time") {
    Pace pace{2};
    CHECK(pace.left() == "1 of 2");

    pace.advance();
    CHECK(pace.left() == "2 of 2, about 1 s left");

    pace.advance();
    CHECK(pace.left().substr(0, 6) == "2 of 2");
}
