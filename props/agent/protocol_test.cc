// The agent's lines: what is printed is read back, and other text is refused.
#include "props/agent/protocol.h"

#include <gtest/gtest.h>

namespace props::agent {
namespace {

using nsabi::NsLink;
using nsabi::TaskState;

nsabi::TaskEntry zombie() {
  nsabi::TaskEntry task{.id = {3}, .view = {}};
  task.view.state = TaskState::zombie;
  task.view.ns[index(NsLink::pid)] = 4026532187;
  task.view.ns[index(NsLink::user)] = std::uint64_t{2} << 32 | 4026532190;
  task.view.uid = {0, 1000, 65534};
  task.view.gid = {1, 2, 3};
  task.view.effective = 0x1fffeffffff;
  task.view.ambient = 0x200000;
  return task;
}

TEST(Protocol, AnswersAreReadBack) {
  Answer answer;
  answer.result = nsabi::Result::success(5);
  answer.changed.push_back(zombie());
  answer.changed.push_back({.id = {4}, .view = {}});
  const std::string line = print(answer);
  EXPECT_EQ(line,
            "ok 5 | t3 zombie pid=4026532187 user=4026532190.2 uid=0,1000,65534 gid=1,2,3 "
            "eff=1fffeffffff prm=0 inh=0 bnd=0 amb=200000 | t4 none");
  const auto back = parse_answer(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->kind, Answer::Kind::done);
  EXPECT_TRUE(back->result.same_outcome(answer.result));
  ASSERT_EQ(back->changed.size(), 2u);
  EXPECT_EQ(back->changed[0].id, nsabi::TaskId{3});
  EXPECT_EQ(back->changed[0].view, zombie().view);
  EXPECT_EQ(back->changed[1].view, nsabi::TaskView{});
}

TEST(Protocol, ResultsAreReadBack) {
  const std::array<nsabi::Result, 4> results = {nsabi::Result::success(),
                                                nsabi::Result::success(-7), nsabi::Result::skip(),
                                                nsabi::Result::failure(nsabi::Errno::kEUSERS)};
  for (const nsabi::Result& r : results) {
    Answer answer;
    answer.result = r;
    const auto back = parse_answer(print(answer));
    ASSERT_TRUE(back) << print(answer);
    EXPECT_TRUE(back->result.same_outcome(r)) << print(answer);
  }
}

TEST(Protocol, WhatIsNotSeenIsHidden) {
  Greeting g;
  g.unseen.add(Part::links);
  g.unseen.add(Part::dying);
  g.unseen.add(Part::uid);
  g.unseen.caps = nsabi::cap_bit(nsabi::cap::SYS_ADMIN);
  EXPECT_TRUE(print(g).ends_with(" unseen=links,dying,uid unseen-caps=CAP_SYS_ADMIN")) << print(g);
  EXPECT_EQ(parse_greeting(print(g)), g);
  EXPECT_FALSE(parse_greeting(print(g) + ",roots"));
  EXPECT_FALSE(parse_greeting("nsproxy-agent 1 unseen=links,roots"));

  nsabi::TaskView view = zombie().view;
  view.state = TaskState::dying;
  view.chrooted = true;
  hide(g.unseen, view);
  nsabi::TaskView rest;
  rest.state = TaskState::running;
  rest.effective = zombie().view.effective & ~g.unseen.caps;
  rest.ambient = zombie().view.ambient & ~g.unseen.caps;
  rest.chrooted = true;
  EXPECT_EQ(view, rest);
}

TEST(Protocol, ReasonsAreReadBack) {
  for (const auto kind : {Answer::Kind::not_run, Answer::Kind::broken}) {
    Answer answer;
    answer.kind = kind;
    answer.reason = "no cgroup2 | is mounted";
    const auto back = parse_answer(print(answer));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->kind, kind);
    EXPECT_EQ(back->reason, answer.reason);
  }
}

TEST(Protocol, OtherAnswersAreRefused) {
  for (const char* line :
       {"", "OK", "ok five", "ok 5 6", "EPERM 1", "skipped 1", "ok | t1", "ok | x1 running",
        "ok | t1 sleeping", "ok | t1 running uts=", "ok | t1 running uts=5.", "ok | t1 running a=1",
        "ok | t1 running uid=1,2", "ok | t1 running uid=1,2,3,4", "ok | t1 running eff=xyz",
        "ok | t1 running  uts=5", "ok| t1 running", "not-run"}) {
    EXPECT_FALSE(parse_answer(line)) << line;
  }
}

TEST(Protocol, GreetingsAreReadBack) {
  Greeting greeting;
  greeting.profile = *nsabi::profile_from("6.1.9,no-time");
  greeting.mode = "userns";
  greeting.caps = nsabi::kCapFull & ~nsabi::cap_bit(nsabi::cap::SYS_RESOURCE);
  greeting.any_id = false;
  const auto back = parse_greeting(print(greeting));
  ASSERT_TRUE(back) << print(greeting);
  EXPECT_EQ(*back, greeting);
}

TEST(Protocol, OtherGreetingsAreRefused) {
  for (const char* line : {"", "nsproxy-agent", "nsproxy-agent 2 profile=6.18",
                           "login: ", "nsproxy-agent 1 profile=4.4", "nsproxy-agent 1 caps=many",
                           "nsproxy-agent 1 uids=7", "nsproxy-agent 1 color=red"}) {
    EXPECT_FALSE(parse_greeting(line)) << line;
  }
}

TEST(Protocol, RelationsAreReadBack) {
  const std::vector<Relation> all = {
      {.ns = 4026531837, .type = nsabi::NsType::user, .owner_uid = 0},
      {.ns = 4026532190, .type = nsabi::NsType::pid, .owner = 4026531837, .parent = 4026531836}};
  const std::string line = print(all);
  EXPECT_EQ(line,
            "relations | 4026531837 user uid=0 | 4026532190 pid owner=4026531837 "
            "parent=4026531836");
  const auto back = parse_relations(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, all);
  EXPECT_FALSE(parse_relations("relations | 5 door"));
  EXPECT_FALSE(parse_relations("relations | 5 pid owner=x"));
  EXPECT_TRUE(parse_relations("relations")->empty());
}

}  // namespace
}  // namespace props::agent
