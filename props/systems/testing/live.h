// For tests on the running kernel: an agent, calls as text, and reasons to skip.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "abi/trace.h"
#include "props/systems/agent_system.h"

namespace props::systems {

// The agent's binary, which the test's BUILD rule names.
inline std::string agent_path() {
  const char* path = std::getenv("NSPROXY_AGENT");
  EXPECT_TRUE(path != nullptr && access(path, X_OK) == 0) << "NSPROXY_AGENT is not the agent";
  return path != nullptr ? path : "";
}

// Says why there is no agent in that mode, or nothing.
inline std::optional<std::string> start_agent(AgentSystem& system, const std::string& mode) {
  return system.start({.command = {agent_path(), "--mode=" + mode}});
}

inline abi::Call call(const std::string& text) {
  const auto parsed = nsabi::parse_call(text);
  if (const auto* error = std::get_if<abi::ParseError>(&parsed)) {
    ADD_FAILURE() << text << ": " << error->to_string("call");
    return {};
  }
  return std::get<abi::Call>(parsed);
}

// A program that is written down call by call.
class LiveTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto why = start_agent(kernel_, GetParam())) GTEST_SKIP() << *why;
    if (const auto why = kernel_.reset(kernel_.fit({}))) GTEST_SKIP() << *why;
    if (!kernel_.greeting().profile.at_least(6, 18)) {
      GTEST_SKIP() << "what is expected is Linux 6.18's";
    }
  }

  // Makes the call and says what it gave: "ok", "ok 5", "EPERM", "skipped" or "not run: …".
  std::string make(const std::string& text) {
    const abi::Result result = kernel_.apply(call(text));
    if (!kernel_.not_run().empty()) return "not run: " + kernel_.not_run();
    return print(nsabi::expectation_of(result));
  }
  // Makes calls that have to succeed.
  void ok(std::initializer_list<const char*> calls) {
    for (const char* text : calls) EXPECT_TRUE(make(text).starts_with("ok")) << text;
  }

  abi::TaskView task(std::uint32_t n) { return kernel_.task({n}); }
  abi::ObjId ns(std::uint32_t n, abi::NsLink link) { return task(n).ns[index(link)]; }

  AgentSystem kernel_;
};

inline std::string mode_name(const testing::TestParamInfo<const char*>& mode) { return mode.param; }

}  // namespace props::systems
