// One feature, one small log: what it has to come to.
#include <gtest/gtest.h>

#include <variant>

#include "abi/trace.h"
#include "cli/strace/strace_log.h"
#include "model/model.h"

namespace cli::strace_log {
namespace {

LogReport check(const std::string& text, Options options = {}) {
  options.save = true;
  return check_log(text, options);
}

// All comparisons agree, and there are so many of them.
void expect_agreed(const LogReport& r, std::size_t agreed, std::size_t outside = 0) {
  EXPECT_EQ(r.total.agreed, agreed) << format(r, "log");
  EXPECT_EQ(r.total.diverged, 0u) << format(r, "log");
  EXPECT_EQ(r.total.outside, outside) << format(r, "log");
  EXPECT_EQ(r.unreadable_lines, 0u) << format(r, "log");
}

const std::string kExec = R"(10 execve("/bin/x", ["x"], 0x1 /* 1 var */) = 0
)";

TEST(Replay, UnshareAndItsMaps) {
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWUSER|CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7) = 11
10 wait4(11,  <unfinished ...>
11 openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY) = 3
11 write(3, "0 0 1", 5) = 5
11 close(3) = 0
11 openat(AT_FDCWD, "/proc/self/setgroups", O_WRONLY) = 3
11 write(3, "deny", 4) = 4
11 close(3) = 0
11 openat(AT_FDCWD, "/proc/self/gid_map", O_WRONLY) = 3
11 write(3, "0 0 1", 5) = 5
11 clone(child_stack=NULL, flags=SIGCHLD) = 2
12 exit_group(0) = ?
12 +++ exited with 0 +++
11 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2
11 exit_group(0) = ?
11 +++ exited with 0 +++
10 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
)");
  expect_agreed(r, 8);
  EXPECT_EQ(r.tasks, 3u);
  EXPECT_EQ(r.tool, "x");
  EXPECT_EQ(r.by_call.at("write").agreed, 3u);
}

TEST(Replay, ChildrensNumbersInTheirPidNamespace) {
  const std::string log = kExec + R"(10 unshare(CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 clone(child_stack=NULL, flags=SIGCHLD) = 2
12 +++ exited with 0 +++
11 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2
11 clone(child_stack=NULL, flags=SIGCHLD) = 3
13 +++ exited with 0 +++
11 wait4(3, NULL, 0, NULL) = 3
)";
  expect_agreed(check(log), 6);
  std::string wrong = log;
  wrong.replace(wrong.find(") = 3\n13"), 6, ") = 4\n");
  wrong.replace(wrong.find("wait4(3, NULL, 0, NULL) = 3"), 27, "wait4(4, NULL, 0, NULL) = 4");
  const LogReport r = check(wrong);
  ASSERT_EQ(r.total.diverged, 1u) << format(r, "log");
  EXPECT_EQ(r.divergences[0].kernel, "ok 4");
  EXPECT_EQ(r.divergences[0].model, "ok 3");
}

// Whoever was made first has the smaller label, whoever speaks first.
TEST(Replay, ChildrenMayAppearOutOfOrder) {
  const LogReport r = check(kExec + R"(10 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 11
11 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = 2
11 clone(child_stack=NULL, flags=SIGCHLD) = 3
13 unshare(CLONE_NEWIPC) = 0
12 unshare(CLONE_NEWIPC) = 0
12 +++ exited with 0 +++
11 wait4(-1, NULL, 0, NULL) = 2
13 +++ killed by SIGKILL +++
11 wait4(-1, NULL, 0, NULL) = 3
)");
  expect_agreed(r, 7);
}

TEST(Replay, DecodedPidsNameTheChild) {
  const LogReport r = check(kExec + R"(10 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 11
11 clone(child_stack=NULL, flags=SIGCHLD) = 2 /* 90 in strace's PID NS */
11 clone(child_stack=NULL, flags=SIGCHLD) = 3 /* 80 in strace's PID NS */
80 unshare(CLONE_NEWNET) = 0
80 +++ exited with 0 +++
11 wait4(3 /* 80 in strace's PID NS */, NULL, 0, NULL) = 3 /* 80 in strace's PID NS */
90 +++ exited with 0 +++
11 wait4(-1, NULL, 0, NULL) = 2
)");
  expect_agreed(r, 6);
}

TEST(Replay, VforkParentGoesOnBeforeExecveReturned) {
  const LogReport r = check(kExec + R"(10 vfork( <unfinished ...>
11 execve("/bin/ip", ["ip"], 0x5 <unfinished ...>
10 <... vfork resumed>) = 11
10 unshare(CLONE_NEWUTS) = 0
10 wait4(-1,  <unfinished ...>
11 <... execve resumed>) = 0
11 unshare(CLONE_NEWNET) = 0
11 +++ exited with 0 +++
10 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
)");
  expect_agreed(r, 4);
}

TEST(Replay, ThreadThatExecsBecomesTheLeader) {
  const LogReport r = check(
      kExec +
      R"(10 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM, child_tid=0x7, parent_tid=0x7, exit_signal=0, stack=0x7000, stack_size=0x100} => {parent_tid=[11]}, 88) = 11
10 unshare(CLONE_NEWUSER) = -1 EINVAL (Invalid argument)
11 execve("/bin/true", ["true"], 0x1 <unfinished ...>
10 +++ superseded by execve in pid 11 +++
10 <... execve resumed>) = 0
10 unshare(CLONE_NEWUSER) = 0
10 exit_group(0) = ?
10 +++ exited with 0 +++
)");
  expect_agreed(r, 3);
}

TEST(Replay, DescriptorsAreFollowedThroughDupForkAndExec) {
  const LogReport r =
      check(kExec + R"(10 openat(AT_FDCWD, "/proc/self/ns/net", O_RDONLY|O_CLOEXEC) = 3
10 unshare(CLONE_NEWNET) = 0
10 dup2(3, 7) = 7
10 fcntl(3, F_DUPFD_CLOEXEC, 10) = 10
10 close(3) = 0
10 setns(3, CLONE_NEWNET) = -1 EBADF (Bad file descriptor)
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 execve("/bin/y", ["y"], 0x1) = 0
11 setns(10, CLONE_NEWNET) = -1 EBADF (Bad file descriptor)
11 setns(7, CLONE_NEWUTS) = -1 EINVAL (Invalid argument)
11 setns(7, CLONE_NEWNET) = 0
10 close_range(7, 4294967295, 0) = 0
10 setns(7, CLONE_NEWNET) = -1 EBADF (Bad file descriptor)
)");
  expect_agreed(r, 8);
}

TEST(Replay, BindMountsKeepNamespaces) {
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWNET) = 0
10 mount("/proc/self/ns/net", "/run/netns/n", 0x1, MS_BIND, NULL) = 0
10 unshare(CLONE_NEWNET) = 0
10 openat(AT_FDCWD, "/run/netns/n", O_RDONLY|O_CLOEXEC) = 5
10 setns(5, CLONE_NEWNET) = 0
10 close(5) = 0
10 umount2("/run/netns/n", MNT_DETACH) = 0
10 unshare(CLONE_NEWNS) = 0
10 openat(AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY) = 5
10 mount("/proc/self/fd/5", "/run/netns/m", NULL, MS_BIND, NULL) = -1 EINVAL (Invalid argument)
)");
  expect_agreed(r, 8);
}

TEST(Replay, Pidfds) {
  const LogReport r = check(
      kExec +
      R"(10 clone3({flags=CLONE_PIDFD|CLONE_NEWNET|CLONE_NEWUTS, pidfd=0x7f, exit_signal=SIGCHLD} => {pidfd=[3<anon_inode:[pidfd]>]}, 88) = 11
10 setns(3<anon_inode:[pidfd]>, 0) = -1 EINVAL (Invalid argument)
10 setns(3<anon_inode:[pidfd]>, CLONE_NEWNET|CLONE_NEWUTS) = 0
10 pidfd_open(11, 0) = 4<anon_inode:[pidfd]>
10 ioctl(4<anon_inode:[pidfd]>, _IOC(_IOC_NONE, 0xff, 0x4, 0), 0) = 6<net:[4026532177]>
10 setns(6<net:[4026532177]>, CLONE_NEWNET) = 0
11 +++ exited with 0 +++
10 wait4(11, NULL, 0, NULL) = 11
10 setns(4<anon_inode:[pidfd]>, CLONE_NEWNET) = -1 ESRCH (No such process)
)");
  expect_agreed(r, 8);
}

TEST(Replay, NamespaceIoctls) {
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWUSER|CLONE_NEWUTS) = 0
10 openat(AT_FDCWD</>, "/proc/self/ns/uts", O_RDONLY) = 3<uts:[4026532200]>
10 ioctl(3<uts:[4026532200]>, NS_GET_USERNS) = 4<user:[4026532199]>
10 openat(AT_FDCWD</>, "/proc/self/ns/user", O_RDONLY) = 5<user:[4026532199]>
10 ioctl(4<user:[4026532199]>, NS_GET_PARENT) = -1 EPERM (Operation not permitted)
10 ioctl(3<uts:[4026532200]>, 0xb703 /* NS_GET_NSTYPE */) = 0x4000000 (CLONE_NEWUTS)
10 ioctl(3<uts:[4026532200]>, NS_GET_OWNER_UID, 0x7f) = -1 EINVAL (Invalid argument)
10 ioctl(99, NS_GET_USERNS) = -1 EBADF (Bad file descriptor)
10 ioctl(3<uts:[4026532200]>, TCGETS, 0x7) = -1 ENOTTY (Inappropriate ioctl for device)
)");
  // The number of the user namespace is seen twice: one comparison.
  expect_agreed(r, 9);
}

TEST(Replay, RootsThatMove) {
  const LogReport r = check(kExec + R"(10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 chroot("/srv/root") = 0
11 unshare(CLONE_NEWUSER) = -1 EPERM (Operation not permitted)
10 unshare(CLONE_NEWNS) = 0
10 chdir("/newroot") = 0
10 mount(".", "/", NULL, MS_MOVE, NULL) = 0
10 chroot(".") = 0
10 unshare(CLONE_NEWUSER) = 0
10 pivot_root(".", ".") = -1 EPERM (Operation not permitted)
)");
  expect_agreed(r, 7);
}

TEST(Replay, CredentialsAndCapabilities) {
  const LogReport r = check(kExec + R"(10 prctl(PR_SET_KEEPCAPS, 1) = 0
10 prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) = 1
10 setresgid(1000, 1000, 1000) = 0
10 setresuid(1000, 1000, 1000) = 0
10 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_SETUID, permitted=1<<CAP_SETUID, inheritable=0}) = 0
10 unshare(CLONE_NEWNET) = -1 EPERM (Operation not permitted)
10 setuid(7) = 0
10 setuid(0) = 0
10 prctl(PR_CAPBSET_DROP, CAP_KILL) = -1 EPERM (Operation not permitted)
10 prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) = -1 EPERM (Operation not permitted)
)");
  expect_agreed(r, 9);
}

TEST(Replay, TimeOffsetsAndLimits) {
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWTIME) = 0
10 openat(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY) = 3
10 write(3, "1 500 0", 7) = 7
10 write(3, "monotonic 5 2000000000", 22) = -1 EINVAL (Invalid argument)
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
10 write(3, "boottime 7 0", 12) = -1 EACCES (Permission denied)
10 openat(AT_FDCWD, "/proc/sys/user/max_uts_namespaces", O_WRONLY) = 4
10 write(4, "0\n", 2) = 2
10 unshare(CLONE_NEWUTS) = -1 ENOSPC (No space left on device)
)");
  expect_agreed(r, 7);
}

TEST(Replay, AnInitsDeathKillsItsNamespace) {
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 clone(child_stack=NULL, flags=SIGCHLD) = 2
11 exit_group(0) = ?
12 +++ killed by SIGKILL +++
11 +++ exited with 0 +++
10 wait4(11, NULL, 0, NULL) = 11
10 clone(child_stack=NULL, flags=SIGCHLD) = -1 ENOMEM (Cannot allocate memory)
)");
  expect_agreed(r, 5);
}

TEST(Replay, JoinsNamespacesOfProcessesThatTheLogDoesNotShow) {
  const LogReport known =
      check(kExec + R"(10 openat(AT_FDCWD</>, "/proc/900/ns/user", O_RDONLY) = 3<user:[4026532300]>
10 openat(AT_FDCWD</>, "/proc/900/ns/net", O_RDONLY) = 4<net:[4026532301]>
10 openat(AT_FDCWD</>, "/proc/900/ns/cgroup", O_RDONLY) = 5<cgroup:[4026531835]>
10 openat(AT_FDCWD</>, "/proc/900/ns/pid", O_RDONLY) = 6<pid:[4026532302]>
10 setns(5<cgroup:[4026531835]>, CLONE_NEWCGROUP) = 0
10 setns(3<user:[4026532300]>, CLONE_NEWUSER) = 0
10 setns(4<net:[4026532301]>, CLONE_NEWNET) = 0
10 setns(5<cgroup:[4026531835]>, CLONE_NEWCGROUP) = -1 EPERM (Operation not permitted)
10 setns(6<pid:[4026532302]>, CLONE_NEWPID) = 0
10 setns(3<user:[4026532300]>, CLONE_NEWUSER) = -1 EINVAL (Invalid argument)
)");
  expect_agreed(known, 6, 4);
  EXPECT_EQ(known.outside.size(), 1u);
  const LogReport unknown = check(kExec + R"(10 setns(5, CLONE_NEWNET) = 0
10 openat(AT_FDCWD, "/run/netns/old", O_RDONLY) = 6
10 setns(6, CLONE_NEWNET) = 0
10 setns(8, CLONE_NEWUSER) = -1 EINVAL (Invalid argument)
)");
  expect_agreed(unknown, 2, 1);
}

// Whoever has joined something that the log does not show may be anywhere.
TEST(Replay, NothingIsHeldAgainstWhoJoinedTheUnknown) {
  const std::string dead = R"(10 unshare(CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 exit_group(0) = ?
11 +++ exited with 0 +++
)";
  const std::string alive = "10 clone(child_stack=NULL, flags=SIGCHLD) = 12\n";
  EXPECT_EQ(check(kExec + dead + alive).total.diverged, 1u);
  expect_agreed(check(kExec + dead + "10 setns(3, 0) = 0\n" + alive), 2, 2);
  // A pidfd of somebody whose pid namespace may be the caller's own.
  expect_agreed(check(kExec + R"(10 setns(5, CLONE_NEWNS|CLONE_NEWPID) = 0
10 unshare(CLONE_NEWPID) = 0
)"),
                1, 1);
}

// strace prints what it read last, maybe another task's result, for a call that SIGKILL cut off.
TEST(Replay, ACallThatWasKilledShowsNoNumber) {
  const std::string log = kExec + R"(10 clone(child_stack=NULL, flags=SIGCHLD) = 11
10 clone(child_stack=NULL, flags=SIGCHLD) = 12
11 getpid( <unfinished ...>
12 getpid() = 12
10 kill(11, SIGKILL) = 0
11 <... getpid resumed>) = 12
11 +++ killed by SIGKILL +++
12 exit_group(0) = ?
12 +++ exited with 0 +++
10 wait4(12, NULL, 0, NULL) = 12
10 wait4(11, NULL, 0, NULL) = 11
)";
  expect_agreed(check(log), 5);
}

// Without exit_group in the log, the first task of a pid namespace may have begun to end before.
TEST(Replay, AForkIntoADyingNamespace) {
  const std::string log = kExec + R"(10 unshare(CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
10 clone(child_stack=NULL, flags=SIGCHLD) = -1 ENOMEM (Cannot allocate memory)
11 +++ exited with 0 +++
)";
  expect_agreed(check(log), 2, 1);
}

TEST(Replay, OlderNotations) {
  const LogReport r = check(kExec + R"(10 clone(CLONE_NEWNET|SIGCHLD) = 11
10 setns(3</proc/11/ns/net>, CLONE_NEWNET) = 0
10 setns(4</proc/1/ns/uts>, CLONE_NEWUTS) = 0
10 <... wait4 resumed> [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 77
10 clone(child_stack=0, flags=CLONE_NEWPID|SIGCHLD) = 12
)");
  expect_agreed(r, 4);
}

TEST(Replay, DirectoriesOfProcKeepTheirOwner) {
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWUSER) = 0
10 openat(AT_FDCWD, "/proc", O_RDONLY|O_PATH) = 3
10 openat(3, "self", O_RDONLY|O_PATH) = 5
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 openat(5, "uid_map", O_RDWR|O_CLOEXEC) = 6
11 write(6, "0 0 1\n", 6) = 6
11 openat(5, "ns/uts", O_RDONLY) = 7
)");
  expect_agreed(r, 4);
}

TEST(Replay, OnlyNamespaceCallsInTheLog) {
  const LogReport r = check(R"(10 unshare(CLONE_NEWUSER|CLONE_NEWNS) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 unshare(CLONE_NEWUSER) = 0
11 setns(3, CLONE_NEWNET) = 0
)");
  expect_agreed(r, 4);
  EXPECT_EQ(r.notes.size(), 2u);
}

// The saved program gives on a new model what it gave here.
TEST(Replay, SavesATraceThatReplays) {
  const LogReport r = check(kExec + R"(10 openat(AT_FDCWD, "/proc/900/ns/net", O_RDONLY) = 3
10 setns(3, CLONE_NEWNET) = 0
10 unshare(CLONE_NEWUSER|CLONE_NEWPID) = 0
10 vfork() = 11
10 setns(3, CLONE_NEWNET) = -1 EPERM (Operation not permitted)
)");
  const auto parsed = nsabi::parse_trace(r.trace);
  const auto* trace = std::get_if<nsabi::Trace>(&parsed);
  ASSERT_NE(trace, nullptr) << r.trace;
  model::Model model(trace->setup);
  for (const nsabi::TraceLine& line : trace->lines) {
    const nsabi::Result result = model.apply(line.call);
    ASSERT_TRUE(line.expected.has_value());
    EXPECT_TRUE(line.expected->matches(result)) << nsabi::print(line.call);
    EXPECT_TRUE(model.check_touched().empty());
  }
}

TEST(Replay, DrawsATimeline) {
  Options options;
  options.timeline = true;
  const LogReport r = check(kExec + R"(10 unshare(CLONE_NEWNET|CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 +++ exited with 0 +++
)",
                            options);
  EXPECT_NE(r.timeline.find("net:1"), std::string::npos) << r.timeline;
  EXPECT_NE(r.timeline.find("pid:0->pid:1"), std::string::npos) << r.timeline;
}

}  // namespace
}  // namespace cli::strace_log
