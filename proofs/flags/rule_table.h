// The rule table of a call as formulas, with what is known of the states that it is asked about.
#pragma once

#include <string>
#include <vector>

#include "proofs/flags/told.h"

namespace proofs {

struct RuleTable {
  Asked asked;                         // `terms` are not set: see entry()
  std::vector<CheckTerm> terms;        // in order, steps included
  Formula premise;                     // facts fit together, and a program can bring them about
  std::vector<std::string> questions;  // the facts that the entry rules ask about

  // The rules up to the first fallible step.
  std::vector<CheckTerm> entry() const { return before_first_step(terms); }
};

// The table of that call on that kernel. The flags are the symbol "flags".
RuleTable rule_table(Proof& proof, Entry call, const abi::Profile& profile);

// The rule fires, and none before it.
Formula decides(Proof& proof, const std::vector<CheckTerm>& terms, std::size_t index);

// The standard profiles with equal rules of that call have equal lists of these.
std::vector<const model::RuleInfo*> rules_on(Proof& proof, Entry call, const abi::Profile& profile);

}  // namespace proofs
