// Text that no strace wrote, or that something broke on the way: nothing may crash, hang or grow
// without bound, and what can be read is still read. Run it with --config=asan too.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <vector>

#include "cli/strace/strace_log.h"

namespace cli::strace_log {
namespace {

std::string read_file(std::string_view name) {
  std::ifstream in("cli/strace/testdata/" + std::string(name) + ".strace", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

LogReport check(std::string_view text) {
  Options options;
  options.timeline = true;
  options.save = true;
  return check_log(text, options);
}

// Something of every notation.
constexpr std::string_view kEverything = R"(10 execve("/bin/x", ["x", "y"...], 0x1 /* 1 var */) = 0
10 openat(AT_FDCWD</srv>, "/proc/self/ns/net", O_RDONLY|O_CLOEXEC) = 3<net:[4026531833]>
10 unshare(CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNS) = 0
10 clone3({flags=CLONE_PIDFD|CLONE_NEWUTS, pidfd=0x7, exit_signal=SIGCHLD, set_tid=[1], set_tid_size=1} => {pidfd=[5<anon_inode:[pidfd]>]}, 88 <unfinished ...>
11 write(4</proc/10/uid_map>, "0 0 1\n\0\x41"..., 8) = 8
10 <... clone3 resumed>) = 11 /* 12 in strace's PID NS */
strace: Process 13 attached
[pid 13] setns(5<anon_inode:[pidfd]>, 0x40000000 /* CLONE_NEWNET */) = -1 EPERM (Operation not permitted)
10 mount("/proc/self/ns/net", "/run/netns/x", NULL, MS_BIND, NULL) = 0
10 capset({version=0x20080522, pid=0}, {effective=1<<CAP_KILL, permitted=0x1|0x2, inheritable=0}) = 0
10 ioctl(3<net:[4026531833]>, _IOC(_IOC_NONE, 0xb7, 0x1, 0)) = 6
10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
10 --- SIGCHLD {si_signo=SIGCHLD, si_pid=11} ---
11 +++ exited with 0 +++
10 +++ killed by SIGKILL +++
)";

TEST(Hostile, BrokenOffAtEveryByte) {
  for (std::size_t n = 0; n <= kEverything.size(); ++n) {
    // A copy of its own size, so that a read beyond its end is seen.
    const std::string text(kEverything.substr(0, n));
    check(text);
    check(std::string(kEverything.substr(n)));
  }
  const std::string real = read_file("unshare");
  for (std::size_t n = 0; n < real.size(); n += 13) check(std::string(real, 0, n));
}

TEST(Hostile, EveryByteReplaced) {
  std::mt19937 random(1);
  for (std::size_t n = 0; n < kEverything.size(); ++n) {
    std::string text(kEverything);
    for (const char c : {'\0', '"', '<', '>', '(', ')', '[', '{', '=', '\n', '9', '\xff'}) {
      text[n] = c;
      check(text);
    }
  }
  for (int i = 0; i < 100; ++i) {
    std::string text = read_file("bwrap_userns");
    for (int k = 0; k < 50; ++k) text[random() % text.size()] = static_cast<char>(random());
    check(text);
  }
}

TEST(Hostile, LinesInAnyOrder) {
  std::mt19937 random(2);
  const std::string text = read_file("runc");
  std::vector<std::string> lines;
  std::stringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  for (int i = 0; i < 20; ++i) {
    std::ranges::shuffle(lines, random);
    std::string shuffled;
    for (const std::string& line : lines) shuffled += line + "\n";
    EXPECT_TRUE(check(shuffled).readable);
  }
}

TEST(Hostile, Noise) {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    std::string text(1 + random() % 4000, ' ');
    for (char& c : text) c = static_cast<char>(random());
    check(text);
  }
  EXPECT_FALSE(check(std::string(1000, '\0')).readable);
}

// Linear: a hundred megabytes take seconds even under a sanitizer.
TEST(Hostile, HugeLines) {
  constexpr std::size_t kSize = 100'000'000;
  const std::string exec = "10 execve(\"/bin/x\", [\"x\"], 0x1) = 0\n";
  for (const std::string& begin :
       {std::string("10 openat(AT_FDCWD, \""), std::string("10 clone3({flags="),
        std::string("10 unshare("), std::string("10 wait4("), std::string("")}) {
    for (const char fill : {'a', '[', ',', '1'}) {
      // Each combination at a tenth of the size, one of them in full.
      const bool full = fill == 'a' && begin.find("openat") != std::string::npos;
      std::string text = exec + begin;
      text.append(full ? kSize : kSize / 20, fill);
      text += ") = 0\n10 unshare(0) = 0\n";
      const LogReport r = check_log(text, {});
      EXPECT_TRUE(r.readable);
      EXPECT_GE(r.by_call.at("unshare").agreed, 1u) << begin << fill;
    }
  }
}

TEST(Hostile, ManyLines) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "x(strace: Process 5 attached\n";
  check(text);
  text.clear();
  for (int i = 0; i < 200'000; ++i)
    text += "5 <... clone resumed>) = 7\n5 clone( <unfinished ...>\n";
  check(text);
}

// Clones that never come back, children whom nobody names, lives that nobody made.
TEST(Hostile, ManyUnderWay) {
  constexpr int kMany = 100'000;
  const auto number = [](int i) { return std::to_string(100 + i); };
  const std::string exec = "10 execve(\"/bin/x\", [\"x\"], 0x1) = 0\n";
  std::string text = exec;
  for (int i = 0; i < kMany; ++i) text += number(i) + " clone(flags=SIGCHLD <unfinished ...>\n";
  check_log(text, {});
  text = exec + "10 clone(flags=CLONE_NEWPID|SIGCHLD) = 11\n";
  for (int i = 0; i < kMany; ++i) text += "11 fork() = " + std::to_string(i + 2) + "\n";
  for (int i = kMany; i > 0; --i) text += number(i) + " unshare(0) = 0\n";
  EXPECT_EQ(check_log(text, {}).total.diverged, 0u);
  text = exec;
  for (int i = 0; i < kMany; ++i) text += "strace: Process " + number(i) + " attached\n";
  for (int i = 0; i < kMany; ++i) text += "10 vfork() = " + number(i) + "\n";
  check_log(text, {});
  text = exec;
  for (int i = 0; i < kMany; ++i) {
    text += "10 readlink(\"/proc/self/ns/net\", \"net:[" + std::to_string(4026532000 + i % 7) +
            "]\", 64) = 16\n";
  }
  check_log(text, {});
}

TEST(Hostile, OverlongNumbers) {
  const LogReport r = check(
      "99999999999999999999 unshare(0) = 0\n"
      "10 execve(\"x\", [\"x\"], 0x1) = 0\n"
      "10 unshare(999999999999999999999999) = 0\n"
      "10 clone(child_stack=NULL, flags=SIGCHLD) = 9223372036854775807\n"
      "10 clone(child_stack=NULL, flags=SIGCHLD) = 99999999999999999999\n"
      "10 setns(-9223372036854775808, 0x7fffffffffffffff) = -1 EINVAL (x)\n"
      "10 close_range(0, 18446744073709551615, 0) = 0\n"
      "10 dup2(2147483647, 9223372036854775807) = 9223372036854775807\n"
      "10 write(3</proc/10/uid_map>, \"99999999999999999999 1 1\", 24) = -1 EINVAL (x)\n"
      "10 wait4(-9223372036854775808, NULL, 0, NULL) = -9223372036854775808\n"
      "10 kill(9223372036854775807, SIGKILL) = 0\n"
      "10 99999999:99:99 unshare(0) = 0\n"
      "10 prctl(PR_CAPBSET_DROP, 0xffffffffffffffff) = -1 EINVAL (x)\n");
  EXPECT_TRUE(r.readable);
}

// One after the other, and all at once.
TEST(Hostile, AMillionTasks) {
  constexpr std::uint32_t kTasks = 1'000'000;
#if defined(__SANITIZE_ADDRESS__)
  constexpr std::uint32_t kAtOnce = 200'000;  // a sanitizer's memory
#else
  constexpr std::uint32_t kAtOnce = kTasks;
#endif
  std::string text = "10 execve(\"/bin/x\", [\"x\"], 0x1) = 0\n";
  for (std::uint32_t i = 0; i < kTasks; ++i) {
    const std::string child = std::to_string(100 + i);
    text += "10 fork() = " + child + "\n" + child + " +++ exited with 0 +++\n10 wait4(" + child +
            ", NULL, 0, NULL) = " + child + "\n";
  }
  LogReport r = check_log(text, {});
  EXPECT_EQ(r.total.agreed, 2u * kTasks);
  EXPECT_EQ(r.total.diverged, 0u);
  EXPECT_EQ(r.tasks, kTasks + 1);
  text = "10 execve(\"/bin/x\", [\"x\"], 0x1) = 0\n";
  for (std::uint32_t i = 0; i < kAtOnce; ++i) {
    text += std::to_string(10 + i) + " fork() = " + std::to_string(11 + i) + "\n";
  }
  r = check_log(text, {});
  EXPECT_EQ(r.total.agreed, kAtOnce);
  EXPECT_EQ(r.total.diverged, 0u);
}

}  // namespace
}  // namespace cli::strace_log
