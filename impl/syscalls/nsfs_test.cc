// Namespace files, pidfds, ioctls, credentials and id maps: one example a rule (semantics.md
// sections 3, 8, 10, 15).
#include <gtest/gtest.h>

#include "impl/kernel.h"
#include "impl/machine/native.h"
#include "impl/testing/trace_check.h"

namespace impl {
namespace {

TEST(Nsfs, NSFS_05_pid_for_children) {
  check_trace("6.18", R"(
    t0.unshare(CLONE_NEWPID)                                       -> ok
    f0 = t0.open_ns(t0, pid_for_children)                          -> ENOENT
    f1 = t0.open_pidfd(t0)                                         -> ok
    f2 = t0.ioctl(f1, PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE)        -> ok
    t1 = t0.fork()                                                 -> ok
    f0 = t0.open_ns(t0, pid_for_children)                          -> ok
  )");
}

TEST(Nsfs, NSFS_02_ptrace) {
  check_trace("6.18", R"(
    t1 = t0.fork()                    -> ok
    t1.setresgid(1000, 1000, 1000)    -> ok
    t1.setresuid(1000, 1000, 1000)    -> ok
    f0 = t1.open_ns(t0, uts)          -> EACCES
    f0 = t0.open_ns(t1, uts)          -> ok
    t2 = t1.fork()                    -> ok
    f1 = t1.open_ns(t2, uts)          -> EACCES
    t2.prctl(PR_SET_DUMPABLE, 1)      -> ok
    f1 = t1.open_ns(t2, uts)          -> ok
  )");
}

TEST(Ioctl, NSFS_10_to_16) {
  check_trace("6.18 uid=1000 gid=1000 caps=none", R"(
    t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID|SIGCHLD)   -> ok
    f0 = t0.open_ns(t1, pid)                            -> ok
    f1 = t0.open_ns(t1, user)                           -> ok
    f2 = t0.ioctl(f0, NS_GET_USERNS)                    -> ok
    f3 = t1.ioctl(f1, NS_GET_PARENT)                    -> EPERM
    f3 = t0.ioctl(f1, NS_GET_PARENT)                    -> ok
    f4 = t0.ioctl(f3, NS_GET_PARENT)                    -> EPERM
    f4 = t1.ioctl(f0, NS_GET_PARENT)                    -> EPERM
    f4 = t0.ioctl(f0, NS_GET_PARENT)                    -> ok
    t0.ioctl(f0, NS_GET_NSTYPE)                         -> ok 536870912
    t0.ioctl(f1, NS_GET_OWNER_UID)                      -> ok 1000
    t1.ioctl(f1, NS_GET_OWNER_UID)                      -> ok 65534
    t0.ioctl(f1, NS_GET_OWNER_UID, pointer=bad)         -> EFAULT
    t0.ioctl(f0, NS_GET_OWNER_UID)                      -> EINVAL
    t0.ioctl(f0, NS_GET_MNTNS_ID)                       -> EINVAL
    t0.ioctl(f0, NS_GET_PID_FROM_PIDNS, arg=1)          -> ok 2
    t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=2)            -> ok 1
    t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=1)            -> ESRCH
    t0.ioctl(f0, unknown)                               -> ENOTTY
  )");
}

TEST(Ioctl, PIDFD_01_to_07) {
  check_trace("6.18", R"(
    t1 = t0.fork()                                           -> ok
    f0 = t0.open_pidfd(t1)                                   -> ok
    f1 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE, arg=1)        -> EINVAL
    f1 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE)               -> ok
    t1.exit_group()                                          -> ok
    f2 = t0.ioctl(f0, PIDFD_GET_USER_NAMESPACE)              -> ESRCH
    t0.wait(t1)                                              -> ok 1
    f2 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE, arg=1)        -> ESRCH
    t0.ioctl(f0, unknown)                                    -> ENOTTY
  )");
  check_trace("6.10", R"(
    f0 = t0.open_pidfd(t0)                                   -> ok
    f1 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE)               -> ENOTTY
  )");
}

TEST(Cred, CAP_01_owner_rule) {
  check_trace("6.18 uid=1000 gid=1000 caps=none", R"(
    t1 = t0.clone(CLONE_NEWUSER|SIGCHLD)              -> ok
    t1.write_uid_map(t1, [0 1000 1])                  -> ok
    t1.write_setgroups(t1, deny)                      -> ok
    t1.write_gid_map(t1, [0 1000 1])                  -> ok
    t2 = t1.clone(CLONE_NEWUSER|CLONE_NEWUTS|SIGCHLD) -> ok
    f0 = t0.open_ns(t2, user)                         -> ok
    t0.setns(f0, 0)                                   -> ok
  )");
}

TEST(Cred, MAP_01_02_rules) {
  check_trace("6.18", R"(
    t0.write_uid_map(t0, [0 0 1])                     -> EPERM
    t1 = t0.clone(CLONE_NEWUSER|SIGCHLD)              -> ok
    t0.write_uid_map(t1, [])                          -> EINVAL
    t0.write_uid_map(t1, [0 0 10, 5 100 10])          -> EINVAL
    t0.write_uid_map(t1, [0 0 0])                     -> EINVAL
    t0.write_uid_map(t1, [0 100000 65536])            -> ok
    t0.write_uid_map(t1, [0 0 1])                     -> EPERM
    t0.write_gid_map(t1, [0 100000 65536])            -> ok
    t0.write_setgroups(t1, deny)                      -> EPERM
  )");
}

TEST(Cred, CRED_01_02_setresuid) {
  constexpr std::string_view trace = "t0.setresuid(1000, 1000, 1000)";
  const auto view = task_after("6.18", trace, {0});
  EXPECT_EQ(view.permitted, 0u);
  EXPECT_EQ(view.uid[2], 1000u);
  check_trace("6.18", R"(
    t0.setresuid(1000, 1000, 1000)           -> ok
    t0.setresuid(unchanged, 1000, unchanged) -> ok
    t0.setresuid(0, unchanged, unchanged)    -> EPERM
    t0.chroot(inside)                        -> EPERM
    t0.set_limit(uts, 3)                     -> EACCES
  )");
}

TEST(Active, ACT_03_04_cascades_to_owners) {
  const nsabi::Setup setup{.profile = *nsabi::profile_from("6.19")};
  Optimized kernel(setup);
  const auto apply = [&](std::uint32_t caller, nsabi::Op op) {
    return kernel.apply({.caller = {caller}, .op = std::move(op)});
  };
  apply(0, nsabi::Clone{.child = {1}, .flags = nsabi::flag::NEWUSER | nsabi::flag::NEWNET});
  const auto net = kernel.task({1}).ns[index(nsabi::NsLink::net)];
  const auto user = kernel.task({1}).ns[index(nsabi::NsLink::user)];
  EXPECT_EQ(kernel.object(net).active, 1u);
  EXPECT_EQ(kernel.object(user).active, 2u);  // the task, and the net namespace that it owns
  apply(1, nsabi::OpenFile{.file = {0}, .kind = nsabi::FileKind::socket});
  apply(1, nsabi::Exit{});
  EXPECT_EQ(kernel.object(net).active, 0u);  // inactive, but held by the socket
  EXPECT_EQ(kernel.object(net).refs, 1u);
  EXPECT_EQ(kernel.object(user).active, 1u);  // until the zombie is reaped
  apply(0, nsabi::Wait{.child = {1}});
  EXPECT_EQ(kernel.object(user).active, 0u);
  EXPECT_TRUE(kernel.object(user).alive);
  EXPECT_TRUE(kernel.count_failures().empty());
}

}  // namespace
}  // namespace impl
