#include <suite/trace.hpp>

#include <suite/run.hpp>

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

std::string& known_folder() {
    static std::string folder = ".";
    return folder;
}

}  // namespace

void set_project_folder(const char* folder) {
    known_folder() = folder;
}

const char* project_folder() {
    return known_folder().c_str();
}

std::vector<TraceStep> recorded_trace(const char* name) {
    try {
        std::vector<TraceStep> steps;
        const std::string file =
            std::string{project_folder()} + "/tests/traces/recorded/" + name + ".trace";
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
