// Each guest that this machine can run leaves nothing behind, however it ends. The others are
// skipped. What they do is //props/conform's.
#include "props/systems/guests/guests.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "props/systems/testing/machine.h"

namespace props::systems {
namespace {

using std::chrono::milliseconds;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

class Guest : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    const auto command =
        guests::command_of(GetParam(), {.agent = "agent", .initramfs = "initramfs"});
    if (const auto* not_here = std::get_if<guests::NotHere>(&command)) {
      GTEST_SKIP() << not_here->reason;
    }
    adopt_orphans();
    before_ = machine();
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
  }
  void TearDown() override {
    if (IsSkipped()) return;
    for (const int fd : ends_) close(fd);
    EXPECT_EQ(machine(), before_);
  }

  pid_t start() {
    const std::string agent = "--agent=" + variable("NSPROXY_AGENT"), name(GetParam());
    const pid_t pid = fork();
    if (pid != 0) return pid;
    dup2(ends_[1], STDIN_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execl(variable("NSPROXY_GUEST").c_str(), "nsproxy-guest", agent.c_str(), name.c_str(), nullptr);
    _exit(127);
  }

  int ends_[2] = {-1, -1};
  std::string before_;
};

// While it prepares, while the kernel starts, and when that may be running.
TEST_P(Guest, LeavesNothingWhenItIsKilled) {
  for (const int delay : {1, 100, 1200}) {
    const pid_t pid = start();
    std::this_thread::sleep_for(milliseconds(delay));
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    EXPECT_TRUE(no_child_left(milliseconds(30'000))) << "after " << delay << " ms";
  }
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
