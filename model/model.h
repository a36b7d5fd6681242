// The reference model: what Linux promises about namespaces, call by call.
//
// apply() evaluates the call's ordered rules (model/rules/); the first that fires gives the errno,
// and if none does the call's effect runs. There are no reference counts: holders() lists who holds
// an object, and an object dies when the list is empty. What the model leaves out is listed in
// model/README.md and abi/call.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/step.h"
#include "abi/system.h"
#include "model/rule.h"

namespace model {

struct State;

// One reference on an object: by whom, and through what ("uts_ns", "owner", "cred", …).
struct Holder {
  abi::ObjId by = abi::kNoObject;  // kNoObject when a task holds it
  abi::TaskId task{};
  std::string_view why;
};

// An invariant that does not hold.
struct Violation {
  std::string_view invariant;  // its id, as in invariants()
  std::string what;            // the objects concerned, in one line
};

// By invariant, in the order of invariants(): how often it was asked of something of which it could
// have been false. That the threads of a process are in one user namespace says nothing of a
// process with one thread, for instance.
inline constexpr std::size_t kInvariants = 19;
using Exercised = std::array<std::uint64_t, kInvariants>;

// Why a call would be refused or pass: see explain().
struct Explanation {
  abi::Result result;
  const RuleInfo* rule = nullptr;       // the rule that refuses; null if the call passes
  std::vector<const RuleInfo*> passed;  // rules about its flags and facts that did not fire
};

class Model {
 public:
  explicit Model(const abi::Setup& setup);
  ~Model();
  Model(const Model&);  // a deep copy: for exploring from one state
  Model& operator=(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  abi::Result apply(const abi::Call& call);
  abi::View view() const;

  // The incremental view (abi/system.h).
  std::span<const abi::TaskId> touched_tasks() const;
  std::span<const abi::ObjId> touched_objects() const;
  abi::TaskView task(abi::TaskId id) const;
  abi::ObjectView object(abi::ObjId id) const;
  abi::Totals totals() const;

  const abi::Setup& setup() const;
  // Everything that holds a reference on the object; empty for a dead or unknown one.
  std::vector<Holder> holders(abi::ObjId object) const;
  // What the call would give, and the rule that decides, without carrying it out.
  Explanation explain(const abi::Call& call) const;
  // "uts namespace 12, made by t3, held by: nsproxy of t3, …" for findings.
  std::string describe(abi::ObjId object) const;

  // Every invariant over the whole state / over what the last call touched. Empty: all hold.
  // Counts in `exercised`, if given, how often each had something to say.
  std::vector<Violation> check(Exercised* exercised = nullptr) const;
  std::vector<Violation> check_touched(Exercised* exercised = nullptr) const;

  // For tests of the invariants themselves, which have to break the state on purpose.
  State& state();
  const State& state() const;

 private:
  std::unique_ptr<State> state_;
};

// The invariants that check() checks, in order.
struct InvariantInfo {
  std::string_view id;
  std::string_view says;    // one sentence
  std::string_view except;  // the documented hole, or ""
};
std::span<const InvariantInfo> invariants();

}  // namespace model
