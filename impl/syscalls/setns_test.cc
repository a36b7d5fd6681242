// setns: one example a rule (semantics.md section 6).
#include <gtest/gtest.h>

#include "impl/testing/trace_check.h"

namespace impl {
namespace {

using nsabi::NsLink;

TEST(Setns, SETNS_01_to_05_arguments) {
  check_trace("6.18", R"(
    t0.setns(f0, 0)                        -> EBADF
    f0 = t0.open_ns(t0, uts, o_path)       -> ok
    t0.setns(f0, 0)                        -> EBADF
    f1 = t0.open_ns(t0, uts)               -> ok
    t0.setns(f1, CLONE_NEWIPC)             -> EINVAL
    t0.setns(f1, CLONE_NEWUTS|CLONE_NEWIPC) -> EINVAL
    t0.setns(f1, 0)                        -> ok
    f2 = t0.open_file(regular)             -> ok
    t0.setns(f2, 0)                        -> EINVAL
    f3 = t0.open_pidfd(t0)                 -> ok
    t0.setns(f3, 0)                        -> EINVAL
    t0.setns(f3, CLONE_NEWUTS|CLONE_FS)    -> EINVAL
    t0.setns(f3, CLONE_NEWUTS|CLONE_NEWIPC) -> ok
  )");
}

TEST(Setns, SETNS_10_to_12_targets) {
  check_trace("6.18", R"(
    t1 = t0.fork()                -> ok
    f0 = t0.open_pidfd(t1)        -> ok
    t1.exit_group()               -> ok
    t0.setns(f0, CLONE_NEWUTS)    -> ESRCH
    t0.setns(f0, CLONE_NEWPID)    -> ESRCH
    t2 = t0.fork()                -> ok
    t2.setresuid(1000, 1000, 1000) -> ok
    t2.setns(f0, CLONE_NEWUTS)    -> EPERM
    t0.wait(t1)                   -> ok 1
    t2.setns(f0, CLONE_NEWUTS)    -> ESRCH
  )");
}

TEST(Setns, SETNS_30_asks_twice) {
  check_trace("6.18 uid=1000 gid=1000 caps=none", R"(
    t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS|SIGCHLD)  -> ok
    f0 = t0.open_ns(t0, uts)                           -> ok
    f1 = t0.open_ns(t1, uts)                           -> ok
    t0.setns(f0, 0)                                    -> EPERM
    t0.setns(f1, 0)                                    -> EPERM
    t1.setns(f0, 0)                                    -> EPERM
    t1.setns(f1, 0)                                    -> ok
  )");
}

TEST(Setns, SETNS_84_85_user_and_others) {
  check_trace("6.18 uid=1000 gid=1000 caps=none", R"(
    t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWNS|CLONE_NEWIPC|SIGCHLD)  -> ok
    f0 = t0.open_pidfd(t1)                                                      -> ok
    t0.setns(f0, CLONE_NEWUSER|CLONE_NEWTIME)                                   -> EPERM
    t0.setns(f0, CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWNS|CLONE_NEWIPC)           -> ok
    t0.setns(f0, CLONE_NEWUSER)                                                 -> EINVAL
  )");
}

TEST(Setns, SETNS_41_43_mount_namespace) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWNS|SIGCHLD)         -> ok
    f0 = t0.open_ns(t1, mnt)                   -> ok
    t2 = t0.clone(CLONE_FS|SIGCHLD)            -> ok
    t0.setns(f0, 0)                            -> EINVAL
    t0.unshare(CLONE_FS)                       -> ok
    t0.setns(f0, 0)                            -> ok
    t2.capset(effective=full-CAP_SYS_CHROOT, permitted=full, inheritable=none) -> ok
    t2.setns(f0, 0)                            -> EPERM
  )");
}

TEST(Setns, SETNS_44_moves_the_sharers_root) {
  constexpr std::string_view trace = R"(
    t1 = t0.clone(CLONE_NEWNS|SIGCHLD)
    t2 = t0.clone(CLONE_FS|SIGCHLD)
    f0 = t0.open_pidfd(t1)
    t0.setns(f0, CLONE_NEWNS|CLONE_NEWUTS)
  )";
  EXPECT_TRUE(task_after("6.18", trace, {2}).chrooted);
  EXPECT_FALSE(task_after("6.18", trace, {0}).chrooted);
  check_trace("6.18", trace);
}

TEST(Setns, SETNS_60_to_64_pid) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWPID|SIGCHLD)     -> ok
    f0 = t0.open_ns(t0, pid)                -> ok
    f1 = t0.open_ns(t1, pid)                -> ok
    t1.setns(f0, 0)                         -> EINVAL
    t0.setns(f1, 0)                         -> ok
    t2 = t0.fork()                          -> ok 3
    t3 = t0.clone(CLONE_NEWPID|SIGCHLD)     -> EINVAL
    t0.setns(f0, 0)                         -> ok
    t3 = t0.clone(CLONE_NEWPID|SIGCHLD)     -> ok
    t1.exit_group()                         -> ok
    t0.setns(f1, 0)                         -> ok
    t4 = t0.fork()                          -> ENOMEM
  )");
}

TEST(Setns, SETNS_80_to_83_user) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWUSER|SIGCHLD)                   -> ok
    f0 = t0.open_ns(t0, user)                              -> ok
    f1 = t0.open_ns(t1, user)                              -> ok
    t0.setns(f0, 0)                                        -> EINVAL
    t1.setns(f0, 0)                                        -> EPERM
    t2 = t0.clone(CLONE_FS|SIGCHLD)                        -> ok
    t0.setns(f1, 0)                                        -> EINVAL
    t2.exit_group()                                        -> ok
    t3 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)     -> ok
    t0.setns(f1, 0)                                        -> EINVAL
    t3.exit()                                              -> ok
    t0.setns(f1, 0) fault=3                                -> EINVAL
    t0.setns(f1, 0)                                        -> ok
  )");
}

TEST(Setns, SETNS_90_to_96_time) {
  check_trace("6.18", R"(
    t1 = t0.clone3(CLONE_NEWTIME)                          -> ok
    f0 = t0.open_ns(t1, time)                              -> ok
    f1 = t0.open_ns(t0, time)                              -> ok
    t2 = t0.clone(CLONE_VM|SIGCHLD)                        -> ok
    t0.setns(f0, 0)                                        -> EUSERS
    t2.exit_group()                                        -> ok
    t0.setns(f0, 0)                                        -> ok
    t0.unshare(CLONE_NEWTIME)                              -> ok
    t0.setns(f1, 0)                                        -> ok
  )");
}

// A combined pidfd call, failing at each step.
TEST(Setns, SETNS_70_two_phases) {
  std::string trace = R"(
    t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|SIGCHLD)
    f0 = t0.open_pidfd(t1)
  )";
  for (int fault = 1; fault <= 6; ++fault) {
    trace += "t2 = t0.fork()\n";
    trace += "t2.setns(f0, CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET) ";
    trace += "fault=" + std::to_string(fault) + "\nt2.exit_group()\nt0.wait(t2)\n";
  }
  for (const char* profile : {"5.10", "6.6", "6.18", "7.0"}) check_trace(profile, trace);
}

}  // namespace
}  // namespace impl
