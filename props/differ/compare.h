// Compares two systems' views as they change, through a renaming that must stay a bijection.
//
// Namespaces and nsproxies are paired when a task first shows them; another object when it is the
// only one of its kind that a call made on either side. Pairs are compared one by one. Objects that
// cannot be paired (several ucounts or mounts made by one call) are compared as a multiset: each
// kind has a running sum of the hashes of its live objects' properties, and the two sums must be
// equal. So every count is compared after every call at the cost of what the call touched.
//
// A wrong reference among unpaired objects of one kind can hide until their counts part; pairing by
// order would report differences that are none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "props/differ/difference.h"
#include "props/differ/ledger.h"

namespace props {

// What a subject can be compared on. A running kernel shows less than a program does.
struct Scope {
  bool steps = true;
  bool values = true;   // results' values
  bool objects = true;  // objects and totals
  bool nsproxy = true;  // which nsproxy a task has
};

class Comparison {
 public:
  enum Side : std::uint8_t { kReference, kSubject };

  void start(const Scope& scope);
  // Before each call; `at` is its index.
  void begin(std::size_t at) { at_ = at; }

  void results(const abi::Call& call, const abi::Result& reference, const abi::Result& subject);
  // An object that the side touched, as it is now.
  void see(Side side, abi::ObjId id, const abi::ObjectView& view) { ledgers_[side].see(id, view); }
  void tasks(abi::TaskId id, const abi::TaskView& reference, const abi::TaskView& subject);
  // What the subject says of a namespace's owner (none: out of its sight); owner_of(reference's
  // namespace) is the reference's.
  template <class OwnerOf>
  void owner(abi::ObjId ns, abi::ObjId owner, const OwnerOf& owner_of) {
    const Ledger& ledger = ledgers_[kSubject];
    const std::uint32_t partner = ledger[ledger.known(ns)].partner;
    if (partner == 0 || owner == abi::kNoObject) return;
    const abi::ObjId reference = ledgers_[kReference][partner].id;
    if (relate(owner_of(reference), owner)) return;
    differ(Check::object, "another owner of a namespace", {reference});
  }
  // After the objects that a call touched were seen, and the tasks compared.
  void objects();
  void totals(const abi::Totals& reference, const abi::Totals& subject);
  // That each side's whole view is what the touched lists led to, and totals count it.
  void whole(Side side, const abi::View& view, const abi::Totals& totals);
  // A difference found by others; the first one stays.
  void differ(Check check, std::string what, std::vector<abi::ObjId> objects = {});

  bool agrees() const { return !found_; }
  const std::optional<Difference>& found() const { return found_; }
  std::optional<Difference> take_found() { return std::exchange(found_, std::nullopt); }

 private:
  struct Shown {
    abi::TaskView reference, subject;
  };

  Ledger& reference() { return ledgers_[kReference]; }
  Ledger& subject() { return ledgers_[kSubject]; }
  bool relate(abi::ObjId reference, abi::ObjId subject);
  // The subject's name of a reference's object, or none.
  abi::ObjId renamed(abi::ObjId reference) const;
  void pair(abi::TaskId task, std::string_view slot, abi::ObjId reference, abi::ObjId subject);
  void pair_newborn();
  void compare_pair(const Entry& reference, const Entry& subject);
  void compare_sums();

  Scope scope_;
  std::size_t at_ = 0;
  abi::Result reference_, subject_;
  std::array<Ledger, 2> ledgers_;
  std::vector<Shown> shown_;  // by task: what was compared last
  Renaming ids_;              // namespace ids, as ioctls return them
  std::optional<Difference> found_;
};

}  // namespace props
