// What a test suite of step 6 includes.

#pragma once

#include <suite/steps.hpp>
#include <suite/subject.hpp>
#include <suite/trace.hpp>

#include <harness/assertions.hpp>

// A test may well ask for more than there is.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Walloc-size-larger-than="
#endif
