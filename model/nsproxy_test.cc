// What a task's nsproxy leads to and who holds what: DATA-01 to DATA-09, REF-01 to REF-04, the
// table of reference effects, CLONE-30, CLONE-32, CLONE-41, NSP-05 to NSP-08.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

constexpr std::array<NsLink, 7> kSlots = {mnt, uts, ipc, pid_for_children, cgroup, net, time};

TEST(Nsproxy, LeadsToTheInitialNamespacesAtFirst) {  // DATA-01
  World w;
  for (const NsLink link : kSlots) EXPECT_NE(w.ns(0, link), abi::kNoObject) << name(link);
  EXPECT_EQ(w.ns(0, time), w.ns(0, time_for_children));  // TIME-01
  EXPECT_EQ(w.ns(0, pid), w.ns(0, pid_for_children));
  EXPECT_EQ(w.held_by(w.nsproxy(0)), "t0 task.nsproxy");
}

TEST(Nsproxy, IsSharedByAForkAndAVforkAndAThread) {  // CLONE-03, CLONE-30, REF-01
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t3 = t0.vfork()");
  for (std::uint32_t t = 1; t <= 3; ++t) EXPECT_EQ(w.nsproxy(t), w.nsproxy(0));
  EXPECT_EQ(w.held_by(w.nsproxy(0)),
            "t0 task.nsproxy, t1 task.nsproxy, t2 task.nsproxy, t3 task.nsproxy");
  EXPECT_EQ(w.total(ObjKind::nsproxy), 1u);
}

TEST(Nsproxy, BelongsToTheThreadAlone) {  // DATA-02
  World w;
  w.run("t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)");
  const ObjId before = w.ns(0, uts);
  w.run("t1.unshare(CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(0, uts), before);
  EXPECT_NE(w.ns(1, uts), before);
  EXPECT_NE(w.nsproxy(1), w.nsproxy(0));
}

TEST(Nsproxy, OfAnUnshareHoldsEachNamespaceOnce) {  // REF-02, refcount table
  World w;
  w.run(
      "t0.unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET|"
      "CLONE_NEWCGROUP|CLONE_NEWTIME)\n"
      "t1 = t0.fork()");
  EXPECT_EQ(w.held_by(w.ns(0, mnt)), "mnt_ns, mnt_ns") << "t1 has a nsproxy of its own";
  EXPECT_NE(w.nsproxy(1), w.nsproxy(0)) << "the fork switched the time namespace";
  w.run("t1.exit_group()\nt0.wait(t1) -> ok 1");
  EXPECT_EQ(w.held_by(w.ns(0, mnt)), "mnt_ns");
  EXPECT_EQ(w.held_by(w.ns(0, uts)), "uts_ns");
  EXPECT_EQ(w.held_by(w.ns(0, ipc)), "ipc_ns");
  EXPECT_EQ(w.held_by(w.ns(0, net)), "net_ns");
  EXPECT_EQ(w.held_by(w.ns(0, cgroup)), "cgroup_ns");
  EXPECT_EQ(w.held_by(w.ns(0, pid_for_children)), "pid_ns_for_children");
  EXPECT_EQ(w.held_by(w.ns(0, time_for_children)), "time_ns_for_children");
  EXPECT_EQ(w.total(ObjKind::nsproxy), 1u) << "the old one died with its last task (REF-03)";
}

TEST(Nsproxy, CountsTheTwoTimePointersSeparately) {  // REF-02
  World w;
  w.run("t1 = t0.clone3(CLONE_NEWTIME)");
  EXPECT_EQ(w.ns(1, time), w.ns(1, time_for_children));
  EXPECT_EQ(w.held_by(w.ns(1, time)), "time_ns, time_ns_for_children");
  w.run("t2 = t0.clone3(CLONE_NEWTIME|CLONE_VM)");
  EXPECT_EQ(w.held_by(w.ns(2, time_for_children)), "time_ns_for_children");
}

TEST(Nsproxy, OfACloneSharesWhatItsFlagsDoNotName) {  // refcount table
  World w;
  w.run(
      "t0.unshare(CLONE_NEWUTS|CLONE_NEWIPC)\n"
      "t1 = t0.clone(CLONE_NEWIPC)");
  EXPECT_EQ(w.ns(1, uts), w.ns(0, uts));
  EXPECT_NE(w.ns(1, ipc), w.ns(0, ipc));
  EXPECT_EQ(w.held_by(w.ns(0, uts)), "uts_ns, uts_ns");
  EXPECT_EQ(w.held_by(w.ns(1, ipc)), "ipc_ns");
}

TEST(Nsproxy, IsReplacedNotChanged) {  // DATA-01
  World w;
  w.run("t1 = t0.fork()");
  const ObjId shared = w.nsproxy(0);
  w.run("t0.unshare(CLONE_NEWUTS)");
  EXPECT_EQ(w.nsproxy(1), shared);
  EXPECT_NE(w.nsproxy(0), shared);
  EXPECT_NE(w.ns(0, uts), w.ns(1, uts));
}

TEST(Nsproxy, DiesWithItsLastTaskAndLetsGo) {  // REF-03
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWNET)");
  const ObjId gone = w.nsproxy(1), u = w.ns(1, uts), n = w.ns(1, net);
  w.run("t1.exit_group()");
  EXPECT_FALSE(w.alive(gone));
  EXPECT_FALSE(w.alive(u));
  EXPECT_FALSE(w.alive(n));
}

TEST(Namespaces, ThatAreNewStartAsTheyShould) {  // DATA-06
  World w;
  w.run(
      "t0.semop()\n"
      "t0.unshare(CLONE_NEWTIME)\n"
      "t0.write_timens(t0, 7, 0)\n"
      "f0 = t0.open_ns(t0, uts)\n"
      "b0 = t0.bind_ns(f0)\n"
      "t0.unshare(CLONE_NEWNS|CLONE_NEWIPC|CLONE_NEWTIME)");
  EXPECT_EQ(w.detail(w.ns(0, ipc)), 0) << "ipc starts empty";
  EXPECT_EQ(w.detail(w.ns(0, time_for_children)), 7) << "time copies the pending offsets (TIME-09)";
  EXPECT_EQ(w.total(ObjKind::mount), 2u) << "mnt copies the mounts";
  w.run(
      "t0.unbind_ns(b0)\n"
      "t0.write_timens(t0, 8, 0)");
  EXPECT_EQ(w.total(ObjKind::mount), 1u);
}

TEST(Namespaces, OfMountsAreNotCopiedAlong) {  // MOUNT-03
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWNS)\n"
      "f0 = t0.open_ns(t1, mnt)\n"
      "b0 = t0.bind_ns(f0)\n"
      "t2 = t0.clone(CLONE_NEWNS)\n"
      "t2.unbind_ns(b0)  -> EINVAL");
  EXPECT_EQ(w.rule(), "MOUNT-02-none");
}

TEST(Owners, AreTheUserNamespaceInForce) {  // DATA-07, CLONE-32
  World w;
  const ObjId top = w.ns(0, user);
  w.run(
      "t1 = t0.clone3(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET|"
      "CLONE_NEWCGROUP|CLONE_NEWTIME)");
  for (const NsLink link : kSlots) EXPECT_EQ(w.owner(w.ns(1, link)), top) << name(link);
  w.run(
      "t2 = t0.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|"
      "CLONE_NEWNET|CLONE_NEWCGROUP|CLONE_NEWTIME)");
  for (const NsLink link : kSlots) {
    EXPECT_EQ(w.owner(w.ns(2, link)), w.ns(2, user)) << name(link);
  }
  EXPECT_EQ(w.owner(w.ns(2, user)), top) << "a user namespace is owned by its parent";
  EXPECT_EQ(w.owner(top), abi::kNoObject);
}

TEST(Owners, OfAnUnshareAreTheNewUserNamespace) {  // UNSHARE-42
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t0.unshare(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|"
      "CLONE_NEWNET|CLONE_NEWCGROUP|CLONE_NEWTIME)\n"
      "t1 = t0.fork()");
  for (const NsLink link : kSlots) {
    EXPECT_EQ(w.owner(w.ns(1, link)), w.ns(1, user)) << name(link);
  }
  w.run("t0.unshare(CLONE_NEWUTS)");
  EXPECT_EQ(w.owner(w.ns(0, uts)), w.ns(0, user)) << "later ones too";
}

TEST(Owners, HoldNothingOfWhatTheyOwn) {  // REF-04
  World w;
  w.run("t0.unshare(CLONE_NEWUSER|CLONE_NEWUTS)");
  const ObjId user_ns = w.ns(0, user), uts_ns = w.ns(0, uts);
  EXPECT_EQ(w.held_by(user_ns), "cred.user_ns, ns.owner, ucounts.ns");
  EXPECT_EQ(w.held_by(uts_ns), "uts_ns");
}

TEST(Levels, GrowByOne) {  // DATA-08, DATA-09
  World w;
  EXPECT_EQ(w.detail(w.ns(0, pid)), 0);
  EXPECT_EQ(w.detail(w.ns(0, user)), 0);
  w.run(
      "t1 = t0.clone(CLONE_NEWPID|CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 0 1])\n"
      "t0.write_gid_map(t1, [0 0 1])\n"
      "t2 = t1.clone(CLONE_NEWPID|CLONE_NEWUSER)");
  EXPECT_EQ(w.detail(w.ns(1, pid)), 1);
  EXPECT_EQ(w.detail(w.ns(2, pid)), 2);
  EXPECT_EQ(w.detail(w.ns(2, user)), 2);
  EXPECT_EQ(w.held_by(w.ns(1, pid)),
            "ns.parent, pid.ns, pid_ns_for_children");  // REF-04: the child pins its parent
}

TEST(Pids, HaveANumberAtEachLevel) {  // DATA-11, REF-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t2 = t1.clone3(0, set_tid=[2 20])  -> ok 2\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t0.ioctl(f0, NS_GET_PID_FROM_PIDNS, arg=2)  -> ok 20\n"
      "t0.ioctl(f0, NS_GET_PID_IN_PIDNS, arg=20)   -> ok 2\n"
      "t0.close(f0)");
  EXPECT_EQ(w.held_by(w.ns(1, pid)), "pid.ns, pid.ns, pid_ns_for_children")
      << "each struct pid pins its innermost namespace";
}

TEST(Pids, ActiveNamespaceNeverChanges) {  // DATA-04
  World w;
  const ObjId home = w.ns(0, pid);
  w.run("t0.unshare(CLONE_NEWPID)");
  EXPECT_EQ(w.ns(0, pid), home);
  EXPECT_EQ(w.ns(0, pid_for_children), abi::kNoObject) << "NSFS-05: nobody was born there yet";
  w.run("t1 = t0.fork()");
  EXPECT_EQ(w.ns(0, pid), home);
  EXPECT_EQ(w.ns(0, pid_for_children), w.ns(1, pid));
  w.run(
      "t0.setns(f0, CLONE_NEWPID)  -> EBADF\n"
      "f0 = t0.open_ns(t1, pid)\n"
      "t0.setns(f0, CLONE_NEWPID)");
  EXPECT_EQ(w.ns(0, pid), home);
}

TEST(Creation, GivesEverythingBackWhereALaterTypeFails) {  // NSP-02, NSP-05, NSP-06
  for (const std::string flag : {"NEWNS", "NEWUTS", "NEWIPC", "NEWPID", "NEWNET", "NEWCGROUP"}) {
    World w;
    const std::string type = flag == "NEWNS"    ? "mnt"
                             : flag == "NEWUTS" ? "uts"
                             : flag == "NEWIPC" ? "ipc"
                             : flag == "NEWPID" ? "pid"
                             : flag == "NEWNET" ? "net"
                                                : "cgroup";
    w.run("t0.set_limit(time, 0)\nt0.set_limit(" + type + ", 1)\n" + "t0.unshare(CLONE_" + flag +
          "|CLONE_NEWTIME)                -> ENOSPC\n" + "t1 = t0.clone3(CLONE_" + flag +
          "|CLONE_NEWTIME)            -> ENOSPC\n" + "t0.unshare(CLONE_NEWUSER|CLONE_" + flag +
          "|CLONE_NEWTIME)  -> ENOSPC\n" + "t0.unshare(CLONE_" + flag + ")\n");
  }
}

TEST(Creation, LateFailuresOfCloneGiveEverythingBack) {  // CLONE-61
  World w;
  for (const char* limit : {"mnt", "uts", "ipc", "pid", "net", "cgroup", "time", "user"}) {
    w.run("t0.set_limit(" + std::string(limit) + ", 1)");
  }
  const std::string all =
      "CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET|"
      "CLONE_NEWCGROUP|CLONE_NEWTIME";
  w.run("t1 = t0.clone3(" + all + "|CLONE_INTO_CGROUP)                           -> EBADF\n" +
        "t1, f0 = t0.clone3(" + all + "|CLONE_PIDFD, pidfd_pointer=bad)          -> EFAULT\n" +
        "t1 = t0.clone3(" + all + ", set_tid=[2])                                -> EINVAL\n" +
        "t1 = t0.clone3(" + all + ")");
}

TEST(Creation, CgroupIsIgnoredWhereItIsNotBuiltIn) {  // NSP-08
  World w("profile=6.18,no-cgroup");
  const ObjId before = w.ns(0, cgroup);
  w.run(
      "t0.unshare(CLONE_NEWCGROUP)\n"
      "t1 = t0.clone(CLONE_NEWCGROUP)\n"
      "f0 = t0.open_pidfd(t0)\n"
      "t0.setns(f0, CLONE_NEWCGROUP)  -> EINVAL");
  EXPECT_EQ(w.ns(0, cgroup), before);
  EXPECT_EQ(w.ns(1, cgroup), before);
  World poor("profile=6.18,no-cgroup uid=1000 gid=1000 caps=none");
  poor.run("t0.unshare(CLONE_NEWCGROUP)  -> EPERM");
}

TEST(Clone, LegacyIgnoresTheHighHalfAndTakesTheLowByteAsASignal) {  // CLONE-01, CLONE-02
  World w;
  w.run(
      "t1 = t0.clone(0x10100000011)\n"  // bits 32 and 40
      "t2 = t0.clone(0x80)\n"           // CLONE_NEWTIME, as a signal
      "t3 = t0.clone(0xff)");
  EXPECT_EQ(w.nsproxy(1), w.nsproxy(0));
  EXPECT_EQ(w.nsproxy(2), w.nsproxy(0)) << "no time namespace was made";
  EXPECT_EQ(w.nsproxy(3), w.nsproxy(0));
  EXPECT_EQ(w.total(ObjKind::time), 1u);
}

TEST(Clone, ThreadsMayLiveElsewhere) {  // CLONE-15
  World w;
  w.run(
      "t1 = t0.clone3(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_NEWNS|CLONE_NEWUTS|"
      "CLONE_NEWIPC|CLONE_NEWNET|CLONE_NEWCGROUP|CLONE_NEWTIME, exit_signal=0)");
  for (const NsLink link : {mnt, uts, ipc, net, cgroup, time_for_children}) {
    EXPECT_NE(w.ns(1, link), w.ns(0, link)) << name(link);
  }
  EXPECT_EQ(w.ns(1, time), w.ns(0, time));  // TIME-08
  EXPECT_EQ(w.ns(1, user), w.ns(0, user));
}

TEST(Clone, SharesTheCredentialsWithThreadsOnly) {  // CLONE-21, CRED-09, refcount table
  World w;
  w.run("t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)");
  EXPECT_EQ(w.total(ObjKind::cred), 1u);
  w.run("t2 = t0.fork()");
  EXPECT_EQ(w.total(ObjKind::cred), 2u);
  w.run("t1.prctl(PR_SET_KEEPCAPS, 1)");
  EXPECT_EQ(w.total(ObjKind::cred), 3u) << "a thread's change makes a new one";
}

TEST(Clone, AChildMayUnshareWithoutItsParentButNotWithoutItsQuota) {  // NSP-07
  World w;
  w.run(
      "t0.set_limit(uts, 1)\n"
      "t1 = t0.fork()");
  const ObjId before = w.ns(0, uts);
  w.run("t1.unshare(CLONE_NEWUTS)");
  EXPECT_EQ(w.ns(0, uts), before);
  w.run(
      "t0.unshare(CLONE_NEWUTS)  -> ENOSPC\n"
      "t1.exit_group()\n"
      "t0.unshare(CLONE_NEWUTS)");
}

TEST(Clone, CopiesTheFsIntoTheNewMountNamespace) {  // NSP-09, MOUNT-06
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWNS)\n"
      "t0.chroot(inside)\n"
      "t2 = t0.clone(CLONE_NEWNS)");
  EXPECT_FALSE(w.task(1).chrooted);
  EXPECT_TRUE(w.task(2).chrooted);
  w.run("t2.chroot(top)");
  EXPECT_FALSE(w.task(2).chrooted);
  EXPECT_TRUE(w.task(0).chrooted);
}

}  // namespace
}  // namespace model
