// execve, exit, wait, kill and who becomes whose parent: EXEC-01 to EXEC-03, EXIT-01 to EXIT-03,
// EXIT-07, TASK-01 to TASK-10, WAIT-01, WAIT-02, KILL-01 to KILL-03.
#include <gtest/gtest.h>

#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

TEST(Exec, ChangesNoOtherNamespace) {  // EXEC-02, EXEC-03
  World w;
  w.run(
      "t0.unshare(CLONE_NEWUTS|CLONE_NEWPID)\n"
      "t1 = t0.clone(CLONE_FS)");
  const abi::TaskView before = w.task(0);
  w.run("t0.execve()");
  EXPECT_EQ(w.task(0).ns, before.ns) << "pid_for_children stays pending, too";
  EXPECT_EQ(w.total(ObjKind::fs), 1u) << "a shared fs stays shared";
}

TEST(Exec, APendingPidNamespaceIsStillThere) {  // EXEC-03
  World w;
  w.run(
      "t0.unshare(CLONE_NEWPID)\n"
      "t0.execve()\n"
      "f0 = t0.open_ns(t0, pid_for_children)  -> ENOENT\n"
      "t1 = t0.fork()\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t1.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=1)  -> ok 1");
}

TEST(Exec, GivesOneItsOwnMmFilesAndHandlers) {  // TASK-09
  World w;
  w.run("t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_FILES)");
  EXPECT_EQ(w.total(ObjKind::mm), 1u);
  w.run("t1.execve()");
  EXPECT_EQ(w.total(ObjKind::mm), 2u);
  EXPECT_EQ(w.total(ObjKind::files), 2u);
  EXPECT_EQ(w.total(ObjKind::sighand), 2u);
}

TEST(Exec, WakesAVforkParent) {  // TASK-02, EXIT-07
  World w;
  w.run("t1 = t0.vfork()");
  EXPECT_EQ(w.state(0), TaskState::blocked);
  w.run(
      "t0.unshare(0)  -> skipped\n"
      "t1.execve()");
  EXPECT_EQ(w.state(0), TaskState::running);
  w.run(
      "t0.unshare(0)\n"
      "t2 = t0.vfork()\n"
      "t2.exit_group()\n"
      "t0.wait(t2)  -> ok 1");
}

TEST(Exec, EndsTheOtherThreadsAndTakesTheLeadersPlace) {  // TASK-08
  World w;
  w.run(
      "t1 = t0.clone3(0, set_tid=[20])\n"
      "t2 = t1.clone3(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD, exit_signal=0, set_tid=[30])\n"
      "t3 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t4 = t1.fork()\n"
      "f0 = t0.open_pidfd(t1)\n"
      "f1 = t0.open_ns(t0, pid)\n"
      "t2.execve()");
  EXPECT_EQ(w.state(1), TaskState::none);
  EXPECT_EQ(w.state(3), TaskState::none);
  EXPECT_EQ(w.state(2), TaskState::running);
  w.run(
      "t0.ioctl(f1, NS_GET_PID_IN_PIDNS, arg=20)  -> ok 20\n"  // the leader's number lives on
      "t0.ioctl(f1, NS_GET_PID_IN_PIDNS, arg=30)  -> ESRCH\n"  // its own is gone
      "t2.wait(t4)  -> ok 0\n"                                 // the children stay its children
      "f2 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE)\n"           // the leader's pidfd shows it
      "t2.exit_group()\n"
      "t0.wait(t2)  -> ok 1");
}

TEST(Exec, FailingPastThePointOfNoReturnKillsTheProcess) {  // EXEC-01, TASK-10
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t2.unshare(CLONE_NEWTIME)\n"
      "t2.execve() fault=1  -> ENOMEM\n"
      "t2.execve() fault=2  -> ENOMEM");
  EXPECT_EQ(w.state(1), TaskState::running) << "before it nothing has happened";
  w.run("t2.execve() fault=3  -> ENOMEM");
  EXPECT_EQ(w.rule(), "EXEC-01");
  EXPECT_EQ(w.state(1), TaskState::none);
  EXPECT_EQ(w.state(2), TaskState::zombie) << "in the leader's place";
  EXPECT_EQ(w.total(ObjKind::time), 1u);
}

TEST(Exec, HasNoThirdStepWithNothingPending) {  // EXEC-01
  World w;
  w.run("t0.execve() fault=3");
  World old("profile=6.1");
  old.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "t0.execve() fault=3");
}

TEST(Exit, NestedInitsIgnoreChildrenFirst) {  // TASK-06; t3, an init, shares t0's handlers
  World w;
  w.run(
      "t0.unshare(CLONE_NEWPID)                       -> ok\n"
      "t1 = t0.fork()                                 -> ok\n"
      "t2 = t0.clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)  -> ok\n"
      "t2.unshare(CLONE_NEWPID)                       -> ok\n"
      "t3 = t2.clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)  -> ok\n"
      "t1.exit()                                      -> ok\n"
      "t0.wait(t2)                                    -> ECHILD\n"
      "t0.wait(t1)                                    -> ECHILD");
}

TEST(Exit, LetsGoBeforeTheParentCanKnow) {  // EXIT-01
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWNS|CLONE_NEWUSER)");
  EXPECT_EQ(w.total(ObjKind::uts), 2u);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_EQ(w.total(ObjKind::uts), 1u);
  EXPECT_EQ(w.total(ObjKind::mnt), 1u);
  EXPECT_EQ(w.total(ObjKind::user), 2u);
  EXPECT_EQ(w.total(ObjKind::fs), 1u);
  EXPECT_EQ(w.total(ObjKind::mm), 1u);
  EXPECT_EQ(w.total(ObjKind::files), 1u);
  EXPECT_EQ(w.total(ObjKind::signal), 2u) << "until it is reaped";
  EXPECT_EQ(w.total(ObjKind::sighand), 2u);
  EXPECT_EQ(w.nsproxy(1), abi::kNoObject);
}

TEST(Exit, TakesTheSemaphoreBack) {  // EXIT-01, SEM-01
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t1.semop()\n"
      "t1.semop()");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 2);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 0);
}

TEST(Exit, OfAThreadIsItsOwnAffair) {  // EXIT-02, TASK-04
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t3 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t2.exit()");
  EXPECT_EQ(w.state(2), TaskState::none) << "reaped at once";
  w.run("t1.exit()");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_EQ(w.nsproxy(1), abi::kNoObject);
  EXPECT_NE(w.nsproxy(3), abi::kNoObject);
  w.run(
      "f0 = t0.open_ns(t1, uts)  -> ENOENT\n"
      "f0 = t0.open_ns(t3, uts)\n"
      "f1 = t0.open_pidfd(t1)\n"
      "t0.setns(f1, CLONE_NEWUTS)  -> ESRCH\n"
      "t0.wait(t1)  -> ok 0\n"  // not before it is alone
      "t3.exit()\n"
      "t0.wait(t1)  -> ok 1");
}

TEST(Exit, AZombieShowsItsUserAndPidNamespaces) {  // EXIT-03, NSFS-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID)\n"
      "f0 = t0.open_pidfd(t1)");
  const ObjId n = w.ns(1, user), p = w.ns(1, pid);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.ns(1, user), n);
  EXPECT_EQ(w.ns(1, pid), p);
  for (const NsLink link :
       {mnt, uts, ipc, cgroup, net, time, time_for_children, pid_for_children}) {
    EXPECT_EQ(w.ns(1, link), abi::kNoObject) << name(link);
    w.run("f9 = t0.open_ns(t1, " + std::string(name(link)) + ")  -> ENOENT");
  }
  w.run(
      "f1 = t0.open_ns(t1, user)\n"
      "f2 = t0.open_ns(t1, pid)\n"
      "f3 = t0.ioctl(f0, PIDFD_GET_USER_NAMESPACE)  -> ESRCH\n"
      "f3 = t0.ioctl(f0, PIDFD_GET_PID_NAMESPACE)   -> ESRCH");
}

TEST(Exit, OfAGroupEndsAllItsThreads) {
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t2.exit_group()");
  EXPECT_EQ(w.state(2), TaskState::none);
  EXPECT_EQ(w.state(1), TaskState::zombie);
}

TEST(Exit, OfABlockedParentFreesTheVforkChild) {  // call.h: it was killed
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.vfork()\n"
      "t1.exit_group()");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  w.run(
      "t2.unshare(CLONE_NEWUTS)\n"
      "t2.execve()");
  EXPECT_EQ(w.state(2), TaskState::running);
}

TEST(Parents, TheCallerOrTheCallersParent) {  // TASK-03
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_PARENT)\n"
      "t3 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t4 = t3.fork()\n"
      "t0.wait(t2)  -> ok 0\n"
      "t1.wait(t4)  -> ok 0\n"  // a child of any thread
      "t3.exit()\n"
      "t1.wait(t4)  -> ok 0");  // TASK-05: it went to another thread
}

TEST(Parents, OutsideReapsAtOnce) {  // TASK-01
  World w;
  w.run(
      "t1 = t0.clone(CLONE_PARENT)\n"
      "t2 = t0.fork()\n"
      "t3 = t2.fork()\n"
      "t1.exit_group()");
  EXPECT_EQ(w.state(1), TaskState::none);
  w.run(
      "t2.exit_group()\n"
      "t0.wait(t2)  -> ok 1\n"
      "t0.wait(t3)  -> ECHILD\n"  // it went outside, past t0
      "t3.exit_group()");
  EXPECT_EQ(w.state(3), TaskState::none);
  w.run("t0.exit_group()");
  EXPECT_EQ(w.state(0), TaskState::none);
}

TEST(Parents, ASubreaperAdopts) {  // TASK-05, CRED-07
  World w;
  w.run(
      "t0.prctl(PR_SET_CHILD_SUBREAPER, 1)\n"
      "t1 = t0.fork()\n"
      "t2 = t1.fork()\n"
      "t3 = t2.fork()\n"
      "t2.exit_group()\n"
      "t0.wait(t3)  -> ok 0\n"
      "t1.prctl(PR_SET_CHILD_SUBREAPER, 1)\n"
      "t4 = t1.fork()\n"
      "t5 = t4.fork()\n"
      "t4.exit_group()\n"
      "t1.wait(t5)  -> ok 0\n"  // the nearest one
      "t1.prctl(PR_SET_CHILD_SUBREAPER, 0)\n"
      "t6 = t5.fork()\n"
      "t5.exit_group()\n"
      "t0.wait(t6)  -> ok 0");  // it no longer is one
}

TEST(Parents, AnAdoptedZombieIsTheAdoptersToReap) {  // TASK-05
  World w;
  w.run(
      "t0.prctl(PR_SET_CHILD_SUBREAPER, 1)\n"
      "t1 = t0.fork()\n"
      "t2 = t1.fork()\n"
      "t2.exit_group()\n"
      "t1.exit_group()");
  EXPECT_EQ(w.state(2), TaskState::zombie);
  w.run(
      "t0.wait(t2)  -> ok 1\n"
      "t0.wait(t1)  -> ok 1");
}

TEST(Pids, AreGivenInTurn) {  // TASK-07
  World w;
  w.run(
      "t9 = t0.clone(CLONE_NEWPID)\n"
      "t1 = t9.fork()                       -> ok 2\n"
      "t2 = t9.clone3(0, set_tid=[4])       -> ok 4\n"
      "t3 = t9.fork()                       -> ok 3\n"  // a tid asked for does not count
      "t4 = t9.fork()                       -> ok 5\n"  // 4 is in use
      "t4.exit_group()\n"
      "t9.wait(t4)                          -> ok 1\n"
      "t5 = t9.fork()                       -> ok 6\n"  // not given again at once
      "t6 = t9.clone(CLONE_NEWPID)          -> ok 7\n"
      "t7 = t6.fork()                       -> ok 2");
}

TEST(Wait, ReapsAndSaysSo) {  // WAIT-02
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t0.wait(t1)  -> ok 0\n"
      "t1.exit_group()\n"
      "t0.wait(t1)  -> ok 1\n"
      "t0.wait(t1)  -> ECHILD");
  EXPECT_EQ(w.state(1), TaskState::none);
  EXPECT_EQ(w.total(ObjKind::pid), 1u);
}

TEST(Kill, EndsTheWholeProcess) {
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t0.kill(t2)");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_EQ(w.state(2), TaskState::none);
  w.run("t0.kill(t1)");  // KILL-03: nothing happens to a zombie
  EXPECT_EQ(w.state(1), TaskState::zombie);
}

TEST(Kill, OfAnInitOnlyFromAbove) {  // KILL-03, PIDNS-20
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.fork()\n"
      "t2.kill(t1)\n"
      "t1.kill(t1)");
  EXPECT_EQ(w.state(1), TaskState::running);
  w.run("t0.kill(t1)");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_EQ(w.state(2), TaskState::none);
}

TEST(Kill, OfAnInitBySomebodyWhoOnlySendsChildrenThere) {  // KILL-03: the active one decides
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, CLONE_NEWPID)\n"
      "t2.kill(t1)");
  EXPECT_EQ(w.state(1), TaskState::zombie);
}

TEST(Kill, BlockedTasksToo) {
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.vfork()\n"
      "t0.kill(t1)");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_EQ(w.state(2), TaskState::running);
}

}  // namespace
}  // namespace model
