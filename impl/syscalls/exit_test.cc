// exit, wait, kill, namespaces' lifetimes: one example a rule (semantics.md sections 2, 4.5, 7).
#include <gtest/gtest.h>

#include "impl/testing/trace_check.h"

namespace impl {
namespace {

using nsabi::TaskState;

TEST(Exit, EXIT_02_leader_goes_first) {
  check_trace("6.18", R"(
    t1 = t0.fork()                                        -> ok
    t2 = t1.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)    -> ok
    t1.exit()                                             -> ok
    f0 = t0.open_ns(t1, uts)                              -> ENOENT
    f0 = t0.open_ns(t1, user)                             -> ok
    f1 = t0.open_ns(t2, uts)                              -> ok
    t0.wait(t1)                                           -> ok 0
    t2.exit()                                             -> ok
    t0.wait(t1)                                           -> ok 1
    t0.wait(t2)                                           -> ECHILD
  )");
}

TEST(Exit, EXIT_04_05_end_of_a_pid_namespace) {
  constexpr std::string_view trace = R"(
    t1 = t0.clone(CLONE_NEWPID|SIGCHLD)
    t2 = t1.fork()
    t3 = t2.clone(CLONE_NEWPID|SIGCHLD)
    t4 = t3.fork()
    f0 = t0.open_ns(t1, pid)
    t0.setns(f0, 0)
    t5 = t0.fork()
    t1.exit_group()
  )";
  const auto state = [&](std::uint32_t t, std::string_view more = "") {
    return task_after("6.18", std::string(trace).append(more), {t}).state;
  };
  EXPECT_EQ(state(1), TaskState::dying);
  EXPECT_EQ(state(2), TaskState::none);
  EXPECT_EQ(state(3), TaskState::none);
  EXPECT_EQ(state(4), TaskState::none);
  EXPECT_EQ(state(5), TaskState::zombie);
  EXPECT_EQ(state(1, "t0.wait(t5)"), TaskState::zombie);
  check_trace("6.18", std::string(trace).append(R"(
    t0.wait(t1)  -> ok 0
    t0.wait(t5)  -> ok 1
    t0.wait(t1)  -> ok 1
    t0.exit()    -> ok
  )"));
}

// Linux has no order between them; model and impl have the same one.
TEST(Exit, TASK_06_nested_inits_ignore_children_first) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWPID)                       -> ok
    t1 = t0.fork()                                 -> ok
    t2 = t0.clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)  -> ok
    t2.unshare(CLONE_NEWPID)                       -> ok
    t3 = t2.clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)  -> ok
    t1.exit()                                      -> ok
    t0.wait(t2)                                    -> ECHILD
    t0.wait(t1)                                    -> ECHILD
  )");
}

TEST(Exit, EXIT_04_threads_of_an_init) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWPID|SIGCHLD)                   -> ok
    t2 = t1.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)    -> ok
    t3 = t1.fork()                                        -> ok
    t1.exit()                                             -> ok
    t4 = t2.fork()                                        -> ok
    t2.wait(t3)                                           -> ok 0
    t2.exit()                                             -> ok
    t0.wait(t1)                                           -> ok 1
  )");
}

TEST(Exit, TASK_05_subreaper) {
  check_trace("6.18", R"(
    t1 = t0.fork()                           -> ok
    t1.prctl(PR_SET_CHILD_SUBREAPER, 1)      -> ok
    t2 = t1.fork()                           -> ok
    t3 = t2.fork()                           -> ok
    t2.exit_group()                          -> ok
    t3.exit_group()                          -> ok
    t1.wait(t3)                              -> ok 1
  )");
}

TEST(Exit, TASK_01_outside_reaps) {
  check_trace("6.18", R"(
    t1 = t0.fork()     -> ok
    t2 = t1.fork()     -> ok
    t2.exit_group()    -> ok
    t1.exit_group()    -> ok
    t0.kill(t2)        -> ESRCH
    t0.wait(t1)        -> ok 1
    t0.exit_group()    -> ok
    t0.semop()         -> skipped
  )");
}

TEST(Exit, SEM_02_keeps_the_last_users_pid_namespace) {
  check_trace("6.18", R"(
    t0.set_limit(pid, 1)                      -> ok
    t1 = t0.clone(CLONE_NEWPID|SIGCHLD)       -> ok
    t1.semop()                                -> ok
    t1.exit_group()                           -> ok
    t0.wait(t1)                               -> ok 1
    t2 = t0.clone(CLONE_NEWPID|SIGCHLD)       -> ENOSPC
    t0.semop()                                -> ok
    t3 = t0.clone(CLONE_NEWPID|CLONE_NEWIPC|SIGCHLD)  -> ok
    t3.semop()                                -> ok
    t3.exit_group()                           -> ok
    t0.wait(t3)                               -> ok 1
    t4 = t0.clone(CLONE_NEWPID|SIGCHLD)       -> ok
    t4.semop()                                -> ok
    t0.semop()                                -> ok
    t4.exit_group()                           -> ok
    t0.wait(t4)                               -> ok 1
    t5 = t0.clone(CLONE_NEWPID|SIGCHLD)       -> ENOSPC
    t0.unshare(CLONE_SYSVSEM)                 -> ok
    t6 = t0.clone(CLONE_NEWPID|SIGCHLD)       -> ok
  )");
}

TEST(Kill, KILL_01_to_03) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWPID|SIGCHLD)       -> ok
    t2 = t1.fork()                            -> ok
    t2.kill(t1)                               -> ok
    t1.kill(t1)                               -> ok
    t1.wait(t2)                               -> ok 0
    t1.kill(t0)                               -> ESRCH
    t2.setresuid(1000, 1000, 1000)            -> ok
    t3 = t1.fork()                            -> ok
    t2.kill(t3)                               -> EPERM
    t0.kill(t1)                               -> ok
    t0.wait(t1)                               -> ok 1
  )");
}

TEST(Life, LIFE_01_to_08) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWUSER)               -> ok
    t0.set_limit(uts, 1)                    -> ok
    t0.set_limit(pid, 1)                    -> ok
    t0.set_limit(net, 1)                    -> ok
    t0.set_limit(cgroup, 1)                 -> ok
    t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWPID|CLONE_NEWNET|CLONE_NEWCGROUP|SIGCHLD)  -> ok
    f0 = t1.open_file(socket)               -> ok
    f1 = t1.open_file(cgroupfs)             -> ok
    f2 = t0.open_pidfd(t1)                  -> ok
    f3 = t0.open_ns(t1, uts)                -> ok
    t1.exit_group()                         -> ok
    t2 = t0.clone(CLONE_NEWUTS)             -> ENOSPC
    t0.close(f3)                            -> ok
    t2 = t0.clone(CLONE_NEWUTS)             -> ok
    t3 = t0.clone(CLONE_NEWNET)             -> ENOSPC
    t3 = t0.clone(CLONE_NEWCGROUP)          -> ENOSPC
    t0.close(f0)                            -> ok
    t0.close(f1)                            -> ok
    t3 = t0.clone(CLONE_NEWNET|CLONE_NEWCGROUP) -> ok
    t0.wait(t1)                             -> ok 1
    t4 = t0.clone(CLONE_NEWPID)             -> ENOSPC
    t0.close(f2)                            -> ok
    t4 = t0.clone(CLONE_NEWPID)             -> ok
  )");
}

TEST(Life, REF_07_bind_mounts_hold) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWUSER|CLONE_NEWNS)   -> ok
    t0.set_limit(uts, 1)                    -> ok
    t1 = t0.clone(CLONE_NEWUTS|SIGCHLD)     -> ok
    f0 = t0.open_ns(t1, uts)                -> ok
    b0 = t0.bind_ns(f0)                     -> ok
    t0.close(f0)                            -> ok
    t1.exit_group()                         -> ok
    t2 = t0.clone(CLONE_NEWUTS)             -> ENOSPC
    t3 = t0.clone(CLONE_NEWNS)              -> ok
    t0.unbind_ns(b0)                        -> ok
    t2 = t0.clone(CLONE_NEWUTS)             -> ENOSPC
    t3.exit_group()                         -> ok
    t2 = t0.clone(CLONE_NEWUTS)             -> ok
  )");
}

TEST(Mount, MOUNT_01_02_rules) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_NEWNS|SIGCHLD)                    -> ok
    f0 = t0.open_ns(t0, mnt)                              -> ok
    f1 = t0.open_ns(t1, mnt)                              -> ok
    b0 = t0.bind_ns(f0)                                   -> EINVAL
    b0 = t0.bind_ns(f1)                                   -> ok
    b1 = t1.bind_ns(f0)                                   -> EINVAL
    f2 = t0.open_ns(t0, uts)                              -> ok
    b1 = t0.bind_ns(f2)                                   -> ok
    t2 = t0.clone(CLONE_NEWUSER|CLONE_NEWNS|SIGCHLD)      -> ok
    t2.unbind_ns(b1)                                      -> EINVAL
    t2.unbind_ns(b0)                                      -> EINVAL
    t3 = t0.clone(CLONE_NEWNS|SIGCHLD)                    -> ok
    t3.unbind_ns(b1)                                      -> ok
    t0.unbind_ns(b0)                                      -> ok
  )");
}

}  // namespace
}  // namespace impl
