// What must hold after a function has run, given its heap before: the laws that every count
// theorem requires at the end of every path.
//
// A law is a list of claims, one for each object that it is about. Those that hold whatever the
// symbols are worth are left out; what remains is for Z3, and is told in words if it fails.
#pragma once

#include <string>
#include <vector>

#include "proofs/counts/heap.h"

namespace proofs {

enum class Law : std::uint8_t {
  misuse,      // a count is raised from 0, dropped below 0, or touched after the object is freed
  balance,     // the count changes as the number of holders does
  lifetime,    // freed exactly when the last holder goes
  use,         // active references: the count changes as the number of users does
  charge,      // ucounts: charged as often as there are namespaces, and within the limit
  rollback,    // a failing call leaves everything as it was
  published,   // a nsproxy that tasks can see is not written
  change,      // a successful call changes what its flags name, and nothing else
  time,        // which time namespace the task is in
  capability,  // nothing is made or joined without CAP_SYS_ADMIN over its owner
};
std::string_view name(Law law);

struct Claim {
  Formula holds;
  Law law = Law::balance;
  std::size_t kind = kTaskNode;  // of what it is about
  std::string says;              // what it would mean if it did not hold
};

class Judge {
 public:
  Judge(z3::context& context, const Heap& before, const Heap& after);

  // Balance, lifetime, use and charge, of every object, whatever the function gave back.
  void books();
  void misuse(const Ran& ran);
  // Every object, pointer, count and field is as it was, with three exceptions that are Linux's
  // too. PIDNS-11: a pid namespace whose first process had its number when its clone failed takes
  // no other. TASK-07: a number that was drawn is used up. And a time namespace that a child was
  // about to enter stays frozen.
  void unchanged(const Ran& ran);
  // TASK-10: a call that fails past the point of no return ends its caller.
  bool lives(abi::TaskId caller) const;
  // Of what was there before, nsproxies are as they were.
  void published();
  // `says` gives what it would mean if it did not hold; it is only asked where that may be.
  template <class Says>
  void claim(Law law, std::size_t kind, const Formula& holds, Says&& says) {
    if (!holds.is_true()) claims_.push_back({holds, law, kind, says()});
  }
  template <class Says>
  void claim(Law law, std::size_t kind, bool holds, Says&& says) {
    if (!holds) claims_.push_back({context_.bool_val(false), law, kind, says()});
  }

  // Whether any object came, went, or has another count or value.
  bool changed() const;
  const std::vector<Claim>& claims() const { return claims_; }
  Formula all() const;
  z3::context& context() const { return context_; }
  const Heap& before() const { return before_; }
  const Heap& after() const { return after_; }

 private:
  void balance(const Node& now, const Node* was);
  void use(const Node& now, const Node* was);
  void charge(const Node& now, const Node* was);
  void gone(const Node& was);
  void dangles(const Node& now, const Link& link);
  bool is_private(const Node& was) const;
  // How far a failing clone had come.
  struct Traces {
    std::int64_t numbers = 0;  // that were drawn
    bool gave_number = false;
  };
  void used_up(const Traces& left);
  void same(const Node& was, const Node& now, const Traces& left);
  Formula unseen(const Number& n) const;
  Formula is_positive(const Number& n) const;
  std::string who(abi::ObjId id) const { return describe(after_, before_, id); }

  z3::context& context_;
  const Heap& before_;
  const Heap& after_;
  Tally held_before_, held_after_;
  std::vector<Claim> claims_;
};

// The first claim that a state does not meet; there is one.
const Claim& broken_in(const z3::model& state, const std::vector<Claim>& claims);

}  // namespace proofs
