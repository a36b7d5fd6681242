// Capabilities over user namespaces, credentials and dumpability: CAP-01 to CAP-05, CRED-01 to
// CRED-10, MAP-02, MAP-03.
#include <gtest/gtest.h>

#include <string>

#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;
using abi::cap_bit;
using abi::kCapFull;

constexpr std::string_view kUser = "profile=6.18 uid=1000 gid=1000 caps=none";
const std::string kMapAll =
    "t0.write_uid_map(t1, [0 0 65536])\nt0.write_gid_map(t1, [0 0 65536])\n";

TEST(Capable, InOneselfAndBelowButNotAboveOrBeside) {  // CAP-01
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n" + kMapAll +
        "t2 = t1.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
        "t3 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
        "f0 = t0.open_ns(t0, uts)\n"
        "f1 = t0.open_ns(t1, uts)\n"
        "f2 = t0.open_ns(t2, uts)\n"
        "f3 = t0.open_ns(t3, uts)\n"
        "t1.setns(f1, 0)\n"
        "t1.setns(f2, 0)\n"            // a grandchild of t0's, a child of t1's
        "t1.setns(f0, 0)  -> EPERM\n"  // above
        "t1.setns(f3, 0)  -> EPERM\n"  // beside
        "t2.setns(f1, 0)  -> EPERM\n"
        "t0.setns(f2, 0)\n"
        "t0.setns(f3, 0)");
}

TEST(Capable, TheOwnerHasEveryCapabilityBelow) {  // CAP-01(3)
  World w(kUser);
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t1.write_uid_map(t1, [0 1000 1])\n"
      "t1.write_setgroups(t1, deny)\n"
      "t1.write_gid_map(t1, [0 1000 1])\n"
      "t2 = t1.clone(CLONE_NEWUSER)\n"
      "f1 = t0.open_ns(t1, user)\n"
      "f2 = t0.open_ns(t2, user)\n"
      "t3 = t0.fork()\n"
      "t3.setns(f2, CLONE_NEWUSER)\n"  // the grandchild, in one step
      "t0.setns(f1, CLONE_NEWUSER)");
}

TEST(Capable, AnotherUidHasNone) {  // CAP-01
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t1.setresuid(1000, 1000, 1000)\n"
      "t2 = t1.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t2, user)\n"
      "t3 = t0.fork()\n"
      "t3.setresuid(2000, 2000, 2000)\n"
      "t3.setns(f0, CLONE_NEWUSER)  -> EPERM\n"
      "t1.setns(f0, CLONE_NEWUSER)");
}

TEST(Capable, TheOwnerByItsEffectiveId) {  // CAP-01(3): the euid counts
  World w("profile=6.18 caps=CAP_SETUID");
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t1, user)\n"
      "t0.setresuid(0, 1000, 0)\n"
      "t0.setns(f0, CLONE_NEWUSER)  -> EPERM\n"
      "t0.setresuid(1000, 0, 1000)\n"
      "t0.setns(f0, CLONE_NEWUSER)");
}

TEST(Capable, IsAskedOfTheCallersOwnCredentials) {  // UNSHARE-41
  World w(kUser);
  w.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.capset(effective=none, permitted=none, inheritable=none)\n"
      "t0.unshare(CLONE_NEWUTS)  -> EPERM");
}

TEST(Credentials, OfANewUserNamespaceAreFull) {  // CAP-02
  World w("profile=6.18 uid=1000 gid=1000 caps=CAP_KILL bounding=CAP_KILL");
  w.run(
      "t0.capset(effective=CAP_KILL, permitted=CAP_KILL, inheritable=CAP_KILL)\n"
      "t0.prctl(PR_CAP_AMBIENT_RAISE, CAP_KILL)\n"
      "t1 = t0.clone(CLONE_NEWUSER)");
  EXPECT_EQ(w.task(0).ambient, cap_bit(abi::cap::KILL));
  EXPECT_EQ(w.task(1).effective, kCapFull);
  EXPECT_EQ(w.task(1).permitted, kCapFull);
  EXPECT_EQ(w.task(1).bounding, kCapFull);
  EXPECT_EQ(w.task(1).inheritable, 0u);
  EXPECT_EQ(w.task(1).ambient, 0u);
  EXPECT_EQ(w.task(0).bounding, cap_bit(abi::cap::KILL)) << "the parent's are as they were";
}

TEST(Credentials, WithoutAMapAnExecveDropsThem) {  // CAP-03, CRED-08
  World w(kUser);
  w.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.execve()");
  EXPECT_EQ(w.task(0).effective, 0u);
  EXPECT_EQ(w.task(0).permitted, 0u);
}

TEST(Credentials, MappedToRootAnExecveKeepsThem) {  // CAP-03, CRED-08
  World w(kUser);
  w.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t0, [0 1000 1])\n"
      "t0.execve()");
  EXPECT_EQ(w.task(0).effective, kCapFull);
  World other(kUser);
  other.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t0, [1 1000 1])\n"
      "t0.execve()");
  EXPECT_EQ(other.task(0).effective, 0u) << "mapped, but not to 0";
}

TEST(Credentials, RootsExecveGivesTheBoundingSet) {  // CRED-08
  World w;
  w.run(
      "t0.prctl(PR_CAPBSET_DROP, CAP_KILL)\n"
      "t0.capset(effective=none, permitted=none, inheritable=none)\n"
      "t0.execve()");
  EXPECT_EQ(w.task(0).permitted, kCapFull & ~cap_bit(abi::cap::KILL));
  EXPECT_EQ(w.task(0).effective, w.task(0).permitted);
  w.run(
      "t0.setresuid(0, 1000, unchanged)\n"
      "t0.execve()");
  EXPECT_NE(w.task(0).permitted, 0u) << "the real uid is root's";
  EXPECT_EQ(w.task(0).effective, 0u) << "the effective one is not";
  EXPECT_EQ(w.task(0).uid, (std::array<abi::Id, 3>{0, 1000, 1000})) << "saved := effective";
}

TEST(Credentials, AmbientOnesSurviveAnExecve) {  // CRED-06, CRED-08
  World w("profile=6.18 uid=1000 gid=1000 caps=CAP_KILL|CAP_SYS_TIME");
  w.run(
      "t0.capset(effective=none, permitted=CAP_KILL|CAP_SYS_TIME, inheritable=CAP_KILL)\n"
      "t0.prctl(PR_CAP_AMBIENT_RAISE, CAP_KILL)\n"
      "t0.execve()");
  EXPECT_EQ(w.task(0).permitted, cap_bit(abi::cap::KILL));
  EXPECT_EQ(w.task(0).effective, cap_bit(abi::cap::KILL));
  w.run(
      "t0.prctl(PR_CAP_AMBIENT_CLEAR_ALL)\n"
      "t0.execve()");
  EXPECT_EQ(w.task(0).permitted, 0u);
}

TEST(Credentials, LosingARootIdDropsThem) {  // CRED-02
  World w;
  w.run("t0.setresuid(unchanged, 1000, unchanged)");
  EXPECT_EQ(w.task(0).effective, 0u);
  EXPECT_EQ(w.task(0).permitted, kCapFull) << "some id is still root's";
  w.run("t0.setresuid(unchanged, 0, unchanged)");
  EXPECT_EQ(w.task(0).effective, kCapFull) << "back to permitted";
  w.run("t0.setresuid(1000, 1000, 1000)");
  EXPECT_EQ(w.task(0).permitted, 0u);
}

TEST(Credentials, KeepcapsKeepsThePermittedOnes) {  // CRED-02, CRED-07
  World w;
  w.run(
      "t0.capset(effective=full, permitted=full, inheritable=CAP_KILL)\n"
      "t0.prctl(PR_CAP_AMBIENT_RAISE, CAP_KILL)\n"
      "t0.prctl(PR_SET_KEEPCAPS, 1)\n"
      "t1 = t0.fork()\n"  // a fork keeps the switch
      "t0.setresuid(1000, 1000, 1000)\n"
      "t1.setresuid(1000, 1000, 1000)");
  for (std::uint32_t t : {0u, 1u}) {
    EXPECT_EQ(w.task(t).permitted, kCapFull);
    EXPECT_EQ(w.task(t).effective, 0u);
    EXPECT_EQ(w.task(t).ambient, 0u);
  }
  World after;
  after.run(
      "t0.prctl(PR_SET_KEEPCAPS, 1)\n"
      "t0.execve()\n"  // which clears it
      "t0.setresuid(1000, 1000, 1000)");
  EXPECT_EQ(after.task(0).permitted, 0u);
}

TEST(Credentials, RootOfAUserNamespaceIsItsMappedZero) {  // CRED-02
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 5000 10])\n"
      "t0.write_gid_map(t1, [0 5000 10])\n"
      "t1.setresuid(0, 0, 0)\n"
      "t1.setresuid(1, 1, 1)");
  EXPECT_EQ(w.task(1).uid, (std::array<abi::Id, 3>{5001, 5001, 5001}));
  EXPECT_EQ(w.task(1).permitted, 0u);
}

TEST(Credentials, AmbientOnesAreCutWithTheOthers) {  // CRED-04, CRED-06
  World w;
  w.run(
      "t0.capset(effective=full, permitted=full, inheritable=CAP_KILL|CAP_SYS_TIME)\n"
      "t0.prctl(PR_CAP_AMBIENT_RAISE, CAP_KILL)\n"
      "t0.prctl(PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME)\n"
      "t0.capset(effective=none, permitted=full-CAP_KILL, inheritable=CAP_KILL|CAP_SYS_TIME)");
  EXPECT_EQ(w.task(0).ambient, cap_bit(abi::cap::SYS_TIME));
  w.run("t0.prctl(PR_CAP_AMBIENT_LOWER, CAP_SYS_TIME)");
  EXPECT_EQ(w.task(0).ambient, 0u);
}

TEST(Credentials, BitsThatAreNoCapabilityAreIgnored) {  // CRED-04
  World w;
  w.run("t0.capset(effective=0xffffffffffffffff, permitted=0xffffffffffffffff, inheritable=none)");
  EXPECT_EQ(w.task(0).permitted, kCapFull);
}

// Dumpability is seen through who may inspect the task: t0 with the same ids and no CAP_SYS_PTRACE.
bool dumpable(World& w, int task) {
  const std::string name = std::to_string(task);
  const abi::Trace probe =
      read_program("profile=6.18", "f99 = t0.open_ns(t" + name + ", uts)\nt0.close(f99)");
  if (!w.apply(probe.lines[0].call).ok()) return false;
  w.apply(probe.lines[1].call);
  return true;
}

TEST(Dumpable, AfterJoiningAUserNamespaceThatOneOwns) {  // CAP-04, CRED-03
  World w(kUser);
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t1, user)\n"
      "t2 = t0.fork()\n"
      "t2.setns(f0, CLONE_NEWUSER)");
  EXPECT_TRUE(dumpable(w, 2));
}

TEST(Dumpable, NotAfterJoiningAnothers) {  // CAP-04, BUG-11
  World w;
  w.run(
      "t1 = t0.fork()\n"
      "t1.setresuid(1000, 1000, 1000)\n"
      "t2 = t1.clone(CLONE_NEWUSER)\n"
      "f0 = t0.open_ns(t2, user)\n"
      "t3 = t0.fork()\n"
      "t3.setns(f0, CLONE_NEWUSER)\n"
      "t4 = t0.fork()\n"
      "t4.capset(effective=none, permitted=none, inheritable=none)\n"
      "f1 = t4.open_ns(t3, uts)  -> EACCES\n"
      "f1 = t2.open_ns(t3, uts)  -> EACCES");  // the attacker of BUG-11
}

TEST(Dumpable, AfterUnsharingAUserNamespace) {  // CAP-04: the new one is owned by the old euid
  World w(kUser);
  w.run(
      "t1 = t0.fork()\n"
      "t1.unshare(CLONE_NEWUSER)");
  EXPECT_TRUE(dumpable(w, 1));
}

TEST(Dumpable, NotAfterChangingTheEffectiveId) {  // CRED-03
  World w("profile=6.18 uid=1000 gid=1000 caps=CAP_SETUID|CAP_SETGID");
  w.run(
      "t1 = t0.fork()\n"
      "t1.setresuid(unchanged, unchanged, 1000)");
  EXPECT_TRUE(dumpable(w, 1)) << "nothing changed";
  w.run(
      "t1.setresuid(unchanged, 2000, unchanged)\n"
      "t1.setresuid(unchanged, 1000, 1000)");
  EXPECT_FALSE(dumpable(w, 1)) << "there and back";
  w.run(
      "t1.execve()\n"
      "t0.capset(effective=none, permitted=none, inheritable=none)");
  EXPECT_TRUE(dumpable(w, 1)) << "TASK-09: a new mm, plain ids";
}

TEST(Dumpable, NotAfterAnExecveThatGainsCapabilities) {  // CRED-03, CRED-08 (seen on 6.18.44)
  World w("profile=6.18 caps=none");
  w.run("t1 = t0.fork()");
  EXPECT_TRUE(dumpable(w, 1));
  w.run(
      "t1.execve()\n"
      "t1.capset(effective=none, permitted=none, inheritable=none)");
  EXPECT_FALSE(dumpable(w, 1));
}

TEST(Dumpable, IsTheAddressSpaces) {  // CRED-09
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t1 = t0.fork()\n"
      "t2 = t1.clone(CLONE_VM)\n"
      "t2.prctl(PR_SET_DUMPABLE, 0)");
  EXPECT_FALSE(dumpable(w, 1));
  w.run("t3 = t1.fork()");
  EXPECT_FALSE(dumpable(w, 3)) << "copied with it";
}

TEST(IdMaps, OfAChildAreInItsParentsTerms) {  // MAP-01
  World w;
  w.run(
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 100000 1000])\n"
      "t0.write_gid_map(t1, [0 100000 1000])\n"
      "t1.setresuid(0, 0, 0)\n"
      "t1.setresgid(0, 0, 0)\n"
      "t2 = t1.clone(CLONE_NEWUSER)\n"
      "t1.write_uid_map(t2, [7 10 5])\n"
      "t2.setresuid(8, 8, 8)");
  EXPECT_EQ(w.task(1).uid[0], 100000u);
  EXPECT_EQ(w.task(2).uid, (std::array<abi::Id, 3>{100011, 100011, 100011}));
}

TEST(IdMaps, CanBeLong) {  // MAP-01: 340 extents
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUSER)");
  for (const abi::Id extents : {341u, 340u}) {
    abi::WriteIdMap map{.target = abi::TaskId{1}};
    for (abi::Id i = 0; i < extents; ++i) map.extents.push_back({i, i, 1});
    EXPECT_EQ(w.apply({.caller = {}, .fault = 0, .op = map}).ok(), extents == 340) << extents;
  }
}

TEST(IdMaps, OfTheGroupWithoutPrivilegeNeedDeny) {  // MAP-02, MAP-03, BUG-10
  World w(kUser);
  w.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.write_gid_map(t0, [0 1000 1])  -> EPERM\n"
      "t0.write_setgroups(t0, deny)\n"
      "t0.write_gid_map(t0, [0 1000 1])\n"
      "t0.write_setgroups(t0, deny)      -> EPERM\n"
      "t0.write_setgroups(t0, allow)     -> EPERM");
}

TEST(IdMaps, OfParentsRootByTheCreatorsPrivilege) {  // CAP-05, MAP-02
  World w("profile=6.18 caps=full-CAP_SETFCAP");
  w.run(
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t0, [0 0 1])  -> EPERM\n"
      "t0.write_uid_map(t0, [0 1 1])  -> EPERM");
  EXPECT_EQ(w.rule(), "MAP-02");
}

}  // namespace
}  // namespace model
