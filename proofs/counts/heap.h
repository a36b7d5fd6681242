// A kernel's heap as a graph: who holds what, who uses what, and what the counters say.
//
// The same walk (walk.h) looks at a symbolic kernel, where a counter may have a part that is not
// seen, and at the concrete one on which a counterexample is replayed. Holders are those of
// abi/view.h; nothing is read from the code that counts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "abi/errno.h"
#include "abi/step.h"
#include "abi/view.h"
#include "proofs/symbolic_machine.h"

namespace proofs {

inline constexpr std::size_t kTaskNode = abi::kObjKinds;  // comes after the kinds of objects

// One pointer. Some hold a reference, some count as a use (6.19), some do both.
struct Link {
  std::string_view role;  // "nsproxy", "uts", "owner", …
  abi::ObjId to = abi::kNoObject;
  bool holds = false;
  bool uses = false;
  std::size_t kind = kTaskNode;  // of what it leads to
  bool operator==(const Link&) const = default;
};

// A named value that a call may change.
struct Field {
  std::string_view name;
  std::uint64_t value = 0;
  bool operator==(const Field&) const = default;
};

struct Node {
  abi::ObjId id = abi::kNoObject;
  std::size_t kind = 0;  // ObjKind or kTaskNode
  bool initial = false;  // an initial namespace: it never dies
  Number refs, active;
  std::vector<Link> links;
  std::vector<Field> fields;
  std::array<Number, abi::kNsTypes> charges{}, limits{};  // ucounts; limits are their namespace's
  Word effective{};                                       // credentials

  // What it holds in that role, or nothing.
  abi::ObjId at(std::string_view role) const;
  // The value of that name; it must have one.
  std::uint64_t field(std::string_view name) const;
};

struct Heap {
  std::vector<Node> nodes;          // by id
  std::vector<Link> caller;         // what the function's caller holds
  abi::ObjId own = abi::kNoObject;  // of that, what the function may write: a fs nobody else knows
  bool initial_counted = true;
  bool counts_uses = false;  // 6.19 on

  const Node* find(abi::ObjId id) const;
  const Node* task(abi::TaskId name) const;
};

// What a function did, as far as the heap does not show it.
struct Ran {
  abi::Errno error = abi::Errno::kOk;
  std::vector<abi::Step> steps;  // the fallible steps that it reached
  std::vector<std::string> troubles;
};

// Holders and users of each object of a heap.
struct Tally {
  explicit Tally(const Heap& heap);

  struct Entry {
    std::int64_t holders = 0;
    std::int64_t users = 0;              // those that are certain
    std::vector<Formula> perhaps_users;  // namespaces that are in use if this holds
    std::array<std::int64_t, abi::kNsTypes> charges{};
  };
  // Of objects that are gone too, if somebody still points at them.
  std::map<abi::ObjId, Entry> of;
  const Entry& at(abi::ObjId id) const;
};

// "t1's uts namespace", "the new uts namespace", …; `before` tells what is new.
std::string describe(const Heap& heap, const Heap& before, abi::ObjId id);
// "t1's nsproxy, t2's nsproxy": who holds it, or uses it.
std::string holders_of(const Heap& heap, const Heap& before, abi::ObjId id);
std::string_view kind_name(std::size_t kind);

}  // namespace proofs
