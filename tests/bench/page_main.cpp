// Makes a picture and a page of what was measured:
//
//   bench_page FILE.tsv     writes FILE.svg and FILE.html beside it, and prints where they are

#include "findings.hpp"
#include "page.hpp"
#include "svg.hpp"
#include "trace_charts.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

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

std::vector<bench::TreeHeaps> heaps_of(const bench::Findings& findings, const fs::path& folder) {
    std::vector<bench::TreeHeaps> all;
    for (std::size_t i = 0; i < findings.heaps.size(); ++i) {
        if (!findings.heaps[i].empty()) {
            all.push_back(
                {findings.columns[i].heading, bench::read_heaps(read(folder / findings.heaps[i]))});
        }
    }
    return all;
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
    const fs::path page = fs::path{path}.replace_extension(".html");
    write(page, bench::page_of(findings, heaps_of(findings, path.parent_path())));
    fmt::print("Charts: {}\nPage: {}\n", fs::proximate(picture).string(),
               fs::proximate(page).string());
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
