// Who keeps what alive: REF-04 to REF-11 and LIFE-01 to LIFE-09.
#include <gtest/gtest.h>

#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

const std::string kReap = "t1.exit_group()\nt0.wait(t1)  -> ok 1\n";

TEST(Life, EndsWithTheCreatorReaped) {  // LIFE-01
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
      "t1.unshare(CLONE_NEWTIME)");
  const ObjId u = w.ns(1, uts), n = w.ns(1, user), t = w.ns(1, time_for_children);
  w.run(kReap);
  EXPECT_FALSE(w.alive(u));
  EXPECT_FALSE(w.alive(n));
  EXPECT_FALSE(w.alive(t));
}

TEST(Life, OfAPidNamespaceThatIsOnlyForChildren) {  // LIFE-01
  World w;
  w.run(
      "t0.set_limit(pid, 1)\n"
      "t1 = t0.fork()\n"
      "t1.unshare(CLONE_NEWPID)\n"
      "t0.unshare(CLONE_NEWPID)  -> ENOSPC");
  EXPECT_EQ(w.total(ObjKind::pid_ns), 2u);
  w.run(
      "t1.exit_group()\n"
      "t0.unshare(CLONE_NEWPID)");
}

TEST(Life, IsKeptByAnOpenFile) {  // LIFE-02
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)");
  const ObjId u = w.ns(1, uts);
  w.run(kReap);
  EXPECT_EQ(w.held_by(u), "inode.ns");
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(u));
}

TEST(Life, IsKeptByTheSemaphoreThatItsMemberUsedLast) {  // SEM-02
  World w;
  w.run(
      "t0.set_limit(pid, 1)\n"
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t1.semop()");
  const ObjId n = w.ns(1, pid);
  w.run(kReap);
  EXPECT_EQ(w.held_by(n), "pid.ns");
  w.run(
      "t2 = t0.clone(CLONE_NEWPID)  -> ENOSPC\n"
      "t0.semop()");
  EXPECT_FALSE(w.alive(n)) << "now it is t0 that used it last";
  w.run("t2 = t0.clone(CLONE_NEWPID)");
}

TEST(Life, IsKeptByTheSemaphoreUntilItsIpcNamespaceGoes) {  // SEM-02
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID)\n"
      "t1.semop()\n"
      "f0 = t0.open_ns(t1, ipc)");
  const ObjId n = w.ns(1, pid), u = w.ns(1, user);
  w.run(kReap);
  EXPECT_TRUE(w.alive(n));
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(n));
  EXPECT_FALSE(w.alive(u));
  EXPECT_EQ(w.total(ObjKind::pid), 1u);
}

TEST(Life, IsKeptByTheSemaphoreThatItsMembersDeathTookBack) {  // SEM-02
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID)\n"
      "t1.semop()\n"
      "t0.semop()");
  const ObjId n = w.ns(1, pid);
  w.run(kReap);
  EXPECT_EQ(w.held_by(n), "pid.ns") << "its exit was the last use";
  w.run("t0.unshare(CLONE_SYSVSEM)");
  EXPECT_FALSE(w.alive(n));
}

TEST(Life, IsKeptByTheSemaphoreForTheProcessNotTheThread) {  // SEM-02
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\n"
      "t2.semop()\n"
      "t1.exit()\n"
      "t2.semop()\n"
      "t2.execve()");
  EXPECT_EQ(w.total(ObjKind::pid), 2u) << "t2 has its leader's, and its own is gone";
}

TEST(Life, IsKeptByAPathOnlyFile) {  // REF-07
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts, o_path)");
  const ObjId u = w.ns(1, uts);
  w.run(kReap);
  EXPECT_TRUE(w.alive(u));
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(u));
}

TEST(Life, IsKeptByABindMount) {  // LIFE-02
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "b0 = t0.bind_ns(f0)\n"
      "t0.close(f0)");
  const ObjId u = w.ns(1, uts);
  w.run(kReap);
  EXPECT_EQ(w.held_by(u), "inode.ns");
  w.run("t0.unbind_ns(b0)");
  EXPECT_FALSE(w.alive(u));
}

TEST(Life, OfABindMountEndsWithItsMountNamespace) {
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWNS|CLONE_NEWUTS)\n"
      "f0 = t1.open_ns(t1, uts)\n"
      "b0 = t1.bind_ns(f0)\n"
      "t0.close(f0)");
  const ObjId u = w.ns(1, uts);
  EXPECT_EQ(w.held_by(u), "inode.ns, uts_ns");
  w.run("t1.exit_group()");
  EXPECT_FALSE(w.alive(u));
  EXPECT_EQ(w.total(ObjKind::mount), 0u);
}

TEST(Life, InodeIsOneReferenceForAllItsFiles) {  // REF-07, NSFS-07, refcount table
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "f1 = t0.open_ns(t1, uts)\n"
      "f2 = t1.open_ns(t1, uts, o_path)\n"
      "b0 = t0.bind_ns(f1)");
  EXPECT_EQ(w.held_by(w.ns(1, uts)), "inode.ns, uts_ns");
  EXPECT_EQ(w.total(ObjKind::inode), 1u);
  w.run("t0.close(f0)\nt0.close(f1)\nt0.close(f2)");
  EXPECT_EQ(w.held_by(w.ns(1, uts)), "inode.ns, uts_ns");
  w.run("t0.unbind_ns(b0)");
  EXPECT_EQ(w.held_by(w.ns(1, uts)), "uts_ns");
  EXPECT_EQ(w.total(ObjKind::inode), 0u);
}

TEST(Life, ADeadNamespacesFileStillEnters) {  // LIFE-02
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWNS)\n"
      "f0 = t0.open_ns(t1, mnt)\n"
      "f1 = t0.open_ns(t1, user)");
  const ObjId m = w.ns(1, mnt), n = w.ns(1, user);
  w.run(kReap + "t0.setns(f1, 0)\nt0.setns(f0, 0)");
  EXPECT_EQ(w.ns(0, mnt), m);
  EXPECT_EQ(w.ns(0, user), n);
}

TEST(Life, AZombieHoldsItsUserNamespaceOnly) {  // LIFE-03, REF-10, EXIT-01
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)");
  const ObjId u = w.ns(1, uts), n = w.ns(1, user);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.state(1), TaskState::zombie);
  EXPECT_FALSE(w.alive(u));
  EXPECT_EQ(w.held_by(n), "cred.user_ns, ucounts.ns");
  w.run("t0.wait(t1)  -> ok 1");
  EXPECT_FALSE(w.alive(n));
}

TEST(Life, OfAPidNamespaceEndsWithItsInitReaped) {  // LIFE-04
  World w;
  w.run("t1 = t0.clone(CLONE_NEWPID)");
  const ObjId p = w.ns(1, pid);
  w.run("t1.exit_group()");
  EXPECT_EQ(w.held_by(p), "pid.ns");
  w.run("t0.wait(t1)  -> ok 1");
  EXPECT_FALSE(w.alive(p));
}

TEST(Life, APidfdKeepsThePidNamespaceAndNothingElse) {  // LIFE-05, REF-09
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWUTS)\n"
      "f0 = t0.open_pidfd(t1)");
  const ObjId u = w.ns(1, uts), n = w.ns(1, user), p = w.ns(1, pid);
  w.run(kReap);
  EXPECT_FALSE(w.alive(u));
  EXPECT_EQ(w.held_by(p), "pid.ns");
  EXPECT_EQ(w.held_by(n), "ns.owner, ucounts.ns") << "only as the pid namespace's owner";
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(p));
  EXPECT_FALSE(w.alive(n));
}

TEST(Life, ACloneWithAPidfdDoesTheSame) {  // refcount table
  World w;
  w.run("t1, f0 = t0.clone(CLONE_PIDFD|CLONE_NEWPID)");
  const ObjId p = w.ns(1, pid);
  w.run(kReap);
  EXPECT_TRUE(w.alive(p));
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(p));
}

TEST(Life, AProcDirectoryKeepsThePidNamespace) {  // LIFE-05, REF-09
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWPID|CLONE_NEWUTS)\n"
      "f0 = t0.open_file(proc_dir, t1)");
  const ObjId u = w.ns(1, uts), p = w.ns(1, pid);
  w.run(kReap);
  EXPECT_FALSE(w.alive(u));
  EXPECT_TRUE(w.alive(p));
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(p));
}

TEST(Life, ASocketKeepsItsNetNamespace) {  // LIFE-07, REF-08
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWNET)\n"
      "f0 = t1.open_file(socket)");
  const ObjId n = w.ns(1, net);
  EXPECT_EQ(w.held_by(n), "net_ns, socket.net_ns");
  w.run(kReap);
  EXPECT_TRUE(w.alive(n));
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(n));
}

TEST(Life, ACgroupFileKeepsItsCgroupNamespace) {  // REF-08
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWCGROUP)\n"
      "f0 = t1.open_file(cgroupfs)");
  const ObjId c = w.ns(1, cgroup);
  w.run(kReap);
  EXPECT_EQ(w.held_by(c), "cgroupfs.ns");
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(c));
}

TEST(Life, OfAUserNamespaceIsKeptByWhatItOwns) {  // LIFE-08, REF-04
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
      "f0 = t0.open_ns(t1, uts)");
  const ObjId n = w.ns(1, user);
  w.run(kReap);
  EXPECT_EQ(w.held_by(n), "ns.owner, ucounts.ns");
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(n));
}

TEST(Life, OfAUserNamespaceIsKeptByAnyFileOpenedInIt) {  // LIFE-08, REF-08
  for (const char* kind : {"regular", "socket", "cgroupfs", "proc_dir, t0"}) {
    World w;
    w.run(
        "t1 = t0.clone(CLONE_NEWUSER)\n"
        "f0 = t1.open_file(" +
        std::string(kind) + ")");
    const ObjId n = w.ns(1, user);
    w.run(kReap);
    EXPECT_EQ(w.held_by(n), "cred.user_ns, ucounts.ns") << kind;
    w.run("t0.close(f0)");
    EXPECT_FALSE(w.alive(n)) << kind;
  }
}

TEST(Life, OfAParentUserNamespaceIsKeptByTheChild) {  // REF-04
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 0 1])\n"
      "t0.write_gid_map(t1, [0 0 1])");
  const ObjId parent = w.ns(1, user);
  w.run(
      "t1.unshare(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t1, user)");
  const ObjId child = w.ns(1, user);
  EXPECT_EQ(w.owner(child), parent);
  w.run(kReap);
  EXPECT_EQ(w.held_by(parent), "ns.owner, ucounts.ns");
  w.run("t0.close(f0)");
  EXPECT_FALSE(w.alive(parent));
}

TEST(Life, OfAUserNamespaceIsNotKeptByTheMountsOfADeadOne) {  // LIFE-09: nothing else pins mnt
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWNS)\n"
      "f0 = t0.open_file(proc_dir, t1)");
  const ObjId m = w.ns(1, mnt);
  w.run("t1.exit_group()");
  EXPECT_FALSE(w.alive(m)) << "an open directory pins mounts, not their namespace";
}

TEST(Life, UcountsAreOnePairOfNamespaceAndId) {  // REF-05
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t0.fork()");
  EXPECT_EQ(w.total(ObjKind::ucounts), 1u);
  w.run("t1.setresuid(1000, unchanged, unchanged)");
  EXPECT_EQ(w.total(ObjKind::ucounts), 2u);
  w.run("t2.setresuid(1000, unchanged, unchanged)");
  EXPECT_EQ(w.total(ObjKind::ucounts), 2u);
  w.run("t3 = t0.clone(CLONE_NEWUSER)");
  EXPECT_EQ(w.held_by(w.ns(3, user)), "cred.user_ns, ucounts.ns");
  EXPECT_EQ(w.total(ObjKind::ucounts), 3u);
}

TEST(Life, OfTheInitialNamespacesNeverEnds) {  // REF-11
  World w;
  const ObjId u = w.ns(0, uts), n = w.ns(0, user);
  w.run("t0.exit_group()");
  EXPECT_TRUE(w.alive(u));
  EXPECT_TRUE(w.alive(n));
  EXPECT_EQ(w.total(ObjKind::cred), 0u);
  EXPECT_EQ(w.total(ObjKind::nsproxy), 0u);
  for (std::size_t t = 0; t < abi::kNsTypes; ++t) EXPECT_EQ(w.model().totals()[t], 1u);
}

TEST(Life, ManyLevelsOfUserNamespacesGoTogether) {
  World w;
  w.run("t1 = t0.fork()");
  for (int i = 0; i < 20; ++i) {
    w.run(
        "t1.unshare(CLONE_NEWUSER|CLONE_NEWUTS)\n"
        "t1.write_uid_map(t1, [0 0 1])\n"
        "t1.write_setgroups(t1, deny)\n"
        "t1.write_gid_map(t1, [0 0 1])");
  }
  EXPECT_EQ(w.total(ObjKind::user), 21u);
  EXPECT_EQ(w.total(ObjKind::uts), 2u);
  w.run(kReap);
  EXPECT_EQ(w.total(ObjKind::user), 1u);
  EXPECT_EQ(w.total(ObjKind::ucounts), 1u);
}

}  // namespace
}  // namespace model
