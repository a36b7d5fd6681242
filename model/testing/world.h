// A model to try programs on: trace text in, who holds what out.
//
//     World w("profile=6.18 uid=1000 gid=1000 caps=none");
//     w.run("t1 = t0.clone(CLONE_NEWUSER|CLONE_NEWUTS)\n"
//           "t1.setns(f0, 0)  -> EBADF");
//     EXPECT_EQ(w.refs(w.ns(1, uts)), 1u);
//
// Each line has to give what it says, "ok" where it says nothing. After each line every invariant
// has to hold, and a line that fails has to leave the view as it was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/trace.h"
#include "model/model.h"

namespace model {

using abi::NsLink;
using abi::NsType;
using abi::ObjId;
using abi::ObjKind;
using abi::TaskState;

// Reads lines of trace text that begin with a given header ("profile=6.18 uid=1000"). A line that
// cannot be read fails the test, and nothing is returned.
abi::Trace read_program(std::string_view header, std::string_view lines);

// What differs between two views of one model, "" for nothing.
std::string difference(const abi::View& before, const abi::View& after);

// What the last call changed and did not touch (abi/system.h: IncrementalSystem), "" for nothing.
std::string untouched(const abi::View& before, const Model& after);

// The rule that decided, "" for none.
std::string_view rule_of(const abi::Result& r);

class World {
 public:
  explicit World(std::string_view header = "profile=6.18");
  explicit World(Model model);

  void run(std::string_view lines);
  void run(const abi::TraceLine& line);
  // Carries out one call that is not text; no expectation, but invariants and rollback are checked.
  abi::Result apply(const abi::Call& call);
  // The last line's result and deciding rule.
  const abi::Result& last() const { return last_; }
  std::string_view rule() const { return rule_of(last_); }

  abi::TaskView task(std::uint32_t n) const { return model_.task(abi::TaskId{n}); }
  TaskState state(std::uint32_t n) const { return task(n).state; }
  ObjId ns(std::uint32_t n, NsLink link) const { return task(n).ns[abi::index(link)]; }
  ObjId nsproxy(std::uint32_t n) const { return task(n).nsproxy; }

  bool alive(ObjId id) const { return model_.object(id).alive; }
  std::uint32_t refs(ObjId id) const { return model_.object(id).refs; }
  std::uint32_t active(ObjId id) const { return model_.object(id).active; }
  ObjId owner(ObjId id) const { return model_.object(id).owner; }
  std::int64_t detail(ObjId id) const { return model_.object(id).detail; }
  std::uint32_t total(ObjKind kind) const { return model_.totals()[abi::index(kind)]; }
  // Why the object is held, sorted: "inode.ns uts_ns". A task's name goes before its reason.
  std::string held_by(ObjId id) const;

  Model& model() { return model_; }
  const Model& model() const { return model_; }

 private:
  Model model_;
  abi::Result last_;
};

}  // namespace model
