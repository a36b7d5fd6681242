// Every seeded bug is caught: by the program kept for it, and by random programs within a budget.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "props/differ/finding.h"
#include "props/mutants/table.h"
#include "props/subjects/seeded.h"

namespace props {
namespace {

// Calls, after shrinking: few, but for limits that take so many calls to reach (user namespaces
// nest 33 deep, with three calls a level; pid namespaces 32 deep).
constexpr std::size_t kLongestProgram = 12;
std::size_t longest(impl::Bug bug) {
  switch (bug) {
    case impl::Bug::kUserLevelUnlimited:
      return 3 * 34;
    case impl::Bug::kLevelLimitsExchanged:
    case impl::Bug::kPidLevelUnlimited:
    case impl::Bug::kPidDepthFirst:
      return 36;
    default:
      return kLongestProgram;
  }
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<abi::Trace> kept(const impl::BugInfo& bug) {
  const auto parsed = abi::parse_trace(contents(kill_file(bug)));
  const auto* trace = std::get_if<abi::Trace>(&parsed);
  return trace == nullptr ? std::nullopt : std::optional(*trace);
}

class Mutant : public ::testing::TestWithParam<impl::BugInfo> {};

TEST_P(Mutant, IsKilledByTheProgramKeptForIt) {
  const impl::BugInfo& bug = GetParam();
  if (!out_of_reach(bug).empty()) GTEST_SKIP() << out_of_reach(bug);
  const std::optional<abi::Trace> trace = kept(bug);
  ASSERT_TRUE(trace) << kill_file(bug) << " is missing: ./bazelw run "
                     << "//props/mutants:hunt -- --write --only " << bug.name;
  EXPECT_TRUE(kill(bug, *trace).check) << print(*trace);
  EXPECT_LE(trace->lines.size(), longest(bug.bug));
  const impl::BugInfo none{.bug = impl::Bug::kNone, .name = "none", .says = "", .source = ""};
  EXPECT_FALSE(kill(none, *trace).check) << "it must tell the bug from none";
}

// No shrinking: how small they get is what the kept programs show.
TEST_P(Mutant, IsFoundByRandomPrograms) {
  const impl::BugInfo& bug = GetParam();
  if (!out_of_reach(bug).empty()) GTEST_SKIP() << out_of_reach(bug);
  HuntOptions options;
  options.first_seed = 101;
  options.seeds = 1;
  options.programs = 50000;
  options.shrink_time = std::chrono::milliseconds(0);
  const Catch caught = hunt(bug.bug, options);
  ASSERT_TRUE(caught.smallest) << bug.says;
  std::printf("%s: %s after %llu calls\n", std::string(bug.name).c_str(),
              std::string(name(caught.smallest->unshrunk.check)).c_str(),
              static_cast<unsigned long long>(caught.median_calls));
}

INSTANTIATE_TEST_SUITE_P(Bugs, Mutant,
                         ::testing::ValuesIn(impl::bugs().begin(), impl::bugs().end()),
                         [](const auto& bug) { return std::string(bug.param.name); });

TEST(Seeded, WithoutABugIsRight) {
  CampaignOptions options;
  options.programs = 3000;
  const CampaignResult result = run_campaign(*seeded_subject(impl::Bug::kNone), options);
  EXPECT_TRUE(result.found.empty()) << result.found[0].finding.trace;
}

TEST(MutantsPage, IsCurrent) {
  std::vector<Row> rows;
  for (const impl::BugInfo& bug : impl::bugs()) {
    const std::optional<abi::Trace> trace = kept(bug);
    rows.push_back({.bug = &bug, .kill = trace ? kill(bug, *trace) : Kill{}, .measured = {}});
  }
  EXPECT_EQ(without_measured(contents("docs/mutants.md")), without_measured(mutants_page(rows)))
      << "./bazelw run //props/mutants:hunt -- --write";
}

}  // namespace
}  // namespace props
