// What a log leaves open: the order of calls that overlap, when tasks ended, whose number is whose.
// Each has to come out as the kernel can have done it, and a lie in its place as diverged.
#include <gtest/gtest.h>

#include "cli/strace/strace_log.h"

namespace cli::strace_log {
namespace {

const std::string kExec = R"(10 execve("/bin/x", ["x"], 0x1 /* 1 var */) = 0
)";

void expect_agreed(const std::string& text, std::size_t agreed, std::size_t outside = 0) {
  const LogReport r = check_log(kExec + text, {});
  EXPECT_EQ(r.total.agreed, agreed) << format(r, "log");
  EXPECT_EQ(r.total.diverged, 0u) << format(r, "log");
  EXPECT_EQ(r.total.outside, outside) << format(r, "log");
  EXPECT_EQ(r.unreadable_lines, 0u) << format(r, "log");
}

void expect_diverged(const std::string& text) {
  const LogReport r = check_log(kExec + text, {});
  EXPECT_GT(r.total.diverged, 0u) << format(r, "log");
}

const std::string kThread =
    "10 clone(child_stack=0x1, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = "
    "11\n";

// strace keeps a thread that called exit in its process until it says so.
TEST(Overlap, AThreadIsThereUntilItsLastLine) {
  expect_agreed(kThread + R"(11 exit(0) = ?
10 unshare(CLONE_NEWUSER) = -1 EINVAL (Invalid argument)
11 +++ exited with 0 +++
10 unshare(CLONE_NEWUSER) = 0
)",
                3);
  expect_agreed(kThread + R"(11 exit(0) = ?
10 unshare(CLONE_NEWUSER) = 0
11 +++ exited with 0 +++
)",
                2);
  expect_diverged(kThread + R"(11 exit(0) = ?
11 +++ exited with 0 +++
10 unshare(CLONE_NEWUSER) = -1 EINVAL (Invalid argument)
)");
}

TEST(Overlap, ACallMayTakeEffectBeforeItsResultIsPrinted) {
  expect_agreed(kThread + R"(10 unshare(CLONE_NEWUSER <unfinished ...>
11 +++ exited with 0 +++
10 <... unshare resumed>) = -1 EINVAL (Invalid argument)
)",
                2);
  expect_agreed(R"(10 clone(child_stack=NULL, flags=SIGCHLD) = 11
10 prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0
10 setresuid(1000, 1000, 1000) = 0
11 setresuid(1000, 1000, 1000) = 0
10 execve("/bin/y", ["y"], 0x1 <unfinished ...>
11 openat(AT_FDCWD, "/proc/10/ns/uts", O_RDONLY) = 3
10 <... execve resumed>) = 0
)",
                5);
  expect_diverged(R"(10 clone(child_stack=NULL, flags=SIGCHLD) = 11
10 prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0
10 setresuid(1000, 1000, 1000) = 0
11 setresuid(1000, 1000, 1000) = 0
11 openat(AT_FDCWD, "/proc/10/ns/uts", O_RDONLY) = 3
10 execve("/bin/y", ["y"], 0x1) = 0
)");
}

TEST(Overlap, AnInitThatIsAboutToEnd) {
  const std::string begin = R"(10 vfork() = 9
9 exit_group(0) = ?
9 +++ exited with 0 +++
10 unshare(CLONE_NEWPID) = 0
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
)";
  const std::string fork = "10 clone(child_stack=NULL, flags=SIGCHLD) = -1 ENOMEM (Cannot)\n";
  expect_agreed(begin + "11 exit_group(0) = ?\n" + fork + "11 +++ exited with 0 +++\n", 4);
  expect_agreed(begin + "10 kill(11, SIGKILL) = 0\n" + fork + "11 +++ killed by SIGKILL +++\n", 5);
  expect_agreed(begin +
                    "10 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=11, si_uid=0, "
                    "si_status=SIGKILL, si_utime=0, si_stime=0} ---\n" +
                    fork + "11 +++ killed by SIGKILL +++\n",
                4);
  expect_diverged(begin + fork + "11 +++ exited with 0 +++\n");
}

// strace-log-merge sorts the files of -ff by when calls began.
TEST(Overlap, MergedLogsHaveCallsWhereTheyBegan) {
  expect_agreed(R"(10 1.000001 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 11
10 1.000002 wait4(11, NULL, 0, NULL) = 11
11 1.000003 unshare(CLONE_NEWNET) = 0
11 1.000004 +++ exited with 0 +++
10 1.000005 unshare(CLONE_NEWNET) = 0
)",
                4);
}

// Numbers tell children apart: of the same pid namespace the smaller one was made first, and a task
// that shows its own number is that one.
TEST(Overlap, NumbersTellChildrenApart) {
  const std::string begin = R"(10 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 11
11 clone(child_stack=NULL, flags=SIGCHLD) = 2
12 set_tid_address(0x7) = 2
11 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>
12 clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD) = 4
)";
  expect_agreed(begin + R"(13 getppid() = 1
11 <... clone resumed>) = 3
13 +++ exited with 0 +++
11 wait4(3, NULL, 0, NULL) = 3
)",
                5);
  expect_agreed(begin + R"(14 getpid() = 4
14 +++ exited with 0 +++
12 wait4(4, NULL, 0, NULL) = 4
11 <... clone resumed>) = 3
)",
                5);
}

// Without CLONE_NEWPID in the log, the numbers that it shows say that there was one.
TEST(Overlap, NumbersThatAreNoLabels) {
  expect_agreed(R"(10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>
11 exit_group(0) = ?
11 +++ exited with 0 +++
10 <... clone resumed>) = 2
10 wait4(2, NULL, 0, NULL) = 2
)",
                2);
}

TEST(Overlap, ACallThatWasCutOffByDeathHasNoResult) {
  expect_agreed(R"(10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 unshare(CLONE_NEWNET <unfinished ...>
10 kill(11, SIGKILL) = 0
11 <... unshare resumed>) = -1 EACCES (Permission denied)
11 +++ killed by SIGKILL +++
)",
                2, 1);
}

// Somebody outside of the log may be in the namespaces that the log started in.
TEST(Overlap, OutsidersMayBeAtHome) {
  expect_agreed(R"(10 unshare(CLONE_NEWPID) = 0
10 openat(AT_FDCWD, "/proc/7/ns/pid", O_RDONLY) = 3
10 setns(3, 0) = 0
10 clone(child_stack=0x1, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 11
)",
                3, 1);
}

// In a pid namespace of its own, a task may see a /proc whose mount is not in the log.
TEST(Overlap, ProcMayShowOtherNumbers) {
  expect_agreed(R"(10 clone(child_stack=NULL, flags=CLONE_NEWPID|CLONE_NEWUSER|SIGCHLD) = 11
11 clone(child_stack=NULL, flags=SIGCHLD) = 2
11 openat(AT_FDCWD, "/proc/2/ns/net", O_RDONLY) = -1 EACCES (Permission denied)
)",
                2, 1);
}

TEST(Overlap, CapabilitiesInTwoHalves) {
  const std::string full = "0xffffffff /* 1<<CAP_CHOWN|1<<CAP_KILL */|0x1ff /* 1<<CAP_BPF */";
  const std::string set = "{effective=" + full + ", permitted=" + full + ", inheritable=0}";
  expect_agreed("10 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, " + set + ") = 0\n", 1);
  const LogReport r = check_log(kExec + "10 capget({version=3, pid=0}, " + set + ") = 0\n", {});
  EXPECT_NE(format(r, "log").find("with capabilities full (shown"), std::string::npos)
      << format(r, "log");
}

// A log that was cut off: what its last call came to is not known, whatever stands there.
TEST(Overlap, ALastLineWithoutItsEnd) {
  expect_agreed("10 unshare(CLONE_NEWNET) = 0\n10 unshare(CLONE_NEWPID) = -1 EI", 1);
  expect_agreed("10 unshare(CLONE_NEWNET) = 0\n10 vfork() = 1", 1);
  expect_agreed("10 unshare(CLONE_NEWNET <unfinished ...>\n10 <... unshare resumed>) = -1 EPE", 0);
}

// With namespace calls alone, nobody knows who makes them; --as says it.
TEST(Overlap, PrivilegesThatAreNotInTheLog) {
  const std::string refused = "10 unshare(CLONE_NEWNET) = -1 EPERM (Operation not permitted)\n";
  expect_agreed(refused, 0, 1);
  Options root;
  root.uid = 0;
  EXPECT_EQ(check_log(kExec + refused, root).total.diverged, 1u);
}

TEST(Overlap, ASummaryAtTheEnd) {
  expect_agreed(R"(10 unshare(CLONE_NEWNET) = 0
10 +++ exited with 0 +++
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 30.72    0.000221           6        33           mmap
100.00    0.000717           4       149        13 total
)",
                1);
}

}  // namespace
}  // namespace cli::strace_log
