// What setns installs and commits: SETNS-02, SETNS-13, SETNS-22, SETNS-44, SETNS-45, SETNS-50,
// SETNS-60 to SETNS-64, SETNS-70 to SETNS-73, SETNS-84, SETNS-85, SETNS-91.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

TEST(Setns, InstallsTheTypeOfTheFile) {  // SETNS-02
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|CLONE_NEWCGROUP|CLONE_NEWNS)");
  const ObjId before = w.ns(0, net);
  for (const NsLink link : {mnt, uts, ipc, cgroup, net}) {
    EXPECT_EQ(w.ns(0, net), before) << "nothing but the type itself changes";
    w.run("f0 = t0.open_ns(t1, " + std::string(name(link)) + ")\n" + "t0.setns(f0, 0)\n" +
          "t0.close(f0)");
    EXPECT_EQ(w.ns(0, link), w.ns(1, link)) << name(link);
  }
}

TEST(Setns, IgnoresTheHighHalfOfItsFlags) {  // its argument is an int (seen on 6.18.44)
  World w;
  w.run(
      "f0 = t0.open_ns(t0, uts)\n"
      "f1 = t0.open_pidfd(t0)\n"
      "t0.setns(f0, CLONE_NEWUTS|0x10000000000)\n"
      "t0.setns(f0, 0x10000000000)\n"
      "t0.setns(f1, CLONE_NEWUTS|0x10000000000)\n"
      "t0.setns(f1, 0x10000000000)  -> EINVAL");
  EXPECT_EQ(w.rule(), "SETNS-05-empty");
}

TEST(Setns, AlwaysMakesANewNsproxy) {  // SETNS-73
  World w;
  const ObjId before = w.nsproxy(0);
  w.run(
      "f0 = t0.open_ns(t0, uts)\n"
      "t0.setns(f0, CLONE_NEWUTS)");
  EXPECT_NE(w.nsproxy(0), before);
  EXPECT_FALSE(w.alive(before));
  EXPECT_EQ(w.total(ObjKind::nsproxy), 1u);
}

TEST(Setns, TakesOneReferenceAndDropsOne) {  // SETNS-73, refcount table
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "t0.unshare(CLONE_NEWUTS|CLONE_NEWIPC)");
  const ObjId left = w.ns(0, uts), kept = w.ns(0, ipc);
  w.run("t0.setns(f0, CLONE_NEWUTS)");
  EXPECT_FALSE(w.alive(left));
  EXPECT_EQ(w.held_by(kept), "ipc_ns");
  EXPECT_EQ(w.held_by(w.ns(1, uts)), "inode.ns, uts_ns, uts_ns");
}

TEST(Setns, OfAUserNamespaceMovesTheCredentials) {  // SETNS-83, CAP-02, refcount table
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t1, user)\n"
      "t2 = t0.fork()\n"
      "t2.prctl(PR_CAPBSET_DROP, CAP_KILL)\n"
      "t2.setns(f0, CLONE_NEWUSER)");
  EXPECT_EQ(w.ns(2, user), w.ns(1, user));
  EXPECT_EQ(w.task(2).bounding, abi::kCapFull);
  EXPECT_EQ(w.held_by(w.ns(1, user)), "cred.user_ns, cred.user_ns, inode.ns, ucounts.ns");
}

TEST(Setns, OnAPidfdTakesTheTargetsActivePidNamespace) {  // SETNS-22, SETNS-64
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t1.unshare(CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "f0 = t0.open_pidfd(t1)\n"
      "t0.setns(f0, CLONE_NEWPID)");
  EXPECT_EQ(w.ns(0, pid_for_children), w.ns(1, pid));
}

TEST(Setns, OnAPidfdKeepsWhatIsNotAskedFor) {  // SETNS-22
  World w;
  w.run(
      "t0.unshare(CLONE_NEWPID|CLONE_NEWTIME)\n"
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_pidfd(t1)");
  const ObjId pending = w.ns(0, time_for_children), now = w.ns(0, time);
  w.run("t0.setns(f0, CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(0, time_for_children), pending);
  EXPECT_EQ(w.ns(0, time), now);
  EXPECT_EQ(w.ns(0, pid_for_children), w.ns(1, pid));
}

TEST(Setns, OnAThreadsPidfdShowsTheThread) {  // SETNS-10, SETNS-13
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_NEWUTS)\n"
      "f0 = t0.open_pidfd(t1)\n"
      "f1 = t0.open_pidfd(t2, thread)\n"
      "t0.setns(f1, CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(0, uts), w.ns(2, uts));
  w.run("t0.setns(f0, CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(0, uts), w.ns(1, uts));
}

TEST(Setns, OfPidGoesForChildrenOnly) {  // SETNS-60
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t2 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"  // threads don't matter
      "t0.setns(f0, CLONE_NEWPID)");
  EXPECT_NE(w.ns(0, pid), w.ns(1, pid));
  EXPECT_EQ(w.ns(0, pid_for_children), w.ns(1, pid));
  w.run("t3 = t0.fork()");
  EXPECT_EQ(w.ns(3, pid), w.ns(1, pid));
  w.run(
      "t4 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)  -> EINVAL\n"
      "t4 = t0.clone(CLONE_NEWPID)                         -> EINVAL");
}

TEST(Setns, OfTheOwnPidNamespaceCancelsWhatIsPending) {  // SETNS-61
  World w;
  w.run(
      "f0 = t0.open_ns(t0, pid)\n"
      "t0.unshare(CLONE_NEWPID)\n"
      "t0.setns(f0, CLONE_NEWPID)\n"
      "t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)");
  EXPECT_EQ(w.ns(0, pid_for_children), w.ns(0, pid));
  EXPECT_EQ(w.total(ObjKind::pid_ns), 1u);
}

TEST(Setns, OfADeadPidNamespaceSucceeds) {  // SETNS-62, EXIT-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t1.exit_group()\n"
      "t0.wait(t1)  -> ok 1\n"
      "t0.setns(f0, CLONE_NEWPID)\n"
      "t2 = t0.fork()  -> ENOMEM");
}

TEST(Setns, OfTheCurrentCgroupNamespaceIsASuccess) {  // SETNS-50
  World w;
  const ObjId before = w.ns(0, cgroup);
  w.run(
      "f0 = t0.open_ns(t0, cgroup)\n"
      "t0.setns(f0, CLONE_NEWCGROUP)");
  EXPECT_EQ(w.ns(0, cgroup), before);
}

TEST(Setns, OfMountsLeavesAChroot) {  // SETNS-45
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWNS)\n"
      "t1.chroot(inside)\n"
      "t0.chroot(inside)\n"
      "f0 = t0.open_ns(t0, mnt)\n"
      "t0.setns(f0, CLONE_NEWNS)");
  EXPECT_FALSE(w.task(0).chrooted) << "even into the current one";
  w.run(
      "f1 = t0.open_ns(t1, mnt)\n"
      "t0.setns(f1, CLONE_NEWNS)");
  EXPECT_FALSE(w.task(0).chrooted) << "the target's chroot is not taken over";
  EXPECT_TRUE(w.task(1).chrooted);
}

TEST(Setns, OfMountsWithAnotherTypeMovesTheSharersRoot) {  // SETNS-44, BUG-04: as Linux has it
  World w;
  w.run(
      "t1 = t0.clone(CLONE_FS)\n"
      "t2 = t0.clone(CLONE_NEWNS|CLONE_NEWUTS)\n"
      "f0 = t0.open_pidfd(t2)\n"
      "t0.setns(f0, CLONE_NEWNS)               -> EINVAL\n"
      "t0.setns(f0, CLONE_NEWNS|CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(0, mnt), w.ns(2, mnt));
  EXPECT_NE(w.ns(1, mnt), w.ns(2, mnt)) << "the sharer's mount namespace stays";
  EXPECT_FALSE(w.task(0).chrooted);
  EXPECT_TRUE(w.task(1).chrooted) << "but its root is in the other one now";
  EXPECT_EQ(w.total(ObjKind::fs), 2u) << "the fs is still shared";
}

TEST(Setns, OfIpcRunsTheUndoEvenForTheSameOne) {  // SETNS-71, UNSHARE-51
  World w;
  w.run(
      "f0 = t0.open_ns(t0, ipc)\n"
      "t0.semop()");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 1);
  w.run("t0.setns(f0, CLONE_NEWIPC)");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 0);
  w.run(
      "t0.semop()\n"
      "f1 = t0.open_ns(t0, uts)\n"
      "t0.setns(f1, CLONE_NEWUTS)");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 1) << "not for another type";
}

TEST(Setns, ThatFailsInOneTypeInstallsNone) {  // SETNS-70, SETNS-85
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t1.open_ns(t1, uts)\n"
      "t1.semop()");
  const ObjId before = w.ns(1, uts);
  w.run(
      "f1 = t0.open_pidfd(t2)\n"
      "t1.setns(f1, CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID)  -> EINVAL");  // an ancestor's
  EXPECT_EQ(w.ns(1, uts), before);
  EXPECT_EQ(w.detail(w.ns(1, ipc)), 1);
}

TEST(Setns, ByTheOwnerIntoEverythingInOneCall) {  // SETNS-84
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWNS|CLONE_NEWIPC|CLONE_NEWNET|"
      "CLONE_NEWCGROUP)\n"
      "f0 = t0.open_pidfd(t1)\n"
      "t0.setns(f0, CLONE_NEWUTS)  -> EPERM\n"
      "t0.setns(f0, CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWNS|CLONE_NEWIPC|CLONE_NEWNET|"
      "CLONE_NEWCGROUP)");
  for (const NsLink link : {user, uts, mnt, ipc, net, cgroup}) {
    EXPECT_EQ(w.ns(0, link), w.ns(1, link)) << name(link);
  }
}

TEST(Setns, IntoTypesThatAnAncestorOwnsIsRefusedAsAWhole) {  // SETNS-85
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
      "f0 = t0.open_pidfd(t1)\n"
      "t0.setns(f0, CLONE_NEWUSER|CLONE_NEWPID)   -> EPERM\n"
      "t0.setns(f0, CLONE_NEWUSER|CLONE_NEWTIME)  -> EPERM\n"
      "t0.setns(f0, CLONE_NEWUSER|CLONE_NEWUTS)");
}

TEST(Setns, InTwoCallsWhereOneWouldNotDo) {  // SETNS-46
  World w("profile=6.18 uid=0 caps=full-CAP_SYS_CHROOT");
  w.run(
      "t1 = t0.fork()\n"
      "t1.setresuid(1000, 1000, 1000)\n"
      "t1.prctl(PR_SET_DUMPABLE, 1)\n"
      "t2 = t1.clone(CLONE_NEWUSER|CLONE_NEWNS)\n"
      "f0 = t0.open_pidfd(t2)\n"
      "t0.setns(f0, CLONE_NEWUSER|CLONE_NEWNS)  -> EPERM\n"
      "t0.setns(f0, CLONE_NEWUSER)\n"
      "t0.setns(f0, CLONE_NEWNS)");
}

TEST(Setns, MayLetTwoUserNamespacesShareAnAddressSpace) {  // SETNS-81
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t1, user)\n"
      "t2 = t0.vfork()\n"
      "t2.setns(f0, CLONE_NEWUSER)");
  EXPECT_NE(w.ns(2, user), w.ns(0, user));
  EXPECT_EQ(w.total(ObjKind::mm), 2u) << "t1's, and one of t0 and t2";
}

TEST(Setns, OfTimeByTheLastThreadAfterTheLeader) {  // SETNS-91
  World w;
  w.run(
      "f0 = t0.open_ns(t0, time)\n"
      "t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t0.exit()\n"
      "t1.setns(f0, CLONE_NEWTIME)");
}

}  // namespace
}  // namespace model
