// Each invariant notices a state that was broken on purpose, and none complains of a sound one.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/query.h"
#include "model/state.h"
#include "model/testing/world.h"

namespace model {
namespace {

using enum NsLink;

Slot task_slot(const State& s, std::uint32_t n) { return s.task_names.find(n); }
Task& task(State& s, std::uint32_t n) { return s.tasks[task_slot(s, n)]; }
Slot slot_of(State& s, std::uint32_t n, NsLink link) { return slot_ns(s, task(s, n), link); }
Hold& pointer(State& s, std::uint32_t n, NsLink link) {
  return s.nsproxies[task(s, n).nsproxy.at].ns[abi::index(link)];
}
Cred& cred(State& s, std::uint32_t n) { return s.creds[task(s, n).cred.at]; }

struct Breakage {
  const char* invariant;
  const char* program;
  std::function<void(State&)> breaks;
  const char* header = "profile=6.18";
};

const std::vector<Breakage>& breakages() {
  static const std::vector<Breakage> all = {
      {"REF-ALIVE", "t1 = t0.clone(CLONE_NEWUTS)",
       [](State& s) { s.nsproxies[task(s, 1).nsproxy.at].alive = false; }},
      {"REF-ALIVE", "t1 = t0.clone(CLONE_NEWUTS)",
       [](State& s) {
         const Slot ns = slot_of(s, 1, uts);
         s.edges[s.ns[ns].first_holder].to.slot = slot_of(s, 0, uts);
       }},
      {"REF-HELD", "t1 = t0.clone(CLONE_NEWUTS)",
       [](State& s) { s.ns[slot_of(s, 1, uts)].first_holder = 0; }},
      {"REF-HELD", "f0 = t0.open_file(regular)",
       [](State& s) { s.open_files[s.file_names.find(0)].first_holder = 0; }},
      {"DATA-01", "t1 = t0.clone(CLONE_NEWUTS)",
       [](State& s) { pointer(s, 1, uts).at = slot_of(s, 1, ipc); }},
      {"DATA-01", "t1 = t0.clone(CLONE_NEWUTS)", [](State& s) { pointer(s, 1, net) = {}; }},
      {"DATA-01", "t1 = t0.clone(CLONE_NEWUTS)",
       [](State& s) { s.ns[slot_of(s, 1, uts)].alive = false; }},
      {"DATA-02", "t1 = t0.fork()", [](State& s) { task(s, 1).nsproxy = {}; }},
      {"DATA-02", "t1 = t0.fork()\nt1.exit_group()",
       [](State& s) { task(s, 1).nsproxy = task(s, 0).nsproxy; }},
      {"DATA-09", "t1 = t0.clone(CLONE_NEWUSER)",
       [](State& s) { s.ns[user_ns_of(s, task(s, 1))].level = 2; }},
      {"DATA-09", "t1 = t0.clone(CLONE_NEWPID)",
       [](State& s) { s.ns[active_pid_ns(s, task(s, 1))].level = 0; }},
      {"INV-04", "t1 = t0.clone(CLONE_NEWUTS)",
       [](State& s) { s.ns[slot_of(s, 1, uts)].charges = 0; }},
      {"INV-04", "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)",
       [](State& s) {
         std::uint32_t& first = s.ns[slot_of(s, 1, uts)].charges;
         first = s.charges[first].next_of_ns;  // one level is missing
       }},
      {"INV-05", "t1 = t0.clone(CLONE_NEWPID)",
       [](State& s) { pointer(s, 1, pid_for_children).at = slot_of(s, 0, pid_for_children); }},
      {"INV-06", "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWPID)\nt2 = t1.clone(CLONE_NEWPID)",
       [](State& s) {
         const Slot top = s.initial[abi::index(NsType::user)];
         s.ns[active_pid_ns(s, task(s, 2))].owner.at = top;
       }},
      {"INV-07", "t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD)\nt2 = t0.clone(CLONE_NEWUSER)",
       [](State& s) { task(s, 1).cred.at = task(s, 2).cred.at; }},
      {"INV-08", "t1 = t0.clone(CLONE_VM|CLONE_NEWUTS)\nt2 = t0.clone3(CLONE_NEWTIME)",
       [](State& s) { pointer(s, 1, time).at = slot_of(s, 2, time); }},
      {"INV-09", "t1 = t0.clone3(CLONE_NEWTIME)",
       [](State& s) { s.ns[slot_of(s, 1, time)].frozen = false; }},
      {"INV-10", "t1 = t0.clone(CLONE_FS|CLONE_NEWUTS)\nt2 = t0.clone(CLONE_NEWNS)",
       [](State& s) { pointer(s, 1, mnt).at = slot_of(s, 2, mnt); }},
      {"OWNER", "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)",
       [](State& s) { s.ns[user_ns_of(s, task(s, 1))].alive = false; }},
      {"NSFS-INODE", "f0 = t0.open_ns(t0, uts)\nf1 = t0.open_ns(t0, ipc)",
       [](State& s) { s.ns[slot_of(s, 0, uts)].inode = s.ns[slot_of(s, 0, ipc)].inode; }},
      {"NSFS-INODE", "f0 = t0.open_ns(t0, uts)",
       [](State& s) { s.inodes[s.ns[slot_of(s, 0, uts)].inode].alive = false; }},
      {"PIDNS-DEAD", "t1 = t0.clone(CLONE_NEWPID)",
       [](State& s) { s.ns[active_pid_ns(s, task(s, 1))].dead = true; }},
      {"PIDNS-INIT", "t1 = t0.clone(CLONE_NEWPID)\nt2 = t1.fork()",
       [](State& s) { s.ns[active_pid_ns(s, task(s, 1))].child_reaper = task_slot(s, 2); }},
      {"PIDNS-INIT", "t1 = t0.clone(CLONE_NEWPID)",
       [](State& s) { s.ns[active_pid_ns(s, task(s, 1))].child_reaper = task_slot(s, 0); }},
      {"SEM-UNDO", "t1 = t0.clone(CLONE_SYSVSEM|CLONE_NEWUTS)\nt2 = t0.clone(CLONE_NEWIPC)",
       [](State& s) { pointer(s, 1, ipc).at = slot_of(s, 2, ipc); }},
      {"CAP-SETS", "t1 = t0.fork()", [](State& s) { cred(s, 1).permitted = 0; }},
      {"CAP-SETS", "t1 = t0.fork()", [](State& s) { cred(s, 1).ambient = 1; }},
      {"ACT-INV",
       "t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\nf0 = t0.open_ns(t1, uts)\n"
       "t1.exit_group()\nt0.wait(t1)  -> ok 1",
       [](State& s) {  // the owner no longer knows whom it owns
         for (Edge& e : s.edges) {
           if (e.why == Why::ns_owner) e.why = Why::ns_ucounts;
         }
       },
       "profile=6.19"},
  };
  return all;
}

TEST(Invariants, EachNoticesItsBreakage) {
  for (const Breakage& b : breakages()) {
    SCOPED_TRACE(std::string(b.invariant) + " after\n" + b.program);
    World w(b.header);
    w.run(b.program);
    EXPECT_TRUE(w.model().check().empty());
    b.breaks(w.model().state());
    std::set<std::string_view> found;
    for (const Violation& v : w.model().check()) {
      found.insert(v.invariant);
      EXPECT_FALSE(v.what.empty());
    }
    EXPECT_TRUE(found.contains(b.invariant));
  }
}

TEST(Invariants, EachHasABreakage) {
  std::set<std::string_view> broken;
  for (const Breakage& b : breakages()) broken.insert(b.invariant);
  std::set<std::string_view> listed;
  for (const InvariantInfo& i : invariants()) {
    EXPECT_TRUE(listed.insert(i.id).second) << i.id << " stands there twice";
    EXPECT_FALSE(i.says.empty());
    EXPECT_TRUE(broken.contains(i.id)) << i.id;
  }
  EXPECT_EQ(broken, listed);
}

// The last call's part notices what it touched.
TEST(Invariants, OfWhatWasTouchedNoticeTheSame) {
  World w;
  w.run("t1 = t0.clone(CLONE_NEWUTS)");
  EXPECT_TRUE(w.model().check_touched().empty());
  task(w.model().state(), 1).nsproxy = {};
  const std::vector<Violation> found = w.model().check_touched();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().invariant, "DATA-02");
}

// The documented holes: as Linux has them, and not complained of.
TEST(Invariants, HolesAreExceptedAsDocumented) {
  World shared("profile=6.18");  // SETNS-44
  shared.run(
      "t1 = t0.clone(CLONE_FS)\nt2 = t0.clone(CLONE_NEWNS|CLONE_NEWUTS)\n"
      "f0 = t0.open_pidfd(t2)\nt0.setns(f0, CLONE_NEWNS|CLONE_NEWUTS)");
  EXPECT_NE(shared.ns(0, mnt), shared.ns(1, mnt));
  World timed("profile=6.1");  // BUG-17
  timed.run("t1 = t0.clone3(CLONE_NEWTIME|CLONE_VM)");
  EXPECT_NE(timed.ns(0, time), timed.ns(1, time));
  for (const InvariantInfo& i : invariants()) {
    EXPECT_EQ(!i.except.empty(), i.id == "INV-08" || i.id == "INV-10") << i.id;
  }
}

TEST(Invariants, OfTheStartingStateHold) {
  for (const abi::Profile& profile : abi::standard_profiles()) {
    const Model m(abi::Setup{.profile = profile});
    EXPECT_TRUE(m.check().empty()) << abi::to_string(profile);
    EXPECT_TRUE(m.check_touched().empty());
    EXPECT_TRUE(m.touched_objects().empty());
  }
}

}  // namespace
}  // namespace model
