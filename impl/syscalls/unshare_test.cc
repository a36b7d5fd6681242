// unshare and execve: one example a rule (semantics.md sections 4.6, 5 and 7).
#include <gtest/gtest.h>

#include "impl/testing/trace_check.h"

namespace impl {
namespace {

using nsabi::NsLink;

nsabi::ObjId ns_of(const nsabi::TaskView& v, NsLink link) { return v.ns[index(link)]; }

TEST(Unshare, UNSHARE_02_unknown_bits) {
  check_trace("6.18 uid=1000 caps=none", R"(
    t0.unshare(0)                    -> ok
    t0.unshare(0x100000000)          -> EINVAL
    t0.unshare(CLONE_NEWUTS|0x1)     -> EINVAL
    t0.unshare(CLONE_PARENT)         -> EINVAL
    t0.unshare(CLONE_NEWUTS)         -> EPERM
  )");
}

TEST(Unshare, UNSHARE_03_to_05_threads) {
  check_trace("6.18", R"(
    t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)          -> ok
    t1.unshare(CLONE_SIGHAND)                              -> EINVAL
    t1.unshare(CLONE_THREAD)                               -> ok
    t1.unshare(CLONE_NEWUSER)                              -> ok
    t2 = t0.clone(CLONE_VM|SIGCHLD)                        -> ok
    t2.unshare(CLONE_VM)                                   -> EINVAL
    t2.unshare(CLONE_SIGHAND)                              -> ok
    t3 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)     -> ok
    t3.unshare(CLONE_NEWUSER)                              -> EINVAL
    t3.unshare(CLONE_NEWPID|CLONE_NEWTIME|CLONE_NEWNS)     -> ok
    t0.exit()                                              -> ok
    t3.unshare(CLONE_THREAD)                               -> EINVAL
  )");
}

TEST(Unshare, UNSHARE_22_failure_after_copy_mnt_ns_moves_nothing) {
  constexpr std::string_view trace = R"(
    t0.unshare(CLONE_NEWUSER)
    t0.set_limit(time, 0)
    t0.unshare(CLONE_NEWNS|CLONE_NEWTIME)
  )";
  EXPECT_FALSE(task_after("6.18", trace, {0}).chrooted);
}

TEST(Unshare, UNSHARE_43_user_before_pid) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWPID)                  -> ok
    t0.unshare(CLONE_NEWPID)                  -> EINVAL
    t0.unshare(CLONE_NEWUSER|CLONE_NEWPID)    -> EINVAL
    t0.set_limit(user, 0)                     -> ok
    t0.unshare(CLONE_NEWUSER|CLONE_NEWPID)    -> ENOSPC
  )");
}

TEST(Unshare, NSP_03_order_of_types) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWPID)                 -> ok
    t0.set_limit(uts, 0)                     -> ok
    t0.set_limit(net, 0)                     -> ok
    t0.unshare(CLONE_NEWPID|CLONE_NEWUTS)    -> ENOSPC
    t0.unshare(CLONE_NEWPID|CLONE_NEWNET)    -> EINVAL
  )");
}

TEST(Unshare, UCNT_01_02_04_quotas) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWUSER)     -> ok
    t0.set_limit(uts, 1)          -> ok
    t0.unshare(CLONE_NEWUTS)      -> ok
    t0.unshare(CLONE_NEWUTS)      -> ENOSPC
    t1 = t0.clone(CLONE_NEWUTS)   -> ENOSPC
  )");
  check_trace("6.18 uid=1000 gid=1000 caps=full", R"(
    t0.set_limit(ipc, 1)                           -> ok
    t1 = t0.clone(CLONE_NEWUSER|SIGCHLD)           -> ok
    t1.unshare(CLONE_NEWIPC)                       -> ok
    t0.unshare(CLONE_NEWIPC)                       -> ENOSPC
    t1.exit_group()                                -> ok
    t0.unshare(CLONE_NEWIPC)                       -> ok
  )");
}

TEST(Unshare, DATA_09_level_limits) {
  std::string user, pid;
  for (int i = 0; i < 33; ++i) {
    user += "t0.unshare(CLONE_NEWUSER) -> ok\n";
    user += "t0.write_uid_map(t0, [0 0 1])\nt0.write_setgroups(t0, deny)\n";
    user += "t0.write_gid_map(t0, [0 0 1])\n";
  }
  check_trace("6.18", user + "t0.unshare(CLONE_NEWUSER) -> ENOSPC");
  for (int i = 0; i < 32; ++i) {
    const std::string n = std::to_string(i), next = std::to_string(i + 1);
    pid += "t" + next + " = t" + n + ".clone(CLONE_NEWPID|SIGCHLD) -> ok\n";
  }
  check_trace("6.18", pid + "t33 = t32.clone(CLONE_NEWPID|SIGCHLD) -> ENOSPC");
}

TEST(Unshare, UNSHARE_50_takes_semaphores_back) {
  constexpr std::string_view kept = R"(
    t0.semop()
    t0.unshare(CLONE_NEWIPC) fault=1
    t1 = t0.clone(CLONE_SYSVSEM|SIGCHLD)
    t1.exit_group()
  )";
  check_trace("6.18", std::string(kept) + "t0.unshare(CLONE_NEWIPC) -> ok");
}

TEST(Time, TIME_01_to_08) {
  constexpr std::string_view trace = R"(
    t0.unshare(CLONE_NEWTIME)
    t1 = t0.fork()
    t2 = t0.clone(CLONE_VM|SIGCHLD)
    t3 = t0.clone(CLONE_VM|CLONE_NEWUTS|SIGCHLD)
    t4 = t0.clone3(CLONE_VM|CLONE_NEWTIME)
    t5 = t0.clone(CLONE_VM|SIGCHLD)
    t5.execve()
  )";
  const auto view = [&](std::uint32_t t) { return task_after("6.18", trace, {t}); };
  const auto t0 = view(0);
  EXPECT_NE(ns_of(t0, NsLink::time), ns_of(t0, NsLink::time_for_children));
  EXPECT_EQ(ns_of(view(1), NsLink::time), ns_of(t0, NsLink::time_for_children));
  EXPECT_EQ(view(2).nsproxy, t0.nsproxy);
  EXPECT_EQ(ns_of(view(3), NsLink::time), ns_of(t0, NsLink::time));
  EXPECT_EQ(ns_of(view(3), NsLink::time_for_children), ns_of(t0, NsLink::time_for_children));
  EXPECT_EQ(ns_of(view(4), NsLink::time), ns_of(t0, NsLink::time));
  EXPECT_EQ(ns_of(view(5), NsLink::time), ns_of(t0, NsLink::time_for_children));
}

TEST(Time, TIME_05_not_before_6_2) {
  constexpr std::string_view trace = "t0.unshare(CLONE_NEWTIME)\nt0.execve()";
  const auto old = task_after("6.1", trace, {0});
  EXPECT_NE(ns_of(old, NsLink::time), ns_of(old, NsLink::time_for_children));
  const auto now = task_after("6.2", trace, {0});
  EXPECT_EQ(ns_of(now, NsLink::time), ns_of(now, NsLink::time_for_children));
}

TEST(Time, TIME_06_offsets_freeze) {
  check_trace("6.18", R"(
    t0.write_timens(t0, 5, 0)             -> EACCES
    t0.unshare(CLONE_NEWTIME)             -> ok
    t0.write_timens(t0, 5, 1000000000)    -> EINVAL
    t0.write_timens(t0, -1, 0)            -> ERANGE
    t0.write_timens(t0, 5, 0)             -> ok
    t1 = t0.fork()                        -> ok
    t0.write_timens(t0, 6, 0)             -> EACCES
  )");
}

TEST(Exec, EXEC_01_failure_kills) {
  check_trace("6.18", R"(
    t1 = t0.fork()              -> ok
    t1.unshare(CLONE_NEWTIME)   -> ok
    t1.execve() fault=3         -> ENOMEM
    t0.wait(t1)                 -> ok 1
  )");
}

TEST(Exec, TASK_08_thread_takes_the_leaders_place) {
  check_trace("6.18", R"(
    t1 = t0.fork()                                        -> ok
    t2 = t1.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)    -> ok
    t3 = t1.fork()                                        -> ok
    f0 = t0.open_pidfd(t1)                                -> ok
    t2.execve()                                           -> ok
    t0.wait(t1)                                           -> ECHILD
    t2.wait(t3)                                           -> ok 0
    t0.setns(f0, CLONE_NEWUTS)                            -> ok
    t2.exit_group()                                       -> ok
    t0.wait(t2)                                           -> ok 1
  )");
}

TEST(Exec, CAP_03_caps) {
  constexpr std::string_view unmapped = "t0.unshare(CLONE_NEWUSER)\nt0.execve()";
  EXPECT_EQ(task_after("6.18 uid=1000 caps=none", unmapped, {0}).permitted, 0u);
  constexpr std::string_view mapped =
      "t0.unshare(CLONE_NEWUSER)\nt0.write_uid_map(t0, [0 1000 1])\nt0.execve()";
  EXPECT_EQ(task_after("6.18 uid=1000 caps=none", mapped, {0}).effective, nsabi::kCapFull);
}

// Every step of an unshare of everything, failing in turn.
TEST(Unshare, INV_11_rolls_back_at_every_step) {
  std::string trace;
  for (int fault = 1; fault <= 36; ++fault) {
    trace += "t1 = t0.clone(CLONE_FILES|CLONE_FS|SIGCHLD)\n";
    trace += "t1.unshare(CLONE_FILES|CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|";
    trace += "CLONE_NEWPID|CLONE_NEWCGROUP|CLONE_NEWNET|CLONE_NEWTIME) fault=";
    trace += std::to_string(fault) + "\n";
    trace += "t1.exit_group()\nt0.wait(t1)\n";
  }
  for (const char* profile : {"5.10", "6.6", "6.18", "7.0"}) check_trace(profile, trace);
}

}  // namespace
}  // namespace impl
