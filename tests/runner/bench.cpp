// Measures the allocator beside the solution and what one would use instead.

#include "commands.hpp"
#include "problem.hpp"

namespace runner {

int bench(const Project& /*project*/, const BenchOptions& /*options*/) {
    throw Problem{"`bench` is not part of this version of the workshop yet."};
}

}  // namespace runner
