// `nsproxy conform` on the running kernel leaves nothing behind, also when it is killed at any
// moment: no process, mount, sysctl, cgroup, network namespace or semaphore.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "props/systems/testing/machine.h"

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{15'000};

class LiveConform : public testing::Test {
 protected:
  void SetUp() override {
    props::systems::adopt_orphans();
    before_ = props::systems::machine();
  }
  void TearDown() override {
    EXPECT_TRUE(props::systems::no_child_left(kPatience)) << "a process is left";
    EXPECT_EQ(props::systems::machine(), before_);
  }

  // Starts the command; its process id.
  static pid_t start(std::vector<std::string> words) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
    execv(argv[0], argv.data());
    _exit(127);
  }

  static std::vector<std::string> conform(const std::string& more) {
    return {"cli/nsproxy", "conform", "--no-standing", "--seed=1", more};
  }

  std::string before_;
};

TEST_F(LiveConform, EndsByItself) {
  const pid_t pid = start(conform("--cases=6"));
  int status = -1;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_LE(WEXITSTATUS(status), 1) << "it did not run";
}

// How many generated programs a report counts at each place, and how many calls.
std::string programs_in(const std::string& directory) {
  std::ifstream file(directory + "/report.md");
  std::string text;
  for (std::string line; std::getline(file, line);) {
    const std::size_t programs = line.find("programs ");
    if (line.find("generated") == std::string::npos || programs == std::string::npos) continue;
    text += line.substr(programs, line.find("calls a second") - programs) + '\n';
  }
  return text;
}

// A seed gives the same programs however many agents share them.
TEST_F(LiveConform, JobsShareTheSamePrograms) {
  std::vector<std::string> seen;
  for (const std::string jobs : {"1", "3"}) {
    const std::string directory = testing::TempDir() + "conform_jobs_" + jobs;
    std::vector<std::string> words = conform("--cases=6");
    words.push_back("--jobs=" + jobs);
    words.push_back("--report=" + directory);
    const pid_t pid = start(words);
    int status = -1;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) <= 1) << "it did not run";
    seen.push_back(programs_in(directory));
  }
  EXPECT_NE(seen[0], "");
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(LiveConform, IsKilledAtAnyMoment) {
  constexpr int kSignals[] = {SIGKILL, SIGTERM, SIGINT};
  std::mt19937 random(std::random_device{}());
  for (int i = 0; i < 21; ++i) {
    const int signal = kSignals[i % 3];
    const milliseconds delay(std::uniform_int_distribution<int>(0, 400)(random));
    std::vector<std::string> words = conform("--seconds=60");
    words.push_back("--jobs=2");
    const pid_t pid = start(words);
    std::this_thread::sleep_for(delay);
    ASSERT_EQ(kill(pid, signal), 0);
    EXPECT_TRUE(props::systems::no_child_left(kPatience))
        << "after signal " << signal << " at " << delay.count() << " ms";
  }
}

}  // namespace
