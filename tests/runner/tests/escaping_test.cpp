#include "../escaping.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace runner;

TEST_CASE("what is no UTF-8 is replaced, all else is kept") {
    CHECK(valid_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z") ==
          "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z");
    const std::string replacement = "\xEF\xBF\xBD";
    CHECK(valid_utf8("a\xFF") == "a" + replacement);
    CHECK(valid_utf8("\xC3") == replacement);                    // cut off
    CHECK(valid_utf8("\xC0\xAF") == replacement + replacement);  // overlong
    CHECK(valid_utf8("\xE0\x80\xAF") == replacement + replacement + replacement);
    CHECK(valid_utf8("\xED\xA0\x80") == replacement + replacement + replacement);  // a surrogate
    CHECK(valid_utf8("\xF4\x90\x80\x80").size() == 4 * replacement.size());        // too large
    CHECK(valid_utf8("\x80"
                     "b") == replacement + "b");
}

TEST_CASE("a JSON string escapes quotation marks, backslashes and control characters") {
    CHECK(json_string("plain") == "\"plain\"");
    CHECK(json_string("a\"b\\c") == R"("a\"b\\c")");
    CHECK(json_string("a\nb\tc\x1b") == R"("a\nb\tc\u001b")");
    CHECK(json_string(std::string_view{"\0", 1}) == R"("\u0000")");
}

TEST_CASE("XML keeps line ends and has no character that it does not allow") {
    CHECK(xml_text("a < b && \"c\" > d\n\te") == "a &lt; b &amp;&amp; &quot;c&quot; &gt; d\n\te");
    CHECK(xml_text("\x1b[31mred\x1b[0m") == "red");
    CHECK(xml_text("a\x01"
                   "b\xEF\xBF\xBF") ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD");
    CHECK(xml_attribute("a\n\t<") == "a&#10;&#9;&lt;");
}

TEST_CASE("a CSV field is quoted where it needs it, and is never a formula") {
    CHECK(csv_field("plain words") == "plain words");
    CHECK(csv_field("a,b") == "\"a,b\"");
    CHECK(csv_field("say \"no\"\n") == "\"say \"\"no\"\"\n\"");
    CHECK(csv_field("=1+1") == "'=1+1");
    CHECK(csv_field("@SUM(A1,A2)") == "\"'@SUM(A1,A2)\"");
    CHECK(csv_field("").empty());
}

TEST_CASE("a cell of a table has no control characters") {
    CHECK(one_line("a\nb\x07"
                   "c\x7f") == "a?b?c?");
    CHECK(one_line("\x1b[2Jgone") == "gone");
}
