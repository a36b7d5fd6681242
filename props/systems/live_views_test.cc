// What the agent shows of tasks on the running kernel, by rules whose effect is no result.
#include "props/systems/testing/live.h"

namespace props::systems {
namespace {

using nsabi::NsLink;
using nsabi::NsType;
using nsabi::TaskState;

class LiveViews : public LiveTest {};

// DATA-02: each thread has a nsproxy of its own.
TEST_P(LiveViews, AThreadsUnshareDoesNotMoveTheOthers) {
  ok({"t1 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)", "t1.unshare(CLONE_NEWUTS)"});
  EXPECT_NE(ns(0, NsLink::uts), ns(1, NsLink::uts));
  EXPECT_EQ(ns(0, NsLink::ipc), ns(1, NsLink::ipc));
}

// TIME-02 to TIME-05, TIME-08.
TEST_P(LiveViews, TheTimeNamespaceFollowsForkAndExecveOnly) {
  ok({"t0.unshare(CLONE_NEWTIME)"});
  const abi::ObjId pending = ns(0, NsLink::time_for_children);
  EXPECT_NE(ns(0, NsLink::time), pending);
  ok({"t1 = t0.fork()", "t2 = t0.vfork()"});
  EXPECT_EQ(ns(1, NsLink::time), pending);
  EXPECT_EQ(ns(2, NsLink::time), ns(0, NsLink::time));
  EXPECT_EQ(ns(2, NsLink::time_for_children), pending);
  EXPECT_EQ(task(0).state, TaskState::blocked);
  ok({"t2.execve()"});
  EXPECT_EQ(ns(2, NsLink::time), pending);
  EXPECT_EQ(task(0).state, TaskState::running);
  EXPECT_NE(ns(0, NsLink::time), pending);
  ok({"t3 = t0.clone3(CLONE_NEWTIME|CLONE_VM)", "t4 = t0.clone3(CLONE_NEWTIME)"});
  EXPECT_EQ(ns(3, NsLink::time), ns(0, NsLink::time));
  EXPECT_NE(ns(3, NsLink::time_for_children), pending);
  EXPECT_EQ(ns(4, NsLink::time), ns(4, NsLink::time_for_children));
}

// DATA-04, NSFS-05: the link shows once the namespace has an init, to all that share it.
TEST_P(LiveViews, PidForChildrenShowsAfterTheFirstChild) {
  ok({"t0.unshare(CLONE_NEWPID)"});
  EXPECT_EQ(ns(0, NsLink::pid_for_children), nsabi::kNoObject);
  ok({"t1 = t0.fork()"});
  EXPECT_EQ(ns(0, NsLink::pid_for_children), ns(1, NsLink::pid));
  EXPECT_NE(ns(0, NsLink::pid), ns(1, NsLink::pid));
}

// CAP-02: every capability in the new user namespace, and the same kernel ids.
TEST_P(LiveViews, ANewUserNamespaceGivesEveryCapability) {
  ok({"t0.setresgid(2000, 2000, 2000)", "t0.setresuid(1000, 1000, 1000)"});
  EXPECT_EQ(task(0).effective, 0u);
  ok({"t0.unshare(CLONE_NEWUSER)"});
  EXPECT_EQ(task(0).effective, nsabi::kCapFull);
  EXPECT_EQ(task(0).permitted, nsabi::kCapFull);
  EXPECT_EQ(task(0).bounding, nsabi::kCapFull);
  EXPECT_EQ(task(0).inheritable, 0u);
  EXPECT_EQ(task(0).uid, (std::array<abi::Id, 3>{1000, 1000, 1000}));
  EXPECT_EQ(task(0).gid, (std::array<abi::Id, 3>{2000, 2000, 2000}));
}

// EXIT-02, EXIT-03.
TEST_P(LiveViews, AnExitedLeaderShowsItsUserAndPidNamespacesOnly) {
  ok({"t1 = t0.fork()", "t2 = t1.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)", "t1.exit()"});
  EXPECT_EQ(task(1).state, TaskState::zombie);
  EXPECT_EQ(ns(1, NsLink::uts), nsabi::kNoObject);
  EXPECT_EQ(ns(1, NsLink::user), ns(0, NsLink::user));
  EXPECT_EQ(ns(1, NsLink::pid), ns(0, NsLink::pid));
  EXPECT_EQ(task(2).state, TaskState::running);
  EXPECT_EQ(ns(2, NsLink::uts), ns(0, NsLink::uts));
}

// TASK-01, TASK-05, TASK-08: orphans are reaped at once, killed threads too.
TEST_P(LiveViews, WhoeverIsReapedIsGone) {
  ok({"t1 = t0.fork()", "t2 = t1.fork()", "t3 = t2.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)",
      "t1.exit()", "t2.exit()"});
  EXPECT_EQ(task(1).state, TaskState::zombie);
  EXPECT_EQ(task(2).state, TaskState::zombie);
  EXPECT_EQ(task(3).state, TaskState::running);
  ok({"t3.execve()"});
  EXPECT_EQ(task(2).state, TaskState::none);
  ok({"t3.exit()"});
  EXPECT_EQ(task(3).state, TaskState::none);
}

// EXIT-04, EXIT-05.
TEST_P(LiveViews, AnInitIsDyingUntilItsMembersAreReaped) {
  ok({"t1 = t0.clone(CLONE_NEWPID|SIGCHLD)", "f0 = t0.open_ns(t1, pid)", "t0.setns(f0, 0)",
      "t2 = t0.fork()", "t3 = t1.fork()", "t1.exit_group()"});
  EXPECT_EQ(task(1).state, TaskState::dying);
  EXPECT_EQ(task(2).state, TaskState::zombie);
  EXPECT_EQ(task(3).state, TaskState::none);
  EXPECT_EQ(make("t0.wait(t1)"), "ok");
  EXPECT_EQ(make("t0.wait(t2)"), "ok 1");
  EXPECT_EQ(task(1).state, TaskState::zombie);
}

// CLONE-25, SETNS-45: where its root is.
TEST_P(LiveViews, AChrootIsSharedAndLeft) {
  ok({"t1 = t0.clone(CLONE_FS|SIGCHLD)", "t1.chroot(inside)"});
  EXPECT_TRUE(task(0).chrooted);
  EXPECT_TRUE(task(1).chrooted);
  ok({"t1.unshare(CLONE_NEWNS)"});
  EXPECT_TRUE(task(1).chrooted);
  ok({"f0 = t1.open_ns(t1, mnt)", "t1.setns(f0, 0)"});
  EXPECT_FALSE(task(1).chrooted);
  EXPECT_TRUE(task(0).chrooted);
}

// SETNS-22, DATA-05: the target's time namespace, both pointers; what is not asked for stays.
TEST_P(LiveViews, SetnsOnAPidfdTakesWhatItNames) {
  ok({"t1 = t0.clone3(CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWTIME)", "t1.unshare(CLONE_NEWTIME)",
      "t0.unshare(CLONE_NEWPID)", "f0 = t0.open_pidfd(t1)",
      "t0.setns(f0, CLONE_NEWUTS|CLONE_NEWTIME)"});
  EXPECT_EQ(ns(0, NsLink::uts), ns(1, NsLink::uts));
  EXPECT_NE(ns(0, NsLink::ipc), ns(1, NsLink::ipc));
  EXPECT_EQ(ns(0, NsLink::time), ns(1, NsLink::time));
  EXPECT_EQ(ns(0, NsLink::time_for_children), ns(1, NsLink::time));
  EXPECT_NE(ns(1, NsLink::time_for_children), ns(1, NsLink::time));
  EXPECT_EQ(ns(0, NsLink::pid_for_children), nsabi::kNoObject);
}

// DATA-10: numbers are given anew, identities are not.
TEST_P(LiveViews, ANamespaceHasAnIdentityOfItsOwn) {
  std::vector<abi::ObjId> seen = {ns(0, NsLink::uts)};
  for (int i = 0; i < 20; ++i) {
    ok({"t0.unshare(CLONE_NEWUTS)"});
    EXPECT_EQ(std::count(seen.begin(), seen.end(), ns(0, NsLink::uts)), 0);
    seen.push_back(ns(0, NsLink::uts));
  }
}

// DATA-07, DATA-08.
TEST_P(LiveViews, NewNamespacesBelongToTheNewUserNamespace) {
  ok({"t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS|CLONE_NEWPID|SIGCHLD)"});
  const auto relations = kernel_.relations();
  ASSERT_TRUE(relations);
  const auto of = [&](abi::ObjId id) {
    for (const agent::Relation& r : *relations) {
      if (r.ns == id) return r;
    }
    return agent::Relation{};
  };
  EXPECT_EQ(of(ns(1, NsLink::uts)).owner, ns(1, NsLink::user));
  EXPECT_EQ(of(ns(1, NsLink::ipc)).owner, ns(0, NsLink::user));
  EXPECT_EQ(of(ns(1, NsLink::pid)).owner, ns(1, NsLink::user));
  EXPECT_EQ(of(ns(1, NsLink::pid)).parent, ns(0, NsLink::pid));
  EXPECT_EQ(of(ns(1, NsLink::user)).parent, ns(0, NsLink::user));
  EXPECT_EQ(of(ns(1, NsLink::user)).owner_uid, abi::Id{0});
  EXPECT_EQ(of(ns(1, NsLink::user)).type, NsType::user);
}

TEST_P(LiveViews, ALookAtEverythingChangesNothing) {
  ok({"t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWNET|SIGCHLD)", "t2 = t1.vfork()",
      "t3 = t0.clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM)", "t3.exit()"});
  const abi::View before = kernel_.view();
  ASSERT_TRUE(kernel_.look());
  const abi::View after = kernel_.view();
  ASSERT_EQ(before.tasks.size(), after.tasks.size());
  for (std::size_t i = 0; i < before.tasks.size(); ++i) {
    EXPECT_EQ(before.tasks[i].id, after.tasks[i].id);
    EXPECT_EQ(before.tasks[i].view, after.tasks[i].view);
  }
}

TEST_P(LiveViews, WhatCannotBeAskedIsNotRun) {
  EXPECT_TRUE(make("t0.unshare(CLONE_NEWUTS) fault=1").starts_with("not run: "));
  EXPECT_TRUE(make("t1 = t0.clone(SIGKILL)").starts_with("not run: "));
  const std::string limit = make("t0.set_limit(uts, 3)");
  if (std::string(GetParam()) == "host") {
    EXPECT_TRUE(limit == "EACCES" || limit.starts_with("not run: ")) << limit;
  } else {
    EXPECT_EQ(limit, "ok");
  }
  abi::Setup more =
      kernel_.greeting().any_id ? abi::Setup{.profile = {}, .uid = 7, .gid = 8} : abi::Setup{};
  EXPECT_EQ(kernel_.reset(kernel_.fit(more)), std::nullopt);
  EXPECT_EQ(task(0).uid[2], more.uid);
  EXPECT_EQ(task(0).gid[0], more.gid);
  EXPECT_EQ(task(0).permitted, kernel_.greeting().caps);
}

INSTANTIATE_TEST_SUITE_P(All, LiveViews, testing::Values("host", "userns"), mode_name);

}  // namespace
}  // namespace props::systems
