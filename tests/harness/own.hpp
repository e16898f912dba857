// What is the judge's own is compiled without the sanitizers.

#pragma once

/// Stands in front of a function of a judge, and behind the parameters of a lambda, which does not
/// have it from the function that it stands in. The learner's functions that it calls keep their
/// sanitizers; checks of what only the judge does would take as long to compile as those.
#define HARNESS_OWN __attribute__((no_sanitize("address", "undefined")))
