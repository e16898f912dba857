#include "../fingerprint.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;
using harness::Kind;
using harness::Verdict;

namespace {

using Names = std::vector<std::string>;

const CaseKey a{"1.1", "a"};
const CaseKey b{"1.1", "b"};
const CaseKey c{"1.2", "c"};
const CaseKey d{"1.2", "d"};

Fingerprint bug(const std::string& name, const std::map<CaseKey, Fate>& failing) {
    return {"1_one", name, {"1_one"}, failing};
}

/// All four cases were run, and these failed.
Failures failing(const std::map<CaseKey, Fate>& cases) {
    Failures failures;
    failures.failing = cases;
    for (const CaseKey& key : {a, b, c, d}) {
        failures.judges[key] = "1_one";
    }
    return failures;
}

constexpr const char* wrong = "wrong 0001";
constexpr const char* another = "wrong 0002";

}  // namespace

TEST_CASE("the shape of a summary has no addresses and no large numbers") {
    CHECK(shape_of("4096 are left of 65536") == shape_of("1000 are left of 12345"));
    CHECK(shape_of("used() is 24, and not 16") != shape_of("used() is 24, and not 999"));
    CHECK(shape_of("at +0x04f") == shape_of("at +0x1"));
    CHECK(shape_of("used() is 24") != shape_of("remaining() is 24"));
    CHECK(shape_of("") == "1cd9");  // as fingerprints.py has it
    CHECK(shape_of("0x") != shape_of("0xa"));
}

TEST_CASE("a line of the table is a bug of its part") {
    const std::string table =
        "1_one\tfirst\t1_one 1_two\t1.1 0001 wrong: a: b\t1.2 - out of memory: c\n"
        "2_two\tother\t2_two\t2.1 - hung: a\n"
        "1_one\tmalformed\n";
    const std::vector<Fingerprint> found = parse_fingerprints(table, "1_one");
    REQUIRE(found.size() == 1);
    CHECK(found[0].bug == "first");
    CHECK(found[0].judges == Names{"1_one", "1_two"});
    CHECK(found[0].failing ==
          std::map<CaseKey, Fate>{{{"1.1", "a: b"}, "wrong 0001"}, {c, "out of memory -"}});
}

TEST_CASE("alike is what fails in the same cases, in the same way") {
    const Fingerprint first = bug("first", {{a, wrong}, {b, "hung -"}});
    CHECK(likeness(failing({{a, wrong}, {b, "hung -"}}), first) == 1.0);
    CHECK(likeness(failing({{a, wrong}}), first) == 0.5);
    CHECK(likeness(failing({{a, another}, {b, "hung -"}}), first) == 0.5);
    CHECK(likeness(failing({{a, wrong}, {b, "hung -"}, {c, wrong}, {d, wrong}}), first) == 0.5);
    CHECK(likeness(failing({{c, wrong}}), first) == 0.0);
}

TEST_CASE("what was not run, and what differs from run to run, does not count") {
    const Fingerprint first = bug("first", {{a, wrong}, {b, "sometimes -"}, {c, wrong}});
    Failures failures = failing({{a, wrong}, {b, "hung -"}});
    failures.unknown[c] = true;
    CHECK(likeness(failures, first) == 1.0);
    failures.judges[d] = "1_two";  // of which the bug says nothing
    failures.failing[d] = wrong;
    CHECK(likeness(failures, first) == 1.0);
}

TEST_CASE("one that is alike and ahead of all others is a suspect") {
    const std::vector<Fingerprint> table = {bug("first", {{a, wrong}, {b, wrong}}),
                                            bug("second", {{c, wrong}}),
                                            bug("third", {{c, wrong}})};
    CHECK(suspects(failing({{a, wrong}, {b, wrong}}), table, a) == Names{"first"});
    CHECK(suspects(failing({{a, wrong}}), table, a).empty());  // only half alike
    CHECK(suspects(failing({{c, wrong}}), table, c) == Names{"second", "third"});
    CHECK(suspects(failing({{a, wrong}, {b, wrong}}), table, d).empty());  // another is shown
    CHECK(suspects(failing({{d, wrong}}), table, d).empty());
    CHECK(suspects(failing({}), table, a).empty());
}

TEST_CASE("a bug of which most was not tried is none") {
    const std::vector<Fingerprint> table = {bug("first", {{a, wrong}, {b, wrong}, {c, wrong}})};
    Failures failures = failing({{a, wrong}});
    failures.unknown[b] = true;
    failures.unknown[c] = true;
    CHECK(suspects(failures, table, a).empty());
    failures.unknown.erase(c);
    failures.failing[c] = wrong;
    CHECK(suspects(failures, table, a) == Names{"first"});
}

namespace {

class PlantedWorkshop : public Folder {
public:
    PlantedWorkshop() {
        write("tests/1_one.cpp",
              "TEST_SUITE(\"1.1 task\") { TEST_CASE(\"a\") {} TEST_CASE(\"b\") {} }\n");
        const std::string shape = shape_of("it is 7000");
        write("tests/bugs/fingerprints.txt", "1_one\tfirst\t1_one\t1.1 " + shape + " wrong: a\n" +
                                                 "1_one\tsecond\t1_one\t1.1 - hung: b\n" +
                                                 "1_one\tthird\t1_one\t1.1 - hung: b\n");
        plant("first", "a block is lost");
        plant("second", "the second is lost");
        plant("third", "the second is lost");
    }

    void plant(const std::string& name, const std::string& symptom) const {
        write("tests/bugs/1_one/" + name + ".diff",
              "Task: 1.1\nSymptom: " + symptom + "\nSeen: here\n--- one.hpp\n");
    }

    std::string guess(Kind first, const std::string& summary, Kind second) const {
        const Project project = this->project("1_one\t1\t1_one\n");
        Verdict one;
        one.suite = "1.1 task";
        one.name = "a";
        one.kind = first;
        one.summary = summary;
        Verdict other = one;
        other.name = "b";
        other.kind = second;
        return guess_at(project, project.parts.front(), {one, other});
    }
};

}  // namespace

TEST_CASE("the guess is said with the symptom, where it is clear") {
    const PlantedWorkshop workshop;
    CHECK(workshop.guess(Kind::wrong, "it is 8000", Kind::done) ==
          "This is how it looks when a block is lost.\n");
    CHECK(workshop.guess(Kind::wrong, "it was 8", Kind::done).empty());
    CHECK(workshop.guess(Kind::crashed, "it is 8000", Kind::done).empty());
    CHECK(workshop.guess(Kind::wrong, "it is 8000", Kind::wrong).empty());
    CHECK(workshop.guess(Kind::wrong, "it is 8000", Kind::to_do) ==
          "This is how it looks when a block is lost.\n");
    CHECK(workshop.guess(Kind::to_do, "", Kind::to_do).empty());
    CHECK(workshop.guess(Kind::done, "", Kind::done).empty());
}

TEST_CASE("two bugs that look alike are one guess where their symptom is one") {
    const PlantedWorkshop workshop;
    CHECK(workshop.guess(Kind::done, "", Kind::hung) ==
          "This is how it looks when the second is lost.\n");
    workshop.plant("third", "something else is lost");
    CHECK(workshop.guess(Kind::done, "", Kind::hung).empty());
}

TEST_CASE("without a table there is no guess") {
    const PlantedWorkshop workshop;
    std::filesystem::remove(workshop.path() / "tests/bugs/fingerprints.txt");
    CHECK(workshop.guess(Kind::wrong, "it is 8000", Kind::done).empty());
}
