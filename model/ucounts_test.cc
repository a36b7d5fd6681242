// Quotas: whose they are, how far up they are asked, when they come back: UCNT-01 to UCNT-04,
// NSP-05, INV-04.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "model/testing/world.h"

namespace model {
namespace {

const std::string kMapSelf =
    "t0.write_uid_map(t0, [0 0 1])\nt0.write_setgroups(t0, deny)\nt0.write_gid_map(t0, [0 0 1])\n";

constexpr std::array<std::pair<const char*, const char*>, 7> kTypes = {
    {{"mnt", "CLONE_NEWNS"},
     {"uts", "CLONE_NEWUTS"},
     {"ipc", "CLONE_NEWIPC"},
     {"pid", "CLONE_NEWPID"},
     {"cgroup", "CLONE_NEWCGROUP"},
     {"net", "CLONE_NEWNET"},
     {"time", "CLONE_NEWTIME"}}};

TEST(Ucounts, AreSharedByAllTasksOfAUser) {  // UCNT-01
  World w;
  w.run(
      "t0.set_limit(uts, 1)\n"
      "t1 = t0.fork()\n"
      "t2 = t0.fork()\n"
      "t1.unshare(CLONE_NEWUTS)\n"
      "t2.unshare(CLONE_NEWUTS)  -> ENOSPC");
}

TEST(Ucounts, AreApartForTwoUsersOfOneNamespace) {  // UCNT-01: two kuids
  World w;
  w.run(
      "t0.set_limit(user, 1)\n"
      "t1 = t0.fork()\n"
      "t1.setresuid(1000, 1000, 1000)\n"
      "t0.unshare(CLONE_NEWUSER)\n"
      "t1.unshare(CLONE_NEWUSER)\n"
      "t1.write_uid_map(t1, [1000 1000 1])\n"
      "t1.write_setgroups(t1, deny)\n"
      "t1.write_gid_map(t1, [0 0 1])\n"
      "t1.unshare(CLONE_NEWUSER)  -> ENOSPC");  // the parent's limit, charged to its creator
}

TEST(Ucounts, AreTheEffectiveUids) {  // UCNT-01
  World w("profile=6.18 caps=full");
  w.run(
      "t0.set_limit(uts, 1)\n"
      "t1 = t0.fork()\n"
      "t1.prctl(PR_SET_KEEPCAPS, 1)\n"
      "t1.setresuid(0, 1000, 0)\n"
      "t1.capset(effective=full, permitted=full, inheritable=none)\n"
      "t0.unshare(CLONE_NEWUTS)\n"
      "t1.unshare(CLONE_NEWUTS)\n"
      "t1.unshare(CLONE_NEWUTS)  -> ENOSPC");
}

TEST(Ucounts, OfAnAncestorCountToo) {  // UCNT-02
  for (const auto& [type, flag] : kTypes) {
    World w;
    w.run("t0.set_limit(" + std::string(type) + ", 1)\n" +  //
          "t0.unshare(CLONE_NEWUSER)\n" +                   //
          "t0.unshare(" + flag + ")\n" +                    //
          "t1 = t0.fork()\n" +                              //
          "t1.unshare(" + flag + ")  -> ENOSPC\n" +         //
          "t0.set_limit(" + type + ", 100)\n" +             // the own limit does not help
          "t1.unshare(" + flag + ")  -> ENOSPC");
    EXPECT_EQ(w.rule(), "UCNT-01-" + std::string(type));
  }
}

TEST(Ucounts, OfTheMiddleOneCountToo) {  // UCNT-01, UCNT-02
  World w;
  w.run("t0.unshare(CLONE_NEWUSER)\n" + kMapSelf +
        "t0.set_limit(net, 0)\n"
        "t0.unshare(CLONE_NEWUSER)\n"
        "t0.unshare(CLONE_NEWNET)  -> ENOSPC");
}

TEST(Ucounts, AreChargedAlongTheCreatorsNotTheUsers) {  // UCNT-01: the creator of each level
  World w;
  // t1 is 1000 on the upper level, whoever it becomes below.
  w.run(
      "t1 = t0.fork()\n"
      "t1.setresuid(1000, 1000, 1000)\n"
      "t1.unshare(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 0 65536])\n"
      "t0.write_gid_map(t1, [0 0 65536])\n"
      "t1.setresuid(5, 5, 5)\n"
      "t0.set_limit(uts, 1)\n"
      "t2 = t0.fork()\n"
      "t2.setresuid(5, 5, 5)\n"
      "t2.unshare(CLONE_NEWUSER|CLONE_NEWUTS)\n"  // charged to (initial, 5)
      "t3 = t0.fork()\n"
      "t3.setresuid(1000, 1000, 1000)\n"
      "t3.unshare(CLONE_NEWUSER|CLONE_NEWUTS)");  // and to (initial, 1000)
}

TEST(Ucounts, StartWithoutALimit) {  // UCNT-03
  World w;
  w.run(
      "t0.set_limit(uts, 3)\n"
      "t0.unshare(CLONE_NEWUSER)\n"
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "t2 = t0.clone(CLONE_NEWUTS)\n"
      "t3 = t0.clone(CLONE_NEWUTS)\n"
      "t4 = t0.clone(CLONE_NEWUTS)  -> ENOSPC");
}

TEST(Ucounts, LimitsAreSetByTheCreatorInside) {  // UCNT-03
  World w("profile=6.18 uid=1000 gid=1000 caps=none");
  w.run(
      "t0.set_limit(uts, 5)    -> EACCES\n"
      "t0.unshare(CLONE_NEWUSER)\n"
      "t0.set_limit(uts, 0)\n"
      "t0.unshare(CLONE_NEWUTS)  -> ENOSPC\n"
      "t0.set_limit(uts, 1)\n"
      "t0.unshare(CLONE_NEWUTS)");
}

TEST(Ucounts, CountTheNewBeforeTheOldGoes) {  // UCNT-04
  for (const auto& [type, flag] : kTypes) {
    World w;
    w.run("t0.unshare(" + std::string(flag) + ")\n" +  //
          "t0.set_limit(" + type + ", 1)\n" +          //
          "t1 = t0.clone(CLONE_VFORK|CLONE_VM)\n" +    //
          "t1.exit_group()\n");
    // A second pid namespace is refused for another reason (PIDNS-01).
    if (std::string_view(type) != "pid") w.run("t0.unshare(" + std::string(flag) + ")  -> ENOSPC");
  }
}

TEST(Ucounts, ComeBackWithTheNamespace) {  // NSP-05, LIFE-01
  World w;
  w.run(
      "t0.set_limit(uts, 1)\n"
      "t1 = t0.clone(CLONE_NEWUTS)\n"
      "t2 = t0.clone(CLONE_NEWUTS)  -> ENOSPC\n"
      "f0 = t0.open_ns(t1, uts)\n"
      "t1.exit_group()\n"
      "t2 = t0.clone(CLONE_NEWUTS)  -> ENOSPC\n"
      "t0.close(f0)\n"
      "t2 = t0.clone(CLONE_NEWUTS)");
}

TEST(Ucounts, OfAUserNamespaceComeBackOnEachLevel) {  // NSP-05, INV-04
  World w;
  w.run(
      "t0.set_limit(user, 2)\n"
      "t1 = t0.clone(CLONE_NEWUSER)\n"
      "t0.write_uid_map(t1, [0 0 1])\n"
      "t0.write_gid_map(t1, [0 0 1])\n"
      "t2 = t1.clone(CLONE_NEWUSER)\n"
      "t3 = t0.clone(CLONE_NEWUSER)  -> ENOSPC\n"
      "t2.exit_group()\n"
      "t1.wait(t2)                   -> ok 1\n"
      "t3 = t0.clone(CLONE_NEWUSER)");
}

TEST(Ucounts, OfZeroForbidEverything) {
  World w;
  for (const auto& [type, flag] : kTypes) {
    w.run("t0.set_limit(" + std::string(type) + ", 0)\n" +  //
          "t0.unshare(" + flag + ")                 -> ENOSPC\n" + "t0.unshare(CLONE_NEWUSER|" +
          flag + ")  -> ENOSPC");
  }
}

}  // namespace
}  // namespace model
