// Linux's own nsproxy.c agrees with the model: generated programs with a fault at every allocation,
// counts against holders, and nothing left at the end. Skipped where there is no kernel source. A
// campaign of a million calls is `nsproxy diff --impl linux-6.12 --cases 10000`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "abi/trace.h"
#include "props/differ/campaign.h"
#include "props/systems/linux_source/linux_subjects.h"
#include "report/files.h"

namespace props {
namespace {

using testing::ElementsAre;

std::unique_ptr<Subject> subject_named(std::string_view name) {
  for (auto& subject : linux_subjects()) {
    if (subject->name() == name) return std::move(subject);
  }
  return nullptr;
}

class LinuxSource : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    subject_ = subject_named(GetParam());
    ASSERT_NE(subject_, nullptr);
    if (!subject_->absent().empty()) GTEST_SKIP() << subject_->name() << ": " << subject_->absent();
  }

  std::unique_ptr<Subject> subject_;
};

TEST_P(LinuxSource, AgreesWithTheModel) {
  CampaignOptions options;
  options.seed = 20265;
  options.programs = 3000;
  options.limits.profiles = subject_->profiles();
  options.directory = report::test_outputs();
  const CampaignResult result = run_campaign(*subject_, options);
  for (const Found& found : result.found) {
    ADD_FAILURE() << found.finding.title << "\n" << found.finding.trace;
  }
  EXPECT_GT(result.calls, 250000u);
}

// The standing traces, on that version whatever they were written for.
TEST_P(LinuxSource, FollowsTheModelInTheStandingTraces) {
  std::size_t traces = 0;
  for (const auto& entry : std::filesystem::directory_iterator("props/corpus")) {
    if (entry.path().extension() != ".ns") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    abi::Trace trace = std::get<abi::Trace>(abi::parse_trace(text));
    trace.setup.profile = subject_->profiles().front();
    abi::Program program;
    for (const abi::TraceLine& line : trace.lines) program.push_back(line.call);
    const std::optional<Story> story = subject_->tell(trace.setup, program, {});
    EXPECT_FALSE(story) << entry.path() << "\n" << print(story->trace);
    ++traces;
  }
  EXPECT_GT(traces, 50u);
}

// What Debian's versions are known to do wrong, no more and no less: a fixed one is noticed.
TEST_P(LinuxSource, DeviatesWhereItIsKnownTo) {
  std::vector<std::string> ids;
  for (const Deviation& known : subject_->known()) {
    ids.push_back(known.id);
    std::printf("%s: %s\n%s", known.id.c_str(), known.says.c_str(), known.trace.c_str());
  }
  if (subject_->name() != "linux-source") {
    EXPECT_THAT(ids, ElementsAre("LINUX-01"));
  }
}

TEST(SeededLinuxSource, IsFound) {
  const std::unique_ptr<Subject> subject = seeded_linux_subject();
  if (!subject->absent().empty()) GTEST_SKIP() << subject->absent();
  CampaignOptions options;
  options.programs = 100;
  options.limits.profiles = subject->profiles();
  options.save = false;
  const CampaignResult result = run_campaign(*subject, options);
  ASSERT_EQ(result.found.size(), 1u);
  EXPECT_LE(result.found.front().shrunk.failing.program.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Trees, LinuxSource,
                         testing::Values("linux-6.1", "linux-6.12", "linux-source"),
                         [](const auto& tree) {
                           std::string name = tree.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace props
