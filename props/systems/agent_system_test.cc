// The client's side, with agents that are shell scripts: what they say wrong, or not in time.
#include <chrono>

#include "props/systems/testing/live.h"

namespace props::systems {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kGreeting[] = "echo nsproxy-agent 1 profile=6.18 mode=test caps=full bounding=full;";

AgentCommand script(const std::string& text) {
  return {.command = {"sh", "-c", text},
          .start_limit = milliseconds(2000),
          .call_limit = milliseconds(300)};
}

TEST(AgentSystem, TakesWhatItIsTold) {
  AgentSystem system;
  ASSERT_EQ(system.start(script(std::string(kGreeting) +
                                "read a; echo 'ok | t0 running uts=7 uid=1,2,3 chrooted';"
                                "read a; echo 'ok 2 | t1 zombie pid=5.1 | t0 none';"
                                "read a; echo 'EPERM'")),
            std::nullopt);
  EXPECT_EQ(system.greeting().mode, "test");
  ASSERT_EQ(system.reset({}), std::nullopt);
  EXPECT_EQ(system.task({0}).ns[index(nsabi::NsLink::uts)], 7u);
  EXPECT_EQ(system.task({0}).uid[1], 2u);
  EXPECT_TRUE(system.task({0}).chrooted);
  EXPECT_EQ(system.apply(call("t1 = t0.fork()")).value, 2);
  EXPECT_EQ(system.touched_tasks().size(), 2u);
  EXPECT_EQ(system.task({0}).state, nsabi::TaskState::none);
  ASSERT_EQ(system.view().tasks.size(), 1u);
  EXPECT_EQ(system.view().tasks[0].view.ns[index(nsabi::NsLink::pid)], 0x100000005u);
  EXPECT_EQ(system.apply(call("t0.execve()")).error, nsabi::Errno::kEPERM);
  EXPECT_EQ(system.not_run(), "");
}

TEST(AgentSystem, SaysWhyNothingStarted) {
  AgentSystem system;
  EXPECT_EQ(system.start({.command = {}}), "no command");
  EXPECT_EQ(system.start({.command = {"/no/such/agent"}}), "cannot start /no/such/agent");
  EXPECT_EQ(system.start(script("echo hello")), "sh says `hello`");
  EXPECT_EQ(system.start(script("echo broken no memory")), "no memory");
  EXPECT_EQ(system.start(script("exit 3")), "sh does not answer");
  EXPECT_FALSE(system.running());
  EXPECT_NE(system.reset({}), std::nullopt);
}

TEST(AgentSystem, PassesReasonsOn) {
  AgentSystem system;
  ASSERT_EQ(system.start(script(std::string(kGreeting) +
                                "read a; echo 'ok'; read a; echo 'not-run too dear';"
                                "read a; echo 'broken lost it'")),
            std::nullopt);
  ASSERT_EQ(system.reset({}), std::nullopt);
  EXPECT_TRUE(system.apply(call("t0.execve()")).skipped);
  EXPECT_EQ(system.not_run(), "too dear");
  system.apply(call("t0.execve()"));
  EXPECT_EQ(system.not_run(), "lost it");
}

TEST(AgentSystem, KillsOneThatHangs) {
  AgentSystem system;
  ASSERT_EQ(system.start(script(std::string(kGreeting) + "read a; echo ok; exec sleep 1000")),
            std::nullopt);
  ASSERT_EQ(system.reset({}), std::nullopt);
  const auto begin = steady_clock::now();
  EXPECT_TRUE(system.apply(call("t0.execve()")).skipped);
  EXPECT_EQ(system.not_run(), "the agent did not answer in time, or has ended");
  EXPECT_FALSE(system.running());
  EXPECT_LT(steady_clock::now() - begin, milliseconds(10'000));
}

TEST(AgentSystem, GivesUpOneThatTalksNonsense) {
  AgentSystem system;
  ASSERT_EQ(system.start(script(std::string(kGreeting) + "read a; echo 'ok | t0 asleep'; read a")),
            std::nullopt);
  EXPECT_EQ(system.reset({}), "the agent says `ok | t0 asleep`");
  EXPECT_FALSE(system.running());
}

TEST(AgentSystem, FitsASetupToTheAgent) {
  AgentSystem system;
  ASSERT_EQ(system.start(script("echo nsproxy-agent 1 profile=6.1 mode=m caps=full-CAP_SYS_TIME "
                                "bounding=CAP_SETUID uids=0; read a")),
            std::nullopt);
  abi::Setup setup;
  setup.uid = 1000;
  setup = system.fit(setup);
  EXPECT_EQ(setup.caps, nsabi::kCapFull & ~nsabi::cap_bit(nsabi::cap::SYS_TIME));
  EXPECT_EQ(setup.bounding, nsabi::cap_bit(nsabi::cap::SETUID));
  EXPECT_EQ(setup.uid, 0u);
}

}  // namespace
}  // namespace props::systems
