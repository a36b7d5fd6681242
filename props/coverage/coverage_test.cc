// The standard run meets every rule and every fallible step of the model, on some kernel version,
// and comes where each invariant could be false.
//
// A name that is missing here is a hole in the generator (props/generate), or a rule that nothing
// can fire: then it needs a line, with its reason, in allowed.h.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "model/model.h"
#include "props/coverage/tables.h"
#include "props/differ/campaign.h"
#include "props/subjects/seeded.h"
#include "report/files.h"
#include "report/terminal.h"

namespace props {
namespace {

constexpr std::uint64_t kPrograms = 30000;

const Coverage& standard_run() {
  static const Coverage coverage = [] {
    CampaignOptions options;
    options.programs = kPrograms;
    options.save = false;
    return run_campaign(*seeded_subject(impl::Bug::kNone), options).coverage;
  }();
  return coverage;
}

std::string lines(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "  " + name + "\n";
  return text;
}

TEST(Coverage, TheStandardRunIsComplete) {
  EXPECT_EQ(standard_run().programs(), kPrograms) << "it stopped at a difference";
}

TEST(Coverage, EveryRuleAndStepIsMet) {
  const std::vector<std::string> missing = missing_rules(standard_run());
  EXPECT_TRUE(missing.empty()) << "never fired:\n" << lines(missing);
}

TEST(Coverage, EveryAllowanceIsNeeded) {
  const std::vector<std::string> needless = needless_allowances(standard_run());
  EXPECT_TRUE(needless.empty()) << "fired after all, or unknown:\n" << lines(needless);
}

TEST(Coverage, EveryInvariantIsExercised) {
  const std::vector<std::string> idle = idle_invariants(standard_run());
  EXPECT_TRUE(idle.empty()) << "had nothing to say:\n" << lines(idle);
  for (std::size_t i = 0; i < model::kInvariants; ++i) {
    EXPECT_GE(standard_run().exercised_in(i), 100u) << model::invariants()[i].id;
  }
}

TEST(Coverage, EveryCallSucceedsAndFails) {
  for (std::size_t op = 0; op < abi::kOps; ++op) {
    std::uint64_t refused = 0;
    for (std::size_t e = 1; e < Coverage::kErrnos; ++e) refused += standard_run().outcome(op, e);
    EXPECT_GT(standard_run().outcome(op, 0), 0u) << abi::op_name(op);
    const bool cannot = op == abi::Op(abi::Exit{}).index();
    EXPECT_EQ(refused == 0, cannot) << abi::op_name(op);
  }
}

TEST(Coverage, StatesHaveEveryShape) {
  const Coverage& run = standard_run();
  EXPECT_GE(run.most(Shape::running), 17u);
  EXPECT_GE(run.most(Shape::threads), 5u);
  EXPECT_GE(run.most(Shape::blocked), 3u);
  EXPECT_GE(run.most(Shape::ended), 5u);
  EXPECT_GE(run.most(Shape::user_level), 33u) << "the limit";
  EXPECT_GE(run.most(Shape::pid_level), 32u) << "the limit";
  EXPECT_GE(run.most(Shape::pid_pending), 3u);
  EXPECT_GE(run.most(Shape::time_pending), 3u);
  EXPECT_GE(run.most(Shape::chrooted), 3u);
  EXPECT_GE(run.most(Shape::binds), 3u);
  EXPECT_LT(run.skipped() * 10, run.calls()) << "more than a tenth of the calls did nothing";
}

TEST(Coverage, IsLeftForTheReader) {
  report::Report report;
  report.title = "coverage of the standard run";
  report.checks = invariant_checks(standard_run());
  report.tables = coverage_tables(standard_run());
  for (const report::Check& check : report.checks) {
    std::printf("%s: %s times in %s programs\n", check.name.c_str(),
                report::with_commas(check.counts[1].value).c_str(),
                report::with_commas(check.counts[0].value).c_str());
  }
  for (const report::Table& table : report.tables) {
    std::fputs(report::to_terminal(table).c_str(), stdout);
  }
  if (report::test_outputs().empty()) GTEST_SKIP() << "not run by Bazel: no place for files";
  std::string error;
  report::write_files(report, report::test_outputs(), error);
  EXPECT_EQ(error, "");
}

}  // namespace
}  // namespace props
