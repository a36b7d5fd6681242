// Laws of the model, on random programs: the same twice, nothing on failure, only what is named on
// success, every change announced, every reference accounted for, everything freed in the end.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>

#include "model/state.h"
#include "model/testing/programs.h"
#include "model/testing/recount.h"
#include "model/testing/world.h"

namespace model {
namespace {

namespace flag = abi::flag;
using abi::Flags;

// A random program whose operands fit, and a trace of it in case it shows something.
abi::Program settled_program(const abi::Setup& setup) {
  abi::Program program = *any_program();
  Model m(setup);
  abi::Trace trace{.setup = setup, .lines = {}};
  for (abi::Call& call : program) {
    call = settle(m, call);
    trace.lines.push_back({.call = call, .expected = abi::expectation_of(m.apply(call))});
  }
  RC_LOG() << abi::print(trace);
  return program;
}

// Runs a random program; `each(before, after, call, result)` looks at every call.
template <class Each>
void on_programs(Each each) {
  const abi::Setup setup = *any_setup();
  Model m(setup);
  for (const abi::Call& call : settled_program(setup)) {
    const Model before(m);
    const abi::Result r = m.apply(call);
    RC_LOG() << "at " << abi::print(call) << " " << rule_of(r) << "\n";
    each(before, m, call, r);
  }
}

void same_result(const abi::Result& a, const abi::Result& b) {
  RC_ASSERT(a.same_outcome(b));
  RC_ASSERT(a.rule == b.rule);
  RC_ASSERT(a.steps == b.steps);
}

RC_GTEST_PROP(ModelLaws, TheSameProgramGivesTheSame, ()) {
  const abi::Setup setup = *any_setup();
  const abi::Program program = settled_program(setup);
  Model a(setup), b(setup);
  for (const abi::Call& call : program) same_result(a.apply(call), b.apply(call));
  RC_ASSERT(difference(a.view(), b.view()) == "");
}

RC_GTEST_PROP(ModelLaws, ACopyIsATwinAndNoShadow, ()) {
  const abi::Setup setup = *any_setup();
  const abi::Program program = settled_program(setup);
  const std::size_t half = program.size() / 2;
  Model a(setup);
  for (std::size_t i = 0; i < half; ++i) a.apply(program[i]);
  Model b(a);
  Model c(abi::Setup{});
  c = a;
  const abi::View then = a.view();
  for (std::size_t i = half; i < program.size(); ++i) b.apply(program[i]);
  RC_ASSERT(difference(then, a.view()) == "");
  for (std::size_t i = half; i < program.size(); ++i) c.apply(program[i]);
  for (std::size_t i = half; i < program.size(); ++i) a.apply(program[i]);
  RC_ASSERT(difference(a.view(), b.view()) == "");
  RC_ASSERT(difference(a.view(), c.view()) == "");
}

RC_GTEST_PROP(ModelLaws, AFailedOrSkippedCallChangesNothing, ()) {  // INV-11
  on_programs([](const Model& before, const Model& m, const abi::Call&, const abi::Result& r) {
    if (r.ok() || rule_of(r) == "EXEC-01") return;
    RC_ASSERT(difference(before.view(), m.view()) == "");
  });
}

RC_GTEST_PROP(ModelLaws, TheInvariantsHoldAndTheCountsAreRight, ()) {
  on_programs([](const Model&, const Model& m, const abi::Call&, const abi::Result&) {
    for (const Violation& v : m.check()) RC_FAIL(std::string(v.invariant) + ": " + v.what);
    for (const Violation& v : m.check_touched()) RC_FAIL(std::string(v.invariant) + ": " + v.what);
    RC_ASSERT(recount(m.state()) == "");
  });
}

RC_GTEST_PROP(ModelLaws, WhatChangedWasTouched, ()) {
  on_programs([](const Model& before, const Model& m, const abi::Call&, const abi::Result&) {
    RC_ASSERT(untouched(before.view(), m) == "");
  });
}

RC_GTEST_PROP(ModelLaws, ExplainingChangesNothingAndAgrees, ()) {
  on_programs([](const Model& before, const Model&, const abi::Call& call, const abi::Result& r) {
    const abi::View then = before.view();
    const Explanation told = before.explain(call);
    RC_ASSERT(difference(then, before.view()) == "");
    same_result(told.result, r);
    RC_ASSERT(told.rule == (r.rule == 0 ? nullptr : &rules()[r.rule]));
    for (const RuleInfo* passed : told.passed) RC_ASSERT(passed != told.rule);
  });
}

// The links of which a call may change what they show for its caller.
std::array<bool, abi::kNsLinks> may_change(const abi::Call& call, const Model& before) {
  std::array<bool, abi::kNsLinks> may{};
  Flags named;
  if (const auto* u = std::get_if<abi::Unshare>(&call.op)) named = u->flags;
  if (const auto* s = std::get_if<abi::Setns>(&call.op)) {
    const Slot file = before.state().file_names.find(s->file.n);
    const File& f = before.state().open_files[file];
    named = f.kind == OpenKind::nsfs
                ? flag_of(before.state().ns[before.state().inodes[f.inode.at].ns.at].type)
                : s->flags;
  }
  const bool sets_both = std::holds_alternative<abi::Setns>(call.op);
  for (std::size_t i = 0; i < may.size(); ++i) {
    const NsLink link = static_cast<NsLink>(i);
    may[i] = named.has(flag_of(type_of(link))) && link != NsLink::pid &&
             (link != NsLink::time || sets_both);
  }
  if (std::holds_alternative<abi::Execve>(call.op)) may[abi::index(NsLink::time)] = true;
  return may;
}

RC_GTEST_PROP(ModelLaws, ASuccessChangesOnlyWhatItNames, ()) {
  on_programs([](const Model& before, const Model& m, const abi::Call& call, const abi::Result& r) {
    if (!r.ok()) return;
    const bool moves = std::holds_alternative<abi::Unshare>(call.op) ||
                       std::holds_alternative<abi::Setns>(call.op) ||
                       std::holds_alternative<abi::Execve>(call.op);
    std::array<bool, abi::kNsLinks> may{};
    if (moves) may = may_change(call, before);
    for (const abi::TaskEntry& then : before.view().tasks) {
      const abi::TaskView now = m.task(then.id);
      const bool alive = now.nsproxy != abi::kNoObject;
      if (!alive || then.view.nsproxy == abi::kNoObject) continue;
      const bool caller = then.id == call.caller;
      for (std::size_t i = 0; i < abi::kNsLinks; ++i) {
        // NSFS-05: a first child makes pid_for_children show.
        const bool shows = i == abi::index(NsLink::pid_for_children) && then.view.ns[i] == 0;
        if ((caller && may[i]) || shows) continue;
        RC_LOG() << "t" << then.id.n << " " << name(static_cast<NsLink>(i)) << "\n";
        RC_ASSERT(now.ns[i] == then.view.ns[i]);
      }
      if (!(caller && moves)) RC_ASSERT(now.nsproxy == then.view.nsproxy);
    }
  });
}

RC_GTEST_PROP(ModelLaws, APublishedNsproxyNeverChanges, ()) {  // DATA-01
  std::map<ObjId, std::array<Slot, abi::kNsproxySlots>> known;
  on_programs([&known](const Model&, const Model& m, const abi::Call&, const abi::Result&) {
    const State& s = m.state();
    for (Slot i = 0; i < s.nsproxies.size(); ++i) {
      if (!s.nsproxies[i].alive) continue;
      std::array<Slot, abi::kNsproxySlots> slots{};
      for (std::size_t k = 0; k < slots.size(); ++k) slots[k] = s.nsproxies[i].ns[k].at;
      const auto [seen, fresh] = known.emplace(s.id({ObjKind::nsproxy, i}), slots);
      RC_ASSERT(fresh || seen->second == slots);
    }
  });
}

RC_GTEST_PROP(ModelLaws, OwnersAndActivePidNamespacesNeverChange, ()) {  // INV-05, INV-06
  on_programs([](const Model& before, const Model& m, const abi::Call&, const abi::Result&) {
    for (const abi::ObjectEntry& o : before.view().objects) {
      if (!abi::is_ns(o.view.kind) || !m.object(o.id).alive) continue;
      RC_ASSERT(m.object(o.id).owner == o.view.owner);
    }
    for (const abi::TaskEntry& t : before.view().tasks) {
      const abi::TaskView now = m.task(t.id);
      if (now.state == TaskState::none) continue;
      RC_ASSERT(now.ns[abi::index(NsLink::pid)] == t.view.ns[abi::index(NsLink::pid)]);
    }
  });
}

// t0 looks after the others: it is the subreaper, nobody ends it, and it ends everything.
RC_GTEST_PROP(ModelLaws, EverythingIsFreedInTheEnd, ()) {
  abi::Setup setup = *any_setup();
  setup.uid = setup.gid = 0;
  setup.caps = abi::kCapFull;
  const abi::Program program = *any_program();
  Model m(setup);
  const abi::TaskId t0{};
  const auto by_t0 = [&](abi::Op op) { return m.apply({.caller = t0, .op = std::move(op)}); };
  by_t0(abi::Semop{});
  const abi::Totals start = m.totals();
  by_t0(abi::Prctl{abi::PrctlOp::set_child_subreaper, 1});
  for (const abi::Call& any : program) {
    by_t0(abi::Fork{abi::TaskId{1}});  // somebody to go on with, if t1 has gone
    const abi::Call call = settle(m, any);
    const auto* kill = std::get_if<abi::Kill>(&call.op);
    if (call.caller == t0 || (kill != nullptr && kill->target == t0)) continue;
    RC_LOG() << abi::print(call) << " -> " << abi::print(abi::expectation_of(m.apply(call)))
             << "\n";
  }
  for (std::uint32_t f = 0; f < 64; ++f) by_t0(abi::Close{abi::FileId{f}});
  for (std::uint32_t b = 0; b < 2; ++b) by_t0(abi::UnbindNs{abi::BindId{b}});
  for (std::uint32_t t = 1; t < 64; ++t) by_t0(abi::Kill{abi::TaskId{t}});
  for (int round = 0; round < 12; ++round) {
    for (std::uint32_t t = 1; t < 64; ++t) by_t0(abi::Wait{abi::TaskId{t}});
  }
  by_t0(abi::Semop{});  // else it keeps the struct pid of somebody who is gone
  RC_ASSERT(m.view().tasks.size() == 1u);
  RC_ASSERT(m.totals() == start);
}

// The laws are worth what the programs reach.
TEST(ModelLaws, ProgramsGetSomewhere) {
  int ok = 0, failed = 0, skipped = 0;
  std::set<std::uint16_t> fired;
  std::set<std::size_t> succeeded;
  rc::check("programs get somewhere", [&] {
    on_programs([&](const Model&, const Model&, const abi::Call& call, const abi::Result& r) {
      ++(r.skipped ? skipped : r.ok() ? ok : failed);
      fired.insert(r.rule);
      if (r.ok()) succeeded.insert(call.op.index());
    });
  });
  EXPECT_GT(ok, failed / 2);
  EXPECT_LT(skipped, (ok + failed) / 4);
  EXPECT_GE(succeeded.size(), abi::kOps - 3);
  EXPECT_GT(fired.size(), 100u);
}

}  // namespace
}  // namespace model
