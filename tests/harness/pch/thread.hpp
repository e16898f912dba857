// Precompiled for the judges of what starts threads and measures them.

#include "judge.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>
