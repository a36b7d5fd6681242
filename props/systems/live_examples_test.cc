// What semantics say of single rules, on the running kernel: every trace in examples/, with
// expected results that were written down by hand.
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "props/systems/testing/live.h"

namespace props::systems {
namespace {

namespace fs = std::filesystem;

// Those of quotas wait for what dies late, and set limits in user namespaces of their own in either
// mode: once is enough.
bool in_one_mode(const fs::path& path) { return path.stem().string().starts_with("quota_"); }

std::vector<fs::path> examples() {
  const char* directory = std::getenv("NSPROXY_EXAMPLES");
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(directory != nullptr ? directory : "examples")) {
    if (entry.path().extension() == ".ns") all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  return all;
}

abi::Trace read_trace(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto trace = nsabi::parse_trace(text.str());
  if (const auto* error = std::get_if<abi::ParseError>(&trace)) {
    ADD_FAILURE() << error->to_string(path.string());
    return {};
  }
  return std::get<abi::Trace>(trace);
}

// One agent for all examples of a mode: that they don't disturb each other is tested too.
AgentSystem& agent(const std::string& mode, std::optional<std::string>& why) {
  static std::map<std::string, std::unique_ptr<AgentSystem>> all;
  auto& one = all[mode];
  if (!one) one = std::make_unique<AgentSystem>();
  if (!one->running()) why = start_agent(*one, mode);
  return *one;
}

std::vector<std::tuple<const char*, fs::path>> cases() {
  std::vector<std::tuple<const char*, fs::path>> all;
  for (const fs::path& path : examples()) {
    if (!in_one_mode(path)) all.emplace_back("host", path);
    all.emplace_back("userns", path);
  }
  return all;
}

class LiveExamples : public testing::TestWithParam<std::tuple<const char*, fs::path>> {};

TEST_P(LiveExamples, HaveTheResultsThatWereWrittenDown) {
  const auto& [mode, path] = GetParam();
  const abi::Trace trace = read_trace(path);
  std::optional<std::string> why;
  AgentSystem& kernel = agent(mode, why);
  if (why) GTEST_SKIP() << *why;
  if (!kernel.greeting().profile.at_least(6, 18)) {
    GTEST_SKIP() << "what is expected is Linux 6.18's";
  }
  if ((why = kernel.reset(kernel.fit(trace.setup)))) GTEST_SKIP() << *why;
  for (const abi::TraceLine& line : trace.lines) {
    const abi::Result result = kernel.apply(line.call);
    if (!kernel.not_run().empty()) {
      GTEST_SKIP() << "line " << line.line << " not run: " << kernel.not_run();
    }
    if (!line.expected) continue;
    EXPECT_TRUE(line.expected->matches(result))
        << path.string() << ":" << line.line << ": " << print(line.call) << " gives "
        << print(nsabi::expectation_of(result)) << ", expected " << print(*line.expected);
  }
}

std::string name_of(const testing::TestParamInfo<LiveExamples::ParamType>& info) {
  return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(All, LiveExamples, testing::ValuesIn(cases()), name_of);

}  // namespace
}  // namespace props::systems
