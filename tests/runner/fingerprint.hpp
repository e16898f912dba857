// What a failure may come from: the test cases that fail, and how, are compared with how each
// planted bug fails (tests/bugs/fingerprints.txt).

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../harness/verdict.hpp"
#include "project.hpp"

namespace runner {

/// A test case: its task and its name.
using CaseKey = std::pair<std::string, std::string>;

/// How a case ended, in a word: "wrong 3fa2", with the shape of its summary, or "hung -".
using Fate = std::string;

/// How a bug shows in the judges of its tasks. Cases that are not here pass.
struct Fingerprint {
    std::string part;  // "2_bump"
    std::string bug;
    std::vector<std::string> judges;
    std::map<CaseKey, Fate> failing;  // "sometimes -": differs from run to run
};

/// The file's lines for one part; those that are malformed are left out.
std::vector<Fingerprint> parse_fingerprints(std::string_view text, std::string_view part);

/// Of a summary without its addresses and large numbers, in four hexadecimal digits: two that
/// differ in these only have one shape.
std::string shape_of(std::string_view summary);

/// What is known of a run of a part's judges.
struct Failures {
    std::map<CaseKey, Fate> failing;        // wrong, crashed, hung, out of memory
    std::map<CaseKey, bool> unknown;        // to do, not run, does not compile, not asked for
    std::map<CaseKey, std::string> judges;  // of every case that the sources name
};

/// How alike they are, from 0 to 1: of the cases that fail in either, the share that fails alike in
/// both (Jaccard). Cases of which one of them knows nothing do not count.
double likeness(const Failures& failures, const Fingerprint& fingerprint);

/// The bugs that fail so: alike to at least 0.9, no other within 0.2 of the best of them. `shown`
/// is the case that the reader is shown; it must be one of theirs. Empty where that is not clear.
std::vector<std::string> suspects(const Failures& failures,
                                  const std::vector<Fingerprint>& fingerprints,
                                  const CaseKey& shown);

/// "This is how it looks when ...", or nothing where there is no clear guess. Reads files only
/// where something failed.
std::string guess_at(const Project& project, const Part& part,
                     const std::vector<harness::Verdict>& verdicts);

}  // namespace runner
