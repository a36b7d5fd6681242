// The exhaustive run finds nothing in what ships, and what there is in what is wrong. Longer
// bounds:
//
//     ./bazelw run //:nsproxy -- diff --exhaustive 4 --impl optimized
#include "props/differ/exhaustive.h"

#include <gtest/gtest.h>

#include <set>

#include "abi/trace.h"
#include "impl/kernel.h"
#include "model/canonical.h"
#include "props/differ/pair_subject.h"
#include "props/subjects/subjects.h"

namespace props {
namespace {

constexpr abi::TaskId t0{0}, t1{1}, t2{2};

std::string text(const abi::Program& program) {
  std::string out;
  for (const abi::Call& call : program) out += print(call) + "\n";
  return out;
}

TEST(Exhaustive, EveryProgramOfTwoCallsAgrees) {
  for (const abi::Version version : {abi::Version{6, 1, 192}, abi::Version{6, 18, 44}}) {
    for (const auto& subject : {baseline_subject(), optimized_subject()}) {
      ExhaustiveOptions options;
      options.length = 2;
      options.setup.profile.version = version;
      const ExhaustiveResult result = subject->explore(options);
      EXPECT_FALSE(result.difference) << result.difference->what << "\n" << text(result.program);
      EXPECT_EQ(result.length, 2u);
      EXPECT_GT(result.states, 500u);
    }
  }
}

// Forgets about every wait that it was for a child.
struct Forgetful : impl::Baseline {
  using impl::Baseline::Baseline;
  abi::Result apply(const abi::Call& call) {
    const abi::Result result = impl::Baseline::apply(call);
    return std::holds_alternative<abi::Wait>(call.op) && result.value == 1 ? abi::Result::success()
                                                                           : result;
  }
};
struct MakeForgetful {
  Forgetful operator()(const abi::Setup& setup) const { return Forgetful(setup); }
};

TEST(Exhaustive, FindsWhatTakesThreeCalls) {
  const PairSubject<model::Model, MakeForgetful> subject("forgetful");
  ExhaustiveOptions options;
  options.length = 2;
  EXPECT_FALSE(subject.explore(options).difference) << "a child must be made, and exit";
  options.length = 3;
  const ExhaustiveResult result = subject.explore(options);
  ASSERT_TRUE(result.difference);
  EXPECT_EQ(result.difference->check, Check::result);
  EXPECT_EQ(result.length, 2u) << "all of two calls were tried";
  EXPECT_EQ(result.program.size(), 3u) << text(result.program);
}

TEST(Exhaustive, StopsWhenTimeIsUp) {
  ExhaustiveOptions options;
  options.length = 9;
  options.time = std::chrono::milliseconds(1);
  EXPECT_LT(optimized_subject()->explore(options).length, 9u);
}

std::uint64_t digest_of(const abi::Program& program) {
  model::Model model{{}};
  for (const abi::Call& call : program) model.apply(call);
  return model::digest(model, kAlphabetTasks);
}

TEST(Digest, ForgetsHowAStateWasReached) {
  const abi::Call uts{.caller = t0, .op = abi::Unshare{abi::flag::NEWUTS}};
  const abi::Call ipc{.caller = t0, .op = abi::Unshare{abi::flag::NEWIPC}};
  const abi::Call both{.caller = t0, .op = abi::Unshare{abi::flag::NEWUTS | abi::flag::NEWIPC}};
  EXPECT_EQ(digest_of({uts, ipc}), digest_of({ipc, uts}));
  EXPECT_EQ(digest_of({uts, ipc}), digest_of({both}));
  EXPECT_EQ(digest_of({uts, uts}), digest_of({uts}));
  const abi::Call open{.caller = t0, .op = abi::OpenNs{.link = abi::NsLink::net}};
  const abi::Call close{.caller = t0, .op = abi::Close{}};
  EXPECT_EQ(digest_of({open, close}), digest_of({}));
}

TEST(Digest, TellsStatesApart) {
  const abi::Call fork1{.caller = t0, .op = abi::Fork{t1}};
  const abi::Call fork2{.caller = t0, .op = abi::Fork{t2}};
  const abi::Call nested{.caller = t1, .op = abi::Fork{t2}};
  const abi::Call pid{.caller = t0, .op = abi::Unshare{abi::flag::NEWPID}};
  const abi::Call ids{.caller = t0, .op = abi::Setresuid{1, 1, 1}};
  const abi::Call limit{.caller = t0, .op = abi::SetLimit{abi::NsType::uts, 1}};
  const abi::Call exit{.caller = t1, .op = abi::Exit{}};
  const abi::Call open{.caller = t0, .op = abi::OpenNs{.link = abi::NsLink::net}};
  std::set<std::uint64_t> digests;
  const std::vector<abi::Program> programs = {
      {},           {fork1},      {fork2},      {fork1, fork2}, {fork1, nested},
      {pid},        {ids},        {limit},      {open},         {fork1, exit},
      {pid, fork1}, {fork1, pid}, {fork1, ids}, {ids, fork1},   {pid, fork1, exit}};
  for (const abi::Program& program : programs) digests.insert(digest_of(program));
  EXPECT_EQ(digests.size(), programs.size());
}

}  // namespace
}  // namespace props
