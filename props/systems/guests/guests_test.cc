// Each guest that this machine can run: it starts, its kernel does what the model says that a
// kernel of its version and configuration does, and it leaves nothing behind. The others are
// skipped.
#include "props/systems/guests/guests.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "abi/trace.h"
#include "model/model.h"
#include "props/systems/agent_system.h"

namespace props::systems {
namespace {

// What versions and configurations differ in: a vfork with a pending time namespace is refused
// until 6.1, and where there are no time namespaces nothing is pending.
constexpr const char* kProgram[] = {
    "t1 = t0.clone(CLONE_NEWUTS|SIGCHLD)",
    "f0 = t0.open_ns(t1, uts)",
    "t0.setns(f0, CLONE_NEWUTS)",
    "t0.unshare(CLONE_NEWTIME)",
    "t2 = t0.vfork()",
    "t0.unshare(CLONE_NEWUTS)",
    "t2.exit()",
    "t3 = t0.clone3(CLONE_NEWPID|CLONE_NEWIPC)",
    "t3.unshare(CLONE_NEWUSER|CLONE_NEWNET)",
    "t3.setresuid(0, 0, 0)",
    "t4 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)",
    "t4.unshare(CLONE_NEWUSER)",
    "f1 = t0.open_pidfd(t3)",
    "t3.exit_group()",
    "t0.setns(f1, CLONE_NEWIPC)",
    "t0.wait(t3)",
};

abi::Call call(const char* text) { return std::get<abi::Call>(nsabi::parse_call(text)); }

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

class Guest : public testing::TestWithParam<std::string_view> {
 protected:
  // Says why it does not run here, or nothing.
  std::optional<std::string> start(AgentSystem& guest) {
    const std::string agent = variable("NSPROXY_AGENT"), name(GetParam());
    const auto command = guests::command_of(name, {.agent = agent});
    if (const auto* not_here = std::get_if<guests::NotHere>(&command)) return not_here->reason;
    constexpr std::chrono::milliseconds kLimit{240'000};  // emulated, on a busy machine
    return guest.start({.command = {variable("NSPROXY_GUEST"), "--agent=" + agent, name},
                        .start_limit = kLimit,
                        .call_limit = kLimit});
  }
};

TEST_P(Guest, DoesWhatTheModelSays) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // whatever it leaves becomes a child of this process
  AgentSystem guest;
  if (const auto why = start(guest)) GTEST_SKIP() << *why;
  abi::Setup setup = guest.fit({});
  setup.profile = guest.greeting().profile;
  ASSERT_EQ(guest.reset(setup), std::nullopt);
  model::Model model(setup);
  for (const char* text : kProgram) {
    const abi::Result seen = guest.apply(call(text));
    ASSERT_EQ(guest.not_run(), "") << text;
    EXPECT_EQ(print(nsabi::expectation_of(seen)),
              print(nsabi::expectation_of(model.apply(call(text)))))
        << text << " on " << to_string(setup.profile);
  }
  guest.stop();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a process is left";
  EXPECT_EQ(errno, ECHILD);
}

std::string name_of(const testing::TestParamInfo<std::string_view>& guest) {
  std::string name(guest.param);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Guest,
                         testing::ValuesIn(guests::names().begin(), guests::names().end()),
                         name_of);

}  // namespace
}  // namespace props::systems
