// Active references, 6.19 on: ACT-01 to ACT-07 and ACT-INV, and that nothing of it is there before.
#include <gtest/gtest.h>

#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

class Active : public ::testing::TestWithParam<const char*> {};

TEST_P(Active, InitialOnesAreNotCounted) {  // ACT-01
  World w(GetParam());
  w.run("t1 = t0.fork()");
  for (const NsLink link : {mnt, uts, ipc, pid, cgroup, net, time, user}) {
    EXPECT_EQ(w.active(w.ns(0, link)), 0u) << name(link);
    EXPECT_FALSE(w.model().object(w.ns(0, link)).counted);
  }
}

TEST_P(Active, OneForEachPointerOfANsproxy) {  // ACT-02, ACT-05(a)
  World w(GetParam());
  w.run("t1 = t0.clone3(CLONE_NEWUTS|CLONE_NEWTIME)");
  EXPECT_EQ(w.active(w.ns(1, uts)), 1u);
  EXPECT_EQ(w.active(w.ns(1, time)), 2u) << "two pointers";
  w.run("t2 = t1.fork()");
  EXPECT_EQ(w.active(w.ns(1, uts)), 1u) << "sharing a nsproxy takes none";
  w.run("t3 = t1.clone(CLONE_NEWIPC)");
  EXPECT_EQ(w.active(w.ns(1, uts)), 2u) << "another nsproxy does";
  w.run("t1.exit_group()");
  EXPECT_EQ(w.active(w.ns(3, uts)), 2u) << "t2 still has the first";
  w.run("t2.exit_group()");
  EXPECT_EQ(w.active(w.ns(3, uts)), 1u);
}

TEST_P(Active, OneForTheInode) {  // ACT-05(b)
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "f1 = t0.open_ns(t1, uts)");
  const ObjId u = w.ns(1, uts);
  EXPECT_EQ(w.active(u), 2u);
  w.run("t1.exit_group()\nt0.wait(t1)  -> ok 1\nt0.close(f0)");
  EXPECT_EQ(w.active(u), 1u);
}

TEST_P(Active, OneForEachTaskUntilItIsReaped) {  // ACT-05(c)
  World w(GetParam());
  w.run("t1 = t0.clone(CLONE_NEWUSER)");
  const ObjId n = w.ns(1, user);
  EXPECT_EQ(w.active(n), 1u);
  w.run("t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)");
  EXPECT_EQ(w.active(n), 2u) << "a thread counts, though it shares the credentials";
  w.run("t3 = t1.fork()");
  EXPECT_EQ(w.active(n), 3u);
  w.run("t2.exit()");
  EXPECT_EQ(w.active(n), 2u);
  w.run("t3.exit_group()");
  EXPECT_EQ(w.active(n), 2u) << "a zombie counts";
  w.run("t1.wait(t3)  -> ok 1");
  EXPECT_EQ(w.active(n), 1u);
}

TEST_P(Active, MovesWithTheCredentials) {  // ACT-05(c): commit_creds
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t2 = t0.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t2, user)");
  const ObjId two = w.ns(2, user);
  EXPECT_EQ(w.active(two), 2u);
  w.run(
      "t3 = t0.fork()\n"
      "t3.setns(f0, CLONE_NEWUSER)");
  EXPECT_EQ(w.active(two), 3u);
  w.run("t3.prctl(PR_SET_KEEPCAPS, 1)");
  EXPECT_EQ(w.active(two), 3u) << "one goes, one comes";
}

TEST_P(Active, OneForEachStructPidUntilItsNumberIsFreed) {  // ACT-05(d)
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_pidfd(t1)");
  const ObjId p = w.ns(1, pid);
  EXPECT_EQ(w.active(p), 2u) << "the pid and pid_ns_for_children";
  w.run("t2 = t1.fork()");
  EXPECT_EQ(w.active(p), 3u);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.active(p), 1u) << "the zombie's number";
  w.run("t0.wait(t1)  -> ok 1");
  EXPECT_EQ(w.active(p), 0u);
  EXPECT_TRUE(w.alive(p)) << "ACT-07: alive by the pidfd, but inactive";
}

TEST_P(Active, CascadesToTheOwners) {  // ACT-03, ACT-04, ACT-INV
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 0 1])\n"
      "t0.write_gid_map(t1, [0 0 1])\n"
      "t2 = t1.clone(CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWIPC)\n"
      "f0 = t0.open_ns(t2, uts)");
  const ObjId outer = w.ns(1, user), inner = w.ns(2, user);
  EXPECT_EQ(w.active(inner), 3u) << "t2, uts, ipc";
  EXPECT_EQ(w.active(outer), 2u) << "t1, and the child";
  w.run("t2.exit_group()\nt1.wait(t2)  -> ok 1\nt1.exit_group()\nt0.wait(t1)  -> ok 1");
  EXPECT_EQ(w.active(inner), 1u) << "uts, by its inode";
  EXPECT_EQ(w.active(outer), 1u);
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(inner));
  EXPECT_FALSE(w.alive(outer));
}

TEST_P(Active, ComesBackWithAnOpenOwnersAndAll) {  // ACT-03, ACT-07
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID)\n"
      "f0 = t0.open_pidfd(t1)\n"
      "f1 = t0.open_file(proc_dir, t1)");
  const ObjId p = w.ns(1, pid), n = w.ns(1, user);
  w.run("t1.exit_group()\nt0.wait(t1)  -> ok 1");
  EXPECT_EQ(w.active(p), 0u);
  EXPECT_EQ(w.active(n), 0u);
  EXPECT_TRUE(w.alive(n)) << "as the pid namespace's owner";
}

TEST_P(Active, ASocketDoesNotMakeActiveAndAnIoctlBringsTheOwnerBack) {  // ACT-07
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWNET)\n"
      "f0 = t1.open_file(socket)\n"
      "f1 = t0.open_ns(t1, net)");
  const ObjId net_ns = w.ns(1, net), n = w.ns(1, user);
  w.run("t1.exit_group()\nt0.wait(t1)  -> ok 1");
  EXPECT_EQ(w.active(net_ns), 1u);
  EXPECT_EQ(w.active(n), 1u);
  w.run("f2 = t0.ioctl(f1, NS_GET_USERNS)");
  EXPECT_EQ(w.active(n), 2u);
  w.run("t0.close(f2)\nt0.close(f1)");
  EXPECT_EQ(w.active(net_ns), 0u);
  EXPECT_EQ(w.active(n), 0u);
  EXPECT_TRUE(w.alive(net_ns)) << "the socket";
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(n));
}

TEST_P(Active, IsNotTouchedByAFailure) {  // ACT-06, BUG-53
  World w(GetParam());
  w.run(
      "t0.unshare(CLONE_NEWUTS)\n"
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_pidfd(t0)");
  const ObjId u = w.ns(0, uts);
  EXPECT_EQ(w.active(u), 2u);
  w.run(
      "t0.set_limit(time, 0)\n"
      "t0.unshare(CLONE_NEWIPC|CLONE_NEWTIME)          -> ENOSPC\n"
      "t2 = t0.clone3(CLONE_NEWIPC|CLONE_INTO_CGROUP)  -> EBADF\n"
      "t1.setns(f0, CLONE_NEWIPC|CLONE_NEWPID)         -> EINVAL");
  EXPECT_EQ(w.active(u), 2u);
}

TEST_P(Active, OfATargetThatHasGoneComesBack) {  // BUG-54: the owner chain with it
  World w(GetParam());
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "t1.exit_group()\nt0.wait(t1)  -> ok 1\n"
      "t0.setns(f0, 0)\n"
      "t0.close(f0)");
  EXPECT_EQ(w.active(w.ns(0, uts)), 1u);
  EXPECT_EQ(w.active(w.owner(w.ns(0, uts))), 1u);
}

INSTANTIATE_TEST_SUITE_P(Since619, Active, ::testing::Values("profile=6.19", "profile=7.0"),
                         [](const auto& p) { return p.index == 0 ? "v6_19" : "v7_0"; });

TEST(ActiveBefore619, IsAlwaysZero) {
  World w("profile=6.18");
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)");
  EXPECT_EQ(w.active(w.ns(1, uts)), 0u);
  EXPECT_EQ(w.active(w.ns(1, user)), 0u);
}

}  // namespace
}  // namespace model
