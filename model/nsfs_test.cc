// Namespace files, pidfds and their ioctls: NSFS-01 to NSFS-16, PIDFD-01 to PIDFD-07, MOUNT-01 to
// MOUNT-06, FILE-01, FILE-02.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

// Enters the namespace that a descriptor shows, and leaves its caller there.
ObjId shown_by(World& w, const std::string& file, NsLink link) {
  w.run("t90 = t0.fork()\nt90.setns(" + file + ", 0)");
  const ObjId shown = w.ns(90, link);
  w.run("t90.exit_group()\nt0.wait(t90)  -> ok 1");
  return shown;
}

TEST(Nsfs, TypeOfEachFile) {  // NSFS-12
  World w;
  for (const NsType type : abi::kAllNsTypes) {
    w.run("f0 = t0.open_ns(t0, " + std::string(name(type)) + ")\n" +
          "t0.ioctl(f0, NS_GET_NSTYPE)  -> ok " + std::to_string(flag_of(type).bits()) + "\n" +
          "t0.close(f0)");
  }
}

TEST(Nsfs, OwnerOfEachType) {  // NSFS-10
  World w;
  w.run(
      "t1 = t0.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|"
      "CLONE_NEWNET|CLONE_NEWCGROUP|CLONE_NEWTIME)");
  for (const NsLink link : {mnt, uts, ipc, pid, cgroup, net, time}) {
    w.run("f0 = t0.open_ns(t1, " + std::string(name(link)) + ")\n" +
          "f1 = t0.ioctl(f0, NS_GET_USERNS)");
    EXPECT_EQ(shown_by(w, "f1", user), w.ns(1, user)) << name(link);
    w.run("t0.close(f0)\nt0.close(f1)");
  }
}

TEST(Nsfs, ParentsOfUserAndPidNamespaces) {  // NSFS-11
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID)\n"
      "t0.write_uid_map(t1, [0 0 1])\n"
      "t0.write_gid_map(t1, [0 0 1])\n"
      "t2 = t1.clone(CLONE_NEWUSER|CLONE_NEWPID)\n"
      "f0 = t0.open_ns(t2, user)\n"
      "f1 = t0.ioctl(f0, NS_GET_PARENT)\n"
      "f2 = t0.open_ns(t2, pid)\n"
      "f3 = t0.ioctl(f2, NS_GET_PARENT)");
  EXPECT_EQ(shown_by(w, "f1", user), w.ns(1, user));
  EXPECT_EQ(shown_by(w, "f3", pid_for_children), w.ns(1, pid));
}

TEST(Nsfs, OwnerUidAsTheCallerSeesIt) {  // NSFS-13
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t1, user)\n"
      "t0.ioctl(f0, NS_GET_OWNER_UID)  -> ok 1000\n"
      "t1.ioctl(f0, NS_GET_OWNER_UID)  -> ok 65534\n"  // not mapped
      "t1.write_uid_map(t1, [7 1000 1])\n"
      "t1.ioctl(f0, NS_GET_OWNER_UID)  -> ok 7\n"
      "f1 = t0.open_ns(t0, user)\n"
      "t0.ioctl(f1, NS_GET_OWNER_UID)  -> ok 0\n"
      "t1.ioctl(f1, NS_GET_OWNER_UID)  -> ok 65534");
}

TEST(Nsfs, IdsAreNeverGivenAgain) {  // NSFS-15, DATA-10
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "t0.ioctl(f0, NS_GET_ID)");
  const std::int64_t first = w.last().value;
  w.run("t0.ioctl(f0, NS_GET_ID)");
  EXPECT_EQ(w.last().value, first);
  w.run(
      "t0.close(f0)\nt1.exit_group()\nt0.wait(t1)  -> ok 1\n"
      "t2 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t2, uts)\n"
      "t0.ioctl(f0, NS_GET_ID)");
  EXPECT_NE(w.last().value, first);
}

TEST(Nsfs, MountNamespaceId) {  // NSFS-14
  World w;
  w.run(
      "f0 = t0.open_ns(t0, mnt)\n"
      "t0.ioctl(f0, NS_GET_MNTNS_ID)");
  const std::int64_t id = w.last().value;
  EXPECT_NE(id, 0);
  w.run("t0.ioctl(f0, NS_GET_ID)");
  EXPECT_EQ(w.last().value, id);
}

TEST(Nsfs, TranslatesPids) {  // NSFS-16
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.clone3(0, set_tid=[2 20])\n"
      "t3 = t2.clone3(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD, exit_signal=0, set_tid=[3 30])\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t0.ioctl(f0, NS_GET_PID_FROM_PIDNS, arg=3)   -> ok 30\n"
      "t0.ioctl(f0, NS_GET_TGID_FROM_PIDNS, arg=3)  -> ok 20\n"
      "t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=30)    -> ok 3\n"
      "t0.ioctl(f0, NS_GET_TGID_IN_PIDNS, arg=30)   -> ok 2\n"
      "t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=0)     -> ESRCH\n"
      "t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=-1)    -> ESRCH\n"
      // pid_t is an int: the high half is dropped (seen on 6.18.44).
      "t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=0x10000001e)  -> ok 3");
}

TEST(Nsfs, OpensNeedTheRightToInspectOnly) {  // NSFS-02, SETNS-11
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t1 = t0.fork()\n"
      "f0 = t1.open_ns(t0, mnt)\n"
      "t0.prctl(PR_SET_DUMPABLE, 0)\n"
      "f1 = t1.open_ns(t0, mnt)  -> EACCES\n"
      "f1 = t0.open_ns(t0, mnt)\n"  // oneself always
      "t1.setns(f1, CLONE_NEWNS)  -> EPERM");
}

TEST(Nsfs, TimeForChildrenOpensBeforeAnyChild) {  // NSFS-05
  World w;
  w.run(
      "t0.unshare(CLONE_NEWTIME)\n"
      "f0 = t0.open_ns(t0, time_for_children)\n"
      "f1 = t0.open_ns(t0, time)\n"
      "t0.setns(f0, CLONE_NEWTIME)");
}

TEST(Pidfd, GivesEachNamespace) {  // PIDFD-03 to PIDFD-06
  World w;
  w.run(
      "t1 = t0.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|"
      "CLONE_NEWNET|CLONE_NEWCGROUP|CLONE_NEWTIME)\n"
      "t1.unshare(CLONE_NEWTIME)\n"
      "f0 = t0.open_pidfd(t1)");
  const std::array<std::pair<const char*, NsLink>, 10> ops = {
      {{"CGROUP", cgroup},
       {"IPC", ipc},
       {"MNT", mnt},
       {"NET", net},
       {"PID", pid},
       {"PID_FOR_CHILDREN", pid_for_children},
       {"TIME", time},
       {"TIME_FOR_CHILDREN", time_for_children},
       {"USER", user},
       {"UTS", uts}}};
  for (const auto& [op, link] : ops) {
    w.run("f1 = t0.ioctl(f0, PIDFD_GET_" + std::string(op) + "_NAMESPACE)");
    const NsLink where = link == pid ? pid_for_children : link == time_for_children ? time : link;
    EXPECT_EQ(shown_by(w, "f1", where), w.ns(1, link)) << op;
    w.run("t0.close(f1)");
  }
}

TEST(Pidfd, OfAnExecvedThreadFollowsTheLeadersPlace) {  // TASK-08
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "f0 = t0.open_pidfd(t1)\n"
      "f1 = t0.open_pidfd(t2, thread)\n"
      "t2.execve()\n"
      "f2 = t0.ioctl(f0, PIDFD_GET_UTS_NAMESPACE)\n"
      "f3 = t0.ioctl(f1, PIDFD_GET_UTS_NAMESPACE)  -> ESRCH");
}

TEST(Pidfd, OfAThreadIsMadeByClone) {  // CLONE-17, 6.9 on
  World w("profile=6.9");
  w.run(
      "t1, f0 = t0.clone(CLONE_PIDFD|CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_NEWUTS)\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(2, uts), w.ns(1, uts));
}

TEST(Files, OpenAndCloseAreRefused) {  // FILE-01, call.h
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "f0 = t0.open_file(regular)\n"
      "f0 = t0.open_file(regular)    -> skipped\n"  // the name is in use
      "f1 = t0.open_ns(t7, uts)      -> skipped\n"  // never made
      "t7.close(f0)                  -> skipped\n"
      "t0.close(f0)\n"
      "t0.close(f0)                  -> EBADF\n"
      "t1.exit_group()\n"
      "f1 = t1.open_file(regular)    -> skipped\n"  // an exited task does nothing
      "f1 = t0.open_pidfd(t1)\n"                    // a zombie still has its pid
      "f2 = t0.open_file(proc_dir, t1)");
}

TEST(Mounts, BindsBelongToTheirNamespace) {  // MOUNT-01, MOUNT-02, MOUNT-03
  World w;
  w.run(
      "f0 = t0.open_ns(t0, uts)\n"
      "b0 = t0.bind_ns(f0)\n"
      "b0 = t0.bind_ns(f0)  -> skipped\n"
      "t1 = t0.clone(CLONE_NEWNS)\n"
      "t0.unbind_ns(b0)\n"
      "t0.unbind_ns(b0)     -> EINVAL\n"
      "b0 = t0.bind_ns(f0)\n"
      "t1.unbind_ns(b0)");
  EXPECT_EQ(w.total(ObjKind::mount), 1u);
}

TEST(Mounts, OfTheCopierAreNotLocked) {  // MOUNT-02
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t0.unshare(CLONE_NEWUSER|CLONE_NEWNS)\n"
      "f0 = t0.open_ns(t0, uts)\n"
      "b0 = t0.bind_ns(f0)\n"
      "t0.unshare(CLONE_NEWNS)\n"
      "t0.unbind_ns(b0)");
}

TEST(Roots, ChrootAndBack) {  // MOUNT-04, MOUNT-05, MOUNT-06, CLONE-25
  World w;
  w.run(
      "t1 = t0.clone(CLONE_FS)\n"
      "t0.chroot(inside)");
  EXPECT_TRUE(w.task(0).chrooted);
  EXPECT_TRUE(w.task(1).chrooted) << "a shared root moves for all";
  w.run("t2 = t0.fork()");
  EXPECT_TRUE(w.task(2).chrooted) << "a copied root stays where it is";
  w.run("t1.chroot(top)");
  EXPECT_FALSE(w.task(0).chrooted);
  EXPECT_TRUE(w.task(2).chrooted);
}

TEST(Roots, PivotRootOfSomebodyElse) {  // MOUNT-05
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t0.pivot_root()");
  EXPECT_FALSE(w.task(0).chrooted);
  EXPECT_FALSE(w.task(1).chrooted) << "its root was the namespace's, and still is";
}

}  // namespace
}  // namespace model
