// Pid namespaces: how they begin, how they end, and who sees whom: PIDNS-10 to PIDNS-21, EXIT-04
// to EXIT-06, TASK-05, TASK-06, CLONE-43, DATA-09.
#include <gtest/gtest.h>

#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

TEST(PidNs, FirstProcessIsNumberOneWhoeverForksIt) {  // PIDNS-13
  World w;
  w.run(
      "t0.unshare(CLONE_NEWPID)\n"
      "f0 = t0.open_pidfd(t0)\n"
      "f1 = t0.ioctl(f0, PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE)\n"  // PIDFD-04: though childless
      "f2 = t0.open_ns(t0, pid_for_children)                        -> ENOENT\n"
      "f2 = t0.open_ns(t0, pid)\n"
      "t0.setns(f2, CLONE_NEWPID)\n"
      "t1 = t0.fork()\n"
      "t1.setns(f1, CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "t2.ioctl(f1, NS_GET_PID_IN_PIDNS, arg=1)  -> ok 1");
  EXPECT_EQ(w.ns(2, pid), w.ns(1, pid_for_children));
  w.run("t3 = t2.clone(CLONE_PARENT)  -> EINVAL");  // it is the init: SIGNAL_UNKILLABLE
  EXPECT_EQ(w.rule(), "CLONE-14");
}

TEST(PidNs, LinkShowsForEverybodyOnceAChildIsBorn) {  // NSFS-05
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t0.unshare(CLONE_NEWPID)\n"
      "f0 = t0.open_pidfd(t0)\n"
      "f1 = t0.ioctl(f0, PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE)\n"
      "t1.setns(f1, CLONE_NEWPID)\n"
      "t2 = t0.fork()");
  EXPECT_NE(w.ns(2, pid), abi::kNoObject);
  EXPECT_EQ(w.ns(0, pid_for_children), w.ns(2, pid));
  EXPECT_EQ(w.ns(1, pid_for_children), w.ns(2, pid)) << "it shows there, too";
}

TEST(PidNs, FirstForkThatFailsLateKillsIt) {  // PIDNS-11, BUG-28: as Linux has it
  for (const char* how : {"t1, f0 = t0.clone(CLONE_PIDFD, pidfd_pointer=bad)  -> EFAULT",
                          "t1 = t0.clone3(CLONE_INTO_CGROUP)                  -> EBADF",
                          "t1 = t0.fork() fault=12                            -> EAGAIN",
                          "t1 = t0.fork() fault=13                            -> EINTR"}) {
    World w;
    w.run("t0.unshare(CLONE_NEWPID)\n" + std::string(how) + "\n" +
          "t1 = t0.fork()           -> ENOMEM\n"
          "f9 = t0.open_ns(t0, pid_for_children)  -> ENOENT\n"
          "f8 = t0.open_ns(t0, pid)\n"  // the way out
          "t0.setns(f8, CLONE_NEWPID)\n"
          "t0.unshare(CLONE_NEWPID)\n"
          "t1 = t0.fork()");
  }
}

TEST(PidNs, FirstForkThatFailsEarlierLeavesItUsable) {  // PIDNS-12
  for (const char* how : {"t1 = t0.clone3(0, set_tid=[1 1])  -> EEXIST",
                          "t1 = t0.fork() fault=1            -> ENOMEM",     // dup_task
                          "t1 = t0.fork() fault=9            -> ENOMEM",     // the struct pid
                          "t1 = t0.fork() fault=10           -> EAGAIN",     // its inner number
                          "t1 = t0.fork() fault=11           -> EAGAIN"}) {  // its outer one
    World w;
    w.run("t0.unshare(CLONE_NEWPID)\n" + std::string(how) + "\nt1 = t0.fork()");
    w.run(
        "f0 = t0.open_ns(t1, pid)\n"
        "t1.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=1)  -> ok 1");  // BUG-29: still number 1
  }
}

TEST(PidNs, LateFailuresDoNoHarmWhereAnInitLives) {  // PIDNS-12
  World w;
  w.run(
      "t0.unshare(CLONE_NEWPID)\n"
      "t1 = t0.fork()\n"
      "t2 = t0.clone3(CLONE_INTO_CGROUP)  -> EBADF\n"
      "t2 = t0.fork()\n"
      "t3 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)  -> EINVAL");
}

TEST(PidNs, ANewOneThatFailsLateIsSimplyGone) {
  World w;
  w.run(
      "t1 = t0.clone3(CLONE_NEWPID|CLONE_INTO_CGROUP)  -> EBADF\n"
      "t1 = t0.clone(CLONE_NEWPID)");
}

TEST(PidNs, EndsWithItsInit) {  // EXIT-04, TASK-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "t3 = t1.clone(CLONE_NEWPID)\n"  // a nested one
      "t4 = t3.fork()\n"
      "t5 = t3.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t1.exit_group()");
  for (std::uint32_t t : {2u, 3u, 4u, 5u}) EXPECT_EQ(w.state(t), TaskState::none) << t;
  EXPECT_EQ(w.state(1), TaskState::zombie);
  w.run("t0.wait(t1)  -> ok 1");
  EXPECT_EQ(w.total(ObjKind::pid_ns), 1u);
}

TEST(PidNs, WaitsForMembersWithAParentOutside) {  // EXIT-05
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, CLONE_NEWPID)\n"
      "t3 = t2.fork()\n"  // a member, child of t2
      "t4 = t3.fork()\n"  // a member, child of a member
      "t1.exit_group()");
  EXPECT_EQ(w.state(1), TaskState::dying);
  EXPECT_EQ(w.state(3), TaskState::zombie);
  EXPECT_EQ(w.state(4), TaskState::none) << "the init has reaped it";
  w.run(
      "t0.wait(t1)     -> ok 0\n"
      "t5 = t2.fork()  -> ENOMEM\n"
      "t2.wait(t3)     -> ok 1");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  w.run("t0.wait(t1)     -> ok 1");
}

TEST(PidNs, WaitsNoLongerOnceThatParentIsGone) {  // EXIT-05, TASK-05
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, CLONE_NEWPID)\n"
      "t3 = t2.fork()\n"
      "t1.exit_group()\n"
      "t2.exit_group()");  // outside adopts t3's zombie, and reaps it
  EXPECT_EQ(w.state(3), TaskState::none);
  EXPECT_EQ(w.state(1), TaskState::zombie);
}

TEST(PidNs, LivesOnInAnotherThreadOfTheInit) {  // EXIT-04, TASK-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t3 = t1.fork()\n"
      "t4 = t3.fork()\n"
      "t1.exit()");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_EQ(w.state(3), TaskState::running);
  w.run(
      "t3.exit_group()\n"
      "t2.wait(t3)  -> ok 1\n"
      "t2.wait(t4)  -> ok 0\n"  // the orphan went to the reaper's other thread
      "t2.exit()");
  EXPECT_EQ(w.state(4), TaskState::none);
  EXPECT_EQ(w.state(2), TaskState::none);
  w.run("t0.wait(t1)  -> ok 1");
}

TEST(PidNs, AThreadsExecveMakesItTheInit) {  // TASK-08
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t3 = t2.fork()\n"
      "t2.execve()\n"
      "f0 = t2.open_ns(t2, pid)\n"
      "t2.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=1)  -> ok 1\n"
      "t2.wait(t3)                               -> ok 0\n"
      "t4 = t2.clone(CLONE_PARENT)               -> EINVAL\n"
      "t2.exit_group()");
  EXPECT_EQ(w.state(3), TaskState::none);
}

TEST(PidNs, OrphansGoToTheFathersReaper) {  // PIDNS-21, TASK-05
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "t3 = t2.fork()\n"
      "t2.exit_group()\n"
      "t1.wait(t3)  -> ok 0\n"
      // t5 is a member, its father is not: it is adopted outside.
      "f0 = t0.open_ns(t1, pid)\n"
      "t4 = t0.fork()\n"
      "t4.setns(f0, CLONE_NEWPID)\n"
      "t5 = t4.fork()\n"
      "t4.exit_group()\n"
      "t1.wait(t5)  -> ECHILD\n"
      "t0.wait(t5)  -> ECHILD\n"
      "t5.exit_group()");
  EXPECT_EQ(w.state(5), TaskState::none);
}

TEST(PidNs, ASubreaperOfAnotherPidNamespaceDoesNotAdopt) {  // TASK-05
  World w;
  w.run(
      "t0.prctl(PR_SET_CHILD_SUBREAPER, 1)\n"
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "t3 = t2.fork()\n"
      "t2.exit_group()\n"
      "t0.wait(t3)  -> ECHILD\n"
      "t1.wait(t3)  -> ok 0");
}

TEST(PidNs, AChildOfAnOutsideSubreaperGoesToIt) {  // TASK-05
  World w;
  w.run(
      "t0.prctl(PR_SET_CHILD_SUBREAPER, 1)\n"
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, CLONE_NEWPID)\n"
      "t3 = t2.fork()\n"
      "t2.exit_group()\n"
      "t0.wait(t3)  -> ok 0\n"
      "t1.exit_group()\n"
      "t0.wait(t1)  -> ok 0\n"
      "t0.wait(t3)  -> ok 1\n"
      "t0.wait(t1)  -> ok 1");
}

TEST(PidNs, StaysAliveButDeadForForks) {  // EXIT-06, SETNS-62, LIFE-04
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t1.exit_group()\n"
      "t0.wait(t1)  -> ok 1\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, 0)\n"
      "t3 = t2.fork()   -> ENOMEM\n"
      "t3 = t2.vfork()  -> ENOMEM");
}

TEST(PidNs, EndsAtThirtyTwoLevelsAtOnce) {  // DATA-09, EXIT-04
  World w;
  for (int i = 0; i < 32; ++i) {
    w.run("t" + std::to_string(i + 1) + " = t" + std::to_string(i) + ".clone(CLONE_NEWPID)");
  }
  EXPECT_EQ(w.detail(w.ns(32, pid)), 32);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.state(32), TaskState::none);
  w.run("t0.wait(t1)  -> ok 1");
  EXPECT_EQ(w.total(ObjKind::pid_ns), 1u);
  EXPECT_EQ(w.total(ObjKind::pid), 1u);
}

TEST(PidNs, KillsAVforkPairInside) {  // TASK-02, TASK-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "t3 = t2.vfork()");
  EXPECT_EQ(w.state(2), TaskState::blocked);
  w.run("t0.kill(t1)");
  EXPECT_EQ(w.state(2), TaskState::none);
  EXPECT_EQ(w.state(3), TaskState::none);
  w.run("t0.wait(t1)  -> ok 1");
}

}  // namespace
}  // namespace model
