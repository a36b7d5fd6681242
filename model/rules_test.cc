// Every rule fires on a program of its own, and does not on that program's nearest neighbour.
//
// The programs and what they give were written from the kernel's sources and from probes of a
// running one, not from what the model says (model/testdata/rules).
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/testing/cases.h"
#include "model/testing/world.h"

namespace model {
namespace {

constexpr std::array kFiles = {"clone3", "clone",         "creation", "unshare",
                               "setns",  "setns_install", "process",  "files",
                               "ioctl",  "credentials",   "settings"};

// Checks that no program can reach in this table. They stand there because tables share their
// parts.
struct Unreachable {
  std::string_view rule, call, why;
};
constexpr std::array kUnreachable = {
    Unreachable{"NSP-08-time", "clone", "0x80 is in the exit signal (CLONE-02)"},
    Unreachable{"UCNT-01-time", "clone", "0x80 is in the exit signal (CLONE-02)"},
    Unreachable{"CLONE-50", "clone", "clone takes no set_tid"},
    Unreachable{"CLONE-51", "clone", "clone takes no set_tid"},
    Unreachable{"CLONE-52", "clone", "clone takes no set_tid"},
    Unreachable{"CLONE-53", "clone", "clone takes no set_tid"},
    Unreachable{"CLONE-54", "clone", "clone takes no set_tid"},
    Unreachable{"CLONE-60", "clone", "the flag is above the low word (CLONE-01)"},
    Unreachable{"CLONE-17-detached", "clone3", "CLONE3-08-detached comes first"},
};

class RuleCases : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<Case> cases() const {
    return read_cases("rules/" + std::string(GetParam()) + ".cases");
  }
};

// Runs all lines, and explains the last one before it is run.
Explanation run(const Script& script, World& world) {
  Explanation told;
  for (std::size_t i = 0; i < script.lines.size(); ++i) {
    const CaseLine& line = script.lines[i];
    SCOPED_TRACE("line " + std::to_string(line.line) + ": " + abi::print(line.trace.call));
    if (i + 1 == script.lines.size()) told = world.model().explain(line.trace.call);
    world.run(line.trace);
    if (line.rule.empty()) continue;
    EXPECT_EQ(world.rule(), line.rule);
  }
  return told;
}

TEST_P(RuleCases, FireAndTheirNeighboursDoNot) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.at + " " + c.title + " in " + c.call);
    ASSERT_FALSE(c.refused.lines.empty() || c.neighbour.lines.empty());
    EXPECT_TRUE(c.refused.lines.back().trace.expected) << "says no errno";

    World refused(Model(c.refused.setup));
    const Explanation told = run(c.refused, refused);
    const RuleInfo& decided = rules()[refused.last().rule];
    EXPECT_EQ(decided.id, c.title);
    EXPECT_EQ(decided.call, c.call);
    EXPECT_EQ(decided.error, refused.last().error);
    EXPECT_EQ(told.rule, &decided);
    EXPECT_TRUE(told.result.same_outcome(refused.last()));

    World neighbour(Model(c.neighbour.setup));
    run(c.neighbour, neighbour);
    EXPECT_NE(neighbour.rule(), c.title);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, RuleCases, ::testing::ValuesIn(kFiles),
                         [](const auto& file) { return std::string(file.param); });

TEST(Rules, EachHasACaseInEachTable) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const char* file : kFiles) {
    for (const Case& c : read_cases("rules/" + std::string(file) + ".cases")) {
      seen.emplace(c.title, c.call);
    }
  }
  for (const Unreachable& u : kUnreachable) {
    EXPECT_TRUE(seen.emplace(u.rule, u.call).second)
        << u.rule << " in " << u.call << " has a case, so it can be reached";
  }
  std::set<std::pair<std::string, std::string>> known;
  for (const RuleInfo& rule : rules().subspan(1)) {
    if (rule.is_step) continue;
    known.emplace(rule.id, rule.call);
    EXPECT_TRUE(seen.contains({std::string(rule.id), std::string(rule.call)}))
        << rule.id << " in " << rule.call << " has no case";
  }
  for (const auto& [rule, call] : seen) {
    EXPECT_TRUE(known.contains({rule, call})) << rule << " in " << call << " is no rule";
  }
}

TEST(Rules, SayWhatTheyAre) {
  for (const RuleInfo& rule : rules().subspan(1)) {
    SCOPED_TRACE(rule.id);
    EXPECT_NE(rule.error, abi::Errno::kOk);
    for (std::string_view text : {rule.id, rule.function, rule.call, rule.says, rule.remedy}) {
      EXPECT_FALSE(text.empty());
    }
    EXPECT_TRUE(rule.until.mainline > rule.since.mainline ||
                rule.since == abi::only_in_series(rule.since.backport));
  }
  EXPECT_EQ(rules()[0].error, abi::Errno::kOk);
}

// Which of two mistakes in one call is reported: the orders of section 11.
TEST(Orders, AreTheKernels) {
  const std::vector<Case> cases = read_cases("orders.cases");
  EXPECT_GT(cases.size(), 20u);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.at + " " + c.title);
    World world(Model(c.refused.setup));
    run(c.refused, world);
  }
}

}  // namespace
}  // namespace model
