// Makes a picture and a page of what was measured:
//
//   bench_page FILE.tsv     writes FILE.svg and FILE.html beside it, and prints where they are

#include "findings.hpp"
#include "svg.hpp"
#include "trace_charts.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        throw bench::FindingsError{"it cannot be read"};
    }
    return text.str();
}

void write(const fs::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary};
    file << text;
    file.close();
    if (!file) {
        throw bench::FindingsError{"cannot write " + path.string()};
    }
}

int make(const fs::path& path) {
    const bench::Findings findings = bench::read_findings(read(path));
    std::vector<bench::BarChart> charts;
    if (findings.has_cases()) {
        charts = bench::charts(findings.names, findings.columns);
    }
    const std::vector<bench::BarChart> more = bench::trace_charts(findings);
    charts.insert(charts.end(), more.begin(), more.end());
    const fs::path picture = fs::path{path}.replace_extension(".svg");
    write(picture, bench::svg_file(charts, findings.title));
    fmt::print("Charts: {}\n", fs::proximate(picture).string());
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) {
        std::fputs("expected the file of what was measured\n", stderr);
        return 2;
    }
    try {
        return make(words[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", words[1], error.what());
        return 2;
    }
}
