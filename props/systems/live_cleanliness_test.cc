// The agent leaves nothing behind: no process, mount, sysctl, cgroup or
// semaphore, however it ends.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "props/systems/testing/live.h"
#include "props/systems/testing/machine.h"

namespace props::systems {
namespace {

using std::chrono::milliseconds;

class LiveCleanliness : public LiveTest {
 protected:
  void SetUp() override {
    adopt_orphans();
    before_ = machine();
    LiveTest::SetUp();
  }
  void TearDown() override { EXPECT_EQ(machine(), before_); }

  // Some of everything: threads, blocked tasks, zombies, nested namespaces, mounts, semaphores,
  // descriptors, ids.
  void make_a_mess() {
    ok({"t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNS|CLONE_NEWNET|SIGCHLD)",
        "t2 = t1.vfork()", "t3 = t2.clone(CLONE_NEWPID|CLONE_NEWIPC|SIGCHLD)",
        "t4 = t3.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)", "t3.exit()", "t5 = t0.fork()",
        "t5.exit()", "t0.semop()", "f0 = t0.open_ns(t3, pid)", "f1 = t0.open_ns(t4, ipc)",
        "f2 = t0.open_file(socket)", "f3 = t0.open_pidfd(t1)", "b0 = t0.bind_ns(f1)",
        "t6 = t0.fork()", "t6.pivot_root()", "t6.setresuid(1000, 1000, 1000)",
        "t4.set_limit(uts, 1)"});
  }

  std::string before_;
};

TEST_P(LiveCleanliness, AfterItsInputEnds) {
  make_a_mess();
  kernel_.stop();
  EXPECT_TRUE(no_child_left(milliseconds(10'000)));
}

TEST_P(LiveCleanliness, AfterManyPrograms) {
  for (int i = 0; i < 5; ++i) {
    make_a_mess();
    ASSERT_EQ(kernel_.reset(kernel_.fit({})), std::nullopt);
    EXPECT_EQ(make("t1 = t0.fork()"), "ok 2");
    ASSERT_EQ(kernel_.reset(kernel_.fit({})), std::nullopt);
  }
  kernel_.stop();
  EXPECT_TRUE(no_child_left(milliseconds(10'000)));
}

TEST_P(LiveCleanliness, AfterTheAgentIsKilled) {
  make_a_mess();
  ASSERT_EQ(kill(kernel_.pid(), SIGKILL), 0);
  EXPECT_TRUE(no_child_left(milliseconds(10'000)));
  EXPECT_FALSE(make("t7 = t0.fork()").starts_with("ok"));
  EXPECT_FALSE(kernel_.running());
}

// Killed at any moment, also while it starts or begins a program.
TEST_P(LiveCleanliness, AfterTheAgentIsKilledAtAnyMoment) {
  kernel_.stop();
  const std::string mode = std::string("--mode=") + GetParam();
  std::string lines;
  for (int i = 0; i < 200; ++i) {
    lines += "program " + print(kernel_.fit({})) +
             "\nt1 = t0.clone(CLONE_NEWPID|SIGCHLD)\nt2 = t1.vfork()\nt0.unshare(CLONE_NEWNS)\n";
  }
  for (int delay = 0; delay < 40; ++delay) {
    int in[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in), 0);
    const pid_t pid = fork();
    if (pid == 0) {
      dup2(in[1], STDIN_FILENO);
      dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
      execlp(agent_path().c_str(), "nsproxy-agent", mode.c_str(), nullptr);
      _exit(127);
    }
    send(in[0], lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    std::this_thread::sleep_for(milliseconds(delay));
    EXPECT_EQ(kill(pid, SIGKILL), 0);
    EXPECT_TRUE(no_child_left(milliseconds(10'000))) << "after " << delay << " ms";
    close(in[0]);
    close(in[1]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LiveCleanliness, testing::Values("host", "userns"), mode_name);

}  // namespace
}  // namespace props::systems
