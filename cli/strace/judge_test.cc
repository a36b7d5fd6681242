// Verdicts: what diverges, what is excused and under which reason, and how the replay goes on.
#include <gtest/gtest.h>

#include "cli/strace/strace_log.h"

namespace cli::strace_log {
namespace {

const std::string kExec = R"(10 execve("/bin/x", ["x"], 0x1 /* 1 var */) = 0
)";

// The one reason under which something was counted as outside.
std::string outside(const std::string& log) {
  const LogReport r = check_log(log, {});
  EXPECT_EQ(r.total.diverged, 0u) << format(r, "log");
  EXPECT_EQ(r.total.outside, 1u) << format(r, "log");
  for (const auto& [reason, count] : r.outside) {
    if (count.count > 0) return reason;
  }
  return "";
}

TEST(Judge, ReportsTheRuleAndTheWayThere) {
  const LogReport r = check_log(kExec + R"(10 unshare(CLONE_NEWPID) = 0
10 unshare(CLONE_NEWPID) = 0
)",
                                {});
  ASSERT_EQ(r.divergences.size(), 1u);
  const Divergence& d = r.divergences[0];
  EXPECT_EQ(d.line, 3u);
  EXPECT_EQ(d.text, "10 unshare(CLONE_NEWPID) = 0");
  EXPECT_EQ(d.kernel, "ok");
  EXPECT_EQ(d.model, "EINVAL");
  EXPECT_TRUE(d.rule.starts_with("PIDNS-01")) << d.rule;
  EXPECT_FALSE(d.says.empty());
  EXPECT_EQ(d.function, "copy_pid_ns");
  ASSERT_GE(d.state.size(), 3u);
  EXPECT_NE(d.state[0].find("t1 (pid 10) x"), std::string::npos) << d.state[0];
  EXPECT_EQ(d.state[2], "line 2: 10 unshare(CLONE_NEWPID) = 0");
  const std::string text = format(r, "a.log");
  EXPECT_NE(text.find("a.log: x, 1 task, 2 calls checked: 1 agreed, 1 diverged"), std::string::npos)
      << text;
  EXPECT_NE(text.find("DIVERGED in line 3"), std::string::npos) << text;
}

TEST(Judge, ADivergenceDoesNotCascade) {
  const LogReport r = check_log(kExec + R"(10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 setresuid(1000, 1000, 1000) = 0
11 unshare(CLONE_NEWNET) = 0
11 unshare(CLONE_NEWUTS) = 0
11 clone(child_stack=NULL, flags=CLONE_NEWIPC|SIGCHLD) = 12
12 unshare(CLONE_NEWNS) = 0
10 unshare(CLONE_NEWPID) = 0
)",
                                {});
  EXPECT_EQ(r.total.diverged, 1u) << format(r, "log");
  EXPECT_EQ(r.divergences[0].line, 4u);
  EXPECT_EQ(r.total.outside, 3u);
  EXPECT_EQ(r.outside.at("follows the divergence in line 4").count, 3u);
  EXPECT_EQ(r.tasks, 3u);
}

TEST(Judge, RefusalsThatTheModelDoesNotKnowOf) {
  EXPECT_EQ(outside(kExec + "10 execve(\"/bin/y\", [\"y\"], 0x1) = -1 ENOENT (x)\n"),
            "the program's file cannot be run");
  EXPECT_EQ(outside(kExec + "10 chroot(\"/nowhere\") = -1 ENOENT (x)\n"), "no such file");
  EXPECT_EQ(outside(kExec + "10 clone(child_stack=NULL, flags=SIGCHLD) = -1 EAGAIN (x)\n"),
            "a limit on processes (RLIMIT_NPROC, pids cgroup)");
  EXPECT_EQ(outside(kExec + "10 unshare(CLONE_NEWNET) = -1 ENOSPC (x)\n"),
            "a limit on namespaces that was set before the log (user.max_*_namespaces)");
  EXPECT_EQ(outside(kExec + "10 clone3({flags=0}, 88) = -1 ENOSYS (x)\n"),
            "no such system call there (old kernel, or a seccomp filter)");
  EXPECT_EQ(outside(kExec + "10 pivot_root(\".\", \"old\") = -1 EINVAL (x)\n"),
            "the mount tree (pivot_root wants mount points that are not shared)");
  EXPECT_EQ(outside(kExec + "10 kill(77, SIGKILL) = 0\n"),
            "about a process that the log does not show");
  EXPECT_EQ(outside(kExec + "10 wait4(77, NULL, 0, NULL) = 77\n"),
            "the child, or its end, is not in the log");
  EXPECT_EQ(outside(kExec + "10 setns(9, 0) = 0\n"), "the descriptor came without a traced call");
  EXPECT_EQ(outside(kExec + "10 unshare(CLONE_NEWNET) = -1 EPERM (x) (INJECTED)\n"),
            "strace made the result up (--inject)");
}

TEST(Judge, RefusalsThatNothingExcuses) {
  Options root;
  root.uid = 0;
  for (const std::string call :
       {"unshare(CLONE_NEWNET) = -1 EPERM (x)", "unshare(CLONE_NEWNET) = -1 EINVAL (x)",
        "unshare(CLONE_NEWNET) = -1 ENOMEM (x)",
        "clone(child_stack=NULL, flags=SIGCHLD) = -1 EINVAL (x)",
        "setresuid(5, 5, 5) = -1 EPERM (x)",
        "openat(-100, \"/proc/self/ns/net\", O_RDONLY) = -1 EACCES (x)",
        "chroot(\"/x\") = -1 EPERM (x)", "prctl(PR_SET_KEEPCAPS, 1) = -1 EINVAL (x)"}) {
    const LogReport r = check_log(kExec + "10 " + call + "\n10 +++ exited with 0 +++\n", root);
    EXPECT_EQ(r.total.diverged, 1u) << call << "\n" << format(r, "log");
  }
}

TEST(Judge, SuccessThatNothingExcuses) {
  const std::string user = kExec + "10 setresuid(1000, 1000, 1000) = 0\n10 ";
  for (const std::string call :
       {"unshare(CLONE_NEWNET) = 0", "clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD) = 11",
        "setns(4, CLONE_NEWNET) = 0", "chroot(\"/x\") = 0", "setuid(0) = 0",
        "unshare(CLONE_THREAD|0x1) = 0", "unshare(CLONE_NEWUSER|CLONE_NEWPID|0x10) = 0"}) {
    const LogReport r = check_log(user + call + "\n", {});
    EXPECT_EQ(r.total.diverged, 1u) << call << "\n" << format(r, "log");
  }
}

TEST(Judge, CallsThatNeverHappened) {
  const LogReport r = check_log(
      kExec + R"(10 clone(child_stack=NULL, flags=SIGCHLD) = ? ERESTARTNOINTR (To be restarted)
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
10 wait4(-1, 0x7, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
10 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=11, si_uid=0} ---
11 +++ killed by SIGTERM +++
10 wait4(-1, NULL, 0, NULL) = 11
10 unshare(CLONE_NEWNET <unfinished ...>
10 +++ killed by SIGKILL +++
)",
      {});
  EXPECT_EQ(r.total.agreed, 2u) << format(r, "log");
  EXPECT_EQ(r.total.diverged + r.total.outside, 0u);
  EXPECT_EQ(r.tasks, 2u);
}

// A log that begins in the middle of things does not show whose child somebody is.
TEST(Judge, ChildrenFromBeforeTheLog) {
  EXPECT_EQ(outside(R"(10 <... clone resumed>) = 11
11 <... execve resumed>) = 0
11 unshare(CLONE_NEWUTS) = 0
11 exit_group(0) = ?
11 +++ exited with 0 +++
10 wait4(11, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
)"),
            "the task's beginning is not in the log");
}

TEST(Judge, InodeNumbers) {
  const std::string log =
      kExec + R"(10 openat(AT_FDCWD</>, "/proc/self/ns/net", O_RDONLY) = 3<net:[4026532000]>
10 readlink("/proc/self/ns/net", "net:[4026532000]", 64) = 16
10 unshare(CLONE_NEWNET) = 0
10 readlink("/proc/self/ns/net", "net:[4026532111]", 64) = 16
10 newfstatat(AT_FDCWD</>, "/proc/self/ns/net", {st_dev=makedev(0, 0x4), st_ino=4026532111, st_mode=S_IFREG|0444}, 0) = 0
)";
  const LogReport r = check_log(log, {});
  EXPECT_EQ(r.total.diverged, 0u) << format(r, "log");
  EXPECT_EQ(r.by_call.at("inode numbers").agreed, 3u);
  std::string wrong = log;
  wrong.replace(wrong.rfind("4026532111"), 10, "4026532112");
  const LogReport changed = check_log(wrong, {});
  ASSERT_EQ(changed.total.diverged, 1u) << format(changed, "log");
  EXPECT_EQ(changed.divergences[0].kernel, "net:[4026532112]");
}

// A number means another namespace once the first one is dead.
TEST(Judge, InodeNumbersAreUsedAgain) {
  const LogReport r =
      check_log(kExec + R"(10 clone(child_stack=NULL, flags=CLONE_NEWNET|SIGCHLD) = 11
11 readlink("/proc/self/ns/net", "net:[4026532111]", 64) = 16
11 +++ exited with 0 +++
10 wait4(11, NULL, 0, NULL) = 11
10 unshare(CLONE_NEWNET) = 0
10 readlink("/proc/self/ns/net", "net:[4026532111]", 64) = 16
10 readlink("/proc/self/ns/net", "net:[4026532111]", 64) = 16
)",
                {});
  EXPECT_EQ(r.total.diverged, 0u) << format(r, "log");
  EXPECT_EQ(r.by_call.at("inode numbers").agreed, 1u);
}

TEST(Judge, MapsThatOthersWrote) {
  const LogReport r = check_log(kExec + R"(10 setresuid(1000, 1000, 1000) = 0
10 vfork() = 11
11 execve("/usr/bin/newuidmap", ["newuidmap", "10", "0", "1000", "1"], 0x1) = 0
10 unshare(CLONE_NEWUSER) = 0
11 openat(AT_FDCWD, "/proc/10/uid_map", O_WRONLY) = 3
11 write(3, "0 1000 1\n1 100000 65536\n", 24) = 24
10 setresuid(0, 0, 0) = 0
)",
                                {});
  EXPECT_EQ(r.total.diverged, 0u) << format(r, "log");
  EXPECT_EQ(r.outside.at("privileges of a set-user-ID program, or of file capabilities").count, 1u);
}

TEST(Judge, TextThatStraceCut) {
  EXPECT_EQ(outside(kExec + R"(10 unshare(CLONE_NEWUSER) = 0
10 openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY) = 3
10 write(3, "0 1000 1\n1 100000 6553"..., 40) = 40
10 setresuid(0, 0, 0) = 0
)"),
            "strace cut the written text short (-s)");
}

TEST(Judge, UnreadableCallsAreCounted) {
  const LogReport r =
      check_log(kExec + "10 unshare(CLONE_NEWNET = 0\n10 unshare(0) = 0\nfoo\n", {});
  EXPECT_EQ(r.unreadable_lines, 2u);
  ASSERT_EQ(r.unreadable.size(), 2u);
  EXPECT_EQ(r.total.agreed, 1u);
  EXPECT_NE(format(r, "x").find("x:2:28: expected a ) or another argument"), std::string::npos)
      << format(r, "x");
}

TEST(Judge, ALogThatIsNone) {
  EXPECT_FALSE(check_log("hello\nworld\n", {}).readable);
  EXPECT_EQ(format(check_log("hello\n", {}), "x"),
            "x:1:6: expected (: not a log of strace; record one with strace -f -o LOG PROGRAM\n");
  EXPECT_FALSE(check_log("", {}).readable);
}

}  // namespace
}  // namespace cli::strace_log
