// How a disagreement about flags is told: see variants.h.
#include "proofs/flags/variants.h"

#include "abi/errno.h"

namespace proofs {

abi::Flags flags_in(const z3::model& state, const Formula& bits) {
  return abi::Flags(state.eval(bits, true).get_numeral_uint64());
}

std::string facts_in(const z3::model& state) {
  std::string facts;
  for (unsigned i = 0; i < state.num_consts(); ++i) {
    const z3::func_decl symbol = state.get_const_decl(i);
    if (!symbol.range().is_bool() || !state.get_const_interp(symbol).is_true()) continue;
    if (!facts.empty()) facts += ", ";
    facts += symbol.name().str();
  }
  return facts.empty() ? "none" : facts;
}

Counterexample Disagreement::operator()(const z3::model& state) const {
  const std::string flags = to_string(flags_in(state, bits), style);
  const model::RuleInfo* const rule = first_in(state, *terms);
  const abi::Errno model_says = rule != nullptr ? rule->error : abi::Errno::kOk;
  Counterexample found;
  found.title = std::string(call) + "(" + flags + "): the implementation says " + to_string(impl) +
                ", the model " + to_string(model_says);
  if (rule != nullptr) {
    found.facts.push_back({"rule", std::string(rule->id) + ": " + std::string(rule->says)});
  }
  found.facts.push_back({"facts that hold", facts_in(state)});
  return found;
}

}  // namespace proofs
