// A state in which both sides answer differently, told in the words of the calls and shown on a
// concrete kernel.
#pragma once

#include <string_view>
#include <vector>

#include "proofs/flags/staging.h"
#include "proofs/proof.h"
#include "proofs/side_by_side.h"
#include "proofs/table_terms.h"

namespace proofs {

// The flags of a state, and the names of the facts that hold in it.
abi::Flags flags_in(const z3::model& state, const Formula& bits);
std::set<std::string, std::less<>> facts_in(const z3::model& state);

// A call as symbols: what a state of it is called, and which rules it goes through.
struct Asked {
  Entry call = Entry::clone;
  SymbolicProfile profile;
  Formula bits;  // the flags as they are passed
  const std::vector<CheckTerm>* terms = nullptr;

  abi::FlagStyle style() const {
    return call == Entry::clone ? abi::FlagStyle::signal : abi::FlagStyle::bits;
  }
  Ask in(const z3::model& state) const;
};

// Both answers, the rule, and a trace if a concrete kernel with that bug shows the difference.
Counterexample disagreement(const Asked& asked, abi::Errno implementation, Native native,
                            impl::Bug bug, const z3::model& state);

// What makes a counterexample easy to read: facts that fit together, few of them, few flags.
std::vector<Formula> simplest(Proof& proof, const Formula& bits,
                              const std::vector<std::string_view>& facts);

}  // namespace proofs
