// Time namespaces and their pending switch: TIME-01 to TIME-09, CLONE-30, CLONE-41, CLONE-44,
// EXEC-01, and what versions before 6.2 did.
#include <gtest/gtest.h>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

TEST(Time, UnshareChangesOnlyTheChildrens) {  // TIME-02, DATA-05, UNSHARE-60
  World w;
  const ObjId first = w.ns(0, time);
  w.run("t0.unshare(CLONE_NEWTIME)");
  EXPECT_EQ(w.ns(0, time), first);
  EXPECT_NE(w.ns(0, time_for_children), first);
}

TEST(Time, AForkEntersThePendingOne) {  // TIME-01, TIME-03
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t1 = t0.fork()\n"
      "t2 = t0.clone(CLONE_NEWUTS)");
  const ObjId next = w.ns(0, time_for_children);
  for (std::uint32_t t : {1u, 2u}) {
    EXPECT_EQ(w.ns(t, time), next);
    EXPECT_EQ(w.ns(t, time_for_children), next);
  }
  EXPECT_NE(w.ns(0, time), next) << "the parent stays where it is";
}

TEST(Time, AForkThatSwitchesNeedsNoCapability) {  // CLONE-31
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t0.capset(effective=none, permitted=none, inheritable=none)\n"
      "t1 = t0.fork()");
  EXPECT_EQ(w.ns(1, time), w.ns(0, time_for_children));
}

TEST(Time, AVforkChildKeepsTheParentsUntilItsExecve) {  // TIME-04, TIME-05, EXEC-01, CLONE-30
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t1 = t0.vfork()");
  EXPECT_EQ(w.nsproxy(1), w.nsproxy(0)) << "the fast path";
  w.run("t1.execve()");
  EXPECT_EQ(w.ns(1, time), w.ns(0, time_for_children));
  EXPECT_EQ(w.ns(1, time_for_children), w.ns(0, time_for_children));
  EXPECT_NE(w.ns(0, time), w.ns(0, time_for_children));
}

TEST(Time, AnExecveOfTheCallerItselfSwitches) {  // TIME-05
  World w;
  w.run("t0.unshare(CLONE_NEWTIME)");
  const ObjId next = w.ns(0, time_for_children);
  w.run("t0.execve()");
  EXPECT_EQ(w.ns(0, time), next);
  EXPECT_EQ(w.held_by(next), "time_ns, time_ns_for_children");
}

TEST(Time, AnExecveWithNothingPendingKeepsTheNsproxy) {  // EXEC-01, EXEC-02
  World w;
  const ObjId before = w.nsproxy(0);
  w.run("t0.execve()");
  EXPECT_EQ(w.nsproxy(0), before);
}

TEST(Time, Clone3EntersANewOneAtOnce) {  // TIME-07
  World w;
  const ObjId first = w.ns(0, time);
  w.run("t1 = t0.clone3(CLONE_NEWTIME)");
  EXPECT_NE(w.ns(1, time), first);
  EXPECT_EQ(w.ns(1, time), w.ns(1, time_for_children));
  EXPECT_EQ(w.ns(0, time), first);
  EXPECT_EQ(w.ns(0, time_for_children), first);
}

TEST(Time, Clone3WithASharedAddressSpaceWaits) {  // TIME-08
  World w;
  w.run(
      "t1 = t0.clone3(CLONE_NEWTIME|CLONE_VM)\n"
      "t2 = t0.clone3(CLONE_NEWTIME|CLONE_VM|CLONE_SIGHAND|CLONE_THREAD, exit_signal=0)");
  for (std::uint32_t t : {1u, 2u}) {
    EXPECT_EQ(w.ns(t, time), w.ns(0, time));
    EXPECT_NE(w.ns(t, time_for_children), w.ns(0, time));
  }
}

TEST(Time, AVmChildWithOtherNewNamespacesInheritsThePendingOne) {  // TIME-08
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t1 = t0.clone(CLONE_VM|CLONE_NEWUTS)");
  EXPECT_NE(w.nsproxy(1), w.nsproxy(0));
  EXPECT_EQ(w.ns(1, time), w.ns(0, time));
  EXPECT_EQ(w.ns(1, time_for_children), w.ns(0, time_for_children));
}

TEST(Time, MayBeUnsharedAgainButNewComesBeforeOld) {  // CLONE-44, TIME-09, UCNT-04
  World w;
  w.run("t0.unshare(CLONE_NEWTIME)");
  const ObjId one = w.ns(0, time_for_children);
  w.run("t0.unshare(CLONE_NEWTIME)");
  EXPECT_FALSE(w.alive(one)) << "the pending one that nobody entered is gone";
  w.run(
      "t0.set_limit(time, 1)\n"
      "t0.unshare(CLONE_NEWTIME)  -> ENOSPC");
}

TEST(Time, OffsetsAreThoseOfThePendingOneAndOpen) {  // TIME-06, TIME-09
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t0.write_timens(t0, 100, 0)");
  EXPECT_EQ(w.detail(w.ns(0, time_for_children)), 100);
  EXPECT_EQ(w.detail(w.ns(0, time)), 0);
  w.run(
      "t1 = t0.fork()\n"
      "t0.write_timens(t0, 200, 0)  -> EACCES\n"  // frozen: t1 is in it
      "t0.unshare(CLONE_NEWTIME)");
  EXPECT_EQ(w.detail(w.ns(0, time_for_children)), 100);
  w.run(
      "t0.write_timens(t0, 300, 0)\n"
      "t1.write_timens(t0, 400, 0)\n");  // by whoever may
  EXPECT_EQ(w.detail(w.ns(0, time_for_children)), 400);
}

TEST(Time, FreezesWithTheFirstTaskCommitted) {  // TIME-06: fork, exec or setns
  const char* const ways[] = {"t1 = t0.fork()", "t1 = t0.fork()\nt1.exit_group()", "t0.execve()",
                              "f1 = t0.open_ns(t0, time_for_children)\n"
                              "t1 = t0.fork()\n"
                              "t1.setns(f1, CLONE_NEWTIME)"};
  for (const char* way : ways) {
    World w;
    w.run(
        "t0.unshare(CLONE_NEWTIME)\n"
        "f0 = t0.open_ns(t0, time_for_children)");
    w.run(way);
    w.run("t0.write_timens(t0, 1, 0)  -> EACCES");
  }
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t1 = t0.vfork()\n"
      "t1.write_timens(t1, 1, 0)\n"  // not yet entered
      "t1.execve()\n"
      "t1.write_timens(t1, 2, 0)  -> EACCES");
}

TEST(Time, SetnsChangesBothAndCancelsWhatIsPending) {  // DATA-05, SETNS-92, SETNS-95
  World w;
  const ObjId first = w.ns(0, time);
  w.run(
      "f0 = t0.open_ns(t0, time)\n"
      "t0.unshare(CLONE_NEWTIME)\n"
      "t0.setns(f0, CLONE_NEWTIME)");
  EXPECT_EQ(w.ns(0, time), first);
  EXPECT_EQ(w.ns(0, time_for_children), first);
  EXPECT_EQ(w.total(ObjKind::time), 1u);
}

TEST(Time, SetnsIntoOneThatNobodyWasIn) {  // SETNS-94
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "f0 = t0.open_ns(t0, time_for_children)\n"
      "t0.setns(f0, CLONE_NEWTIME)");
  EXPECT_EQ(w.ns(0, time), w.ns(0, time_for_children));
  w.run("t0.write_timens(t0, 1, 0)  -> EACCES");
}

TEST(Time, SetnsOfAnotherTypeLeavesItPending) {  // SETNS-96
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "f0 = t0.open_ns(t0, uts)\n"
      "t0.setns(f0, CLONE_NEWUTS)");
  EXPECT_NE(w.ns(0, time), w.ns(0, time_for_children));
}

TEST(Time, APidfdGivesTheTargetsOwn) {  // SETNS-22, SETNS-93
  World w;
  w.run(
      "t1 = t0.clone3(CLONE_NEWTIME)\n"
      "t1.unshare(CLONE_NEWTIME)\n"
      "f0 = t0.open_pidfd(t1)\n"
      "t0.setns(f0, CLONE_NEWTIME)");
  EXPECT_EQ(w.ns(0, time), w.ns(1, time));
  EXPECT_EQ(w.ns(0, time_for_children), w.ns(1, time));
}

TEST(TimeBefore62, AnExecveSwitchesNothing) {  // EXEC-01, section 12
  for (const char* profile : {"profile=5.10", "profile=6.1"}) {
    World w(profile);
    w.run("t0.unshare(CLONE_NEWTIME)");
    const ObjId now = w.ns(0, time), next = w.ns(0, time_for_children);
    w.run("t0.execve()");
    EXPECT_EQ(w.ns(0, time), now);
    EXPECT_EQ(w.ns(0, time_for_children), next) << "still pending";
    w.run("t1 = t0.fork()");
    EXPECT_EQ(w.ns(1, time), next);
  }
}

TEST(TimeBefore62, Clone3SwitchesOnASharedAddressSpace) {  // CLONE-41, BUG-17
  World w("profile=6.1");
  w.run("t1 = t0.clone3(CLONE_NEWTIME|CLONE_VM)");
  EXPECT_NE(w.ns(1, time), w.ns(0, time));
  EXPECT_EQ(w.ns(1, time), w.ns(1, time_for_children));
}

}  // namespace
}  // namespace model
