// The trace format: what is read, what is refused, and with which words.

#include "../trace.hpp"
#include "../compressed.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

using traces::Action;
using traces::Operation;
using traces::parse_trace;
using traces::Trace;
using traces::TraceError;

namespace {

/// The words with which a text is refused; nothing where it is read.
std::string refusal(const std::string& text) {
    try {
        parse_trace(text, "x.trace");
    } catch (const TraceError& error) {
        return error.what();
    }
    return {};
}

std::string own(const std::string& lines) {
    return "workshop-trace 1\n" + lines;
}

}  // namespace

TEST_SUITE("our own format") {
    TEST_CASE("each operation is read with all that it says") {
        const Trace trace = parse_trace(own("@2 a 7 100 64\n"
                                            "@3 r 7 250\n"
                                            "f 7\n"),
                                        "some/where.trace");

        CHECK(trace.name == "where");
        REQUIRE(trace.operations.size() == 3);
        CHECK(trace.operations[0] == Operation{Action::allocate, 2, 0, 0, 100, 64});
        CHECK(trace.operations[1] == Operation{Action::resize, 3, 0, 100, 250, 64});
        CHECK(trace.operations[2] == Operation{Action::deallocate, 0, 0, 250, 0, 64});
    }

    TEST_CASE("comments, empty lines, other line ends, and no end of the last line") {
        const Trace trace = parse_trace(
            "# made by hand\r\n\r\nworkshop-trace 1\r\n  a 1 8\t16 # eight\r\n\n# gone\nf 1", "x");

        CHECK(trace.operations.size() == 2);
    }

    TEST_CASE("an id may come again once its block is freed") {
        const Trace trace = parse_trace(own("a 5 1\nf 5\na 5 2\na 6 3\nf 5\nf 6\n"), "x");

        CHECK(trace.slots == 2);
        CHECK(trace.peak_bytes() == 5);
    }

    TEST_CASE("an id may be any number, and the table of blocks is no larger than need be") {
        CHECK(parse_trace(own("a 18446744073709551615 1\nf 18446744073709551615\n"), "x").slots ==
              1);
    }

    TEST_CASE("what is live at the end is freed") {
        const Trace trace = parse_trace(own("a 1 10\na 2 20\n"), "x");

        REQUIRE(trace.operations.size() == 4);
        CHECK(trace.operations[2] == Operation{Action::deallocate, 0, 0, 10, 0, 16});
        CHECK(trace.operations[3] == Operation{Action::deallocate, 0, 1, 20, 0, 16});
    }

    TEST_CASE("a free of null is an operation, too") {
        const Trace trace = parse_trace(own("f -1\n"), "x");

        REQUIRE(trace.operations.size() == 1);
        CHECK(trace.operations[0].block == traces::null_block);
    }

    TEST_CASE("sizes may be 0") {
        CHECK(parse_trace(own("a 1 0\nr 1 5\nr 1 0\nf 1\n"), "x").peak_bytes() == 5);
    }

    TEST_CASE("a trace that is written is read again as it was") {
        const Trace trace =
            parse_trace(own("@1 a 9 100 64\na 4 3\nr 9 1\nf -1\n@4 f 4\nf 9\n"), "x");

        const Trace again = parse_trace(write_trace(trace), "x");

        CHECK(again.operations == trace.operations);
        CHECK(again.slots == trace.slots);
    }
}

TEST_SUITE("files of the malloc lab") {
    TEST_CASE("four numbers, and then the same lines") {
        const Trace trace = parse_trace(
            "20000\n3\n6\n1\na 0 512\na 1 128\nr 0 640\nf -1\nf 1\nf 0\n", "short1.rep");

        CHECK(trace.name == "short1");
        CHECK(trace.operations.size() == 6);
        CHECK(trace.peak_bytes() == 768);
    }

    TEST_CASE("as many operations as the header says") {
        CHECK(refusal("0\n1\n3\n1\na 0 1\nf 0\n") ==
              "x.trace:6: expected 3 operations, as the header says; found the end of the file "
              "after 2");
        CHECK(refusal("0\n1\n1\n1\na 0 1\nf 0\n") ==
              "x.trace:6: expected the end of the file after 1 operations; found \"f\"");
    }

    TEST_CASE("no other ids than the header says") {
        CHECK(refusal("0\n2\n1\n1\na 2 1\n") ==
              "x.trace:5: expected an id below 2, as the header says; found 2");
    }

    TEST_CASE("a header that is not whole") {
        CHECK(refusal("0\n2\n") ==
              "x.trace:2: expected the four numbers of a .rep file; found the end of the file");
        CHECK(refusal("0\n2\na 0 1\n") ==
              "x.trace:3: expected a number, one of the four that begin a .rep file; found \"a\"");
    }
}

TEST_SUITE("malformed lines") {
    TEST_CASE("no trace at all") {
        CHECK(refusal("") == "x.trace: expected a trace; found nothing");
        CHECK(refusal("# nothing\n\n") == "x.trace: expected a trace; found nothing");
        CHECK(refusal("workshop-trace 1\n") == "x.trace: expected an operation; found none");
        CHECK(refusal("hello\n") ==
              "x.trace:1: expected \"workshop-trace 1\", or the four numbers of a .rep file; "
              "found \"hello\"");
    }

    TEST_CASE("another version") {
        CHECK(refusal("\nworkshop-trace 2\na 1 1\n") ==
              "x.trace:2: expected version 1, the only one that is known here; found \"2\"");
        CHECK(refusal("workshop-trace\n") ==
              "x.trace:1: expected the format's version; found the end of the line");
    }

    TEST_CASE("words that are not there, or too many") {
        CHECK(refusal(own("a 1 1\nq 1\n")) == "x.trace:3: expected a, r or f; found \"q\"");
        CHECK(refusal(own("@1\n")) == "x.trace:2: expected a, r or f; found the end of the line");
        CHECK(refusal(own("a\n")) == "x.trace:2: expected an id; found the end of the line");
        CHECK(refusal(own("a 1\n")) ==
              "x.trace:2: expected a size in bytes; found the end of the line");
        CHECK(refusal(own("a 1 1 16 7\n")) ==
              "x.trace:2: expected the end of the line; found \"7\"");
        CHECK(refusal(own("a 1 1\nf 1 1\n")) ==
              "x.trace:3: expected the end of the line; found \"1\"");
        CHECK(refusal(own("a 1 1\nr 1 1 16\n")) ==
              "x.trace:3: expected the end of the line; found \"16\"");
    }

    TEST_CASE("what is no number") {
        CHECK(refusal(own("a x 1\n")) == "x.trace:2: expected an id; found \"x\"");
        CHECK(refusal(own("a 1 -1\n")) == "x.trace:2: expected a size in bytes; found \"-1\"");
        CHECK(refusal(own("a 1 0x10\n")) == "x.trace:2: expected a size in bytes; found \"0x10\"");
        CHECK(refusal(own("@x a 1 1\n")) ==
              "x.trace:2: expected a thread's number behind @; found \"@x\"");
        CHECK(refusal(own("a 1 18446744073709551616\n")) ==
              "x.trace:2: expected a size in bytes; found \"18446744073709551616\"");
    }

    TEST_CASE("layouts that do not exist") {
        CHECK(refusal(own("a 1 8 3\n")) ==
              "x.trace:2: expected a power of two as alignment; found \"3\"");
        CHECK(refusal(own("a 1 8 0\n")) ==
              "x.trace:2: expected a power of two as alignment; found \"0\"");
        CHECK(refusal(own("a 1 9223372036854775808\n")) ==
              "x.trace:2: expected a size of at most 9223372036854775792; found "
              "9223372036854775808");
        CHECK(refusal(own("a 1 9223372036854775807 2\n")) ==
              "x.trace:2: expected a size of at most 9223372036854775806; found "
              "9223372036854775807");
        CHECK(refusal(own("a 1 1 4096\nr 1 9223372036854775807\n")) ==
              "x.trace:3: expected a size of at most 9223372036854771712; found "
              "9223372036854775807");
    }

    TEST_CASE("blocks that are not live, or live already") {
        CHECK(refusal(own("f 3\n")) == "x.trace:2: expected a live id; 3 was never allocated");
        CHECK(refusal(own("r 3 1\n")) == "x.trace:2: expected a live id; 3 was never allocated");
        CHECK(refusal(own("a 3 1\nf 3\nf 3\n")) ==
              "x.trace:4: expected a live id; 3 was freed in line 3");
        CHECK(refusal(own("a 3 1\na 3 1\n")) ==
              "x.trace:3: expected an id that is not live; 3 is, since line 2");
        CHECK(refusal(own("r -1 1\n")) == "x.trace:2: expected an id; found \"-1\"");
    }

    TEST_CASE("what is found is shown in print, and shortened") {
        CHECK(refusal("\x1b[31m\n").find('\x1b') == std::string::npos);
        CHECK(refusal(std::string(1000, 'x')).size() < 150);
    }
}

TEST_SUITE("files") {
    TEST_CASE("a file that is not there, and a folder") {
        const auto reason = [](const char* file) -> std::string {
            try {
                traces::read_trace(file);
            } catch (const TraceError& error) {
                return error.what();
            }
            return {};
        };

        CHECK(reason("no/such.trace") ==
              "no/such.trace: cannot be read: No such file or directory");
        CHECK(reason("/") == "/: cannot be read: Is a directory");
    }

#ifdef WORKSHOP_ZLIB
    TEST_CASE("a compressed file is read as if it were not, and its name is without .gz") {
        const auto file = std::filesystem::temp_directory_path() /
                          ("packed-" + std::to_string(std::random_device{}()) + ".trace.gz");
        traces::Output output{file};
        output.write(own("a 1 5\n"));
        output.write("f 1\n");
        output.finish();
        std::ifstream stream{file, std::ios::binary};
        std::string bytes{std::istreambuf_iterator<char>{stream}, {}};

        const Trace trace = traces::read_trace(file);
        CHECK(trace.operations.size() == 2);
        CHECK(trace.name == file.stem().stem().string());
        CHECK(traces::is_compressed(bytes));
        bytes.resize(bytes.size() / 2);
        CHECK_THROWS_AS(traces::unpacked(bytes, "x.gz"), TraceError);
        std::filesystem::remove(file);
    }
#endif

    TEST_CASE("a file that cannot be written") {
        CHECK_THROWS_AS(traces::Output{"no/such/folder/x.trace"}, TraceError);
        traces::Output full{"/dev/full"};
        full.write("x");
        CHECK_THROWS_AS(full.finish(), TraceError);
    }

    TEST_CASE("a file is read whole") {
        const auto file =
            std::filesystem::temp_directory_path() /
            ("trace-test-" + std::to_string(std::filesystem::hash_value("x")) + ".trace");
        std::ofstream{file} << own("a 1 5\nf 1\n");

        CHECK(traces::read_trace(file).operations.size() == 2);
        std::filesystem::remove(file);
    }
}
