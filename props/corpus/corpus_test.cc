// The standing traces: the model gives the results that are written in them, and every
// implementation does what the model does.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "abi/trace.h"
#include "model/model.h"
#include "props/differ/finding.h"
#include "props/subjects/subjects.h"

namespace props {
namespace {

std::vector<std::string> files() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("props/corpus")) {
    if (entry.path().extension() == ".ns") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Corpus : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto parsed = abi::parse_trace(contents(GetParam()));
    const auto* error = std::get_if<abi::ParseError>(&parsed);
    ASSERT_EQ(error, nullptr) << error->to_string(GetParam());
    trace_ = std::get<abi::Trace>(parsed);
  }
  abi::Trace trace_;
};

TEST_P(Corpus, ModelGivesTheWrittenResults) {
  model::Model model(trace_.setup);
  std::size_t stated = 0;
  for (const abi::TraceLine& line : trace_.lines) {
    const abi::Result result = model.apply(line.call);
    if (!line.expected) continue;
    ++stated;
    EXPECT_TRUE(line.expected->matches(result))
        << GetParam() << ":" << line.line << ": " << print(line.call) << " gives "
        << print(expectation_of(result));
    for (const model::Violation& violation : model.check()) {
      ADD_FAILURE() << GetParam() << ":" << line.line << ": " << violation.invariant << ": "
                    << violation.what;
    }
  }
  EXPECT_GT(stated, 0u) << "a trace without results shows nothing";
}

TEST_P(Corpus, ImplementationsFollowTheModel) {
  abi::Program program;
  for (const abi::TraceLine& line : trace_.lines) program.push_back(line.call);
  RunOptions options;
  options.whole_every = 1;
  for (const auto& subject : all_subjects()) {
    const std::optional<Story> story = subject->tell(trace_.setup, program, options);
    EXPECT_FALSE(story) << headline(*subject, *story) << "\n" << print(story->trace);
  }
}

TEST_P(Corpus, NamesItsRules) {
  EXPECT_EQ(contents(GetParam()).rfind("# rule: ", 0), 0u)
      << "the first line says which rules it shows, and which suite's cases";
}

INSTANTIATE_TEST_SUITE_P(Traces, Corpus, ::testing::ValuesIn(files()), [](const auto& trace) {
  return std::filesystem::path(trace.param).stem().string();
});

}  // namespace
}  // namespace props
