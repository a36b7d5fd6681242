#include "report/report.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "report/files.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/terminal.h"
#include "report/text.h"

namespace report {
namespace {

Check check(const char* name, Verdict verdict, const char* reason = "") {
  Check c;
  c.name = name;
  c.verdict = verdict;
  c.reason = reason;
  return c;
}

// Every field filled, with the characters that each format has to escape.
Report awkward() {
  Report r;
  r.title = "diff <\"&'>";
  r.facts = {{"seed", "18446744073709551615"}, {"a|b", "`x` *y* _z_ \\ \n line"}};
  Check bad = check("model against baseline", Verdict::violated, "EPERM against EINVAL ]]>");
  bad.kind = Kind::invariant;
  bad.says = "no <tag> & no \x01 control";
  bad.counts = {{"programs", 1}, {"calls", 18446744073709551615u}};
  bad.seconds = 1.25;
  bad.details = {"one", "two\nlines"};
  bad.files = {"a b.ns"};
  r.checks = {bad, check("soak", Verdict::not_run, "no root"), check("proof", Verdict::holds)};
  Finding f;
  f.check = bad.name;
  f.title = "fork ```` is fenced";
  f.trace = "nsproxy-trace 1 profile=6.18\nt1 = t0.fork()  -> ok\n";
  f.facts = {{"holders", "a\nb"}};
  f.replay = "./bazelw run //:nsproxy -- diff --replay 'a b.ns'";
  f.files = {"a b.ns"};
  r.findings = {f};
  r.tables = {{"rules", {"id", "fired"}, {{"CLONE-10", "7"}, {"é", "0"}}}};
  return r;
}

TEST(Report, ExitStatusTellsNotRunApartFromHolding) {
  EXPECT_EQ(exit_status({}), 3) << "nothing ran";
  Report r;
  r.checks = {check("a", Verdict::not_run)};
  EXPECT_EQ(exit_status(r), 3);
  r.checks.push_back(check("b", Verdict::unknown));
  EXPECT_EQ(exit_status(r), 3);
  EXPECT_EQ(overall(r), Verdict::unknown);
  r.checks.push_back(check("c", Verdict::holds));
  EXPECT_EQ(exit_status(r), 0);
  r.checks.push_back(check("d", Verdict::violated));
  EXPECT_EQ(exit_status(r), 1);
}

TEST(Report, MergesShards) {
  Report all;
  Report shard;
  shard.title = "diff";
  shard.facts = {{"seed", "1"}};
  shard.checks = {check("a", Verdict::holds), check("b", Verdict::not_run, "no root")};
  shard.checks[0].counts = {{"programs", 10}};
  merge(all, shard);
  shard.checks[0].verdict = Verdict::violated;
  shard.checks[0].reason = "seen";
  shard.checks[1].verdict = Verdict::holds;
  shard.findings.push_back({});
  merge(all, shard);
  ASSERT_EQ(all.checks.size(), 2u);
  EXPECT_EQ(all.checks[0].verdict, Verdict::violated);
  EXPECT_EQ(all.checks[0].reason, "seen");
  EXPECT_EQ(all.checks[0].counts[0].value, 20u);
  EXPECT_EQ(all.checks[1].verdict, Verdict::holds) << "one shard could run it";
  EXPECT_EQ(all.facts.size(), 1u);
  EXPECT_EQ(all.findings.size(), 1u);
}

TEST(Json, ReadsBackWhatItWrote) {
  const Report written = awkward();
  const auto read = from_json(to_json(written));
  ASSERT_TRUE(std::holds_alternative<Report>(read)) << std::get<JsonError>(read).what;
  EXPECT_EQ(std::get<Report>(read), written);
}

TEST(Json, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"schema": 2})", R"({"schema": "1"})",
        R"({"schema": 1, "title": "", "facts": 1, "checks": [], "findings": [], "tables": []})",
        R"({"schema": 1, "title": 5, "facts": [], "checks": [], "findings": [], "tables": []})"}) {
    EXPECT_TRUE(std::holds_alternative<JsonError>(from_json(text))) << text;
  }
  std::string text = to_json(awkward());
  text.replace(text.find("violated", text.find("checks")), 8, "shrugged");
  EXPECT_TRUE(std::holds_alternative<JsonError>(from_json(text)));
}

TEST(Json, SurvivesBytesThatAreNotText) {
  Report r;
  r.title = "\xff\xfe";
  const auto read = from_json(to_json(r));
  ASSERT_TRUE(std::holds_alternative<Report>(read));
  EXPECT_EQ(std::get<Report>(read).title, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Junit, CountsAndEscapes) {
  const std::string xml = to_junit(awkward());
  EXPECT_NE(xml.find("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""), std::string::npos)
      << xml;
  EXPECT_NE(xml.find("name=\"diff &lt;&quot;&amp;'&gt;\""), std::string::npos);
  EXPECT_NE(xml.find("<skipped message=\"no root\"/>"), std::string::npos);
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
  EXPECT_EQ(xml.find("]]>"), std::string::npos);
  EXPECT_NE(xml.find("t1 = t0.fork()"), std::string::npos) << "the trace is in the failure";
}

TEST(Xml, EscapesEverythingThatXmlCannotHold) {
  EXPECT_EQ(xml_escaped("a<b>&\"c\n\t"), "a&lt;b&gt;&amp;&quot;c\n\t");
  EXPECT_EQ(xml_escaped(std::string_view("\0\x1f\x7f", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(xml_escaped("\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(xml_escaped("\xed\xa0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "surrogate";
}

TEST(Markdown, KeepsTablesAndFencesWhole) {
  const std::string md = to_markdown(awkward());
  EXPECT_NE(md.find("a\\|b"), std::string::npos);
  EXPECT_NE(md.find("| ⬜ not run | soak |"), std::string::npos) << md;
  EXPECT_NE(md.find("(no root)"), std::string::npos);
  EXPECT_EQ(fenced("a\n```\nb"), "````text\na\n```\nb\n````\n");
  EXPECT_EQ(markdown_escaped("<x>\n|"), "\\<x\\> \\|");
}

TEST(Terminal, ShowsWhatDidNotRunAsNotRun) {
  const std::string text = to_terminal(awkward(), {});
  EXPECT_NE(text.find("not run   soak"), std::string::npos) << text;
  EXPECT_NE(text.find("no root"), std::string::npos);
  EXPECT_NE(text.find("replay: ./bazelw run"), std::string::npos);
  EXPECT_EQ(text.find("\x1b["), std::string::npos) << "no colours unless asked for";
  EXPECT_EQ(text.find("CLONE-10"), std::string::npos) << "no tables unless asked for";
  const std::string full = to_terminal(awkward(), {.colour = true, .tables = true});
  EXPECT_NE(full.find("\x1b[1;31m"), std::string::npos);
  EXPECT_NE(full.find("CLONE-10  7"), std::string::npos) << full;
}

TEST(Text, FormatsNumbers) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(18446744073709551615u), "18,446,744,073,709,551,615");
  EXPECT_EQ(duration(0.244), "0.24 s");
  EXPECT_EQ(duration(185), "3 m 05 s");
  EXPECT_EQ(padded("é", 3), "é  ");
  EXPECT_EQ(padded("long", 2), "long");
}

TEST(Files, WritesAllFormats) {
  const std::string directory = ::testing::TempDir() + "/report_test/deeper";
  std::string error;
  const std::vector<std::string> files = write_files(awkward(), directory, error);
  EXPECT_EQ(error, "");
  ASSERT_EQ(files.size(), 3u);
  for (const std::string& file : files) EXPECT_GT(std::filesystem::file_size(file), 0u) << file;
}

TEST(Files, SaysWhatItCouldNotWrite) {
  const std::string file = ::testing::TempDir() + "/report_test_file";
  std::ofstream(file) << "in the way";
  std::string error;
  EXPECT_TRUE(write_files({}, file, error).empty());
  EXPECT_NE(error.find("cannot write"), std::string::npos);
}

}  // namespace
}  // namespace report
