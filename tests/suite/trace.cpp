#include <suite/trace.hpp>

#include <harness/failure.hpp>

#include <traces/trace.hpp>

#include <string>

namespace suite {
namespace {

TraceStep::What what_of(traces::Action action) {
    switch (action) {
        case traces::Action::allocate:
            return TraceStep::What::allocate;
        case traces::Action::resize:
            return TraceStep::What::resize;
        case traces::Action::deallocate:
            break;
    }
    return TraceStep::What::deallocate;
}

}  // namespace

std::vector<TraceStep> recorded_trace(const char* name) {
    try {
        std::vector<TraceStep> steps;
        const std::string file = std::string{RECORDED_FOLDER "/"} + name + ".trace";
        for (const traces::Operation& operation : traces::read_trace(file).operations) {
            if (operation.block != traces::null_block) {
                steps.push_back({what_of(operation.action), operation.block, operation.size,
                                 operation.alignment});
            }
        }
        return steps;
    } catch (const traces::TraceError& error) {
        harness::fail({error.what(), ""});
    }
}

}  // namespace suite
