// The main of every benchmark: Google Benchmark's own, but the first todo() that is reached ends
// it, with the place: a loop around code that is not written yet is fast, and means nothing.

#include <todo.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

namespace {

constexpr int to_do = 3;  // the exit code by which the runner knows it

void end_as_to_do(const char* file, int line) {
    std::fprintf(stderr, "todo() in %s:%d\n", file, line);
    std::_Exit(to_do);
}

}  // namespace

int main(int count, char** words) {
    workshop::on_todo = end_as_to_do;
    benchmark::Initialize(&count, words);
    if (benchmark::ReportUnrecognizedArguments(count, words)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
