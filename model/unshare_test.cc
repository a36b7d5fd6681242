// What unshare does once nothing refuses it: UNSHARE-01, UNSHARE-06, UNSHARE-10 to UNSHARE-60.
#include <gtest/gtest.h>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

std::string with_abi(abi::Flags f) { return abi::to_string(f, abi::FlagStyle::bits); }

TEST(Unshare, OfNothingDoesNothing) {  // UNSHARE-02
  World w;
  const abi::View before = w.model().view();
  w.run("t0.unshare(0)");
  EXPECT_EQ(difference(before, w.model().view()), "");
}

TEST(Unshare, OfFsFilesAndTheLikeNeedsNoPrivilege) {  // UNSHARE-30, UNSHARE-12
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run("t1 = t0.clone(CLONE_FS|CLONE_FILES|CLONE_SYSVSEM)");
  EXPECT_EQ(w.total(ObjKind::fs), 1u);
  EXPECT_EQ(w.total(ObjKind::files), 1u);
  w.run("t0.unshare(CLONE_FS|CLONE_FILES|CLONE_SYSVSEM|CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)");
  EXPECT_EQ(w.total(ObjKind::fs), 2u);
  EXPECT_EQ(w.total(ObjKind::files), 2u);
  EXPECT_EQ(w.total(ObjKind::undo), 1u) << "t1's alone now";
  EXPECT_EQ(w.nsproxy(0), w.nsproxy(1));
}

TEST(Unshare, OfAnUnsharedFsOrFilesCopiesNothing) {  // UNSHARE-10, UNSHARE-12
  World w;
  w.run("t0.unshare(CLONE_FS|CLONE_FILES)");
  EXPECT_EQ(w.last().steps, 0u);
  w.run(
      "t1 = t0.clone(CLONE_FS|CLONE_FILES)\n"
      "t0.unshare(CLONE_FS|CLONE_FILES)");
  EXPECT_EQ(w.last().steps, 2u);
}

TEST(Unshare, OfMountsOrUsersUnsharesTheFs) {  // UNSHARE-01, UNSHARE-24
  for (const abi::Flags f : {abi::flag::NEWNS, abi::flag::NEWUSER}) {
    World w;
    w.run(
        "t1 = t0.clone(CLONE_FS)\n"
        "t0.unshare(" +
        with_abi(f) + ")");
    EXPECT_EQ(w.total(ObjKind::fs), 2u);
    w.run("t0.chroot(inside)");
    EXPECT_TRUE(w.task(0).chrooted);
    EXPECT_FALSE(w.task(1).chrooted);
  }
}

TEST(Unshare, OfMountsByAThreadMovesItsOwnRootOnly) {  // UNSHARE-24, UNSHARE-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_VM|CLONE_FS|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t1.unshare(CLONE_NEWNS)");
  EXPECT_NE(w.ns(1, mnt), w.ns(0, mnt));
  EXPECT_FALSE(w.task(0).chrooted);
  EXPECT_FALSE(w.task(1).chrooted) << "its root moved along";
  EXPECT_EQ(w.total(ObjKind::fs), 2u);
}

TEST(Unshare, ThatFailsLateLeavesTheRootAlone) {  // UNSHARE-22, BUG-01
  World w;
  w.run(
      "t0.set_limit(time, 0)\n"
      "t0.unshare(CLONE_NEWNS|CLONE_NEWTIME)  -> ENOSPC");
  EXPECT_FALSE(w.task(0).chrooted);
  EXPECT_EQ(w.total(ObjKind::mnt), 1u);
  w.run("t0.unshare(CLONE_NEWUSER)");  // it would be refused in a chroot
}

TEST(Unshare, OfIpcTakesTheSemaphoreBackFirst) {  // UNSHARE-50
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t1.semop()\n"
      "t0.semop()\n"
      "t0.semop()");
  const ObjId old = w.ns(0, ipc);
  EXPECT_EQ(w.detail(old), 3);
  w.run(
      "t0.set_limit(time, 0)\n"
      "t0.unshare(CLONE_NEWIPC|CLONE_NEWTIME)  -> ENOSPC");
  EXPECT_EQ(w.detail(old), 3) << "not on failure";
  w.run("t0.unshare(CLONE_NEWIPC)");
  EXPECT_EQ(w.detail(old), 1) << "t1's remains";
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 0) << "in the old one, not in the new";
}

TEST(Unshare, OfTheUndoListAlone) {  // UNSHARE-50
  World w;
  w.run(
      "t0.semop()\n"
      "t0.unshare(CLONE_SYSVSEM)");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 0);
  EXPECT_EQ(w.total(ObjKind::undo), 0u);
}

TEST(Unshare, OfASharedUndoListLeavesItToTheOthers) {  // SEM-01
  World w;
  w.run(
      "t0.semop()\n"
      "t1 = t0.clone(CLONE_SYSVSEM)\n"
      "t1.semop()\n"
      "t0.unshare(CLONE_NEWIPC)");
  EXPECT_EQ(w.detail(w.ns(1, ipc)), 2);
  const ObjId old = w.ns(1, ipc);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.detail(old), 0) << "the last sharer takes all back";
}

TEST(Unshare, SwitchesToANewNsproxyAndDropsTheOld) {  // UNSHARE-52
  World w;
  w.run("t0.unshare(CLONE_NEWUTS)");
  const ObjId old = w.nsproxy(0), u = w.ns(0, uts);
  w.run("t0.unshare(CLONE_NEWUTS)");
  EXPECT_FALSE(w.alive(old));
  EXPECT_FALSE(w.alive(u));
}

TEST(Unshare, CommitsTheCredentials) {  // UNSHARE-54, CAP-02, refcount table
  World w("profile=6.18 uid=1000 gid=1000 caps=none bounding=CAP_KILL");
  const ObjId top = w.ns(0, user);
  w.run("t0.unshare(CLONE_NEWUSER)");
  const abi::TaskView t = w.task(0);
  EXPECT_NE(w.ns(0, user), top);
  EXPECT_EQ(t.effective, abi::kCapFull);
  EXPECT_EQ(t.permitted, abi::kCapFull);
  EXPECT_EQ(t.bounding, abi::kCapFull) << "full again, though it was restricted";
  EXPECT_EQ(t.inheritable, 0u);
  EXPECT_EQ(t.ambient, 0u);
  EXPECT_EQ(t.uid, (std::array<abi::Id, 3>{1000, 1000, 1000})) << "kernel ids stay";
  EXPECT_EQ(w.total(ObjKind::cred), 1u) << "the old ones went";
}

TEST(Unshare, NeedsNoCapabilityWithANewUserNamespace) {  // UNSHARE-41
  World w("profile=6.18 caps=full-CAP_SYS_ADMIN");
  w.run(
      "t0.unshare(CLONE_NEWUTS)                -> EPERM\n"
      "t0.unshare(CLONE_NEWUSER|CLONE_NEWUTS)");
}

TEST(Unshare, LeaksNothingWhereTheUcountsFail) {  // UNSHARE-44, BUG-02
  World w;
  w.run(
      "t0.set_limit(uts, 1)\n"
      "t0.set_limit(user, 1)\n"
      "t0.unshare(CLONE_NEWUSER|CLONE_NEWUTS) fault=10  -> EAGAIN");
  EXPECT_EQ(w.rule(), "STEP-cred_ucounts");
  w.run("t0.unshare(CLONE_NEWUSER|CLONE_NEWUTS)");
  World before("profile=5.13");
  before.run("t0.unshare(CLONE_NEWUSER|CLONE_NEWUTS) fault=10");  // no such step before 5.14
}

TEST(Unshare, NeedsTwoMapsBeforeTheNextUserNamespace) {  // CLONE-26
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.unshare(CLONE_NEWUSER)             -> EPERM\n"
      "t0.write_uid_map(t0, [0 1000 1])\n"
      "t0.unshare(CLONE_NEWUSER)             -> EPERM\n"
      "t0.write_setgroups(t0, deny)\n"
      "t0.write_gid_map(t0, [0 1000 1])\n"
      "t0.unshare(CLONE_NEWUSER)");
}

TEST(Unshare, WorksInAThread) {  // UNSHARE-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t1.unshare(CLONE_NEWPID|CLONE_NEWTIME|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|"
      "CLONE_NEWNET|CLONE_NEWCGROUP)\n"
      "t2 = t1.fork()");
  EXPECT_EQ(w.ns(2, pid), w.ns(1, pid_for_children));
  EXPECT_NE(w.ns(2, pid), w.ns(0, pid));
}

}  // namespace
}  // namespace model
