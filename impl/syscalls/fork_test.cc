// fork, vfork, clone and clone3: one example a rule (semantics.md section 4).
#include <gtest/gtest.h>

#include "impl/testing/trace_check.h"

namespace impl {
namespace {

TEST(Clone, CLONE_10_to_14_flag_pairs) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWNS|CLONE_FS|SIGCHLD)               -> EINVAL
    t1 = t0.clone(CLONE_NEWUSER|CLONE_FS|SIGCHLD)             -> EINVAL
    t1 = t0.clone(CLONE_THREAD|CLONE_VM)                      -> EINVAL
    t1 = t0.clone(CLONE_SIGHAND)                              -> EINVAL
    t1 = t0.clone(CLONE_PARENT|SIGCHLD)                       -> ok
    t2 = t0.clone(CLONE_NEWPID|SIGCHLD)                       -> ok
    t3 = t2.clone(CLONE_PARENT|SIGCHLD)                       -> EINVAL
  )");
}

TEST(Clone, CLONE_15_thread_and_pid_namespace) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM|CLONE_NEWPID)  -> EINVAL
    t1 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM|CLONE_NEWUTS)  -> ok
    t0.unshare(CLONE_NEWPID)                                         -> ok
    t2 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)               -> EINVAL
    t2 = t0.vfork()                                                  -> ok
  )");
}

TEST(Clone, CLONE_16_pending_time_namespace_by_version) {
  constexpr std::string_view before = R"(
    t0.unshare(CLONE_NEWTIME)  -> ok
    t1 = t0.vfork()            -> EINVAL
    t1 = t0.fork()             -> ok
  )";
  check_trace("6.1", before);
  check_trace("6.2", R"(
    t0.unshare(CLONE_NEWTIME)  -> ok
    t1 = t0.vfork()            -> ok
  )");
}

TEST(Clone, CLONE_01_02_legacy_flags) {
  const auto view = task_after("6.18", "t1 = t0.clone(signal=128)", {1});
  const auto t0 = task_after("6.18", "t1 = t0.clone(signal=128)", {0});
  EXPECT_EQ(view.ns, t0.ns);
  EXPECT_EQ(view.nsproxy, t0.nsproxy);
}

TEST(Clone3, CLONE3_struct) {
  check_trace("6.18", R"(
    t1 = t0.clone3(0, size=4097)                              -> E2BIG
    t1 = t0.clone3(0, size=63, args=bad)                      -> EINVAL
    t1 = t0.clone3(0, args=bad)                               -> EFAULT
    t1 = t0.clone3(0, size=96, nonzero_tail)                  -> E2BIG
    t1 = t0.clone3(0, set_tid=[5], set_tid_size=33)           -> EINVAL
    t1 = t0.clone3(0, set_tid=[5], set_tid_size=0)            -> EINVAL
    t1 = t0.clone3(0, exit_signal=65)                         -> EINVAL
    t1 = t0.clone3(CLONE_INTO_CGROUP, size=80)                -> EINVAL
    t1 = t0.clone3(0x400000000, set_tid=[5], set_tid_pointer=bad) -> EFAULT
    t1 = t0.clone3(0x400000000)                               -> EINVAL
    t1 = t0.clone3(CLONE_SIGHAND|CLONE_CLEAR_SIGHAND|CLONE_VM) -> EINVAL
    t1 = t0.clone3(CLONE_PARENT)                              -> EINVAL
    t1 = t0.clone3(0, stack=4096)                             -> EINVAL
    t1 = t0.clone3(CLONE_INTO_CGROUP)                         -> EBADF
    t1 = t0.clone3(CLONE_NEWTIME, stack=4096, stack_size=4096) -> ok
  )");
}

TEST(Clone3, CLONE3_08_newtime_by_version) {
  check_trace("6.1.99", "t1 = t0.clone3(CLONE_NEWTIME) -> EINVAL");
  check_trace("6.1.100", "t1 = t0.clone3(CLONE_NEWTIME) -> ok");
  check_trace("6.2", "t1 = t0.clone3(CLONE_NEWTIME) -> EINVAL");
  check_trace("6.3", "t1 = t0.clone3(CLONE_NEWTIME) -> ok");
}

TEST(Clone, CLONE_31_capability) {
  check_trace("6.18 uid=1000 gid=1000 caps=none", R"(
    t1 = t0.clone(CLONE_NEWUTS|SIGCHLD)                       -> EPERM
    t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWIPC|CLONE_SYSVSEM)    -> EPERM
    t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWNS|SIGCHLD) -> ok
    t2 = t0.clone(CLONE_NEWUSER|CLONE_NEWIPC|CLONE_SYSVSEM)   -> EINVAL
  )");
}

TEST(Clone, CLONE_50_to_54_set_tid) {
  check_trace("6.18", R"(
    t1 = t0.clone3(0, set_tid=[5 1])                  -> EINVAL
    t1 = t0.clone3(0, set_tid=[0])                    -> EINVAL
    t1 = t0.clone3(CLONE_NEWPID, set_tid=[2])         -> EINVAL
    t1 = t0.clone3(0, set_tid=[1])                    -> EEXIST
    t1 = t0.clone3(0, set_tid=[50])                   -> ok 50
    t2 = t0.fork()                                    -> ok 2
    t3 = t0.clone3(CLONE_NEWPID, set_tid=[1 70])      -> ok 70
    t4 = t3.fork()                                    -> ok 2
  )");
  check_trace("6.18 uid=1000 caps=none", R"(
    t1 = t0.clone3(0, set_tid=[0])                              -> EINVAL
    t1 = t0.clone3(0, set_tid=[50])                             -> EPERM
    t1 = t0.clone3(CLONE_NEWUSER|CLONE_NEWPID, set_tid=[1])     -> ok
  )");
}

TEST(Clone, PIDNS_10_dead_namespace) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWPID)                            -> ok
    t1 = t0.fork()                                      -> ok
    t1.exit_group()                                     -> ok
    t2 = t0.fork()                                      -> ENOMEM
    t2 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)  -> EINVAL
    t2 = t0.clone(CLONE_NEWPID|SIGCHLD)                 -> EINVAL
    t2 = t0.clone3(0, set_tid=[0])                      -> EINVAL
    t0.wait(t1)                                         -> ok 1
    t2 = t0.fork()                                      -> ENOMEM
  )");
}

TEST(Clone, PIDNS_11_first_fork_trap) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWPID)                                -> ok
    t1, f0 = t0.clone(CLONE_PIDFD|SIGCHLD, pidfd_pointer=bad) -> EFAULT
    t1 = t0.fork()                                          -> ENOMEM
    f1 = t0.open_ns(t0, pid)                                -> ok
    t0.setns(f1, CLONE_NEWPID)                              -> ok
    t0.unshare(CLONE_NEWPID)                                -> ok
    t1 = t0.clone3(0, set_tid=[9])                          -> EINVAL
    t1 = t0.fork()                                          -> ok
  )");
}

TEST(Clone, CLONE_25_26_user_namespace) {
  check_trace("6.18 uid=1000 gid=1000 caps=none", R"(
    t1 = t0.clone(CLONE_NEWUSER|SIGCHLD)   -> ok
    t2 = t1.clone(CLONE_NEWUSER|SIGCHLD)   -> EPERM
    t1.write_uid_map(t1, [0 1000 1])       -> ok
    t2 = t1.clone(CLONE_NEWUSER|SIGCHLD)   -> EPERM
    t1.write_setgroups(t1, deny)           -> ok
    t1.write_gid_map(t1, [0 1000 1])       -> ok
    t2 = t1.clone(CLONE_NEWUSER|SIGCHLD)   -> ok
    t1.chroot(inside)                      -> ok
    t3 = t1.clone(CLONE_NEWUSER|SIGCHLD)   -> EPERM
    t1.set_limit(user, 0)                  -> ok
    t3 = t1.clone(CLONE_NEWUSER|SIGCHLD)   -> ENOSPC
  )");
}

TEST(Clone, CLONE_17_pidfd_of_a_thread_by_version) {
  constexpr std::string_view flags = "CLONE_PIDFD|CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)";
  const auto trace = [&](const char* result) {
    return std::string("t1, f0 = t0.clone(").append(flags).append(" -> ").append(result);
  };
  check_trace("6.8", trace("EINVAL"));
  check_trace("6.9", trace("ok"));
}

// Every step of a clone that makes everything, failing in turn; then it succeeds.
TEST(Clone, CLONE_61_rolls_back_at_every_step) {
  std::string trace = "t0.semop()\n";
  for (int fault = 1; fault <= 45; ++fault) {
    trace += "t1, f1 = t0.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|";
    trace += "CLONE_NEWCGROUP|CLONE_NEWNET|CLONE_NEWTIME|CLONE_PIDFD) fault=";
    trace += std::to_string(fault) + "\n";
    trace += "t1.exit_group()\nt0.wait(t1)\nt0.close(f1)\n";
  }
  for (const char* profile : {"5.10", "6.6", "6.18", "7.0"}) check_trace(profile, trace);
}

TEST(Vfork, TASK_02_blocks_the_caller) {
  check_trace("6.18", R"(
    t1 = t0.vfork()   -> ok
    t0.semop()        -> skipped
    t1.execve()       -> ok
    t0.semop()        -> ok
    t2 = t0.vfork()   -> ok
    t2.exit()         -> ok
    t0.wait(t2)       -> ok 1
    t3 = t0.vfork()   -> ok
    t0.exit()         -> ok
    t3.execve()       -> ok
  )");
}

}  // namespace
}  // namespace impl
