// What explain tries: every rule that depends on the state is met by one of its situations.
#include "cli/explain.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace cli {
namespace {

// The rules that explain names for a call from the plain start: the one that decides, or those that
// could refuse it elsewhere.
void add_named(const std::string& call, std::set<std::string>& to) {
  const auto answer = explain(Situation{}, call);
  ASSERT_TRUE(std::holds_alternative<Answer>(answer)) << std::get<Failure>(answer).what;
  const auto& a = std::get<Answer>(answer);
  if (a.rule != nullptr) to.emplace(a.rule->id);
  for (const Refusal& r : a.refusals) {
    to.emplace(r.rule->id);
    EXPECT_FALSE(r.options.empty()) << call << " " << r.rule->id;
  }
}

TEST(Explain, MeetsEveryRuleOfCloneUnshareAndSetns) {
  std::vector<std::string> calls;
  for (abi::NsType type : abi::kAllNsTypes) {
    const std::string flag = abi::to_string(abi::flag_of(type), abi::FlagStyle::bits);
    calls.push_back("unshare(" + flag + ")");
    if (type != abi::NsType::time) calls.push_back("clone(" + flag + "|SIGCHLD)");
    calls.push_back("clone3(" + flag + ")");
    calls.push_back("setns(f0, " + flag + ")");
  }
  // Flags that never go together, and arguments that are never right, decide at once.
  for (const char* call : {"pthread_create()",
                           "vfork()",
                           "clone(CLONE_PARENT|SIGCHLD)",
                           "unshare(CLONE_VM)",
                           "unshare(CLONE_SIGHAND)",
                           "unshare(0x1)",
                           "setns(f0, CLONE_NEWNET|CLONE_NEWUTS)",
                           "setns(f0, CLONE_NEWNS|CLONE_NEWUTS)",
                           "setns(f0, CLONE_NEWNET|CLONE_NEWUTS|0x1)",
                           "clone(CLONE_PIDFD|CLONE_PARENT_SETTID)",
                           "clone(CLONE_NEWNS|CLONE_FS)",
                           "clone(CLONE_NEWUSER|CLONE_FS)",
                           "clone(CLONE_THREAD)",
                           "clone(CLONE_SIGHAND)",
                           "clone(CLONE_THREAD|CLONE_SIGHAND|CLONE_VM|CLONE_NEWPID)",
                           "clone(CLONE_PIDFD|CLONE_DETACHED)",
                           "clone(CLONE_NEWIPC|CLONE_SYSVSEM)",
                           "clone(CLONE_PIDFD|CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)",
                           "clone(CLONE_PIDFD, pidfd_pointer=bad)",
                           "clone3(CLONE_INTO_CGROUP)",
                           "clone3(0, set_tid=[1 1])",
                           "clone3(0, set_tid=[0])",
                           "clone3(CLONE_NEWPID, set_tid=[5])",
                           "clone3(0, set_tid=[1])",
                           "clone3(0, set_tid=[300])"}) {
    calls.emplace_back(call);
  }
  std::set<std::string> named;
  for (const std::string& call : calls) add_named(call, named);
  for (const model::RuleInfo& rule : model::rules()) {
    if (rule.is_step) continue;
    if (rule.call != "clone" && rule.call != "unshare" && rule.call != "setns") continue;
    if (rule.id == "SETNS-05-empty") continue;  // a pidfd without flags: no file is assumed
    EXPECT_TRUE(named.contains(std::string(rule.id))) << rule.id << ": " << rule.says;
  }
}

TEST(Explain, EachCurePassesWhereItIsShown) {
  Situation chroot;
  chroot.chroot = true;
  const auto answer = explain(chroot, "unshare(CLONE_NEWUSER)");
  ASSERT_TRUE(std::holds_alternative<Answer>(answer));
  EXPECT_EQ(std::get<Answer>(answer).cures, std::vector<std::string>{"after pivot_root()"});
}

TEST(Explain, TwoChangesAreTriedWhereOneIsNotEnough) {
  Situation s;
  s.threads = true;
  s.unmapped = true;
  const auto answer = explain(s, "unshare(CLONE_NEWUSER)");
  ASSERT_TRUE(std::holds_alternative<Answer>(answer));
  ASSERT_FALSE(std::get<Answer>(answer).cures.empty());
  EXPECT_NE(std::get<Answer>(answer).cures.front().find(", then "), std::string::npos);
}

TEST(Explain, ASetnsJoinsAnothersNamespaceUnlessToldOtherwise) {
  Situation s;
  auto answer = explain(s, "setns(f0, CLONE_NEWUSER)");
  ASSERT_TRUE(std::holds_alternative<Answer>(answer));
  EXPECT_TRUE(std::get<Answer>(answer).result.ok());
  s.after = {"f0 = open_ns(t0, user)"};
  answer = explain(s, "setns(f0, CLONE_NEWUSER)");
  ASSERT_TRUE(std::holds_alternative<Answer>(answer));
  EXPECT_EQ(std::get<Answer>(answer).rule->id, "SETNS-80");
}

}  // namespace
}  // namespace cli
