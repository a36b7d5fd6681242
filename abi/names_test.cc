// Every enumerator has a word, and the one that its enumerator suggests: the tables of names.cc
// stand in the enums' order.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "abi/call.h"
#include "abi/ns_type.h"
#include "abi/step.h"
#include "abi/view.h"

namespace nsabi {
namespace {

// Each of the first `count` values has a word of its own; the next one has none.
template <class E>
void check_table(std::size_t count) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view word = name(static_cast<E>(i));
    EXPECT_NE(word, "") << i;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
  EXPECT_EQ(name(static_cast<E>(count)), "");
  EXPECT_EQ(name(static_cast<E>(255)), "");
}

TEST(Names, EveryValueHasItsOwnWord) {
  check_table<NsType>(kNsTypes);
  check_table<NsLink>(kNsLinks);
  check_table<NsOp>(kNsOps);
  check_table<PrctlOp>(kPrctlOps);
  check_table<FileKind>(4);
  check_table<Step>(kSteps);
  check_table<ObjKind>(kObjKinds);
}

TEST(Names, CountsAreThoseOfTheEnums) {
  EXPECT_EQ(static_cast<std::size_t>(NsOp::pidfd_get_uts) + 1, kNsOps);
  EXPECT_EQ(static_cast<std::size_t>(PrctlOp::set_child_subreaper) + 1, kPrctlOps);
  EXPECT_EQ(static_cast<std::size_t>(Step::alloc_mount) + 1, kSteps);
  EXPECT_EQ(index(ObjKind::mount) + 1, kObjKinds);
  EXPECT_EQ(index(NsLink::user) + 1, kNsLinks);
}

// An enumerator and its word, where they are spelled alike.
#define EXPECT_SPELLED(Enum, value) EXPECT_EQ(name(Enum::value), #value)

TEST(Names, TypesAndLinks) {
  EXPECT_SPELLED(NsType, mnt);
  EXPECT_SPELLED(NsType, pid);
  EXPECT_SPELLED(NsType, cgroup);
  EXPECT_SPELLED(NsType, net);
  EXPECT_SPELLED(NsType, user);
  EXPECT_SPELLED(NsLink, pid_for_children);
  EXPECT_SPELLED(NsLink, time_for_children);
  EXPECT_SPELLED(NsLink, time);
  EXPECT_SPELLED(NsLink, pid);
  EXPECT_SPELLED(NsLink, user);
  for (const NsType t : kAllNsTypes) EXPECT_EQ(ns_type_from(name(t)), t);
  for (std::size_t i = 0; i < kNsLinks; ++i) {
    const auto link = static_cast<NsLink>(i);
    EXPECT_EQ(ns_link_from(name(link)), link);
    EXPECT_TRUE(name(link).starts_with(name(type_of(link))));
  }
  for (const char* word : {"", "mount", "Pid", "pid ", "pidfd"}) {
    EXPECT_FALSE(ns_type_from(word)) << word;
    EXPECT_FALSE(ns_link_from(word)) << word;
  }
  EXPECT_FALSE(ns_type_from("pid_for_children"));
}

TEST(Names, Steps) {
  EXPECT_SPELLED(Step, dup_task);
  EXPECT_SPELLED(Step, charge);
  EXPECT_SPELLED(Step, net_lock);
  EXPECT_SPELLED(Step, cred_ucounts);
  EXPECT_SPELLED(Step, undo_list);
  EXPECT_SPELLED(Step, copy_mm);
  EXPECT_SPELLED(Step, alloc_nsproxy);
  EXPECT_SPELLED(Step, fatal_signal);
  EXPECT_SPELLED(Step, alloc_mount);
}

TEST(Names, ObjectsOfNamespacesComeFirst) {
  for (const NsType t : kAllNsTypes) {
    EXPECT_TRUE(is_ns(kind_of(t)));
    EXPECT_EQ(name(kind_of(t)), t == NsType::pid ? "pid_ns" : name(t));
  }
  EXPECT_FALSE(is_ns(ObjKind::nsproxy));
  EXPECT_SPELLED(ObjKind, nsproxy);
  EXPECT_SPELLED(ObjKind, ucounts);
  EXPECT_SPELLED(ObjKind, sighand);
  EXPECT_SPELLED(ObjKind, inode);
}

TEST(Names, FilesIoctlsAndPrctls) {
  EXPECT_SPELLED(FileKind, regular);
  EXPECT_SPELLED(FileKind, proc_dir);
  EXPECT_SPELLED(NsOp, unknown);
  EXPECT_EQ(name(NsOp::get_userns), "NS_GET_USERNS");
  EXPECT_EQ(name(NsOp::get_id), "NS_GET_ID");
  EXPECT_EQ(name(NsOp::get_pid_from_pidns), "NS_GET_PID_FROM_PIDNS");
  EXPECT_EQ(name(NsOp::get_tgid_in_pidns), "NS_GET_TGID_IN_PIDNS");
  EXPECT_EQ(name(NsOp::pidfd_get_cgroup), "PIDFD_GET_CGROUP_NAMESPACE");
  EXPECT_EQ(name(NsOp::pidfd_get_pid_for_children), "PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE");
  EXPECT_EQ(name(NsOp::pidfd_get_uts), "PIDFD_GET_UTS_NAMESPACE");
  EXPECT_EQ(name(PrctlOp::capbset_drop), "PR_CAPBSET_DROP");
  EXPECT_EQ(name(PrctlOp::ambient_clear_all), "PR_CAP_AMBIENT_CLEAR_ALL");
  EXPECT_EQ(name(PrctlOp::set_child_subreaper), "PR_SET_CHILD_SUBREAPER");
}

TEST(Names, CallsFollowTheVariant) {
  const auto word = [](const Op& op) { return op_name(op.index()); };
  EXPECT_EQ(word(Fork{}), "fork");
  EXPECT_EQ(word(Clone3{}), "clone3");
  EXPECT_EQ(word(Setns{}), "setns");
  EXPECT_EQ(word(Exit{}), "exit");
  EXPECT_EQ(word(OpenPidfd{}), "open_pidfd");
  EXPECT_EQ(word(UnbindNs{}), "unbind_ns");
  EXPECT_EQ(word(NsIoctl{}), "ioctl");
  EXPECT_EQ(word(PivotRoot{}), "pivot_root");
  EXPECT_EQ(word(Capset{}), "capset");
  EXPECT_EQ(word(WriteIdMap{}), "write_id_map");
  EXPECT_EQ(word(SetLimit{}), "set_limit");
  EXPECT_EQ(word(Semop{}), "semop");
  EXPECT_EQ(op_name(kOps), "");
}

TEST(Names, TypesHaveTheirFlags) {
  Flags all;
  for (const NsType t : kAllNsTypes) {
    EXPECT_FALSE(all.has(flag_of(t)));
    all |= flag_of(t);
  }
  EXPECT_EQ(all, flag::NAMESPACES);
}

}  // namespace
}  // namespace nsabi
